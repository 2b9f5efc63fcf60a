#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Throws bytes at everything that reads what strangers send, under AddressSanitizer.
#
#   scripts/fuzz.sh [seconds for each target] [target…]
#
# A target is a file of Fuzz; what it begins with is Fuzz/corpus/TARGET. It fails on a crash, an input that takes ten seconds, or one that
# takes too much memory, and keeps the input in .build-fuzz/found; run the program with that file to see it again.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds="${1:-60}"
shift || true
targets=("$@")
export GRANARY_FUZZ=1
if [[ ${#targets[@]} -eq 0 ]]; then
    # What is built says which there are.
    mapfile -t targets < <(swift package --scratch-path .build-fuzz describe --type json |
        sed -n 's/.*"name" : "Fuzz\(.*\)",*/\1/p' | sort -u | grep -vx HTTP1Verdicts)
fi
[[ ${#targets[@]} -gt 0 ]] || {
    echo "fuzz: there are no targets" >&2
    exit 2
}

# Coverage must be asked for when there is a second sanitizer. The linker has much to say about the sanitizer's own symbols.
log=.build-fuzz/build.log
mkdir -p .build-fuzz/found
for target in "${targets[@]}"; do
    if ! swift build -c release --scratch-path .build-fuzz --product "Fuzz$target" --sanitize fuzzer --sanitize address \
        -Xswiftc -enable-testing -Xswiftc -sanitize-coverage=edge,trace-cmp,inline-8bit-counters,pc-table >"$log" 2>&1; then
        grep -v 'Cannot export local symbol' "$log" >&2
        exit 1
    fi
done

run() {
    local target=$1 seconds=$2
    local found=.build-fuzz/found/$target corpus=.build-fuzz/corpus/$target output=.build-fuzz/$target.log
    mkdir -p "$found" "$corpus"
    # The runtime's own report of a crash waits for a debugger that cannot attach; leaks cannot be looked for without ptrace.
    if SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 ".build-fuzz/release/Fuzz$target" "$corpus" "Fuzz/corpus/$target" \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=8192 -artifact_prefix="$found/" -print_final_stats=1 \
        >"$output" 2>&1; then
        echo "fuzz: $target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$output") inputs, no crash"
    else
        echo "fuzz: $target fails; the input is in $found" >&2
        grep -vE '^(#|INFO)' "$output" | head -n 60 >&2
        return 1
    fi
}
export -f run

printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I{} bash -c 'run "$1" "$2"' _ {} "$seconds"
