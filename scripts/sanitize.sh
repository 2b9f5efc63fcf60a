#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs the tests of the base under AddressSanitizer and ThreadSanitizer.
#
#   scripts/sanitize.sh [address|thread…] [-- arguments for swift test]
#
# Each keeps what it builds in a folder of its own, .build-asan and .build-tsan.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

sanitizers=()
while [[ $# -gt 0 && $1 != -- ]]; do
    sanitizers+=("$1")
    shift
done
shift || true
[[ ${#sanitizers[@]} -gt 0 ]] || sanitizers=(address thread)

# Every folder of Tests/Base, and nothing above the base.
filters=()
for folder in Tests/Base/*/; do filters+=(--filter "^$(basename "$folder")\\."); done
[[ $# -eq 0 ]] || filters=("$@")

for sanitizer in "${sanitizers[@]}"; do
    scratch=.build-${sanitizer:0:1}san
    # Leaks cannot be looked for where ptrace is not allowed; the system's allocations at odd addresses are not for ThreadSanitizer.
    export ASAN_OPTIONS="detect_leaks=${GRANARY_LEAKS:-0}" TSAN_OPTIONS="halt_on_error=1 suppressions=$PWD/scripts/tsan-suppressions.txt"
    started=$SECONDS
    if ! swift build --build-tests --sanitize "$sanitizer" --scratch-path "$scratch" >"$scratch.log" 2>&1; then
        grep -v 'Cannot export local symbol' "$scratch.log" >&2
        exit 1
    fi
    echo "sanitize: $sanitizer: built in $((SECONDS - started)) s"
    started=$SECONDS
    setarch -R swift test --skip-build --sanitize "$sanitizer" --scratch-path "$scratch" "${filters[@]}"
    echo "sanitize: $sanitizer: tested in $((SECONDS - started)) s"
done
