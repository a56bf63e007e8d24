"""Holds the engine itself against held-out speakers: `jiayin score` with the model of a fold, over that fold.

Genuine readings give the correlations and what a flag is worth; the same recordings with other prompts give the verdicts
and miscues: another sentence, a sentence with a word put in (left out by the reader), taken out (said too much), or
replaced, half another sentence, and the sentence with another behind it (half a reading).
"""

import json
import random
import subprocess
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from . import data, measure


def read_labels(folder):
    return [json.loads(line) for line in (Path(folder) / "labels.jsonl").read_text().splitlines()]


def line(label, folder, words, kind, place=None):
    return {
        "id": json.dumps([label["utt"], kind, place]),
        "audio": str(Path(folder) / label["audio"]),
        "text": " ".join(word["text"].replace(" ", "_") for word in words),
        "phones": [word["phones"] for word in words],
    }


def altered(labels, folder, seed):
    """Lines with prompts that the recordings are no readings of."""
    rng = random.Random(seed)
    pool = [word for label in labels for word in label["words"] if len(word["phones"]) > 1]
    for label in labels:
        other = rng.choice(labels)
        while other["text"] == label["text"]:
            other = rng.choice(labels)
        words, extra = label["words"], rng.choice(pool)
        yield line(label, folder, other["words"], "swapped")
        place = rng.randrange(len(words) + 1)
        yield line(label, folder, words[:place] + [extra] + words[place:], "omission", place)
        if len(words) < 4:
            continue
        place = rng.randrange(1, len(words) - 1)
        yield line(label, folder, words[:place] + words[place + 1 :], "insertion", place)
        place = rng.randrange(len(words))
        yield line(label, folder, words[:place] + [extra] + words[place + 1 :], "substitution", place)
        half = len(words) // 2
        yield line(label, folder, words[:half] + other["words"][: len(words) - half], "half another")
        yield line(label, folder, words + other["words"], "half a reading")


def score(engine, model, lines, path):
    path.write_text("".join(json.dumps(entry) + "\n" for entry in lines))
    command = [engine, "score", "--model", str(model), "--manifest", str(path)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [json.loads(answer) for answer in output.splitlines()]


def of_prompt(answer):
    return [word for word in answer["words"] if word["miscue"] != "insertion"]


def genuine_figures(labels, answers):
    scored = [a["verdict"] == "scored" for a in answers]
    pairs = [(w, t) for label, a in zip(labels, answers) for w, t in zip(of_prompt(a), label["words"])]
    phones = [(p, s) for w, t in pairs for p, s in zip(w["phones"], t["phones-accuracy"])]
    given = np.array([p["accuracy"] for p, _ in phones])
    expert = np.array([s for _, s in phones])
    flagged = np.array([p["flagged"] for p, _ in phones])
    names = [("accuracy", "accuracy"), ("fluency", "fluency"), ("prosody", "prosodic"), ("total", "total")]
    whole = {
        f"utterance_{ours}": measure.correlation(
            [a["scores"][ours] for a in answers], [label[theirs] for label in labels]
        )
        for ours, theirs in names
    }
    f1, threshold = measure.best_f1(given, expert < 0.5)
    return {
        "genuine_not_scored": 1 - float(np.mean(scored)),
        "phone": measure.correlation(given, expert),
        "word_total": measure.correlation([w["total"] for w, _ in pairs], [t["total"] for _, t in pairs]),
        **whole,
        "f1_mispronounced": f1,
        "f1_threshold": threshold,
        "flagged_share": float(flagged.mean()),
        "flagged_below_0.5": float((expert[flagged] < 0.5).mean()),
        "flagged_below_1.0": float((expert[flagged] < 1.0).mean()),
        "recall_of_mispronounced": float(flagged[expert < 0.5].mean()),
        "heard_share_of_flagged": float(np.mean([p["heard"] is not None for p, _ in phones if p["flagged"]])),
        "miscues_in_genuine": dict(Counter(w["miscue"] for a in answers for w in a["words"])),
    }


def altered_figures(answers):
    groups = defaultdict(list)
    for answer in answers:
        _, kind, place = json.loads(answer["id"])
        groups[kind].append((answer, place))
    figures = {}
    for kind, group in groups.items():
        totals = [a["scores"]["total"] for a, _ in group]
        figures[kind] = {
            "verdicts": dict(Counter(a["verdict"] for a, _ in group)),
            "total_mean": float(np.mean(totals)),
            "total_p95": float(np.quantile(totals, 0.95)),
        }
        scored = [(a, place) for a, place in group if a["verdict"] == "scored"]
        if kind == "insertion":
            figures[kind]["found"] = float(np.mean(["insertion" in [w["miscue"] for w in a["words"]] for a, _ in scored]))
        elif kind in ("omission", "substitution"):
            there = [of_prompt(a)[place] for a, place in scored]
            figures[kind]["found"] = float(np.mean([w["miscue"] in ("omission", "substitution") for w in there]))
            figures[kind]["word_total_mean"] = float(np.mean([w["total"] for w in there]))
    return figures


def listen(folder, cache, engine, fold, model):
    """Figures of `engine` with `model` over the held-out `fold`."""
    labels = read_labels(folder)
    of = data.folds(data.load(folder, cache))
    held = [label for label, mine in zip(labels, of) if mine == fold]
    genuine = [line(label, folder, label["words"], "genuine") for label in held]
    answers = score(engine, model, genuine, Path(cache) / "genuine.jsonl")
    wrong = score(engine, model, list(altered(held, folder, fold)), Path(cache) / "altered.jsonl")
    return {"genuine": genuine_figures(held, answers), "altered": altered_figures(wrong)}
