// Package protocol knows the protocol of Tencent Cloud Chat's callbacks (webhooks): the URL, the signature, the body of every
// Group.* command, and the answer. It knows nothing of Traefik: a Go backend can use it alone, and the plugin is its first user.
//
// Start reading at [Check], which tells the whole story of a request. Its steps are one file each: query.go, sign.go, body.go. What
// is known of each command is data in command.go, why a callback is refused is data in reason.go. glance.go and shape.go are a [Glance] that
// comes to the same much sooner, for who is interpreted.
//
// To teach it another command, add its row to schemas in command.go, and give a field that is not a string its JSON type in kinds. Add a
// well-formed body to testdata/commands, named like the command: the tests fail until it is there, and make its malformed twins.
package protocol

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// MaxBody is a limit in bytes that fits every command: the longest known is that of a destroyed group, which lists every member.
const MaxBody = 1 << 20

// A Policy says which callbacks are let in.
type Policy struct {
	Apps     map[string]bool // the SdkAppids, to the letter
	Commands map[string]bool // let in after a check against their schemas; any of Commands()
	// Others lets in every other command, after all checks but that of a schema.
	Others bool
	// Tokens returns the authentication tokens, any of which may have signed. nil asks for no signature.
	Tokens func() []string
	Window time.Duration // how far RequestTime may be from now, either way, in whole seconds
	// URLCheck accepts the console's check of the URL: a signed request with an empty body, or {}. It needs Tokens.
	URLCheck bool
	MaxBody  int64 // the longest body in bytes
}

// Check reads a callback and tells whether a policy lets it in. Either way the request's body can be read again from the start.
// It does not look at the method or the path.
func Check(p *Policy, r *http.Request) (*Event, *Refusal) {
	event, refusal := checkURL(p, r)
	if refusal == nil {
		refusal = readEvent(p, r, event)
	} else if isURLCheck(p, r, event, refusal) {
		return &Event{App: event.App, Query: event.Query, schema: unknown}, nil
	}
	if refusal != nil {
		refusal.Command = event.Command
	}
	return event, refusal
}

// checkURL checks all that the URL has, before the body is read.
func checkURL(p *Policy, r *http.Request) (*Event, *Refusal) {
	query, refusal := parseQuery(r.URL.RawQuery)
	event := &Event{App: query.Get("SdkAppid"), Command: query.Get("CallbackCommand"), Query: query}
	if refusal == nil {
		refusal = admit(p, event)
	}
	if refusal == nil && p.Tokens != nil {
		refusal = checkSign(p, query)
	}
	return event, refusal
}

// admit decides by the URL whether an app and its command are let in.
func admit(p *Policy, event *Event) *Refusal {
	if event.App == "" {
		return refuse(AppMissing, "expected the SdkAppid of an app that is let in")
	}
	if !p.Apps[event.App] {
		return refuse(AppNotAllowed, "SdkAppid "+Quote(event.App)+notAmong)
	}
	return admitCommand(p, event)
}

const notAmong = " is not among the gate's apps"

func admitCommand(p *Policy, event *Event) *Refusal {
	if p.Commands[event.Command] {
		event.Checked = true
		event.schema = schemas[event.Command]
	} else if event.Command == "" {
		return refuse(CommandMissing, "expected CallbackCommand, such as "+AfterCreateGroup)
	} else if event.schema = unknown; !p.Others {
		return refuse(CommandNotAllowed, "CallbackCommand "+Quote(event.Command)+" is not among the gate's commands")
	}
	if format := event.Query["contenttype"]; format != nil && format[0] != "json" && !strings.EqualFold(format[0], "json") {
		return refuse(FormatNotJSON, "expected json, found "+Quote(format[0]))
	}
	return nil
}

// atOnce is how many bytes are set aside for a body of which nothing has arrived yet.
const atOnce = 1 << 16

// readBody reads a body of at most limit bytes and puts it back.
func readBody(limit int64, r *http.Request) ([]byte, *Refusal) {
	if encodings := r.Header["Content-Encoding"]; encodings != nil && !isIdentity(encodings) {
		return nil, refuse(BodyEncoded, "expected none, found "+Quote(strings.Join(encodings, ", ")))
	}
	if r.ContentLength > limit {
		return nil, tooLarge(limit, strconv.FormatInt(r.ContentLength, 10))
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil || int64(len(body)) > limit {
		unread(r, body, err)
		if err != nil {
			return nil, refuse(BodyBroken, "it broke off after "+strconv.Itoa(len(body))+" bytes")
		}
		return nil, tooLarge(limit, "more")
	}
	restore(r, body)
	r.ContentLength = int64(len(body))
	r.TransferEncoding = nil // else a body that came in chunks would go on in chunks
	return body, nil
}

// restore gives a request the whole body that was read of it. It can be read again, and the transport can send it again when a
// connection turns out to be dead. NewRequest makes both in compiled code.
func restore(r *http.Request, body []byte) {
	fresh, _ := http.NewRequest(http.MethodPost, "/", bytes.NewReader(body)) //nolint:noctx // it is never sent; it can't fail
	r.Body = fresh.Body
	r.GetBody = fresh.GetBody
}

// unread puts back what was read of a body that is too long, or broke off with an error: the server's body tells it only once.
func unread(r *http.Request, read []byte, err error) {
	rest := io.Reader(r.Body)
	if err != nil {
		broken, end := io.Pipe()
		_ = end.CloseWithError(err)
		rest = broken
	}
	r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(read), rest))
}

func isIdentity(encodings []string) bool {
	for _, encoding := range encodings {
		if !strings.EqualFold(encoding, "identity") {
			return false
		}
	}
	return true
}

func tooLarge(limit int64, found string) *Refusal {
	return refuse(BodyTooLarge, "expected at most "+strconv.FormatInt(limit, 10)+" bytes, found "+found)
}

// readEvent reads the body and decides on it.
func readEvent(p *Policy, r *http.Request, event *Event) *Refusal {
	body, refusal := readBody(p.MaxBody, r)
	if refusal != nil {
		return refusal
	}
	event.Body = body
	short := cutAccounts(body)
	object, refusal := decode(body, short)
	return judge(p, event, short, object, refusal)
}

// judge decides on what could be decoded of a body, or could not: it keeps the schema, and names the URL's command.
func judge(p *Policy, event *Event, short []byte, object members, refusal *Refusal) *Refusal {
	if len(object) == 0 && p.URLCheck && p.Tokens != nil && isEmpty(event.Body) {
		event.Command = ""
		event.Checked = false
		event.schema = unknown
		return nil
	}
	if refusal == nil {
		refusal = checkBody(event.schema, short, object)
	}
	if refusal != nil {
		return refusal
	}
	event.fields = object
	if value := object["CallbackCommand"]; value != nil && string(value) != event.schema.quoted {
		if command, ok := Text(value); !ok || command != event.Command {
			return refuse(CommandMismatch, "the URL has "+Quote(event.Command)+", the body "+Quote(command))
		}
	}
	return nil
}

// isURLCheck tells whether what the URL's check refused is the console's: it may lack the app and the command, or name one that is not let
// in, but it is signed, has no wrong app, and its body is empty.
func isURLCheck(p *Policy, r *http.Request, event *Event, refusal *Refusal) bool {
	if !p.URLCheck || p.Tokens == nil || refusal.Reason != AppMissing && refusal.Reason != CommandMissing && refusal.Reason != CommandNotAllowed {
		return false
	}
	if event.App != "" && !p.Apps[event.App] || checkSign(p, event.Query) != nil {
		return false
	}
	body, unreadable := readBody(p.MaxBody, r)
	return unreadable == nil && isEmpty(body)
}

// isEmpty tells whether a body is nothing, or an object with nothing in it.
func isEmpty(body []byte) bool {
	body = bytes.TrimSpace(body)
	if len(body) > 1 && body[0] == '{' && body[len(body)-1] == '}' {
		body = bytes.TrimSpace(body[1 : len(body)-1])
	}
	return len(body) == 0
}
