// Command bench measures what the gate costs for the callbacks of a chat: in Go benchmarks of its
// handler, and in the CPU time of a real Traefik.
//
// Package workload has the cases and their targets; targets.go makes passages through Traefik of
// them. handler.go and traefik.go measure, report.go compares.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"syscall"
	"time"

	"github.com/chatgate/chatgate/yaegi"
	"github.com/chatgate/chatgate/yaegi/internal/workload"
)

const help = `bench measures what the gate costs for the callbacks of a chat, and prints the figures beside their
targets, as Markdown.

First come Go benchmarks of the gate's handler, interpreted and compiled. To look into those alone:
  cd yaegi && go test -run '^$' -bench . -cpu 1 -count 10 . | tee new && benchstat -col /runtime new

Then, on Linux and where there is a Traefik (TRAEFIK_BIN, or traefik on the PATH), comes what each
callback costs Traefik with the gate, as a ratio to the same request without middleware, and the mean
and the worst over a chat's mix.

All times are CPU time, user and system, which a busy machine disturbs least. Every case has its turn
in every round, and the rounds are short, so that what disturbs them disturbs all alike. A ratio is
that of the medians of all rounds; the interquartile range is that of the ratios of each round.

It takes about five minutes: two for the handler, three in Traefik. -run makes it shorter, and so do
fewer rounds: ARGS="-run 'a text' -rounds 5" takes one.

A missed target is no error: the exit code is 1 only where something could not be measured, and 2
where the command line is wrong.

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
	rounds := flags.Int("rounds", 15, fmt.Sprintf("how often every case is measured in Traefik; the handler at most %d times", handlerRounds))
	duration := flags.Duration("duration", 200*time.Millisecond, "how long a case is measured in Traefik in one round")
	run := flags.String("run", "", "measure only the cases whose names match `REGEXP`; the mean needs all of the mix, the comparisons the first")
	err := flags.Parse(arguments)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, help)
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return 0
	}
	if err == nil && (flags.NArg() > 0 || *rounds < 1 || *duration <= 0) {
		err = errors.New("expected no arguments but -run, and -rounds and -duration, both greater than 0")
	}
	var cases []workload.Callback
	if err == nil {
		cases, err = selectCases(*run)
	}
	if err != nil {
		fmt.Fprintf(stderr, "bench: %v\nTry --help.\n", err)
		return 2
	}
	err = bench(ctx, cases, *rounds, *duration, stdout, stderr)
	if ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

// selectCases returns the cases whose names match.
func selectCases(pattern string) ([]workload.Callback, error) {
	expression, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("-run: %w", err)
	}
	var cases []workload.Callback
	for _, c := range workload.Callbacks {
		if expression.MatchString(c.Name) {
			cases = append(cases, c)
		}
	}
	if cases == nil {
		return nil, fmt.Errorf("-run %q selects no case", pattern)
	}
	return cases, nil
}

// bench measures the cases and reports them. A part is printed as soon as it is there.
func bench(ctx context.Context, cases []workload.Callback, rounds int, duration time.Duration, stdout, progress io.Writer) error {
	root, err := yaegi.Root()
	if err != nil {
		return err
	}
	reportMachine(stdout)
	handler, err := measureHandler(ctx, root, cases, min(rounds, handlerRounds), progress)
	if err != nil {
		return err
	}
	reportHandler(stdout, handler)
	binary, why := findTraefik()
	if binary == "" {
		fmt.Fprintf(stdout, "CPU time in Traefik: left out, because %s.\n", why)
		return nil
	}
	gateway, err := startGateway(ctx, root, binary, passagesOf(cases))
	if err != nil {
		return err
	}
	defer gateway.stop()
	if err := gateway.measure(ctx, rounds, duration, progress); err != nil {
		return err
	}
	reportTraefik(stdout, gateway)
	return nil
}
