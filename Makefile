# `make run` serves on http://localhost:8065; `make test` runs every test. `make help` lists the rest.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
# Where rustup puts cargo, should the shell not know it.
export PATH := $(PATH):$(HOME)/.cargo/bin

TARGET := $(or $(CARGO_TARGET_DIR),target)
VENV := $(TARGET)/venv
WEB_SOURCES := $(shell find web \( -name node_modules -o -name dist -o -name test \) -prune -o -type f -print 2>/dev/null)
MODULES := node_modules/.package-lock.json

help: ## List these commands
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1@\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F@ '{printf "%-22s %s\n", $$1, $$2}'

# --- run

run: ## Build the server and the web client, and serve
	@scripts/setup run
	@if scripts/setup web; then $(MAKE) --no-print-directory web/dist/index.html; fi
	cargo run --release --locked

web: ## Build the web client
	@scripts/setup web
	@$(MAKE) --no-print-directory web/dist/index.html

web/dist/index.html: web/$(MODULES) $(WEB_SOURCES)
	cd web && npm run --silent build
	@touch $@

# One rule for every folder with npm packages.
%/$(MODULES): %/package-lock.json
	cd $* && npm ci --no-audit --no-fund
	@touch $@

# --- test

test: ## Run every test: unit, integration, web, real clients, browser
	@scripts/setup test
	@$(MAKE) --no-print-directory web test-rust test-web test-clients test-e2e

test-rust: ## Run the unit and integration tests of the server and its crates
	cargo test --locked --workspace

test-web: web/$(MODULES) ## Lint, type-check and test the web client
	cd web && npm run --silent lint && npm run --silent check && npm test --silent

# Both libraries, at the server's own address and then at that of an organisation.
CLIENTS := sh -c 'npm --prefix tests/clients test --silent && cd tests/clients && \
	exec $(abspath $(VENV))/bin/python -m unittest test_*.py'

test-clients: tests/clients/$(MODULES) $(VENV)/.ready ## Run client libraries that others wrote against a server
	cargo build --locked
	scripts/with-server $(CLIENTS)
	scripts/with-server node tests/clients/in-organisation.mjs $(CLIENTS)

test-e2e: web/dist/index.html tests/e2e/$(MODULES) ## Run the browser tests against a server
	cargo build --locked
	@if command -v chromium >/dev/null; then scripts/with-server npm --prefix tests/e2e test --silent; \
	elif [ -n "$$CI" ]; then echo "chromium is missing" >&2; exit 1; \
	else echo "browser tests left out: chromium is missing" >&2; fi

$(VENV)/.ready: tests/clients/requirements.txt
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r tests/clients/requirements.txt
	@touch $@

chaos: ## Kill, stop and cut off everything under load, and see that nothing is lost
	@scripts/setup test
	cargo test --locked --release --test chaos

# libFuzzer needs no nightly compiler, only its sanitizers do, and there is no unsafe code to look into.
FUZZ_SECONDS ?= 60
FUZZ_MEGABYTES ?= 2048
CARGO_FUZZ := cargo fuzz run --sanitizer none --fuzz-dir fuzz

fuzz: ## Feed each parser of hostile input with what libFuzzer makes up, FUZZ_SECONDS each
	@cargo fuzz --version >/dev/null 2>&1 || cargo install cargo-fuzz --locked
	@for target in $$(cargo fuzz list --fuzz-dir fuzz); do \
		echo "=== $$target"; mkdir -p fuzz/corpus/$$target; \
		$(CARGO_FUZZ) $$target fuzz/corpus/$$target fuzz/seeds/$${target%%_*} -- -max_total_time=$(FUZZ_SECONDS) \
			-rss_limit_mb=$(FUZZ_MEGABYTES) -timeout=60 -print_final_stats=1 || exit 1; \
	done

bench: ## Measure load and limits
	cargo bench --locked --bench load

bench-web: web/dist/index.html tests/e2e/$(MODULES) ## Measure a channel of 100,000 messages in a browser
	cargo build --locked
	scripts/with-server sh -c 'cd tests/e2e && node list.bench.mjs'

# --- lint

lint: lint-format lint-clippy lint-docs lint-deny lint-migrations lint-image lint-events lint-web ## Run every check but the tests

lint-format:
	cargo fmt --all --check
	@cargo fmt --manifest-path fuzz/Cargo.toml --check

lint-clippy:
	cargo clippy --locked --workspace --all-targets -- -D warnings

lint-docs:
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps

lint-deny:
	@if cargo deny --version >/dev/null 2>&1; then cargo deny --locked check; \
	else echo "cargo-deny is not installed: licences and advisories are not checked"; fi

lint-migrations:
	scripts/check-migrations

lint-image:
	scripts/check-image-context

# That the types of the web client are those of the server. `test-rust` holds this too.
lint-events:
	cargo test --locked --quiet --lib wire::typescript

lint-web: web/$(MODULES)
	cd web && npm run --silent lint && npm run --silent check

events: ## Write the web client's types of events from src/wire
	UPDATE_EVENTS=1 cargo test --locked --quiet --lib wire::typescript

clean: ## Remove what was built; the data folder stays
	cargo clean
	rm -rf fuzz/target
	rm -rf web/dist web/node_modules tests/clients/node_modules tests/e2e/node_modules

.PHONY: help run web test test-rust test-web test-clients test-e2e chaos fuzz bench bench-web events clean \
	lint lint-format lint-clippy lint-docs lint-deny lint-migrations lint-image lint-events lint-web
