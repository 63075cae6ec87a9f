#!/usr/bin/env bash
# Install what "make recording", "make run" or "make test" needs: scripts/set_up.sh recording|run|test. What is there
# already is left alone.
#
# In order: Debian packages (requirements/debian.txt), uv and hatchling in .cache/tools, the locked Python packages
# and the project itself in .venv; for "run" and "test" the media server and the page; for "test" the human recordings
# in .cache/recordings.
# A stamp is written after the last step and removed before the first, so an interrupted set-up is done again.
# Everything that the steps say goes to .cache/set-up.log; the screen gets one line per step.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly log=.cache/set-up.log
readonly stamp=.venv/.set-up
readonly tools=.cache/tools/bin
readonly pythons="python3 python3.13 python3.12 python3.11"

main() {
    local purpose=${1:-}
    if [[ $purpose != recording && $purpose != run && $purpose != test ]]; then
        echo "set-up: say what for: scripts/set_up.sh recording, run or test" >&2
        exit 2
    fi
    mkdir -p .cache
    if type flock &>/dev/null; then
        exec 9>.cache/set-up.lock
        flock 9  # two set-ups at once, "make run" and "make test", would install over each other
    fi
    : >"$log"

    debian_packages "$purpose"
    # Whoever has the development tools keeps them: they are the core and more.
    local packages=core
    [[ -e .cache/uploads ]] && packages=uploads  # asked for by "make uploads"
    if [[ $purpose == test || -e .venv/bin/pytest ]]; then
        packages=dev
    fi
    local wanted
    wanted="$packages $(fingerprint)"
    if [[ -x .venv/bin/python && -x .venv/bin/dragoman && $(cat "$stamp" 2>/dev/null) == "$wanted" ]]; then
        say "Python packages ($packages) are up to date"
    else
        python_packages "$packages"
        echo "$wanted" >"$stamp"
    fi
    if [[ $purpose != recording ]]; then
        step "media server (livekit-server), two minutes if it has to be built" scripts/install_livekit.sh
        step "page" scripts/build_web.sh
    fi
    if [[ $purpose == test ]]; then
        human_recordings
    fi
}

say() { echo "set-up: $*"; }

# step WHAT COMMAND...: run the command with its output in the log and one line on the screen; return its status.
# Never call it in a condition ("if step", "step ||"): bash would then go on after an error within the command.
step() {
    local what=$1 began=$SECONDS status
    shift
    printf 'set-up: %s ... ' "$what"
    echo "== $what" >>"$log"
    set +e
    (
        set -e
        "$@"
    ) >>"$log" 2>&1 </dev/null
    status=$?
    set -e
    if ((status == 0)); then
        echo "done, $((SECONDS - began)) s"
    else
        echo "FAILED"
        echo "    the end of $log:"
        tail -n 15 "$log" | sed 's/^/    | /'
    fi
    return "$status"
}

# As step, but go on after a failure; the caller looks at what is there then.
try_step() {
    set +e
    (step "$@")
    set -e
}

# --- Debian packages

debian_packages() {
    local purpose=$1 missing
    if ! type apt-get dpkg-query &>/dev/null; then
        local program
        for program in espeak-ng apertium $([[ $purpose == test ]] && echo flite shellcheck ip chromium firefox-esr); do
            type "$program" &>/dev/null || say "no $program here; install it (Debian's names: requirements/debian.txt)"
        done
        return
    fi
    missing=$(missing_packages "$purpose")
    if [[ -z $missing ]]; then
        say "Debian packages are up to date"
        return
    fi
    # shellcheck disable=SC2086  # names without blanks
    install_packages $missing
    missing=$(missing_packages "$purpose")
    if [[ -n $missing ]]; then
        say "going on without ${missing//$'\n'/ }"
    fi
}

missing_packages() {
    local names installed
    names=$(awk -v test="$([[ $1 == test ]] && echo yes)" '$1 == "run" || ($1 == "test" && test) {print $2}' \
        requirements/debian.txt | sort)
    # It exits with 1 when one of the names is unknown, which is a finding here, not a failure.
    # shellcheck disable=SC2086
    installed=$(dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' $names 2>/dev/null || true)
    comm -23 <(echo "$names") <(awk '$1 == "installed" {print $2}' <<<"$installed" | sort)
}

# install_packages NAME...: as root or through sudo; without either say which command would do it. Never fails.
install_packages() {
    local as_root=()
    if ((EUID != 0)); then
        if ! sudo -n true &>/dev/null; then
            say "Debian packages are missing, and this user may not install them. As root:"
            echo "    apt-get update && apt-get install --no-install-recommends $*"
            return 0
        fi
        as_root=(sudo -n)
    fi
    try_step "Debian packages: $*" apt_install "${as_root[@]}" -- "$@"
}

# apt_install [sudo -n] -- NAME...
apt_install() {
    local as_root=() names=() name
    while [[ $1 != -- ]]; do
        as_root+=("$1")
        shift
    done
    shift
    local get=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
    apt-cache show "$@" >/dev/null 2>&1 || "${get[@]}" update
    for name in "$@"; do  # one name that a release does not have must not keep out the others
        if apt-cache show "$name" >/dev/null 2>&1; then
            names+=("$name")
        else
            echo "this release has no package $name"
        fi
    done
    ((${#names[@]} > 0))
    if ! "${get[@]}" install --no-install-recommends "${names[@]}"; then
        "${get[@]}" update  # an old list names files that the mirror has replaced since
        "${get[@]}" install --no-install-recommends "${names[@]}"
    fi
}

# --- Python

# What the environment depends on, besides "core" or "dev". The path is in it because programs in .venv carry it.
fingerprint() {
    { pwd && cat requirements/*.txt pyproject.toml src/dragoman/__init__.py scripts/set_up.sh; } | sha256sum | cut -c 1-32
}

python_packages() {
    local packages=$1 python
    rm -f "$stamp"
    use_the_index_of_pip
    if ! python=$(find_python); then
        install_packages python3 python3-venv
        if ! python=$(find_python); then
            say "no Python 3.11, 3.12 or 3.13 here (looked for: $pythons). Install one: 3.14 has no wheel of PocketSphinx yet"
            exit 1
        fi
    fi
    if [[ $(cat .cache/tools/.set-up 2>/dev/null) != "$(sha256sum <requirements/tools.txt)" ]] || ! "$tools/python" -c '' 2>/dev/null; then
        has_venv "$python" || install_packages "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
        if ! has_venv "$python"; then
            say "$python cannot make environments; install python3-venv"
            exit 1
        fi
        step "installers (uv, hatchling)" install_tools "$python"
    fi
    step "Python packages ($packages), about a minute" sync_environment "$python" "$packages"
    step "dragoman itself, editable" install_project
}

find_python() {
    local candidate
    for candidate in $pythons; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' &>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

has_venv() { "$1" -c 'import ensurepip, venv' &>/dev/null; }

# Whoever gets packages through a mirror has told pip so; uv reads a variable of its own.
use_the_index_of_pip() {
    if [[ -n ${PIP_INDEX_URL:-} && -z ${UV_DEFAULT_INDEX:-} ]]; then
        export UV_DEFAULT_INDEX=$PIP_INDEX_URL
    fi
}

install_tools() {
    rm -rf .cache/tools .cache/tools.new
    "$1" -m venv .cache/tools.new
    .cache/tools.new/bin/python -m pip install --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
        --requirement requirements/tools.txt
    sha256sum <requirements/tools.txt >.cache/tools.new/.set-up
    mv .cache/tools.new .cache/tools  # only python and uv in it are called, and both can be moved
}

sync_environment() {
    local python=$1 packages=$2
    # A moved checkout, or a Python that the system has replaced: programs in .venv would not start.
    if ! grep -qsF "$PWD/.venv" .venv/bin/activate || ! .venv/bin/python -c '' 2>/dev/null; then
        rm -rf .venv
        "$tools/uv" venv --no-python-downloads --python "$(type -P "$python")" .venv
    fi
    "$tools/uv" pip sync --python .venv/bin/python --require-hashes --no-build --compile-bytecode "requirements/$packages.txt"
}

# hatchling is called here instead of by uv, so that building the project asks no index for its build system.
install_project() {
    rm -rf .cache/project
    "$tools/python" -m hatchling build --target wheel:editable --directory .cache/project
    "$tools/uv" pip install --python .venv/bin/python --no-index --no-deps --reinstall .cache/project/*.whl
}

# --- what only the tests need

human_recordings() {
    if [[ -e .cache/recordings/COMPLETE ]]; then
        say "human recordings are up to date"
        return
    fi
    try_step "human recordings (LibriVox)" .venv/bin/python tests/recordings.py
    [[ -e .cache/recordings/COMPLETE ]] || say "going on; the tests that need human recordings will fail"
}

main "$@"
