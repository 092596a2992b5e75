# Istmo: everything a person or a build server does here. `make` alone lists it.
# Only make and Python 3.11 or newer are assumed; uv is used when it is there.

PYTHON  ?= python3
VENV    := .venv
BIN     := $(VENV)/bin
STAMP   := $(VENV)/.installed
JOBS    ?= 2
ONLY    ?=
export UV_COMPILE_BYTECODE = 1

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow check lint types imports models kill-matrix wrong-runtimes mutants expected bench figures clean

help:  ## list what can be made
	@echo "Istmo: make WHAT"
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1|\2/' \
	  | awk -F'|' '{ printf "%-16s%s\n", $$1, $$2 }'

demo: $(STAMP)  ## serve a right and a wrong service, judge both, show the verdicts
	@$(BIN)/istmo demo

test: lint types imports $(STAMP)  ## everything that must be green: style, types, layers, tests
	$(BIN)/pytest -n $(JOBS) --dist worksteal -m "not slow"

test-slow: $(STAMP)  ## the long runs
	$(BIN)/pytest -n $(JOBS) --dist worksteal -m slow

check: lint types imports models  ## what takes no running service: style, types, layers, generated models

lint: $(STAMP)  ## style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)  ## types of code and tests
	$(BIN)/mypy

imports: $(STAMP)  ## who may import whom
	$(BIN)/lint-imports

models: $(STAMP)  ## are the generated models those of the specifications
	$(BIN)/python -m istmo.spec.models --check

kill-matrix: $(STAMP)  ## judge every wrong service: each must fall by its own requirement
	$(BIN)/python -m tests.wrong_services $(ONLY)

wrong-runtimes: $(STAMP)  ## judge every wrong runtime: each must fall by the tests that hold its requirement
	$(BIN)/python -m tests.wrong_runtimes $(ONLY)

mutants: $(STAMP)  ## change rules, state, money and authorization in one place each: the share that the suite finds
	$(BIN)/python -m tests.mutants $(NUMBER)

expected: $(STAMP)  ## write down anew what the suite says of the reference, and show what changed
	$(BIN)/python -m tests.conformance.expected $(ONLY)

bench: $(STAMP)  ## measure, side by side (ONLY=name for one)
	$(BIN)/python -m tests.bench $(ONLY)

figures: $(STAMP)  ## every figure that a document claims: name, value, unit, target, ok or short
	@SLOW=$(SLOW) $(BIN)/python -m tests.bench $(ONLY)

clean:  ## remove what was made here, the virtual environment included
	rm -rf $(VENV) build dist reports mutants .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Istmo needs Python 3.11 or newer; name one with PYTHON=..." >&2; exit 2; }
	@if command -v uv >/dev/null 2>&1; then \
	  { test -x $(BIN)/python || uv venv --quiet --python $(PYTHON) $(VENV); } \
	  && uv pip install --quiet --python $(BIN)/python --editable '.[dev]'; \
	else \
	  { test -x $(BIN)/python || $(PYTHON) -m venv $(VENV); } \
	  && $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'; \
	fi
	@touch $@
