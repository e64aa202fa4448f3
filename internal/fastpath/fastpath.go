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
// in a function 50 ns, reached or not. So what a callback that is right meets is one function, and
// what is rare has functions of its own.
package fastpath

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chatgate/chatgate/internal/form"
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
	app     string
	command string
	schema  *protocol.Schema
	known   bool         // it is checked field by field, and gets the gate's headers
	learned atomic.Value // []*form.Form, the latest first
	forms   atomic.Value // the same, the plain ones first: they are the cheapest to use
	learnAt atomic.Int64 // when the next may be learned: Unix nanoseconds
}

type routes struct { // made when their command is first seen
	byKey  sync.Map     // *route
	others atomic.Int64 // how many are of commands that are only passed on
}

const (
	mostForms  = 6       // of a route
	mostOthers = 64      // routes of commands that are only passed on
	learnable  = 8 << 10 // bytes of a body: longer ones are of the form of a shorter one
)

// New prepares the shortcut.
func New(c *Config) http.Handler {
	all := &routes{}
	byKey := &all.byKey
	target := form.Target(c.Path)
	template := form.Template(target, "app") + " " + form.Template(target, "command")
	var proven *atomic.Value
	if c.Policy.Tokens != nil {
		template += "\n" + form.Template(target, "sign") + " " + form.Template(target, "time")
		proven = &atomic.Value{}
	}
	failing := header.FailingWriter
	common := c.Guard.Common
	limit := uint64(c.Policy.MaxBody)
	beside := map[string]string{} // sources that are none of the body's fields, by their headers
	for i, source := range c.Sources {
		if protocol.IsBeside(source) {
			beside[c.Headers[i]] = source
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := target.ReplaceAllString(r.RequestURI, template)
		if proven != nil {
			key = provenKey(proven, key)
		}
		known, _ := byKey.Load(key)
		to, _ := known.(*route)
		headers := r.Header
		if to == nil || r.Method != "POST" || len(r.RequestURI) > protocol.MaxQuery || uint64(r.ContentLength) > limit || headers.WriteSubset(failing, common) != nil {
			to = settle(c, w, r, all, proven)
			if to == nil {
				return
			}
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, r.ContentLength+1)) // one more, to see that it ends there
		text := ""
		if len(body) > form.Long {
			text = form.Short(body)
		} else {
			text = string(body)
		}
		var f *form.Form
		var found []string
		forms, _ := to.forms.Load().([]*form.Form)
		for _, learned := range forms {
			found = learned.Pattern.FindStringSubmatch(text)
			if found != nil {
				f = learned
				break
			}
		}
		if found == nil || err != nil || int64(len(body)) != r.ContentLength || f.Nested && !json.Valid(body) {
			leave(c, to, w, r, body, err)
			return
		}
		if f.Plain && len(text) <= protocol.MaxValue {
			for _, v := range f.Values {
				headers[v.Name] = []string{found[v.Group]}
			}
		} else if !setUnusual(f, found, r) {
			leave(c, to, w, r, body, err)
			return
		}
		if to.known {
			if len(beside) > 0 && !setBeside(to, beside, r, body) {
				leave(c, to, w, r, body, err)
				return
			}
			headers["Content-Type"] = []string{protocol.ContentType} // whatever it was read as, it is that
		}
		fresh, _ := http.NewRequest("POST", "/", bytes.NewReader(body)) //nolint:noctx // it is never sent; it can't fail
		r.Body = fresh.Body
		r.GetBody = fresh.GetBody
		r.TransferEncoding = nil
		r.Trailer = nil
		delete(headers, "Connection")
		c.Next.ServeHTTP(w, r)
	})
}

// setUnusual sets headers whose values may not plainly be ones, or reports false where the exact
// handler has to decide.
func setUnusual(f *form.Form, found []string, r *http.Request) bool {
	for _, v := range f.Values {
		text := found[v.Group]
		if len(text) > protocol.MaxValue || strings.Trim(text, form.Plain) != "" {
			fitting, _, refusal := protocol.FieldValue(v.Field, v.Path, []byte(`"`+text+`"`))
			if refusal != nil {
				return false
			}
			text = header.Encode(fitting)
		}
		r.Header[v.Name] = []string{text}
	}
	return true
}

// setBeside is setUnusual for the sources that stand beside the body.
func setBeside(to *route, beside map[string]string, r *http.Request, body []byte) bool {
	for name, source := range beside {
		if source == "EventId" {
			r.Header[name] = []string{protocol.EventID(to.app, to.command, body)}
		} else if !setParameter(name, source, r) {
			return false
		}
	}
	return true
}

func setParameter(name, source string, r *http.Request) bool {
	_, rawQuery, _ := strings.Cut(r.RequestURI, "?")
	query, _ := url.ParseQuery(rawQuery)
	value := query.Get(source)
	if query[source] != nil {
		r.Header[name] = []string{value}
	}
	return strings.Trim(value, header.Plain) == "" && len(value) <= protocol.MaxValue
}

// leave puts back what was read, and leaves a request to the exact handler. It learns the form of a
// body that is right, no more than one in a while for each route: who sends others to have it
// forgotten costs time, and lets nothing wrong through.
func leave(c *Config, to *route, w http.ResponseWriter, r *http.Request, body []byte, err error) {
	now := time.Now().UnixNano()
	at := to.learnAt.Load()
	if now >= at && to.learnAt.CompareAndSwap(at, now+int64(c.Patience)) {
		learn(c, to, body)
	}
	protocol.PutBack(r, body, err)
	c.Exact.ServeHTTP(w, r)
}

// learn adds the form of a body that is right, seen as the shortcut will see it.
func learn(c *Config, to *route, body []byte) {
	short := form.Short(body)
	if len(short) > learnable {
		return
	}
	if _, refusal := protocol.CheckBody(to.command, to.schema, []byte(short)); refusal != nil {
		return
	}
	sources := c.Sources
	if !to.known {
		sources = nil
	}
	learned := form.Of(to.schema, short, c.Headers, sources)
	if learned == nil {
		return
	}
	forms := []*form.Form{learned}
	old, _ := to.learned.Load().([]*form.Form)
	for _, f := range old {
		if f.Pattern.String() == learned.Pattern.String() {
			return // a value of this body can be no header
		}
		if len(forms) < mostForms {
			forms = append(forms, f)
		}
	}
	to.learned.Store(forms)
	forms = append([]*form.Form{}, forms...)
	sort.SliceStable(forms, func(i, j int) bool { return forms[i].Plain && !forms[j].Plain })
	to.forms.Store(forms)
}

// settle decides by all but the body where it does not speak for itself. It returns the route of a
// callback that may be right, or has the request answered and returns nil.
func settle(c *Config, w http.ResponseWriter, r *http.Request, all *routes, proven *atomic.Value) *route {
	path, rawQuery, _ := strings.Cut(r.RequestURI, "?")
	known := path == c.Path || c.Path == "" && strings.HasPrefix(path, "/") && !strings.Contains(path, "%") // in a spelling that nobody reads as another
	if r.Method != http.MethodPost || !known || uint64(r.ContentLength) > uint64(c.Policy.MaxBody) {
		c.Exact.ServeHTTP(w, r)
		return nil
	}
	query, malformed := protocol.ParseQuery(rawQuery)
	if malformed != nil {
		c.Exact.ServeHTTP(w, r)
		return nil
	}
	header.Strip(c.Guard, r.Header)
	second := time.Now().Unix()
	command := query.Get("CallbackCommand")
	refusal := protocol.CheckURL(c.Policy, query)
	if refusal != nil && !protocol.MayBeURLCheck(refusal) {
		refusal.Command = command
		c.Refuse(w, r, refusal)
		return nil
	}
	var to *route
	if refusal == nil && (!c.Acknowledge || c.Policy.Commands[command]) && r.Header["Content-Encoding"] == nil && len(header.Misleading(c.Guard, r.Header)) == 0 {
		if proven != nil {
			proven.Store(map[string]int64{query.Get("Sign") + " " + query.Get("RequestTime"): second})
		}
		to = routeOf(c, query.Get("SdkAppid"), command, all)
	}
	if to == nil {
		c.Exact.ServeHTTP(w, r)
	}
	return to
}

// routeOf returns the route of an app and a command, which is made when it is first seen. Of
// commands that nobody has named it makes no more than some, and returns nil for the others.
func routeOf(c *Config, app, command string, all *routes) *route {
	if found, ok := all.byKey.Load(app + " " + command); ok {
		return found.(*route)
	}
	to := &route{app: app, command: command, schema: protocol.Unknown, known: c.Policy.Commands[command]}
	if to.known {
		to.schema = protocol.SchemaOf(command)
	} else if all.others.Add(1) > mostOthers {
		return nil
	}
	all.byKey.Store(app+" "+command, to)
	return to
}

// provenKey is a key without its signature, if that is the last one that was verified, in this very
// second: within one the verdict can't change, and most callbacks of a second share theirs. What
// the time of the look-up tells is of a hash with a seed that nobody knows.
func provenKey(proven *atomic.Value, signedKey string) string {
	key, proof, _ := strings.Cut(signedKey, "\n")
	verified, _ := proven.Load().(map[string]int64)
	if verified[proof] != time.Now().Unix() {
		return ""
	}
	return key
}
