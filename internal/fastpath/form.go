package fastpath

import (
	"bytes"
	"encoding/json"
	"regexp"
	"regexp/syntax"

	"github.com/chatgate/chatgate/internal/protocol"
)

// A form is how a body that is right was written: the names in their order, and the type of each
// value. Whatever is written in the same form is right, too, and its values stand in the same
// places.
type form struct {
	pattern *regexp.Regexp
	nested  bool // it has values of which the pattern only counts brackets
	values  []*value
}

// A value is where a header's value stands.
type value struct {
	header string
	field  *protocol.Field // nil: beside the fields of the body
	source string
	at     int // which of the pattern's groups
}

// JSON as package regexp reads it in one pass. U+FFFD is what it sees in place of bytes that are
// not UTF-8.
const (
	character = `(?:[^"\\\x00-\x1f\x{FFFD}]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))`
	text      = `"` + character + `*"`
	someText  = `"` + character + `+"`
	integer   = `(?:0|[1-9][0-9]{0,14})`
	number    = `-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?`
)

const (
	mostSteps = 1000     // of a pattern: one of as many package regexp does not read in one pass
	mostBytes = 16 << 10 // of a pattern: a longer one has more steps
	deepest   = 4        // brackets in brackets of a value of which nothing is known
)

// A former writes the pattern of one body.
type former struct {
	pattern string
	schema  *protocol.Schema
	wanted  map[string]bool // the paths of values to capture
	groups  []string        // those that are, from 1 on
	nested  bool
}

// newForm learns the form of a body that is right; nil if no pattern here describes it.
func newForm(s *protocol.Schema, body []byte, headers, sources []string) *form {
	var object map[string]json.RawMessage
	if len(body) == 0 || body[0] != '{' || json.Unmarshal(body, &object) != nil || len(object) == 0 {
		return nil // {} is the console's check
	}
	protocol.AddPaths(s, object)
	w := &former{schema: s, wanted: map[string]bool{}, groups: []string{""}}
	learned := &form{}
	for i, source := range sources {
		v := &value{header: headers[i], source: source}
		if source == "Operator" {
			v.source = actor(s, object)
		}
		if !protocol.IsBeside(source) {
			v.field = s.FieldAt(v.source)
			w.wanted[v.source] = true
		}
		if protocol.IsBeside(source) || v.field != nil && len(object[v.source]) > 0 && object[v.source][0] != 'n' {
			learned.values = append(learned.values, v)
		}
	}
	w.pattern = "^"
	writeObject(w, s, "", body)
	w.pattern += "$"
	if len(w.pattern) > mostBytes || steps(w.pattern) >= mostSteps {
		return nil
	}
	learned.pattern = regexp.MustCompile(w.pattern)
	learned.nested = w.nested
	for _, v := range learned.values {
		for at, path := range w.groups {
			if path == v.source {
				v.at = at
			}
		}
	}
	if !learned.pattern.Match(body) {
		return nil
	}
	return learned
}

// steps is how many instructions a pattern is compiled to.
func steps(pattern string) int {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return mostSteps
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return mostSteps
	}
	return len(program.Inst)
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

// A member is a name and a value.
type member struct {
	name  string
	value json.RawMessage
}

// membersOf reads an object's members in their order, or a list's elements, which have no names.
func membersOf(object []byte) []member {
	var members []member
	decoder := json.NewDecoder(bytes.NewReader(object))
	_, _ = decoder.Token()
	for decoder.More() {
		m := member{}
		if object[0] == '{' {
			token, _ := decoder.Token()
			name, _ := token.(string)
			m.name = name
		}
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return nil
		}
		m.value = value
		members = append(members, m)
	}
	return members
}

func writeObject(w *former, s *protocol.Schema, path string, object []byte) {
	w.pattern += `\{`
	separator := `"`
	for _, m := range membersOf(object) {
		w.pattern += separator + m.name + `":`
		separator = `,"`
		if w.wanted[path+m.name] {
			w.groups = append(w.groups, path+m.name)
			w.pattern += "("
		}
		writeValue(w, s.Fields[m.name], path+m.name, m.value)
		if w.wanted[path+m.name] {
			w.pattern += ")"
		}
	}
	w.pattern += `\}`
}

// writeValue writes the pattern of all values that are as right as this one. f is nil for a value
// of which nothing is known.
func writeValue(w *former, f *protocol.Field, path string, value []byte) {
	if len(w.pattern) > mostBytes {
		return // for nothing
	}
	if f == nil {
		f = &protocol.Field{}
	}
	switch value[0] {
	case '"':
		w.pattern += textPattern(w, f, path, value)
	case 't', 'f':
		w.pattern += "(?:true|false)"
	case 'n':
		w.pattern += "null"
	case '{':
		if f.Object != nil {
			writeObject(w, f.Object, path+".", value)
		} else {
			w.pattern += `\{` + insidePattern(deepest) + `\}`
			w.nested = true
		}
	case '[':
		writeList(w, f, path, value)
	default:
		w.pattern += numberPattern(f)
	}
}

// writeList writes the pattern of a list whose elements all have the form of the first.
func writeList(w *former, f *protocol.Field, path string, value []byte) {
	if f.IsStrings() {
		w.pattern += `\[(?:` + text + `(?:,` + text + `)*)?\]`
	} else if f.Object == nil {
		w.pattern += `\[` + insidePattern(deepest) + `\]`
		w.nested = true
	} else if elements := membersOf(value); len(elements) == 0 {
		w.pattern += `\[\]`
	} else {
		w.pattern += `\[`
		writeObject(w, f.Object, path+"[].", elements[0].value)
		w.pattern += `(?:,`
		writeObject(w, f.Object, path+"[].", elements[0].value)
		w.pattern += `)*\]`
	}
}

func textPattern(w *former, f *protocol.Field, path string, value []byte) string {
	if f.Name == "CallbackCommand" {
		return regexp.QuoteMeta(string(value))
	}
	if f.Digits > 0 {
		return `"[0-9]{1,15}"` // milliseconds
	}
	for _, actor := range w.schema.Actors {
		if path == actor && len(value) == 2 {
			return `""`
		}
		if path == actor {
			return someText
		}
	}
	if f.Filled {
		return someText
	}
	return text
}

func numberPattern(f *protocol.Field) string {
	if f.Digits > 0 {
		return integer
	}
	if f.IsSigned() {
		return `-?` + integer
	}
	return number
}

// insidePattern matches what may stand between brackets or braces, as deep as that.
func insidePattern(depth int) string {
	inside := `[^][{}"\\\x00-\x1f\x{FFFD}]|` + text
	if depth > 0 {
		inside += `|[[{]` + insidePattern(depth-1) + `[]}]`
	}
	return `(?:` + inside + `)*`
}
