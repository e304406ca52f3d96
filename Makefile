# The same verbs everywhere. Needs make, python3 (3.11 or later) and its venv module; nothing has to be installed before.
#   make demo      the whole chain on this machine          make test    everything that CI checks
# Variables: PYTHON (the interpreter that makes the environment), VENV (where it goes), OUT (what commands write),
# WORKERS (parallel tests).

PYTHON  ?= python3
VENV    ?= .venv
OUT     ?= out
WORKERS ?= 2

BIN     := $(VENV)/bin
RUN     := $(BIN)/python
PIP     := $(RUN) -m pip --disable-pip-version-check
# a stamp is newer than pyproject.toml when its environment is up to date: then neither pip nor the network is touched
CORE    := $(VENV)/.installed-core
DEV     := $(VENV)/.installed-dev
WHEELS  := $(VENV)/wheels
CACHED  := $(WHEELS)/.complete

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo test lint types unit docs format bench gpu-report doctor clean venv

help: ## show this list
	@echo "usage: make TARGET [PYTHON=python3] [VENV=.venv] [OUT=out] [WORKERS=2]"
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

demo: $(CORE) ## the whole chain: generate a year, run two rule sets, compare the lanes; at most 90 s
	@$(BIN)/gpu-target demo --out $(OUT)/demo

test: $(DEV) $(CACHED) ## everything that CI checks: lint, types, tests, docs, the wheel in a clean environment
	@$(MAKE) --no-print-directory lint types docs
	@echo "== tests"
	@GPU_TARGET_WHEELS="$(abspath $(WHEELS))" $(RUN) -m pytest -q -n $(WORKERS) --dist loadgroup
	@echo "== all checks passed"

lint: $(DEV) ## ruff: rules and formatting
	@echo "== ruff"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(DEV) ## mypy, strict
	@echo "== mypy"
	@$(BIN)/mypy

unit: $(DEV) ## the tests alone
	@$(RUN) -m pytest -q -n $(WORKERS) --dist loadgroup

docs: $(DEV) ## the documentation as HTML, with every warning an error
	@echo "== docs"
	@$(RUN) -m sphinx -W --keep-going -q -d $(OUT)/doctrees -b html docs $(OUT)/docs
	@echo "$(OUT)/docs/index.html"

format: $(DEV) ## rewrite the Python files in the house format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(DEV) ## the benchmarks of benchmarks/
	@$(RUN) -m pytest -q benchmarks --benchmark-enable --benchmark-only

gpu-report: $(DEV) ## on a machine with a card: equality, sanitizer, timings, as OUT/gpu-report.json and .md
	@$(RUN) -m benchmarks.gpu_report --out $(OUT)/gpu-report.json

doctor: $(CORE) ## the environment, and what to do about what is missing
	@$(BIN)/gpu-target doctor

venv: $(DEV) ## the environment with everything for development

clean: ## remove what was built; the environment stays (rm -r .venv removes it)
	@rm -rf $(OUT) dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis .benchmarks docs/reference/generated
	@find gpu_target synthetic tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +

# A Python without ensurepip (Debian splits it off) or too old is told here, before half an environment exists.
$(RUN):
	@command -v $(PYTHON) >/dev/null || { \
	  echo "make: no $(PYTHON) here. Install Python 3.11 or later (apt install python3 python3-venv) or name one: make PYTHON=/path/to/python3" >&2; exit 4; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: $(PYTHON) is $$($(PYTHON) -V 2>&1), Python 3.11 or later is needed. Name another: make PYTHON=python3.12" >&2; exit 4; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "make: $(PYTHON) cannot make environments (its venv or ensurepip module is missing)." >&2; \
	  echo "      On Debian and Ubuntu: apt install python3-venv" >&2; exit 4; }
	@echo "== making $(VENV) with $$($(PYTHON) -V 2>&1)"
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 4; }

$(CORE): pyproject.toml | $(RUN)
	@echo "== installing gpu-target and its libraries into $(VENV): about 250 MB to download, once"
	@$(PIP) install --editable .
	@touch $@

$(DEV): pyproject.toml | $(RUN)
	@echo "== installing gpu-target with its tools for tests and documentation into $(VENV): about 430 MB to download, once"
	@$(PIP) install --editable '.[dev]'
	@touch $(CORE) $@

# The libraries as wheels, in the versions just installed: the clean environment that tries our own wheel is filled from
# this folder, so that a second `make test` needs no network.
$(CACHED): pyproject.toml | $(DEV)
	@echo "== keeping the wheels of the libraries in $(WHEELS), for the clean environment that tries ours"
	@mkdir -p $(WHEELS)
	@$(PIP) freeze --exclude-editable > $(VENV)/constraints.txt
	@$(PIP) wheel --quiet --constraint $(VENV)/constraints.txt --wheel-dir $(WHEELS) \
	  $$($(RUN) tests/packaging/requirements.py)
	@touch $@
