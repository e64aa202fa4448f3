package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/chatgate/chatgate/internal/header"
)

// A Glance is a shortcut for callbacks that are written as the vendor writes them: parameters and members in its order, compact, no name
// spelt with escapes. That is nearly every one. It is certain or it says nothing: whatever it does not recognise takes a closer look.
//
// It exists for the interpreter, which makes us pay for every step and every call, but runs a compiled regular expression at full speed.
// There a function costs 50 ns for each local and intermediate value in it, reached or not, and 1 µs for being called. So what a callback
// that is right meets is one function, 15 µs long where Check takes 100, and what is rare has functions of its own.
//
// All but Rest get requests without Headers and their aliases, save those that a glance has set for Next.
type Glance struct {
	Policy  *Policy
	Path    string   // of the callbacks; empty: any
	Headers []string // to set, in canonical form
	Sources []string // where the value of each comes from

	Next   http.Handler                                                   // gets what is recognised, with the headers set
	Rest   http.Handler                                                   // gets what only Check can tell, its body as if unread
	Refuse func(w http.ResponseWriter, r *http.Request, refusal *Refusal) // gets what is refused by its URL, its body unread
	// Decide gets the others, the event and the refusal as Check would return them.
	Decide func(w http.ResponseWriter, r *http.Request, event *Event, refusal *Refusal)

	guard   *header.Guard     // of Headers
	signer  *signer           // nil: no signature is asked for
	shapes  map[string]*shape // by what is captured of app and command together
	longest int64             // what is read at once, in bytes
}

// Patterns of the URL's query. Which apps and commands are let in is left to a look-up: another app is refused at a glance, too.
const (
	urlPattern = `\?SdkAppid=((?P<SdkAppid>[0-9]{1,19})&CallbackCommand=(?P<CallbackCommand>[0-9A-Za-z.]+))&contenttype=json` +
		`(?:&ClientIP=(?P<ClientIP>[0-9A-Fa-f.:]{2,45}))?(?:&OptPlatform=(?P<OptPlatform>[A-Za-z]{1,32}))?`
	proofPattern = `(?:&Sign=([0-9a-f]{64}&RequestTime=([0-9]{1,19})))`
)

// Where things stand in what these patterns capture.
const (
	appAndCommand = 1
	appGroup      = 2
	commandGroup  = 3
	proofGroup    = 6 // all from the value of Sign on
	timeGroup     = 7
)

// Handler prepares the shortcut.
func (g *Glance) Handler() http.Handler {
	target := g.prepare()
	signer := g.signer
	shapes := g.shapes
	harmless := g.guard.Harmless
	nowhere := header.Nowhere
	fromURL := g.fromURL()
	post := http.MethodPost
	eof := io.EOF
	next := g.Next
	rest := g.Rest
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := target.FindStringSubmatch(r.RequestURI)
		if seen == nil || r.Method != post {
			rest.ServeHTTP(w, r)
			return
		}
		headers := r.Header
		if headers.WriteSubset(nowhere, harmless) != nil && leaveEncoded(g, w, r) {
			return
		}
		s := shapes[seen[appAndCommand]]
		if s == nil {
			refuseApp(g, w, r, seen)
			return
		}
		if signer != nil && refuseUnsigned(g, w, r, seen) {
			return
		}
		var body bytes.Buffer
		var found []string
		if r.ContentLength > s.longest {
			found = lookFurther(g, w, r, seen, &body)
		} else {
			n, err := io.CopyN(&body, r.Body, s.look)
			if n == r.ContentLength && err == eof { //nolint:errorlint // a Reader returns this very error
				found = s.pattern.FindStringSubmatch(body.String())
			}
			if found == nil {
				found = lookCloser(g, w, r, seen, &body, nil, err)
			}
		}
		if found == nil {
			return
		}
		if fromURL {
			found = append(found, seen...)
		}
		for i, k := range s.at {
			if found[k] != "" {
				end := k + 1
				headers[s.headers[i]] = found[k:end:end] // so whoever appends to it makes a copy
			}
		}
		fresh, _ := http.NewRequest(post, "/", &body) //nolint:noctx // what restore does, without the price of a call
		r.Body = fresh.Body
		r.GetBody = fresh.GetBody
		r.Trailer = nil
		delete(headers, "Connection")
		next.ServeHTTP(w, r)
	})
}

// prepare compiles the patterns. It returns that of the URL.
func (g *Glance) prepare() *regexp.Regexp {
	g.guard = header.NewGuard(g.Headers)
	g.longest = atOnce
	if g.Policy.MaxBody < g.longest {
		g.longest = g.Policy.MaxBody
	}
	path := `/[^?]*`
	if g.Path != "" {
		path = regexp.QuoteMeta(g.Path)
	}
	signature := proofPattern
	if g.Policy.Tokens == nil {
		signature += "?"
	} else {
		g.signer = newSigner(g.Policy)
	}
	parameters := regexp.MustCompile(urlPattern + proofPattern).SubexpNames()
	g.shapes = map[string]*shape{}
	for command := range g.Policy.Commands {
		if !g.Policy.Commands[command] {
			continue
		}
		s := newShape(schemas[command], g.Headers, g.Sources, parameters)
		if s == nil {
			continue
		}
		if s.longest > g.longest {
			s.longest = g.longest
		}
		s.look = s.longest + 1
		for app := range g.Policy.Apps {
			if g.Policy.Apps[app] {
				g.shapes[app+"&CallbackCommand="+command] = s
			}
		}
	}
	return regexp.MustCompile("^" + path + urlPattern + signature + "$")
}

// fromURL tells whether a header's value comes from the URL.
func (g *Glance) fromURL() bool {
	for _, source := range g.Sources {
		if sourceParameters[source] {
			return true
		}
	}
	return false
}

// leaveEncoded strips a request with a header that is not common. If the body may not be what it seems, it leaves the request to the rest, and
// reports so.
func leaveEncoded(g *Glance, w http.ResponseWriter, r *http.Request) bool {
	if r.Header["Content-Encoding"] != nil {
		g.Rest.ServeHTTP(w, r)
		return true
	}
	header.StripEach(g.guard, r.Header)
	return false
}

// refuseApp refuses an app that is not let in, and leaves a command of one that is to the rest. The refusal is the very one that Check would
// come to.
func refuseApp(g *Glance, w http.ResponseWriter, r *http.Request, seen []string) {
	if g.Policy.Apps[seen[appGroup]] {
		g.Rest.ServeHTTP(w, r)
		return
	}
	g.Refuse(w, r, &Refusal{AppNotAllowed, `SdkAppid "` + seen[appGroup] + `"` + notAmong, seen[commandGroup]}) // digits need no Quote
}

// refuseUnsigned refuses a request whose signature is wrong, and reports whether it has. Nearly always, it is that of the request before.
func refuseUnsigned(g *Glance, w http.ResponseWriter, r *http.Request, seen []string) bool {
	right, _ := g.signer.right.Load().(map[string]time.Time)
	return time.Since(right[seen[proofGroup]]) >= moment && refuseProof(g, w, r, seen)
}

func refuseProof(g *Glance, w http.ResponseWriter, r *http.Request, seen []string) bool {
	refusal := verifyProof(g.signer, seen[proofGroup], seen[timeGroup], seen[commandGroup])
	if refusal != nil {
		g.Refuse(w, r, refusal)
	}
	return refusal != nil
}

// leave puts back what was read, and leaves a request to the rest.
func leave(g *Glance, w http.ResponseWriter, r *http.Request, body *bytes.Buffer, err error) []string {
	if errors.Is(err, io.EOF) && int64(body.Len()) < r.ContentLength {
		err = io.ErrUnexpectedEOF // it broke off, whoever hides it
	}
	unread(r, body.Bytes(), err)
	g.Rest.ServeHTTP(w, r)
	return nil
}

// lookFurther reads a long body, and tries the pattern on what remains when a long list of accounts has been cut out of it. It returns what the
// pattern finds, or has the request answered and returns nil.
func lookFurther(g *Glance, w http.ResponseWriter, r *http.Request, seen []string, body *bytes.Buffer) []string {
	if r.ContentLength > g.longest { // it may never come
		return leave(g, w, r, body, nil)
	}
	body.Grow(int(r.ContentLength) + bytes.MinRead)
	n, err := io.CopyN(body, r.Body, r.ContentLength+1) // one more, to see that it ends there
	if n != r.ContentLength || !errors.Is(err, io.EOF) {
		return leave(g, w, r, body, err)
	}
	s := g.shapes[seen[appAndCommand]]
	short := cutAccounts(body.Bytes())
	if int64(len(short)) <= s.longest {
		if found := s.pattern.FindStringSubmatch(string(short)); found != nil {
			return found
		}
	}
	return lookCloser(g, w, r, seen, body, short, err)
}

// plainName matches a name that no escape and no sign can hide, or hide in.
var plainName = regexp.MustCompile(`^[A-Za-z_][0-9A-Za-z_]*$`)

// lookCloser tries the pattern on a body without the members that the schema does not know. It returns what the pattern finds, or has the
// request answered and returns nil. short is what cutAccounts made of the body, nil for all of it.
//
// For each unknown name one text is taken out: ,"name":value. In JSON a quote after a comma is no escaped one, and a quote before a letter
// opens a string; so wherever that text stands, a member begins with it, and it holds whole strings and brackets with their partners (of a
// number it may hold the first digits only). So no other member begins or ends where it did not, and one text takes one member of the body
// away at most. If the remainder has the shape, whose members are all known, then each that is not known has been taken away: there were as
// many of them as names, each once, and nothing else is gone. And as the remainder has each known member once, so had the body.
func lookCloser(g *Glance, w http.ResponseWriter, r *http.Request, seen []string, body *bytes.Buffer, short []byte, err error) []string {
	if err != io.EOF || int64(body.Len()) != r.ContentLength { //nolint:errorlint // a Reader returns this very error
		return leave(g, w, r, body, err)
	}
	if short == nil {
		short = body.Bytes()
	}
	s := g.shapes[seen[appAndCommand]]
	known := s.schema.known
	text := string(short)
	var object members
	if int64(len(text)) <= s.longest && utf8.ValidString(text) && json.Unmarshal(short, &object) == nil {
		for name := range object {
			if !known[name] && plainName.MatchString(name) && s.schema.byFold[strings.ToLower(name)] == "" { // as fold does, in ASCII
				text = strings.Replace(text, `,"`+name+`":`+string(object[name]), "", 1)
			}
		}
		if len(text) < len(short) {
			if found := s.pattern.FindStringSubmatch(text); found != nil {
				return found
			}
		}
	}
	decideOn(g, w, r, seen, body.Bytes(), short, object)
	return nil
}

// decideOn has a body decided upon that was read and, where there is an object, decoded.
func decideOn(g *Glance, w http.ResponseWriter, r *http.Request, seen []string, body, short []byte, object members) {
	_, query, _ := strings.Cut(r.RequestURI, "?")
	parameters, _ := url.ParseQuery(query) // it has been recognised
	event := &Event{App: seen[appGroup], Command: seen[commandGroup], Checked: true, Query: parameters, Body: body, schema: schemas[seen[commandGroup]]}
	var refusal *Refusal
	if object == nil {
		object, refusal = decode(body, short)
	}
	refusal = judge(g.Policy, event, short, object, refusal)
	if refusal != nil {
		refusal.Command = event.Command
	}
	restore(r, body)
	g.Decide(w, r, event, refusal)
}
