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

# Nothing above the base is built.
export GRANARY_BASE_ONLY=1
for sanitizer in "${sanitizers[@]}"; do
    scratch=.build-${sanitizer:0:1}san
    mkdir -p "$scratch"
    started=$SECONDS
    if ! swift build --build-tests --sanitize "$sanitizer" --scratch-path "$scratch" >"$scratch/build.log" 2>&1; then
        grep -v 'Cannot export local symbol' "$scratch/build.log" >&2
        exit 1
    fi
    echo "sanitize: $sanitizer: built in $((SECONDS - started)) s"
done

# Arguments: the sanitizer, and those for swift test.
run_tests() {
    local sanitizer=$1 scratch=.build-${1:0:1}san started=$SECONDS
    shift
    # Leaks can only be looked for where ptrace is allowed; what is kept after it was freed looks like one.
    export ASAN_OPTIONS="detect_leaks=${GRANARY_LEAKS:-0}:quarantine_size_mb=8" TSAN_OPTIONS="halt_on_error=1 suppressions=$PWD/scripts/tsan-suppressions.txt"
    local preload=()
    if [[ $sanitizer == thread ]]; then
        clang -O1 -shared -fPIC -o "$scratch/mutex.so" scripts/tsan-mutex.c
        preload=(env LD_PRELOAD="$PWD/$scratch/mutex.so")
    fi
    # ThreadSanitizer has no use for addresses that are random in all their bits.
    local run=(setarch -R "${preload[@]}" swift test --skip-build --sanitize "$sanitizer" --scratch-path "$scratch")
    if [[ $# -gt 0 ]]; then
        "${run[@]}" "$@" || return 1
    else
        "${run[@]}" --skip 'HTTPServerTests|LoopsTests' || return 1
        # These wait for each other's moments. Deadlines have no time to spare for a sanitizer, and scripts/mutations.sh has more mutations.
        "${run[@]}" --no-parallel --filter 'HTTPServerTests|LoopsTests' --skip 'DeadlineTests|HTTP2MutationTests' || return 1
    fi
    echo "sanitize: $sanitizer: tested in $((SECONDS - started)) s"
}

# One after the other: beside each other they would be too slow for the clients of some tests.
for sanitizer in "${sanitizers[@]}"; do
    log=.build-${sanitizer:0:1}san/test.log
    if run_tests "$sanitizer" "$@" >"$log" 2>&1; then
        grep -E 'Test run with|^sanitize:' "$log"
    else
        echo "sanitize: $sanitizer: failed" >&2
        # What was told of the first failures, and the end.
        { grep -E -A8 '✘|WARNING: ThreadSanitizer|ERROR: AddressSanitizer|Fatal error' "$log" | head -n 200; tail -n 40 "$log"; } >&2
        exit 1
    fi
done
