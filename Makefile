# Each target is one plain command that also works by hand. `make run` needs only python3 (3.11+) and make.
PY ?= python3
BIN := .venv/bin
STAMP := .venv/.stamp

# `make run` is the demo; production sets its own environment (docs/how-to/run.md).
run: export DUDAO_MODE ?= demo
run: export DUDAO_TODAY ?= 2024-04-10

.PHONY: run setup test check bench deep lock spark system-deps

run: $(STAMP)
	@DUDAO_MODE=$${DUDAO_MODE-demo} DUDAO_TODAY=$${DUDAO_TODAY-2024-04-10} $(BIN)/dudao run

setup: $(STAMP)

$(STAMP): bootstrap.lock requirements.lock pyproject.toml package-lock.json tools/setup.py tools/assets.py
	@$(PY) tools/setup.py

test: $(STAMP)
	@$(BIN)/python tools/test.py

check: $(STAMP)
	@$(BIN)/python tools/check.py

bench: $(STAMP)
	@$(BIN)/python -m bench

deep: $(STAMP)
	@HYPOTHESIS_PROFILE=deep $(BIN)/python -m pytest -q -n 2 tests/engines tests/audit tests/places tests/shell tests/files tests/findings/test_machine.py

lock:
	uv pip compile bootstrap.in --universal --python-version 3.11 --generate-hashes --no-header -q -o bootstrap.lock
	uv pip compile pyproject.toml --group dev --group build --universal --generate-hashes --no-header -q -o requirements.lock
	uv pip compile --group spark --universal --python-version 3.11 --generate-hashes --no-header -q -o spark.lock

# Apache Spark for tests of the engines and for whole provinces: half a gigabyte, so not part of `make setup`. Needs Java.
spark: $(STAMP)
	@UV_SYSTEM_CERTS=1 VIRTUAL_ENV=.venv $(BIN)/uv pip install -q --require-hashes -r spark.lock

# The only place that calls apt.
system-deps:
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fonts-noto-cjk-extra postgresql libreoffice-writer-nogui libreoffice-calc-nogui poppler-utils fontconfig fonts-lxgw-wenkai openjdk-17-jre-headless
	sh tools/fandol.sh || echo 'dudao: without Fandol fonts, others stand in for 仿宋 and 楷体'
