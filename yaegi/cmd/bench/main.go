// Command bench measures what the gate costs: in Go benchmarks of its handler, and in the CPU time of a real Traefik.
//
// Start reading at targets.go, which says what is measured and what it may be. handler.go and traefik.go measure, report.go compares.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/chatgate/chatgate/yaegi"
)

const help = `bench measures what the gate costs and prints the figures beside their targets, as Markdown.

First come Go benchmarks of the gate's handler, interpreted and compiled. To look into those by themselves:
  cd yaegi && go test -run '^$' -bench . -cpu 1 -count 10 . | tee new && benchstat -col /runtime new

Then, on Linux and where there is a Traefik (TRAEFIK_BIN, or traefik on the PATH), comes what a callback costs Traefik, with the gate
and without.

All times are CPU time, user and system, which a busy machine disturbs least. Every case has its turn in every round, and the rounds are
short, so that what disturbs them disturbs all alike. A ratio is that of the medians of all rounds; the spread behind it is what the middle
half of the ratios of each round lies in. It takes three minutes.

A missed target is no error: the exit code is 1 only where something could not be measured.

`

func main() {
	if len(os.Args) == 2 && os.Args[1] == asBackend {
		serveBackend()
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends it at once
	os.Exit(execute(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// execute runs the command with arguments, and returns the exit code.
func execute(ctx context.Context, arguments []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	rounds := flags.Int("rounds", 30, fmt.Sprintf("how often every case is measured in Traefik; the handler at most %d times", handlerRounds))
	duration := flags.Duration("duration", 250*time.Millisecond, "how long a case is measured in Traefik in one round")
	err := flags.Parse(arguments)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, help)
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return 0
	}
	if err == nil && (flags.NArg() > 0 || *rounds < 1 || *duration <= 0) {
		err = errors.New("expected no arguments but -rounds and -duration, both greater than 0")
	}
	if err != nil {
		fmt.Fprintf(stderr, "bench: %v\nTry --help.\n", err)
		return 2
	}
	err = bench(ctx, *rounds, *duration, stdout, stderr)
	if ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

// bench measures everything and reports it. A part is printed as soon as it is there.
func bench(ctx context.Context, rounds int, duration time.Duration, stdout, progress io.Writer) error {
	root, err := yaegi.Root()
	if err != nil {
		return err
	}
	reportMachine(stdout)
	handler, err := measureHandler(ctx, root, min(rounds, handlerRounds), progress)
	if err != nil {
		return err
	}
	reportHandler(stdout, handler)
	binary, why := findTraefik()
	if binary == "" {
		fmt.Fprintf(stdout, "CPU time in Traefik: left out, because %s.\n", why)
		return nil
	}
	gateway, err := startGateway(ctx, root, binary)
	if err != nil {
		return err
	}
	defer gateway.stop()
	cpu, err := measureTraefik(ctx, gateway, rounds, duration, progress)
	if err != nil {
		return err
	}
	reportTraefik(stdout, gateway.version, cpu)
	return nil
}
