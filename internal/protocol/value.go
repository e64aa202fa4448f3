package protocol

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// MaxValue is the longest text in bytes that becomes a header: servers refuse requests whose
// headers have some 8 KB, and percent-encoding makes up to three bytes of each.
const MaxValue = 1024

// An Event is a callback that was let in.
type Event struct {
	App     string // SdkAppid
	Command string // CallbackCommand; empty for the console's check of the URL
	Known   bool   // the command has a schema, and the body keeps it

	query  map[string][]string
	body   []byte
	schema *Schema
	fields Members
}

// Value returns what a source has in an event, and false where it has nothing: a URL parameter, a
// field that is a string or a number, "Operator" (who acted, whichever field holds it for this
// command) or "EventId". Sources lists the sources.
//
// Not every value can be a header that any reader of the body agrees with. A text that users write
// at length is left out then, with a refusal of the reason ValueLeftOut: it must not decide about
// the callback. What names something is refused with ValueUnfit.
func Value(event *Event, source string) (string, bool, *Refusal) {
	switch source {
	case "Operator":
		return operator(event)
	case "EventId":
		return EventID(event.App, event.Command, event.body), true, nil
	}
	if sourceParameters[source] {
		values := event.query[source]
		if len(values) == 0 {
			return "", false, nil
		}
		return fitting(source, values[0], identifier, true)
	}
	value := event.fields[source]
	f := event.schema.FieldAt(source)
	if isNull(value) || f == nil {
		return "", false, nil
	}
	return FieldValue(f, source, value)
}

// FieldValue is Value for a field that has a value.
func FieldValue(f *Field, source string, value json.RawMessage) (string, bool, *Refusal) {
	decoded, whole := decodeText(value)
	if value[0] != '"' || f.Kind == milliseconds {
		return fittingNumber(source, decoded)
	}
	return fitting(source, decoded, f.Kind, whole)
}

// IsBeside tells whether a source is none of the body's fields: a parameter or the event's ID.
func IsBeside(source string) bool { return source == "EventId" || sourceParameters[source] }

// FieldAt finds the scalar field at a path, nil if there is none.
func (s *Schema) FieldAt(path string) *Field {
	name, inner, dotted := strings.Cut(path, ".")
	f := s.Fields[name]
	if f != nil && dotted && f.Object != nil {
		f = f.Object.Fields[inner]
	}
	if f == nil || !isScalar(f) {
		return nil
	}
	return f
}

// operator returns the first of a command's actors that is there and not empty.
func operator(event *Event) (string, bool, *Refusal) {
	for _, actor := range event.schema.Actors {
		if name, found, refusal := Value(event, actor); name != "" || refusal != nil {
			return name, found, refusal
		}
	}
	return "", false, nil
}

// fitting returns a text that can be a header, or why it can not.
func fitting(source, value, kind string, whole bool) (string, bool, *Refusal) {
	if !whole || len(value) > MaxValue || strings.IndexByte(value, 0) >= 0 || kind == identifier && strings.IndexFunc(value, unicode.IsControl) >= 0 {
		return "", false, unfit(source, value, kind, whole)
	}
	return value, true, nil
}

func unfit(source, value, kind string, whole bool) *Refusal {
	found := "a control character"
	if len(value) > MaxValue {
		found = strconv.Itoa(len(value)) + " bytes, of at most " + strconv.Itoa(MaxValue)
	} else if !whole {
		found = "half of a surrogate pair"
	} else if strings.IndexByte(value, 0) >= 0 {
		found = "a null character"
	}
	reason := ValueLeftOut
	if kind == identifier {
		reason = ValueUnfit
	}
	return refuse(reason, source+": expected a text that every reader takes for the same, found "+found)
}

// maxExact is the largest integer up to which every double is exact: IEEE 754, 53 bits.
const maxExact = 1 << 53

// fittingNumber returns an integer that a reader with doubles reads exactly.
func fittingNumber(source, value string) (string, bool, *Refusal) {
	number, err := strconv.ParseInt(value, 10, 64)
	if err != nil || number > maxExact || number < -maxExact || strconv.FormatInt(number, 10) != value {
		return "", false, refuse(ValueUnfit, source+": expected an integer of at most 53 bits, without zeros in front, found "+Quote(value))
	}
	return value, true, nil
}

// EventID identifies an event: lower-case hex of the SHA-256 of the app, a line break, the command,
// a line break, and the body's bytes. The same event sent again has the same one, as far as the
// vendor sends the same bytes again.
func EventID(app, command string, body []byte) string {
	sum := sha256.Sum256(append([]byte(app+"\n"+command+"\n"), body...))
	return hex.EncodeToString(sum[:])
}

// decodeText decodes a JSON string; of any other value it returns the very text. It reports false
// for a string with half of a surrogate pair in it, which is no Unicode text: every reader puts
// something else in its place.
func decodeText(value json.RawMessage) (string, bool) {
	if value[0] != '"' {
		return string(value), true
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return string(value[1 : len(value)-1]), true
	}
	return decodeEscapes(value)
}

func decodeEscapes(value json.RawMessage) (string, bool) {
	var decoded string
	err := json.Unmarshal(value, &decoded)
	return decoded, err == nil && (len(decoded) > MaxValue || paired.Match(value))
}

// paired matches a JSON string in which every surrogate escape is half of a pair.
var paired = regexp.MustCompile(`^"(?:[^\\]|\\[^u]|\\u(?:[^dD]|[dD][0-7])[0-9A-Fa-f]+?|\\u[dD][89abAB]..\\u[dD][c-fC-F]..)*"$`)
