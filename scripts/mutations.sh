#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Has mutated conversations with the base's server under AddressSanitizer.
#
#   scripts/mutations.sh [count of each kind] [http1|http2|tls…]
#
# 100,000 take half a minute over plain HTTP/1.1, and some five minutes where each begins with a TLS handshake.
#
# Fails on a crash, on an answer that blames the server, on memory or descriptors that are not given back, and on a server that does not
# answer any more. GRANARY_SEED is the first seed, 1 by default; a conversation is had again by a count of 1 with its seed.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

count="${1:-100000}"
shift || true
kinds=("$@")
[[ ${#kinds[@]} -gt 0 ]] || kinds=(http1 http2 tls)

scratch=.build-mutations
folder="$scratch/run"
mkdir -p "$folder"
export GRANARY_FUZZ=1 GRANARY_BASE_ONLY=1
if ! swift build -c release --scratch-path "$scratch" --product Mutations --sanitize address >"$scratch/build.log" 2>&1; then
    grep -v 'Cannot export local symbol' "$scratch/build.log" >&2
    exit 1
fi
if [[ ! -e "$folder/key.pem" ]]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=localhost \
        -keyout "$folder/key.pem" -out "$folder/certificate.pem" 2>/dev/null
fi

# What was freed is kept for a while, to find uses of it. Leaks cannot be looked for without ptrace; the program looks at its memory itself.
export ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=32 SWIFT_BACKTRACE=enable=no
for kind in "${kinds[@]}"; do
    started=$SECONDS
    if ! "$scratch/release/Mutations" "$kind" "$count" "${GRANARY_SEED:-1}" "$folder" >"$folder/$kind.log" 2>&1; then
        head -n 60 "$folder/$kind.log" >&2
        echo "mutations: $kind fails; its clients were at the seeds" $(od -An -v -t u8 -N 48 "$folder/seeds") >&2
        exit 1
    fi
    echo "$(tail -n 1 "$folder/$kind.log"), $((SECONDS - started)) s"
done
