#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Compares how the server and llhttp read the same streams of HTTP/1.1, right and wrong ones.
#
#   scripts/compare-llhttp.sh [seed] [count]
#
# Fails on a difference that is not named, with its reason, in Fuzz/llhttp/compare.py.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/install-packages.sh python3 python3-venv

# llhttp as Python's httptools has it, with every leniency off.
requirement=httptools==0.9.0
environment=.build-fuzz/venv
if ! "$environment/bin/pip" freeze 2>/dev/null | grep -qx "$requirement"; then
    python3 -m venv --clear "$environment"
    "$environment/bin/pip" install --quiet --disable-pip-version-check "$requirement"
fi

export GRANARY_FUZZ=1 PYTHONDONTWRITEBYTECODE=1
swift build --quiet --product FuzzHTTP1Verdicts
exec "$environment/bin/python" Fuzz/llhttp/compare.py .build/debug/FuzzHTTP1Verdicts "$@"
