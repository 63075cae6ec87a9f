#!/usr/bin/env bash
# Take the pictures of the tutorial anew, from the test that goes its way: docs/tutorial/pictures.
# They show what `make run` shows; commit them when the page has changed, and look at them first.
set -euo pipefail
cd "$(dirname "$0")/.."

taken=$(mktemp -d)
trap 'rm -rf "$taken"' EXIT
SCREENSHOTS=$taken .venv/bin/python -m pytest -q tests/acceptance/test_browser_looks.py -k one_person_alone
mkdir -p docs/tutorial/pictures
cp "$taken"/first-call-*.png docs/tutorial/pictures/
ls docs/tutorial/pictures
