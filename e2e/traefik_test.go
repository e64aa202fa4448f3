// Package e2e tests the gate as a black box: a real Traefik interprets the plugin with the very
// files of examples/, a client sends bytes over TCP, and a recording backend says what arrived.
// Nothing here knows the plugin's code but the names of its sources.
//
// Start reading at request_test.go: what a row of a table says, and how it is held. Each other file
// is one story.
package e2e

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const howToGetTraefik = `the end-to-end tests do not run, because there is no Traefik: set TRAEFIK_BIN to the binary's path,
or put traefik on the PATH. Binaries are at https://github.com/traefik/traefik/releases`

// binary is the path of Traefik, version the three numbers that it tells.
var (
	binary  string
	version [3]int
)

func TestMain(m *testing.M) {
	flag.Parse()
	binary = findTraefik()
	if binary == "" && !testing.Short() {
		fmt.Println("e2e:", howToGetTraefik)
		if os.Getenv("CHATGATE_E2E") == "required" {
			os.Exit(1)
		}
		os.Exit(0)
	}
	if binary != "" {
		var err error
		if version, err = versionOf(binary); err != nil {
			fmt.Println("e2e:", err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// versionOf asks a Traefik for its version.
func versionOf(binary string) (numbers [3]int, err error) {
	output, err := exec.Command(binary, "version").Output()
	if err != nil {
		return numbers, fmt.Errorf("%s version: %w", binary, err)
	}
	found := regexp.MustCompile(`Version:\s+v?(\d+)\.(\d+)\.(\d+)`).FindStringSubmatch(string(output))
	if found == nil {
		return numbers, fmt.Errorf("%s version tells none: %s", binary, output)
	}
	for i := range numbers {
		numbers[i], _ = strconv.Atoi(found[i+1])
	}
	return numbers, nil
}

// isSince tells whether this Traefik is of a version or newer.
func isSince(wanted [3]int) bool {
	for i := range wanted {
		if version[i] != wanted[i] {
			return version[i] > wanted[i]
		}
	}
	return true
}

// needs leaves a test out with a Traefik that is too old for it. The first lines of an example say
// what it needs.
func needs(t *testing.T, wanted [3]int) {
	t.Helper()
	if binary != "" && !isSince(wanted) {
		t.Skipf("Traefik %d.%d.%d is too old, it needs %d.%d.%d", version[0], version[1], version[2], wanted[0], wanted[1], wanted[2])
	}
}

// staticExample is the static configuration with an access log that shows no signature.
func staticExample(t *testing.T) string {
	t.Helper()
	if isSince([3]int{3, 7, 3}) {
		return readExample(t, "access-log.yml")
	}
	return readExample(t, "traefik.yml") + "\naccessLog:\n  fields:\n    names:\n      RequestPath: drop\n" // as access-log.yml says
}

func findTraefik() string {
	name := os.Getenv("TRAEFIK_BIN")
	if name == "" {
		name = "traefik"
	}
	found, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	found, _ = filepath.Abs(found)
	return found
}

// What the examples name and a test has its own of. These are the only changes made to them.
const (
	exampleAddress = `":8080"`
	exampleBackend = "http://127.0.0.1:9000"
	exampleTokens  = "/run/secrets/chatgate-tokens"
)

// A gateway is a running Traefik, with a recording backend behind it.
type gateway struct {
	*backend
	addr    string // of the entry point
	dir     string // in which Traefik runs
	dynamic string // the text of its dynamic configuration
}

// start runs Traefik with the static configuration of examples/ and one of its dynamic ones, until
// the test ends. Then it checks that no request was answered with a 5xx, that the plugin never
// panicked, and that no token or signature got into a log.
//
// Options are added to the plugin's.
func start(t *testing.T, example string, options ...string) *gateway {
	t.Helper()
	needsTraefik(t)
	dynamic := readExample(t, example)
	for _, option := range options {
		dynamic = replace(dynamic, "path: /callback\n", "path: /callback\n          "+option+"\n")
	}
	return startWith(t, dynamic)
}

// startWith runs Traefik with the text of a dynamic configuration.
func startWith(t *testing.T, dynamic string) *gateway {
	t.Helper()
	g := &gateway{backend: listen(t), addr: freeAddress(t), dir: t.TempDir()}
	g.dynamic = strings.NewReplacer(exampleBackend, g.backend.url(), exampleTokens, g.tokenFile()).Replace(dynamic)
	require.Contains(t, g.dynamic, g.backend.url(), "the example's service is at "+exampleBackend)
	static := staticExample(t)
	require.Contains(t, static, exampleAddress, "the example's entry point")
	g.write(t, "traefik.yml", strings.Replace(static, exampleAddress, `"`+g.addr+`"`, 1))
	g.write(t, "dynamic.yml", g.dynamic)
	if strings.Contains(dynamic, exampleTokens) {
		g.write(t, "chatgate-tokens", oldToken+"\n")
	}
	copyPlugin(t, filepath.Join(g.dir, "plugins-local", "src", "github.com", "chatgate", "chatgate"))
	g.run(t)
	return g
}

func readExample(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "examples", name))
	require.NoError(t, err)
	return string(text)
}

func (g *gateway) tokenFile() string { return filepath.Join(g.dir, "chatgate-tokens") }

// write replaces a file of the gateway's directory in one step, so that nobody reads half of it.
func (g *gateway) write(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(g.dir, name)
	require.NoError(t, os.WriteFile(file+".new", []byte(text), 0o600))
	require.NoError(t, os.Rename(file+".new", file))
}

// notPlugin is the directories that hold nothing that Traefik interprets.
var notPlugin = map[string]bool{".git": true, "e2e": true, "examples": true, "interop": true, "testdata": true, "vendor": true, "yaegi": true}

// copyPlugin copies what Traefik interprets. A link would do for Traefik, but go test would not see
// that its cached result is out of date.
func copyPlugin(t *testing.T, to string) {
	t.Helper()
	repository := os.DirFS("..")
	require.NoError(t, fs.WalkDir(repository, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && notPlugin[name]:
			return fs.SkipDir
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(to, name), 0o700)
		case name != ".traefik.yml" && (path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go")):
			return nil
		}
		text, err := fs.ReadFile(repository, name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), text, 0o600)
	}))
}

// freeAddress finds a port for Traefik, which does not tell which one it took when it may choose.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

// run starts Traefik, waits until requests get through to the backend, and stops it when the test
// ends.
func (g *gateway) run(t *testing.T) {
	t.Helper()
	output, err := os.Create(filepath.Join(g.dir, "traefik.log"))
	require.NoError(t, err)
	ctx, cancel := untilShortlyBefore(t)
	traefik := exec.CommandContext(ctx, binary, "--configFile=traefik.yml")
	traefik.Dir, traefik.Stdout, traefik.Stderr = g.dir, output, output
	require.NoError(t, traefik.Start())
	exited := make(chan struct{})
	go func() {
		_ = traefik.Wait() // however it ended: what counts is the log
		close(exited)
	}()

	t.Cleanup(func() {
		_ = traefik.Process.Signal(os.Interrupt)
		select {
		case <-exited:
		case <-time.After(15 * time.Second): // its own patience with open requests is 10 s
			assert.Fail(t, "Traefik does not stop")
			_ = traefik.Process.Kill()
			<-exited
		}
		cancel()
		_ = output.Close()
		g.checkLog(t)
	})
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", g.addr)
		if err == nil {
			_ = conn.Close()
			if g.send(t, "GET /ready HTTP/1.1\nHost: chat.example\n\n").status == 200 {
				break
			}
		}
		if time.Now().After(deadline) {
			require.Fail(t, "Traefik does not get ready", g.log(t))
		}
	}
	g.backend.take()
}

// untilShortlyBefore ends before go test kills itself and leaves Traefik behind.
func untilShortlyBefore(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	if deadline, ok := t.Deadline(); ok {
		return context.WithDeadline(context.Background(), deadline.Add(-3*time.Second))
	}
	return context.WithCancel(context.Background())
}

// log is what Traefik has written so far: its own log and the access log.
func (g *gateway) log(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(g.dir, "traefik.log"))
	require.NoError(t, err)
	return string(text)
}

var (
	serverError = regexp.MustCompile(`(?m)^.* HTTP/[0-9.]+" 5[0-9][0-9] .*$`)
	panics      = regexp.MustCompile(`(?m)^.*panic: .*$`)
	secrets     = regexp.MustCompile(`(?m)^.*(` + oldToken + `|` + newToken + `|[0-9a-f]{64}).*$`)
)

func (g *gateway) checkLog(t *testing.T) {
	t.Helper()
	log := g.log(t)
	assert.Empty(t, serverError.FindAllString(log, 5), "answers with a 5xx")
	assert.Empty(t, panics.FindAllString(log, 5), "panics")
	assert.Empty(t, secrets.FindAllString(log, 5), "tokens or signatures")
}

// gateLines is what the gate wrote to Traefik's log, line by line.
func (g *gateway) gateLines(t *testing.T) []string {
	t.Helper()
	var lines []string
	for _, line := range strings.Split(g.log(t), "\n") {
		if strings.Contains(line, "chatgate chatgate@file: ") {
			lines = append(lines, line)
		}
	}
	return lines
}
