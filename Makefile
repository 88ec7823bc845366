# Everything a person needs: `make run` for a working market, `make test` for all checks.

VENV := .venv
PYTHON := $(VENV)/bin/python
FLASK := $(VENV)/bin/flask
STAMP := $(VENV)/.installed
CATALOGUES := $(wildcard marketplace/translations/*/LC_MESSAGES/messages.po)

.PHONY: run real setup test lint bench soak translations

run: setup          ## web server and worker, with the demonstration market on first start
	$(PYTHON) -m marketplace.development

real: setup         ## the same with the real listings of MARKETPLACE_BENCHMARK, in a folder of its own
	MARKETPLACE_HOME=$${MARKETPLACE_HOME:-instance-real} $(PYTHON) -m marketplace.development --real

setup: $(STAMP) $(CATALOGUES:.po=.mo)  ## only .venv and dependencies

$(STAMP): setup.cfg pyproject.toml
	python3 -m venv $(VENV)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -e '.[test]'
	touch $@

%.mo: %.po $(STAMP)
	$(VENV)/bin/pybabel compile --input-file $< --output-file $@ --locale en

# The browser's driver keeps an event loop in its process, so its tests have processes of their own; `lint` has
# run those of the architecture.
test: setup         ## everything that can run here; CI=true lets nothing be skipped
	tests/install_system_packages.sh
	$(MAKE) lint
	$(PYTHON) -m pytest -n 2 -m "not browser" --ignore tests/architecture
	$(PYTHON) -m pytest -n 2 -m browser

lint: setup         ## ruff, the import table, templates
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check --quiet .
	$(PYTHON) -m pytest -n 0 tests/architecture

bench: setup        ## figures for docs/performance.md
	$(PYTHON) -m benchmarks

soak: setup         ## twenty kills of each kind inside a write, then index and database must be equal
	tests/install_system_packages.sh
	MARKETPLACE_SOAK_KILLS=$${MARKETPLACE_SOAK_KILLS:-20} $(PYTHON) -m pytest -n 0 tests/services/test_kills.py

translations: setup ## collect the texts anew into the catalogues
	$(VENV)/bin/pybabel extract --mapping babel.cfg --keyword N_ --keyword _l --no-location --sort-output --omit-header --output $(VENV)/market.pot .
	$(VENV)/bin/pybabel update --input-file $(VENV)/market.pot --output-dir marketplace/translations --no-fuzzy-matching --omit-header --ignore-obsolete
