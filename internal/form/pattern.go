package form

import (
	"bytes"
	"encoding/json"
	"regexp"
	"regexp/syntax"
	"sort"
	"strings"

	"github.com/chatgate/chatgate/internal/protocol"
)

// Valid JSON as package regexp reads it in one pass. U+FFFD is what it sees in place of bytes that
// are not UTF-8.
const (
	plain     = `[!#-$&-*,-\[\]-~]` // one of plainText
	character = `(?:[^"\\\x{FFFD}]|\\.)`
	text      = `"` + character + `*"`
	digits    = `(?:0|[1-9][0-9]{0,14})`
	integer   = `(?:0|-?[1-9][0-9]{0,14})`
	number    = `[-+.0-9Ee]+`
)

const (
	mostSteps = 1000     // of a pattern: one of as many package regexp does not read in one pass
	mostBytes = 6 << 10  // of a pattern: a longer one has more steps
	mostParts = 16 << 10 // bytes of all that it is put together from
	deepest   = 8        // brackets in brackets of a value of which nothing is known

	mostElements = 50 // of a list are looked at
)

// A writer writes the pattern of one body.
type writer struct {
	actors []string
	groups map[string]int // by the paths of the values that are wanted; 0: not met yet
	met    int
	left   int  // of mostParts; below 0: too much for a form
	plain  bool // each value that is wanted is
}

// A member is a name and a value.
type member struct {
	name  string
	value json.RawMessage
}

// membersOf reads an object's members in their order, or a list's elements, which have no names; no
// more than most.
func membersOf(object []byte, most int) []member {
	var members []member
	decoder := json.NewDecoder(bytes.NewReader(object))
	_, _ = decoder.Token()
	for decoder.More() && len(members) < most {
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

func objectPattern(w *writer, s *protocol.Schema, path string, object []byte) string {
	return strings.Join(memberPatterns(w, s, path, object), "")
}

// memberPatterns are the patterns of an object's members, and of its end.
func memberPatterns(w *writer, s *protocol.Schema, path string, object []byte) []string {
	var patterns []string
	before := `\{`
	for _, m := range membersOf(object, learnable) {
		if w.left < 0 {
			return nil
		}
		pattern := before + `"` + m.name + `":` + valuePattern(w, s.Fields[m.name], path+m.name, m.value)
		w.left -= len(pattern)
		patterns = append(patterns, pattern)
		before = ","
	}
	if len(patterns) == 0 {
		return []string{`\{\}`}
	}
	return append(patterns, `\}`)
}

// valuePattern matches values of the same kind, and none that is wrong. f is nil for a value of
// which nothing is known.
func valuePattern(w *writer, f *protocol.Field, path string, value []byte) string {
	if f == nil {
		f = &protocol.Field{}
	}
	switch value[0] {
	case '"':
		return `"` + captured(w, path, textPattern(w, f, path, value)) + `"`
	case 't', 'f':
		return "(?:true|false)"
	case 'n':
		return "null"
	case '{':
		if f.Object != nil {
			return objectPattern(w, f.Object, path+".", value)
		}
		return `\{` + inside + `\}`
	case '[':
		return listPattern(w, f, path, value)
	}
	return captured(w, path, numberPattern(f))
}

// captured puts the pattern of a value that is wanted into a group.
func captured(w *writer, path, pattern string) string {
	if _, wanted := w.groups[path]; !wanted {
		return pattern
	}
	w.met++
	w.groups[path] = w.met
	return "(" + pattern + ")"
}

// listPattern matches lists of elements that are each written as one of these. Where brackets and
// commas stand is known: it is valid JSON.
func listPattern(w *writer, f *protocol.Field, path string, value []byte) string {
	if f.IsStrings() {
		return `\[(?:` + text + `|,)*\]`
	}
	if f.Object == nil {
		return `\[` + inside + `\]`
	}
	elements := membersOf(value, mostElements)
	if len(elements) == 0 {
		return `\[\]`
	}
	all := &branch{pattern: `[\[,]`}
	for _, element := range elements {
		grow(all, memberPatterns(w, f.Object, path+"[].", element.value))
	}
	return `(?:` + branchPattern(all) + `)+\]`
}

// A branch is a pattern, and what may follow it: so those that begin alike part where they differ,
// and one character tells which it is.
type branch struct {
	pattern string
	next    []*branch
}

func grow(b *branch, patterns []string) {
	for _, pattern := range patterns {
		var found *branch
		for _, known := range b.next {
			if known.pattern == pattern {
				found = known
			}
		}
		if found == nil {
			found = &branch{pattern: pattern}
			b.next = append(b.next, found)
		}
		b = found
	}
}

func branchPattern(b *branch) string {
	var patterns []string
	for _, next := range b.next {
		patterns = append(patterns, branchPattern(next))
	}
	if len(patterns) < 2 {
		return b.pattern + strings.Join(patterns, "")
	}
	sort.Strings(patterns) // package regexp looks for what neighbours have in common
	return b.pattern + `(?:` + strings.Join(patterns, "|") + `)`
}

// textPattern matches what may stand between a string's quotes.
func textPattern(w *writer, f *protocol.Field, path string, value []byte) string {
	if f.Name == "CallbackCommand" {
		return regexp.QuoteMeta(string(value[1 : len(value)-1]))
	}
	if f.Digits > 0 {
		return digits // milliseconds
	}
	one := character
	if _, wanted := w.groups[path]; wanted && w.plain {
		one = plain
	}
	for _, actor := range w.actors {
		if path == actor && len(value) == 2 {
			return ""
		}
		if path == actor {
			return one + "+"
		}
	}
	if f.Filled {
		return one + "+"
	}
	return one + "*"
}

func numberPattern(f *protocol.Field) string {
	if f.Digits > 0 {
		return digits
	}
	if f.IsSigned() || f.IsScalar() {
		return integer
	}
	return number
}

// inside is the pattern of what may stand in a value of which nothing is known.
var inside = insidePattern(deepest)

// insidePattern matches what may stand between brackets or braces, as deep as that.
func insidePattern(depth int) string {
	one := `[^][{}"]|` + text
	if depth > 0 {
		one += `|[[{]` + insidePattern(depth-1) + `[]}]`
	}
	return `(?:` + one + `)*`
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
