#!/bin/sh
# Everything that CI runs. Installs Chromium and PostgreSQL when it can (root on Debian); otherwise says what it
# leaves out. Every part runs even when an earlier one failed; the exit status is that of the worst.
set -u
cd "$(dirname "$0")/.."
bin=.venv/bin
failed=""
part() {
    title="$1"
    shift
    printf '\n== %s\n' "$title"
    "$@" || failed="$failed [$title]"
}
can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }
install() { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null; }

requirements/install.sh dev || exit 1
$bin/python -c 'from reknit.trust import warm; warm()' || failed=" [compiling the kernels]"
part "Style, types, import rules" make -s lint
printf '\n== Known vulnerabilities\n'
$bin/python requirements/audit.py || [ $? = 3 ] || failed="$failed [known vulnerabilities]"

if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && can_install; then
    install chromium
fi
if command -v chromium >/dev/null || command -v chromium-browser >/dev/null; then
    part "In a browser" $bin/python -m pytest -m browser -n 2 tests/browser tests/web
else
    printf '\n== LEFT OUT: the browser tests; they need Chromium\n'
fi

if ! command -v xgettext >/dev/null && can_install; then install gettext; fi
command -v xgettext >/dev/null || printf '\n== LEFT OUT: whether every string is in the catalogues; it needs GNU gettext\n'

if ! tests/postgres.sh there && can_install; then install postgresql; fi
if tests/postgres.sh there && url=$(tests/postgres.sh start); then
    trap 'tests/postgres.sh stop' EXIT INT TERM
    part "On PostgreSQL" env DATABASE_URL="$url" $bin/python -m pytest -n 2 --database-only tests/unit tests/web
else
    printf '\n== LEFT OUT: the same tests on PostgreSQL; they need its server\n'
fi

part "Everything else, on SQLite" env -u DATABASE_URL $bin/python -m pytest -n 2
if [ -n "$failed" ]; then
    printf '\nFAILED:%s\n' "$failed"
    exit 1
fi
