"""Figures: Pearson correlation and the F1 of mispronounced phones."""

import numpy as np


def correlation(a, b):
    return float(np.corrcoef(a, b)[0, 1])


def best_f1(scores, wrong):
    """Best F1 over all thresholds of 'score below threshold' against `wrong`; -> (f1, threshold)."""
    order = np.argsort(scores)
    hits = np.cumsum(wrong[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + wrong.sum())
    best = int(f1.argmax())
    return float(f1[best]), float(scores[order][best])


def figures(utterances, predictions):
    phone = np.concatenate([p["phone"] for p in predictions])
    phone_true = np.concatenate([u.phone_scores for u in utterances])
    word = np.concatenate([p["word"] for p in predictions])
    word_true = np.concatenate([u.word_scores for u in utterances])
    whole = np.stack([p["utterance"] for p in predictions])
    whole_true = np.stack([u.utterance_scores for u in utterances])
    f1, threshold = best_f1(phone, phone_true < 0.5)
    return {
        "phone": correlation(phone, phone_true),
        "word_accuracy": correlation(word[:, 0], word_true[:, 0]),
        "word_stress": correlation(word[:, 1], word_true[:, 1]),
        "word_total": correlation(word[:, 2], word_true[:, 2]),
        **{
            f"utterance_{name}": correlation(whole[:, k], whole_true[:, k])
            for k, name in [(0, "accuracy"), (2, "fluency"), (3, "prosody"), (4, "total")]
        },
        "f1_mispronounced": f1,
        "f1_threshold": threshold,
    }
