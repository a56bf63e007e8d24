"""From samples to what the encoder and the utterance statistics see. crates/speech/src/features/ does the same in
Rust; `golden.py` writes the numbers that its tests compare with.

Log-mel after Whisper (Radford et al., 2022): 25 ms Hann window, hop 10 ms, 80 Slaney mels. Different here: the
recording is trimmed to its speech and the level is taken out (the loudest mel cell of a recording is always the same),
so that neither loudness nor silence around the speech moves a score.
"""

import numpy as np

RATE = 16_000
WINDOW = 400
HOP = 160
MELS = 80
LOUDEST = 1.5  # log10 of the loudest mel cell after levelling
MARGIN = 30  # frames of 10 ms kept on both sides of the speech
TAIL = 50  # frames of 10 ms of silence behind the recording

F0_WINDOW = 640
F0_FFT = 2048
F0_HOP = 320
F0_LOW, F0_HIGH = 75.0, 500.0
VOICED = 0.45


def frame_energy(samples):
    """Energy in dB of 25 ms frames every 10 ms; at least one frame."""
    if len(samples) < WINDOW:
        samples = np.pad(samples, (0, WINDOW - len(samples)))
    count = 1 + (len(samples) - WINDOW) // HOP
    squares = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    starts = np.arange(count) * HOP
    return 10 * np.log10((squares[starts + WINDOW] - squares[starts]) / WINDOW + 1e-10)


def quantile(values, share):
    """Nearest-rank quantile (no interpolation), the same in both languages."""
    ordered = np.sort(values)
    return ordered[int(share * (len(ordered) - 1))]


def speech_threshold(energy):
    """(threshold, floor, peak) in dB: frames at or above the threshold count as speech."""
    kernel = np.ones(5) / 5
    smooth = np.convolve(energy, kernel, "valid") if len(energy) >= 5 else energy
    peak = smooth.max()
    alive = energy[energy > peak - 70]
    floor = quantile(alive, 0.10)
    threshold = min(max(floor + 6, peak - 40), peak - 12)
    return threshold, floor, peak


def speech_span(energy):
    """First and one past the last 10 ms frame of speech, runs under 3 frames left out; None if there is none."""
    threshold, _, _ = speech_threshold(energy)
    active = np.concatenate([[False], energy >= threshold, [False]])
    edges = np.flatnonzero(active[1:] != active[:-1]).reshape(-1, 2)
    edges = edges[(edges[:, 1] - edges[:, 0]) >= 3]
    if len(edges) == 0:
        return None
    return int(edges[0, 0]), int(edges[-1, 1])


def trim(samples):
    """(start, end) in samples of the part that is looked at: the speech with a margin of 0.3 s."""
    span = speech_span(frame_energy(samples))
    if span is None:
        return 0, len(samples)
    start = max(0, (span[0] - MARGIN) * HOP)
    end = min(len(samples), (span[1] + MARGIN) * HOP + WINDOW)
    return start, end


def mel_filters(warp=1.0):
    """Slaney-normalised triangular filters, (80, 201) float32; `warp` stretches the frequency axis."""
    def to_mel(f):
        f = np.asarray(f, dtype=np.float64)
        return np.where(f >= 1000, 15 + np.log(np.maximum(f, 1e-9) / 1000) / (np.log(6.4) / 27), f / (200 / 3))

    def to_hz(m):
        return np.where(m >= 15, 1000 * np.exp((np.log(6.4) / 27) * (m - 15)), m * (200 / 3))

    points = to_hz(np.linspace(to_mel(0), to_mel(8000), MELS + 2))
    bins = np.linspace(0, RATE / 2, WINDOW // 2 + 1) * warp
    down = (bins[None] - points[:-2, None]) / (points[1:-1] - points[:-2])[:, None]
    up = (points[2:, None] - bins[None]) / (points[2:] - points[1:-1])[:, None]
    weights = np.maximum(0, np.minimum(down, up)) * (2 / (points[2:] - points[:-2]))[:, None]
    return weights.astype(np.float32)


FILTERS = mel_filters()
HANN = np.hanning(WINDOW + 1)[:-1].astype(np.float32)


def mel_frames(length):
    """Number of mel frames for `length` trimmed samples: even, with the tail of silence."""
    frames = -(-length // HOP) + TAIL
    return frames + frames % 2


def power_spectrum(samples):
    """(frames, 201) power spectrum of the trimmed samples; frame i is centred on sample 160 i, zeros outside."""
    frames = mel_frames(len(samples))
    padded = np.zeros((frames - 1) * HOP + WINDOW, dtype=np.float32)
    room = min(len(samples), len(padded) - WINDOW // 2)
    padded[WINDOW // 2 : WINDOW // 2 + room] = samples[:room]
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    return np.abs(np.fft.rfft(windows * HANN, axis=1)).astype(np.float32) ** 2


def log_mel(power, filters=FILTERS):
    """(80, frames) levelled log-mel."""
    mel = np.log10(np.maximum(filters @ power.T, 1e-10))
    loudest = mel.max()
    mel = np.maximum(mel, loudest - 8)
    return ((mel - loudest + LOUDEST + 4) / 4).astype(np.float32)


def pitch(samples):
    """F0 in octaves above 100 Hz every 20 ms (NaN where unvoiced), by normalised autocorrelation
    (Boersma, 1993: divided by the window's own autocorrelation)."""
    count = max(1, -(-len(samples) // F0_HOP))
    padded = np.zeros((count - 1) * F0_HOP + F0_WINDOW, dtype=np.float64)
    padded[F0_WINDOW // 2 : F0_WINDOW // 2 + len(samples)] = samples[: len(padded) - F0_WINDOW // 2]
    windows = np.lib.stride_tricks.sliding_window_view(padded, F0_WINDOW)[::F0_HOP]
    hann = np.hanning(F0_WINDOW + 1)[:-1]
    windows = windows - windows.mean(axis=1, keepdims=True)

    def correlate(x):
        return np.fft.irfft(np.abs(np.fft.rfft(x, F0_FFT, axis=-1)) ** 2, F0_FFT, axis=-1)[..., :F0_WINDOW]

    own = correlate(hann)
    raw = correlate(windows * hann)
    low, high = int(RATE / F0_HIGH), int(RATE / F0_LOW)
    normal = raw[:, : high + 2] / np.maximum(raw[:, :1], 1e-9) / (own[: high + 2] / own[0])
    energy = raw[:, 0]
    lags = np.arange(low, high + 1)
    # Prefer the shorter lag among near-equals: guards against octave-down errors.
    scores = normal[:, low : high + 1] - 0.02 * np.log2(lags / low)
    best = low + scores.argmax(axis=1)
    rows = np.arange(count)
    a, b, c = normal[rows, best - 1], normal[rows, best], normal[rows, best + 1]
    bend = a - 2 * b + c
    shift = np.where(bend < -1e-9, np.clip(0.5 * (a - c) / np.where(bend < -1e-9, bend, -1), -0.5, 0.5), 0.0)
    f0 = np.log2(RATE / (best + shift) / 100.0)
    voiced = (b > VOICED) & (energy > energy.max() * 1e-4)
    return np.where(voiced, f0, np.nan)
