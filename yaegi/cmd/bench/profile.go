package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/chatgate/chatgate/yaegi/internal/workload"
)

// A share is how much of the interpreted handler's time something takes, in percent.
type share struct {
	of      string
	percent float64
}

// causes are what time goes to. A sample counts for the first cause with a function on its stack.
var causes = []struct{ of, functions string }{
	{"allocating memory, and collecting it", `^runtime\.(mallocgc|gcBgMarkWorker|bgsweep|bgscavenge)$`},
	{"regular expressions", `^regexp\.`},
	{"other calls into compiled code", `^reflect\.Value\.call$`},
	{"the interpreter's own steps", `yaegi/interp\.`},
	{"the benchmark", `.`},
}

// profiledTime is how long the handler is profiled.
const profiledTime = "2s"

// profiled is the case that is profiled: of all, the commonest in a chat.
func profiled(cases []workload.Callback) workload.Callback {
	return slices.MaxFunc(cases, func(a, b workload.Callback) int { return cmp.Compare(a.Share, b.Share) })
}

// measureShares profiles the interpreted handler.
func measureShares(ctx context.Context, root, benchmarks string, c workload.Callback) ([]share, error) {
	file := filepath.Join(filepath.Dir(benchmarks), "profile")
	_, err := output(ctx, root, benchmarks, "-test.run=^$", "-test.bench=^BenchmarkGate$/^case="+pattern(c)+"$/^runtime=interpreted$",
		"-test.cpu=1", "-test.benchtime="+profiledTime, "-test.cpuprofile="+file)
	if err != nil {
		return nil, err
	}
	var shares []share
	ignored := "^$"
	for _, cause := range causes {
		text, err := output(ctx, root, "go", "tool", "pprof", "-top", "-nodefraction=0", "-focus="+cause.functions, "-ignore="+ignored, benchmarks, file)
		if err != nil {
			return nil, err
		}
		percent, err := accountedFor(text)
		if err != nil {
			return nil, err
		}
		shares = append(shares, share{cause.of, percent})
		ignored += "|" + cause.functions
	}
	return shares, nil
}

var accountedLine = regexp.MustCompile(`(?m)^Showing nodes accounting for \S+, ([0-9.]+)% of \S+ total$`)

// accountedFor reads how much of all samples a report of pprof is about.
func accountedFor(report string) (float64, error) {
	if strings.Contains(report, "Focus expression matched no samples") {
		return 0, nil
	}
	found := accountedLine.FindStringSubmatch(report)
	if found == nil {
		return 0, fmt.Errorf("go tool pprof printed something else than expected:\n%s", report)
	}
	return number(found[1]), nil
}
