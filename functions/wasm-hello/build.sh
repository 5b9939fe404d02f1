#!/bin/sh
# Compiles hello.c to hello.wasm, a WASI command.
#
# Debian 12 or later: apt-get install --no-install-recommends clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32
set -eu
cd "$(dirname "$0")"
clang-19 --target=wasm32-wasi -Oz -Wall -Wextra -Werror -Wl,-z,stack-size=65536 -s -o hello.wasm hello.c
chmod 644 hello.wasm
