package protocol

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strconv"
)

// An Event is a callback that was let in.
type Event struct {
	App     string // SdkAppid
	Command string // CallbackCommand; empty for the console's check of the URL
	Checked bool   // the command has a schema, and the body keeps it
	Query   url.Values
	Body    []byte // the very bytes that came

	schema *schema
	fields members
}

// Text returns what a source has, and an empty text where it has nothing. Sources lists the sources.
func (e *Event) Text(source string) string {
	value, _, _ := Value(e, source)
	return value
}

// Integer returns a number, such as EventTime (milliseconds since the epoch), MsgTime (seconds) or Random (32 bits), and 0 where there
// is none. It is never negative.
func (e *Event) Integer(source string) int64 {
	number, err := strconv.ParseInt(e.Text(source), 10, 64)
	if err != nil {
		return 0
	}
	return number
}

// Accounts returns the UserIDs in a list of accounts: MemberList, NewMemberList, ExitMemberList or DestinationMembers.
func (e *Event) Accounts(list string) []string {
	var body map[string]json.RawMessage
	var elements []map[string]string
	_ = e.Decode(&body)
	_ = json.Unmarshal(body[list], &elements)
	accounts := make([]string, len(elements))
	for i, element := range elements {
		accounts[i] = element["Member_Account"]
	}
	return accounts
}

// Decode decodes the whole body, as encoding/json does. v is a pointer.
func (e *Event) Decode(v any) error { return json.Unmarshal(e.Body, v) }

// ID identifies the event: lower-case hex of the SHA-256 of the app, a line break, the command, a line break, and the body's exact
// bytes. The same event sent again has the same one, as far as the vendor sends the same bytes again.
func (e *Event) ID() string {
	sum := sha256.Sum256([]byte(e.App + "\n" + e.Command + "\n" + string(e.Body)))
	return hex.EncodeToString(sum[:])
}

// Value returns what a source has in an event, and false where it has nothing: a URL parameter, a field that is a string or a number,
// "Operator" (who acted, whichever field holds it for this command) or "EventId". The refusal is that of a string that is no Unicode
// text.
func Value(event *Event, source string) (string, bool, *Refusal) {
	switch source {
	case "Operator":
		return operator(event)
	case "EventId":
		return event.ID(), true, nil
	}
	if sourceParameters[source] {
		return event.Query.Get(source), event.Query.Has(source), nil
	}
	value := event.fields[source]
	if value == nil || !event.schema.scalars[source] {
		return "", false, nil
	}
	decoded, ok := Text(value)
	if !ok {
		return "", false, refuse(HeaderUnfit, source+": expected Unicode text, found half of a surrogate pair")
	}
	return decoded, true, nil
}

// operator returns the first of a command's actors that is there and not empty.
func operator(event *Event) (string, bool, *Refusal) {
	for _, actor := range event.schema.actors {
		if name, found, refusal := Value(event, actor); name != "" || refusal != nil {
			return name, found, refusal
		}
	}
	return "", false, nil
}
