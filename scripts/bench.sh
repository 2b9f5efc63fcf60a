#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Measures the release binary beside nginx and docker-registry and writes docs/BENCHMARKS.md.
#
#   scripts/bench.sh [--only NAME] [--runs N] [--against BINARY] [--quick]
#
# GRANARY names the binary; it is .build/release/granary by default. All servers run on loopback, as its children.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

granary="$(realpath -m -- "${GRANARY:-.build/release/granary}")"
if [[ ! -x "$granary" ]]; then
    echo "bench: no granary binary at $granary; build it with 'make build' or set GRANARY" >&2
    exit 2
fi

scripts/install-packages.sh curl docker-registry gcc libssl-dev nghttp2-client nginx-light openssl python3 \
    util-linux wrk

export GRANARY="$granary"
# The proxy that delays is the acceptance tests' own.
export PYTHONPATH="$PWD/Acceptance/support"
export PYTHONDONTWRITEBYTECODE=1
exec python3 Benchmarks/bench.py "$@"
