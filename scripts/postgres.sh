#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A private PostgreSQL server for tests: all its files in one folder, on loopback, with passwords and with every sync on.
#
#   scripts/postgres.sh start DIR        start it, creating what is missing; prints lines for the shell to evaluate
#   scripts/postgres.sh stop DIR         stop it; the data stays
#   scripts/postgres.sh kill DIR         end it as a power cut would
#   scripts/postgres.sh run COMMAND…     run a command beside a new server, which is removed afterwards
#
# GRANARY_TEST_POSTGRES is the URL of an empty database for the tests, whose user may create databases and is no
# superuser; GRANARY_TEST_POSTGRES_ADMIN is the superuser's. POSTGRES_OPTIONS has further settings, such as
# "-c max_connections=20". As root, the server runs as the user postgres, who must be able to reach DIR.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

fail() {
    echo "postgres: $*" >&2
    exit 1
}

prepare() {
    dir="$(realpath -m -- "$1")"
    "$root/scripts/install-packages.sh" postgresql libpq-dev >&2
    bin="$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)"
    [[ -x "$bin/postgres" ]] || fail "there is no PostgreSQL server below /usr/lib/postgresql"
    server=()
    mkdir -p "$dir"
    if [[ "$(id -u)" -eq 0 ]]; then
        server=(runuser -u postgres --)
        chown postgres "$dir"
    fi
    "${server[@]}" test -w "$dir" || fail "the server's user cannot reach $dir: open the folders above it, or choose another one"
}

# The server runs when the process that it wrote down works in our folder.
is_running() {
    local pid
    pid="$(head -n 1 "$dir/data/postmaster.pid" 2>/dev/null)" || return 1
    [[ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" == "$dir/data" ]]
}

free_port() {
    local port
    while port=$((20000 + RANDOM % 12000)); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}

create() {
    local new="$dir/new"
    rm -rf "$new" "$dir/data"
    (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$dir/password" && echo >>"$dir/password")
    [[ ${#server[@]} -eq 0 ]] || chown postgres "$dir/password"
    # Texts sort as people expect them to, so that a test fails where the registry relies on another order.
    "${server[@]}" "$bin/initdb" -D "$new" -U postgres --pwfile="$dir/password" --auth=scram-sha-256 --encoding=UTF8 \
        --locale=C.UTF-8 --locale-provider=icu --icu-locale=en --data-checksums >"$dir/initdb.log" 2>&1 ||
        { cat "$dir/initdb.log" >&2 && fail "initdb failed"; }
    mv "$new" "$dir/data"
}

# Runs a command that stays, without any file or pipe that the caller has open besides the standard ones.
detached() (
    for file in /proc/"$BASHPID"/fd/*; do
        number="${file##*/}"
        [[ "$number" -le 2 || "$number" -eq 255 ]] || eval "exec $number>&-"
    done
    exec "$@"
)

url() { # user, database
    echo "postgres://$1:$(<"$dir/password")@127.0.0.1:$(<"$dir/port")/$2"
}

start() {
    prepare "$1"
    [[ -d "$dir/data" ]] || create
    [[ -s "$dir/port" ]] || free_port >"$dir/port"
    if ! is_running; then
        # What a killed server left behind would keep the next one from starting.
        "${server[@]}" rm -f "$dir/data/postmaster.pid"
        detached "${server[@]}" "$bin/pg_ctl" -D "$dir/data" -l "$dir/data/server.log" -w -t 60 start -o \
            "-c listen_addresses=127.0.0.1 -c port=$(<"$dir/port") -c unix_socket_directories='' -c max_connections=200 \
            -c fsync=on -c full_page_writes=on -c dynamic_shared_memory_type=mmap ${POSTGRES_OPTIONS:-}" \
            >"$dir/start.log" 2>&1 || { tail -n 20 "$dir/start.log" "$dir/data/server.log" >&2 && fail "the server did not start"; }
    fi
    if [[ ! -e "$dir/ready" ]]; then
        "$bin/psql" -X -q -v ON_ERROR_STOP=1 -v password="$(<"$dir/password")" "$(url postgres postgres)" >&2 <<'SQL'
CREATE ROLE granary LOGIN CREATEDB PASSWORD :'password';
CREATE DATABASE granary OWNER granary;
SQL
        touch "$dir/ready"
    fi
    echo "export GRANARY_TEST_POSTGRES='$(url granary granary)'"
    echo "export GRANARY_TEST_POSTGRES_ADMIN='$(url postgres postgres)'"
}

stop() { # folder, mode of pg_ctl
    prepare "$1"
    ! is_running || "${server[@]}" "$bin/pg_ctl" -D "$dir/data" -w -t 60 -m "$2" stop >/dev/null
}

kill_server() {
    prepare "$1"
    is_running || return 0
    local pid
    pid="$(head -n 1 "$dir/data/postmaster.pid")"
    kill -KILL "$pid"
    # Its children end by themselves; until then nobody else may use the data.
    while readlink /proc/[0-9]*/cwd 2>/dev/null | grep -qxF "$dir/data"; do sleep 0.05; done
}

run() {
    local own
    own="$(mktemp -d "${TMPDIR:-/tmp}/granary-postgres.XXXXXX")"
    chmod 755 "$own"
    # shellcheck disable=SC2064
    trap "'$root/scripts/postgres.sh' stop '$own'; rm -rf '$own'" EXIT
    local settings
    settings="$(start "$own")"
    eval "$settings"
    "$@"
}

case "${1:-}" in
start) [[ $# -eq 2 ]] && start "$2" ;;
stop) [[ $# -eq 2 ]] && stop "$2" fast ;;
kill) [[ $# -eq 2 ]] && kill_server "$2" ;;
run) [[ $# -ge 2 ]] && shift && run "$@" ;;
*) fail "say start DIR, stop DIR, kill DIR or run COMMAND" ;;
esac
