package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/yaegi"
	"github.com/chatgate/chatgate/yaegi/internal/workload"
)

// TestMain lets the test binary be the backend.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == asBackend {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestCommandLine(t *testing.T) {
	for arguments, code := range map[string]int{"--help": 0, "-rounds 0": 2, "-duration 0s": 2, "-rounds x": 2, "much": 2, "-run (": 2, "-run nothing": 2} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, code, execute(context.Background(), strings.Fields(arguments), &stdout, &stderr), arguments)
		assert.Regexp(t, "-r(ounds|un)", stdout.String()+stderr.String(), arguments)
	}
}

func TestSeries(t *testing.T) {
	one, other := series{3, 1, 2}, series{6, 4, 2}
	assert.InDelta(t, 2, one.median(), 0)
	assert.InDelta(t, 1.5, series{2, 1}.median(), 0)
	assert.InDelta(t, 0.5, one.ratio(other), 0)
	assert.Equal(t, "0.25 to 1.00", one.ratios(other).spread())
	assert.Equal(t, "2.00 to 4.00", series{9, 1, 4, 2, 3}.spread())
	assert.Equal(t, series{3, 3, 0}, other.minus(one))
	assert.Equal(t, series{3, 1, 2}, one)
}

func TestVerdicts(t *testing.T) {
	for figure, verdict := range map[float64]string{1: "holds, also the better", 1.5: "holds", 1.504: "holds", 1.506: "misses"} {
		assert.Equal(t, verdict, target{1.5, 1.2}.verdict(figure))
	}
	assert.Equal(t, "holds", target{most: 1.5}.verdict(1))
	assert.Empty(t, target{}.verdict(1))
}

// TestBenchmarksPrint reads what the benchmarks print.
func TestBenchmarksPrint(t *testing.T) {
	lines := "pkg: x\nBenchmarkLoad \t 3\t  36900171 ns/op\t  35900171 cpu-ns/op\nPASS\n"
	for _, c := range workload.Callbacks {
		name := "BenchmarkGate/case=" + strings.ReplaceAll(c.Name, " ", "_") + "/runtime="
		for runtime, figures := range map[string]string{
			"interpreted": "280 cpu-ns/op\t 10356 B/op\t 218 allocs/op",
			"compiled":    "78.5 cpu-ns/op\t 3375 B/op\t 24 allocs/op",
			"none":        "28 cpu-ns/op\t 56 B/op\t 1 allocs/op",
		} {
			lines += name + runtime + "  \t 3668\t 280.63 ns/op\t " + figures + "\n"
		}
	}
	figures := newHandlerFigures(workload.Callbacks)
	require.NoError(t, figures.add(lines))
	for _, c := range workload.Callbacks {
		assert.Equal(t, series{50.5}, gateAlone(figures.cpu, c.Name, "compiled"))
		assert.Equal(t, series{10300}, gateAlone(figures.bytes, c.Name, "interpreted"))
		assert.Equal(t, series{217}, gateAlone(figures.objects, c.Name, "interpreted"))
	}
	assert.Equal(t, series{35900171}, figures.loading)
	reportHandler(io.Discard, figures)
	assert.ErrorContains(t, figures.add(strings.Replace(lines, "BenchmarkLoad", "BenchmarkOther", 1)), "BenchmarkOther")
}

func TestSendCountsAnswers(t *testing.T) {
	seen := make(chan string, 1000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		time.Sleep(10 * time.Millisecond)
		switch r.URL.Path {
		case "/chunked":
			_ = http.NewResponseController(w).Flush()
		case "/long":
			_, _ = w.Write(make([]byte, 5000))
		case "/refused":
			w.WriteHeader(http.StatusForbidden)
		default:
			seen <- string(body)
			_, _ = w.Write([]byte("fine"))
		}
	}))
	defer server.Close()
	address := server.Listener.Addr().String()
	request := "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
	answers, err := send(context.Background(), address, []byte(request), http.StatusOK, 50*time.Millisecond)
	require.NoError(t, err)
	assert.Greater(t, answers, connections)
	assert.Len(t, seen, answers)
	assert.Equal(t, "body", <-seen)

	for path, complaint := range map[string]string{
		"/refused": `expected HTTP/1.1 200 , found "HTTP/1.1 403 Forbidden`,
		"/chunked": "no complete answer",
		"/long":    "it is too long",
	} {
		elsewhere := strings.Replace(request, "/ ", path+" ", 1)
		elsewhere = strings.Replace(elsewhere, "Host", "Connection: close\r\nHost", 1)
		_, err = send(context.Background(), address, []byte(elsewhere), http.StatusOK, time.Second)
		assert.ErrorContains(t, err, complaint)
	}
}

// TestTraefikIsMeasured measures every passage for a moment.
func TestTraefikIsMeasured(t *testing.T) {
	binary, why := findTraefik()
	if binary == "" || testing.Short() {
		t.Skip(why)
	}
	root, err := yaegi.Root()
	require.NoError(t, err)
	gateway, err := startGateway(context.Background(), root, binary, passagesOf(workload.Callbacks))
	require.NoError(t, err)
	defer gateway.stop()
	require.NoError(t, gateway.measure(context.Background(), 2, 20*time.Millisecond, io.Discard))
	var report strings.Builder
	reportTraefik(&report, gateway)
	for _, c := range workload.Callbacks {
		assert.Contains(t, report.String(), "| "+c.Name+" ")
	}
	assert.Regexp(t, `(?m)^\| Traefik \d\S+ +\| share +\|`, report.String())
	assert.Contains(t, report.String(), "ipAllowList")
}

// TestMean weighs the ratios of the mix by its shares.
func TestMean(t *testing.T) {
	var report strings.Builder
	all := passagesOf(workload.Callbacks)
	for _, p := range all {
		p.cpu = series{100, 100}
		if p.middleware == "gate" {
			p.cpu = series{150, 150}
		}
		if p.base != nil && p.Share == 25 {
			p.cpu = series{170, 250}
		}
	}
	reportTraefik(&report, &gateway{passages: all})
	assert.Regexp(t, `\| \*\*the mean over the mix\*\* +\| 100 .*\| 1\.65 .*\| 1\.55 to 1\.75 .*\| holds +\|`, report.String())
	assert.Regexp(t, `\| the worst of the mix: a text +\| 25 +\| 100 +\| 210 +\| 2\.10 .*\| misses +\|`, report.String())

	report.Reset()
	reportTraefik(&report, &gateway{passages: all[:2]})
	assert.NotContains(t, report.String(), "the mean")
}

func TestAccountedFor(t *testing.T) {
	for report, percent := range map[string]float64{
		"Active filters:\n   focus=^regexp\\.\nShowing nodes accounting for 1.03s, 51.50% of 2s total\n": 51.5,
		"Showing nodes accounting for 0, 0% of 2s total\n":                                               0,
		"Focus expression matched no samples\n":                                                          0,
	} {
		found, err := accountedFor(report)
		require.NoError(t, err, report)
		assert.InDelta(t, percent, found, 0, report)
	}
	_, err := accountedFor("no such tool")
	assert.ErrorContains(t, err, "no such tool")
}
