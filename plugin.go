// Package chatgate is a Traefik middleware that checks Tencent Cloud Chat's callbacks before they
// reach a backend, and tells it in headers which group each is about and who acted.
//
// Start reading at ServeHTTP, the gate's whole story; what makes a callback right is in
// internal/protocol. What New returns is a fast path in front of it, internal/fastpath, which could
// be left out without any change but in time.
//
// Traefik interprets the plugin, and a method costs its interpreter twice as much as a function. So
// functions that a callback meets take as their first argument what would be their receiver, here
// and in all that is interpreted.
package chatgate

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/chatgate/chatgate/internal/fastpath"
	"github.com/chatgate/chatgate/internal/header"
	"github.com/chatgate/chatgate/internal/journal"
	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/internal/reply"
)

// Config is the middleware's configuration. Traefik decodes it weakly, matching names in any case;
// the defaults of lists and maps are applied in New, since Traefik merges into what CreateConfig
// returns.
type Config struct {
	// SdkAppID is the apps whose callbacks are let in: decimal SdkAppids. Required.
	SdkAppID []string
	// Path is the callback path, compared after cleaning. Empty: every POST that the router sends
	// here is a callback.
	Path string
	// MaxBodyBytes is the longest body that is read, in bytes, from 1 to 67108864.
	MaxBodyBytes int64
	// Headers maps each header to set to where its value comes from: one of protocol.Sources.
	Headers map[string]string
	// Commands is the commands that are checked and forwarded; "C2C.*" stands for a family, "*" for
	// all that the gate knows.
	Commands []string
	// OtherCommands is what becomes of the others: "reject", "forward" (without the gate's headers)
	// or "acknowledge" (answer OK).
	OtherCommands string
	// Token is the authentication tokens, any of which may have signed. Empty, with no TokenFile:
	// no signature is asked for.
	Token []string
	// TokenFile is a file with one token a line, in addition to Token. A change of it is seen
	// within a few seconds.
	TokenFile string
	// SignWindow is how far RequestTime may be from now, either way: a Go duration from 1s to 1h.
	SignWindow string
	// ConsoleCheck answers the console's check of the URL at the gate.
	ConsoleCheck bool
	// Mode is "enforce", or "monitor": refuse nothing, log what would have been refused, and
	// forward it without the gate's headers.
	Mode string
	// Reply is "upstream": the backend's answer goes back untouched, or "normalize": as an answer
	// that the vendor can read.
	Reply string
	// BeforeFailure is what a before-callback is answered when its backend gives no usable answer,
	// or the gate refuses it after its signature was found right: "fail" (an error, and the console
	// decides), "allow" or "deny".
	BeforeFailure string
	// Deadline is how long a backend may take before its answer no longer counts: a Go duration
	// from 10ms to 1m, or 0s for none.
	Deadline string
}

// CreateConfig returns the defaults of all options that are neither lists nor maps.
func CreateConfig() *Config {
	return &Config{
		MaxBodyBytes:  protocol.MaxBody,
		OtherCommands: "reject",
		SignWindow:    protocol.SignWindow.String(),
		ConsoleCheck:  true,
		Mode:          "enforce",
		Reply:         "upstream",
		BeforeFailure: "fail",
		Deadline:      "0s",
	}
}

// New builds the middleware. An error names every fault of the configuration at once.
func New(_ context.Context, next http.Handler, config *Config, name string) (http.Handler, error) {
	g, err := compile(next, config, name)
	if err != nil {
		return nil, err
	}
	return withFastPath(g, time.Second), nil
}

// withFastPath returns the gate behind the fast path. Patience is how long the fast path waits
// between two forms of bodies that it learns for one command.
func withFastPath(g *gate, patience time.Duration) http.Handler {
	return fastpath.New(&fastpath.Config{
		Policy: g.policy, Path: g.path, Headers: g.names, Sources: g.sources, Guard: g.guard, Acknowledge: g.acknowledge, Patience: patience,
		Next: g.backend, Refuser: g.refuser, Exact: g,
	})
}

// gate is a Config with everything prepared.
type gate struct {
	next        http.Handler // what stands behind the middleware
	backend     http.Handler // the same, for callbacks
	policy      *protocol.Policy
	path        string         // as configured; empty: every path
	cleaned     string         // the same, cleaned
	names       []string       // the headers to set
	sources     []string       // where the value of each comes from
	guard       *header.Guard  // of those headers
	acknowledge bool           // answer commands without a schema instead of forwarding them
	refuser     *reply.Refuser // gets what must not pass
	journal     *journal.Journal
}

// ServeHTTP strips what a client could have forged, and forwards a callback that is right, with the
// gate's headers.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header.Strip(g.guard, r.Header) // of a refusal, too: Traefik's access log may show what a client set
	target := forwarded(r)
	if r.Method == http.MethodConnect {
		refuseTunnel(w)
		return
	} else if !isCallback(g, r.Method, target.Path) {
		g.next.ServeHTTP(w, header.WithoutTrailer(g.guard, r))
		return
	}
	event, refusal := protocol.Check(g.policy, target.RawQuery, r)
	if refusal == nil && event.Known {
		refusal = setHeaders(g, event, r)
	}
	if refusal != nil {
		reply.Refuse(g.refuser, w, r, refusal)
	} else if event.Command == "" || g.acknowledge && !event.Known {
		protocol.Accept(w)
	} else {
		header.DropHopByHop(r)
		g.backend.ServeHTTP(w, r)
	}
}

// forwarded is the URL that Traefik's proxy forwards: RequestURI, whatever another plugin made of
// URL.
func forwarded(r *http.Request) *url.URL {
	if target, err := url.ParseRequestURI(r.RequestURI); err == nil {
		return target
	}
	return r.URL
}

// isCallback tells whether a request is a callback: a POST to the gate's path, in whatever spelling
// a backend takes for it.
func isCallback(g *gate, method, path string) bool {
	return strings.EqualFold(method, http.MethodPost) && (g.path == "" || path == g.path || cleanPath(path) == g.cleaned)
}

// cleanPath is a path without what servers ignore: case, doubled and trailing slashes, dot
// segments, backslashes, and parameters of a segment.
func cleanPath(p string) string {
	return strings.ToLower(path.Clean("/" + segmentParameters.ReplaceAllString(strings.ReplaceAll(p, `\`, "/"), "")))
}

var segmentParameters = regexp.MustCompile(`;[^/]*`)

// setHeaders sets the gate's headers, or none and returns why.
func setHeaders(g *gate, event *protocol.Event, r *http.Request) *protocol.Refusal {
	values := map[string][]string{"Content-Type": {protocol.ContentType}} // whatever it was read as, it is that
	for i, source := range g.sources {
		value, found, refusal := protocol.Value(event, source)
		if refusal != nil {
			refusal.Command = event.Command
			if refusal.Reason != protocol.ValueLeftOut {
				return refusal
			}
			journal.Note(g.journal, "left a header out", refusal, r)
		}
		if found {
			values[g.names[i]] = []string{header.Encode(value)}
		}
	}
	for _, name := range header.Misleading(g.guard, r.Header) {
		delete(r.Header, name)
	}
	for name, value := range values {
		r.Header[name] = value
	}
	return nil
}

// refuseTunnel answers a CONNECT: a tunnel to the backend could carry requests past the gate.
func refuseTunnel(w http.ResponseWriter) {
	w.Header()["X-Chat-Gate"] = []string{"refused 40500"}
	w.WriteHeader(http.StatusMethodNotAllowed)
}
