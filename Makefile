# Engage. `make run` starts a site, `make test` tests everything, `make help` lists the rest.

PY := $(or $(PY),$(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done))
BIN := .venv/bin
UV_VERSION := 0.13.9
# One more than the cores of a small machine: the tests with real servers and kills mostly wait.
TEST_PROCESSES ?= 3

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup run serve worker test test-setup texts check bench bench-large lock

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{ printf "make %-11s %s\n", $$1, $$2 }'

# uv is quick; where it cannot reach the packages, pip installs the same pins.
define install
	@test -n "$(PY)" || { echo "Engage needs Python 3.11 or newer: install it and try again." >&2; exit 1; }
	@test -x $(BIN)/python || $(PY) -m venv .venv
	@echo "installing $(1) into .venv"
	@{ { test -x $(BIN)/uv || $(BIN)/python -m pip install -q "uv==$(UV_VERSION)"; } \
		&& $(BIN)/uv pip install -q --python $(BIN)/python -r $(1); } \
		|| $(BIN)/python -m pip install -q -r $(1)
	@touch $@
endef

.venv/.ok: requirements.txt
	$(call install,requirements.txt)

.venv/.test-ok: tests/requirements.txt
	$(call install,tests/requirements.txt)

setup: .venv/.ok  ## make .venv and install what Engage runs on; say what the system lacks
	@$(BIN)/python -m engage.drawing.libraries

run: .venv/.ok  ## start the site and the worker at http://127.0.0.1:8000 (PORT=… for another port)
	@exec $(BIN)/python -m tools.run_site

serve: .venv/.ok  ## start the site alone, with the settings of the environment
	@exec $(BIN)/python -m tools.run_site --only serve

worker: .venv/.ok  ## start the worker alone
	@exec $(BIN)/flask worker

test-setup: .venv/.test-ok
	@exec $(BIN)/python -m tools.install_system

texts: .venv/.test-ok
	@if ls engage/translations/*/LC_MESSAGES/*.po >/dev/null 2>&1; then $(BIN)/pybabel -q compile -d engage/translations; fi

check: .venv/.test-ok  ## lint, types, import contracts, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates

test: test-setup texts check  ## everything: check, then all tests on SQLite and PostgreSQL
	@exec $(BIN)/python -m pytest -q -n $(TEST_PROCESSES) --dist loadscope --no-loadscope-reorder

bench: .venv/.test-ok  ## measure Engage beside what anybody would write first
	@exec $(BIN)/python -m bench

bench-large: .venv/.test-ok  ## measure with 200,000 bookings over 2,000 events, and with 1,000,000 responses
	@exec $(BIN)/python -m bench --large

lock: .venv/.test-ok  ## write the pinned requirements again from the .in files
	$(BIN)/uv pip compile -q --universal --no-header --generate-hashes --python-version 3.11 requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --no-header --generate-hashes --python-version 3.11 tests/requirements.in -o tests/requirements.txt
