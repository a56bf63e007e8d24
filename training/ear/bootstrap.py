"""First alignments, without any timing in the labels: start flat, train a frame classifier, realign by Viterbi, repeat.

Twice: on the frozen encoder, which finds the words; then, with the phones of each word flat again, on the spectrum alone.
The encoder's frames know their whole neighbourhood, so a classifier on them may put a phone anywhere near its place (the
first consonant of a word took most of the word, its vowel one frame); 90 ms of spectrum can't."""

import pickle
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from . import align, batches, features, whisper
from .phones import CLASSES

ROUNDS = {"encoder": 6, "spectrum": 10}
FRESH = {"encoder": 3, "spectrum": 3}  # rounds that start with a new classifier
CAREFUL = 4  # from this round on, phones that experts scored below 1.0 teach nothing


@torch.no_grad()
def encode(utterances, encoder):
    """(T, 384) float16 for each utterance: the mean of the last three layers, each normalised."""
    encoder.eval()
    encoded = [None] * len(utterances)
    for indices in batches.plan(utterances, np.random.default_rng(0)):
        mel, frame_mask, _, _ = batches.collate([batches.item_of(utterances[i], None) for i in indices])
        with torch.autocast("cpu", torch.bfloat16):
            layers = encoder(mel, frame_mask[:, None, None, :])
        mixed = sum(F.layer_norm(x.float(), x.shape[-1:]) for x in layers) / 3
        for row, index in enumerate(indices):
            encoded[index] = mixed[row, : utterances[index].frames].half()
    return encoded


def spectra(utterances):
    """(2 T, 80) float16 log-mel for each utterance."""
    found = []
    for u in utterances:
        mel = features.log_mel(features.power_spectrum(u.samples.astype(np.float32) / 32767))
        found.append(torch.from_numpy(mel.T.astype(np.float16)))
    return found


def classifier(kind):
    if kind == "encoder":
        return nn.Sequential(nn.Conv1d(whisper.WIDTH, 256, 3, padding=1), nn.GELU(), nn.Conv1d(256, CLASSES, 1))
    return nn.Sequential(
        nn.Conv1d(features.MELS, 192, 5, stride=2, padding=2),
        nn.GELU(),
        nn.Conv1d(192, 256, 3, padding=1),
        nn.GELU(),
        nn.Conv1d(256, CLASSES, 1),
    )


def train_round(net, encoded, targets, order, rate=2e-3):
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=0.01)
    steps = -(-len(order) // 16)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps)
    net.train()
    total = 0.0
    for step in range(steps):
        chosen = order[step * 16 : step * 16 + 16]
        x = torch.cat([encoded[i].float() for i in chosen]).T[None]
        with torch.autocast("cpu", torch.bfloat16):
            logits = net(x)
        loss = F.cross_entropy(logits[0].T.float(), torch.cat([targets[i] for i in chosen]), ignore_index=-1)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        total += loss.item()
    return total / steps


def realign(kind, utterances, inputs, spans, rng):
    """Rounds of training and realigning, in place -> log prior (40,)."""
    net = None
    for number in range(ROUNDS[kind]):
        if number < FRESH[kind]:
            net = classifier(kind)
        targets, counts = [], np.ones(CLASSES)
        for u, s in zip(utterances, spans):
            target = align.frame_targets(s, u.prompt, u.frames)
            counts += np.bincount(target, minlength=CLASSES)
            if number >= CAREFUL:
                for (start, end), score in zip(s, u.phone_scores):
                    if score < 1.0:
                        target[start:end] = -1
            targets.append(torch.from_numpy(target))
        log_prior = np.log(counts / counts.sum()).astype(np.float32)
        loss = train_round(net, inputs, targets, rng.permutation(len(utterances)))
        net.eval()
        fits, short = [], []
        with torch.no_grad():
            for index, u in enumerate(utterances):
                log_posteriors = torch.log_softmax(net(inputs[index].float().T[None])[0].T, -1).numpy()
                spans[index] = align.align(log_posteriors, log_prior, u.prompt)
                fits.append(np.mean([log_posteriors[a:b, p].mean() for (a, b), p in zip(spans[index], u.prompt.phone)]))
                short.append(np.mean(np.diff(spans[index], axis=1) <= align.SHORTEST))
        print(
            f"{kind} round {number + 1}: loss {loss:.3f}, mean log posterior {np.mean(fits):.3f}, "
            f"shortest phones {np.mean(short):.2f}",
            flush=True,
        )
    return log_prior


def bootstrap(utterances, encoder, cache, seed=1):
    """-> (list of (P, 2) spans, log prior (40,)); kept in `cache`."""
    kept = Path(cache) / "alignments.pickle"
    if kept.exists():
        return pickle.loads(kept.read_bytes())
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    spans = []
    for u in utterances:
        speech = features.speech_span(u.energy) or (0, len(u.energy))
        spans.append(align.flat(u.prompt, u.frames, (speech[0] / 2, speech[1] / 2)))
    realign("encoder", utterances, encode(utterances, encoder), spans, rng)
    spans = [align.flat_words(s, u.prompt, u.frames) for s, u in zip(spans, utterances)]
    log_prior = realign("spectrum", utterances, spectra(utterances), spans, rng)
    kept.write_bytes(pickle.dumps((spans, log_prior)))
    return spans, log_prior
