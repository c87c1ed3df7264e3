#!/bin/sh
# Brings a Reknit that systemd runs to a newer version; nothing is changed before a backup has proved.
#   sudo deploy/upgrade.sh BACKUP KEY_FILE [VERSION]     VERSION: a tag or commit; the newest if left out
# The new version takes the backup, before its first start: on a copy it tries what it will do to the database.
# Without that, the old version is put back and started again.
set -eu
[ $# -ge 2 ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
backup=$1 key=$2 version=${3:-origin/HEAD}
address=${REKNIT_HEALTH:-http://127.0.0.1:8000/healthz} patience=${REKNIT_PATIENCE:-600}
cd "$(dirname "$0")/.."
before=$(git rev-parse HEAD)

# As the service itself: its account, its variables, no secret in the list of processes.
reknit() {
    systemd-run --quiet --pipe --wait --uid=reknit --property=EnvironmentFile=-/etc/reknit.env \
        --setenv=REKNIT_HOME=/var/lib/reknit "$PWD/.venv/bin/reknit" "$@"
}
install() { git checkout -q --detach "$1" && requirements/install.sh base; }
answers() { .venv/bin/python -c 'import sys, urllib.request as u; u.urlopen(sys.argv[1], timeout=5)' "$address" 2>/dev/null; }

git fetch -q --tags
systemctl stop reknit
if ! { install "$version" && reknit backup "$backup" --key-file "$key"; }; then
    install "$before"
    systemctl start reknit
    echo "Not updated: the version before, $before, runs again, and nothing was changed." >&2
    exit 1
fi
systemctl start reknit
until answers; do
    patience=$((patience - 1))
    [ $patience -gt 0 ] || {
        echo "The new version does not answer: journalctl -u reknit says why. To go back: systemctl stop reknit," >&2
        echo "git checkout $before, requirements/install.sh base, reknit restore $backup --replace, start." >&2
        exit 1
    }
    sleep 1
done
echo "Updated from $before to $(git rev-parse HEAD); the backup of before is $backup"
