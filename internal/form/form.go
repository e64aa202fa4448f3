// Package form describes how what is right is written, as patterns that package regexp reads in one
// pass: the URL, in target.go, and the body of a command, learned from one that is right. That has
// the names in their order, and for each value all that is right in its place. So whatever matches
// is right, too, and its values stand in the same places.
//
// Each type of field in package protocol has its pattern here. One that is too narrow costs time,
// one that is too wide would be a hole: the tests compare both ways on mutated bodies of every
// command.
package form

import (
	"bytes"
	"encoding/json"
	"regexp"
	"regexp/syntax"
	"sort"
	"strings"

	"github.com/chatgate/chatgate/internal/header"
	"github.com/chatgate/chatgate/internal/protocol"
)

// A Form is one way to write the body of a command.
type Form struct {
	Pattern *regexp.Regexp // of the whole body, as Short leaves it, if that is valid JSON
	Values  []*Value
	Plain   bool // all Values stand for themselves in a header, and there are no Parameters

	EventIDs   []string          // what the event's ID is for
	Parameters map[string]string // of the URL, by what they are for
}

// A Value is where the value of a source stands, as the text between its quotes, or the digits.
type Value struct {
	Name  string // of what the value is for
	Path  string
	Field *protocol.Field
	Group int // of Pattern
}

// Valid JSON as package regexp reads it in one pass. U+FFFD is what it sees in place of bytes that
// are not UTF-8.
const (
	plain     = `[!#-$&-*,-\[\]-~]` // one of Plain
	character = `(?:[^"\\\x{FFFD}]|\\.)`
	text      = `"` + character + `*"`
	digits    = `(?:0|[1-9][0-9]{0,14})`
	integer   = `(?:0|-?[1-9][0-9]{0,14})`
	number    = `[-0-9][-+.0-9Ee]*`
)

const (
	mostSteps = 1000     // of a pattern: one of as many package regexp does not read in one pass
	mostBytes = 16 << 10 // of a pattern: a longer one has more steps
	deepest   = 4        // brackets in brackets of a value of which nothing is known

	mostElements = 50 // of a list are looked at
)

// Long is the bytes of a body out of which it pays to cut accounts.
const Long = 2048

// A body without the accounts that a form describes has fewer bytes and braces than these: so no
// list in it has more strings or objects than protocol lets in.
const (
	longest     = 75000
	mostObjects = 2000
)

var brace = []byte("{")

// Short is a long body without its accounts; nothing if it has too much for any form.
func Short(body []byte) []byte {
	if len(body) > Long {
		body = protocol.CutAccounts(body)
	}
	if len(body) >= longest || bytes.Count(body, brace) > mostObjects {
		return nil
	}
	return body
}

// A writer writes the pattern of one body.
type writer struct {
	actors []string
	groups map[string]int // by the paths of the values that are wanted; 0: not met yet
	met    int
	plain  bool // each value that is wanted is
}

// Of returns the form of a short body that is right, nil if no pattern here describes it. names is
// what the sources are for.
func Of(s *protocol.Schema, body []byte, names, sources []string) *Form {
	var object map[string]json.RawMessage
	if len(body) == 0 || body[0] != '{' || json.Unmarshal(body, &object) != nil || len(object) == 0 {
		return nil // {} is the console's check
	}
	protocol.AddPaths(s, object)
	w := &writer{actors: s.Actors, groups: map[string]int{}, plain: true}
	f := &Form{Parameters: map[string]string{}}
	for i, source := range sources {
		if source == "EventId" {
			f.EventIDs = append(f.EventIDs, names[i])
			continue
		}
		if protocol.IsBeside(source) {
			f.Parameters[names[i]] = source
			continue
		}
		v := &Value{Name: names[i], Path: source}
		if source == "Operator" {
			v.Path = actor(s, object)
		}
		v.Field = s.FieldAt(v.Path)
		if raw := object[v.Path]; v.Field != nil && len(raw) > 0 && raw[0] != 'n' {
			w.groups[v.Path] = 0
			w.plain = w.plain && isPlain(raw)
			f.Values = append(f.Values, v)
		}
	}
	pattern := "^" + objectPattern(w, s, "", body) + "$"
	if len(pattern) > mostBytes || steps(pattern) >= mostSteps {
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

// Plain is the characters that stand for themselves in a JSON string and in a header.
var Plain = strings.NewReplacer(`\`, "", `"`, "").Replace(header.Plain)

// isPlain tells whether a number, or a text, stands for itself in a header.
func isPlain(raw []byte) bool {
	return strings.Trim(string(bytes.Trim(raw, `"`)), Plain) == ""
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

func objectPattern(w *writer, s *protocol.Schema, path string, object []byte) string {
	return strings.Join(memberPatterns(w, s, path, object), "")
}

// memberPatterns are the patterns of an object's members, and of its end.
func memberPatterns(w *writer, s *protocol.Schema, path string, object []byte) []string {
	var patterns []string
	before := `\{`
	for _, m := range membersOf(object) {
		pattern := before + `"` + m.name + `":` + valuePattern(w, s.Fields[m.name], path+m.name, m.value)
		patterns = append(patterns, pattern)
		before = ","
	}
	if len(patterns) == 0 {
		return []string{`\{\}`}
	}
	return append(patterns, `\}`)
}

// valuePattern matches all values that are as right as this one. f is nil for a value of which
// nothing is known.
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
		return `\{` + insidePattern(deepest) + `\}`
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
		return `\[` + insidePattern(deepest) + `\]`
	}
	elements := membersOf(value)
	if len(elements) == 0 {
		return `\[\]`
	}
	if len(elements) > mostElements {
		elements = elements[:mostElements]
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

// insidePattern matches what may stand between brackets or braces, as deep as that.
func insidePattern(depth int) string {
	inside := `[^][{}"\x{FFFD}]|` + text
	if depth > 0 {
		inside += `|[[{]` + insidePattern(depth-1) + `[]}]`
	}
	return `(?:` + inside + `)*`
}
