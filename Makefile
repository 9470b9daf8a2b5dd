PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 7860
export GRADIO_ANALYTICS_ENABLED := False
export HF_HUB_OFFLINE := 1
export HF_HUB_DISABLE_TELEMETRY := 1
export DO_NOT_TRACK := 1

.PHONY: setup setup-test run test screenshots stress bench peers scale clean

setup: $(VENV)/.installed

setup-test: $(VENV)/.installed-test

# torch goes first, at the pinned version: a plain resolve could take a build with gigabytes of CUDA.
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $$(grep '^torch==' constraints.txt)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@

run: setup
	$(BIN)/python app.py --port $(PORT)

test: setup-test
	sh tests/browser/install_chromium.sh
	sh tests/assistant/history/install_postgres.sh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

# The pictures of the README, taken anew by the browser test that takes them.
screenshots: setup-test
	$(BIN)/python -m pytest tests/browser/test_real_assistant.py
	mkdir -p docs/screenshots
	cp artifacts/screenshots/readme-*.png docs/screenshots/

# Hours at full counts; STRESS="kill --kills 50" runs a part of it.
stress: setup-test
	PYTHONPATH=.:tests $(BIN)/python -m stress $(STRESS)

bench: setup-test
	$(BIN)/python -m benchmarks

# Beside txtai, Haystack and LlamaIndex, in an environment of their own under build/; PEERS="--only cmrc" runs a part.
peers: setup-test
	$(BIN)/python -m benchmarks.peers $(PEERS)

# Ten thousand, a hundred thousand, a million question forms; SCALE="--size 100000" measures one of them.
scale: setup-test
	$(BIN)/python -m benchmarks.scale $(SCALE)

# Not .store: accounts, drafts and conversations lie in it beside the index.
clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build *.egg-info
