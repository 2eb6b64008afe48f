# Every command a person or CI runs; bare `make` lists them.
.DEFAULT_GOAL := help
PY := .venv/bin/python

.PHONY: help
help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

.venv/installed: requirements.lock pyproject.toml
	@test -x .venv/bin/pip || python3 -m venv .venv
	@echo "installing the pinned packages into .venv (once) ..." >&2
	@.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock >&2
	@.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . >&2
	@touch $@

.PHONY: setup
setup: .venv/installed  ## make .venv with the pinned packages

.PHONY: lock
lock:  ## write requirements.lock anew from pyproject.toml
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --extra dev pyproject.toml -o requirements.lock

.PHONY: demo
demo: setup  ## four regions with people and workouts (ARGS="--once --samples DIR --backend cassandra")
	@.venv/bin/meridian demo $(ARGS)

.PHONY: bench
bench: setup  ## figures beside their bare parts (ARGS="--samples DIR --backend cassandra"); JSON on stdout
	@.venv/bin/meridian bench all $(ARGS)

.PHONY: bench-long
bench-long: setup  ## memory over 10,000 uploads; takes many minutes
	@.venv/bin/meridian bench growth $(ARGS)

.PHONY: check
check: setup  ## format, lint, types, import rules, security lint
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo
	.venv/bin/bandit -q -c pyproject.toml -r cli region_node federation policies locales
	$(PY) -m pytest -q tests/architecture
	.venv/bin/meridian locale check

.PHONY: docs
docs: setup  ## write docs/cli.md anew from the commands' own help
	$(PY) -m cli.reference docs/cli.md

.PHONY: format
format: setup  ## let ruff format and fix
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

# glibc otherwise keeps what a password's hash took, tens of megabytes for each thread that ever made one.
GIVES_BACK = MALLOC_MMAP_THRESHOLD_=1048576

.PHONY: test
test: setup  ## unit, contract and journey tests, no services needed
	$(GIVES_BACK) $(PY) -m pytest -n 2

.PHONY: test-services
test-services: setup  ## tests on real Cassandra, NATS and PostgreSQL, which it starts and stops
	$(PY) -m pytest -n 2 -m services

.PHONY: test-long
test-long: setup  ## tests that take minutes
	$(PY) -m pytest -n 2 -m long

.PHONY: mutation
mutation: setup  ## small wrongs in policies/ and packs that tests have to notice (ARGS="--only packs --sample 200")
	$(PY) -m tests.mutation.run $(ARGS)

.PHONY: chaos
chaos: setup  ## kills during 500 uploads (SEED=N replays; ARGS="-k sqlite" or "-k cassandra" chooses)
	SEED=$(SEED) $(PY) -m pytest -s -m chaos tests/chaos $(ARGS)

.PHONY: services-up
services-up: setup  ## start NATS, Cassandra and PostgreSQL for a node on this machine
	.venv/bin/meridian services up

.PHONY: services-down
services-down: setup  ## stop them; their data stays
	.venv/bin/meridian services down

.PHONY: locale-extract
locale-extract: setup  ## write locales/messages.pot from the texts marked in the sources
	.venv/bin/meridian locale extract

.PHONY: locale-update
locale-update: locale-extract  ## bring every catalogue up to the template
	.venv/bin/meridian locale update

.PHONY: locale-check
locale-check: setup  ## name every text that is not extracted or not translated
	.venv/bin/meridian locale check
