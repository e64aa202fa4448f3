// Package fastpath is the shortcut past the exact handler, for callbacks whose body has the form of
// one that the exact checks let in.
//
// It has one rule. What it recognises it forwards as the exact handler would have; what the URL
// alone refuses it may refuse, by the same functions; everything else goes to the exact handler,
// which strips the gate's headers first, whatever was set here. So `return c.Exact` in New changes
// nothing but the time. The reason to believe it is one sentence: valid JSON that has a form has the
// names of a body that is right, in their order, and for each value nothing but what is right there.
//
// It exists for the interpreter, to which a call costs 1 µs and each value in a function 50 ns. So
// nearly all that is right meets two functions, the one in New and forward.
package fastpath

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chatgate/chatgate/internal/form"
	"github.com/chatgate/chatgate/internal/header"
	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/internal/reply"
)

// Config is what the exact handler has, and how fast to learn.
type Config struct {
	Policy      *protocol.Policy
	Path        string        // of the callbacks; empty: any
	Headers     []string      // to set, in canonical form
	Sources     []string      // where the value of each comes from
	Guard       *header.Guard // of Headers
	Acknowledge bool          // commands without a schema are not forwarded
	Patience    time.Duration // between two forms that are learned for one command

	Next    http.Handler   // gets what is recognised, with the headers set
	Refuser *reply.Refuser // gets what the URL refuses, its body unread
	Exact   http.Handler   // gets the rest
}

// A route is where a URL leads: to the forms of an app's command, or to a refusal.
type route struct {
	refusal *protocol.Refusal // nil: the body decides
	app     string
	command string
	known   bool // it is checked field by field, and gets the gate's headers
	forms   *form.Forms
}

// A memory is what a gate has seen so far.
type memory struct {
	forms    sync.Map     // *form.Forms of each command that is let in, made when it is first seen
	others   atomic.Int64 // how often some were wanted for a command that is only passed on
	verdicts atomic.Value // *verdicts
}

// verdicts is where recent URLs lead, by what form.Template makes of them. It is never changed.
type verdicts struct {
	second  int64 // Unix, since when; where callbacks are signed they hold no longer
	routes  map[string]*route
	refused int // how many refusals were among them
}

const mostOthers, mostVerdicts, mostRefused = 32, 512, 16

// New prepares the shortcut.
func New(c *Config) http.Handler {
	m := &memory{}
	m.verdicts.Store(&verdicts{})
	latest := &m.verdicts
	target := form.Target(c.Path)
	signed := c.Policy.Tokens != nil
	template := form.Template(target, signed)
	exact := c.Exact
	common := c.Guard.Common
	limit := c.Policy.MaxBody
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "POST" || len(r.RequestURI) > protocol.MaxQuery || r.ContentLength > limit {
			exact.ServeHTTP(w, r)
			return
		}
		current := latest.Load().(*verdicts)
		if signed && current.second != time.Now().Unix() {
			current = renew(m)
		}
		key := target.ReplaceAllString(r.RequestURI, template)
		to := current.routes[key]
		if to == nil || r.ContentLength < 0 || r.Header.WriteSubset(header.FailingWriter, common) != nil {
			settle(c, w, r, m, current, key, to)
		} else if to.refusal != nil {
			reply.Refuse(c.Refuser, w, r, to.refusal)
		} else {
			forward(c, to, w, r)
		}
	})
}

// renew forgets the verdicts: those on signatures hold for a second, in which many callbacks share
// one. The map's hash has a random seed, so its timing reveals nothing of a signature.
func renew(m *memory) *verdicts {
	current := &verdicts{second: time.Now().Unix()}
	m.verdicts.Store(current)
	return current
}

// settle serves a request whose URL is new, whose headers are uncommon, or that comes in chunks.
func settle(c *Config, w http.ResponseWriter, r *http.Request, m *memory, current *verdicts, key string, to *route) {
	if to == nil {
		to = check(c, m, r.RequestURI, key)
		if to == nil {
			c.Exact.ServeHTTP(w, r)
			return
		}
		if key != r.RequestURI || to.refusal != nil {
			remember(m, current, key, to)
		}
	}
	header.Strip(c.Guard, r.Header)
	if to.refusal == nil && r.ContentLength < 0 {
		_, _ = protocol.ReadBody(c.Policy.MaxBody, r) // which then has a length, if it is right
	}
	if to.refusal != nil {
		reply.Refuse(c.Refuser, w, r, to.refusal)
	} else if r.ContentLength < 0 || r.Header["Content-Encoding"] != nil || len(header.Misleading(c.Guard, r.Header)) > 0 {
		c.Exact.ServeHTTP(w, r)
	} else {
		forward(c, to, w, r)
	}
}

// remember adds a verdict to those there are. Of refusals it takes few in a second: each costs a
// copy of all, and an attacker can make up any number.
func remember(m *memory, current *verdicts, key string, to *route) {
	refused := current.refused
	if to.refusal != nil {
		refused++
	}
	if refused > mostRefused {
		if current.second != time.Now().Unix() {
			renew(m)
		}
		return
	}
	next := &verdicts{second: current.second, refused: refused, routes: map[string]*route{key: to}}
	for k, known := range current.routes {
		if len(next.routes) < mostVerdicts {
			next.routes[k] = known
		}
	}
	m.verdicts.Store(next)
}

// check returns where a URL leads, nil where the exact handler has to decide.
func check(c *Config, m *memory, uri, key string) *route {
	t := form.Read(key)
	if t == nil {
		t = parse(c, uri)
	}
	if t == nil {
		return nil
	}
	refusal := protocol.CheckURL(c.Policy, t)
	if refusal == nil {
		return routeOf(c, m, t.App, t.Command)
	}
	if protocol.MayBeURLCheck(refusal) {
		return nil
	}
	refusal.Command = t.Command
	return &route{refusal: refusal}
}

// parse reads any other URL, nil where it is malformed or its path may be read as another.
func parse(c *Config, uri string) *protocol.Target {
	path, rawQuery, _ := strings.Cut(uri, "?")
	if path != c.Path && (c.Path != "" || !strings.HasPrefix(path, "/") || strings.Contains(path, "%")) {
		return nil
	}
	query, malformed := protocol.ParseQuery(rawQuery)
	if malformed != nil {
		return nil
	}
	return protocol.TargetOf(query)
}

// routeOf is the route of what is let in, nil where too many commands are only passed on.
func routeOf(c *Config, m *memory, app, command string) *route {
	to := &route{app: app, command: command, known: c.Policy.Commands[command]}
	if known, ok := m.forms.Load(command); ok {
		to.forms = known.(*form.Forms)
		return to
	}
	if to.known {
		to.forms = form.NewForms(command, protocol.SchemaOf(command), c.Headers, c.Sources, c.Patience)
	} else if c.Acknowledge || m.others.Add(1) > mostOthers {
		return nil
	} else {
		to.forms = form.NewForms(command, protocol.Unknown, nil, nil, c.Patience)
	}
	m.forms.Store(command, to.forms)
	return to
}

// forward hands on a callback whose body has one of its route's forms, with the gate's headers.
func forward(c *Config, to *route, w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, r.ContentLength+1)) // one more, to see that it ends there
	withoutAccounts := body
	if r.ContentLength > form.Long {
		withoutAccounts = form.WithoutAccounts(body)
	}
	text := string(withoutAccounts)
	if err != nil || int64(len(body)) != r.ContentLength {
		text = ""
	}
	for _, f := range to.forms.InTurn.Load().([]*form.Form) {
		groups := f.Pattern.FindStringSubmatch(text)
		if groups == nil {
			continue
		}
		if !json.Valid(withoutAccounts) {
			break
		}
		headers := r.Header
		if f.Plain && len(text) <= protocol.MaxValue {
			for _, v := range f.Values {
				headers[v.Header] = []string{groups[v.Group]}
			}
		} else if !setUnusual(f, groups, r) {
			break
		}
		if f.EventIDs != nil {
			setEventIDs(f, to, r, body)
		}
		if to.known {
			headers["Content-Type"] = []string{protocol.ContentType} // whatever it was read as, it is that
		}
		fresh, _ := http.NewRequest("POST", "/", bytes.NewReader(body)) //nolint:noctx // it is never sent; it can't fail
		r.Body = fresh.Body
		r.GetBody = fresh.GetBody
		r.TransferEncoding = nil
		r.Trailer = nil
		delete(headers, "Connection")
		c.Next.ServeHTTP(w, r)
		return
	}
	leave(c, to, w, r, body, err)
}

// setUnusual sets headers that take more, or reports false where the exact handler has to decide.
func setUnusual(f *form.Form, groups []string, r *http.Request) bool {
	for _, v := range f.Values {
		text := groups[v.Group]
		if len(text) > protocol.MaxValue || strings.ContainsAny(text, form.Unsure) {
			fitting, _, refusal := protocol.FieldValue(v.Field, v.Path, []byte(`"`+text+`"`))
			if refusal != nil {
				return false
			}
			text = fitting
		}
		r.Header[v.Header] = []string{header.Encode(text)}
	}
	return len(f.Parameters) == 0 || setParameters(f, r)
}

func setParameters(f *form.Form, r *http.Request) bool {
	_, rawQuery, _ := strings.Cut(r.RequestURI, "?")
	query, _ := url.ParseQuery(rawQuery)
	for name, parameter := range f.Parameters {
		value := query.Get(parameter)
		if strings.Trim(value, header.Plain) != "" || len(value) > protocol.MaxValue {
			return false
		}
		if query[parameter] != nil {
			r.Header[name] = []string{value}
		}
	}
	return true
}

func setEventIDs(f *form.Form, to *route, r *http.Request, body []byte) {
	id := protocol.EventID(to.app, to.command, body)
	for _, name := range f.EventIDs {
		r.Header[name] = []string{id}
	}
}

// leave lets the exact handler decide, and learns from what it does not refuse.
func leave(c *Config, to *route, w http.ResponseWriter, r *http.Request, body []byte, err error) {
	protocol.PutBack(r, body, err)
	c.Exact.ServeHTTP(w, r)
	if !strings.HasPrefix(w.Header().Get("X-Chat-Gate"), "refused") {
		form.Learn(to.forms, body)
	}
}
