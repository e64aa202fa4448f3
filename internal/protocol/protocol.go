// Package protocol knows the callbacks (webhooks) of Tencent Cloud Chat: the URL, the signature,
// the body of every command, and the answer. It knows nothing of headers or of Traefik.
//
// Start reading at [Check], which tells the whole story of a request. Its steps are one file each:
// query.go, sign.go, body.go. What is known of each command is data in command.go, why a callback
// is refused is data in reason.go.
//
// To teach it another command, add its row to schemas, and give a field that is not a string its
// JSON type in kinds. Add a well-formed body to testdata/commands, named like the command: the
// tests fail until it is there, and make its malformed twins.
package protocol

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// MaxBody is a limit in bytes that fits every command: the longest known is that of a destroyed
// group, which lists up to 20,000 members, with room for fields that are yet to come.
const MaxBody = 4 << 20

// A Policy says which callbacks are let in.
type Policy struct {
	Apps     map[string]bool // the SdkAppids, to the letter
	Commands map[string]bool // let in after a check against their schemas; any of Commands()
	// Others lets in every other command, after all checks but that of a schema.
	Others bool
	// Tokens returns the authentication tokens, any of which may have signed. nil asks for no
	// signature.
	Tokens func() []string
	Window time.Duration // how far RequestTime may be from now, either way, in whole seconds
	// URLCheck accepts the console's check of the URL: an empty body, or {}, signed where there are
	// Tokens.
	URLCheck bool
	MaxBody  int64 // the longest body in bytes
}

// Check reads a callback and tells whether a policy lets it in. Either way the request's body can
// be read again from the start. It does not look at the method or the path; the query is the raw
// one.
func Check(p *Policy, rawQuery string, r *http.Request) (*Event, *Refusal) {
	query, refusal := ParseQuery(rawQuery)
	t := TargetOf(query)
	event := &Event{App: t.App, Command: t.Command, query: query}
	if refusal == nil {
		refusal = CheckURL(p, t)
	}
	if refusal != nil && !isURLCheck(p, r, t, refusal) {
		refusal.Command = event.Command
		return event, refusal
	}
	if refusal != nil {
		return &Event{App: event.App, schema: Unknown}, nil
	}
	refusal = checkBodyOf(p, r, event)
	if refusal != nil {
		refusal.Command = event.Command
	}
	return event, refusal
}

// CheckURL checks all that the URL has, before the body is read. Its parameters are there once
// each.
func CheckURL(p *Policy, t *Target) *Refusal {
	if !p.Apps[t.App] {
		return refuseApp(t.App)
	}
	if !p.Commands[t.Command] && (!p.Others || t.Command == "") {
		return refuseCommand(t.Command)
	}
	if t.Format != "" && !strings.EqualFold(t.Format, "json") {
		return refuse(FormatNotJSON, "expected json, found "+Quote(t.Format))
	}
	if p.Tokens == nil {
		return nil
	}
	return checkSign(p, t.Sign, t.RequestTime)
}

func refuseApp(app string) *Refusal {
	if app == "" {
		return refuse(AppMissing, "expected the SdkAppid of an app that is let in")
	}
	return refuse(AppNotAllowed, "SdkAppid "+Quote(app)+" is not among the gate's apps")
}

func refuseCommand(command string) *Refusal {
	if command == "" {
		return refuse(CommandMissing, "expected CallbackCommand, such as "+AfterCreateGroup)
	}
	return refuse(CommandNotAllowed, "CallbackCommand "+Quote(command)+" is not among the gate's commands")
}

// isURLCheck tells whether what CheckURL refused is the console's check of the URL, whose form is
// not documented: it may lack the app and the command, or name one that is not let in, but it is
// signed, has no wrong app, and its body is empty. It is answered at the gate, and tells nobody
// anything.
func isURLCheck(p *Policy, r *http.Request, t *Target, refusal *Refusal) bool {
	if !p.URLCheck || !MayBeURLCheck(refusal) {
		return false
	}
	if t.App != "" && !p.Apps[t.App] || p.Tokens != nil && checkSign(p, t.Sign, t.RequestTime) != nil {
		return false
	}
	body, unreadable := ReadBody(p.MaxBody, r)
	return unreadable == nil && isEmpty(body)
}

// MayBeURLCheck tells whether what CheckURL refused may be the console's check, as far as the URL
// goes.
func MayBeURLCheck(refusal *Refusal) bool {
	return refusal.Reason == AppMissing || refusal.Reason == CommandMissing || refusal.Reason == CommandNotAllowed
}

// isEmpty tells whether a body is nothing, or an object with nothing in it.
func isEmpty(body []byte) bool {
	body = bytes.TrimSpace(body)
	if len(body) > 1 && body[0] == '{' && body[len(body)-1] == '}' {
		body = bytes.TrimSpace(body[1 : len(body)-1])
	}
	return len(body) == 0
}

// checkBodyOf reads an event's body and checks it.
func checkBodyOf(p *Policy, r *http.Request, event *Event) *Refusal {
	body, refusal := ReadBody(p.MaxBody, r)
	if refusal != nil {
		return refusal
	}
	event.schema = Unknown
	if p.URLCheck && isEmpty(body) {
		event.Command = ""
		return nil
	}
	event.body = body
	if p.Commands[event.Command] {
		event.Known = true
		event.schema = schemas[event.Command]
	}
	found, refusal := CheckBody(event.Command, event.schema, body)
	event.fields = found
	return refusal
}

// CheckBody checks a body, and returns its members.
func CheckBody(command string, s *Schema, body []byte) (Members, *Refusal) {
	found, compact, refusal := decode(body, CutAccounts(body))
	if refusal == nil {
		refusal = checkBody(s, found, compact)
	}
	if value := found["CallbackCommand"]; refusal == nil && !isNull(value) && string(value) != `"`+command+`"` {
		if named, whole := decodeText(value); named != command || !whole {
			refusal = refuse(CommandMismatch, "the URL has "+Quote(command)+", the body "+Quote(named))
		}
	}
	return found, refusal
}

// ReadBody reads a body of at most limit bytes and puts it back, with its length.
func ReadBody(limit int64, r *http.Request) ([]byte, *Refusal) {
	if encodings := r.Header["Content-Encoding"]; encodings != nil && !isIdentity(encodings) {
		return nil, refuse(BodyEncoded, "expected none, found "+Quote(strings.Join(encodings, ", ")))
	}
	if r.ContentLength > limit {
		return nil, tooLarge(limit, strconv.FormatInt(r.ContentLength, 10))
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err == nil && int64(len(body)) < r.ContentLength {
		err = io.ErrUnexpectedEOF // it broke off, whoever hides it
	}
	if err != nil || int64(len(body)) > limit {
		PutBack(r, body, err)
		if err != nil {
			return nil, refuse(BodyBroken, "it broke off after "+strconv.Itoa(len(body))+" bytes")
		}
		return nil, tooLarge(limit, "more")
	}
	// It can be read again, and the transport can send it again when a connection turns out to be
	// dead. NewRequest makes both in compiled code.
	fresh, _ := http.NewRequest(http.MethodPost, "/", bytes.NewReader(body)) //nolint:noctx // it is never sent; it can't fail
	r.Body = fresh.Body
	r.GetBody = fresh.GetBody
	r.ContentLength = int64(len(body))
	r.TransferEncoding = nil // else a body that came in chunks would go on in chunks
	return body, nil
}

// PutBack puts back what was read of a body, which may be too long or have broken off with an
// error: the server's body tells it only once.
func PutBack(r *http.Request, read []byte, err error) {
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
