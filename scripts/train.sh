#!/usr/bin/env bash
# Makes the speech model from labelled recordings: scripts/train.sh <folder>. Takes hours on a processor; every stage is
# kept in .cache/train, so that an interrupted run goes on where it stopped.
set -euo pipefail

if [ $# -ne 1 ] || [ ! -d "$1" ]; then
  echo "train: say where the recordings are: scripts/train.sh <folder>" >&2
  exit 2
fi
data=$(cd "$1" && pwd)
root=$(cd "$(dirname "$0")/.." && pwd)
cache=$root/.cache/train
mkdir -p "$cache"

if [ ! -x "$root/.venv/bin/python" ]; then
  python3 -m venv "$root/.venv"
  "$root/.venv/bin/pip" install --quiet --requirement "$root/training/requirements.txt"
fi

cd "$root/training"
ear() { "$root/.venv/bin/python" -m ear "$@" --data "$data" --cache "$cache"; }
[ -f "$cache/g2p.onnx" ] || "$root/.venv/bin/python" -m ear.g2p --out "$cache"
for fold in 0 1 2 3 4; do ear fold "$fold"; done
ear final
ear report
ear export
