package callback

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A Glancer recognises a callback that is written as the vendor writes it: parameters and members in its order, compact, no name spelt
// with escapes. That is nearly every one. It is certain or it says nothing: whatever it does not recognise, Check decides.
//
// It exists for the interpreter, which makes us pay for every step, but runs a compiled regular expression at full speed.
type Glancer struct {
	names   []string // of the headers to set, in canonical form
	uri     *regexp.Regexp
	shapes  map[string]*shape // by command
	tokens  func() []string   // nil: no signature is asked for
	window  int64             // how many seconds old a callback may be
	ahead   int64             // the same for one from the future, negative
	longest int64             // what is read at once, in bytes
}

// shape is a command's body as the vendor writes it, with known members only.
type shape struct {
	schema  *schema
	pattern *regexp.Regexp
	at      []int // for each header, where in what was captured of URI and body its value stands, or nothing does
}

// glanced is the longest body that is matched, in bytes, after a long list of accounts has been cut out of it. So no value is longer.
const glanced = 1024

// Patterns of URL parameters and JSON values. U+FFFD is what a regular expression sees in place of bytes that are not UTF-8; plain text
// stands for itself in JSON and in a header.
const (
	parametersPattern = `\?SdkAppid=(?P<SdkAppid>%s)&CallbackCommand=(?P<CallbackCommand>[0-9A-Za-z.]+)&contenttype=json` +
		`(?:&ClientIP=(?P<ClientIP>[0-9A-Fa-f.:]{2,45}))?(?:&OptPlatform=(?P<OptPlatform>[A-Za-z]{1,32}))?` +
		`(?:&Sign=(?P<Sign>[0-9a-f]{64})&RequestTime=(?P<RequestTime>[0-9]{1,19}))?(?P<nothing>)$`
	plainText       = `[!#$&-\[\]-~]+`
	plainCharacter  = `[^"\\\x00-\x1f\x{FFFD}]`
	anyText         = plainCharacter + `*(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})` + plainCharacter + `*)*`
	naturalNumber   = `(?:0|[1-9][0-9]{0,17})`
	naturalNumber32 = `(?:0|[1-9][0-9]{0,8}|[1-3][0-9]{9})`
)

// Where in what parametersPattern captured these stand.
const (
	commandGroup = 2
	signGroup    = 5
	timeGroup    = 6
)

// NewGlancer prepares a glance at a policy's callbacks to a path, or to any if it is empty. names and sources are the headers to set, in
// canonical form, and where the value of each comes from.
func NewGlancer(p *Policy, path string, names, sources []string) *Glancer {
	pathPattern := `/[^?]*`
	if path != "" {
		pathPattern = regexp.QuoteMeta(path)
	}
	g := &Glancer{
		names:   names,
		uri:     regexp.MustCompile(`^` + pathPattern + strings.Replace(parametersPattern, "%s", strings.Join(sortedNames(p.Apps), "|"), 1)),
		shapes:  map[string]*shape{},
		tokens:  p.Tokens,
		window:  int64(p.Window / time.Second),
		ahead:   -int64(p.Window / time.Second),
		longest: atOnce,
	}
	if p.MaxBody < g.longest {
		g.longest = p.MaxBody
	}
	for command := range p.Commands {
		if s := newShape(schemas[command], sources, g.uri.SubexpNames()); s != nil {
			g.shapes[command] = s
		}
	}
	return g
}

// newShape returns nil for a command, or for a source, that takes more than a glance.
func newShape(s *schema, sources, captured []string) *shape {
	wanted := map[string]bool{}
	names := make([]string, len(sources))
	for i, source := range sources {
		names[i] = source
		if source == "Operator" && len(s.actors) > 0 {
			names[i] = s.actors[0]
		}
		if source == "EventId" || source == "Operator" && !s.required(names[i]) && len(s.actors) > 1 {
			return nil
		}
		wanted[names[i]] = true
	}
	pattern := s.pattern(wanted)
	if pattern == nil {
		return nil
	}
	return &shape{s, pattern, indexes(names, captured, pattern.SubexpNames())}
}

func (s *schema) required(name string) bool {
	for _, f := range s.fields {
		if f.name == name {
			return f.required
		}
	}
	return false
}

// indexes finds each name in what URI and body capture. The URI captures nothing for a name that neither has.
func indexes(names, uri, body []string) []int {
	captured := append(append([]string{}, uri...), body...)
	at := make([]int, len(names))
	for i, name := range names {
		for k, candidate := range captured {
			if candidate == name || candidate == "nothing" && at[i] == 0 {
				at[i] = k
			}
		}
	}
	return at
}

// pattern matches a body with its members in alphabetical order, as the vendor sends them. It captures the values that are wanted.
func (s *schema) pattern(wanted map[string]bool) *regexp.Regexp {
	fields := append([]*field{}, s.fields...)
	sort.Slice(fields, func(i, j int) bool { return fields[i].name < fields[j].name })
	if fields[0].name != "CallbackCommand" {
		return nil // or a second one could pass for it
	}
	pattern := `^\{"CallbackCommand":` + regexp.QuoteMeta(s.quoted)
	for _, f := range fields[1:] {
		value := f.pattern(wanted[f.name])
		switch {
		case value != "" && f.required:
			pattern += `,"` + f.name + `":` + value
		case value != "":
			pattern += `(?:,"` + f.name + `":` + value + `)?`
		case f.required:
			return nil
		}
	}
	return regexp.MustCompile(pattern + `\}$`)
}

// pattern matches what a field's value usually is. It is empty where that is more than a glance can tell.
func (f *field) pattern(wanted bool) string {
	value := ""
	quote := `"`
	switch f.kind {
	case text, anything, scalar:
		value = anyText
		if wanted || f.filled {
			value = plainText
		}
	case integer, milliseconds:
		value = naturalNumber
		quote = ""
	case integer32:
		value = naturalNumber32
		quote = ""
	case list:
		return f.element.listPattern()
	default:
		return ""
	}
	if wanted {
		value = "(?P<" + f.name + ">" + value + ")"
	}
	return quote + value + quote
}

func (s *schema) listPattern() string {
	var members []string
	for _, f := range s.fields {
		value := f.pattern(false)
		if value == "" {
			return ""
		}
		members = append(members, `"`+f.name+`":`+value)
	}
	if members == nil {
		return ""
	}
	element := `\{` + strings.Join(members, ",") + `\}`
	return `\[(?:` + element + `(?:,` + element + `)*)?\]`
}

// Glance recognises a callback that is right at a glance, and sets its headers. Where it is not certain it reports false and changes
// nothing but that the body can be read again. It does not look at the method.
func Glance(g *Glancer, r *http.Request) bool {
	seen := g.uri.FindStringSubmatch(r.RequestURI)
	if seen == nil {
		return false
	}
	s := g.shapes[seen[commandGroup]]
	if s == nil || g.tokens != nil && !signed(g, seen[signGroup], seen[timeGroup]) {
		return false
	}
	body := whole(g, r)
	found := s.pattern.FindStringSubmatch(body)
	if found == nil {
		found = s.pattern.FindStringSubmatch(withoutStrangers(s, body))
	}
	if found == nil {
		return false
	}
	seen = append(seen, found...)
	for i, k := range s.at {
		if seen[k] != "" {
			r.Header[g.names[i]] = seen[k : k+1 : k+1]
		}
	}
	return true
}

// withoutStrangers takes the members that the schema does not know out of a well-formed body, each once. If what remains has the shape,
// the body had each of its members once: the remainder has known ones only, so what was taken out of it stood beside them.
func withoutStrangers(s *shape, body string) string {
	var found members
	if !utf8.ValidString(body) || json.Unmarshal([]byte(body), &found) != nil {
		return ""
	}
	for name, value := range found {
		if s.schema.known[name] {
			continue
		}
		if s.schema.byFold[fold(name)] != "" {
			return ""
		}
		body = strings.Replace(body, `,"`+name+`":`+string(value), "", 1)
	}
	return body
}

// whole reads a body of known length and puts it back. It returns an empty text for any other body.
func whole(g *Glancer, r *http.Request) string {
	length := r.ContentLength
	if length <= 0 || length > g.longest || r.Header["Content-Encoding"] != nil {
		return ""
	}
	body := make([]byte, length+1) // one more, to see that it ends there
	n, err := io.ReadFull(r.Body, body)
	if err != io.ErrUnexpectedEOF || int64(n) != length {
		unread(r, body[:n], err)
		return ""
	}
	restore(r, body[:n])
	if n > glanced {
		return shortened(body[:n])
	}
	return string(body[:n])
}

func shortened(body []byte) string {
	short := cutAccounts(body)
	if len(short) > glanced {
		return ""
	}
	return string(short)
}

// signed tells whether a callback's signature is surely right. The regular expression has seen to it that the time has digits only.
func signed(g *Glancer, sign, requestTime string) bool {
	seconds, _ := strconv.ParseInt(requestTime, 10, 64)
	age := time.Now().Unix() - seconds
	if age > g.window || age < g.ahead {
		return false
	}
	return matches(g.tokens(), sign, requestTime)
}
