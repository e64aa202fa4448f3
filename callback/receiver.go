package callback

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/internal/token"
)

const maxMaxBody = 64 << 20

// A Config says which callbacks a Receiver lets in.
type Config struct {
	// Apps is the SdkAppids whose callbacks are let in. Required.
	Apps []string
	// Tokens is the authentication tokens, any of which may have signed. Required, unless there is
	// TokenFunc or Unsigned.
	Tokens []string
	// TokenFunc returns more tokens. It is called for each callback, by many goroutines.
	TokenFunc func() []string
	// Unsigned lets in callbacks without a look at their signatures, and so whoever knows the app.
	Unsigned bool
	// Commands is the commands that are let in; "C2C.*" stands for a family. Empty: all of
	// Commands().
	Commands []string
	// OtherCommands lets in the commands that this package does not know, too.
	OtherCommands bool
	// Window is how far RequestTime may be from now, either way: 1s to 1h. 0: a minute.
	Window time.Duration
	// MaxBody is the longest body in bytes, at most 64 MiB. 0: 4 MiB, which fits every command.
	MaxBody int64
	// GateHeaders is the option headers of the chatgate middleware in front. Where it is set,
	// requests are read as FromGate does; only MaxBody and OnError may be set, too.
	GateHeaders map[string]string
	// OnError is called by Handler with what it refuses, and with a Reply that is wrong. It may be
	// nil.
	OnError func(*http.Request, error)
}

// A Receiver lets callbacks in. It may be used by many goroutines.
type Receiver struct {
	policy  *protocol.Policy
	gate    map[string]string // sources by header; nil: there is no gate
	onError func(*http.Request, error)
}

// faults collects what is wrong with a Config.
type faults []string

func (f *faults) add(field, found, expected string) {
	*f = append(*f, field+": expected "+expected+", found "+found)
}

// NewReceiver returns a Receiver, or one error that names every fault of the Config.
func NewReceiver(config Config) (*Receiver, error) {
	var f faults
	receiver := &Receiver{policy: &protocol.Policy{URLCheck: true}, onError: config.OnError}
	receiver.policy.MaxBody = maxBody(config.MaxBody, &f)
	if config.GateHeaders != nil {
		receiver.gate = gateHeaders(&config, &f)
	} else {
		receiver.policy.Apps = apps(config.Apps, &f)
		receiver.policy.Commands = commands(config.Commands, &f)
		receiver.policy.Others = config.OtherCommands
		receiver.policy.Tokens = tokens(&config, &f)
		receiver.policy.Window = window(config.Window, &f)
	}
	if f != nil {
		return nil, errors.New("callback: " + strings.Join(f, "; "))
	}
	return receiver, nil
}

func apps(values []string, f *faults) map[string]bool {
	apps := map[string]bool{}
	for _, app := range values {
		if app == "" || len(app) > 19 || strings.Trim(app, "0123456789") != "" || app[0] == '0' {
			f.add("Apps", strconv.Quote(app), "a decimal SdkAppid such as 1400000000")
		}
		apps[app] = true
	}
	if len(apps) == 0 {
		f.add("Apps", "none", "at least one SdkAppid")
	}
	return apps
}

func commands(values []string, f *faults) map[string]bool {
	if len(values) == 0 {
		values = []string{"*"}
	}
	commands := map[string]bool{}
	for _, value := range values {
		found := false
		for _, command := range protocol.Commands() {
			family, _, _ := strings.Cut(command, ".")
			if value == command || value == family+".*" || value == "*" {
				commands[command] = true
				found = true
			}
		}
		if !found {
			f.add("Commands", strconv.Quote(value), "one of Commands(), or a family such as Group.*")
		}
	}
	return commands
}

// tokens returns what the policy asks for the tokens. No fault shows a token.
func tokens(config *Config, f *faults) func() []string {
	signed := len(config.Tokens) > 0 || config.TokenFunc != nil
	if config.Unsigned && signed {
		f.add("Unsigned", "tokens, too", "one of the two")
	} else if !config.Unsigned && !signed {
		f.add("Tokens", "none", "at least one token, or Unsigned")
	}
	for i, value := range config.Tokens {
		if err := token.Valid(value); err != nil {
			f.add("Tokens["+strconv.Itoa(i)+"]", "another: "+err.Error(), "the token as the console has it")
		}
	}
	if !signed {
		return nil
	}
	fixed := append([]string{}, config.Tokens...)
	if config.TokenFunc == nil {
		return token.Fixed(fixed)
	}
	return func() []string {
		all := fixed[:len(fixed):len(fixed)]
		for _, value := range config.TokenFunc() {
			if token.Valid(value) == nil { // anybody could sign with an empty one
				all = append(all, value)
			}
		}
		return all
	}
}

func window(value time.Duration, f *faults) time.Duration {
	if value == 0 {
		return protocol.SignWindow
	}
	if value < time.Second || value > time.Hour {
		f.add("Window", value.String(), "1s to 1h")
	}
	return value
}

func maxBody(value int64, f *faults) int64 {
	if value == 0 {
		return protocol.MaxBody
	}
	if value < 0 || value > maxMaxBody {
		f.add("MaxBody", strconv.FormatInt(value, 10), "1 to "+strconv.Itoa(maxMaxBody))
	}
	return value
}

// gateHeaders checks the headers of a gate, and that nothing is set which they make useless.
func gateHeaders(config *Config, f *faults) map[string]string {
	for field, set := range map[string]bool{
		"Apps": config.Apps != nil, "Tokens": config.Tokens != nil, "TokenFunc": config.TokenFunc != nil, "Unsigned": config.Unsigned,
		"Commands": config.Commands != nil, "OtherCommands": config.OtherCommands, "Window": config.Window != 0,
	} {
		if set {
			f.add(field, "some", "none beside GateHeaders: the gate checks it")
		}
	}
	sources := " " + strings.Join(protocol.Sources(), " ") + " "
	headers := map[string]string{}
	for name, source := range config.GateHeaders {
		if source == "" || !strings.Contains(sources, " "+source+" ") {
			f.add("GateHeaders["+strconv.Quote(name)+"]", strconv.Quote(source), "a source of the gate's option headers")
		}
		headers[http.CanonicalHeaderKey(name)] = source
	}
	if len(headers) == 0 {
		f.add("GateHeaders", "none", "at least one header")
	}
	sort.Strings(*f)
	return headers
}

// Parse reads a callback. It returns an event, or an *Error that says why there is none; never
// both. The request's body can be read again.
func (receiver *Receiver) Parse(r *http.Request) (*Event, error) {
	if r.Method != http.MethodPost {
		return nil, newError(notPost, "found "+protocol.Quote(r.Method), "")
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	if receiver.gate != nil {
		return parseGate(receiver.gate, receiver.policy.MaxBody, r)
	}
	checked, refusal := protocol.Check(receiver.policy, r.URL.RawQuery, r)
	if refusal != nil {
		return nil, newError(refusal.Reason, refusal.Detail, refusal.Command)
	}
	if checked.Command == "" {
		return nil, newError(checksURL, "", "")
	}
	if !checked.Known && protocol.SchemaOf(checked.Command) != nil {
		return nil, newError(protocol.CommandNotAllowed, "it is none of Commands", checked.Command)
	}
	return fromChecked(checked, r)
}

// fromChecked returns the event of a callback that was let in, whose body can be read again.
func fromChecked(checked *protocol.Event, r *http.Request) (*Event, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, newError(protocol.BodyBroken, err.Error(), checked.Command)
	}
	r.Body, _ = r.GetBody() // of bytes in memory
	event, err := newEvent(r.URL.Query(), body)
	if err != nil {
		return nil, newError(protocol.FieldInvalid, err.Error(), checked.Command)
	}
	for source, text := range map[string]*string{"GroupId": &event.GroupID, "Operator": &event.Operator} {
		value, _, refusal := protocol.Value(checked, source)
		if refusal != nil && refusal.Reason != protocol.ValueLeftOut {
			return nil, newError(refusal.Reason, refusal.Detail, checked.Command)
		}
		*text = value
	}
	return event, nil
}

// Handler answers callbacks. It calls f with each event that Parse returns and writes the Reply; it
// answers the console's check of the URL with OK, and anything else with FAIL. The context ends
// after Deadline, when the vendor has gone. A Reply that the command does not know is answered with
// FAIL.
func (receiver *Receiver) Handler(f func(context.Context, *Event) Reply) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), Deadline)
		defer cancel()
		event, err := receiver.Parse(r)
		if err != nil {
			var refused *Error
			if errors.As(err, &refused) {
				refused.ServeHTTP(w, r)
			}
		} else {
			err = f(ctx, event).Write(w, event)
		}
		if err != nil && receiver.onError != nil && !errors.Is(err, ErrURLCheck) {
			receiver.onError(r, err)
		}
	})
}
