# make run   starts the gate in front of a small backend, and says what to send to it
# make test  runs everything: compiled with the race detector, interpreted as Traefik does, and in a Traefik where there is one
# make send, bench, fuzz and lint are for operators and developers; ARGS="…" hands options on, ARGS=-help lists them
.PHONY: run send test lint bench fuzz

# Pinned; `go run` builds it once.
GOLANGCI = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

run: bin/chatgate
	bin/chatgate run $(ARGS)

send: bin/chatgate
	bin/chatgate send $(ARGS)

# Built anew each time: Go knows best what has changed.
.PHONY: bin/chatgate
bin/chatgate:
	cd yaegi && go build -o ../bin/chatgate ./cmd/chatgate

# The race detector needs a C compiler.
RACE = $(if $(filter 1,$(shell go env CGO_ENABLED)),-race)

test:
	@test -n "$(RACE)" || echo 'Without the race detector: there is no C compiler.'
	go test $(RACE) . ./internal/...
	go test -count 1 ./e2e # Traefik runs the plugin there, not this process
	cd yaegi && go test -count 1 ./... # not from the cache, which does not see the plugin's files change
	@command -v "$${TRAEFIK_BIN:-traefik}" >/dev/null || echo 'The end-to-end tests did not run: there is no Traefik. Set TRAEFIK_BIN to a binary of github.com/traefik/traefik/releases, or put one on the PATH.'

bench:
	cd yaegi && go run ./cmd/bench $(ARGS)

# FUZZTIME is for each of the targets.
FUZZTIME = 1m
FUZZ = internal/protocol/FuzzQuery internal/protocol/FuzzBody internal/protocol/FuzzPieces internal/protocol/FuzzGlance internal/header/FuzzHeader yaegi/FuzzRuntimes
fuzz:
	@for target in $(FUZZ); do \
		echo "$$target"; \
		(cd $$(dirname $$target) && go test . -run '^$$' -fuzz "^$$(basename $$target)$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x) || exit 1; \
	done

lint:
	@test -z "$$(gofmt -l $$(git ls-files '*.go' ':!vendor'))" || { gofmt -l $$(git ls-files '*.go' ':!vendor'); exit 1; }
	go vet ./...
	cd yaegi && go vet ./...
	GOFLAGS=-mod=mod go run $(GOLANGCI) run
	cd yaegi && GOFLAGS=-mod=mod go run $(GOLANGCI) run --config ../.golangci.yml
