# Quorate's everyday commands; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help deps testdeps build run up test check faults fuzz bench format lint clean

# One set of flags for every build, so that nothing is compiled twice.
SWIFT_BUILD := swift build -c release -Xswiftc -enable-testing
# What the image holds, and what is measured.
IMAGE_BUILD := swift build -c release --static-swift-stdlib --scratch-path .build/image
IMAGE := .build/image/release
QUORATE := .build/release/quorate
SEEDS ?= 100
MINUTES ?= 10

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## Install the system packages that are missing (Debian, Ubuntu)
	@scripts/install-dependencies.sh

testdeps: ## The same with those of the tests
	@scripts/install-dependencies.sh --tests

build: ## Build the workers and the operator's command
	@$(SWIFT_BUILD)

run: deps build ## Install, build and run Quorate on this machine
	@$(QUORATE) run

up: deps build ## The whole system on this machine without Docker (quorate up)
	@$(QUORATE) up

test: testdeps ## Build, lint, and run every test suite
	@scripts/test.sh

check: testdeps ## In five minutes: lint, and the suites that need neither Kafka nor PostgreSQL
	@scripts/test.sh --no-servers

faults: testdeps ## Run workers through seeded faults: SEEDS=n different schedules
	@QUORATE_FAULT_SEEDS=$(SEEDS) scripts/test.sh FaultTests

fuzz: testdeps ## Fuzz the decoder and the rules: MINUTES=n (10)
	@scripts/fuzz.sh $(MINUTES)

bench: testdeps ## Measure workers, views and pages, built as for the image, against hand-written C and Python
	@$(IMAGE_BUILD)
	@missed=0; for measure in "$(IMAGE)/quorate bench" "Tests/Benchmarks/analysis.sh $(IMAGE)" "Tests/Benchmarks/board.sh $(IMAGE)"; do \
		$$measure || missed=1; done; exit $$missed

format: ## Format the Swift sources in place
	@swift format --in-place --recursive Package.swift Services Shared Tests

lint: ## Check the Swift sources' format, and the deployment files
	@swift format lint --strict --recursive Package.swift Services Shared Tests
	@deploy/check.sh

clean: ## Remove what was built, and the data of `make run`
	@rm -rf .build .quorate .quorate-sample
