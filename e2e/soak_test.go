package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// However many callbacks come, good and bad ones, and however often the configuration changes
// meanwhile: each answer is its own request's, none is a 5xx, and Traefik takes no more memory and
// runs no more goroutines than before.
//
//	CHATGATE_E2E_LOAD=200000 go test ./e2e -run TestLoadAndReloads -v -timeout 30m
//
// sends so many instead of 20,000, and prints the figures.
func TestLoadAndReloads(t *testing.T) {
	needsTraefik(t)
	const reloads = 100
	requests := 20000
	if text := os.Getenv("CHATGATE_E2E_LOAD"); text != "" {
		var err error
		requests, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	const exampleInternal = `":8081"`
	internal := freeAddress(t)
	static := replace(staticExample(t), "entryPoints:\n", "entryPoints:\n  traefik:\n    address: "+exampleInternal+"\n")
	static = replace(static, "providers:\n", "providers:\n  providersThrottleDuration: 50ms # not 2 s between two reloads\n") +
		"\napi:\n  insecure: true\n  debug: true # /debug/pprof on the entry point traefik\n"
	g := startSetup(t, setup{static: static, dynamic: readExample(t, "dynamic.yml"), replace: map[string]string{exampleInternal: `"` + internal + `"`}})

	// The first callbacks, and the first reloads, make what stays: pools, buffers, and the heap's
	// size between two collections.
	var reached atomic.Int64
	part := func(from, to int) func(int) *shot {
		return func(i int) *shot {
			if from+i >= to {
				return nil
			}
			reached.Store(int64(from + i))
			return shoot(from+i, "")
		}
	}
	warm := requests / 10
	g.fire(t, 16, part(0, warm), nil)
	for n := range 5 {
		g.reload(t, n)
	}
	atRest := g.rest(t, internal)
	t.Logf("after %6d requests and %3d reloads: %s", warm, 5, atRest)

	started := time.Now()
	sent := 0
	reloaded := make(chan int, 1)
	go func() {
		n := 0
		defer func() { reloaded <- n }()
		for ; n < reloads; n++ { // spread over the load; each is seen to have taken over
			for reached.Load() < int64(warm+(requests-warm)*n/reloads) {
				time.Sleep(10 * time.Millisecond)
			}
			g.reload(t, 5+n)
		}
	}()
	// In parts, so that the backend's records don't fill the test's memory.
	for from := warm; from < requests; from += requests / 10 {
		sent += g.fire(t, 16, part(from, min(from+requests/10, requests)), nil)
	}
	took := time.Since(started)
	for n := -1; n < 0; { // go on until the last reload
		select {
		case n = <-reloaded:
			assert.Equal(t, reloads, n)
		default:
			sent += g.fire(t, 16, part(requests+sent, requests+sent+1000), nil)
		}
	}
	t.Logf("%d requests, 10 kinds of them, at %.0f/s, and %d reloads: no 5xx, no wrong header", sent, float64(requests-warm)/took.Seconds(), reloads)

	afterwards := g.rest(t, internal)
	t.Logf("after %6d requests and %3d reloads: %s", warm+sent, 5+reloads, afterwards)
	if afterwards.goroutines-afterwards.ofConnections > atRest.goroutines-atRest.ofConnections+10 {
		assert.Fail(t, "more goroutines than before", afterwards.stacks)
	}
	assert.Less(t, afterwards.memory, atRest.memory*3/2+(32<<20), "Traefik's memory")
	assert.NotContains(t, g.accessLog(t), `HTTP/1.1" 5`)
}

// reload changes the configuration in a way that can be seen, and waits until it is.
func (g *gateway) reload(t *testing.T, n int) {
	t.Helper()
	app := strconv.Itoa(1700000000 + n)
	g.write(t, "dynamic.yml", replace(g.dynamic, "sdkAppId: 1400000000", "sdkAppId: 1400000000,"+app))
	g.becomes(t, 200, func() string { return post("/callback?"+withQuery("1400000000", app), "", body) })
}

// A state is what Traefik takes when nothing is under way.
type state struct {
	memory        int64 // resident, in bytes
	goroutines    int
	ofConnections int // those of connections to the backend, which are kept for a while
	stacks        string
}

func (s state) String() string {
	return fmt.Sprintf("%d MiB resident, %d goroutines, %d of them for connections to the backend", s.memory>>20, s.goroutines, s.ofConnections)
}

// rest waits until Traefik has collected its garbage and closed what is idle, and looks at it.
func (g *gateway) rest(t *testing.T, internal string) state {
	t.Helper()
	var s state
	for range 3 {
		time.Sleep(500 * time.Millisecond)
		get(t, "http://"+internal+"/debug/pprof/heap?gc=1") // collects
		s.goroutines, s.ofConnections, s.stacks = goroutines(t, internal)
	}
	s.memory = g.memory(t)
	if kept := os.Getenv("CHATGATE_E2E_PROFILES"); kept != "" { // a directory for profiles of what is there
		name := filepath.Join(kept, strings.ReplaceAll(t.Name(), "/", "-")+"-"+strconv.FormatInt(time.Now().Unix(), 10))
		require.NoError(t, os.WriteFile(name, get(t, "http://"+internal+"/debug/pprof/heap"), 0o600))
	}
	return s
}
