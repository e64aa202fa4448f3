package callbacktest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/chatgate/chatgate/callback"
	"github.com/chatgate/chatgate/internal/answer"
	"github.com/chatgate/chatgate/internal/protocol"
)

// A Vendor sends callbacks to a handler, behind a real HTTP server but through no network. Its
// fields may be changed before a callback is sent.
type Vendor struct {
	Path  string // "/callback"
	App   string // App
	Token string // Token; empty: callbacks are not signed

	client   *http.Client
	server   *http.Server
	listener *listener
}

// NewVendor returns the Vendor of a handler. Close ends its server.
func NewVendor(handler http.Handler) *Vendor {
	l := &listener{connections: make(chan net.Conn), closed: make(chan struct{})}
	v := &Vendor{Path: "/callback", App: App, Token: Token, server: &http.Server{Handler: handler}, listener: l}
	v.client = &http.Client{Timeout: callback.Deadline, Transport: &http.Transport{DialContext: l.dial}}
	go func() { _ = v.server.Serve(l) }() // until Close
	return v
}

// Close ends the server.
func (v *Vendor) Close() {
	v.client.CloseIdleConnections()
	_ = v.server.Close() // of a listener in memory
}

// An Outcome is what becomes of the event.
type Outcome string

// The outcomes.
const (
	Accepted Outcome = "accepted" // it happens, or has happened
	Refused  Outcome = "refused"  // it does not happen
	Dropped  Outcome = "dropped"  // the message is not delivered, and its sender does not know
	Failed   Outcome = "failed"   // the answer was none: what happens is what the console says
)

// An Answer is what the vendor makes of an answer.
type Answer struct {
	Outcome         Outcome
	Fault           string // why it failed
	Status          int    // of HTTP; 0: there was no answer in time
	ErrorCode       int
	ErrorInfo       string
	MsgBody         callback.Message // delivered instead
	CloudCustomData *string          // delivered instead
	ResultItem      []callback.ResultItem
	Body            []byte
}

// Send sends a callback. An empty body stands for Body(command).
func (v *Vendor) Send(command, body string) *Answer {
	if body == "" {
		body = Body(command)
	}
	a := v.post(target(v.Path, v.App, v.Token, command), body)
	if a.Outcome != Failed {
		a.Outcome, a.Fault = outcome(command, a.ErrorCode)
	}
	return a
}

// CheckURL checks the URL as the console may do before it saves it: with an empty body.
func (v *Vendor) CheckURL() *Answer {
	query := strings.Split(target(v.Path, v.App, v.Token, ""), "&CallbackCommand=")
	_, rest, _ := strings.Cut(query[1], "&")
	return v.post(query[0]+"&"+rest, "")
}

// post sends a request and reads the answer, without a look at what its code means.
func (v *Vendor) post(target, body string) *Answer {
	a := &Answer{Outcome: Failed}
	response, err := v.client.Post("http://vendor.test"+target, "application/json", strings.NewReader(body))
	if err == nil {
		defer response.Body.Close()
		a.Status = response.StatusCode
		a.Body, err = io.ReadAll(response.Body)
	}
	if err != nil {
		a.Status = 0
		a.Fault = err.Error()
		return a
	}
	var form struct {
		ActionStatus, ErrorInfo *string
		ErrorCode               *int
		MsgBody                 callback.Message
		CloudCustomData         *string
		ResultItem              []callback.ResultItem
	}
	err = json.NewDecoder(bytes.NewReader(a.Body)).Decode(&form)
	if err == nil && form.ErrorCode != nil && form.ErrorInfo != nil {
		a.ErrorCode = *form.ErrorCode
		a.ErrorInfo = *form.ErrorInfo
	}
	switch {
	case a.Status != http.StatusOK:
		a.Fault = fmt.Sprintf("expected status 200, found %d: %s", a.Status, a.ErrorInfo)
	case err != nil:
		a.Fault = "expected JSON: " + err.Error()
	case form.ActionStatus == nil || form.ErrorCode == nil || form.ErrorInfo == nil:
		a.Fault = "expected ActionStatus, ErrorCode and ErrorInfo"
	case *form.ActionStatus != "OK":
		a.Fault = fmt.Sprintf("expected ActionStatus OK, found %q", *form.ActionStatus)
	default:
		a.Outcome = Accepted
		a.MsgBody = form.MsgBody
		a.CloudCustomData = form.CloudCustomData
		a.ResultItem = form.ResultItem
	}
	return a
}

// outcome is what a code means to a command.
func outcome(command string, code int) (Outcome, string) {
	form := answer.Of(command)
	schema := protocol.SchemaOf(command)
	switch {
	case code == answer.Allow || schema == nil || !schema.Before || form.Each: // or it is ignored
		return Accepted, ""
	case code == answer.Drop && form.Drop:
		return Dropped, ""
	case code == answer.Refuse && form.Refuse, form.First <= code && code <= form.Last:
		return Refused, ""
	}
	return Failed, fmt.Sprintf("ErrorCode %d has no meaning to %s", code, command)
}

// A listener hands on connections in memory.
type listener struct {
	connections chan net.Conn
	closed      chan struct{}
	once        sync.Once
}

func (l *listener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.connections <- server:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case connection := <-l.connections:
		return connection, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *listener) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "unix"} }
