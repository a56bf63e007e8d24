#!/usr/bin/env bash
# Looks for the programs that building and testing need. As root on Debian or Ubuntu it installs what is missing;
# elsewhere it names what is missing in one line. Usage: scripts/setup.sh node|all
set -euo pipefail

missing=()
packages=()

# need <package> <program>...: one of the programs must be there
need() {
  local package=$1 program
  shift
  for program in "$@"; do
    if command -v "$program" >/dev/null 2>&1; then return 0; fi
  done
  missing+=("$1")
  packages+=("$package")
}

need nodejs node
need npm npm
if [ "${1:-all}" = all ]; then
  if ! command -v cargo >/dev/null 2>&1; then
    echo "setup: Rust is missing; see https://rustup.rs" >&2
    exit 1
  fi
  need gcc cc gcc clang
  need chromium chromium chromium-browser google-chrome
  need chromium-driver chromedriver
  need python3 python3
  # Debian has the environments of Python in a package of their own; the fuzz run of the interface needs one.
  if ! python3 -c 'import ensurepip, venv' >/dev/null 2>&1; then need python3-venv python3-venv; fi
  # Debian keeps the server's programs out of the path.
  if ! ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then need postgresql postgres; fi
fi

if [ ${#missing[@]} -eq 0 ]; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "setup: installing ${packages[*]}"
  if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"; } >&2; then
    echo "setup: could not install ${packages[*]}" >&2
    exit 1
  fi
else
  echo "setup: missing: ${missing[*]} (on Debian: apt-get install ${packages[*]})" >&2
  exit 1
fi
