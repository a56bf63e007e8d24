"""The network: encoder, several heads (frame posteriors and scorer), and what is computed between them."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from . import statistics
from .phones import CLASSES

WIDTH = 128
VECTOR = 256
PHONE_FEATURES = 8 + 2 * CLASSES
MAX_WORD_INDEX = 31
NEGATIVE = -1e4


class Running(nn.Module):
    """Normalises by running mean and variance, clips at +-6."""

    def __init__(self, width, momentum=0.02):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("variance", torch.ones(width))
        self.register_buffer("started", torch.tensor(False))

    def forward(self, x, mask=None):
        if self.training:
            with torch.no_grad():
                rows = (x[mask] if mask is not None else x).detach().float()
                mean, variance = rows.mean(0), rows.var(0, unbiased=False)
                rate = self.momentum if self.started else 1.0
                self.mean.lerp_(mean, rate)
                self.variance.lerp_(variance, rate)
                self.started.fill_(True)
        return ((x - self.mean) / torch.sqrt(self.variance + 1e-4)).clamp(-6, 6)


class Layer(nn.Module):
    """A pre-norm transformer layer."""

    def __init__(self, width=WIDTH, heads=4, dropout=0.1):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, bias=None):
        batch, length, width = x.shape
        q, k, v = self.qkv(self.norm1(x)).reshape(batch, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        logits = q @ k.transpose(-1, -2) * (width // self.heads) ** -0.5
        if bias is not None:
            logits = logits + bias
        mixed = (self.dropout(torch.softmax(logits, dim=-1)) @ v).transpose(1, 2).reshape(batch, length, width)
        x = x + self.dropout(self.out(mixed))
        return x + self.dropout(self.down(F.gelu(self.up(self.norm2(x)))))


class Mix(nn.Module):
    """Three layers (batch, T, 384) -> one: a learned softmax mix, each layer through its own LayerNorm."""

    def __init__(self, width, final_norm):
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        with torch.no_grad():
            self.norms[2].weight.copy_(final_norm[0])
            self.norms[2].bias.copy_(final_norm[1])
        self.weights = nn.Parameter(torch.zeros(3))

    def forward(self, layers):
        weights = torch.softmax(self.weights, 0)
        return sum(w * norm(layer) for w, norm, layer in zip(weights, self.norms, layers))


class FrameHead(nn.Module):
    """(batch, T, 384) -> frame vectors (batch, T, 256) and logits (batch, T, 40)."""

    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv1d(width, VECTOR, 3, padding=1)
        self.classes = nn.Linear(VECTOR, CLASSES)

    def forward(self, x):
        vectors = F.gelu(self.conv(x.transpose(1, 2))).transpose(1, 2)
        return vectors, self.classes(vectors)


class ScoreHead(nn.Module):
    """Per-phone features -> scores of phones, words and the utterance, all on the scale 0-2."""

    def __init__(self):
        super().__init__()
        self.features = Running(PHONE_FEATURES)
        self.from_features = nn.Linear(PHONE_FEATURES, WIDTH)
        self.from_vector = nn.Linear(VECTOR, WIDTH)
        self.phone = nn.Embedding(CLASSES, WIDTH)
        self.stress = nn.Embedding(5, WIDTH)
        self.place = nn.Embedding(4, WIDTH)
        self.word = nn.Embedding(MAX_WORD_INDEX + 1, WIDTH)
        for table in (self.phone, self.stress, self.place, self.word):
            nn.init.normal_(table.weight, std=0.05)
        self.layers = nn.ModuleList(Layer() for _ in range(3))
        self.norm = nn.LayerNorm(WIDTH)
        self.phone_score = nn.Linear(WIDTH, 1)
        self.word_extra = Running(5)
        self.from_phones = nn.Linear(2 * WIDTH + 5, WIDTH)
        self.word_layer = Layer()
        self.word_norm = nn.LayerNorm(WIDTH)
        self.word_score = nn.Linear(WIDTH, 3)
        self.statistics = Running(statistics.COUNT)
        self.attention = nn.Linear(WIDTH, 1)
        self.utterance = nn.Sequential(
            nn.Linear(3 * WIDTH + statistics.COUNT, WIDTH), nn.GELU(), nn.Dropout(0.1), nn.Linear(WIDTH, 5)
        )
        for layer, start in ((self.phone_score, 1.8), (self.word_score, 1.7), (self.utterance[3], 1.5)):
            nn.init.constant_(layer.bias, start)

    def forward(self, features, vectors, phone, stress, place, word, gather, gather_mask, stats, phone_mask=None, word_mask=None):
        """features (B, P, 88), vectors (B, P, 256), phone/stress/place/word (B, P), gather (B, W, L) indices of each
        word's phones with gather_mask (B, W, L), stats (B, 28) -> (B, P), (B, W, 3), (B, 5)."""
        batch, count, _ = features.shape
        x = self.from_features(self.features(features, phone_mask)) + self.from_vector(vectors)
        x = x + self.phone(phone) + self.stress(stress) + self.place(place) + self.word(word.clamp(max=MAX_WORD_INDEX))
        bias = None if phone_mask is None else torch.where(phone_mask, 0.0, NEGATIVE)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, bias)
        x = self.norm(x)
        phones = self.phone_score(x).squeeze(-1)

        words, length = gather.shape[1], gather.shape[2]
        flat = gather.reshape(batch, words * length)
        inside = gather_mask.unsqueeze(-1)

        def pick(values):  # (B, P, C) -> (B, W, L, C)
            width = values.shape[-1]
            return torch.gather(values, 1, flat.unsqueeze(-1).expand(batch, words * length, width)).reshape(
                batch, words, length, width
            )

        of_words = pick(x)
        number = gather_mask.sum(-1, keepdim=True)
        mean = (of_words * inside).sum(2) / number
        highest = (of_words + (inside - 1) * -NEGATIVE).amax(2)
        scores = pick(phones.unsqueeze(-1)).squeeze(-1)
        fits = pick(features[:, :, 2:3]).squeeze(-1)
        seconds = pick(torch.exp(features[:, :, 4:5])).squeeze(-1)
        extra = torch.cat(
            [
                (scores - (gather_mask - 1) * 10).amin(-1, keepdim=True),
                (scores * gather_mask).sum(-1, keepdim=True) / number,
                (fits * gather_mask).sum(-1, keepdim=True) / number,
                number,
                torch.log((seconds * gather_mask).sum(-1, keepdim=True)),
            ],
            -1,
        )
        w = self.from_phones(torch.cat([mean, highest, self.word_extra(extra, word_mask)], -1))
        bias = None if word_mask is None else torch.where(word_mask, 0.0, NEGATIVE)[:, None, None, :]
        w = self.word_norm(self.word_layer(w, bias))

        def average(values, mask):
            if mask is None:
                return values.mean(1)
            weights = mask.float().unsqueeze(-1)
            return (values * weights).sum(1) / weights.sum(1)

        attention = self.attention(w)
        if word_mask is not None:
            attention = attention + torch.where(word_mask, 0.0, NEGATIVE).unsqueeze(-1)
        pooled = (torch.softmax(attention, 1) * w).sum(1)
        whole = torch.cat([pooled, average(w, word_mask), average(x, phone_mask), self.statistics(stats)], -1)
        return phones, self.word_score(w), self.utterance(whole)


class Ear(nn.Module):
    """The encoder with several heads; each head has its own frame posteriors and its own scorer."""

    def __init__(self, encoder, final_norm, heads=4):
        super().__init__()
        self.encoder = encoder
        width = encoder.conv1.out_channels
        self.mix = Mix(width, final_norm)
        self.frames = nn.ModuleList(FrameHead(width) for _ in range(heads))
        self.scorers = nn.ModuleList(ScoreHead() for _ in range(heads))
        self.register_buffer("log_prior", torch.zeros(CLASSES))

    def posteriors(self, mel, mask=None):
        """-> list over heads of (vectors, log posteriors)."""
        x = self.mix(self.encoder(mel, mask))
        return [(v, torch.log_softmax(logits.float(), -1)) for v, logits in (head(x) for head in self.frames)]


def collate_prompts(prompts):
    """Prompts -> tensors padded to the longest: phone, stress, place, word, phone_mask, gather, gather_mask, word_mask."""
    phones = max(len(p.phone) for p in prompts)
    words = max(p.words for p in prompts)
    length = max(int(np.bincount(p.word).max()) for p in prompts)
    batch = len(prompts)
    ids = {k: torch.zeros(batch, phones, dtype=torch.long) for k in ("phone", "stress", "place", "word")}
    phone_mask = torch.zeros(batch, phones, dtype=torch.bool)
    gather = torch.zeros(batch, words, length, dtype=torch.long)
    gather_mask = torch.zeros(batch, words, length)
    word_mask = torch.zeros(batch, words, dtype=torch.bool)
    for b, p in enumerate(prompts):
        n = len(p.phone)
        for key, tensor in ids.items():
            tensor[b, :n] = torch.from_numpy(getattr(p, key))
        phone_mask[b, :n] = True
        word_mask[b, : p.words] = True
        gather_mask[b, :, 0] = 1.0  # padding words look at phone 0, so that nothing is divided by nought
        for w in range(p.words):
            places = np.flatnonzero(p.word == w)
            gather[b, w, : len(places)] = torch.from_numpy(places)
            gather_mask[b, w, : len(places)] = 1.0
    return {**ids, "phone_mask": phone_mask, "gather": gather, "gather_mask": gather_mask, "word_mask": word_mask}


def phone_features(log_posteriors, vectors, spans, ids):
    """(B, T, 40), (B, T, 256), (B, P, 2) spans in frames -> features (B, P, 88), pooled vectors (B, P, 256)."""
    frames = torch.arange(log_posteriors.shape[1])
    start, end = spans[..., 0], spans[..., 1]
    inside = (frames >= start.unsqueeze(-1)) & (frames < end.unsqueeze(-1))  # (B, P, T)
    count = (end - start).clamp(min=1).unsqueeze(-1).float()
    average = inside.float() / count
    canonical = ids["phone"].unsqueeze(-1)
    mean_log = average @ log_posteriors
    posteriors = log_posteriors.exp()
    mean_posterior = average @ posteriors
    entropy = average @ -(posteriors * log_posteriors).sum(-1, keepdim=True)
    own = mean_log.gather(-1, canonical)
    others = mean_log.scatter(-1, canonical, -1e4).amax(-1, keepdim=True)
    along = log_posteriors.transpose(1, 2).gather(1, canonical.expand(-1, -1, log_posteriors.shape[1]))
    worst = along.masked_fill(~inside, 1e4).amin(-1, keepdim=True)
    gap = ((start[:, 1:] - end[:, :-1]) * statistics.SECONDS).clamp(0, 1).float()
    zero = torch.zeros_like(start[:, :1]).float()
    before = torch.cat([zero, gap], 1).unsqueeze(-1)
    after = torch.cat([gap, zero], 1).unsqueeze(-1)
    after = torch.where(torch.roll(ids["phone_mask"], -1, 1).unsqueeze(-1), after, 0.0)
    features = torch.cat(
        [
            own,
            own - others,
            mean_posterior.gather(-1, canonical),
            worst,
            torch.log(count * statistics.SECONDS),
            before,
            after,
            entropy,
            mean_log - own,
            mean_posterior,
        ],
        -1,
    )
    return features, average @ vectors.float()


def parameters(model):
    return sum(math.prod(p.shape) for p in model.parameters())
