package inspect

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/chatgate/chatgate/yaegi/internal/explain"
)

// An Observer watches a gate from outside: what goes in, what reaches the backend, and what comes
// back.
type Observer struct {
	gate  *explain.Gate
	store *store
	// Each is told of every exchange, in no particular order. It may be nil.
	Each func(*Exchange)
}

// NewObserver makes an observer of a gate with a configuration.
func NewObserver(gate *explain.Gate) *Observer { return &Observer{gate: gate, store: newStore()} }

type visitKey struct{}

// A pending visit may still be under way when the gate has answered.
type pending struct {
	mutex  sync.Mutex
	before http.Header
	body   []byte
	visit  *Visit
	after  http.Header // of the request, as the gate handed it on
}

// Watch returns a handler that watches what a gate does. The gate must hand on to what Backend
// returns.
func (o *Observer) Watch(gate http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &Exchange{Time: time.Now(), Request: messageOf(r)}
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
		x.Request.Body = body
		size := int64(len(body))
		r.Body = readers{io.MultiReader(bytes.NewReader(body), failing{err}, &counter{r.Body, &size}), r.Body}
		p := &pending{before: x.Request.Header, body: body}
		answer := &witness{ResponseWriter: w}
		start := time.Now()
		// Even where the handler panics, which is how a proxy breaks off.
		defer func() {
			x.Took = time.Since(start)
			x.Request.Size = size
			x.Status, x.Answer = answer.status, answer.message()
			o.finish(x, p, r.Header)
		}()
		gate.ServeHTTP(answer, r.WithContext(context.WithValue(r.Context(), visitKey{}, p)))
	})
}

// finish compares the request before and after, and keeps the exchange.
func (o *Observer) finish(x *Exchange, p *pending, left http.Header) {
	p.mutex.Lock()
	after := p.after
	if p.visit != nil {
		visit := *p.visit
		visit.Same = visit.Same && visit.Request.Size == x.Request.Size
		x.Visit = &visit
	}
	p.mutex.Unlock()
	if after == nil {
		after = left
	}
	x.Set, x.Stripped = difference(p.before, after), difference(after, p.before)
	x.Account = o.gate.Explain(o.observation(x))
	o.store.add(x)
	if o.Each != nil {
		o.Each(x)
	}
}

func (o *Observer) observation(x *Exchange) explain.Observation {
	r := x.Request.request()
	seen := explain.Observation{
		Method: r.Method, URL: r.URL, Body: x.Request.Body, Reached: x.Visit != nil, Status: x.Status, Answer: x.Answer.Body,
	}
	if x.Request.Size == int64(len(x.Request.Body)) { // all of it is there
		seen.Judge = func() explain.Observation {
			judged, _ := o.gate.Run(x.Request.request(), x.Request.Body)
			return judged
		}
	}
	return seen
}

// request is a message as a request without its body.
func (m *Message) request() *http.Request {
	r, err := http.NewRequest(m.Method, "/", nil) //nolint:noctx // it is never sent
	if err != nil {
		r, _ = http.NewRequest(http.MethodPost, "/", nil) //nolint:noctx // it is never sent
		r.Method = m.Method
	}
	if u, err := r.URL.Parse(m.Target); err == nil {
		r.URL = u
	}
	r.Header = m.Header.Clone()
	r.ContentLength = m.Size
	return r
}

// Backend returns a handler that notes what reaches the backend, and what comes back.
func (o *Observer) Backend(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, _ := r.Context().Value(visitKey{}).(*pending)
		if p == nil {
			next.ServeHTTP(w, r)
			return
		}
		handed := &comparer{ReadCloser: r.Body, expected: p.body, same: true}
		r.Body = handed
		p.mutex.Lock()
		p.after = r.Header.Clone()
		p.visit = &Visit{Request: messageOf(r)}
		p.mutex.Unlock()
		answer := &witness{ResponseWriter: w}
		start := time.Now()
		defer func() {
			p.mutex.Lock()
			defer p.mutex.Unlock()
			p.visit.Took = time.Since(start)
			p.visit.Status, p.visit.Answer = answer.status, answer.message()
			p.visit.Request.Size = handed.read
			p.visit.Same = handed.same
		}()
		next.ServeHTTP(answer, r)
	})
}

// Transport returns a transport that notes the headers with which a request really goes out, and
// why one has no answer.
func (o *Observer) Transport(base http.RoundTripper) http.RoundTripper { return transport{base} }

type transport struct{ base http.RoundTripper }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	p, _ := r.Context().Value(visitKey{}).(*pending)
	if p != nil {
		p.mutex.Lock()
		p.visit.Request.Header = r.Header.Clone()
		p.visit.Request.Target = r.URL.RequestURI()
		p.visit.Request.Host = r.URL.Host
		p.mutex.Unlock()
	}
	response, err := t.base.RoundTrip(r)
	if err != nil && p != nil {
		p.mutex.Lock()
		p.visit.Error = err.Error()
		p.mutex.Unlock()
	}
	return response, err
}

func messageOf(r *http.Request) Message {
	target := r.RequestURI
	if target == "" {
		target = r.URL.RequestURI()
	}
	return Message{Method: r.Method, Target: target, Proto: r.Proto, Host: r.Host, Remote: r.RemoteAddr, Header: r.Header.Clone()}
}

// difference lists the values that after has and before has not, by name.
func difference(before, after http.Header) []Field {
	fields := []Field{}
	for name, values := range after {
		if !slices.Equal(before[name], values) {
			for _, value := range values {
				fields = append(fields, Field{name, value})
			}
		}
	}
	sort.SliceStable(fields, func(i, j int) bool { return fields[i].Name < fields[j].Name })
	return fields
}

// A witness passes an answer on and keeps the beginning of it.
type witness struct {
	http.ResponseWriter
	status int
	header http.Header
	body   []byte
	size   int64
}

func (w *witness) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *witness) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status, w.header = status, w.Header().Clone()
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *witness) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status, w.header = http.StatusOK, w.Header().Clone()
	}
	if room := maxAnswer - len(w.body); room > 0 {
		w.body = append(w.body, p[:min(room, len(p))]...)
	}
	w.size += int64(len(p))
	return w.ResponseWriter.Write(p)
}

func (w *witness) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

func (w *witness) message() Message { return Message{Header: w.header, Body: w.body, Size: w.size} }

// readers reads from one and closes another.
type readers struct {
	io.Reader
	io.Closer
}

// failing is a reader that ends with an error, or at once.
type failing struct{ err error }

func (f failing) Read(_ []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

// A counter counts what is read.
type counter struct {
	reader io.Reader
	size   *int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.reader.Read(p)
	*c.size += int64(n)
	return n, err
}

// A comparer holds what is read against what is expected.
type comparer struct {
	io.ReadCloser
	expected []byte
	read     int64
	same     bool
}

func (c *comparer) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if rest := c.expected[min(int(c.read), len(c.expected)):]; !bytes.HasPrefix(rest, p[:n]) {
		c.same = len(c.expected) == maxBody && len(rest) < n && bytes.HasPrefix(p, rest) && c.same
	}
	c.read += int64(n)
	return n, err
}
