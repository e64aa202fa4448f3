package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/yaegi/internal/sample"
)

// A recorder is a backend that keeps what it was sent. It answers OK, or as a test wants.
type recorder struct {
	mutex    sync.Mutex
	requests []*http.Request
	bodies   []string
	answer   http.HandlerFunc
}

func (b *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	b.mutex.Lock()
	b.requests, b.bodies = append(b.requests, r), append(b.bodies, string(body))
	b.mutex.Unlock()
	if b.answer != nil {
		b.answer(w, r)
		return
	}
	_, _ = io.WriteString(w, protocol.OK)
}

// sendTo runs "chatgate send" against a backend.
func sendTo(b *recorder, arguments ...string) (code int, stdout, stderr string) {
	server := httptest.NewServer(b)
	defer server.Close()
	return invoke(append([]string{"send", "-url", server.URL + "/callback"}, arguments...)...)
}

func TestSendOne(t *testing.T) {
	b, start := &recorder{}, time.Now()
	code, stdout, stderr := sendTo(b)
	require.Equal(t, 0, code, stderr)
	assert.Regexp(t, `^200 OK, ActionStatus OK, ErrorCode 0, after \S+\n`, stdout)
	assert.Contains(t, stdout, protocol.OK)

	require.Len(t, b.requests, 1)
	assert.Equal(t, "application/json", b.requests[0].Header.Get("Content-Type"))
	assert.NotContains(t, b.requests[0].URL.RawQuery, "Sign")
	event, refusal := received(b.requests[0], b.bodies[0], "")
	require.Nil(t, refusal)
	assert.True(t, event.Known)
	eventTime, _, _ := protocol.Value(event, "EventTime")
	milliseconds, err := time.ParseDuration(eventTime + "ms")
	require.NoError(t, err)
	assert.WithinDuration(t, start, time.UnixMilli(milliseconds.Milliseconds()), 10*time.Second)
}

// received has package protocol read a request, and its signature where there is a token.
func received(r *http.Request, body, token string) (*protocol.Event, *protocol.Refusal) {
	policy := &protocol.Policy{Apps: map[string]bool{"1400000000": true}, Commands: map[string]bool{}, MaxBody: protocol.MaxBody, Window: time.Minute}
	for _, command := range protocol.Commands() {
		policy.Commands[command] = true
	}
	if token != "" {
		policy.Tokens = func() []string { return []string{token} }
	}
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	return protocol.Check(policy, r.URL.RawQuery, r)
}

func TestSendSigns(t *testing.T) {
	const token = "e10adc3949ba59ab"
	for name, arguments := range map[string][]string{
		"flag":        {"-token", token},
		"file":        {"-token-file", file(t, token+"\r\nolder\n")},
		"environment": nil,
	} {
		if arguments == nil {
			t.Setenv(sample.TokenVariable, token)
		}
		b := &recorder{}
		code, stdout, stderr := sendTo(b, arguments...)
		require.Equal(t, 0, code, stderr)
		_, refusal := received(b.requests[0], b.bodies[0], token)
		assert.Nil(t, refusal, name)
		assert.NotContains(t, stdout+stderr, token, name)
		require.NoError(t, os.Unsetenv(sample.TokenVariable))
	}
}

func TestSendEveryCommand(t *testing.T) {
	for _, command := range protocol.Commands() {
		b := &recorder{}
		code, _, stderr := sendTo(b, "-command", command)
		require.Equal(t, 0, code, stderr)
		_, refusal := received(b.requests[0], b.bodies[0], "")
		assert.Nil(t, refusal, command)
	}
}

func TestSendBodyAsItIs(t *testing.T) {
	b, body := &recorder{}, "{\"EventTime\":1,\r\n\xff"
	code, _, stderr := sendTo(b, "-body", file(t, body), "-command", "C2C.CallbackAfterSendMsg", "-app", "a&b")
	require.Equal(t, 0, code, stderr)
	assert.Equal(t, body, b.bodies[0])
	assert.Equal(t, "C2C.CallbackAfterSendMsg", b.requests[0].URL.Query().Get("CallbackCommand"))
	assert.Equal(t, "a&b", b.requests[0].URL.Query().Get("SdkAppid"))
}

func TestSendMany(t *testing.T) {
	b := &recorder{}
	b.answer = func(w http.ResponseWriter, _ *http.Request) {
		b.mutex.Lock()
		count := len(b.bodies)
		b.mutex.Unlock()
		if count%4 == 0 {
			w.WriteHeader(http.StatusForbidden)
			protocol.Refuse(w, &protocol.Refusal{Reason: protocol.AppNotAllowed, Detail: "go\x1baway"})
			return
		}
		_, _ = io.WriteString(w, protocol.OK)
	}
	code, stdout, stderr := sendTo(b, "-n", "100", "-concurrency", "1")
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "25 of 100 not accepted")
	assert.Contains(t, stdout, "100 sent in ")
	assert.Contains(t, stdout, "      75  200 OK, ActionStatus OK, ErrorCode 0\n      25  403 Forbidden, ActionStatus FAIL, ErrorCode 40302\n")
	assert.Regexp(t, `answered  50% in \S+  90% in \S+  99% in \S+  100% in \S+\n$`, stdout)
	bodies := map[string]bool{}
	for _, body := range b.bodies {
		bodies[body] = true
	}
	assert.Len(t, bodies, 100, "no two are the same event")
}

func TestSendKeepsItsRate(t *testing.T) {
	start := time.Now()
	code, _, stderr := sendTo(&recorder{}, "-n", "11", "-rate", "50")
	require.Equal(t, 0, code, stderr)
	assert.GreaterOrEqual(t, time.Since(start), 200*time.Millisecond)
}

func TestSendConcurrently(t *testing.T) {
	var arrived sync.WaitGroup
	arrived.Add(3)
	b := &recorder{answer: func(w http.ResponseWriter, _ *http.Request) {
		arrived.Done()
		arrived.Wait() // for the others
		_, _ = io.WriteString(w, protocol.OK)
	}}
	code, _, stderr := sendTo(b, "-n", "3", "-concurrency", "3")
	require.Equal(t, 0, code, stderr)
}

func TestAnswersThatAreNotAccepted(t *testing.T) {
	for expected, answer := range map[string]http.HandlerFunc{
		"200 OK, not in the form of an answer": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "fine") },
		"200 OK, ActionStatus FAIL, ErrorCode 1": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"ActionStatus":"FAIL","ErrorCode":1,"ErrorInfo":"no"}`)
		},
		"204 No Content, not in the form of an answer": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
		"302 Found, not in the form of an answer":      func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"no answer": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		code, stdout, stderr := sendTo(&recorder{answer: answer}, "-token", "e10adc3949ba59ab", "-timeout", "100ms")
		assert.Equal(t, 1, code, expected)
		assert.True(t, strings.HasPrefix(stdout, expected+", after "), "%s: %s", expected, stdout)
		assert.NotContains(t, stdout+stderr, "Sign=")
	}
}

func TestSendNeeds(t *testing.T) {
	for arguments, complaint := range map[string]string{
		"-command Live.CallbackAfterCreateRoom": "-body",
		"-body /no/such/file":                   "/no/such/file",
		"-token-file /no/such/file":             "/no/such/file",
		"-token-file " + file(t, "\nx"):         "first line is empty",
	} {
		b := &recorder{}
		code, _, stderr := sendTo(b, strings.Fields(arguments)...)
		assert.Equal(t, 1, code, arguments)
		assert.Contains(t, stderr, complaint)
		assert.Empty(t, b.requests)
	}
}

func TestSendIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	b := &recorder{}
	b.answer = func(w http.ResponseWriter, r *http.Request) {
		b.mutex.Lock()
		defer b.mutex.Unlock()
		if len(b.bodies) == 10 {
			cancel()
			<-r.Context().Done()
		}
		_, _ = io.WriteString(w, protocol.OK)
	}
	server := httptest.NewServer(b)
	defer server.Close()
	var stdout, stderr screen
	code := execute(ctx, []string{"send", "-url", server.URL, "-n", "1000000", "-concurrency", "1"}, &stdout, &stderr)
	assert.Equal(t, 0, code, stderr.String())
	assert.Contains(t, stdout.String(), "9 sent in ")
}
