// Package fastpath is the shortcut past the exact handler for callbacks that are written as one was
// that the exact checks found right: in its form, whatever that is.
//
// It has one rule. What it recognises it forwards as the exact handler would have; what the URL
// alone refuses it may refuse, by the same functions; everything else goes to the exact handler as
// it came. So `return c.Exact` in New changes nothing but the time. The reason to believe it is one
// sentence: a form has the names of a body that is right, each once and in its order, and for each
// value all that is right in its place.
//
// It exists for the interpreter, to which a call costs 1 µs and each local and intermediate value
// in a function 50 ns, reached or not. So what a callback that is right meets are two functions,
// and what is rare has functions of its own.
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

	"github.com/chatgate/chatgate/internal/header"
	"github.com/chatgate/chatgate/internal/protocol"
)

// Config is what the exact handler has, too.
type Config struct {
	Policy      *protocol.Policy
	Path        string        // of the callbacks; empty: any
	Headers     []string      // to set, in canonical form
	Sources     []string      // where the value of each comes from
	Guard       *header.Guard // of Headers
	Acknowledge bool          // commands without a schema are not forwarded
	Patience    time.Duration // between two forms that are learned for one command

	Next   http.Handler                                                            // gets what is recognised, with the headers set
	Refuse func(w http.ResponseWriter, r *http.Request, refusal *protocol.Refusal) // gets what the URL refuses, its body unread
	Exact  http.Handler                                                            // gets the rest, as it came
}

// A route is what is known of an app and a command.
type route struct {
	command string
	schema  *protocol.Schema
	known   bool         // it is checked field by field, and gets the gate's headers
	forms   atomic.Value // []*form: those that were learned, the latest first
	learnAt atomic.Int64 // when the next may be: Unix nanoseconds
}

// Routes are made when their command is first seen.
type routes struct {
	byKey  sync.Map     // *route
	others atomic.Int64 // how many are of commands that are only passed on
}

const (
	mostForms  = 6       // of a route
	mostOthers = 64      // routes of commands that are only passed on
	learnable  = 8 << 10 // bytes of a body: longer ones are of the form of a shorter one
	long       = 2048    // bytes of a body out of which it pays to cut accounts
	longest    = 300000  // bytes of a body without the accounts: in fewer, no more elements fit than protocol lets in
)

// plain is what stands for itself in a JSON string and in a header, and the quotes around it.
var plain = strings.ReplaceAll(header.Plain, `\`, "")

// New prepares the shortcut.
func New(c *Config) http.Handler {
	all := &routes{}
	proofs := newProofs(c)
	target := newTarget(c.Path)
	keyTemplate := template(target, "app") + " " + template(target, "command")
	proofTemplate := template(target, "sign") + " " + template(target, "time")
	common := c.Guard.Common
	failing := header.FailingWriter
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := target.ReplaceAllString(r.RequestURI, keyTemplate)
		known, _ := all.byKey.Load(key)
		to, _ := known.(*route)
		if to == nil || r.Method != "POST" || r.Header.WriteSubset(failing, common) != nil || proofs != nil && !isProven(proofs, target.ReplaceAllString(r.RequestURI, proofTemplate)) {
			to = settle(c, w, r, key, all, proofs)
			if to == nil {
				return
			}
		}
		forward(c, to, w, r)
	})
}

// forward forwards a callback whose body is in a form that was learned.
func forward(c *Config, to *route, w http.ResponseWriter, r *http.Request) {
	if r.ContentLength > c.Policy.MaxBody {
		c.Exact.ServeHTTP(w, r)
		return
	}
	var body bytes.Buffer
	n, err := io.CopyN(&body, r.Body, r.ContentLength+1) // one more, to see that it ends there
	text := body.Bytes()
	if n > long {
		text = protocol.CutAccounts(text)
	}
	var f *form
	var found [][]byte
	if n == r.ContentLength && err == io.EOF && len(text) < longest { //nolint:errorlint // a Reader returns this very error
		forms, _ := to.forms.Load().([]*form)
		for _, learned := range forms {
			found = learned.pattern.FindSubmatch(text)
			if found != nil {
				f = learned
				break
			}
		}
	}
	if found == nil || f.nested && !json.Valid(text) {
		leave(c, to, w, r, &body, err)
		return
	}
	headers := r.Header
	for _, v := range f.values {
		value := found[v.at]
		last := len(value) - 1
		if last < 2 || last > protocol.MaxValue || value[0] != '"' || strings.Trim(string(value), plain) != "" {
			if !setUnusual(v, value, r, &body) {
				leave(c, to, w, r, &body, err)
				return
			}
			continue
		}
		headers[v.header] = []string{string(value[1:last])}
	}
	if to.known {
		headers["Content-Type"] = []string{protocol.ContentType} // whatever it was read as, it is that
	}
	fresh, _ := http.NewRequest("POST", "/", &body) //nolint:noctx // it is never sent; it can't fail
	r.Body = fresh.Body
	r.GetBody = fresh.GetBody
	r.Trailer = nil
	delete(headers, "Connection")
	c.Next.ServeHTTP(w, r)
}

// setUnusual sets a header whose value is not plainly one, or reports false where the exact handler
// has to decide.
func setUnusual(v *value, raw []byte, r *http.Request, body *bytes.Buffer) bool {
	text := ""
	if v.field != nil {
		fitting, _, refusal := protocol.FieldValue(v.field, v.source, raw)
		if refusal != nil {
			return false
		}
		text = header.Encode(fitting)
	} else if query := queryOf(r); v.source == "EventId" {
		text = protocol.EventID(query.Get("SdkAppid"), query.Get("CallbackCommand"), body.Bytes())
	} else if query[v.source] == nil {
		return true
	} else if text = query.Get(v.source); strings.Trim(text, header.Plain) != "" || len(text) > protocol.MaxValue {
		return false
	}
	r.Header[v.header] = []string{text}
	return true
}

// leave puts back what was read, and leaves a request to the exact handler. It learns the form of a
// body that is right, no more than one in a while for each route: who sends others to have it
// forgotten costs time, and lets nothing wrong through.
func leave(c *Config, to *route, w http.ResponseWriter, r *http.Request, body *bytes.Buffer, err error) {
	now := time.Now().UnixNano()
	at := to.learnAt.Load()
	if now >= at && to.learnAt.CompareAndSwap(at, now+int64(c.Patience)) {
		learn(c, to, body.Bytes())
	}
	protocol.PutBack(r, body.Bytes(), err)
	c.Exact.ServeHTTP(w, r)
}

// learn adds the form of a body that is right, seen as the shortcut will see it.
func learn(c *Config, to *route, body []byte) {
	if len(body) > long {
		body = protocol.CutAccounts(body)
	}
	if len(body) > learnable {
		return
	}
	if _, refusal := protocol.CheckBody(to.command, to.schema, body); refusal != nil {
		return
	}
	sources := c.Sources
	if !to.known {
		sources = nil
	}
	learned := newForm(to.schema, body, c.Headers, sources)
	if learned == nil {
		return
	}
	forms := []*form{learned}
	old, _ := to.forms.Load().([]*form)
	for _, f := range old {
		if f.pattern.String() == learned.pattern.String() {
			return // a value of this body can be no header
		}
		if len(forms) < mostForms {
			forms = append(forms, f)
		}
	}
	to.forms.Store(forms)
}

// settle decides by all but the body where it does not speak for itself. It returns the route of a
// callback that may be right, or has the request answered and returns nil. A URL that has a key is
// in the vendor's own form.
func settle(c *Config, w http.ResponseWriter, r *http.Request, key string, all *routes, proofs *atomic.Value) *route {
	query := queryOf(r)
	if r.Method != http.MethodPost || key == r.RequestURI && !isPlain(c, r) {
		c.Exact.ServeHTTP(w, r)
		return nil
	}
	header.Strip(c.Guard, r.Header)
	refusal := protocol.CheckURL(c.Policy, query)
	command := query.Get("CallbackCommand")
	if refusal != nil && !protocol.MayBeURLCheck(refusal) {
		refusal.Command = command
		c.Refuse(w, r, refusal)
		return nil
	}
	if refusal != nil || c.Acknowledge && !c.Policy.Commands[command] || r.Header["Content-Encoding"] != nil {
		c.Exact.ServeHTTP(w, r)
		return nil
	}
	if proofs != nil {
		proofs.Store(map[string]int64{query.Get("Sign") + " " + query.Get("RequestTime"): time.Now().Unix()})
	}
	to := routeOf(c, query.Get("SdkAppid"), command, all)
	if to == nil {
		c.Exact.ServeHTTP(w, r)
	}
	return to
}

// isPlain tells whether a URL that is not in the vendor's form is the callbacks', and can be read
// in one way only.
func isPlain(c *Config, r *http.Request) bool {
	path, rawQuery, _ := strings.Cut(r.RequestURI, "?")
	_, malformed := protocol.ParseQuery(rawQuery)
	return malformed == nil && (path == c.Path || c.Path == "" && strings.HasPrefix(path, "/") && !strings.Contains(path, "%"))
}

// routeOf returns the route of an app and a command, which is made when it is first seen. Of
// commands that nobody has named it makes no more than some, and returns nil for the others.
func routeOf(c *Config, app, command string, all *routes) *route {
	if found, ok := all.byKey.Load(app + " " + command); ok {
		return found.(*route)
	}
	to := &route{command: command, schema: protocol.Unknown, known: c.Policy.Commands[command]}
	if to.known {
		to.schema = protocol.SchemaOf(command)
	} else if all.others.Add(1) > mostOthers {
		return nil
	}
	all.byKey.Store(app+" "+command, to)
	return to
}

// queryOf is the parameters of a URL.
func queryOf(r *http.Request) url.Values {
	_, rawQuery, _ := strings.Cut(r.RequestURI, "?")
	query, _ := url.ParseQuery(rawQuery)
	return query
}

// newProofs returns what remembers the last signature that was verified, and the second of it:
// within one the verdict can't change, and nearly all callbacks of a second share theirs. It is nil
// where none is asked for. What the time of a look-up tells is of a hash with a seed that nobody
// knows.
func newProofs(c *Config) *atomic.Value {
	if c.Policy.Tokens == nil {
		return nil
	}
	proofs := &atomic.Value{}
	proofs.Store(map[string]int64{})
	return proofs
}

func isProven(proofs *atomic.Value, proof string) bool {
	known, _ := proofs.Load().(map[string]int64)
	return known[proof] == time.Now().Unix()
}
