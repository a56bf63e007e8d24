"""What is not a reading of the prompt: another text, a text with a span replaced, words left out, noise, tones,
silence."""

import numpy as np

from . import data, features

FRAME = 2 * features.HOP  # samples of an encoder frame


def other_text(utterance, others, rng):
    """-> (Prompt, (P,) True where the phone was really said). Half the time a whole other prompt, else a span of words
    replaced by words of another."""
    other = others[rng.integers(len(others))]
    count = len(utterance.words)
    if rng.random() < 0.5 or count < 3:
        words = other.words
        right = [False] * len(words)
    else:
        length = int(rng.integers(1, max(2, count * 2 // 3)))
        start = int(rng.integers(0, count - length + 1))
        at = int(rng.integers(0, max(1, len(other.words) - length)))
        span = other.words[at : at + length]
        words = utterance.words[:start] + span + utterance.words[start + length :]
        right = [True] * start + [False] * len(span) + [True] * (count - start - length)
    prompt = data.prompt_of(words)
    return prompt, np.array(right)[prompt.word]


def left_out(utterance, spans, rng):
    """A run of words cut out of the recording, half the time the last ones, as who stops in mid-sentence ->
    (int16 samples, (W,) True where the word is still said). `spans` are those of its phones, in frames of 20 ms."""
    word, count = utterance.prompt.word, utterance.prompt.words
    length = int(rng.integers(1, max(2, count * 2 // 3 + 1)))
    first = count - length if rng.random() < 0.5 else int(rng.integers(0, count - length + 1))
    last = first + length

    def boundary(index):  # sample between word `index` - 1 and word `index`
        before = spans[word < index, 1].max() if index else 0
        after = spans[word >= index, 0].min() if index < count else len(utterance.samples) // FRAME
        return min(len(utterance.samples), int(before + after) * FRAME // 2)

    room = utterance.samples[: int(rng.integers(0, features.MARGIN * features.HOP))]  # what the room sounds like
    start = boundary(first) if first else 0
    end = boundary(last) if last < count else len(utterance.samples)
    samples = np.concatenate([utterance.samples[:start] if first else room, utterance.samples[end:] if last < count else room])
    said = np.ones(count, bool)
    said[first:last] = False
    return samples, said


def noise(seconds, rng):
    """A clip without speech: coloured noise, hum, tones, clicks, a beat, or near silence; float32 samples."""
    count = int(seconds * features.RATE)
    t = np.arange(count) / features.RATE
    kind = rng.integers(6)
    level = 10 ** (rng.uniform(-50, -6) / 20)
    if kind == 0:  # coloured noise
        spectrum = np.fft.rfft(rng.standard_normal(count))
        spectrum /= np.maximum(np.arange(len(spectrum)), 10) ** (rng.uniform(0, 1.2))
        x = np.fft.irfft(spectrum, count)
    elif kind == 1:  # mains hum
        x = sum(np.sin(2 * np.pi * rng.choice([50, 60]) * h * t + rng.uniform(0, 6)) / h for h in (1, 2, 3, 5))
    elif kind == 2:  # steady or gliding tone
        f = rng.uniform(80, 3000)
        x = np.sin(2 * np.pi * (f * t + rng.uniform(-200, 200) * t**2 / 2))
    elif kind == 3:  # a tune of harmonic notes
        x = np.zeros(count)
        note = int(rng.uniform(0.12, 0.5) * features.RATE)
        for start in range(0, count, note):
            f = 110 * 2 ** (rng.integers(0, 36) / 12)
            piece = t[: min(note, count - start)]
            shape = np.exp(-piece * rng.uniform(1, 8))
            x[start : start + note] += sum(np.sin(2 * np.pi * f * h * piece) / h for h in range(1, 7)) * shape
    elif kind == 4:  # bursts of noise, as knocking, coughing and laughing are
        rate = rng.uniform(1.5, 7)
        gate = np.maximum(0, np.sin(2 * np.pi * rate * t + rng.uniform(0, 6))) ** rng.uniform(1, 8)
        tone = np.sin(2 * np.pi * rng.uniform(150, 500) * t) * rng.uniform(0, 2)
        x = gate * (rng.standard_normal(count) + tone)
    else:  # near silence
        x = rng.standard_normal(count)
        level = 10 ** (rng.uniform(-90, -60) / 20)
    x = x / max(np.abs(x).max(), 1e-9) * level
    if kind != 5 and rng.random() < 0.5:
        x = x + rng.standard_normal(count) * level * 10 ** (rng.uniform(-40, -10) / 20)
    return x.astype(np.float32)
