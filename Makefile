# Two commands for a new machine that has Python 3.11+ and make:
#   make demo    install, run the main job on generated data, print where the list and the report are
#   make test    install what the tests need and run them all

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := .lode/demo-data
PACKAGES := lodeworks features models experiments pipelines app

# Threads that spin while cores are shared cost more than they bring.
export OMP_WAIT_POLICY := passive
export MLFLOW_DISABLE_TELEMETRY := true

# The tests and the examples run against the built wheel, not the source tree, in children too: what
# is missing from the wheel fails, and what was compiled for the examples is there for the tests.
WHEEL := build/installed/made
INSTALLED := PYTHONSAFEPATH=1 PYTHONPATH=$(CURDIR)/build/installed

.PHONY: demo test neural lint types layers doctest wheel-test lock audit docs clean

demo: $(VENV)/installed
	$(BIN)/lode generate --out $(DEMO) --lines 60000 --seed 7
	$(BIN)/lode run configs/demo.yaml

# The first four take one core each, so they go side by side.
test: $(VENV)/installed-dev
	$(MAKE) -j2 doctest lint types layers
	$(MAKE) wheel-test

# The candidates that need torch are skipped without it. It comes by pip, which finds a CPU build
# where an index has one; it is too heavy for the lock.
neural: $(VENV)/installed-dev
	$(BIN)/python -m pip install -q -r requirements-neural.txt

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed-dev
	$(BIN)/mypy

layers: $(VENV)/installed-dev
	$(BIN)/lint-imports

doctest: $(WHEEL)
	$(INSTALLED) $(BIN)/pytest -q --doctest-modules build/installed

wheel-test: $(WHEEL)
	$(INSTALLED) $(BIN)/pytest -q -n 2 --dist loadfile

$(WHEEL): $(VENV)/installed-dev pyproject.toml $(shell find $(PACKAGES) -name __pycache__ -prune -o -print)
	rm -rf build/wheel build/installed && mkdir -p build
	$(BIN)/python -m build --wheel --no-isolation --outdir build/wheel . >build/wheel.log 2>&1 || (cat build/wheel.log; exit 1)
	$(BIN)/python -m pip install -q --no-deps --no-index --target build/installed build/wheel/*.whl
	touch $@

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(call install,requirements.txt)
	touch $@

$(VENV)/installed-dev: requirements-dev.txt pyproject.toml | $(VENV)/bin/python
	$(call install,requirements-dev.txt)
	touch $@ $(VENV)/installed

# uv where it is present, pip otherwise.
define install
	if command -v uv >/dev/null 2>&1; \
	then uv pip install -q --python $(BIN)/python -r $(1) && uv pip install -q --python $(BIN)/python --no-deps -e .; \
	else $(BIN)/python -m pip install -q -r $(1) && $(BIN)/python -m pip install -q --no-deps -e .; fi
endef

# Pinned and free of URLs; needs uv.
lock:
	uv pip compile -q --universal --no-annotate --no-header --python-version 3.11 pyproject.toml -o requirements.txt
	uv pip compile -q --universal --no-annotate --no-header --python-version 3.11 pyproject.toml --extra dev -c requirements.txt -o requirements-dev.txt

# Known weaknesses of what is pinned. Needs the network; without it nothing fails, and it is said what
# was not looked up.
audit:
	rm -rf build/audit build/audit.json && $(PYTHON) -m venv build/audit
	build/audit/bin/python -m pip install -q pip-audit || echo "pip-audit could not be installed" >&2
	-build/audit/bin/pip-audit --disable-pip --no-deps --progress-spinner off -f json -o build/audit.json -r requirements.txt
	@$(PYTHON) -c "$$AUDITED"

define AUDITED
import json, pathlib, sys
file = pathlib.Path("build/audit.json")
if not file.is_file():
    sys.exit(print("not audited: the list of known weaknesses cannot be reached"))
found = json.loads(file.read_text())["dependencies"]
left = [one["name"] for one in found if "skip_reason" in one]
bad = [one for one in found if one.get("vulns")]
for one in bad:
    print(one["name"], one["version"], *(weak["id"] for weak in one["vulns"]))
print(f"{len(found) - len(left)} of {len(found)} packages were looked up, {len(bad)} have known weaknesses")
if left:
    print(f"not looked up: {', '.join(left)}")
sys.exit(1 if bad else 0)
endef
export AUDITED

docs: $(VENV)/installed
	$(BIN)/lode schema --markdown >docs/reference/config.md

clean:
	rm -rf build dist .lode
