"""`python -m ear STAGE --data FOLDER --cache FOLDER`: the stages of training, each kept in the cache so that an
interrupted run goes on where it stopped.

  fold K      train without fold K of five and predict it
  final       train on everything
  report      figures over the predicted folds
  listen K    the engine itself on fold K, with the model of that fold
  export      write the model file (needs `final`)
"""

import os

# One thread each: the runs share the machine, and OpenBLAS spins where it waits.
for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import argparse
import json
import pickle
from pathlib import Path

import numpy as np
import torch

from . import batches, bootstrap, data, export, listen, measure, model, train, whisper


def prepared(options):
    utterances = data.load(options.data, options.cache)
    encoder, final_norm = whisper.load(whisper.fetch(options.cache))
    spans, log_prior = bootstrap.bootstrap(utterances, encoder, options.cache)
    torch.manual_seed(options.seed)
    net = model.Ear(encoder, final_norm, options.heads)
    net.log_prior.copy_(torch.from_numpy(log_prior))
    return utterances, spans, net


def fit(options, name, chosen, utterances, spans, net):
    """Trains on the `chosen` indices, or takes what an earlier run kept."""
    kept = Path(options.cache) / f"{name}.pt"
    if kept.exists():
        net.load_state_dict(torch.load(kept))
        net.eval()
        return
    log_prior = net.log_prior.clone()
    if options.start:
        net.load_state_dict(torch.load(Path(options.cache) / f"{options.start}.pt"))
        net.log_prior.copy_(log_prior)  # of these alignments
    print(f"{name}: {len(chosen)} utterances, {model.parameters(net):,} parameters", flush=True)
    train.train(
        net,
        [utterances[i] for i in chosen],
        [spans[i] for i in chosen],
        options.seed,
        options.epochs,
        lambda line: print(f"{name}: {line}", flush=True),
    )
    torch.save(net.state_dict(), kept)


def negative_items(held, spans, rng):
    """Wrong texts, words left out and noise for the held-out utterances -> (items, kinds)."""
    items, kinds = [], []
    for u, known in zip(held, spans):
        item = batches.item_of(u, None)
        other = held[rng.integers(len(held))]
        while other.words == u.words:
            other = held[rng.integers(len(held))]
        wrong = batches.Item(**{**vars(item), "prompt": other.prompt, "genuine": False})
        wrong.phone_scores, wrong.word_scores = other.phone_scores * 0, other.word_scores * 0
        items.append(wrong), kinds.append("other")
        if rng.random() < 0.3:
            items.append(batches.noise_item(u, rng)), kinds.append("noise")
        if u.prompt.words > 1:
            items.append(batches.left_out_item(u, known, rng, augmented=False)), kinds.append("left out")
    return items, kinds


def fold(options):
    utterances, spans, net = prepared(options)
    of = data.folds(utterances)
    name = f"{options.name}fold{options.fold}-seed{options.seed}"
    fit(options, name, np.flatnonzero(of != options.fold), utterances, spans, net)
    chosen = np.flatnonzero(of == options.fold)
    held = [utterances[i] for i in chosen]
    predictions = train.predict(net, [batches.item_of(u, None) for u in held])
    items, kinds = negative_items(held, [spans[i] for i in chosen], np.random.default_rng(options.fold))
    wrong = train.predict(net, items)
    for p, item, kind in zip(wrong, items, kinds):
        p.update(kind=kind, prompt=item.prompt, phone_scores=item.phone_scores)
    (Path(options.cache) / f"{name}.predictions.pickle").write_bytes(pickle.dumps((predictions, wrong)))
    print(json.dumps(measure.figures(held, predictions), indent=1), flush=True)


def final(options):
    utterances, spans, net = prepared(options)
    fit(options, f"{options.name}final-seed{options.seed}", np.arange(len(utterances)), utterances, spans, net)


def report(options):
    utterances, _, _ = prepared(options)
    of = data.folds(utterances)
    rows = []
    for path in sorted(Path(options.cache).glob(f"{options.name}fold?-seed*.predictions.pickle")):
        predictions, wrong = pickle.loads(path.read_bytes())
        held = [utterances[i] for i in np.flatnonzero(of == int(path.name[len(options.name) + 4]))]
        rows.append((path.name, measure.figures(held, predictions)))
        low = {k: np.mean([p["utterance"][4] for p in wrong if p["kind"] == k]) for k in ("other", "noise", "left out")}
        print(path.name, {k: round(v, 3) for k, v in rows[-1][1].items()}, "negatives:", low)
    for key in rows[0][1]:
        values = [r[key] for _, r in rows]
        print(f"{key:22} mean {np.mean(values):.3f}  spread {np.min(values):.3f}-{np.max(values):.3f}")


def named_model(options, name, out):
    """Writes the model file of the kept weights `name`."""
    _, _, net = prepared(options)
    net.load_state_dict(torch.load(Path(options.cache) / f"{name}.pt"))
    net.eval()
    graph = Path(options.cache) / "g2p.onnx"
    if not graph.exists():
        raise SystemExit(f"{graph} is missing: python -m ear.g2p --out {options.cache}")
    decisions = json.loads((Path(__file__).parent.parent / "decisions.json").read_text())
    export.model_file(net, decisions, f"{options.version}+{name}", graph, out)


def listen_fold(options):
    name = f"{options.name}fold{options.fold}-seed{options.seed}"
    model_path = Path(options.cache) / f"{name}.jym"
    named_model(options, name, model_path)
    found = listen.listen(options.data, options.cache, options.engine, options.fold, model_path)
    print(json.dumps(found, indent=1))


def main():
    parser = argparse.ArgumentParser(prog="ear", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("stage", choices=["fold", "final", "report", "listen", "export"])
    parser.add_argument("fold", nargs="?", type=int, default=0)
    parser.add_argument("--data", required=True, help="folder with labels.jsonl and audio/")
    parser.add_argument("--cache", required=True, help="folder for what is kept between stages")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", help="weights in the cache to go on from, e.g. final-seed1")
    parser.add_argument("--name", default="", help="put before the name of what is kept")
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=train.EPOCHS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--engine", default="../target/release/jiayin", help="the binary that `listen` runs")
    parser.add_argument("--version", default="ear-1", help="version written into the model file")
    parser.add_argument("--out", default="../models/ear.jym", help="model file written by `export`")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.stage == "export":
        named_model(options, f"{options.name}final-seed{options.seed}", options.out)
    else:
        {"fold": fold, "final": final, "report": report, "listen": listen_fold}[options.stage](options)


if __name__ == "__main__":
    main()
