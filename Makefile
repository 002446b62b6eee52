# Dusangire: every command of a working day. `make help` prints what stands behind the double hashes.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo check test fast stories format lint types contracts sim crash bench pictures snapshots requirements clean \
        needs needs-stories

VENV := .venv
BIN := $(VENV)/bin
LOCKS := requirements.txt requirements-dev.txt
READY := $(VENV)/ready-$(shell cat $(LOCKS) pyproject.toml .ci/environment | cksum | tr -d ' ')
PYTEST := $(BIN)/python -m pytest --quiet
SEEDS ?= 200
KILLS ?= 100
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
export PYTHONUTF8 := 1

# Tests with real processes share this machine with others: what failed is tried once more, alone, and said aloud.
define tests
$(PYTEST) $(1) || { echo "Once more, what failed:"; $(PYTEST) --last-failed $(subst -n $(JOBS),-n 0,$(1)); }
endef

## help  this list
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST) | \
	    awk '{ name = $$1; sub(/^[^ ]+ +/, ""); printf "  make %-14s%s\n", name, $$0 }'

## demo  a small hospital on this machine: server, consoles, pages (without a terminal: checks itself)
demo: $(READY)
	@if [ -t 0 ]; then $(BIN)/dusangire demo; else $(BIN)/dusangire demo --check; fi

## check  lint, types, contracts and the fast tests: before every commit
check: lint types contracts fast

## test  all there is: check, the slow tests, the demo's walks, stories with browser and terminals, the simulator
test: check stories
	$(MAKE) sim SEEDS=200

## fast  the tests between two edits, on both databases
fast: needs
	$(call tests,-n $(JOBS) --dist worksteal -m "not slow and not story and not browser")

## stories  what the fast tests leave out; those with real processes one after the other
stories: needs-stories
	$(call tests,-n $(JOBS) --dist worksteal -m "slow and not story and not browser")
	$(call tests,-m "story and not browser")
	$(call tests,-m "browser")

## format  puts imports in order and mends what the linter can mend
format: $(READY)
	$(BIN)/ruff check --fix .

## lint  what the linter finds
lint: $(READY)
	$(BIN)/ruff check .

## types  mypy, strict
types: $(READY)
	$(BIN)/mypy

## contracts  who may import whom
contracts: $(READY)
	$(BIN)/lint-imports

## sim  the simulator: make sim SEEDS=200
sim: $(READY)
	$(BIN)/python -m sync.simulation --seeds $(SEEDS)

## crash  real consoles and servers killed with -9, and the power cut: make crash KILLS=100
crash: $(READY)
	$(BIN)/python -m tests.crash --kills $(KILLS)

## bench  measurements, one JSON line a metric
bench: $(READY)
	@$(BIN)/python -m tests.bench

## pictures  takes the pictures of docs/ anew, from the real screens
pictures: $(READY) needs-stories
	$(BIN)/python -m tests.pictures

## snapshots  takes the pictures of all screens anew: look at each before you keep it
snapshots: $(READY)
	$(PYTEST) -n $(JOBS) -m snapshot --snapshot-update

## requirements  writes the hashed requirement files from the .in files
requirements:
	python3 -m venv .locks
	.locks/bin/python -m pip --quiet install pip-tools==7.6.2
	CUSTOM_COMPILE_COMMAND="make requirements" .locks/bin/pip-compile --quiet --generate-hashes --strip-extras \
	    --allow-unsafe --no-annotate --no-emit-index-url --no-emit-find-links -o requirements.txt requirements.in
	CUSTOM_COMPILE_COMMAND="make requirements" .locks/bin/pip-compile --quiet --generate-hashes --strip-extras \
	    --allow-unsafe --no-annotate --no-emit-index-url --no-emit-find-links -o requirements-dev.txt requirements-dev.in

## clean  removes what make made, and nothing else
clean:
	rm -rf $(VENV) .locks .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis *.egg-info

# what tests need from the system, installed where that is possible and asked for where it is not
needs: $(READY)
	@.ci/needs postgresql git

needs-stories: needs
	@.ci/needs chromium tmux

# the virtual environment, brought up to date whenever a file that its name is a sum of has changed
$(READY):
	@.ci/environment $(VENV) $(LOCKS)
	@rm -f $(VENV)/ready-*
	@touch $@
