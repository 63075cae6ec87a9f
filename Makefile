# The two commands of a person with a fresh checkout are "make run" and "make test"; both install what is missing.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run recording test bench quality uploads format lock clean

FILE ?= src/dragoman/samples/talk.flac
FROM ?= en
TO ?= es ca
OUT ?=
MODELS ?=
DATA ?=
ARGS ?=

help: ## Say what the commands do
	@echo 'Dragoman: calls in which everyone speaks their own language.'
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo '  make run ARGS=--lan                                           with the other machines of this network'
	@echo '  make recording FILE=talk.wav FROM=en TO="es ca" OUT=folder    with a recording of your own'
	@echo '  make test ARGS="tests/unit -k captions"                       with arguments for pytest'

run: ## Install what is missing and open a call: the address is printed, Ctrl-C ends it
	@scripts/set_up.sh run
	@exec .venv/bin/dragoman up $(ARGS)

recording: ## Install what is missing and interpret a recording: captions and voices in other languages
	@scripts/set_up.sh recording
	@scripts/run_recording.sh '$(FILE)' '$(FROM)' '$(TO)' '$(OUT)'

test: ## Install what is missing and run all checks and tests
	@scripts/set_up.sh test
	@scripts/check.sh $(ARGS)

bench: ## Measure the time from speech to caption and voice
	@scripts/set_up.sh test
	@.venv/bin/python benchmarks/latency.py $(ARGS)

quality: ## Measure word errors, invented words and delay of MODELS=FOLDER on the recordings of DATA=FOLDER
	@scripts/set_up.sh test
	@.venv/bin/python benchmarks/quality.py --models '$(MODELS)' --data '$(DATA)' $(ARGS)

uploads: ## Add the decoder for WebM, MP4 and M4A (PyAV, whose wheel carries x264 and x265)
	@mkdir -p .cache && touch .cache/uploads
	@scripts/set_up.sh recording

format: ## Put the code into its usual form
	@scripts/set_up.sh test
	@.venv/bin/ruff format --quiet .
	@.venv/bin/ruff check --quiet --fix .

lock: ## Resolve the Python packages anew and write requirements/*.txt
	@scripts/lock.sh $(ARGS)

clean: ## Remove what was installed and made here: .venv, caches, results
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
