package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A target is a server that takes events, or fails to in some way. It can be stopped, and started
// again at the same address.
type target struct {
	name    string
	address string
	ledger  *ledger
	fault   atomic.Value // of type fault: what it does at the moment
	sick    atomic.Bool  // whether its health check fails
	mutex   sync.Mutex
	server  *http.Server
	idle    map[net.Conn]bool
	release chan struct{} // closed when the test ends, for those that hang
}

// A fault is what a target does with an event.
type fault string

const (
	takes        fault = "takes it"
	refuses      fault = "refuses the connection" // it is stopped
	resetsEarly  fault = "resets the connection in the middle of the request"
	resetsLate   fault = "reads all, then resets the connection"
	takesResets  fault = "takes it, then resets the connection"
	takesCuts    fault = "takes it, then breaks off in the middle of the answer"
	hangs        fault = "hangs"
	answers500   fault = "answers 500"
	answers503   fault = "answers 503 with a page"
	closesUnasks fault = "closes the connection right after each answer, and does not say so"
)

// A ledger is who took which event: how often, by its GroupId, and what was wrong with it.
type ledger struct {
	mutex   sync.Mutex
	taken   map[string]map[string]int // by GroupId, then by the target's name
	tries   int                       // requests that arrived whole, taken or not
	wrong   []string                  // requests that arrived with less than their own body and headers
	ungated bool                      // no gate is in front: the GroupId is in the body only
}

func newLedger() *ledger { return &ledger{taken: map[string]map[string]int{}} }

// eventBody is a body that has something of its own twice: what is a header at the backend, and
// what fills it up to some length.
func eventBody(group string) string {
	return strings.NewReplacer("@TGS#2J4SZEAEL", group, "MyFirstGroup", "Group of "+group, "hello", strings.Repeat(group, 20)).Replace(body)
}

// read reads an event to its end, holds it against what was sent, and says which it is.
func (l *ledger) read(r *http.Request) (string, bool) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return "", false // its connection broke, it is no event
	}
	group := strings.Join(r.Header.Values("X-Chat-Group-Id"), ",")
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.tries++
	if l.ungated {
		_, group, _ = strings.Cut(string(text), `"GroupId":"`)
		group, _, _ = strings.Cut(group, `"`)
		return group, true
	}
	if string(text) != eventBody(group) || r.Header.Get("X-Chat-Operator") != "leckie" || r.ContentLength != int64(len(text)) {
		l.wrong = append(l.wrong, fmt.Sprintf("%s %s, headers %v, Content-Length %d, body of %d bytes", r.Method, r.URL.Path, r.Header, r.ContentLength, len(text)))
	}
	return group, true
}

func (l *ledger) clear() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.taken, l.tries, l.wrong = map[string]map[string]int{}, 0, nil
}

func (l *ledger) take(group, target string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.taken[group] == nil {
		l.taken[group] = map[string]int{}
	}
	l.taken[group][target]++
}

// newTarget starts a target that takes every event.
func newTarget(t *testing.T, name string, l *ledger) *target {
	t.Helper()
	b := &target{name: name, address: freeAddress(t), ledger: l, idle: map[net.Conn]bool{}, release: make(chan struct{})}
	b.fault.Store(takes)
	b.start(t)
	t.Cleanup(func() {
		close(b.release)
		b.stop()
	})
	return b
}

func (b *target) url() string { return "http://" + b.address }

func (b *target) start(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", b.address)
	require.NoError(t, err)
	server := &http.Server{Handler: b, ReadHeaderTimeout: 10 * time.Second, ConnState: b.note}
	b.mutex.Lock()
	b.server = server
	b.mutex.Unlock()
	go func() { _ = server.Serve(listener) }()
}

// stop closes the listener and all connections at once, as a process that is killed.
func (b *target) stop() {
	b.mutex.Lock()
	server := b.server
	b.server = nil
	b.mutex.Unlock()
	if server != nil {
		_ = server.Close() // it tells note of every connection
	}
}

// turn makes a target behave in another way from now on.
func (b *target) turn(f fault) {
	if f == refuses {
		b.stop()
		return
	}
	b.fault.Store(f)
}

// heal makes a target take every event again, and tells whether it was down.
func (b *target) heal(t *testing.T) bool {
	t.Helper()
	sick := b.sick.Swap(false)
	b.fault.Store(takes)
	b.mutex.Lock()
	stopped := b.server == nil
	b.mutex.Unlock()
	if stopped {
		b.start(t)
	}
	return stopped || sick
}

func (b *target) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet { // the health check, and the wait for Traefik to get ready
		if b.sick.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return
	}
	what, _ := b.fault.Load().(fault)
	if what == resetsEarly {
		_, _ = io.ReadFull(r.Body, make([]byte, 100))
		reset(w)
		return
	}
	group, whole := b.ledger.read(r)
	if !whole {
		return
	}
	switch what {
	case resetsLate:
		reset(w)
	case hangs:
		select {
		case <-r.Context().Done():
		case <-b.release:
		}
	case answers500:
		w.WriteHeader(http.StatusInternalServerError)
	case answers503:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "<html><body>Back in a minute</body></html>")
	case takesResets:
		b.ledger.take(group, b.name)
		reset(w)
	case takesCuts:
		b.ledger.take(group, b.name)
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"ActionStatus":`)
		_ = http.NewResponseController(w).Flush()
		reset(w)
	case closesUnasks:
		b.ledger.take(group, b.name)
		b.answerAndClose(w)
	default:
		b.ledger.take(group, b.name)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, okReply)
	}
}

// dropConnections closes every connection that is idle.
func (b *target) dropConnections() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for conn := range b.idle {
		_ = conn.Close()
	}
}

// note keeps the connections that are idle.
func (b *target) note(conn net.Conn, state http.ConnState) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if state == http.StateIdle {
		b.idle[conn] = true
	} else {
		delete(b.idle, conn)
	}
}

// reset ends a connection as a process does that dies.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// answerAndClose answers as if the connection could be used again, and closes it a moment later:
// about when the next request comes.
func (b *target) answerAndClose(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(okReply), okReply)
	time.Sleep(time.Duration(time.Now().UnixNano()%400) * time.Microsecond)
	_ = conn.Close()
}
