package protocol

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

// The reference: a JSON parser and a check that are obvious rather than fast. It shares nothing with the package but the reasons, and
// holds a body against the table of schema_test.go. A body is let in if and only if the reference finds no fault in it.

// A node is a JSON value as it is written and as it is meant.
type node struct {
	kind  byte   // the first character: { [ " t f n, or 0 for a number
	raw   string // as it is written
	text  string // a string, decoded
	whole bool   // a string without half of a surrogate pair
	names []*node
	items []*node // an array's elements, or the values that belong to names
}

// maxDepth is how deep encoding/json reads, counted in brackets.
const maxDepth = 10000

// parse reads exactly one JSON value, with nothing but white space around it. It returns nil if the text is anything else.
func parse(text string) *node {
	p := &parser{text: text}
	p.space()
	value := p.value(0)
	p.space()
	if value == nil || p.at != len(text) {
		return nil
	}
	return value
}

type parser struct {
	text string
	at   int
}

// peek is the next character, 0 at the end; a NUL is nowhere allowed either.
func (p *parser) peek() byte {
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// accept steps over what is expected, if it is there.
func (p *parser) accept(expected string) bool {
	if !strings.HasPrefix(p.text[p.at:], expected) {
		return false
	}
	p.at += len(expected)
	return true
}

func (p *parser) space() {
	for p.accept(" ") || p.accept("\t") || p.accept("\r") || p.accept("\n") {
	}
}

func (p *parser) value(depth int) *node {
	begin := p.at
	var n *node
	switch c := p.peek(); {
	case c == '{':
		n = p.object(depth + 1)
	case c == '[':
		n = p.array(depth + 1)
	case c == '"':
		n = p.string()
	case p.accept("true") || p.accept("false") || p.accept("null"): // a list of calls would be cut to its first by the interpreter
		n = &node{kind: c}
	case c == '-' || '0' <= c && c <= '9':
		n = p.number()
	}
	if n != nil {
		n.raw = p.text[begin:p.at]
	}
	return n
}

func (p *parser) object(depth int) *node {
	n := &node{kind: '{'}
	p.accept("{")
	p.space()
	if depth > maxDepth || p.accept("}") {
		return closed(n, depth)
	}
	for {
		p.space()
		name := p.string()
		p.space()
		if name == nil || !p.accept(":") {
			return nil
		}
		p.space()
		value := p.value(depth)
		if value == nil {
			return nil
		}
		n.names, n.items = append(n.names, name), append(n.items, value)
		p.space()
		if p.accept("}") {
			return n
		}
		if !p.accept(",") {
			return nil
		}
	}
}

func (p *parser) array(depth int) *node {
	n := &node{kind: '['}
	p.accept("[")
	p.space()
	if depth > maxDepth || p.accept("]") {
		return closed(n, depth)
	}
	for {
		p.space()
		value := p.value(depth)
		if value == nil {
			return nil
		}
		n.items = append(n.items, value)
		p.space()
		if p.accept("]") {
			return n
		}
		if !p.accept(",") {
			return nil
		}
	}
}

func closed(n *node, depth int) *node {
	if depth > maxDepth {
		return nil
	}
	return n
}

func (p *parser) number() *node {
	p.accept("-")
	if !p.accept("0") && !p.digits() {
		return nil
	}
	if p.accept(".") && !p.digits() {
		return nil
	}
	if p.accept("e") || p.accept("E") {
		if !p.accept("+") {
			p.accept("-")
		}
		if !p.digits() {
			return nil
		}
	}
	return &node{kind: '0'}
}

// digits steps over one digit or more.
func (p *parser) digits() bool {
	begin := p.at
	for '0' <= p.peek() && p.peek() <= '9' {
		p.at++
	}
	return p.at > begin
}

const simpleEscapes = `"\/bfnrt`

func (p *parser) string() *node {
	n := &node{kind: '"', whole: true}
	begin := p.at
	if !p.accept(`"`) {
		return nil
	}
	var text strings.Builder
	for !p.accept(`"`) {
		c := p.peek()
		if c < 0x20 { // the end, too
			return nil
		}
		p.at++
		if c != '\\' {
			text.WriteByte(c)
			continue
		}
		if p.accept("u") {
			r, whole, ok := p.escapedRune()
			if !ok {
				return nil
			}
			n.whole = n.whole && whole
			text.WriteRune(r)
			continue
		}
		i := strings.IndexByte(simpleEscapes, p.peek())
		if i < 0 {
			return nil
		}
		p.at++
		text.WriteByte("\"\\/\b\f\n\r\t"[i])
	}
	n.raw = p.text[begin:p.at] // two lines: the interpreter loses the first of two fields that are set in one
	n.text = text.String()
	return n
}

// escapedRune reads what follows \u, and a second escape if both are a surrogate pair. Half of a pair is not whole.
func (p *parser) escapedRune() (r rune, whole, ok bool) {
	first, ok := p.fourHex()
	if !ok || !utf16.IsSurrogate(first) {
		return first, true, ok
	}
	afterFirst := p.at
	if p.accept(`\u`) {
		second, ok := p.fourHex()
		if !ok {
			return 0, false, false
		}
		if pair := utf16.DecodeRune(first, second); pair != utf8.RuneError {
			return pair, true, true
		}
	}
	p.at = afterFirst // what follows stands for itself
	return utf8.RuneError, false, true
}

func (p *parser) fourHex() (rune, bool) {
	value := rune(0)
	for i := 0; i < 4; i++ {
		digit := strings.IndexByte("0123456789abcdef0123456789ABCDEF", p.peek())
		if digit < 0 {
			return 0, false
		}
		value = value<<4 | rune(digit%16)
		p.at++
	}
	return value, true
}

// faultsOf returns every reason for which a command's body has to be refused, in no order: which of several the package names is
// its own affair.
func faultsOf(command, body string) []*Reason {
	if !utf8.ValidString(body) {
		return []*Reason{BodyNotUTF8}
	}
	whole := parse(body)
	if whole == nil || whole.kind != '{' {
		return []*Reason{BodyNotJSON}
	}
	faults := objectFaults(whole, rulesFor(command))
	if named := whole.field("CallbackCommand"); named != nil && named.kind == '"' && (named.text != command || !named.whole) {
		faults = append(faults, CommandMismatch)
	}
	return faults
}

// field returns an object's value of a name, the last one if there are several, as encoding/json does. null counts as absent.
func (n *node) field(name string) *node {
	var found *node
	for i, candidate := range n.names {
		if candidate.text == name {
			found = n.items[i]
		}
	}
	if found != nil && found.kind == 'n' {
		return nil
	}
	return found
}

func objectFaults(n *node, rules []rule) []*Reason {
	faults := nameFaults(n, rules)
	for _, r := range rules {
		value := n.field(r.name)
		if value != nil {
			faults = append(faults, valueFaults(value, r)...)
		} else if r.required {
			faults = append(faults, FieldMissing)
		}
	}
	return faults
}

// maxNames is how many members an object may have.
const maxNames = 1000

func nameFaults(n *node, rules []rule) []*Reason {
	var faults []*Reason
	seen := map[string]bool{}
	for _, name := range n.names {
		if seen[name.text] {
			faults = append(faults, MemberRepeated)
		}
		seen[name.text] = true
		for _, r := range rules {
			if alike(name.text, r.name) && name.raw != `"`+r.name+`"` {
				faults = append(faults, MemberDisguised)
			}
		}
	}
	if len(seen) > maxNames {
		faults = append(faults, TooManyMembers)
	}
	return faults
}

// alike tells whether any parser that ignores case may take two names for the same: letter by letter one of the ways to fold them fits.
func alike(a, b string) bool {
	first, second := []rune(a), []rune(b)
	if len(first) != len(second) {
		return false
	}
	for i, r := range first {
		s := second[i]
		if unicode.ToLower(r) != unicode.ToLower(s) && unicode.ToUpper(r) != unicode.ToUpper(s) && !strings.EqualFold(string(r), string(s)) {
			return false
		}
	}
	return true
}

func valueFaults(value *node, r rule) []*Reason {
	fits := false
	switch r.kind {
	case "string":
		fits = value.kind == '"' && (value.text != "" || !r.filled)
	case "integer":
		fits = value.kind == '0' && isDecimal(value.raw, maxInt64)
	case "uint32":
		fits = value.kind == '0' && isDecimal(value.raw, maxUint32)
	case "time":
		fits = value.kind == '0' && isDecimal(value.raw, maxInt64) || value.kind == '"' && isDecimal(value.text, maxInt64)
	case "scalar":
		fits = value.kind == '"' || value.kind == '0'
	case "object":
		fits = value.kind == '{'
	case "any":
		fits = true
	case "strings":
		fits = value.kind == '['
		for _, item := range value.items {
			fits = fits && item.kind == '"'
		}
	default:
		return listFaults(value, rulesOf(elementRows[r.kind]))
	}
	if !fits {
		return []*Reason{FieldInvalid}
	}
	return nil
}

func listFaults(value *node, rules []rule) []*Reason {
	if value.kind != '[' {
		return []*Reason{FieldInvalid}
	}
	var faults []*Reason
	for _, item := range value.items {
		if item.kind != '{' {
			faults = append(faults, FieldInvalid)
		} else {
			faults = append(faults, objectFaults(item, rules)...)
		}
	}
	return faults
}

const (
	maxInt64  = "9223372036854775807"
	maxUint32 = "4294967295"
)

// isDecimal tells whether a text is an integer from 0 to a largest one, in decimal digits.
func isDecimal(text, largest string) bool {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return false
	}
	text = strings.TrimLeft(text, "0")
	return len(text) < len(largest) || len(text) == len(largest) && text <= largest
}

// assertAgreement holds the package's verdict on a body against the reference's, and every value that it gives against the reference's.
func assertAgreement(t *testing.T, command, body string) {
	t.Helper()
	name := command + ": " + short(body)
	event, refusal := sendBody(command, body)
	var faults []string
	for _, fault := range faultsOf(command, body) {
		faults = append(faults, reasonName(fault))
	}
	if refusal != nil {
		assert.Contains(t, faults, reasonName(refusal.Reason), name+": the reference finds another fault than "+verdict(refusal))
		return
	}
	if !assert.Empty(t, faults, name+": let in") {
		return
	}
	assert.Equal(t, body, string(event.Body), name+": the very bytes")
	whole := parse(body)
	for _, r := range rulesFor(command) {
		if !isScalar(r) {
			continue
		}
		value, found, refusal := Value(event, r.name)
		expected := whole.field(r.name)
		switch {
		case r.name == "CallbackCommand": // the URL's, which is there even where the body has none
			assert.Equal(t, command, value, name+": "+r.name)
		case expected == nil:
			assert.False(t, found, name+": "+r.name+" is absent, found "+value)
		case expected.kind == '"' && !expected.whole:
			assertReason(t, HeaderUnfit, refusal, name+": "+r.name+" is no text")
		case expected.kind == '"':
			assertReason(t, nil, refusal, name+": "+r.name)
			assert.Equal(t, expected.text, value, name+": "+r.name)
		default:
			assert.Equal(t, expected.raw, value, name+": "+r.name)
		}
	}
}

// isScalar tells whether a field's value can become a header.
func isScalar(r rule) bool {
	switch r.kind {
	case "string", "integer", "uint32", "time", "scalar":
		return true
	}
	return false
}

// The reference itself is held against RFC 8259, so that a mistake in it does not pass for one of the package's.
func TestTheReferenceReadsJSON(t *testing.T) {
	for _, text := range []string{
		"null", " true ", "false", "0", "-0", "-0.5e+10", "1E9", `""`, `"\u0041\ud83c\udfd4\/"`, "[]", "{}", `[1,"a",[{}]]`, `{"a":1,"a":2}`, "\t\r\n 1 \n",
	} {
		assert.NotNil(t, parse(text), text)
	}
	for _, text := range []string{
		"", " ", "nul", "nulll", "tru e", "00", "01", "-", "+1", "1.", ".1", "1e", "1e+", "0x1", "NaN", `"`, `"\`, `"\"`, `"\x"`, `"\u12"`, `"\u123g"`, "\"\n\"", "'a'",
		"[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "}", `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, `{"a" 1}`, `{"a":1 "b":2}`, `{1:2}`, "1 2", "[]]", "\x00", "\ufeff1", "\v1",
	} {
		assert.Nil(t, parse(text), text)
	}
	for text, expected := range map[string]string{
		`"a\"\\\/\b\f\n\r\tb"`: "a\"\\/\b\f\n\r\tb", `"\u0000\u00E9\u00e9"`: "\x00éé", `"\ud83c\udfd4"`: "🏔", `"\ufffd"`: "\ufffd", `"群"`: "群",
	} {
		read := parse(text)
		if assert.NotNil(t, read, text) {
			assert.Equal(t, expected, read.text, text)
			assert.True(t, read.whole, text)
		}
	}
	for _, text := range []string{`"\ud83c"`, `"\udfd4"`, `"\udfd4\ud83c"`, `"\ud83c\u0041"`, `"\ud83cx\udfd4"`, `"\ud83c\ud83c\udfd4"`} {
		read := parse(text)
		if assert.NotNil(t, read, text) {
			assert.False(t, read.whole, text)
		}
	}
}
