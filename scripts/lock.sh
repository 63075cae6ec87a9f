#!/usr/bin/env bash
# Resolve every requirement anew and write requirements/*.txt: exact versions, hashes, no addresses.
# One lock serves Python 3.11 to 3.13. Run it after changing dependencies in pyproject.toml or requirements/tools.in;
# recordings.txt has one line, kept by hand. To move one package: scripts/lock.sh --upgrade-package numpy
set -euo pipefail
cd "$(dirname "$0")/.."

uv=.cache/tools/bin/uv
if [[ ! -x $uv ]]; then
    echo "lock: no $uv yet; run 'make test' once, it installs it" >&2
    exit 1
fi

lock() {
    local out=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
        "$@" --output-file "requirements/$out"
    echo "lock: requirements/$out: $(grep --count '==' "requirements/$out") packages"
}

lock tools.txt requirements/tools.in "$@"
lock node.txt requirements/node.in "$@"
lock core.txt pyproject.toml "$@"
lock uploads.txt pyproject.toml --extra uploads --constraint requirements/core.txt "$@"
# The core decides first: a development tool never moves a version that people run.
lock dev.txt pyproject.toml --extra uploads --group dev --constraint requirements/core.txt "$@"
