# Two commands: `make run` and `make test`. Everything else is listed by `make help`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help run run-https test check soak bench docs lock journeys clean

help:        ## this list
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/: .*## /\t/' | expand -t 14

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (Debian: apt install python3 python3-venv make)"; exit 1; }
	@echo "making the environment …"
	@$(PYTHON) -m venv .venv || { echo "the venv module is needed (Debian: apt install python3-venv)"; exit 1; }
	@touch $@

.venv/run-ready: .venv/made requirements/run.txt pyproject.toml $(wildcard src/twoparks/site/locale/*/LC_MESSAGES/*.po)
	@echo "installing locked dependencies …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@$(BIN)/python tools/catalogues.py compile
	@touch $@

.venv/test-ready: .venv/run-ready requirements/dev.txt
	@echo "installing locked development dependencies …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

run: .venv/run-ready        ## start both parks with demonstration data
	@exec $(BIN)/twoparks run

run-https: .venv/run-ready  ## the same over https, for phones
	@exec $(BIN)/twoparks run --https

test: check                 ## everything: gate, tests on both databases, browser journeys
	@$(BIN)/python tools/run_tests.py

check: .venv/test-ready     ## format, lint, types, import contracts, catalogues, docs
	@$(BIN)/ruff format --check -q .
	@$(BIN)/ruff check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tools/catalogues.py check
	@$(BIN)/python tools/docs.py check
	@echo "check: format, lint, types, imports, catalogues and generated pages hold"

soak: .venv/test-ready      ## long runs kept out of test; the longest goes on where Ctrl-C stopped it
	@$(BIN)/python -m pytest -m soak tests
	@$(BIN)/python -m tests.laws.soak

.venv/bench-ready: .venv/test-ready requirements/bench.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

bench: .venv/bench-ready    ## measure against alternatives
	@$(BIN)/python -m bench

docs: .venv/run-ready       ## write the generated pages anew
	@$(BIN)/python tools/docs.py

lock: .venv/made            ## resolve the requirement locks anew
	@$(BIN)/pip install --quiet --disable-pip-version-check uv
	@$(BIN)/python -m uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q -o requirements/dev.txt
	@$(BIN)/python -m uv pip compile pyproject.toml -c requirements/dev.txt --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q -o requirements/run.txt
	@$(BIN)/python -m uv pip compile pyproject.toml --extra bench -c requirements/dev.txt --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q -o requirements/bench.txt

clean:                      ## forget environment, databases and keys made here
	rm -rf .venv var
