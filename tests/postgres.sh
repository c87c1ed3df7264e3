#!/bin/sh
# A private PostgreSQL on the loopback address, for tests only: nothing of it outlives `stop`.
#   tests/postgres.sh there    is there a server to run?
#   tests/postgres.sh start    starts it and prints its DATABASE_URL (FSYNC=on for one that survives a power cut)
#   tests/postgres.sh restart  as after a crash: everything at work is cut off
#   tests/postgres.sh stop
set -eu
root="${TMPDIR:-/tmp}/reknit-postgres-$(id -u)-$(printf '%s' "$(cd "$(dirname "$0")" && pwd)" | cksum | cut -d' ' -f1)"

newest() {
    for found in $(ls -d /usr/lib/postgresql/*/bin /usr/local/pgsql/bin /opt/homebrew/opt/postgresql*/bin 2>/dev/null | sort -rV); do
        [ -x "$found/initdb" ] && echo "$found" && return
    done
    command -v initdb >/dev/null && dirname "$(command -v initdb)"
}
# PostgreSQL refuses to run as root; Debian's package brings a user for it.
as_owner() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

case "$1" in
there)
    [ -n "$(newest)" ] && { [ "$(id -u)" != 0 ] || id postgres >/dev/null 2>&1; }
    ;;
start)
    "$0" stop >/dev/null 2>&1 || true
    bin=$(newest)
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    mkdir -p "$root"
    [ "$(id -u)" != 0 ] || chown postgres "$root"
    cd /
    as_owner "$bin/initdb" -D "$root/data" -U reknit --auth=trust -E UTF8 --locale=C.UTF-8 >"$root/log" 2>&1
    as_owner "$bin/pg_ctl" -D "$root/data" -l "$root/data/server.log" -w start -o \
        "-p $port -k $root -c listen_addresses=127.0.0.1 -c fsync=${FSYNC:-off} -c max_connections=60" >>"$root/log" 2>&1 || {
        cat "$root/log" "$root/data/server.log" >&2
        exit 1
    }
    echo "postgres://reknit@127.0.0.1:$port/postgres"
    ;;
restart)
    cd /
    as_owner "$(newest)/pg_ctl" -D "$root/data" -m immediate -w -l "$root/data/server.log" restart >/dev/null
    ;;
stop)
    [ -d "$root/data" ] || exit 0
    cd /
    as_owner "$(newest)/pg_ctl" -D "$root/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$root"
    ;;
*)
    echo "usage: $0 there|start|restart|stop" >&2
    exit 2
    ;;
esac
