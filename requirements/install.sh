#!/bin/sh
# Makes .venv beside the sources and installs exactly what a lock file names, each file checked by its hash.
#   requirements/install.sh base|dev
set -eu
cd "$(dirname "$0")/.."
which="$1"
lock="requirements/$which.lock"
python="${PYTHON:-python3}"
venv="${VENV:-.venv}"
stamp="$venv/.$which-installed"

# A server may not write beside its code: what it would compile at every start is compiled here, once.
compile() { [ "$which" != base ] || "$venv/bin/python" -m compileall -q "$@" || true; }
seal() { cat "$lock" requirements/installer.lock pyproject.toml | cksum; }
if [ -x "$venv/bin/reknit" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(seal)" ]; then
    compile src
    exit 0
fi

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "Reknit needs Python 3.11 or newer; '$python' is not. Name another with PYTHON=..." >&2
    exit 1
}
if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
        else
            echo "Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv" >&2
            exit 1
        fi
    fi
    echo "Making $venv"
    "$python" -m venv --clear "$venv"
fi
echo "Installing $lock (checked by hash)"
"$venv/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r requirements/installer.lock 2>&1 |
    grep -v '^WARNING: Location' || true
"$venv/bin/uv" pip install -q --python "$venv/bin/python" --require-hashes -r "$lock"
"$venv/bin/uv" pip install -q --python "$venv/bin/python" --no-deps --no-build-isolation -e .
compile src "$venv"/lib/python3*/site-packages
seal >"$stamp"
