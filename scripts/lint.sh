#!/usr/bin/env bash
# House rules that the formatter does not know: layers, file lengths, forbidden words. Prints each offence; fails on any.
set -uo pipefail
cd "$(dirname "$0")/.."

failures=0
offence() {
  echo "$1" >&2
  failures=$((failures + 1))
}

# Which modules a target may import beside Swift's own: the project's targets below it, and for a driver its C library.
allowed() {
  local storage="RegistryCore RegistryStorage Loops"
  case "$1" in
    C*) echo "" ;;
    HTTPMessages | CommandLine | RegistryCore) echo "" ;;
    Loops | Log) echo "CLinux" ;;
    Files) echo "Loops CLinux" ;;
    Digests) echo "COpenSSL" ;;
    YAML) echo "CYAML" ;;
    HTTPServer) echo "Loops Files HTTPMessages COpenSSL CNGHTTP2 CLinux" ;;
    HTTPClient) echo "Loops HTTPMessages CCurl COpenSSL CLinux" ;;
    RegistryAPI) echo "RegistryCore" ;;
    RegistryStorage) echo "RegistryCore Loops Files" ;;
    SQLiteDriver) echo "$storage CSQLite" ;;
    PostgresDriver) echo "$storage CLibPQ" ;;
    LocalBlobs) echo "$storage" ;;
    S3Blobs) echo "$storage HTTPClient HTTPMessages Digests" ;;
    RegistryMetadata) echo "RegistryCore RegistryStorage" ;;
    RegistryService) echo "$storage RegistryMetadata Digests" ;;
    RegistryHTTP) echo "$storage RegistryService RegistryAPI HTTPServer HTTPMessages Log" ;;
    RegistryServer) echo "$storage RegistryMetadata RegistryService RegistryAPI RegistryHTTP SQLiteDriver PostgresDriver LocalBlobs S3Blobs HTTPServer HTTPClient HTTPMessages Log Files YAML CLinux" ;;
    RegistryClient) echo "RegistryCore RegistryAPI HTTPClient HTTPMessages Digests Loops Files" ;;
    RegistryTestSupport) echo "$storage RegistryAPI RegistryMetadata RegistryService RegistryHTTP RegistryServer SQLiteDriver PostgresDriver LocalBlobs S3Blobs HTTPClient HTTPServer HTTPMessages Digests Log" ;;
    granary) echo "$storage RegistryAPI RegistryMetadata RegistryService RegistryServer RegistryClient CommandLine Log Files Loops" ;;
    *) echo "UNKNOWN" ;;
  esac
}

for folder in Sources/{CLibraries,Base,Registry}/*/ Sources/granary/; do
  target=$(basename "$folder")
  may=$(allowed "$target")
  [ "$may" = UNKNOWN ] && offence "$folder: not in the list of layers of scripts/lint.sh"
  may="$may Glibc FoundationEssentials Synchronization"
  [ "$target" = RegistryTestSupport ] && may="$may Foundation"
  [ "$target" = RegistryCore ] && may=""
  while IFS=: read -r file line import; do
    import=${import%%//*}
    import=${import%"${import##*[![:space:]]}"}
    module=${import##* }
    module=${module%%.*}
    [[ " $may " == *" $module "* ]] || offence "$file:$line: $target may not import $module"
  done < <(grep -rnE '^[[:space:]]*(@[a-zA-Z_()]+ )?([a-z]+ )?import ((struct|class|enum|protocol|func|typealias|let|var) )?[A-Za-z0-9_.]+[[:space:]]*(//.*)?$' \
    "$folder" --include '*.swift')
done

while read -r file; do
  lines=$(wc -l <"$file")
  limit=400
  [[ $file == Tests/* || $file == Acceptance/* || $file == Fuzz/* ]] && limit=600
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

forbid '(^|[^A-Za-z.])Task( \{|\.detached|\.immediate|\()' 'no unstructured tasks' \
  Sources/Base/{CommandLine,Digests,HTTPMessages,Log,YAML} Sources/Registry Sources/granary
forbid 'DispatchQueue|DispatchSemaphore|NSLock' 'no Dispatch' Sources
forbid '(^|[^A-Za-z.])(fatalError|try!|as!)' 'no traps' Sources
forbid '@unchecked Sendable|nonisolated\(unsafe\)' 'drivers only' \
  Sources/Registry/Registry{Core,API,Metadata,Service,HTTP} Sources/granary
# Statements and their columns change together: rows are read in the order of the columns, never by a number.
forbid '\.(integer|text|bytes|flag|time|digest|optional[A-Z][a-zA-Z]*)\([0-9]' 'read rows with a RowReader' \
  Sources/Registry/RegistryMetadata
forbid 'SQL(Error|Row|Value|Database)' 'no SQL above the service layer' Sources/Registry/RegistryHTTP
forbid '(TODO|FIXME)' 'no unfinished work in the code' Sources Tests
find Sources -name '*Utils*' -o -name '*Helper*' -o -name '*Manager*' -o -name '*Misc*' | while read -r file; do
  echo "$file: name it for what it is"
done | grep . >&2 && failures=$((failures + 1))

if grep -nE '\.package\(' Package.swift >&2; then
  offence "Package.swift: nothing outside this repository is built from source"
fi

if [ "$failures" -gt 0 ]; then
  echo "lint: $failures offences" >&2
  exit 1
fi
echo "lint: fine"
