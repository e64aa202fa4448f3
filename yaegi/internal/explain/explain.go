// Package explain says what the gate does with a callback, check by check, and what to do about a
// refusal. The page and "chatgate check" have their words from here. It asks the plugin itself,
// compiled, and knows of it no more than its Config and the list of reasons.
package explain

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"testing/iotest"
	"time"

	"github.com/chatgate/chatgate"
	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/internal/token"
	"github.com/chatgate/chatgate/yaegi"
)

// A Verdict is what became of a request.
type Verdict string

// The verdicts. Unchecked is that of a request which is no callback, and so not the gate's
// business.
const (
	Forwarded   Verdict = "forwarded"
	Refused     Verdict = "refused"
	WouldRefuse Verdict = "would be refused" // but for the mode monitor
	Answered    Verdict = "answered"         // by the gate, which accepted it
	Unchecked   Verdict = "not a callback"
)

// A Gate is the plugin with a configuration.
type Gate struct {
	Config *chatgate.Config
	tokens func() []string
	exact  *twin // refuses, whatever the mode
	strict *twin // and every command that is not checked field by field
}

// New makes a gate of the options that a dynamic configuration has. It silences the standard
// logger, to which the plugin writes what it refuses: here that is an answer.
func New(options map[string]any) (*Gate, error) {
	config := chatgate.CreateConfig()
	unknown, err := yaegi.Decode(options, config)
	if err == nil && len(unknown) > 0 {
		sort.Strings(unknown)
		err = fmt.Errorf("the plugin has no option %s; Traefik would ignore it without a word", strings.Join(unknown, ", "))
	}
	if err != nil {
		return nil, err
	}
	log.SetOutput(io.Discard)
	g := &Gate{Config: config}
	enforced := *config
	enforced.Mode = orEnforce(config.Mode)
	if g.exact, err = newTwin(enforced); err != nil {
		return nil, err
	}
	enforced.OtherCommands = "reject"
	if g.strict, err = newTwin(enforced); err != nil {
		return nil, err
	}
	g.tokens = token.Fixed(config.Token)
	if config.TokenFile != "" {
		g.tokens, err = token.FromFile(config.TokenFile, config.Token, func(string) {})
	}
	return g, err
}

// orEnforce replaces the mode monitor, and no fault.
func orEnforce(mode string) string {
	if mode == "monitor" {
		return "enforce"
	}
	return mode
}

// Signed tells whether the gate asks for a signature.
func (g *Gate) Signed() bool { return len(g.Config.Token) > 0 || g.Config.TokenFile != "" }

// Apps is the apps that the gate lets in.
func (g *Gate) Apps() []string {
	apps := []string{}
	for _, app := range g.Config.SdkAppID {
		apps = append(apps, strings.TrimSpace(app))
	}
	return apps
}

// Signature is the parameters that sign a callback, empty where the gate asks for none.
func (g *Gate) Signature(now time.Time) string {
	if !g.Signed() {
		return ""
	}
	requestTime := strconv.FormatInt(now.Unix(), 10)
	return "RequestTime=" + requestTime + "&Sign=" + protocol.Sign(g.tokens()[0], requestTime)
}

// Commands lists the commands that the protocol has.
func Commands() []string { return protocol.Commands() }

// LetIn is a command that the gate checks and forwards, the plugin's default if that is among them.
func (g *Gate) LetIn() string {
	if g.checks(protocol.AfterCreateGroup) {
		return protocol.AfterCreateGroup
	}
	for _, command := range protocol.Commands() {
		if g.checks(command) {
			return command
		}
	}
	return protocol.AfterCreateGroup
}

// An Observation is a request, and what was seen to come of it.
type Observation struct {
	Method string
	URL    *url.URL
	Body   []byte
	// Reached tells whether it reached the backend; Status and Answer are the gate's where it did
	// not.
	Reached bool
	Status  int
	Answer  []byte
	At      time.Time // when it came; zero for now
	// Judge finds out what the gate would have done in the mode enforce. nil: as the observation
	// has it.
	Judge func() Observation
}

// An Account is what became of a request, and why.
type Account struct {
	Verdict  Verdict  `json:"verdict"`
	Command  string   `json:"command"`
	App      string   `json:"app"`
	Group    string   `json:"group"`    // or the peer of a conversation
	Operator string   `json:"operator"` // who acted, as the body claims
	Refusal  *Refusal `json:"refusal,omitempty"`

	signed  bool // a signature was asked for
	checked bool // the command has a schema, and is among the gate's
}

// A Refusal is why a callback was refused.
type Refusal struct {
	Status   int    `json:"status"`
	Code     int    `json:"code"`
	Meaning  string `json:"meaning"`
	Detail   string `json:"detail"`
	Expected string `json:"expected"`
	Found    string `json:"found"`
	Remedy   string `json:"remedy"`
}

// Explain gives an account of an observation.
func (g *Gate) Explain(o Observation) Account {
	a := claims(o)
	a.signed = g.Signed()
	if !g.isCallback(o) {
		a.Verdict = Unchecked
		if !o.Reached && o.Status >= 400 { // a CONNECT
			a.Verdict = Refused
		}
		return a
	}
	a.checked = g.checks(a.Command)
	a.Verdict = Forwarded
	if !o.Reached {
		a.Verdict = Answered
		if a.Refusal = g.refusal(a, o); a.Refusal != nil || o.Status >= 300 {
			a.Verdict = Refused
		}
	} else if g.Config.Mode == "monitor" && o.Judge != nil {
		judged := o.Judge()
		if a.Refusal = g.refusal(a, judged); a.Refusal != nil && !judged.Reached {
			a.Verdict = WouldRefuse
		}
	}
	return a
}

// isCallback tells whether the gate checks requests such as this: it refuses one without parameters
// then.
func (g *Gate) isCallback(o Observation) bool {
	if o.Method == http.MethodConnect {
		return false
	}
	bare := *o.URL
	bare.RawQuery = ""
	return !g.exact.serve(probe(o.Method, &bare)).Reached
}

// checks tells whether a command is checked field by field: the gate refuses it then for anything
// but the command.
func (g *Gate) checks(command string) bool {
	query := url.Values{"SdkAppid": g.Apps()[:1], "CallbackCommand": {command}}
	seen := g.strict.serve(probe(http.MethodPost, &url.URL{Path: g.callbackPath(), RawQuery: query.Encode()}))
	code, _ := failure(seen.Answer)
	return code != protocol.CommandNotAllowed.Code && code != protocol.CommandMissing.Code
}

// probe is a request that finds something out about the gate. It has a body: one without may be the
// console's check of the URL.
func probe(method string, u *url.URL) *http.Request {
	return &http.Request{Method: method, URL: u, Body: io.NopCloser(strings.NewReader(`{"a":0}`))}
}

// callbackPath is a path on which the gate checks.
func (g *Gate) callbackPath() string {
	if g.Config.Path == "" {
		return "/"
	}
	return g.Config.Path
}

// refusal reads an answer of the gate's own, nil where that is no refusal.
func (g *Gate) refusal(a Account, o Observation) *Refusal {
	code, info := failure(o.Answer)
	for _, reason := range protocol.Reasons {
		if reason.Code == code {
			r := &Refusal{Status: reason.Status, Code: code, Meaning: reason.Meaning, Remedy: remedy(reason)}
			r.Detail = strings.TrimPrefix(info, reason.Meaning+": ")
			r.Expected, r.Found = g.contrast(a, o, r)
			return r
		}
	}
	return nil
}

// Run puts a request to the plugin, in the mode enforce, and returns what was seen.
func (g *Gate) Run(r *http.Request, body []byte) (Observation, http.Header) {
	r.Body = io.NopCloser(bytes.NewReader(body))
	if r.ContentLength > int64(len(body)) {
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), iotest.ErrReader(io.ErrUnexpectedEOF)))
	}
	seen := g.exact.serve(r)
	o := Observation{Method: r.Method, URL: r.URL, Body: body, Reached: seen.Reached, Status: seen.Status, Answer: seen.Answer}
	return o, seen.header
}

// A twin is the plugin, compiled.
type twin struct{ handler http.Handler }

type sight struct {
	Observation
	header http.Header // of the request, as the gate left it
}

type sightKey struct{}

func newTwin(config chatgate.Config) (*twin, error) {
	backend := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen, _ := r.Context().Value(sightKey{}).(*sight)
		seen.Reached = true
		seen.header = r.Header.Clone()
		_, _ = io.WriteString(w, protocol.OK)
	})
	handler, err := chatgate.New(context.Background(), backend, &config, "check")
	return &twin{handler}, err
}

func (t *twin) serve(r *http.Request) *sight {
	seen := &sight{}
	r.RequestURI = r.URL.RequestURI() // as a server has it
	r = r.WithContext(context.WithValue(r.Context(), sightKey{}, seen))
	if r.Header == nil {
		r.Header = http.Header{}
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	answer := httptest.NewRecorder()
	t.handler.ServeHTTP(answer, r)
	seen.Status = answer.Code
	seen.Answer = answer.Body.Bytes()
	if seen.header == nil {
		seen.header = r.Header
	}
	return seen
}
