# make demo   set up, train on the default data, show recommendations, start the app (make demo APP=0: without the app)
# make test   set up and run the tests
# make lint   ruff and mypy
# make docs   write docs/commands.md from --help, docs/python-api.md from docstrings
# make site   the documentation as a site in build/site
# make constraints  write the versions of .venv into constraints.txt, after the tests have passed
# make wheel  build the package into dist/
# make clean  remove the virtual environment and build output

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
APP ?= 1
PORT ?= 8501

.PHONY: demo test lint docs site constraints wheel clean

demo: $(VENV)/.demo
	$(VENV)/bin/vocation train --output models
ifneq ($(APP),0)
	$(VENV)/bin/vocation app --bundle models --port $(PORT)
endif

test: $(VENV)/.dev
	OMP_NUM_THREADS=1 $(PY) -m pytest -n 2 --dist loadfile  # two at a time, so one thread each

lint: $(VENV)/.dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

docs: $(VENV)/.dev
	$(PY) scripts/command_reference.py
	$(PY) scripts/api_reference.py

site: $(VENV)/bin/python
	$(PY) -m pip install -q -e ".[docs]"
	$(PY) scripts/build_site.py

constraints: $(VENV)/.dev
	$(PY) -m pip install -q ".[api,docs,hub,parquet,report]"
	$(PY) scripts/constraints.py

wheel: $(VENV)/.dev
	$(PY) -m build --wheel

clean:
	rm -rf $(VENV) dist build models

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.torch: $(VENV)/bin/python scripts/install_torch.py
	$(PY) scripts/install_torch.py
	@touch $@

$(VENV)/.demo: $(VENV)/.torch pyproject.toml
	@echo "Installing vocation ..."
	$(PY) -m pip install -q -e ".[train,app]"
	@touch $@

$(VENV)/.dev: $(VENV)/.demo
	@echo "Installing the tools for tests ..."
	$(PY) -m pip install -q -e ".[train,tune,app,api,dev]"
	@touch $@
