package callback_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate"
	"github.com/chatgate/chatgate/callback"
	"github.com/chatgate/chatgate/callback/callbacktest"
	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/internal/samples"
)

func newReceiver(t *testing.T, config callback.Config) *callback.Receiver {
	receiver, err := callback.NewReceiver(config)
	require.NoError(t, err)
	return receiver
}

// gate is the middleware that lets in what callbacktest sends. What it forwards ends up in
// forwarded.
func gate(t *testing.T, forwarded **http.Request) http.Handler {
	config := chatgate.CreateConfig()
	config.SdkAppID = []string{callbacktest.App}
	config.Token = []string{callbacktest.Token}
	config.Commands = []string{"*"}
	next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { *forwarded = r })
	handler, err := chatgate.New(context.Background(), next, config, "test")
	require.NoError(t, err)
	return handler
}

// What a Receiver lets in is what the gate lets in, and it says the same of it. Behind the gate,
// FromGate says the same again.
func TestReceiverAgreesWithTheGate(t *testing.T) {
	var forwarded *http.Request
	handler := gate(t, &forwarded)
	receiver := newReceiver(t, callbacktest.Config())
	verdicts := map[int]int{}
	agree := func(command, name, body string) {
		forwarded = nil
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, callbacktest.NewRequest(command, body))
		event, err := receiver.Parse(callbacktest.NewRequest(command, body))
		name = command + ": " + name
		var refused *callback.Error
		if forwarded == nil && w.Body.String() != protocol.OK {
			if assert.ErrorAs(t, err, &refused, name) {
				answer := httptest.NewRecorder()
				refused.ServeHTTP(answer, nil)
				assert.Equal(t, w.Code, answer.Code, name)
				assert.JSONEq(t, w.Body.String(), answer.Body.String(), name)
				verdicts[refused.Code]++
			}
			assert.Nil(t, event, name)
			return
		}
		if forwarded == nil {
			assert.ErrorIs(t, err, callback.ErrURLCheck, name)
			return
		}
		if !assert.NoError(t, err, name) {
			return
		}
		verdicts[0]++
		group, operator := decoded(t, forwarded, "X-Chat-Group-Id"), decoded(t, forwarded, "X-Chat-Operator")
		assert.Equal(t, group, event.GroupID, name)
		assert.Equal(t, operator, event.Operator, name)
		behind, err := callback.FromGate(forwarded)
		if forwarded.Header.Get("X-Chat-Group-Id") == "" && forwarded.Header.Get("X-Chat-Operator") == "" {
			return // see TestFromGate
		}
		if assert.NoError(t, err, name) {
			assert.Equal(t, event, behind, name)
		}
	}
	for i, command := range callback.Commands() {
		agree(command, "the sample", samples.Body(command))
		for _, twin := range samples.Twins(command) {
			agree(command, twin.Name, twin.Body)
		}
		for n := 0; n < 5; n++ {
			body := samples.Generate(uint64(100*i+n), command).Body
			agree(command, body[:min(len(body), 200)], body)
		}
	}
	assert.Greater(t, len(verdicts), 6, "reasons")
	assert.Greater(t, verdicts[0], 1000, "let in")
}

func decoded(t *testing.T, r *http.Request, header string) string {
	value, err := url.PathUnescape(r.Header.Get(header))
	require.NoError(t, err)
	return value
}

func TestConfigNamesEveryFault(t *testing.T) {
	many := callback.Config{Commands: []string{"Group.*", "Group.CallbackOfTomorrow"}, Tokens: []string{" secret"}, Window: time.Millisecond, MaxBody: -1}
	for _, row := range []struct {
		name   string
		config callback.Config
		faults []string
	}{
		{"the zero Config", callback.Config{}, []string{"Apps: expected at least one", "Tokens: expected at least one token, or Unsigned"}},
		{"many", many, []string{"Apps:", "Group.CallbackOfTomorrow", "Tokens[0]", "Window", "MaxBody"}},
		{"an app", callback.Config{Apps: []string{"14x"}, Unsigned: true}, []string{`found "14x"`}},
		{"unsigned and signed", callback.Config{Apps: []string{"1"}, Unsigned: true, Tokens: []string{"t"}}, []string{"Unsigned"}},
		{
			"behind a gate", callback.Config{GateHeaders: map[string]string{"X-A": "Nothing"}, Apps: []string{"1"}, Unsigned: true, Window: time.Second},
			[]string{`GateHeaders["X-A"]`, "Apps: expected none", "Unsigned", "Window"},
		},
		{"no header of the gate", callback.Config{GateHeaders: map[string]string{}}, []string{"GateHeaders: expected at least one"}},
	} {
		receiver, err := callback.NewReceiver(row.config)
		assert.Nil(t, receiver, row.name)
		if !assert.Error(t, err, row.name) {
			continue
		}
		assert.Len(t, strings.Split(err.Error(), "; "), len(row.faults), err.Error())
		for _, fault := range row.faults {
			assert.Contains(t, err.Error(), fault, row.name)
		}
		assert.NotContains(t, err.Error(), "secret", row.name)
	}
}

func TestErrors(t *testing.T) {
	const command = callback.CommandGroupAfterCreateGroup
	sentinels := []error{callback.ErrSignature, callback.ErrNotAllowed, callback.ErrMalformed, callback.ErrURLCheck, callback.ErrNotFromGate, callback.ErrReply}
	request := func(change func(*http.Request)) *http.Request {
		r := callbacktest.NewRequest(command, "")
		change(r)
		return r
	}
	replace := func(old, replacement string) *http.Request {
		return request(func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, old, replacement, 1) })
	}
	config := callbacktest.Config()
	config.Commands = []string{command}
	config.MaxBody = 4096
	for _, row := range []struct {
		name   string
		r      *http.Request
		is     error
		status int
		code   int
	}{
		{"another token", replace("Sign=", "Sign=0"), callback.ErrSignature, 401, 40105},
		{"no signature", replace("Sign=", "NoSign="), callback.ErrSignature, 401, 40101},
		{"another app", replace("1400000000", "1400000001"), callback.ErrNotAllowed, 403, 40302},
		{"another command", callbacktest.NewRequest(callback.CommandGroupAfterGroupFull, ""), callback.ErrNotAllowed, 403, 40303},
		{"an unknown command", callbacktest.NewRequest("Group.CallbackOfTomorrow", "{}"), callback.ErrURLCheck, 200, 0},
		{"an unknown command with a body", callbacktest.NewRequest("Group.CallbackOfTomorrow", `{"x":1}`), callback.ErrNotAllowed, 403, 40303},
		{"GET", request(func(r *http.Request) { r.Method = "GET" }), callback.ErrMalformed, 405, 40501},
		{"no body", request(func(r *http.Request) { r.Body = nil; r.ContentLength = 0 }), callback.ErrURLCheck, 200, 0},
		{"too large", callbacktest.NewRequest(command, strings.Repeat(" ", 5000)), callback.ErrMalformed, 413, 41301},
		{"no JSON", callbacktest.NewRequest(command, "x"), callback.ErrMalformed, 400, 40006},
	} {
		event, err := newReceiver(t, config).Parse(row.r)
		assert.Nil(t, event, row.name)
		var found *callback.Error
		if !assert.ErrorAs(t, err, &found, row.name) {
			continue
		}
		assert.Equal(t, row.status, found.Status, row.name)
		assert.Equal(t, row.code, found.Code, row.name)
		for _, sentinel := range sentinels {
			assert.Equal(t, sentinel.Error() == row.is.Error(), errors.Is(err, sentinel), row.name+": "+sentinel.Error())
		}
	}
}

func TestTokenFunc(t *testing.T) {
	config := callbacktest.Config()
	current := []string{""}
	config.Tokens = nil
	config.TokenFunc = func() []string { return current }
	receiver := newReceiver(t, config)
	vendor := callbacktest.NewVendor(receiver.Handler(func(context.Context, *callback.Event) callback.Reply { return callback.OK() }))
	defer vendor.Close()
	vendor.Token = "new"
	assert.Equal(t, 401, vendor.Send(callback.CommandGroupAfterGroupFull, "").Status)
	current = []string{"old", "new"}
	assert.Equal(t, 200, vendor.Send(callback.CommandGroupAfterGroupFull, "").Status)

	current = []string{""}
	r := callbacktest.NewRequest(callback.CommandGroupAfterGroupFull, "")
	query := r.URL.Query()
	query.Set("Sign", protocol.Sign("", query.Get("RequestTime")))
	r.URL.RawQuery = query.Encode()
	_, err := receiver.Parse(r)
	assert.ErrorIs(t, err, callback.ErrSignature, "nobody signs with an empty token")
}

func TestUnsigned(t *testing.T) {
	receiver := newReceiver(t, callback.Config{Apps: []string{callbacktest.App}, Unsigned: true})
	vendor := callbacktest.NewVendor(receiver.Handler(func(context.Context, *callback.Event) callback.Reply { return callback.OK() }))
	defer vendor.Close()
	vendor.Token = ""
	assert.Equal(t, callbacktest.Accepted, vendor.Send(callback.CommandGroupAfterGroupFull, "").Outcome)
}

func TestOtherCommands(t *testing.T) {
	config := callbacktest.Config()
	config.OtherCommands = true
	config.Commands = []string{"C2C.*"}
	receiver := newReceiver(t, config)
	const body = `{"CallbackCommand":"Live.CallbackOfTomorrow","RoomId":"7"}`
	event, err := receiver.Parse(callbacktest.NewRequest("Live.CallbackOfTomorrow", body))
	require.NoError(t, err)
	assert.JSONEq(t, body, string(event.Body))
	assert.Equal(t, event.Body, event.Typed())
	assert.True(t, event.Has("RoomId"))
	_, err = receiver.Parse(callbacktest.NewRequest(callback.CommandGroupAfterGroupFull, ""))
	assert.ErrorIs(t, err, callback.ErrNotAllowed, "a command that is known is let in by name only")
}

func TestFromGate(t *testing.T) {
	r := callbacktest.NewRequest(callback.CommandGroupAfterCreateGroup, "")
	event, err := callback.FromGate(r)
	assert.Nil(t, event)
	assert.ErrorIs(t, err, callback.ErrNotFromGate, "no header")

	var forwarded *http.Request
	handler := gate(t, &forwarded)
	send := func(command string) *http.Request {
		forwarded = nil
		handler.ServeHTTP(httptest.NewRecorder(), callbacktest.NewRequest(command, ""))
		require.NotNil(t, forwarded)
		return forwarded
	}
	for _, name := range []string{"X-Chat-Group-Id", "X-Chat-Operator"} {
		r = send(callback.CommandGroupAfterCreateGroup)
		r.Header.Del(name)
		_, err = callback.FromGate(r)
		assert.ErrorIs(t, err, callback.ErrNotFromGate, "no "+name)
		for _, values := range [][]string{{"other"}, {"%"}, {"a", "a"}} {
			r = send(callback.CommandGroupAfterCreateGroup)
			r.Header[name] = values
			_, err = callback.FromGate(r)
			assert.ErrorIs(t, err, callback.ErrNotFromGate, name)
		}
	}

	_, err = callback.FromGate(send(callback.CommandSnsFriendDelete))
	assert.ErrorIs(t, err, callback.ErrNotFromGate, "a command that has neither header")
	receiver := newReceiver(t, callback.Config{GateHeaders: map[string]string{"x-command": "CallbackCommand", "X-Event": "EventId", "X-Name": "Name"}})
	r = send(callback.CommandSnsFriendDelete)
	r.Header.Set("X-Command", callback.CommandSnsFriendDelete)
	r.Header.Set("X-Event", protocol.EventID(callbacktest.App, callback.CommandSnsFriendDelete, []byte(callbacktest.Body(callback.CommandSnsFriendDelete))))
	event, err = receiver.Parse(r)
	require.NoError(t, err)
	assert.Equal(t, callback.CommandSnsFriendDelete, event.Command)

	r = send(callback.CommandGroupAfterCreateGroup)
	r.Body = http.NoBody
	_, err = callback.FromGate(r)
	assert.ErrorIs(t, err, callback.ErrMalformed)
}

func TestHandlerReportsErrors(t *testing.T) {
	config := callbacktest.Config()
	var reported []error
	config.OnError = func(_ *http.Request, err error) { reported = append(reported, err) }
	var deadline time.Time
	reply := callback.OK()
	vendor := callbacktest.NewVendor(newReceiver(t, config).Handler(func(ctx context.Context, _ *callback.Event) callback.Reply {
		deadline, _ = ctx.Deadline()
		return reply
	}))
	defer vendor.Close()
	assert.Equal(t, callbacktest.Accepted, vendor.CheckURL().Outcome)
	assert.True(t, deadline.IsZero(), "the console's check is no event")
	assert.Equal(t, callbacktest.Accepted, vendor.Send(callback.CommandGroupAfterGroupFull, "").Outcome)
	assert.WithinDuration(t, time.Now().Add(callback.Deadline), deadline, callback.Deadline/2)
	assert.Empty(t, reported)
	reply = callback.Deny()
	answer := vendor.Send(callback.CommandGroupAfterGroupFull, "")
	assert.Equal(t, callbacktest.Failed, answer.Outcome)
	assert.Contains(t, answer.Fault, "Deny to Group.CallbackAfterGroupFull: the command knows OK, Fail")
	vendor.Token = "another"
	assert.Equal(t, 401, vendor.Send(callback.CommandGroupAfterGroupFull, "").Status)
	require.Len(t, reported, 2)
	assert.ErrorIs(t, reported[0], callback.ErrReply)
	assert.ErrorIs(t, reported[1], callback.ErrSignature)
}
