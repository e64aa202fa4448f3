package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/yaegi/internal/sample"
)

func TestBackendPrintsWhatReachesIt(t *testing.T) {
	gate := startGateway(t, "")
	body := file(t, strings.Replace(sample.GroupCreated, `"Operator_Account":"alice"`, `"Operator_Account":"王小明"`, 1))
	code, _, stderr := invoke("send", "-url", gate.address+"/callback", "-body", body)
	require.Equal(t, 0, code, stderr)
	for _, line := range []string{
		"POST /callback, 253 bytes",
		"X-Chat-Group-Id: @TGS#2J4SZEAEL",
		"X-Chat-Operator: %E7%8E%8B%E5%B0%8F%E6%98%8E  (王小明)",
		`"MemberList": [{"Member_Account":"alice"},{"Member_Account":"bob"}]`,
	} {
		assert.Contains(t, gate.stdout.String(), "  "+line+"\n")
	}
}

func TestRefusalIsLoggedAndReachesNobody(t *testing.T) {
	gate := startGateway(t, "")
	code, stdout, stderr := invoke("send", "-url", gate.address+"/callback", "-app", "2")
	assert.Equal(t, 1, code)
	assert.Contains(t, stdout, "403 Forbidden, ActionStatus FAIL, ErrorCode 40302")
	assert.Contains(t, stderr, "1 of 1 not accepted")
	gate.stderr.await(t, "40302")
	assert.NotContains(t, gate.stdout.String(), "POST /callback")
}

// TestPastedLinesWork runs in a shell what a gateway says to paste.
func TestPastedLinesWork(t *testing.T) {
	for _, tool := range []string{"sh", "curl", "sha256sum"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	t.Setenv(sample.TokenVariable, "it's a token")
	for name, config := range map[string]string{
		"default":         "",
		"signed":          `{sdkAppId: "7, 1", token: "it's a token"}`,
		"secret file":     "{sdkAppId: 1, path: \"/a 'b'\", tokenFile: '" + file(t, "it's a token\n") + "'}",
		"another command": "{sdkAppId: [1, 10], commands: [Group.CallbackAfterGroupFull]}",
		"all commands":    "{sdkAppId: 1, commands: Group.*}",
		"any command":     "{sdkAppId: 1, commands: '*'}",
		"another family":  "{sdkAppId: 1, commands: [C2C.*]}",
		"any path":        "sdkAppId: 1",
	} {
		t.Run(name, func(t *testing.T) {
			gate := startGateway(t, config)
			lines := strings.Split(gate.stdout.String(), "\n")
			passing, refused := shell(t, lines[6]), shell(t, lines[10])
			assert.Contains(t, passing, "HTTP/1.1 200 OK")
			assert.Contains(t, passing, protocol.OK)
			assert.Contains(t, refused, "HTTP/1.1 403 Forbidden")
			assert.Equal(t, 1, strings.Count(gate.stdout.String(), "  POST "), "requests that reach the backend")
		})
	}
}

func shell(t *testing.T, line string) string {
	output, err := exec.Command("sh", "-c", line).Output()
	require.NoError(t, err, line)
	return string(output)
}

func TestAddressOfThePage(t *testing.T) {
	gate := startGateway(t, "")
	answer, err := http.Get(gate.page(t))
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	assert.Equal(t, http.StatusOK, answer.StatusCode)

	code, stdout, stderr := invoke("run", "-listen", "127.0.0.1:0", "-inspect", strings.TrimPrefix(gate.page(t), "http://"))
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "address already in use; give another address")
	assert.Empty(t, stdout)
}

func TestWithoutThePage(t *testing.T) {
	var stdout, stderr screen
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	go func() {
		ended <- execute(ctx, []string{"run", "-listen", "127.0.0.1:0", "-inspect", ""}, &stdout, &stderr)
	}()
	stdout.await(t, "This callback passes")
	cancel()
	assert.Equal(t, 0, <-ended)
	assert.True(t, strings.HasPrefix(stdout.String(), "The gate, interpreted"))
}

// TestLinesOfJSON holds that -json prints lines of JSON and nothing else.
func TestLinesOfJSON(t *testing.T) {
	var stdout, stderr screen
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	go func() {
		ended <- execute(ctx, []string{"run", "-listen", "127.0.0.1:0", "-inspect", "127.0.0.1:0", "-json"}, &stdout, &stderr)
	}()
	stderr.await(t, "This callback passes")
	target := listensOn.FindStringSubmatch(stderr.String())[1] + "/callback"
	invoke("send", "-url", target, "-token", "e10adc3949ba59ab")
	invoke("send", "-url", target, "-app", "2")
	stdout.await(t, "40302")
	cancel()
	assert.Equal(t, 0, <-ended)
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	require.Len(t, lines, 2)
	var first, second struct {
		Verdict, Command, Group, Operator string
		Status                            int
		Set                               []struct{ Name, Value string }
		Request                           struct{ Line, Body string }
		Refusal                           struct {
			Code   int
			Remedy string
		}
		Backend *struct{ Status int }
	}
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &first))
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &second))
	assert.Equal(t, []string{"forwarded", protocol.AfterCreateGroup, "@TGS#2J4SZEAEL", "alice"}, []string{first.Verdict, first.Command, first.Group, first.Operator})
	assert.Len(t, first.Set, 3)
	assert.Equal(t, 200, first.Backend.Status)
	assert.NotContains(t, lines[0], "Sign=")
	assert.Contains(t, first.Request.Body, "Weekend hike")
	assert.Equal(t, 40302, second.Refusal.Code)
	assert.NotEmpty(t, second.Refusal.Remedy)
	assert.Equal(t, 403, second.Status)
	assert.Nil(t, second.Backend)
}

func TestMonitorIsSaid(t *testing.T) {
	gate := startGateway(t, "{sdkAppId: 1, mode: monitor}")
	assert.Contains(t, gate.stdout.String(), "would be refused")
}

func TestOwnUpstream(t *testing.T) {
	seen := make(chan *http.Request, 1)
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r
		_, _ = w.Write([]byte(protocol.OK))
	}))
	defer backend.Close()
	gate := startGateway(t, "", "-upstream", backend.URL)
	code, _, stderr := invoke("send", "-url", gate.address+"/callback?mine=a%2Fb")
	require.Equal(t, 0, code, stderr)
	r := <-seen
	assert.Equal(t, "@TGS#2J4SZEAEL", r.Header.Get("X-Chat-Group-Id"))
	assert.Equal(t, sample.URL("/callback?mine=a%2Fb", "1400000000", protocol.AfterCreateGroup), r.RequestURI)
	assert.Equal(t, gate.address, "http://"+r.Host)
	assert.Equal(t, "127.0.0.1", r.Header.Get("X-Forwarded-For"))
}

func TestUpstreamIsDown(t *testing.T) {
	gate := startGateway(t, "", "-upstream", "http://"+deadAddress)
	code, stdout, _ := invoke("send", "-url", gate.address+"/callback")
	assert.Equal(t, 1, code)
	assert.Contains(t, stdout, "502 Bad Gateway, not in the form of an answer")
	gate.stderr.await(t, "connection refused")
}

// deadAddress is one that nobody listens on: a port that was free a moment ago may be the gateway's
// own by now.
const deadAddress = "127.0.0.1:1"

func TestGatewayThatCannotStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for name, tc := range map[string]struct{ config, address, complaint string }{
		"address taken":     {"sdkAppId: 1", taken.Addr().String(), "address already in use"},
		"bad address":       {"sdkAppId: 1", "here", "here"},
		"no app":            {"path: /callback", "127.0.0.1:0", "sdkAppId"},
		"every fault":       {"{sdkAppId: app, mode: lax}", "127.0.0.1:0", "mode"},
		"misspelt option":   {"sdkAppIds: 1", "127.0.0.1:0", "no option sdkAppIds"},
		"wrong type":        {"{sdkAppId: 1, maxBodyBytes: big}", "127.0.0.1:0", "MaxBodyBytes"},
		"no section plugin": {"http: {routers: {}}", "127.0.0.1:0", "no option http"},
		"not a map":         {"[sdkAppId]", "127.0.0.1:0", "cannot unmarshal"},
		"not YAML":          {"sdkAppId: [", "127.0.0.1:0", "yaml"},
		"empty":             {"", "127.0.0.1:0", "empty"},
	} {
		code, stdout, stderr := invoke("run", "-inspect", "127.0.0.1:0", "-listen", tc.address, "-config", file(t, tc.config))
		assert.Equal(t, 1, code, name)
		assert.Contains(t, stderr, tc.complaint, name)
		assert.Empty(t, stdout, name)
	}
	code, _, stderr := invoke("run", "-config", "/no/such/file")
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "/no/such/file")
}

func TestOptionsAreFound(t *testing.T) {
	expected := map[string]any{"sdkAppId": 1, "path": "/callback"}
	for name, content := range map[string]string{
		"options alone": "sdkAppId: 1\npath: /callback",
		"Traefik's file": `
http:
  routers:
    chat: {rule: PathPrefix("/"), service: chat}
  middlewares:
    compress: {compress: {}}
    first:
      plugin:
        alias: {sdkAppId: 1, path: /callback}
    second:
      plugin:
        alias: {sdkAppId: 2}`,
		"Kubernetes": `
kind: Deployment
---
kind: Middleware
spec:
  plugin:
    chatgate:
      sdkAppId: 1
      path: /callback`,
	} {
		options, config, err := readOptions(file(t, content))
		require.NoError(t, err, name)
		assert.Equal(t, expected, options, name)
		assert.Equal(t, []string{"1"}, config.SdkAppID, name)
	}
}

// TestBackendKeepsTheTerminalClean has the printer show what nobody should send.
func TestBackendKeepsTheTerminalClean(t *testing.T) {
	for body, expected := range map[string]string{
		"":                           "  \"\"\n",
		"\x1b[2J":                    "  \"\\x1b[2J\"\n",
		`{"a":"` + "\u009b2J" + `"}`: "  \"a\": \"\ufffd2J\"\n",
		`{"a":`:                      "  \"{\\\"a\\\":\"\n",
		`["a"]`:                      "  \"[\\\"a\\\"]\"\n",
		`{"a":"` + strings.Repeat("é", 100) + `"}`:    "  \"a\": \"" + strings.Repeat("é", 49) + "... (202 bytes)\n",
		"{" + strings.Repeat(`"a":1,`, 40) + `"a":1}`: strings.Repeat("  \"a\": 1\n", 20) + "  and more\n",
	} {
		var out screen
		answer := httptest.NewRecorder()
		(&printer{out: &out}).ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/callback", strings.NewReader(body)))
		_, shown, _ := strings.Cut(out.String(), "bytes\n")
		assert.Equal(t, expected+"\n", shown, "%q", body)
		assert.Equal(t, protocol.OK, answer.Body.String())
	}
}

func TestDialable(t *testing.T) {
	for listening, expected := range map[string]string{"0.0.0.0:1": "127.0.0.1:1", "[::]:2": "127.0.0.1:2", "[::1]:3": "[::1]:3"} {
		address, err := net.ResolveTCPAddr("tcp", listening)
		require.NoError(t, err)
		assert.Equal(t, expected, dialable(address))
	}
}
