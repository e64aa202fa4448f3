package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/yaegi"
	"github.com/chatgate/chatgate/yaegi/internal/sample"
)

// captured is the path of a request that every gate with its app lets in.
func captured(t *testing.T) string {
	root, err := yaegi.Root()
	require.NoError(t, err)
	return filepath.Join(root, "testdata", "requests", "two-members.http")
}

func TestCheckLetsIn(t *testing.T) {
	code, stdout, stderr := invoke("check", "-config", example(t, "dynamic.yml"), "-request", captured(t))
	assert.Equal(t, 0, code, stderr)
	assert.Contains(t, stdout, "request: Group.CallbackAfterCreateGroup: forwarded\n")
	assert.Contains(t, stdout, "  passed      every required field is there\n")
	assert.Contains(t, stdout, "  not needed  Sign is right (no token is set)\n")
	assert.Contains(t, stdout, "  sets        X-Chat-Group-Id: @TGS#2KQ7M4XHV\n")
}

func TestCheckSaysWhy(t *testing.T) {
	body := file(t, sample.GroupCreated)
	code, stdout, stderr := invoke("check", "-config", example(t, "dynamic.yml"), "-url", sample.URL("https://chat.example/callback", "2", protocol.AfterCreateGroup), "-body", body)
	assert.Equal(t, 1, code)
	assert.Equal(t, "chatgate: 1 of 1 not let in\n", stderr)
	for _, line := range []string{
		"request: Group.CallbackAfterCreateGroup: refused with 403, code 40302: this app is not let in",
		"  expected    SdkAppid 1400000000",
		`  found       SdkAppid "2"`,
		"  to do       ",
		"  passed      the URL has an SdkAppid",
		"  failed      the app is let in",
		"  not run     the command is let in",
	} {
		assert.Contains(t, stdout, line)
	}
}

// TestCheckAsTheGate holds check's verdict, in every form of capture, against that of a gate that
// runs.
func TestCheckAsTheGate(t *testing.T) {
	config := "{sdkAppId: 1400000000, path: /callback, commands: Group.*, maxBodyBytes: 2000}"
	gate := startGateway(t, config)
	for name, tc := range map[string]struct{ target, body string }{
		"good":        {sample.URL("/callback", "1400000000", protocol.AfterCreateGroup), sample.GroupCreated},
		"app":         {sample.URL("/callback", "1", protocol.AfterCreateGroup), sample.GroupCreated},
		"command":     {sample.URL("/callback", "1400000000", "Room.X"), "{}"},
		"query":       {"/callback?a=%25%zz", ""},
		"not JSON":    {sample.URL("/callback", "1400000000", protocol.AfterCreateGroup), "{"},
		"field":       {sample.URL("/callback", "1400000000", "Group.CallbackAfterGroupFull"), `{"CallbackCommand":"Group.CallbackAfterGroupFull"}`},
		"too long":    {sample.URL("/callback", "1400000000", protocol.AfterCreateGroup), strings.Repeat(" ", 3000)},
		"no callback": {"/other", "{}"},
	} {
		request, err := http.NewRequest(http.MethodPost, gate.address, strings.NewReader(tc.body))
		require.NoError(t, err)
		request.URL.Opaque = tc.target
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		var answer struct{ ErrorCode int }
		require.NoError(t, json.NewDecoder(response.Body).Decode(&answer), name)
		require.NoError(t, response.Body.Close())

		raw := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", tc.target, len(tc.body), tc.body)
		archive, _ := json.Marshal(map[string]any{"log": map[string]any{"entries": []any{map[string]any{"request": map[string]any{
			"method": "POST", "url": tc.target, "headers": []any{}, "postData": map[string]any{"text": tc.body}}}}}})
		for form, content := range map[string]string{"raw": raw, "HAR": string(archive)} {
			if strings.Contains(tc.target, "%zz") && form == "HAR" {
				continue
			}
			code, stdout, stderr := invoke("check", "-json", "-config", file(t, config), "-request", file(t, content))
			var f struct {
				Verdict string
				Refusal *struct{ Code, Status int }
			}
			require.NoError(t, json.Unmarshal([]byte(stdout), &f), "%s: %s", name, stderr)
			if answer.ErrorCode == 0 {
				assert.Nil(t, f.Refusal, "%s, %s", name, form)
				assert.Equal(t, name == "no callback", code == 1, "%s, %s", name, form)
				continue
			}
			assert.Equal(t, 1, code)
			require.NotNil(t, f.Refusal, "%s, %s", name, form)
			assert.Equal(t, answer.ErrorCode, f.Refusal.Code, "%s, %s", name, form)
			assert.Equal(t, response.StatusCode, f.Refusal.Status)
		}
	}
}

func TestCheckAtATime(t *testing.T) {
	const token = "replace-me-old-callback-token"
	moment := "1769860800"
	target := sample.URL("/callback", "1400000000", protocol.AfterCreateGroup) + "&RequestTime=" + moment + "&Sign=" + protocol.Sign(token, moment)
	request := func(date string) string {
		return file(t, fmt.Sprintf("POST %s HTTP/1.1\r\nHost: a\r\n%sContent-Length: %d\r\n\r\n%s", target, date, len(sample.GroupCreated), sample.GroupCreated))
	}
	seconds := time.Unix(1769860800, 0).UTC()
	dated := request("Date: " + seconds.Format(http.TimeFormat) + "\r\n")
	for name, tc := range map[string]struct {
		arguments []string
		code      int
		says      string
	}{
		"the capture's time":      {[]string{"-request", dated}, 0, "forwarded"},
		"now":                     {[]string{"-request", request("")}, 1, "40103"},
		"then":                    {[]string{"-request", request(""), "-at", "2026-01-31T12:00:30Z"}, 0, "forwarded"},
		"in seconds":              {[]string{"-request", request(""), "-at", moment}, 0, "forwarded"},
		"later than it says":      {[]string{"-request", dated, "-at", "1769860900"}, 1, "1m40s ago"},
		"with another token file": {[]string{"-request", dated, "-token-file", file(t, "other\n")}, 1, "40105"},
		"with the right one":      {[]string{"-request", dated, "-token-file", file(t, token+"\n")}, 0, "forwarded"},
	} {
		code, stdout, stderr := invoke(append([]string{"check", "-config", example(t, "rotation.yml")}, tc.arguments...)...)
		assert.Equal(t, tc.code, code, "%s: %s%s", name, stdout, stderr)
		assert.Contains(t, stdout, tc.says, name)
		assert.NotContains(t, stdout+stderr, token)
	}
}

func TestCheckAccessLog(t *testing.T) {
	line := func(path string, size, status int) string {
		text, _ := json.Marshal(map[string]any{"RequestMethod": "POST", "RequestPath": path, "RequestContentSize": size, "DownstreamStatus": status, "StartUTC": "2026-01-31T12:00:00Z"})
		return string(text) + "\n"
	}
	config := file(t, "{sdkAppId: 1400000000, path: /callback, maxBodyBytes: 1000000}")
	good, app := sample.URL("/callback", "1400000000", protocol.AfterCreateGroup), sample.URL("/callback", "2", protocol.AfterCreateGroup)
	for name, tc := range map[string]struct {
		log  string
		code int
		says []string
	}{
		"refused by URL":    {line(app, 300, 403), 1, []string{"code 40302", "403, says the capture"}},
		"refused by length": {line(good, 2<<20, 413), 1, []string{"code 41301"}},
		"body decides":      {line(good, 300, 400), 2, []string{"no verdict, the capture lacks the body", "passed      the command is let in", "not run     the body is one JSON object (the capture has no body)"}},
		"no query":          {line("/callback", 300, 200), 2, []string{"no verdict, the capture lacks the query and body"}},
		"no callback":       {line("/other", 0, 200), 1, []string{"not a callback"}},
		"many":              {line(app, 300, 403) + line(good, 300, 200), 1, []string{"line 1: ", "line 2: "}},
	} {
		code, stdout, _ := invoke("check", "-config", config, "-request", file(t, tc.log))
		assert.Equal(t, tc.code, code, "%s: %s", name, stdout)
		for _, words := range tc.says {
			assert.Contains(t, stdout, words, name)
		}
	}
}

func TestCheckReadsItsInput(t *testing.T) {
	var out bytes.Buffer
	raw := "POST /callback HTTP/1.1\r\nHost: a\r\n\r\n{\"a\":0}"
	err := check(t.Context(), []string{"-config", example(t, "dynamic.yml"), "-request", "-"}, strings.NewReader(raw), &out)
	require.Error(t, err)
	assert.Contains(t, out.String(), "code 40301")
}

func TestCheckOneOfSeveralGates(t *testing.T) {
	config := file(t, "http:\n  middlewares:\n    first:\n      plugin: {chatgate: {sdkAppId: 1}}\n    second:\n      plugin: {chatgate: {sdkAppId: 1400000000}}\n")
	request := captured(t)
	for middleware, code := range map[string]int{"first": 1, "second": 0} {
		got, _, stderr := invoke("check", "-config", config, "-request", request, "-middleware", middleware)
		assert.Equal(t, code, got, stderr)
	}
	code, _, stderr := invoke("check", "-config", config, "-request", request)
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, "several gates: first, second; choose one with -middleware")
	code, _, stderr = invoke("check", "-config", config, "-request", request, "-middleware", "third")
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, `no gate "third"`)
}

func TestCheckInMonitorMode(t *testing.T) {
	code, stdout, _ := invoke("check", "-config", file(t, "{sdkAppId: 1, mode: monitor}"), "-request", captured(t))
	assert.Equal(t, 1, code)
	assert.Contains(t, stdout, "would be refused with 403, code 40302")
}

func TestCheckNeeds(t *testing.T) {
	dynamic, request := example(t, "dynamic.yml"), captured(t)
	for complaint, arguments := range map[string][]string{
		"-config":             {"-request", request},
		"either -request":     {"-config", dynamic},
		"or -url":             {"-config", dynamic, "-request", request, "-url", "/"},
		"-at":                 {"-config", dynamic, "-request", request, "-at", "noon"},
		"/no/such/config":     {"-config", "/no/such/config", "-request", request},
		"/no/such/request":    {"-config", dynamic, "-request", "/no/such/request"},
		"/no/such/body":       {"-config", dynamic, "-url", "/", "-body", "/no/such/body"},
		"no option sdkAppIds": {"-config", file(t, "sdkAppIds: 1"), "-request", request},
		"expected a raw HTTP": {"-config", dynamic, "-request", file(t, "hello")},
		"-token-file":         {"-config", example(t, "kubernetes.yml"), "-request", request},
		"chatgate-tokens":     {"-config", example(t, "token-file.yml"), "-request", request},
	} {
		code, stdout, stderr := invoke(append([]string{"check"}, arguments...)...)
		assert.Equal(t, 2, code, complaint)
		assert.Contains(t, stderr, complaint)
		assert.Empty(t, stdout, complaint)
	}
}
