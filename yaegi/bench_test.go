package yaegi

import (
	"bytes"
	"context"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate"
	"github.com/chatgate/chatgate/yaegi/internal/workload"
)

// BenchmarkGate handles callbacks in the plugin interpreted, in the plugin compiled, and in none:
// that is what the benchmark itself costs, and the figures of the other two hold it as well. To
// compare: benchstat -col /runtime. On a busy machine, cpu-ns/op is better than ns/op.
func BenchmarkGate(b *testing.B) {
	log.SetOutput(io.Discard)
	defer log.SetOutput(os.Stderr)
	newGate := gates(b)
	warmUp(b, newGate["interpreted"](b, workload.Callbacks[0].Options()))
	for _, c := range workload.Callbacks {
		for _, runtime := range []string{"interpreted", "compiled", "none"} {
			b.Run("case="+c.Name+"/runtime="+runtime, func(b *testing.B) {
				gate, status := newGate[runtime](b, c.Options()), c.Answer()
				if runtime == "none" {
					status = http.StatusOK
				}
				newRequest := requests(b, c)
				b.ReportAllocs()
				b.ResetTimer()
				start := cpuTime()
				for i := 0; i < b.N; i++ {
					if got := answer(gate, newRequest()); got != status {
						b.Fatalf("expected status %d, found %d", status, got)
					}
				}
				b.ReportMetric(float64(cpuTime()-start)/float64(b.N), "cpu-ns/op")
			})
		}
	}
}

// warmUp lets the heap grow before the first measurement, which would cost a fifth more otherwise.
func warmUp(b *testing.B, gate http.Handler) {
	newRequest := requests(b, workload.Callbacks[0])
	for range 10_000 {
		answer(gate, newRequest())
	}
}

// BenchmarkLoad is what Traefik waits for at its start: the plugin is interpreted, and makes one
// instance.
func BenchmarkLoad(b *testing.B) {
	start := cpuTime()
	for i := 0; i < b.N; i++ {
		interpretedGate(b, loadPlugin(b), workload.Callbacks[0].Options())
	}
	b.ReportMetric(float64(cpuTime()-start)/float64(b.N), "cpu-ns/op")
}

// TestWorkload holds that the benchmarks measure what they say, interpreted and compiled.
func TestWorkload(t *testing.T) {
	log.SetOutput(io.Discard)
	defer log.SetOutput(os.Stderr)
	newGate, shares := gates(t), 0
	for _, c := range workload.Callbacks {
		shares += c.Share
		for _, runtime := range []string{"interpreted", "compiled"} {
			gate, newRequest := newGate[runtime](t, c.Options()), requests(t, c)
			for range 2 {
				require.Equal(t, c.Answer(), answer(gate, newRequest()), "%s, %s", c.Name, runtime)
			}
		}
	}
	require.Equal(t, 100, shares)
}

// gates returns what makes a gate from options, by the runtime that the gate then has.
func gates(tb testing.TB) map[string]func(tb testing.TB, options map[string]any) http.Handler {
	plugin := loadPlugin(tb)
	return map[string]func(tb testing.TB, options map[string]any) http.Handler{
		"interpreted": func(tb testing.TB, options map[string]any) http.Handler { return interpretedGate(tb, plugin, options) },
		"compiled":    compiledGate,
		"none":        func(testing.TB, map[string]any) http.Handler { return next },
	}
}

func loadPlugin(tb testing.TB) *Plugin {
	root, err := Root()
	require.NoError(tb, err)
	plugin, err := Load(root, io.Discard)
	require.NoError(tb, err)
	return plugin
}

func interpretedGate(tb testing.TB, plugin *Plugin, options map[string]any) http.Handler {
	gate, err := plugin.New(context.Background(), next, options, "gate")
	require.NoError(tb, err)
	return gate
}

func compiledGate(tb testing.TB, options map[string]any) http.Handler {
	config := chatgate.CreateConfig()
	_, err := Decode(options, config)
	require.NoError(tb, err)
	gate, err := chatgate.New(context.Background(), next, config, "gate")
	require.NoError(tb, err)
	return gate
}

// next is what a gate forwards to.
var next = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })

// requests returns what makes a fresh request of a callback, as it reaches a middleware in Traefik.
func requests(tb testing.TB, c workload.Callback) func() *http.Request {
	target, body, sent := []byte(c.Target()), []byte(c.Text()), 0
	location, err := url.ParseRequestURI(string(target))
	require.NoError(tb, err)
	headers := http.Header{
		"Accept": {"*/*"}, "Content-Type": {"application/json"}, "User-Agent": {"Go-http-client/1.1"}, "X-Real-Ip": {"203.0.113.7"},
		"X-Forwarded-For": {"203.0.113.7"}, "X-Forwarded-Host": {"chat.example"}, "X-Forwarded-Port": {"80"},
		"X-Forwarded-Proto": {"http"}, "X-Forwarded-Server": {"traefik"}, "Content-Length": {strconv.Itoa(len(body))},
	}
	return func() *http.Request {
		address := *location
		sent++
		return &http.Request{
			Method: http.MethodPost, URL: &address, RequestURI: string(workload.Vary(target, sent)), Host: "chat.example", RemoteAddr: "203.0.113.7:50000",
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: headers.Clone(),
			Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
		}
	}
}

// answer returns the status that a handler answers a request with.
func answer(handler http.Handler, r *http.Request) int {
	w := &statusWriter{header: http.Header{}}
	handler.ServeHTTP(w, r)
	return w.status
}

// A statusWriter keeps the status of an answer and nothing else.
type statusWriter struct {
	header http.Header
	status int
}

func (w *statusWriter) Header() http.Header         { return w.header }
func (w *statusWriter) WriteHeader(status int)      { w.status = status }
func (w *statusWriter) Write(p []byte) (int, error) { return len(p), nil }
