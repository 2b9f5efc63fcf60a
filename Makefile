# Everything a developer or a user does with this repository. `make help` lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# The release binary carries the Swift runtime, so that it runs on a machine without Swift, and no debug information.
RELEASE := -c release --static-swift-stdlib -Xlinker --strip-debug
BINARY := .build/release/granary

.PHONY: help run build test test-fast acceptance bench lint format clean packages

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build the release binary and serve ./granary-data at http://127.0.0.1:3000
	$(BINARY) serve --data granary-data

build: packages ## build the release binary
	swift build $(RELEASE) --product granary

test: packages ## run the whole suite, installing and starting what it needs
	swift test
	swift build $(RELEASE) --product granary
	scripts/acceptance.sh

test-fast: packages ## run the Swift tests only
	swift test

acceptance: build ## run the acceptance suite against the release binary
	scripts/acceptance.sh

bench: build ## measure the release binary beside nginx and docker-registry
	scripts/bench.sh

lint: ## check formatting, layering and house rules
	swift format lint --strict --recursive --parallel Package.swift Sources Tests
	scripts/lint.sh

format: ## format all Swift code
	swift format --in-place --recursive --parallel Package.swift Sources Tests

clean: ## remove everything that was built
	rm -rf .build .build-*

packages:
	@scripts/install-packages.sh libsqlite3-dev
