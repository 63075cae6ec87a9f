# The two commands of a person with a fresh checkout are "make run" and "make test"; both install what is missing.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run call test bench uploads format lock clean

FILE ?= src/dragoman/samples/talk.flac
FROM ?= en
TO ?= es ca
OUT ?=
ARGS ?=

help: ## Say what the commands do
	@echo 'Dragoman: calls in which everyone speaks their own language.'
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo '  make run FILE=talk.wav FROM=en TO="es ca" OUT=folder    with a recording of your own'
	@echo '  make test ARGS="tests/unit -k captions"                 with arguments for pytest'

run: ## Install what is missing and interpret a recording: captions and voices in other languages
	@scripts/set_up.sh run
	@scripts/run_sample.sh '$(FILE)' '$(FROM)' '$(TO)' '$(OUT)'

call: ## Install what is missing and start calls on this machine: the address is printed
	@scripts/set_up.sh call
	@.venv/bin/dragoman up

test: ## Install what is missing and run all checks and tests
	@scripts/set_up.sh test
	@scripts/check.sh $(ARGS)

bench: ## Measure the time from speech to caption and voice
	@scripts/set_up.sh test
	@.venv/bin/python benchmarks/latency.py $(ARGS)

uploads: ## Add the decoder for WebM, MP4 and M4A (PyAV, whose wheel carries x264 and x265)
	@mkdir -p .cache && touch .cache/uploads
	@scripts/set_up.sh run

format: ## Put the code into its usual form
	@scripts/set_up.sh test
	@.venv/bin/ruff format --quiet .
	@.venv/bin/ruff check --quiet --fix .

lock: ## Resolve the Python packages anew and write requirements/*.txt
	@scripts/lock.sh $(ARGS)

clean: ## Remove what was installed and made here: .venv, caches, results
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
