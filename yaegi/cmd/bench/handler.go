package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/chatgate/chatgate/yaegi/internal/workload"
)

// A benchmark is what identifies a line of the Go benchmarks.
type benchmark struct{ callback, runtime string }

// handlerFigures is what the Go benchmarks say, a figure a round.
type handlerFigures struct {
	cases   []workload.Callback
	cpu     map[benchmark]series // nanoseconds
	bytes   map[benchmark]series // allocated
	objects map[benchmark]series // allocated
	loading series               // nanoseconds of CPU time
	shares  []share              // of the interpreted handler's time
}

func newHandlerFigures(cases []workload.Callback) *handlerFigures {
	return &handlerFigures{cases: cases, cpu: map[benchmark]series{}, bytes: map[benchmark]series{}, objects: map[benchmark]series{}}
}

const (
	handlerRounds = 5
	benchTime     = "100ms" // of each benchmark in one round; in less, garbage is often not collected
)

// measureHandler runs the Go benchmarks, on one processor, where the garbage collector can't hide
// on another. It runs all of them once a round: what disturbs the machine should not hit one alone.
func measureHandler(ctx context.Context, root string, cases []workload.Callback, rounds int, progress io.Writer) (*handlerFigures, error) {
	dir, err := os.MkdirTemp("", "chatgate-bench-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	fmt.Fprintln(progress, "handler: building")
	benchmarks := filepath.Join(dir, "benchmarks")
	if _, err := output(ctx, root, "go", "test", "-c", "-o", benchmarks, "."); err != nil {
		return nil, err
	}
	figures := newHandlerFigures(cases)
	names := make([]string, len(cases))
	for i, c := range cases {
		names[i] = pattern(c)
	}
	selected := "-test.bench=^BenchmarkGate$/^case=(" + strings.Join(names, "|") + ")$|^BenchmarkLoad$"
	for round := 1; round <= rounds; round++ {
		fmt.Fprintf(progress, "handler: round %d of %d\n", round, rounds)
		lines, err := output(ctx, root, benchmarks, "-test.run=^$", selected, "-test.cpu=1", "-test.benchtime="+benchTime)
		if err == nil {
			err = figures.add(lines)
		}
		if err != nil {
			return nil, err
		}
	}
	fmt.Fprintln(progress, "handler: profile")
	figures.shares, err = measureShares(ctx, root, benchmarks, profiled(cases))
	return figures, err
}

// pattern matches the name of a case as `go test` writes it.
func pattern(c workload.Callback) string {
	return regexp.QuoteMeta(strings.ReplaceAll(c.Name, " ", "_"))
}

// output runs a program in the folder of the Go benchmarks.
func output(ctx context.Context, root, program string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, program, arguments...)
	command.Dir = filepath.Join(root, "yaegi")
	text, err := command.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", command, err, text)
	}
	return string(text), nil
}

var (
	gateLine = regexp.MustCompile(`(?m)^BenchmarkGate/case=(\S+)/runtime=([a-z]+)\s.*\s([0-9.]+) cpu-ns/op\s+(\d+) B/op\s+(\d+) allocs/op$`)
	loadLine = regexp.MustCompile(`(?m)^BenchmarkLoad\s.*\s([0-9.]+) cpu-ns/op$`)
)

// add notes what the benchmarks have printed in one round.
func (f *handlerFigures) add(lines string) error {
	found := gateLine.FindAllStringSubmatch(lines, -1)
	loadLines := loadLine.FindAllStringSubmatch(lines, -1)
	if len(found) != 3*len(f.cases) || len(loadLines) != 1 {
		return fmt.Errorf("the benchmarks printed something else than expected:\n%s", lines)
	}
	for _, line := range found {
		b := benchmark{strings.ReplaceAll(line[1], "_", " "), line[2]}
		f.cpu[b] = append(f.cpu[b], number(line[3]))
		f.bytes[b] = append(f.bytes[b], number(line[4]))
		f.objects[b] = append(f.objects[b], number(line[5]))
	}
	f.loading = append(f.loading, number(loadLines[0][1]))
	return nil
}

// number reads what matched [0-9.]+ in the output of `go test`.
func number(text string) float64 {
	value, _ := strconv.ParseFloat(text, 64)
	return value
}

// gateAlone returns what the gate itself does in a runtime: without what the benchmark costs.
func gateAlone(all map[benchmark]series, callback, runtime string) series {
	return all[benchmark{callback, runtime}].minus(all[benchmark{callback, "none"}])
}
