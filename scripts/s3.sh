#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A private S3 store for tests: Ceph's radosgw with one monitor and one disk in a file, on 127.0.0.1, below DIR.
#
#   scripts/s3.sh start DIR   starts what does not run, keeps the content, prints lines to `export`
#   scripts/s3.sh stop DIR    ends what this script started there; the content stays
#
# S3_SIZE is how large a new store may grow (8G when absent). The daemons trust one another without keys, so that such
# a store must never have another address than the loopback one.
set -euo pipefail
umask 077

die() {
  echo "s3: $*" >&2
  exit 1
}

[[ $# -eq 2 && ($1 == start || $1 == stop) ]] || die "usage: scripts/s3.sh start|stop DIR"
scripts=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
bucket=granary
unset CEPH_ARGS CEPH_CONF CEPH_KEYRING

# Waits up to a number of seconds until a command succeeds.
wait_for() {
  local ticks=$(($1 * 10))
  shift
  until "$@"; do
    ticks=$((ticks - 1))
    [[ $ticks -gt 0 ]] || return 1
    sleep 0.1
  done
}

# The process that was started under a name, while it is still that one: its command line names our folder.
pid_of() {
  local pid line
  pid=$(head -n 1 "$dir/run/$1.pid" 2>/dev/null) && [[ -n $pid ]] || return 1
  line=$({ tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null) || return 1
  [[ $line == *"$dir/"* ]] && echo "$pid"
}

# Also true of a process that has ended but was not waited for by its parent.
is_gone() { ! grep -q '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status" 2>/dev/null; }

# radosgw hangs at times on its way out, and a stopped process does not end at all: then it is killed.
end() {
  local pid
  if pid=$(pid_of "$1"); then
    kill -TERM "$pid" && kill -CONT "$pid"
    wait_for 15 is_gone "$pid" || { kill -KILL "$pid" && wait_for 10 is_gone "$pid"; }
  fi
  rm -f "$dir/run/$1.pid"
}

stop_all() { for name in client osd mon; do end "$name"; done; }

# Runs a step silently; when it fails, shows the end of what it said.
step() {
  "$@" >>"$dir/log/start.log" 2>&1 9>&- || {
    tail -n 12 "$dir/log/start.log" >&2
    die "$1 failed; see $dir/log"
  }
}

is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Takes a port for radosgw and the twenty after it for the inside, below those that outgoing connections use.
choose_ports() {
  local try offset
  for try in {1..50}; do
    port=$((10000 + (RANDOM % 900) * 22))
    for offset in {0..20}; do is_free $((port + offset)) || continue 2; done
    return
  done
  die "no free ports were found in $try tries"
}

random_hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

configuration() {
  cat <<CONFIGURATION
[global]
fsid = $1
mon_host = [v2:127.0.0.1:$((port + 1))]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_msgr1 = false
ms_bind_port_min = $((port + 2))
ms_bind_port_max = $((port + 20))
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
# Without keys there is no encryption either, and radosgw would wait minutes for an encrypted link to the monitor.
ms_mon_client_mode = crc
run_dir = $dir/run
admin_socket = $dir/run/\$name.asok
pid_file = $dir/run/\$type.pid
log_file = $dir/log/\$type.log
crash_dir = $dir/log
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 8
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
# A disk may read for four fifths of this without asking others. One that was stopped for longer (16 s by default) never
# again does what came while it was: without others nobody prolongs the lease in time.
osd_heartbeat_grace = 3600
mon_allow_pool_size_one = true
# The first start makes pools one after another, each after this pause.
paxos_propose_interval = 0.05
paxos_min_wait = 0.01
mon_data_avail_warn = 2
mon_data_avail_crit = 1
[mon]
mon_data = $dir/mon
[osd]
osd_data = $dir/osd
osd_objectstore = bluestore
bluestore_block_size = $(numfmt --from=iec "${S3_SIZE:-8G}")
osd_memory_target = 939524096
[client]
rgw_data = $dir/rgw
rgw_frontends = beast endpoint=127.0.0.1:$port
rgw_thread_pool_size = 128
rgw_gc_obj_min_wait = 60
rgw_gc_processor_period = 60
CONFIGURATION
}

# Makes an empty store; whatever a start that was cut off left behind goes.
make_store() {
  local fsid disk
  stop_all
  rm -rf "$dir"/{mon,osd,rgw}
  mkdir -p "$dir"/{mon,osd,rgw}
  choose_ports
  fsid=$(cat /proc/sys/kernel/random/uuid)
  disk=$(cat /proc/sys/kernel/random/uuid)
  configuration "$fsid" >"$dir/ceph.conf"
  printf 'port=%s\naccess_key=%s\nsecret_key=%s\n' "$port" "$(random_hex 10)" "$(random_hex 20)" >"$dir/values"
  step monmaptool --create --clobber --fsid "$fsid" --addv a "[v2:127.0.0.1:$((port + 1))]" "$dir/mon.map"
  step ceph-mon -c "$dir/ceph.conf" -i a --mkfs --monmap "$dir/mon.map"
  step ceph-mon -c "$dir/ceph.conf" -i a
  step ceph -c "$dir/ceph.conf" --connect-timeout 60 osd new "$disk" 0
  step ceph-osd -c "$dir/ceph.conf" -i 0 --mkfs --osd-uuid "$disk"
}

answers() { curl -sf -m 5 -o /dev/null "http://127.0.0.1:$port/"; }

make_bucket() {
  local date signature status
  step radosgw-admin -c "$dir/ceph.conf" -n client.admin user create \
    --uid granary --display-name granary --access-key "$access_key" --secret-key "$secret_key"
  # The old, short signature needs no more than openssl.
  date=$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S GMT')
  signature=$(printf 'PUT\n\n\n%s\n/%s' "$date" "$bucket" | openssl dgst -sha1 -hmac "$secret_key" -binary | base64)
  status=$(curl -s -o /dev/null -w '%{http_code}' -X PUT -H "Date: $date" \
    -H "Authorization: AWS $access_key:$signature" "http://127.0.0.1:$port/$bucket")
  [[ $status == 200 ]] || die "the bucket could not be made: HTTP $status"
}

start() {
  "$scripts/install-packages.sh" ceph-mon ceph-osd radosgw ceph-common curl openssl >&2
  local new=
  if [[ ! -e $dir/made ]]; then
    new=1
    make_store
  fi
  # shellcheck source=/dev/null
  source "$dir/values"
  pid_of mon >/dev/null || step ceph-mon -c "$dir/ceph.conf" -i a
  pid_of osd >/dev/null || step ceph-osd -c "$dir/ceph.conf" -i 0
  pid_of client >/dev/null || step radosgw -c "$dir/ceph.conf" -n client.rgw
  wait_for 120 answers || die "radosgw does not answer on port $port; see $dir/log"
  if [[ -n $new ]]; then
    make_bucket
    touch "$dir/made"
  fi
  cat <<LINES
GRANARY_TEST_S3_ENDPOINT=http://127.0.0.1:$port
GRANARY_TEST_S3_REGION=us-east-1
GRANARY_TEST_S3_BUCKET=$bucket
GRANARY_TEST_S3_ACCESS_KEY=$access_key
GRANARY_TEST_S3_SECRET_KEY=$secret_key
LINES
}

[[ $1 == start || -d $2 ]] || exit 0
mkdir -p "$2/run" "$2/log"
dir=$(realpath "$2")
exec 9>"$dir/.lock"
flock -w 300 9 || die "another run of this script holds $dir"
case $1 in
  start) start ;;
  stop) stop_all ;;
esac
