"""Batches of utterances: features with augmentation, prompts, targets, and the share of negatives."""

from dataclasses import dataclass

import numpy as np
import torch

from . import data, features, model, negatives

WARPS = [features.mel_filters(w) for w in (0.92, 0.94, 0.96, 0.98, 1.0, 1.02, 1.04, 1.06, 1.08)]
BATCH_FRAMES = 1600
NEGATIVE_SHARE = 0.07  # noise and other texts
LEFT_OUT_SHARE = 0.05  # recordings with words cut out


@dataclass
class Item:
    """One example: what was recorded, what it is compared with, and how well they fit."""

    mel: np.ndarray  # (80, 2 T)
    prompt: data.Prompt
    energy: np.ndarray
    pitch: np.ndarray
    spans: np.ndarray  # (P, 2) known alignment, or None
    phone_scores: np.ndarray
    word_scores: np.ndarray
    utterance_scores: np.ndarray
    utterance_weight: np.ndarray  # (5,)
    genuine: bool = True
    speech: bool = True


def augment(power, rng):
    """Power spectrum -> (80, frames) log-mel: vocal-tract warp, tempo, noise, masks; and the tempo."""
    mel = np.maximum(WARPS[rng.integers(len(WARPS))] @ power.T, 1e-10)
    tempo = 1.0
    if rng.random() < 0.5:
        tempo = rng.uniform(0.9, 1.1)
        frames = int(mel.shape[1] / tempo) // 2 * 2
        at = np.minimum(np.arange(frames) * tempo, mel.shape[1] - 1.001)
        left = at.astype(int)
        mel = mel[:, left] + (at - left).astype(np.float32) * (mel[:, left + 1] - mel[:, left])
    if rng.random() < 0.35:
        loud = np.quantile(mel.sum(0), 0.9)
        tilt = np.cumsum(rng.normal(0, 0.12, features.MELS)) + np.linspace(0, rng.uniform(-3, 0.5), features.MELS)
        shape = np.exp(tilt) / np.exp(tilt).sum()
        noise = shape[:, None] * rng.chisquare(4, mel.shape) / 4
        mel = mel + loud * 10 ** (-rng.uniform(5, 35) / 10) * noise
    log = np.log10(mel)
    log = np.maximum(log, log.max() - 8)
    log = ((log - log.max() + features.LOUDEST + 4) / 4).astype(np.float32)
    if rng.random() < 0.6:
        for _ in range(2):
            width, start = rng.integers(0, 11), rng.integers(0, features.MELS - 10)
            log[start : start + width] = log.mean()
            width, start = rng.integers(0, 11), rng.integers(0, max(1, log.shape[1] - 10))
            log[:, start : start + width] = log.mean()
    return log, tempo


def stretched(values, tempo):
    """A track of per-frame values under another tempo."""
    if tempo == 1.0:
        return values
    at = np.arange(int(len(values) / tempo)) * tempo
    return values[np.minimum(at.astype(int), len(values) - 1)]


def item_of(utterance, spans, rng=None, others=None):
    """An example of an utterance; with `rng` augmented, and with `others` now and then a negative."""
    kind = rng.random() if others is not None else 1.0
    if kind < NEGATIVE_SHARE * 0.3:
        return noise_item(utterance, rng)
    if NEGATIVE_SHARE <= kind < NEGATIVE_SHARE + LEFT_OUT_SHARE and utterance.prompt.words > 1:
        return left_out_item(utterance, spans, rng)
    power = features.power_spectrum(utterance.samples.astype(np.float32) / 32767)
    mel, tempo = (features.log_mel(power), 1.0) if rng is None else augment(power, rng)
    item = Item(
        mel,
        utterance.prompt,
        stretched(utterance.energy, tempo),
        stretched(utterance.pitch, tempo),
        spans,
        utterance.phone_scores,
        utterance.word_scores,
        utterance.utterance_scores,
        np.ones(5, np.float32),
    )
    if spans is not None and tempo != 1.0:
        last = mel.shape[1] // 2
        edges = np.minimum(np.round(spans / tempo).astype(np.int64), last)
        item.spans = np.stack([np.minimum(edges[:, 0], last - 1), np.maximum(edges[:, 1], edges[:, 0] + 1)], 1)
    if kind < NEGATIVE_SHARE:
        make_other_text(item, utterance, rng, others)
    return item


def make_other_text(item, utterance, rng, others):
    prompt, said = negatives.other_text(utterance, others, rng)
    share = float(said.mean())
    known = utterance.utterance_scores
    if share > 0:  # the words that are right keep their labels
        first = int(np.argmin(said))
        last = len(said) - int(np.argmin(said[::-1]))
        tail = len(said) - last
        phone_scores = np.zeros(len(said), np.float32)
        phone_scores[:first] = utterance.phone_scores[:first]
        phone_scores[last:] = utterance.phone_scores[len(utterance.phone_scores) - tail :]
        word_scores = np.full((prompt.words, 3), 0.2, np.float32)
        words_before = int(prompt.word[first])
        words_after = prompt.words - 1 - int(prompt.word[last - 1])
        word_scores[:words_before] = utterance.word_scores[:words_before]
        if words_after:
            word_scores[-words_after:] = utterance.word_scores[-words_after:]
    else:
        phone_scores = np.zeros(len(said), np.float32)
        word_scores = np.full((prompt.words, 3), 0.2, np.float32)
    item.prompt, item.spans, item.genuine = prompt, None, False
    item.phone_scores, item.word_scores = phone_scores, word_scores
    item.utterance_scores = known * share
    item.utterance_weight = np.array([1, 1, 0, 0.3, 1], np.float32)


def left_out_item(utterance, spans, rng, augmented=True):
    """The recording without some of its words, against the whole prompt."""
    samples, said = negatives.left_out(utterance, spans, rng)
    scaled = samples.astype(np.float32) / 32767
    power = features.power_spectrum(scaled)
    mel, tempo = augment(power, rng) if augmented else (features.log_mel(power), 1.0)
    said_phones = said[utterance.prompt.word]
    return Item(
        mel,
        utterance.prompt,
        stretched(features.frame_energy(scaled), tempo),
        stretched(features.pitch(scaled), tempo),
        None,
        np.where(said_phones, utterance.phone_scores, 0).astype(np.float32),
        np.where(said[:, None], utterance.word_scores, 0.2).astype(np.float32),
        utterance.utterance_scores * np.float32(said_phones.mean()),
        np.array([1, 1, 0, 0.3, 1], np.float32),
        genuine=False,
    )


def noise_item(utterance, rng):
    samples = negatives.noise(rng.uniform(1.0, 4.0), rng)
    trimmed, energy, pitch = data.prepare(samples)
    prompt = utterance.prompt
    mel = features.log_mel(features.power_spectrum(trimmed.astype(np.float32) / 32767))
    return Item(
        mel,
        prompt,
        energy,
        pitch,
        None,
        np.zeros(len(prompt.phone), np.float32),
        np.zeros((prompt.words, 3), np.float32),
        np.zeros(5, np.float32),
        np.ones(5, np.float32),
        genuine=False,
        speech=False,
    )


def plan(utterances, rng):
    """Indices in batches of about BATCH_FRAMES frames of similar length, in random order."""
    length = np.array([u.frames for u in utterances]) * rng.uniform(0.9, 1.1, len(utterances))
    batches, current = [], []
    for index in np.argsort(length):
        if current and (len(current) + 1) * length[index] > BATCH_FRAMES:
            batches.append(current)
            current = []
        current.append(int(index))
    batches.append(current)
    rng.shuffle(batches)
    return batches


def collate(items):
    """-> (mel (B, 80, 2 T), frame mask (B, T), prompt tensors, targets)."""
    frames = -(-max(item.mel.shape[1] for item in items) // 64) * 64  # few shapes: each costs a compilation
    # The floor of the features is what silence looks like; padding is masked in the encoder all the same.
    mel = np.full((len(items), features.MELS, frames), (features.LOUDEST - 8 + 4) / 4, np.float32)
    frame_mask = torch.zeros(len(items), frames // 2, dtype=torch.bool)
    ids = model.collate_prompts([item.prompt for item in items])
    count, words = ids["phone"].shape[1], ids["word_mask"].shape[1]
    targets = {
        "phone": torch.zeros(len(items), count),
        "word": torch.zeros(len(items), words, 3),
        "utterance": torch.from_numpy(np.stack([i.utterance_scores for i in items])),
        "utterance_weight": torch.from_numpy(np.stack([i.utterance_weight for i in items])),
    }
    for b, item in enumerate(items):
        mel[b, :, : item.mel.shape[1]] = item.mel
        frame_mask[b, : item.mel.shape[1] // 2] = True
        targets["phone"][b, : len(item.phone_scores)] = torch.from_numpy(item.phone_scores)
        targets["word"][b, : len(item.word_scores)] = torch.from_numpy(item.word_scores)
    return torch.from_numpy(mel), frame_mask, ids, targets
