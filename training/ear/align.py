"""Forced alignment: Viterbi over silence, the phones of the words, and optional silence between words."""

import numba
import numpy as np

from .phones import SILENCE

PRIOR_WEIGHT = 0.6
SHORTEST = 2  # frames of a phone: with one, vowels shrink to a single frame and word-initial consonants take the rest


def states_of(prompt):
    """(classes, optional, loops, phone) of the states: two for each phone, of which the second may repeat, and optional
    silence at both ends and between words. `phone` is the index of the phone in the prompt, -1 for silence."""
    states = [(SILENCE, True, True, -1)]
    for index in range(len(prompt.phone)):
        if index and prompt.word[index] != prompt.word[index - 1]:
            states.append((SILENCE, True, True, -1))
        states += [(int(prompt.phone[index]), False, False, index), (int(prompt.phone[index]), False, True, index)]
    states.append((SILENCE, True, True, -1))
    return tuple(np.array(column) for column in zip(*states))


@numba.njit(cache=True)
def viterbi(scores, classes, optional, loops):
    """(T, 40) scores -> state of each frame; T must be at least twice the number of phones."""
    frames, states = scores.shape[0], len(classes)
    best = np.full(states, -1e30)
    back = np.zeros((frames, states), np.int8)
    best[0] = scores[0, classes[0]]
    best[1] = scores[0, classes[1]]
    for t in range(1, frames):
        for s in range(states - 1, -1, -1):
            value, step = -1e30, 0
            if loops[s]:
                value = best[s]
            if s >= 1 and best[s - 1] > value:
                value, step = best[s - 1], 1
            if s >= 2 and optional[s - 1] and best[s - 2] > value:
                value, step = best[s - 2], 2
            best[s] = value + scores[t, classes[s]]
            back[t, s] = step
    state = states - 1
    if best[states - 2] > best[states - 1]:
        state = states - 2
    path = np.empty(frames, np.int64)
    for t in range(frames - 1, -1, -1):
        path[t] = state
        state -= back[t, state]
    return path


def segments(path, phone, count):
    """Path -> (count, 2) first and one past the last frame of each phone."""
    spans = np.zeros((count, 2), np.int64)
    owner = phone[path]
    for index in range(count):
        frames = np.flatnonzero(owner == index)
        spans[index] = (frames[0], frames[-1] + 1) if len(frames) else (0, 1)
    return spans


def align(log_posteriors, log_prior, prompt):
    """(T, 40) log posteriors -> (P, 2) spans in frames."""
    classes, optional, loops, phone = states_of(prompt)
    scores = (log_posteriors - PRIOR_WEIGHT * log_prior).astype(np.float64)
    if len(scores) < SHORTEST * len(prompt.phone) + 2:  # shorter than the prompt: spread evenly
        edges = np.linspace(0, len(scores), len(prompt.phone) + 1)
        return np.stack([edges[:-1], np.maximum(edges[1:], edges[:-1] + 1)], 1).astype(np.int64).clip(0, len(scores))
    return segments(viterbi(scores, classes, optional, loops), phone, len(prompt.phone))


def frame_targets(spans, prompt, frames):
    """(frames,) class of each frame, silence outside the spans."""
    targets = np.full(frames, SILENCE, np.int64)
    for (start, end), phone in zip(spans, prompt.phone):
        targets[start:end] = phone
    return targets


def flat(prompt, frames, speech_frames):
    """The first guess: the phones share the stretch of speech evenly. `speech_frames` is (first, one past last)."""
    edges = np.linspace(*speech_frames, len(prompt.phone) + 1).round().astype(np.int64)
    return np.stack([edges[:-1], np.minimum(np.maximum(edges[1:], edges[:-1] + 1), frames)], 1)


def flat_words(spans, prompt, frames):
    """The words stay where they are, their phones share them evenly."""
    result = np.empty_like(spans)
    for word in range(prompt.words):
        places = np.flatnonzero(prompt.word == word)
        edges = np.linspace(spans[places[0], 0], spans[places[-1], 1], len(places) + 1).round().astype(np.int64)
        result[places] = np.stack([edges[:-1], np.minimum(np.maximum(edges[1:], edges[:-1] + 1), frames)], 1)
    return result
