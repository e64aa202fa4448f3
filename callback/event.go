package callback

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/chatgate/chatgate/internal/protocol"
)

// An Event is a callback that was let in.
type Event struct {
	App      string // SdkAppid
	Command  string // CallbackCommand
	GroupID  string // the group, empty where there is none
	Operator string // who acted, whichever field of the command holds it; empty where it names nobody
	ClientIP string // the address of who acted, as the vendor saw it; may be empty
	Platform string // OptPlatform, such as iOS; may be empty
	// ID is the SHA-256 of app, command and body, in hex. The same bytes sent again have the same
	// ID.
	ID string
	// Before tells whether the answer decides about the event.
	Before bool
	// Body is the JSON object, as it came.
	Body json.RawMessage

	fields protocol.Members
	typed  any
}

// Typed returns a pointer to the struct of the command's body, such as *GroupAfterCreateGroup, for
// a type switch. That of a command that this package does not know is a json.RawMessage.
func (e *Event) Typed() any {
	if e.typed == nil {
		if typed, err := decode(e.Command, e.Body); err == nil {
			return typed
		}
		return e.Body
	}
	return e.typed
}

// decode decodes the body of a command into its struct.
func decode(command string, body json.RawMessage) (any, error) {
	newTyped := typed[command]
	if newTyped == nil {
		return body, nil
	}
	value := newTyped()
	return value, json.Unmarshal(body, value)
}

// Decode decodes the body into a value, as json.Unmarshal does.
func (e *Event) Decode(value any) error { return json.Unmarshal(e.Body, value) }

// Has tells whether the body has a member that is not null. The name is the vendor's, such as
// "Owner_Account".
func (e *Event) Has(member string) bool {
	fields := e.fields
	if fields == nil {
		_ = json.Unmarshal(e.Body, &fields) // no object has no member
	}
	value, there := fields[member]
	return there && string(value) != "null"
}

// newEvent returns an event whose body has been checked.
func newEvent(query url.Values, body []byte) (*Event, error) {
	e := &Event{
		App:      query.Get("SdkAppid"),
		Command:  query.Get("CallbackCommand"),
		ClientIP: query.Get("ClientIP"),
		Platform: query.Get("OptPlatform"),
		Body:     body,
	}
	e.ID = protocol.EventID(e.App, e.Command, body)
	if schema := protocol.SchemaOf(e.Command); schema != nil {
		e.Before = schema.Before
	}
	err := json.Unmarshal(body, &e.fields)
	if err == nil {
		e.typed, err = decode(e.Command, body)
	}
	return e, err
}

// text returns the text of a string or a number in the body, empty where there is none. A dotted
// path leads into an object.
func (e *Event) text(path string) string {
	name, inner, dotted := strings.Cut(path, ".")
	value := e.fields[name]
	if dotted {
		var object protocol.Members
		if json.Unmarshal(value, &object) != nil {
			return ""
		}
		value = object[inner]
	}
	var s Scalar
	if len(value) == 0 || s.UnmarshalJSON(value) != nil {
		return ""
	}
	return string(s)
}

// operator returns the first of a command's actors that is not empty.
func (e *Event) operator() string {
	schema := protocol.SchemaOf(e.Command)
	if schema == nil {
		return ""
	}
	for _, actor := range schema.Actors {
		if name := e.text(actor); name != "" {
			return name
		}
	}
	return ""
}
