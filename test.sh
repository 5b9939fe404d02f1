#!/usr/bin/env bash
# Installs what the tests need and runs them all.
set -euo pipefail
cd "$(dirname "$0")"

say() { printf '\n== %s\n' "$*"; }

say "tools"
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
missing=()
command -v cc >/dev/null || missing+=(build-essential)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
command -v python3 >/dev/null || missing+=(python3)
python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
if [ "${#missing[@]}" -gt 0 ]; then
    as_root apt-get update -qq
    as_root apt-get install -y -qq "${missing[@]}"
fi
rustup component add clippy rustfmt >/dev/null 2>&1 || true

say "format"
cargo fmt --all --check

say "build"
cargo build --release --locked --workspace --all-targets

say "lints"
cargo clippy --release --locked --workspace --all-targets -- -D warnings

say "dependencies of the sample functions, real clients"
[ ! -x tests/prepare.sh ] || tests/prepare.sh

say "tests"
cargo test --release --locked --workspace
