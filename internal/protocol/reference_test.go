package protocol

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

// The reference: a JSON parser and a check that are obvious rather than fast. It shares nothing
// with the package but the reasons, and holds a body against the table of schema_test.go. A body is
// let in if and only if the reference finds no fault in it. It does not count what costs time.

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

// parse reads exactly one JSON value, with nothing but white space around it. It returns nil if the
// text is anything else.
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
		n.names = append(n.names, name)
		n.items = append(n.items, value)
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

// escapedRune reads what follows \u, and a second escape if both are a surrogate pair. Half of a
// pair is not whole.
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

// faultsOf returns every reason for which a command's body has to be refused, in no order: which of
// several the package names is its own affair.
func faultsOf(command, body string) []*Reason {
	if !utf8.ValidString(body) {
		return []*Reason{BodyNotUTF8}
	}
	whole := parse(body)
	if whole == nil || whole.kind != '{' {
		return []*Reason{BodyNotJSON}
	}
	faults := objectFaults([]*node{whole}, rulesFor(command))
	if events := whole.field("Events"); events != nil && strings.HasPrefix(command, "Push.") {
		for _, event := range events.items {
			if named := event.field("CallbackCommand"); named != nil && named.kind == '"' && (named.text != command || !named.whole) {
				faults = append(faults, CommandMismatch)
			}
		}
	}
	if named := whole.field("CallbackCommand"); named != nil && named.kind == '"' && (named.text != command || !named.whole) {
		faults = append(faults, CommandMismatch)
	}
	return faults
}

// field returns an object's value of a name, the last one if there are several, as encoding/json
// does. null counts as absent.
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

// mostUnknown is how many different names the objects of one list may have that are in no row.
const mostUnknown = 200

// objectFaults holds objects that stand beside each other against the rules for each.
func objectFaults(objects []*node, rules []rule) []*Reason {
	var faults []*Reason
	unknown := map[string]bool{}
	for _, n := range objects {
		faults = append(faults, nameFaults(n, rules, unknown)...)
		for _, r := range rules {
			value := n.field(r.name)
			if value != nil {
				faults = append(faults, valueFaults(value, r)...)
			} else if r.required {
				faults = append(faults, FieldMissing)
			}
		}
	}
	if len(unknown) > mostUnknown {
		faults = append(faults, TooManyMembers)
	}
	return faults
}

// nameCharacters is what a member's name may consist of.
const nameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

func nameFaults(n *node, rules []rule, unknown map[string]bool) []*Reason {
	var faults []*Reason
	seen := map[string]bool{}
	for _, name := range n.names {
		if seen[name.text] {
			faults = append(faults, MemberRepeated)
		}
		seen[name.text] = true
		if name.raw != `"`+name.text+`"` || name.text == "" || (strings.HasPrefix(name.text, "__") && strings.HasSuffix(name.text, "__")) || strings.Trim(name.text, nameCharacters) != "" {
			faults = append(faults, MemberMisspelt)
		}
		known := false
		for _, r := range rules {
			if name.text == r.name {
				known = true
			} else if alike(name.text, r.name) {
				faults = append(faults, MemberMisspelt)
			}
		}
		if !known {
			unknown[name.text] = true
		}
	}
	return faults
}

// alike tells whether any parser that ignores case, underscores, hyphens and spaces may take two
// names for the same: letter by letter one of the ways to fold them fits.
func alike(a, b string) bool {
	first, second := letters(a), letters(b)
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

func letters(name string) []rune {
	var rest []rune
	for _, r := range name {
		if r != '_' && r != '-' && r != ' ' {
			rest = append(rest, r)
		}
	}
	return rest
}

func valueFaults(value *node, r rule) []*Reason {
	fits := false
	switch r.kind {
	case "string", "identifier":
		fits = value.kind == '"' && (value.text != "" || !r.filled)
	case "integer":
		fits = value.kind == '0' && isDecimal(value.raw, maxInt64)
	case "signed":
		fits = value.kind == '0' && isDecimal(strings.TrimPrefix(value.raw, "-"), maxInt64)
	case "time":
		fits = value.kind == '0' && isDecimal(value.raw, maxInt64) || value.kind == '"' && isDecimal(value.text, maxInt64)
	case "command": // which one, faultsOf looks at
		fits = value.kind == '"'
	case "scalar":
		fits = value.kind == '"' || value.kind == '0'
	case "map":
		fits = value.kind == '{'
	case "any":
		fits = true
	case "strings":
		fits = value.kind == '['
		for _, item := range value.items {
			fits = fits && item.kind == '"'
		}
	case "object":
		if value.kind == '{' {
			return objectFaults([]*node{value}, r.inner)
		}
	case "list":
		if value.kind == '[' {
			return elementFaults(value.items, r.inner)
		}
	}
	if !fits {
		return []*Reason{FieldInvalid}
	}
	return nil
}

func elementFaults(items []*node, rules []rule) []*Reason {
	var faults []*Reason
	var objects []*node
	for _, item := range items {
		if item.kind == '{' {
			objects = append(objects, item)
		} else {
			faults = append(faults, FieldInvalid)
		}
	}
	return append(faults, objectFaults(objects, rules)...)
}

const maxInt64 = "9223372036854775807"

// isDecimal tells whether a text is an integer from 0 to a largest one, in decimal digits.
func isDecimal(text, largest string) bool {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return false
	}
	text = strings.TrimLeft(text, "0")
	return len(text) < len(largest) || len(text) == len(largest) && text <= largest
}

// maxDouble is the largest integer up to which a double holds every one.
const maxDouble = "9007199254740992"

// unfitness is why a value can't be a header, nil where it can.
func unfitness(value *node, r rule) *Reason {
	if value.kind != '"' {
		magnitude := strings.TrimPrefix(value.raw, "-")
		return reasonUnless(isDecimal(magnitude, maxDouble) && value.raw != "-0", ValueUnfit)
	}
	if r.kind == "time" {
		return reasonUnless(isDecimal(value.text, maxDouble), ValueUnfit)
	}
	fits := len(value.text) <= 1024 && value.whole && !strings.Contains(value.text, "\x00")
	if r.kind == "identifier" {
		return reasonUnless(fits && strings.IndexFunc(value.text, unicode.IsControl) < 0, ValueUnfit)
	}
	return reasonUnless(fits, ValueLeftOut)
}

func reasonUnless(right bool, reason *Reason) *Reason {
	if right {
		return nil
	}
	return reason
}

// assertAgreement holds the package's verdict on a body against the reference's, and every value
// that it gives against the reference's.
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
	assert.Equal(t, body, string(event.body), name+": the very bytes")
	whole := parse(body)
	for _, p := range pathsOf(command) {
		from := whole
		if p.outer != "" {
			from = whole.field(p.outer)
		}
		var expected *node
		if from != nil {
			expected = from.field(p.rule.name)
		}
		if p.text != "CallbackCommand" { // which is the URL's
			assertValue(t, event, p, expected, name+": "+p.text)
		}
	}
}

// assertValue holds one value against what the reference has there.
func assertValue(t *testing.T, event *Event, p path, expected *node, name string) {
	t.Helper()
	value, found, refusal := Value(event, p.text)
	if expected == nil {
		assertReason(t, nil, refusal, name)
		assert.False(t, found, name+" is absent, found "+value)
		return
	}
	reason := unfitness(expected, p.rule)
	assertReason(t, reason, refusal, name)
	assert.Equal(t, reason == nil, found, name+" is there")
	if reason != nil {
		return
	}
	text := expected.raw
	if expected.kind == '"' {
		text = expected.text
	}
	assert.Equal(t, text, value, name)
}

// The reference itself is held against RFC 8259, so that a mistake in it does not pass for one of
// the package's.
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
