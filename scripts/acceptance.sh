#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs the acceptance suite against the release binary, with clients that other people wrote.
#
#   scripts/acceptance.sh [pytest arguments]
#
# GRANARY names the binary; it is .build/release/granary by default. A skipped test counts as a failed one.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

granary="$(realpath -m -- "${GRANARY:-.build/release/granary}")"
if [[ ! -x "$granary" ]]; then
    echo "acceptance: no granary binary at $granary; build it with 'make build' or set GRANARY" >&2
    exit 2
fi

as_root() {
    if [[ "$(id -u)" -eq 0 ]]; then
        "$@"
    else
        sudo "$@"
    fi
}

missing=()
packages=(curl wget wget2 aria2 lftp rclone zsync ansible-core openssl strace xfsprogs e2fsprogs python3 python3-venv)
for package in "${packages[@]}"; do
    if [[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]]; then
        missing+=("$package")
    fi
done
if [[ ${#missing[@]} -gt 0 ]]; then
    echo "acceptance: installing the Debian packages ${missing[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
elif ! apt-cache show hello >/dev/null 2>&1; then
    echo "acceptance: fetching the lists of Debian packages"
    as_root apt-get update -qq
fi

# The tools that mount and make file systems are not on every user's path.
export PATH="$PATH:/usr/sbin:/sbin"

environment=.build-acceptance/venv
stamp=.build-acceptance/requirements.txt
if [[ ! -x "$environment/bin/pytest" ]] || ! cmp -s Acceptance/requirements.txt "$stamp"; then
    echo "acceptance: making the Python environment $environment"
    python3 -m venv --clear "$environment"
    "$environment/bin/pip" install --quiet --disable-pip-version-check -r Acceptance/requirements.txt
    cp Acceptance/requirements.txt "$stamp"
fi

export GRANARY="$granary"
export PYTHONDONTWRITEBYTECODE=1
if [[ $# -eq 0 ]]; then
    # The table of recent downloads must not be seen: what downloads look like is also tested without it.
    echo "acceptance: downloads without the table of recent ones"
    ACCEPTANCE_HOT_FILES=off "$environment/bin/pytest" -p no:cacheprovider Acceptance/test_contract_curl.py \
        Acceptance/test_access.py Acceptance/test_transfer_digests.py Acceptance/test_transfer_counts.py
    echo "acceptance: everything"
fi
exec "$environment/bin/pytest" Acceptance -p no:cacheprovider "$@"
