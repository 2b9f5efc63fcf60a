#!/usr/bin/env bash
# House rules that the formatter does not know: layers, file lengths, forbidden words. Prints each offence; fails on any.
set -uo pipefail
cd "$(dirname "$0")/.."

failures=0
offence() {
  echo "$1" >&2
  failures=$((failures + 1))
}

# Which of the project's own targets a target may import. Nothing outside this list.
allowed() {
  case "$1" in
    RegistryCore | CLibPQ) echo "" ;;
    RegistryAPI | RegistryStorage) echo "RegistryCore" ;;
    SQLiteDriver | PostgresDriver | LocalBlobs | S3Blobs | RegistryMetadata) echo "RegistryCore RegistryStorage" ;;
    RegistryService) echo "RegistryCore RegistryStorage RegistryMetadata" ;;
    RegistryHTTP) echo "RegistryCore RegistryStorage RegistryMetadata RegistryService RegistryAPI" ;;
    RegistryServer) echo "RegistryCore RegistryStorage RegistryMetadata RegistryService RegistryAPI RegistryHTTP SQLiteDriver PostgresDriver LocalBlobs S3Blobs" ;;
    RegistryClient) echo "RegistryCore RegistryAPI" ;;
    RegistryTestSupport) echo "RegistryCore RegistryStorage RegistryMetadata SQLiteDriver PostgresDriver LocalBlobs S3Blobs" ;;
    granary) echo "RegistryCore RegistryStorage RegistryAPI RegistryMetadata RegistryService RegistryServer RegistryClient" ;;
    *) echo "UNKNOWN" ;;
  esac
}

for target in Sources/*/; do
  target=$(basename "$target")
  may=$(allowed "$target")
  [ "$may" = UNKNOWN ] && offence "Sources/$target: not in the list of layers of scripts/lint.sh"
  while IFS=: read -r file line import; do
    module=${import##* }
    [[ " $may " == *" $module "* ]] || offence "$file:$line: $target may not import $module"
  done < <(grep -rnE '^[a-z@ ]*import (Registry[A-Za-z]+|SQLiteDriver|PostgresDriver|LocalBlobs|S3Blobs)$' "Sources/$target" --include '*.swift')
done

while IFS=: read -r file line import; do
  offence "$file:$line: RegistryCore imports nothing: ${import}"
done < <(grep -rnE '^[a-z ]*import ' Sources/RegistryCore --include '*.swift')

while read -r file; do
  lines=$(wc -l <"$file")
  limit=400
  [[ $file == Tests/* || $file == Acceptance/* ]] && limit=600
  [ "$lines" -le "$limit" ] || offence "$file: $lines lines, the limit is $limit"
done < <(find Sources Tests Acceptance Benchmarks -name '*.swift' -o -name '*.py' 2>/dev/null | grep -v '/\.')

while read -r file; do
  head -n 2 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' || offence "$file: no SPDX line"
done < <(find Sources Tests -name '*.swift')

forbid() { # pattern, why, where…
  local pattern=$1 why=$2
  shift 2
  while IFS=: read -r file line text; do
    offence "$file:$line: $why: ${text#"${text%%[![:space:]]*}"}"
  done < <(grep -rnE "$pattern" "$@" --include '*.swift')
}

while IFS=: read -r file line import; do
  [[ $file == Sources/PostgresDriver/* ]] || offence "$file:$line: the driver alone knows the C library: $import"
done < <(grep -rnE '^[a-z ]*import CLibPQ' Sources --include '*.swift')

forbid '(^|[^A-Za-z.])Task( \{|\.detached|\()' 'no unstructured tasks' Sources
forbid 'DispatchQueue|DispatchSemaphore|NSLock' 'no Dispatch' Sources
forbid '(^|[^A-Za-z.])(fatalError|try!|as!)' 'no traps' Sources
forbid '@unchecked Sendable|nonisolated\(unsafe\)' 'drivers only' \
  Sources/RegistryCore Sources/RegistryAPI Sources/RegistryMetadata Sources/RegistryService Sources/RegistryHTTP Sources/granary
forbid '(TODO|FIXME)' 'no unfinished work in the code' Sources Tests
find Sources -name '*Utils*' -o -name '*Helper*' -o -name '*Manager*' -o -name '*Misc*' | while read -r file; do
  echo "$file: name it for what it is"
done | grep . >&2 && failures=$((failures + 1))

if [ "$failures" -gt 0 ]; then
  echo "lint: $failures offences" >&2
  exit 1
fi
echo "lint: fine"
