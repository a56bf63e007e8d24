"""Writes the numbers that the Rust tests hold the engine's features against: `python -m ear.golden FILE`.

The inputs come from formulas that the tests compute as well, so that only results are kept.
"""

import json
import sys

import numpy as np
import torch

from . import align, data, features, model, statistics
from .phones import CLASSES


def voice():
    """2 s at 16 kHz: silence, a gliding voice with a gap in it, silence."""
    t = np.arange(32_000) / 16_000
    f0 = 140 + 60 * np.sin(2 * np.pi * 0.7 * t)
    phase = 2 * np.pi * np.cumsum(f0) / 16_000
    harmonics = sum(np.sin(h * phase) / h for h in range(1, 13))
    gate = ((t > 0.5) & (t < 0.9)) | ((t > 1.1) & (t < 1.6))
    hiss = 0.001 * np.sin(12_345.678 * t**2)
    return (0.1 * harmonics * gate + hiss).astype(np.float32)


def posteriors(frames):
    """(1, frames, 40) log posteriors out of sines."""
    t, k = np.meshgrid(np.arange(frames), np.arange(CLASSES), indexing="ij")
    logits = 4 * np.sin(0.37 * t + 1.7 * k) + 2 * np.sin(0.11 * t * (k % 7))
    return torch.log_softmax(torch.from_numpy(logits), -1).float()[None]


def vectors(frames, width=8):
    t, k = np.meshgrid(np.arange(frames), np.arange(width), indexing="ij")
    return torch.from_numpy(np.cos(0.23 * t + k)).float()[None]


WORDS = [["DH", "IH0", "S"], ["IH0", "Z"], ["B", "EH1", "T", "ER0"]]


def main():
    samples = voice()
    start, end = features.trim(samples)
    energy = features.frame_energy(samples)
    trimmed = samples[start:end]
    mel = features.log_mel(features.power_spectrum(trimmed))
    pitch = features.pitch(trimmed)
    frames = mel.shape[1] // 2
    prompt = data.prompt_of(WORDS)
    log_posteriors = posteriors(frames)
    spans = align.align(log_posteriors[0].numpy(), np.zeros(CLASSES, np.float32), prompt)
    ids = model.collate_prompts([prompt])
    found, pooled = model.phone_features(log_posteriors, vectors(frames), torch.from_numpy(spans)[None], ids)
    stats = statistics.utterance_statistics(
        spans, prompt, features.frame_energy(trimmed), pitch, found[0][:, [0, 1, 7]].numpy()
    )

    def numbers(values):
        return [None if np.isnan(v) else round(float(v), 5) for v in np.asarray(values).ravel()]

    golden = {
        "trim": [start, end],
        "energy": numbers(energy[::7]),
        "mel_shape": list(mel.shape),
        "mel": numbers(mel[::9, ::11]),
        "pitch": numbers(pitch),
        "spans": spans.tolist(),
        "features": numbers(found[0][:, ::3]),
        "vectors": numbers(pooled[0]),
        "statistics": numbers(stats),
    }
    with open(sys.argv[1], "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
