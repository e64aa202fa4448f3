// Package chatgate is a Traefik middleware that checks Tencent Cloud Chat's callbacks before they reach a backend, and tells it in
// headers which group each is about and who acted.
//
// Start reading at ServeHTTP, the gate's whole story; what makes a callback right is in package callback.
package chatgate

import (
	"context"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/chatgate/chatgate/callback"
	"github.com/chatgate/chatgate/internal/header"
	"github.com/chatgate/chatgate/internal/journal"
)

// Config is the middleware's configuration. Traefik decodes it weakly, matching names in any case; the defaults of lists and maps are
// applied in New, since Traefik merges into what CreateConfig returns.
type Config struct {
	// SdkAppID is the apps whose callbacks are let in: decimal SdkAppids. Required.
	SdkAppID []string
	// Path is the callback path, compared after cleaning. Empty: every POST that the router sends here is a callback.
	Path string
	// MaxBodyBytes is the longest body that is read, in bytes, from 1 to 67108864.
	MaxBodyBytes int64
	// Headers maps each header to set to where its value comes from: one of callback.Sources.
	Headers map[string]string
	// Commands is the commands that are checked and forwarded; "Group.*" stands for all that the gate knows.
	Commands []string
	// OtherCommands is what becomes of the others: "reject", "forward" (without the gate's headers) or "acknowledge" (answer OK).
	OtherCommands string
	// Token is the authentication tokens, any of which may have signed. Empty, with no TokenFile: no signature is asked for.
	Token []string
	// TokenFile is a file with one token a line, in addition to Token. A change of it is seen within a few seconds.
	TokenFile string
	// SignWindow is how far RequestTime may be from now, either way: a Go duration from 1s to 1h.
	SignWindow string
	// ConsoleCheck answers the console's check of the URL at the gate, where a token is set.
	ConsoleCheck bool
	// Mode is "enforce", or "monitor": refuse nothing, log what would have been refused, and forward it without the gate's headers.
	Mode string
	// Reply is "upstream": the backend's answer goes back untouched, or "normalize": as an answer that the vendor can read.
	Reply string
}

// CreateConfig returns the defaults of all options that are neither lists nor maps.
func CreateConfig() *Config {
	return &Config{
		MaxBodyBytes:  callback.MaxBody,
		OtherCommands: "reject",
		SignWindow:    callback.SignWindow.String(),
		ConsoleCheck:  true,
		Mode:          "enforce",
		Reply:         "upstream",
	}
}

// New builds the middleware. An error names every fault of the configuration at once.
func New(_ context.Context, next http.Handler, config *Config, name string) (http.Handler, error) {
	return compile(next, config, name)
}

// gate is a Config with everything prepared.
type gate struct {
	next     http.Handler
	policy   *callback.Policy
	glancer  *callback.Glancer
	path     string          // as configured; empty: every path
	cleaned  string          // the same, cleaned
	ours     map[string]bool // the headers to set, folded
	lengths  map[int]bool    // how long their names are
	names    []string        // headers to set, in alphabetical order
	sources  []string        // where each one's value comes from
	others   string          // what becomes of a command without a schema
	monitor  bool
	refusals *journal.Journal
}

// ServeHTTP checks one request, and forwards or refuses it.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for name := range r.Header {
		if g.lengths[len(name)] && name != "X-Forwarded-For" { // as long as X-Chat-Group-Id, and there in every request
			header.Strip(g.ours, r.Header, name)
		}
	}
	if isRight(g, r) || settle(g, w, r) {
		g.next.ServeHTTP(w, r)
	}
}

// isCallback tells whether a request is a callback: a POST to the gate's path, in whatever spelling a backend takes for it.
func isCallback(g *gate, r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Path == g.path || isSpeltAsCallback(g, r)
}

func isSpeltAsCallback(g *gate, r *http.Request) bool {
	return strings.EqualFold(r.Method, http.MethodPost) && (g.path == "" || cleanPath(r.URL.Path) == g.cleaned)
}

// isRight recognises at a glance nearly every callback that is right, and sets its headers.
func isRight(g *gate, r *http.Request) bool {
	if r.Method != http.MethodPost {
		return false
	}
	seen, at := callback.Glance(g.glancer, r)
	if seen == nil {
		return false
	}
	for i, k := range at {
		if seen[k] != "" && k > 0 {
			r.Header[g.names[i]] = seen[k : k+1 : k+1]
		}
	}
	r.Trailer = nil                // read with the body, and not vouched for
	delete(r.Header, "Connection") // could name our headers, to have them taken away
	return true
}

// cleanPath is a path without what servers ignore: case, doubled and trailing slashes, dot segments, backslashes, and parameters
// of a segment.
func cleanPath(p string) string {
	segments := strings.Split(strings.ReplaceAll(p, `\`, "/"), "/")
	for i, segment := range segments {
		segments[i], _, _ = strings.Cut(segment, ";")
	}
	return strings.ToLower(path.Clean("/" + strings.Join(segments, "/")))
}

// maxHeaderValue is how many bytes of a text the gate puts into a header: servers refuse requests with headers of some 8 KB, and
// encoding makes up to three of each.
const maxHeaderValue = 1024

// enrich sets the gate's headers.
func enrich(g *gate, event *callback.Event, headers http.Header) *callback.Refusal {
	values := make([][]string, len(g.sources))
	for i, source := range g.sources {
		value, found, refusal := callback.Value(event, source)
		if refusal != nil {
			return refusal
		}
		if len(value) > maxHeaderValue {
			return tooLong(source, len(value))
		}
		if found {
			values[i] = []string{header.Encode(value)}
		}
	}
	for i, value := range values {
		if value != nil {
			headers[g.names[i]] = value
		}
	}
	return nil
}

func tooLong(source string, length int) *callback.Refusal {
	return &callback.Refusal{Reason: callback.HeaderUnfit, Detail: source + ": expected at most " + strconv.Itoa(maxHeaderValue) +
		" bytes, found " + strconv.Itoa(length) + "; take it out of the option headers"}
}

// settle looks closely at a callback that is not right at a glance. It tells whether to forward it, else it has been answered.
func settle(g *gate, w http.ResponseWriter, r *http.Request) bool {
	for name := range r.Trailer {
		header.Strip(g.ours, r.Trailer, name)
	}
	if !isCallback(g, r) {
		return true
	}
	event, refusal := callback.Check(g.policy, r)
	r.Trailer = nil
	delete(r.Header, "Connection")
	if refusal == nil && event.Checked {
		refusal = enrich(g, event, r.Header)
	}
	if refusal != nil {
		g.refusals.Note(refusal, r, g.monitor)
		if !g.monitor {
			answer(w, refusal.Status, callback.Fail(refusal.Code, refusal.Info()))
		}
		return g.monitor
	}
	if !event.Checked && (event.Command == "" || g.others == "acknowledge") {
		answer(w, http.StatusOK, []byte(callback.OK))
		return false
	}
	return true
}

func answer(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
