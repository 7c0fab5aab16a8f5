#!/usr/bin/env bash
# Set-up and the two first commands. Made for Debian 12 with Python 3.11, as root or with sudo.
#
#   bash run.sh demo    set up, then open the demo cells (without a display: analyse them to files)
#   bash run.sh test    set up for development, then run the tests
#   bash run.sh cover   the same, and which lines they ran: twice as long
#   bash run.sh setup   set up for development only
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null
export DEBIAN_FRONTEND=noninteractive PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1

TORCH="torch==2.13.0" # the pin of pyproject.toml, installed first so that nothing pulls another
PYTHON=.venv/bin/python
# What Qt loads from the system, and one font for text drawn without a display.
QT_PACKAGES=(
    libegl1 libgl1 libxkbcommon0 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libglib2.0-0
    libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0
    libxcb-shape0 libxcb-xinerama0 libxcb-xkb1 libwayland-cursor0 libgssapi-krb5-2
    fonts-dejavu-core
    fonts-droid-fallback
)

say() { printf '%s\n' "== $*"; }
fail() { printf '%s\n' "run.sh: $*" >&2; exit 2; }

installed() { [[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" == installed ]]; }

# Install the missing ones among the named Debian packages.
system_packages() {
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        say "no apt here: going on with the system libraries that are present"
        return
    fi
    local package missing=() root=()
    for package in "$@"; do
        installed "$package" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    if ((EUID != 0)); then
        sudo -n true 2>/dev/null || fail "needs root once: sudo apt-get install ${missing[*]}"
        root=(sudo -n env DEBIAN_FRONTEND=noninteractive)
    fi
    say "installing system packages: ${missing[*]}"
    "${root[@]}" apt-get update -qq
    "${root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# Make .venv and install into it. $1: "run" (to use the program) or "dev" (tests and linters too).
python_packages() {
    local profile=$1 hash target=.
    [[ $profile == dev ]] && target='.[dev]'
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
        fail "needs Python 3.11 or newer as python3"
    hash=$(sha256sum pyproject.toml run.sh | sha256sum)
    if [[ -x $PYTHON ]] && { grep -qsxF "$hash" ".venv/.karyogui-$profile" ||
        grep -qsxF "$hash" .venv/.karyogui-dev; }; then
        return
    fi
    "$PYTHON" -m pip --version >/dev/null 2>&1 || python3 -m venv --clear .venv
    say "installing Python packages into .venv (a few minutes the first time)"
    "$PYTHON" -m pip install --quiet "$TORCH"
    "$PYTHON" -m pip install --quiet --editable "$target"
    printf '%s\n' "$hash" >".venv/.karyogui-$profile"
}

setup() {
    local profile=$1 packages=("${QT_PACKAGES[@]}")
    [[ $profile == dev ]] && packages+=(xvfb)
    command -v python3 >/dev/null || packages+=(python3)
    # Debian's python3 has no ensurepip until python3-venv is there; then `python3 -m venv` fails.
    python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
    system_packages "${packages[@]}"
    python_packages "$profile"
}

demo() {
    setup run
    if [[ -n ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]]; then
        exec "$PYTHON" main.py --demo
    fi
    say "no display: analysing the demo cells to files"
    QT_QPA_PLATFORM=offscreen "$PYTHON" main.py analyse assets/demo/demo-metaphases assets/demo/demo-4*.zip --out demo-output
    say "the karyograms and reports are here:"
    ls -1 "$PWD"/demo-output/*.pdf
}

tests() {
    setup dev
    # A process for each core, four at most: each holds a torch of its own.
    "$PYTHON" -m pytest -n auto --maxprocesses 4 --dist worksteal "$@"
}

case ${1:-} in
    demo) demo ;;
    test) tests ;;
    cover) tests --cov --cov-report=term:skip-covered ;;
    setup) setup dev ;;
    *) fail "usage: bash run.sh demo | test | cover | setup" ;;
esac
