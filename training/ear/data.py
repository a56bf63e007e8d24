"""The labelled recordings (speechocean762, Zhang et al., Interspeech 2021) in memory."""

import json
import pickle
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

from . import features, phones


@dataclass
class Prompt:
    """What was to be said, flattened to phones."""

    phone: np.ndarray  # (P,) class
    stress: np.ndarray  # (P,) stress class
    place: np.ndarray  # (P,) place class
    word: np.ndarray  # (P,) index of the word

    @property
    def words(self):
        return int(self.word[-1]) + 1


def prompt_of(words):
    """[["IY0", ...], ...] -> Prompt"""
    phone, stress, place, word = [], [], [], []
    for index, symbols in enumerate(words):
        parsed = [phones.parse(symbol) for symbol in symbols]
        phone += [p for p, _ in parsed]
        stress += phones.stress_classes(parsed)
        place += phones.place_classes(len(parsed))
        word += [index] * len(parsed)
    return Prompt(*(np.array(x, dtype=np.int64) for x in (phone, stress, place, word)))


@dataclass
class Utterance:
    speaker: str
    age: int
    words: list  # canonical phones of each word, as symbols
    prompt: Prompt
    samples: np.ndarray  # int16, trimmed
    energy: np.ndarray  # dB of 10 ms frames of the trimmed samples
    pitch: np.ndarray  # octaves above 100 Hz every 20 ms, NaN where unvoiced
    phone_scores: np.ndarray = field(default=None)  # (P,) 0-2
    word_scores: np.ndarray = field(default=None)  # (W, 3) accuracy, stress, total, 0-2
    utterance_scores: np.ndarray = field(default=None)  # (5,) accuracy, completeness, fluency, prosody, total, 0-2

    @property
    def frames(self):
        """Encoder frames of 20 ms."""
        return features.mel_frames(len(self.samples)) // 2


def prepare(samples):
    """Samples -> (trimmed int16, energy, pitch)."""
    start, end = features.trim(samples)
    samples = samples[start:end]
    return np.round(samples * 32767).astype(np.int16), features.frame_energy(samples), features.pitch(samples)


def read_audio(path):
    samples, rate = soundfile.read(path, dtype="float32")
    if samples.ndim > 1:
        samples = samples.mean(axis=1)
    if rate != features.RATE:
        raise ValueError(f"{path}: {rate} Hz, expected {features.RATE}")
    return samples


def load(folder, cache):
    """All utterances of `folder` (labels.jsonl and audio/); kept in `cache` after the first time."""
    kept = Path(cache) / "utterances.pickle"
    if kept.exists():
        return pickle.loads(kept.read_bytes())
    utterances = []
    for line in (Path(folder) / "labels.jsonl").read_text().splitlines():
        label = json.loads(line)
        words = [word["phones"] for word in label["words"]]
        utterances.append(
            Utterance(
                label["speaker"],
                label["age"],
                words,
                prompt_of(words),
                *prepare(read_audio(Path(folder) / label["audio"])),
                np.array([s for w in label["words"] for s in w["phones-accuracy"]], dtype=np.float32),
                np.array([[w[k] / 5 for k in ("accuracy", "stress", "total")] for w in label["words"]], np.float32),
                np.array(
                    [label[k] / 5 for k in ("accuracy", "completeness", "fluency", "prosodic", "total")], np.float32
                ),
            )
        )
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(pickle.dumps(utterances))
    return utterances


def folds(utterances, count=5, seed=7):
    """Speaker-disjoint folds: an array with the fold of each utterance. Speakers are dealt out by age."""
    rng = np.random.default_rng(seed)
    ages = {u.speaker: u.age for u in utterances}
    order = sorted(ages, key=lambda speaker: (ages[speaker], rng.random()))
    fold_of = {}
    for start in range(0, len(order), count):
        for fold, speaker in zip(rng.permutation(count), order[start : start + count]):
            fold_of[speaker] = int(fold)
    return np.array([fold_of[u.speaker] for u in utterances])
