#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs a command beside a PostgreSQL server and an S3 store of its own, which it is told about by the environment
# (GRANARY_TEST_POSTGRES…, GRANARY_TEST_S3_…). Both are gone afterwards, whatever the command's end.
#
#   scripts/test-engines.sh COMMAND…
set -euo pipefail

scripts="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
[[ $# -ge 1 ]] || { echo "test-engines: say which command is to run beside the engines" >&2 && exit 2; }

# PostgreSQL's own user has to get in.
folder="$(mktemp -d "${TMPDIR:-/tmp}/granary-engines.XXXXXX")"
chmod 755 "$folder"
stop() {
    "$scripts/postgres.sh" stop "$folder/postgres" || true
    "$scripts/s3.sh" stop "$folder/s3" || true
    rm -rf "$folder"
}
trap stop EXIT
# A signal ends the script through the trap, after the command that it reached, too.
trap 'exit 130' INT TERM HUP

settings="$("$scripts/postgres.sh" start "$folder/postgres")"
settings+=$'\n'"$("$scripts/s3.sh" start "$folder/s3")"
set -a
eval "$settings"
set +a
for name in POSTGRES POSTGRES_ADMIN S3_ENDPOINT S3_REGION S3_BUCKET S3_ACCESS_KEY S3_SECRET_KEY; do
    variable="GRANARY_TEST_$name"
    [[ -n "${!variable:-}" ]] || { echo "test-engines: the engines did not tell $variable" >&2 && exit 1; }
done
"$@"
