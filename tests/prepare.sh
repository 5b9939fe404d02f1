#!/usr/bin/env bash
# Installs what the sample functions and the real clients need. Quick when it is all there.
set -euo pipefail
cd "$(dirname "$0")/.."

host=${FANLIGHT_BIN:-target/release/fanlight}
[ -x "$host" ] || cargo build --release --locked -p fanlight

for sample in functions/*/; do
    name=$(basename "$sample")
    data=target/samples/$name
    log=$data/prepare.log
    mkdir -p "$data"
    : >"$log"
    # Something that changed since the last time is installed anew.
    if [ -f "$data/prepared" ] && [ -z "$(find "$sample" -newer "$data/prepared" -type f \
        -not -path '*/node_modules/*' -not -path '*/__pycache__/*' -not -path '*/target/*' -print -quit)" ]; then
        continue
    fi
    echo "preparing $name"
    exec {output}< <(exec "$host" serve "$sample" --install --port 0 --no-watch --data "$data" 2>&1)
    process=$!
    ready=
    # The host is ready once everything is installed; then it has nothing more to do here.
    while IFS= read -r line <&"$output"; do
        printf '%s\n' "$line" >>"$log"
        case $line in 'ready on '*) ready=yes && break ;; esac
    done
    if [ -z "$ready" ]; then
        cat "$log" >&2
        exit 1
    fi
    kill -TERM "$process"
    # How it ends is no matter here.
    wait "$process" || true
    exec {output}<&-
    touch "$data/prepared"
done

clients=target/clients
if [ ! -f "$clients/prepared" ] || [ tests/clients/requirements.txt -nt "$clients/prepared" ]; then
    echo "preparing clients"
    python3 -m venv "$clients"
    "$clients/bin/pip" install --quiet --disable-pip-version-check -r tests/clients/requirements.txt
    touch "$clients/prepared"
fi
