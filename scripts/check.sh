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
.venv/bin/python -m pytest "$@" || failed+=("pytest")

if ((${#failed[@]} > 0)); then
    printf 'check: failed: %s\n' "${failed[@]}" >&2
    exit 1
fi
