# Everything a developer or a user does with this repository. `make help` lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# The release binary carries the Swift runtime, so that it runs on a machine without Swift, and no debug information.
RELEASE := -c release --static-swift-stdlib -Xlinker --strip-debug
BINARY := .build/release/granary
BASE_TESTS := CommandLineTests|DigestsTests|FilesTests|HTTPClientTests|HTTPMessagesTests|HTTPServerTests|LogTests|LoopsTests|YAMLTests

.PHONY: help run build test test-fast test-registry acceptance judge fuzz mutations sanitize soak bench lint format docs clean packages test-packages

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build the release binary and serve ./granary-data at http://127.0.0.1:3000
	$(BINARY) serve --data granary-data

build: packages ## build the release binary
	swift build $(RELEASE) --product granary

# The base's tests run under the sanitizers, but for those of deadlines, which have no time to spare, and for mutations, of which
# scripts/mutations.sh has more.
test: packages test-packages ## run the whole suite, installing and starting what it needs
	scripts/test-engines.sh $(MAKE) --no-print-directory test-registry acceptance
	swift test --skip-build --no-parallel --filter 'DeadlineTests|HTTP2MutationTests'
	$(MAKE) --no-print-directory sanitize
	$(MAKE) --no-print-directory judge
	scripts/fuzz.sh 20
	scripts/mutations.sh 100000 http1
	scripts/mutations.sh 10000 http2 tls

# The tests of the server and of its loops wait for each other's moments, and would wait too long beside everything else.
test-fast: packages test-packages ## run the Swift tests only, without PostgreSQL and S3
	swift test --skip 'HTTPServerTests|LoopsTests'
	swift test --no-parallel --filter 'HTTPServerTests|LoopsTests'

test-registry: packages ## run the Swift tests of what stands on the base
	swift test --skip '$(BASE_TESTS)'

acceptance: build ## run the acceptance suite against the release binary
	scripts/acceptance.sh

judge: packages ## compare what the server and llhttp read in the same bytes
	scripts/compare-llhttp.sh

fuzz: packages ## throw bytes at everything that reads what strangers send, a minute each
	scripts/fuzz.sh

mutations: packages ## have 300,000 conversations with the server that go wrong, under AddressSanitizer: ten minutes
	scripts/mutations.sh

sanitize: packages test-packages ## run the base's tests under AddressSanitizer and ThreadSanitizer
	scripts/sanitize.sh

soak: build ## run what takes long: publishes, deletes and collections for ten minutes, and a store that fills up
	GRANARY_SOAK_SECONDS=600 scripts/acceptance.sh -m '' -k soak

bench: build ## measure the release binary beside nginx and docker-registry
	scripts/bench.sh

lint: ## check formatting, layering and house rules
	swift format lint --strict --recursive --parallel Package.swift Sources Tests Fuzz
	scripts/lint.sh

format: ## format all Swift code
	swift format --in-place --recursive --parallel Package.swift Sources Tests Fuzz

docs: build ## write docs/API.md, docs/COMMANDS.md and docs/CONFIGURATION.md from what the binary has
	$(BINARY) serve --print-openapi | scripts/api_docs.py docs/api-introduction.md docs/API.md
	$(BINARY) reference markdown > docs/COMMANDS.md
	$(BINARY) reference configuration > docs/CONFIGURATION.md

clean: ## remove everything that was built
	rm -rf .build .build-*

packages:
	@scripts/install-packages.sh libssl-dev libnghttp2-dev libcurl4-openssl-dev libsqlite3-dev libpq-dev libyaml-dev

# The shells that completion is tried in.
test-packages:
	@scripts/install-packages.sh zsh fish
