#!/usr/bin/env bash
# Run every check of "make test": form, types, imports between the floors, then the tests. Arguments go to pytest.
#
# All of them run even if one fails, so that one run tells everything. pytest comes last: its summary closes the output.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=()
check() {
    local what=$1 output
    shift
    printf 'check: %s ... ' "$what"
    if output=$("$@" 2>&1); then
        echo "passed"
    else
        echo "FAILED"
        echo "$output"
        failed+=("$what")
    fi
}

check "ruff (faults)" .venv/bin/ruff check
check "ruff (form; 'make format' repairs it)" .venv/bin/ruff format --check
check "mypy" .venv/bin/mypy
check "import floors" .venv/bin/lint-imports
check "page (types, lint, tests, build)" scripts/build_web.sh check

# With "python -m" the tests can import tests/recordings.py and other modules beside them.
found=0
run_tests() {
    local status=0
    .venv/bin/python -m pytest "$@" || status=$?
    # 5: nothing here fits the arguments; it may be elsewhere.
    ((status == 5)) || found=1
    ((status == 0 || status == 5)) || failed+=("pytest")
}

names_tests() {
    local argument
    for argument in "$@"; do
        [[ $argument != -* && -e ${argument%%::*} ]] && return 0
    done
    return 1
}

if names_tests "$@"; then
    run_tests "$@"
else
    # What runs in one process has a worker per core; what starts calls and services has the machine to itself.
    cores=$(nproc)
    run_tests --numprocesses "$((cores < 4 ? cores : 4))" --dist loadfile "$@" tests/unit tests/contract
    run_tests "$@" tests/integration tests/hostile tests/faults tests/acceptance
fi
((found)) || failed+=("pytest (no test fits the arguments)")

if ((${#failed[@]} > 0)); then
    printf 'check: failed: %s\n' "${failed[@]}" >&2
    exit 1
fi
