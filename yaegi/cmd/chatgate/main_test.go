package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/yaegi/internal/sample"
)

// TestMain lets a test start this program as a process: the test binary is the program where
// asProgram is set.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

const asProgram = "CHATGATE_TEST_AS_PROGRAM"

// A screen is what a command prints, while it runs.
type screen struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.text.String()
}

// await waits until a screen shows text.
func (s *screen) await(t *testing.T, text string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(s.String(), text) }, 10*time.Second, time.Millisecond, "%q never appears", text)
}

// invoke runs the program in this process and returns its exit code.
func invoke(arguments ...string) (code int, stdout, stderr string) {
	var out, err screen
	code = execute(context.Background(), arguments, &out, &err)
	return code, out.String(), err.String()
}

// A gateway is "chatgate run", started by a test.
type gateway struct {
	address string
	stdout  screen
	stderr  screen
}

var listensOn = regexp.MustCompile(`listens on (http://\S+)\.`)

// startGateway starts a gateway with a configuration, for the time of the test. An empty one stands
// for no file.
func startGateway(t *testing.T, config string, arguments ...string) *gateway {
	arguments = append([]string{"run", "-listen", "127.0.0.1:0", "-inspect", "127.0.0.1:0"}, arguments...)
	if config != "" {
		arguments = append(arguments, "-config", file(t, config))
	}
	g, ended := &gateway{}, make(chan int, 1)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { ended <- execute(ctx, arguments, &g.stdout, &g.stderr) }()
	t.Cleanup(func() {
		cancel()
		assert.Equal(t, 0, <-ended, g.stderr.String())
	})
	g.stdout.await(t, "\n\nThis one ")
	g.address = listensOn.FindStringSubmatch(g.stdout.String())[1]
	return g
}

// file is a file with a content.
func file(t *testing.T, content string) string {
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
	return name
}

func TestMistakesOnTheCommandLine(t *testing.T) {
	for arguments, complaint := range map[string]string{
		"":                                     "run, send, check or doctor",
		"walk":                                 `no command "walk"`,
		"run -port 1":                          "-port",
		"run now":                              `"now" is not a flag`,
		"run -inspect 0.0.0.0:4040":            "-inspect: expected a loopback address",
		"run -inspect :4040":                   "-inspect: expected a loopback address",
		"run -inspect here":                    "-inspect: expected a loopback address",
		"doctor":                               "files",
		"check -request x":                     "-config",
		"run -upstream 127.0.0.1:9000":         "-upstream",
		"run -upstream http://127.0.0.1/path":  "without a path",
		"send -n 0":                            "-n",
		"send -n many":                         "-n",
		"send -rate -1":                        "-rate",
		"send -concurrency 0":                  "-concurrency",
		"send -timeout 0s":                     "-timeout",
		"send -url example.com/callback":       "-url",
		"send -token secret -token-file there": "exclude each other",
	} {
		code, stdout, stderr := invoke(strings.Fields(arguments)...)
		assert.Equal(t, 2, code, arguments)
		assert.Contains(t, stderr, complaint, arguments)
		assert.Empty(t, stdout, arguments)
		assert.NotContains(t, stderr, "secret", arguments)
	}
}

func TestHelp(t *testing.T) {
	for arguments, mention := range map[string][]string{
		"help":          {"chatgate run", "chatgate send", "chatgate check", "chatgate doctor"},
		"--help":        {"chatgate run", "chatgate send", "chatgate check", "chatgate doctor"},
		"run --help":    {"-listen", "-upstream", "-config", "-inspect", "-json"},
		"check --help":  {"-config", "-middleware", "-token-file", "-request", "-url", "-body", "-at", "-json", "exit code"},
		"doctor --help": {"-json", "TOML", "exit code"},
		"send --help":   {"-url", "-app", "-token", "-token-file", "-command", "-body", "-n", "-rate", "-concurrency", sample.TokenVariable},
	} {
		code, stdout, stderr := invoke(strings.Fields(arguments)...)
		assert.Equal(t, 0, code, arguments)
		assert.Empty(t, stderr, arguments)
		for _, word := range mention {
			assert.Contains(t, stdout, word, arguments)
		}
	}
}

// startProgram starts a gateway as a process of its own, and returns where its page is.
func startProgram(t *testing.T) (process *os.Process, page string) {
	var stdout, stderr screen
	program := exec.Command(os.Args[0], "run", "-listen", "127.0.0.1:0", "-inspect", "127.0.0.1:0")
	program.Env = append(os.Environ(), asProgram+"=1")
	program.Stdout, program.Stderr = &stdout, &stderr
	require.NoError(t, program.Start())
	t.Cleanup(func() {
		_ = program.Process.Kill() // if it still runs
		_ = program.Wait()
	})
	stdout.await(t, "This callback passes")
	return program.Process, pageAt.FindStringSubmatch(stdout.String())[1]
}

func TestInterruptEndsTheGateway(t *testing.T) {
	var stdout, stderr screen
	program := exec.Command(os.Args[0], "run", "-listen", "127.0.0.1:0", "-inspect", "127.0.0.1:0")
	program.Env = append(os.Environ(), asProgram+"=1")
	program.Stdout, program.Stderr = &stdout, &stderr
	require.NoError(t, program.Start())
	stdout.await(t, "This callback passes")
	require.NoError(t, program.Process.Signal(syscall.SIGINT))
	require.NoError(t, program.Wait(), "the exit code is 0")
	assert.Empty(t, stderr.String())
}
