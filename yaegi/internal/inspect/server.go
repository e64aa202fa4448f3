// Package inspect is the page beside the local gateway: what came, what was checked, what the
// backend saw.
//
// The gate stays a black box: an Observer sees what goes in, what reaches the backend and what
// comes back. Package explain says why.
package inspect

import (
	"crypto/rand"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/chatgate/chatgate/yaegi/internal/explain"
	"github.com/chatgate/chatgate/yaegi/internal/sample"
)

//go:embed page.html page.css page.js icon.svg
var files embed.FS

// A Server serves the page.
type Server struct {
	observer *Observer
	gateURL  string // where the gate listens
	boot     string // tells one run of the program from another
	routes   *http.ServeMux
}

// NewServer makes the page of what an observer sees.
func NewServer(observer *Observer, gateURL string) *Server {
	s := &Server{observer: observer, gateURL: gateURL, boot: rand.Text(), routes: http.NewServeMux()}
	s.routes.HandleFunc("GET /{$}", s.file("page.html", "text/html; charset=utf-8"))
	s.routes.HandleFunc("GET /page.css", s.file("page.css", "text/css; charset=utf-8"))
	s.routes.HandleFunc("GET /page.js", s.file("page.js", "text/javascript; charset=utf-8"))
	s.routes.HandleFunc("GET /icon.svg", s.file("icon.svg", "image/svg+xml"))
	s.routes.HandleFunc("GET /api/events", s.events)
	s.routes.HandleFunc("GET /api/callbacks/{id}", s.callback)
	s.routes.HandleFunc("GET /api/callbacks/{id}/{form}", s.export)
	s.routes.HandleFunc("GET /api/commands/{command}", s.command)
	s.routes.HandleFunc("GET /api/search", s.search)
	s.routes.HandleFunc("POST /api/send", s.order)
	s.routes.HandleFunc("POST /api/clear", s.clear)
	return s
}

// Resolve reads an address of this machine, and refuses any other: the page shows callbacks, and
// sends signed ones.
func Resolve(address string) (*net.TCPAddr, error) {
	resolved, err := net.ResolveTCPAddr("tcp", address)
	if err != nil || !resolved.IP.IsLoopback() {
		return nil, fmt.Errorf("expected a loopback address such as 127.0.0.1:4040, found %q", address)
	}
	return resolved, nil
}

// policy lets nothing run or load but the page's own files, and no text become code.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	switch {
	case !isLoopback(r.Host): // a name of someone else's that leads here
		http.Error(w, "Host: expected an address of this machine", http.StatusForbidden)
	case r.Method != http.MethodGet && r.Header.Get("Origin") != "http://"+r.Host: // another page's
		http.Error(w, "Origin: expected this page's", http.StatusForbidden)
	default:
		s.routes.ServeHTTP(w, r)
	}
}

// isLoopback tells whether a Host names this machine, whatever a name server says.
func isLoopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && address.IsLoopback()
}

func (s *Server) file(name, contentType string) http.HandlerFunc {
	content, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(content)
	}
}

// A greeting is what the page has to know of the gate.
type greeting struct {
	Gate     string   `json:"gate"`
	Path     string   `json:"path"`
	Apps     []string `json:"apps"`
	Mode     string   `json:"mode"`
	Signed   bool     `json:"signed"`
	Command  string   `json:"command"` // one that is let in
	Commands []string `json:"commands"`
	Keeps    int      `json:"keeps"`
	Fresh    bool     `json:"fresh"` // forget what was there before
}

// A batch is what came since the last one.
type batch struct {
	Callbacks []summary `json:"callbacks"`
	Oldest    int64     `json:"oldest"`
	Dropped   int64     `json:"dropped"`
	Cleared   bool      `json:"cleared,omitempty"`
}

const (
	pace      = 50 * time.Millisecond // between batches, so that thousands at once come in a few
	heartbeat = 15 * time.Second
)

// events sends what comes, as server-sent events, from where the page left off.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	config := s.observer.gate.Config
	boot, seen, _ := strings.Cut(r.Header.Get("Last-Event-ID"), ":")
	last, err := strconv.ParseInt(seen, 10, 64)
	fresh := boot != s.boot || err != nil
	if fresh {
		last = 0
	}
	hello := greeting{s.gateURL, config.Path, s.observer.gate.Apps(), config.Mode, s.observer.gate.Signed(),
		s.observer.gate.LetIn(), explain.Commands(), maxExchanges, fresh}
	if s.event(w, "hello", last, hello) != nil {
		return
	}
	cleared := s.observer.store.after(0).cleared
	for {
		v := s.observer.store.after(last)
		b := batch{Callbacks: []summary{}, Oldest: v.oldest, Dropped: v.dropped, Cleared: v.cleared != cleared}
		cleared = v.cleared
		for _, x := range v.exchanges {
			b.Callbacks = append(b.Callbacks, summarize(x))
			last = x.ID
		}
		if s.event(w, "callbacks", last, b) != nil {
			return
		}
		if !wait(w, r, v.changed) {
			return
		}
		time.Sleep(pace)
	}
}

// wait waits for a change, and keeps the connection alive meanwhile.
func wait(w http.ResponseWriter, r *http.Request, changed <-chan struct{}) bool {
	for {
		select {
		case <-changed:
			return true
		case <-r.Context().Done():
			return false
		case <-time.After(heartbeat):
			_, _ = fmt.Fprint(w, ":\n\n")
			if http.NewResponseController(w).Flush() != nil {
				return false
			}
		}
	}
}

func (s *Server) event(w http.ResponseWriter, name string, id int64, data any) error {
	text, err := json.Marshal(data)
	if err == nil {
		_, err = fmt.Fprintf(w, "event: %s\nid: %s:%d\ndata: %s\n\n", name, s.boot, id, text)
	}
	return errors.Join(err, http.NewResponseController(w).Flush())
}

func reply(w http.ResponseWriter, data any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(data)
}

func (s *Server) find(w http.ResponseWriter, r *http.Request) *Exchange {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	x := s.observer.store.get(id)
	if x == nil {
		http.Error(w, "This callback was dropped meanwhile.", http.StatusNotFound)
	}
	return x
}

func (s *Server) callback(w http.ResponseWriter, r *http.Request) {
	if x := s.find(w, r); x != nil {
		reply(w, describe(x))
	}
}

func (s *Server) export(w http.ResponseWriter, r *http.Request) {
	form := r.PathValue("form")
	write := exports[form]
	if write == nil {
		http.NotFound(w, r)
		return
	}
	if x := s.find(w, r); x != nil {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="callback-%d.%s"`, x.ID, fileNames[form]))
		_, _ = w.Write(write(s, x))
	}
}

// command sends the sample of a command, of this moment.
func (s *Server) command(w http.ResponseWriter, r *http.Request) {
	body, err := sample.Body(r.PathValue("command"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(sample.Stamp(body, time.Now()))
}

func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	reply(w, s.observer.store.search(r.URL.Query().Get("text")))
}

func (s *Server) order(w http.ResponseWriter, r *http.Request) {
	o, err := decodeOrder(http.MaxBytesReader(w, r.Body, 8<<20))
	if err == nil {
		var sent receipt
		if sent, err = s.send(r.Context(), o); err == nil {
			reply(w, sent)
			return
		}
	}
	http.Error(w, err.Error(), http.StatusBadRequest)
}

func (s *Server) clear(w http.ResponseWriter, _ *http.Request) {
	s.observer.store.clear()
	w.WriteHeader(http.StatusNoContent)
}
