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

scripts/install-packages.sh ansible-core aria2 curl e2fsprogs faketime gcc haproxy lftp libmagic1 libwww-perl nghttp2-client nginx-light \
    openjdk-17-jdk-headless openssl python3 python3-venv rclone slowhttptest strace testssl.sh wget wget2 xfsprogs zsync
# A test downloads a package, for which the lists must be there.
if ! apt-cache show hello >/dev/null 2>&1; then
    as_root=()
    [[ "$(id -u)" -eq 0 ]] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq
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
parallel=()
if [[ $# -eq 0 ]]; then
    # Tests wait more than they work; those of one file stay together, and begin in the order of files.
    parallel=(-n 6 --dist loadfile --no-loadscope-reorder)
    # The table of recent downloads must not be seen: what downloads look like is also tested without it.
    echo "acceptance: downloads without the table of recent ones"
    ACCEPTANCE_HOT_FILES=off "$environment/bin/pytest" -p no:cacheprovider "${parallel[@]}" -m hot_files_off Acceptance
    echo "acceptance: the interface, with PostgreSQL and S3"
    ACCEPTANCE_ENGINES=scale-out GRANARY_KILL_ROUNDS=4 "$environment/bin/pytest" -p no:cacheprovider "${parallel[@]}" \
        -m 'scale_out and not local_content and not engine_independent' Acceptance
    echo "acceptance: everything"
fi
# All tests, unless the arguments name files of them. The folders with the longest files come first, so that none is left to the end.
first=(operations uploads http access)
tests=("${first[@]/#/Acceptance/}")
for folder in Acceptance/*/; do
    name="$(basename "$folder")"
    [[ " ${first[*]} support " == *" $name "* ]] || tests+=("$folder")
done
for argument in "$@"; do [[ ! -e "${argument%%::*}" ]] || tests=(); done
exec "$environment/bin/pytest" "${tests[@]}" -p no:cacheprovider "${parallel[@]}" "$@"
