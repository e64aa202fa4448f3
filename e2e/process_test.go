package e2e

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What Traefik takes of the machine it runs on.

// pid finds the gateway's Traefik by the directory in which it runs.
func (g *gateway) pid(t *testing.T) string {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	require.NoError(t, err)
	if links == nil {
		t.Skip("there is no /proc here to read Traefik's memory from")
	}
	for _, link := range links {
		if dir, err := os.Readlink(link); err == nil && dir == g.dir {
			return filepath.Base(filepath.Dir(link))
		}
	}
	require.Fail(t, "no Traefik in "+g.dir)
	return ""
}

var resident = regexp.MustCompile(`VmRSS:\s+([0-9]+) kB`)

// memory is what Traefik has resident, in bytes.
func (g *gateway) memory(t *testing.T) int64 {
	t.Helper()
	return residentOf(t, g.pid(t))
}

func residentOf(t *testing.T, pid string) int64 {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", pid, "status"))
	require.NoError(t, err)
	found := resident.FindStringSubmatch(string(text))
	require.NotNil(t, found, string(text))
	kilobytes, err := strconv.ParseInt(found[1], 10, 64)
	require.NoError(t, err)
	return kilobytes << 10
}

// most is the most memory that Traefik has while something happens.
func (g *gateway) most(t *testing.T, something func()) int64 {
	t.Helper()
	pid := g.pid(t)
	var most int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		something()
	}()
	for {
		most = max(most, residentOf(t, pid))
		select {
		case <-done:
			return most
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// atOnce does something several times at once.
func atOnce(t *testing.T, times int, something func()) {
	t.Helper()
	var running sync.WaitGroup
	for range times {
		running.Add(1)
		go func() {
			defer running.Done()
			something()
		}()
	}
	running.Wait()
}

func get(t *testing.T, url string) []byte {
	t.Helper()
	response, err := http.Get(url)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return text
}

var goroutinesAlike = regexp.MustCompile(`(?m)^([0-9]+) @ `)

// goroutines is how many Traefik runs, and their stacks, as its internal entry point tells in debug
// mode. Those that serve connections to backends, two for each that is kept for the next request,
// are told apart: how many there are depends on how many clients came at once.
func goroutines(t *testing.T, internal string) (all, ofConnections int, stacks string) {
	t.Helper()
	stacks = string(get(t, "http://"+internal+"/debug/pprof/goroutine?debug=1"))
	for _, group := range strings.Split(stacks, "\n\n") {
		found := goroutinesAlike.FindStringSubmatch(group)
		if found == nil {
			continue
		}
		alike, err := strconv.Atoi(found[1])
		require.NoError(t, err)
		all += alike
		if strings.Contains(group, "net/http.(*persistConn)") {
			ofConnections += alike
		}
	}
	require.NotZero(t, all, stacks)
	return all, ofConnections, stacks
}
