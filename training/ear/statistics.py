"""Numbers about a whole utterance: rate, pauses, rhythm, energy, pitch and fit. crates/speech/src/statistics.rs is its twin."""

import numpy as np

from . import features
from .phones import VOWELS

COUNT = 28
SECONDS = 0.02  # of an encoder frame


def utterance_statistics(spans, prompt, energy, pitch, phone_fit):
    """-> (28,) float32.

    spans: (P, 2) frames; energy: dB of 10 ms frames; pitch: octaves every 20 ms, NaN unvoiced;
    phone_fit: (P, 3) mean log posterior of the canonical phone, its margin over the best other, entropy.
    """
    durations = (spans[:, 1] - spans[:, 0]) * SECONDS
    total = max((spans[-1, 1] - spans[0, 0]) * SECONDS, SECONDS)
    pauses = (spans[1:, 0] - spans[:-1, 1]) * SECONDS
    pauses = pauses[pauses > SECONDS / 2]
    words = prompt.words
    logs = np.log(durations)
    vowel = np.array([p in VOWELS for p in prompt.phone])
    vowel_logs = logs[vowel] if vowel.any() else logs
    vowel_durations = durations[vowel] if vowel.any() else durations
    neighbours = np.abs(np.diff(vowel_durations)) / ((vowel_durations[1:] + vowel_durations[:-1]) / 2)
    fit = phone_fit[:, 0]
    first, last = 2 * spans[0, 0], 2 * spans[-1, 1]
    inside = energy[first : max(last, first + 1)]
    if len(inside) == 0:
        inside = energy[-1:]
    threshold, _, peak = features.speech_threshold(energy)
    loud = inside[inside >= threshold]
    if len(loud) == 0:
        loud = inside
    voice = pitch[spans[0, 0] : spans[-1, 1]]
    voiced = voice[~np.isnan(voice)]
    if len(voiced) >= 5:
        low, middle, high = (features.quantile(voiced, q) for q in (0.1, 0.5, 0.9))
        kept = voiced[np.abs(voiced - middle) < 0.7]
        pitches = [middle, kept.std(), high - low, slope(kept[-15:]), len(voiced) / max(len(voice), 1)]
    else:
        pitches = [1.0, 0.0, 0.0, 0.0, len(voiced) / max(len(voice), 1)]
    return np.array(
        [
            len(durations) / total,
            len(durations) / durations.sum(),
            words / total,
            np.log(total),
            (pauses > 0.1).sum() / words,
            (pauses > 0.3).sum() / words,
            pauses.mean() if len(pauses) else 0.0,
            pauses.max() if len(pauses) else 0.0,
            pauses.sum() / total,
            logs.mean(),
            logs.std(),
            vowel_logs.mean(),
            vowel_logs.std(),
            neighbours.mean() if len(neighbours) else 0.0,
            fit.mean(),
            features.quantile(fit, 0.1),
            fit.min(),
            phone_fit[:, 1].mean(),
            phone_fit[:, 2].mean(),
            features.quantile(loud, 0.95) - features.quantile(loud, 0.1),
            loud.std(),
            peak - loud.mean(),
            *pitches,
            np.log(words),
        ],
        dtype=np.float32,
    )


def slope(values):
    """Least-squares slope per step; 0 for fewer than five values."""
    if len(values) < 5:
        return 0.0
    steps = np.arange(len(values)) - (len(values) - 1) / 2
    return float((steps * values).sum() / (steps**2).sum())
