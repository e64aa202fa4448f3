// Package form describes how what is right is written, as patterns that package regexp reads in one
// pass: the URL, in target.go, and the body of a command, learned from one that is right. That has
// the names in their order, and for each value nothing but what is right in its place. So valid JSON
// that matches is right, too, and its values stand in the same places.
//
// Each type of field in package protocol has its pattern here. One that is too narrow costs time,
// one that is too wide would be a hole: the tests compare both ways on mutated bodies of every
// command.
package form

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/chatgate/chatgate/internal/header"
	"github.com/chatgate/chatgate/internal/protocol"
)

// A Form is one way to write the body of a command.
type Form struct {
	Pattern *regexp.Regexp // of the whole body, as WithoutAccounts leaves it, if that is valid JSON
	Values  []*Value
	Plain   bool // all Values stand for themselves in a header, and there are no Parameters

	EventIDs   []string          // the headers to set to the event's ID
	Parameters map[string]string // of the URL, by the headers to set to them
}

// A Value is where the value of a source stands, as the text between its quotes, or the digits.
type Value struct {
	Header string // to set
	Path   string
	Field  *protocol.Field
	Group  int // of Pattern
}

// Long is how many bytes of a body make it pay to cut accounts.
const Long = 2048

// Forms match bodies with fewer bytes and braces than these, without their accounts: so no list in
// them has more strings or objects than protocol lets in. In a longer body a text alone takes longer
// to match than to check.
const (
	longest     = 32 << 10
	mostObjects = 2000
)

var brace = []byte("{")

// WithoutAccounts is a long body without its accounts; nothing if it has too much for any form.
func WithoutAccounts(body []byte) []byte {
	if len(body) > Long {
		body = protocol.CutAccounts(body)
	}
	if len(body) >= longest || bytes.Count(body, brace) > mostObjects {
		return nil
	}
	return body
}

// Of returns the form of a body that is right, without its accounts; nil if no pattern here
// describes it. headers are to be set to what the sources have.
func Of(s *protocol.Schema, body []byte, headers, sources []string) *Form {
	var object map[string]json.RawMessage
	if len(body) == 0 || body[0] != '{' || json.Unmarshal(body, &object) != nil || len(object) == 0 {
		return nil // {} is the console's check
	}
	protocol.AddPaths(s, object)
	w := &writer{actors: s.Actors, groups: map[string]int{}, left: mostParts, plain: true}
	f := &Form{Parameters: map[string]string{}}
	for i, source := range sources {
		if source == "EventId" {
			f.EventIDs = append(f.EventIDs, headers[i])
		} else if protocol.IsBeside(source) {
			f.Parameters[headers[i]] = source
		} else {
			want(w, f, s, object, headers[i], source)
		}
	}
	pattern := "^" + objectPattern(w, s, "", body) + "$"
	if w.left < 0 || len(pattern) > mostBytes || steps(pattern) >= mostSteps {
		return nil
	}
	f.Pattern = regexp.MustCompile(pattern)
	f.Plain = w.plain && len(f.Parameters) == 0
	for _, v := range f.Values {
		v.Group = w.groups[v.Path]
	}
	if !f.Pattern.Match(body) {
		return nil
	}
	return f
}

// want adds a value to those of a form, if it is there.
func want(w *writer, f *Form, s *protocol.Schema, object map[string]json.RawMessage, name, source string) {
	path := source
	if source == "Operator" {
		path = actor(s, object)
	}
	field := s.FieldAt(path)
	if raw := object[path]; field != nil && len(raw) > 0 && raw[0] != 'n' {
		w.groups[path] = 0
		w.plain = w.plain && isPlain(raw)
		f.Values = append(f.Values, &Value{Header: name, Path: path, Field: field})
	}
}

// Unsure is the characters of a JSON string that may stand for others, or keep it from being a
// header: the backslash and those control characters that need none.
var Unsure = "\\\x7f" + c1Controls()

func c1Controls() string {
	text := ""
	for c := rune(0x80); c < 0xa0; c++ {
		text += string(c)
	}
	return text
}

// plainText is the characters that stand for themselves in a JSON string and in a header.
var plainText = strings.NewReplacer(`\`, "", `"`, "").Replace(header.Plain)

// isPlain tells whether a number, or a text, stands for itself in a header.
func isPlain(raw []byte) bool {
	return strings.Trim(string(bytes.Trim(raw, `"`)), plainText) == ""
}

// actor is the path of who acted: the first that is there and not empty. It is the same for all
// bodies of a form.
func actor(s *protocol.Schema, object map[string]json.RawMessage) string {
	for _, path := range s.Actors {
		if raw := object[path]; len(raw) > 2 && raw[0] == '"' {
			return path
		}
	}
	return ""
}
