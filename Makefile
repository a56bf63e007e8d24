# What can be done with this repository. Anything longer than a few lines lives in xtask/ or scripts/.

CARGO ?= cargo
DATA ?=

.PHONY: run test check fmt bench train clauses assets setup

## Starts the product with a demo school on http://127.0.0.1:8080 (JIAYIN_HTTP_ADDR, see jiayin.example.toml)
run: assets
	$(CARGO) run --release -p jiayin -- serve --demo

## All tests: scripts, units, integration on both databases, a real browser
test: setup assets
	npm test --silent
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
		$(CARGO) nextest run --workspace; \
	else \
		$(CARGO) test --workspace --no-fail-fast -- --test-threads=2; \
	fi

## Format, lints, types of the scripts, licences, rules of the house
check: assets
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	npm run --silent types
	$(CARGO) run --quiet -p xtask -- licences
	$(CARGO) run --quiet -p xtask -- tidy

## Formats the Rust code
fmt:
	$(CARGO) fmt --all

## How fast recordings are scored and pages come, on both databases; how many learners may record at once
bench: assets
	$(CARGO) build --release -p jiayin --bins --example bench_school
	$(CARGO) run --release --quiet -p xtask -- bench

## Makes the speech model from labelled recordings: make train DATA=<folder>
train:
	@test -n "$(DATA)" || { echo "say where the recordings are: make train DATA=<folder>"; exit 2; }
	scripts/train.sh "$(DATA)"

## For every clause of the privacy policy: what enforces it, its test, and whether that passes
clauses: assets
	@$(CARGO) run --quiet -p xtask -- clauses

## Style sheet and scripts, from crates/web/static to crates/web/static/dist
assets: node_modules/.package-lock.json
	@npm run --silent assets

node_modules/.package-lock.json: package.json package-lock.json
	@scripts/setup.sh node
	npm ci --no-audit --no-fund
	@touch $@

## Looks for what building and testing need, and installs it where it can
setup:
	@scripts/setup.sh all
