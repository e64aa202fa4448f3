# make run   starts the gate in front of a small backend, and says what to send to it
# make test  runs everything: compiled with the race detector, interpreted as Traefik does, and in a
#            Traefik where there is one
# make check, doctor and send are for operators; the rest is for developers; ARGS="…" hands options
# on, ARGS=-help lists them
.PHONY: run send check doctor test test-compiled test-interpreted test-e2e traefik debian lint lint-workflows bench fuzz interop \
	screenshots docs check-release release-notes

# Pinned; `go run` builds it once.
GOLANGCI = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
ACTIONLINT = github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

run: bin/chatgate
	bin/chatgate run $(ARGS)

send: bin/chatgate
	bin/chatgate send $(ARGS)

check: bin/chatgate
	bin/chatgate check $(ARGS)

doctor: bin/chatgate
	bin/chatgate doctor $(ARGS)

# Built anew each time: Go knows best what has changed.
.PHONY: bin/chatgate
bin/chatgate:
	cd yaegi && go build -o ../bin/chatgate ./cmd/chatgate

# The Traefiks that the gate is tested with. `make traefik` fetches them into bin/.
TRAEFIK_VERSIONS = v3.6.12 v3.7.13

# TRAEFIK_BIN names a binary, or several separated by colons. Without it, those in bin/ are taken,
# and else a traefik on the PATH.
TRAEFIK_BIN ?= $(shell ls "$(CURDIR)"/bin/traefik-v* 2>/dev/null | sort -V | paste -sd : -)
export TRAEFIK_BIN

# The examples that are modules of their own.
EXAMPLES = examples/dedupe examples/routers

# The race detector needs a C compiler.
RACE = $(if $(filter 1,$(shell go env CGO_ENABLED)),-race)

test: test-compiled test-e2e test-interpreted
	@for b in chromium chromium-browser google-chrome google-chrome-stable; do command -v $$b >/dev/null && exit; done; echo 'The tests of the page did not run: there is no browser. Install Chromium.'
	@test -n "$(RACE)" || echo 'Without the race detector: there is no C compiler.'
	@test -n "$$TRAEFIK_BIN" || command -v traefik >/dev/null || echo 'The end-to-end tests did not run: there is no Traefik. Run make traefik, set TRAEFIK_BIN to a binary of github.com/traefik/traefik/releases, or put one on the PATH.'

test-compiled:
	go test $(RACE) . ./internal/... ./callback/... ./examples/...
	@for example in $(EXAMPLES); do (cd $$example && echo $$example && go test ./...) || exit 1; done

# Not from the cache, which does not see the plugin's files change.
test-interpreted:
	cd yaegi && go test -count 1 ./...

# Traefik runs the plugin there, not this process.
test-e2e:
	@echo "$${TRAEFIK_BIN:-traefik}" | tr : '\n' | while read -r traefik; do \
		command -v "$$traefik" >/dev/null || test -z "$$TRAEFIK_BIN" || { echo "TRAEFIK_BIN: there is no $$traefik" >&2; exit 1; }; \
		echo "go test ./e2e, with $$traefik"; \
		TRAEFIK_BIN="$$traefik" go test -count 1 ./e2e || exit 1; \
	done

traefik:
	@for version in $(TRAEFIK_VERSIONS); do scripts/get-traefik $$version || exit 1; done

# What some tests want of Debian: a browser for the page of make run, backends for e2e, a C compiler
# for the race detector, and some readers for a short make interop, which names the rest.
DEBIAN = gcc libc6-dev chromium fonts-dejavu-core php-cli ruby-rack ruby-webrick default-jdk-headless libtomcat9-java libgoogle-gson-java \
	python3 python3-ujson python3-simplejson libjson-xs-perl jq libcjson-dev libjson-c-dev libjansson-dev libyajl-dev
debian:
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(DEBIAN)

# The tables of docs/protocol.md, from what the gate checks. The rest of the page is written by
# hand.
docs: generate
	cd yaegi && go run ./cmd/docs

# The page's pictures in docs, as a browser shows it; made smaller where pngquant and optipng are.
screenshots:
	mkdir -p docs
	cd yaegi && CHATGATE_BROWSER=required CHATGATE_SCREENSHOTS=$(CURDIR)/docs go test ./cmd/chatgate -count 1 -run TestScreenshots
	@command -v pngquant >/dev/null && pngquant --force --ext .png --strip docs/page-*.png || echo 'Not made smaller: there is no pngquant.'
	@command -v optipng >/dev/null && optipng -quiet docs/page-*.png || true
	@ls -l docs/page-*.png

# What follows from the protocol's table: the structs of package callback, and the schemas.
.PHONY: generate
generate:
	go generate ./callback

bench:
	cd yaegi && go run ./cmd/bench $(ARGS)

# It installs nothing: it says which readers are missing, and what installs them.
interop:
	cd interop && go run . $(ARGS)

# FUZZTIME is for each of the targets.
FUZZTIME = 1m
FUZZ = ./FuzzNet ./FuzzGenuine internal/protocol/FuzzQuery internal/protocol/FuzzBody internal/protocol/FuzzPieces internal/header/FuzzHeader \
	yaegi/FuzzRuntimes yaegi/FuzzGenuineInterpreted
fuzz:
	@for target in $(FUZZ); do \
		echo "$$target"; \
		(cd $$(dirname $$target) && go test . -run '^$$' -fuzz "^$$(basename $$target)$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x) || exit 1; \
	done

lint:
	@test -z "$$(gofmt -l $$(git ls-files '*.go' ':!vendor'))" || { gofmt -l $$(git ls-files '*.go' ':!vendor'); exit 1; }
	go vet ./...
	cd yaegi && go vet ./...
	cd interop && go vet ./...
	@for example in $(EXAMPLES); do (cd $$example && go vet ./...) || exit 1; done
	GOFLAGS=-mod=mod go run $(GOLANGCI) run
	cd yaegi && GOFLAGS=-mod=mod go run $(GOLANGCI) run --config ../.golangci.yml

lint-workflows:
	GOFLAGS=-mod=mod go run $(ACTIONLINT)

# VERSION is the tag: make check-release VERSION=v0.1.0
check-release:
	scripts/check-release $(VERSION)

release-notes:
	@scripts/release-notes $(VERSION)
