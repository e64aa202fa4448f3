// Package chatgate is a Traefik middleware that checks Tencent Cloud Chat's callbacks before they reach a backend, and tells it in
// headers which group each is about and who acted.
//
// Start reading at ServeHTTP, the gate's whole story; what makes a callback right is in package callback. There, too, is the shortcut that nearly
// every callback takes: protocol.Glance.
package chatgate

import (
	"context"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/chatgate/chatgate/internal/header"
	"github.com/chatgate/chatgate/internal/journal"
	"github.com/chatgate/chatgate/internal/protocol"
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
	// Headers maps each header to set to where its value comes from: one of protocol.Sources.
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
		MaxBodyBytes:  protocol.MaxBody,
		OtherCommands: "reject",
		SignWindow:    protocol.SignWindow.String(),
		ConsoleCheck:  true,
		Mode:          "enforce",
		Reply:         "upstream",
	}
}

// New builds the middleware. An error names every fault of the configuration at once.
func New(_ context.Context, next http.Handler, config *Config, name string) (http.Handler, error) {
	g, err := compile(next, config, name)
	if err != nil {
		return nil, err
	}
	return g.glance.Handler(), nil
}

// gate is a Config with everything prepared.
type gate struct {
	next        http.Handler // what stands behind the middleware
	backend     http.Handler // the same, for callbacks
	policy      *protocol.Policy
	glance      *protocol.Glance // the way in: a shortcut past ServeHTTP for nearly every callback
	path        string           // as configured; empty: every path
	cleaned     string           // the same, cleaned
	names       []string         // the headers to set
	sources     []string         // where the value of each comes from
	guard       *header.Guard    // of those headers
	acknowledge bool             // answer commands without a schema instead of forwarding them
	refuse      func(w http.ResponseWriter, r *http.Request, refusal *protocol.Refusal)
	monitor     bool             // refuse nothing
	journal     *journal.Journal // of refusals
}

// ServeHTTP strips what a stranger could have forged, and forwards a callback that is right, with the gate's headers.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header.Strip(g.guard, r.Header) // of a refusal, too: Traefik's access log may show what a stranger set
	if r.Method == http.MethodConnect {
		w.WriteHeader(http.StatusMethodNotAllowed) // a tunnel to the backend could carry requests past the gate
		return
	}
	if !isCallback(g, r) {
		g.next.ServeHTTP(w, withoutTrailer(g, r))
		return
	}
	event, refusal := protocol.Check(g.policy, r)
	decide(g, w, r, event, refusal)
}

// decide does what Check, or a glance, found right for a callback.
func decide(g *gate, w http.ResponseWriter, r *http.Request, event *protocol.Event, refusal *protocol.Refusal) {
	unhop(r)
	if refusal == nil && event.Checked {
		refusal = enrich(g, event, r)
	}
	if refusal != nil {
		refusal.Command = event.Command // enrich does not know it
		g.refuse(w, r, refusal)
	} else if event.Command == "" || g.acknowledge && !event.Checked {
		protocol.Accept(w)
	} else {
		g.backend.ServeHTTP(w, r)
	}
}

// unhop takes away the two ways in which a callback whose body has been read could still meddle with the gate's headers.
func unhop(r *http.Request) {
	r.Trailer = nil                // could repeat them: undeclared ones, too, came with the end of the body
	delete(r.Header, "Connection") // could name them, to have the proxy take them away
}

// withoutTrailer returns the request with names for trailers at most. Their values, and those that nobody declared, come with the end of
// the body, past any check. Traefik's own proxy hands on none either.
func withoutTrailer(g *gate, r *http.Request) *http.Request {
	if r.Trailer == nil && r.ContentLength >= 0 {
		return r
	}
	r = r.WithContext(r.Context()) // a copy, which the server does not add to
	r.Trailer = r.Trailer.Clone()
	header.Strip(g.guard, r.Trailer)
	return r
}

// isCallback tells whether a request is a callback: a POST to the gate's path, in whatever spelling a backend takes for it.
func isCallback(g *gate, r *http.Request) bool {
	if !strings.EqualFold(r.Method, http.MethodPost) {
		return false
	}
	if g.path == "" || r.URL.Path == g.path {
		return true
	}
	return cleanPath(r.URL.Path) == g.cleaned
}

// cleanPath is a path without what servers ignore: case, doubled and trailing slashes, dot segments, backslashes, and parameters
// of a segment.
func cleanPath(p string) string {
	segments := strings.Split(strings.ReplaceAll(p, `\`, "/"), "/")
	for i, segment := range segments {
		name, _, _ := strings.Cut(segment, ";")
		segments[i] = name
	}
	return strings.ToLower(path.Clean("/" + strings.Join(segments, "/")))
}

// maxHeaderValue is how many bytes of a text the gate puts into a header: servers refuse requests with headers of some 8 KB, and
// encoding makes up to three of each.
const maxHeaderValue = 1024

// enrich sets the gate's headers, all or none.
func enrich(g *gate, event *protocol.Event, r *http.Request) *protocol.Refusal {
	values := map[string][]string{}
	for i, source := range g.sources {
		value, found, refusal := protocol.Value(event, source)
		if refusal != nil {
			return refusal
		}
		if len(value) > maxHeaderValue {
			return &protocol.Refusal{Reason: protocol.HeaderUnfit, Detail: source + ": expected at most " + strconv.Itoa(maxHeaderValue) +
				" bytes, found " + strconv.Itoa(len(value)) + "; take it out of the option headers"}
		}
		if found {
			values[g.names[i]] = []string{header.Encode(value)}
		}
	}
	for name, value := range values {
		r.Header[name] = value
	}
	return nil
}

// refusing returns what answers a callback that must not pass. In monitor mode that only says that it would, and forwards it without the
// gate's headers.
func refusing(g *gate) func(http.ResponseWriter, *http.Request, *protocol.Refusal) {
	return func(w http.ResponseWriter, r *http.Request, refusal *protocol.Refusal) {
		journal.Note(g.journal, refusal, r)
		if g.monitor {
			g.backend.ServeHTTP(w, withoutTrailer(g, r))
		} else {
			protocol.Refuse(w, refusal)
		}
	}
}
