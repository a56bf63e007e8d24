"""Joint training of encoder, frame posteriors and scorers."""

import time

import numpy as np
import torch
import torch.nn.functional as F

from . import align, batches, model, statistics
from .phones import SILENCE

EPOCHS = 8
ENCODER_RATE, RATE, DECAY = 1e-4, 7e-4, 0.85
WARM_UP = 150
AVERAGE = 0.997


def run(net, items, own_alignment):
    """Forward pass over a batch -> per head (log posteriors, phone, word, utterance scores), and the alignment used."""
    mel, frame_mask, ids, targets = batches.collate(items)
    with torch.autocast("cpu", torch.bfloat16):
        outputs = net.posteriors(mel, frame_mask[:, None, None, :])
    mean_log = torch.stack([lp.detach() for _, lp in outputs]).mean(0).numpy()
    prior = net.log_prior.numpy()
    spans = torch.zeros(*ids["phone"].shape, 2, dtype=torch.long)
    spans[..., 1] = 1
    for b, item in enumerate(items):
        known = item.spans
        if own_alignment or known is None:
            known = align.align(mean_log[b, : item.mel.shape[1] // 2], prior, item.prompt)
        spans[b, : len(known)] = torch.from_numpy(known)
    results = []
    for (vectors, log_posteriors), scorer in zip(outputs, net.scorers):
        features, pooled = model.phone_features(log_posteriors, vectors, spans, ids)
        fit = features[..., [0, 1, 7]].detach().numpy()
        stats = np.stack(
            [
                statistics.utterance_statistics(
                    spans[b, : len(i.prompt.phone)].numpy(), i.prompt, i.energy, i.pitch, fit[b, : len(i.prompt.phone)]
                )
                for b, i in enumerate(items)
            ]
        )
        phone, word, utterance = scorer(
            features,
            pooled,
            ids["phone"],
            ids["stress"],
            ids["place"],
            ids["word"],
            ids["gather"],
            ids["gather_mask"],
            torch.from_numpy(stats),
            ids["phone_mask"],
            ids["word_mask"],
        )
        results.append((log_posteriors, phone, word, utterance))
    return results, spans, ids, targets, frame_mask


def frame_classes(items, frame_mask):
    """Targets of the frame classifier: -1 where nothing is to be learnt; and frames with a phone that was not said.

    They come from the first alignments, not from the network's own: those would drift."""
    shape = frame_mask.shape
    target = np.full(shape, -1, np.int64)
    wrong = np.full(shape, -1, np.int64)
    for b, item in enumerate(items):
        frames = item.mel.shape[1] // 2
        if not item.speech:
            target[b, :frames] = SILENCE
        elif item.genuine:
            target[b, :frames] = SILENCE
            for (start, end), phone, score in zip(item.spans.tolist(), item.prompt.phone, item.phone_scores):
                target[b, start:end] = phone if score >= 1.0 else -1
                if score < 0.5:
                    wrong[b, start:end] = phone
    return torch.from_numpy(target), torch.from_numpy(wrong)


def loss_of(results, items, ids, targets, frame_mask):
    target, wrong = frame_classes(items, frame_mask)
    is_wrong = wrong >= 0
    total = 0.0
    for log_posteriors, phone, word, utterance in results:
        loss = 2 * F.mse_loss(phone[ids["phone_mask"]], targets["phone"][ids["phone_mask"]])
        loss = loss + F.mse_loss(word[ids["word_mask"]], targets["word"][ids["word_mask"]])
        weight = targets["utterance_weight"]
        loss = loss + ((utterance - targets["utterance"]) ** 2 * weight).sum() / weight.sum()
        known = (target >= 0).sum().clamp(min=1)  # a batch of wrong texts only has no known frame
        frames = F.cross_entropy(log_posteriors.transpose(1, 2), target, ignore_index=-1, reduction="sum")
        loss = loss + 0.3 * frames / known
        if is_wrong.any():
            p = log_posteriors[is_wrong].gather(1, wrong[is_wrong].unsqueeze(1)).exp().clamp(max=0.99)
            loss = loss + 0.1 * -torch.log(1 - p).mean()
        total = total + loss
    return total / len(results)


def groups(net):
    """Parameter groups: the encoder's layers with decaying rates, its convolutions frozen, the rest."""
    encoder = net.encoder
    for module in (encoder.conv1, encoder.conv2):
        for p in module.parameters():
            p.requires_grad_(False)
    encoder.positions.requires_grad_(False)
    layers = len(encoder.blocks)
    chosen = [
        {"params": list(block.parameters()), "lr": ENCODER_RATE * DECAY ** (layers - 1 - index)}
        for index, block in enumerate(encoder.blocks)
    ]
    return chosen + [{"params": [*net.mix.parameters(), *net.frames.parameters(), *net.scorers.parameters()], "lr": RATE}]


def train(net, utterances, spans, seed, epochs=EPOCHS, log=print):
    """Trains in place and leaves the moving average of the weights in `net`."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    optimiser = torch.optim.AdamW(groups(net), weight_decay=0.01)
    peaks = [group["lr"] for group in optimiser.param_groups]
    steps_each = len(batches.plan(utterances, np.random.default_rng(0)))
    total_steps, step, started = steps_each * epochs, 0, time.time()
    averaged = {k: v.detach().clone() for k, v in net.state_dict().items()}
    for epoch in range(epochs):
        net.train()
        losses = []
        for indices in batches.plan(utterances, rng):
            others = utterances if epoch else None
            items = [batches.item_of(utterances[i], spans[i], rng, others) for i in indices]
            results, _, ids, targets, frame_mask = run(net, items, own_alignment=epoch > 0)
            loss = loss_of(results, items, ids, targets, frame_mask)
            factor = min(1.0, (step + 1) / WARM_UP) * max(0.02, 1 - step / total_steps)
            for group, peak in zip(optimiser.param_groups, peaks):
                group["lr"] = peak * factor
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            optimiser.step()
            step += 1
            rate = min(AVERAGE, (step + 1) / (step + 10))
            for name, value in net.state_dict().items():
                if value.dtype.is_floating_point:
                    averaged[name].lerp_(value, 1 - rate)
                else:
                    averaged[name].copy_(value)
            losses.append(loss.item())
            if step % 50 == 0:
                log(f"step {step}/{total_steps}: loss {np.mean(losses[-50:]):.4f}, {time.time() - started:.0f} s")
        log(f"epoch {epoch + 1}/{epochs}: loss {np.mean(losses):.4f}, {time.time() - started:.0f} s")
    net.load_state_dict(averaged)
    net.eval()


@torch.no_grad()
def predict(net, items):
    """Scores averaged over the heads -> list of dicts with phone (P,), word (W, 3), utterance (5,), spans,
    log_posteriors (T, 40: mean over heads)."""
    net.eval()
    predictions = []
    for start in range(0, len(items), 8):
        part = items[start : start + 8]
        results, spans, ids, _, _ = run(net, part, own_alignment=True)
        mean = [torch.stack([r[k] for r in results]).mean(0) for k in range(4)]
        for b, item in enumerate(part):
            count, words, frames = len(item.prompt.phone), item.prompt.words, item.mel.shape[1] // 2
            predictions.append(
                {
                    "phone": mean[1][b, :count].numpy(),
                    "word": mean[2][b, :words].numpy(),
                    "utterance": mean[3][b].numpy(),
                    "spans": spans[b, :count].numpy(),
                    "log_posteriors": mean[0][b, :frames].numpy(),
                }
            )
    return predictions
