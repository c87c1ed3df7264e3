# Everything a newcomer needs. `make` alone lists it.
PORT ?= 8000
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate

.PHONY: help demo test test-science lint audit bench lock environment

help:  ## list what can be made
	@grep -hE '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 16

demo:  ## serve a demonstration with invented people (PORT=8000; DATABASE_URL= for PostgreSQL)
	@requirements/install.sh base
	@$(BIN)/reknit demo --port $(PORT)

environment:
	@requirements/install.sh dev

test:  ## run what CI runs: lint, every test on SQLite and PostgreSQL, the browser's tests
	@tests/run.sh

test-science: environment  ## the slow statistical tests
	$(BIN)/python -m pytest -m science tests/science

lint: environment  ## style, types, import rules, migrations
	$(BIN)/ruff check src tests bench
	$(BIN)/ruff format --check src tests bench
	$(BIN)/mypy
	$(BIN)/lint-imports
	REKNIT_HOME=$$(mktemp -d) $(BIN)/python -m reknit.practice.manage makemigrations --check --dry-run

audit: environment  ## ask for known vulnerabilities of everything that is installed
	$(BIN)/python requirements/audit.py

bench: environment  ## time what the evaluation reports (on a machine that does nothing else)
	@cd bench && for script in startup.py peers.py "scaling.py --fit" criteria.py national.py history_import.py \
		check_in.py clinic_page.py buys.py; do echo "## $$script"; ../$(BIN)/python $$script || exit 1; done

lock: environment  ## renew the hashed requirement files
	$(LOCK) requirements/installer.in -o requirements/installer.lock
	$(LOCK) --extra postgres --extra words --extra exchange pyproject.toml -o requirements/base.lock
	$(LOCK) --extra postgres --extra words --extra exchange --group dev pyproject.toml -o requirements/dev.lock
