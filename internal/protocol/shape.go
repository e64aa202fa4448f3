package protocol

import (
	"regexp"
	"sort"
	"strings"
)

// shape is a command's body as the vendor writes it, with known members only.
type shape struct {
	schema  *schema
	pattern *regexp.Regexp
	longest int64    // what the pattern may be tried on, in bytes, after a long list of accounts has been cut out; so no value is longer
	look    int64    // how much of a body is read at first: one more, to see that it ends there
	headers []string // to set, those for which something is captured
	at      []int    // where the value of each stands, in what was captured of the body and then of the URL
}

// Package regexp goes through a text byte by byte where a pattern leaves one way to go on after each. Where there are several it tries one after
// the other, which is as quick, if the pattern has at most 500 steps, and steps times text are at most 256 Ki; else all at once, which is not.
const (
	longestOneWay   = 1024
	longestManyWays = 480
)

// Patterns of JSON values. U+FFFD is what a regular expression sees in place of bytes that are not UTF-8; plain text stands for itself
// in JSON and in a header.
const (
	plainText       = `[!#$&-\[\]-~]+`
	plainCharacter  = `[^"\\\x00-\x1f\x{FFFD}]`
	anyText         = plainCharacter + `*(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})` + plainCharacter + `*)*`
	anyTextShort    = `(?:` + plainCharacter + `|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*` // the same, a shorter pattern but slower
	naturalNumber   = `(?:0|[1-9][0-9]{0,12})`
	naturalNumber32 = `(?:0|[1-3][0-9]{0,9}|[4-9][0-9]{0,8})`
	flatMember      = `"` + plainCharacter + `*":(?:"` + anyTextShort + `"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?)`
	flatObject      = `\{(?:` + flatMember + `(?:,` + flatMember + `)*)?\}`
)

// newShape returns nil for a command, or for a source, that takes more than a glance.
func newShape(s *schema, headers, sources, fromURL []string) *shape {
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
	pattern, oneWay := s.pattern(wanted)
	if pattern == nil {
		return nil
	}
	found := &shape{schema: s, pattern: pattern, longest: longestManyWays}
	if oneWay {
		found.longest = longestOneWay
	}
	captured := append(append([]string{}, pattern.SubexpNames()...), fromURL...)
	for i, name := range names {
		for k, candidate := range captured {
			if candidate == name {
				found.headers = append(found.headers, headers[i])
				found.at = append(found.at, k)
			}
		}
	}
	return found
}

func (s *schema) required(name string) bool {
	for _, f := range s.fields {
		if f.name == name {
			return f.required
		}
	}
	return false
}

// sorted returns the fields in alphabetical order, in which the vendor sends them.
func (s *schema) sorted() []*field {
	fields := append([]*field{}, s.fields...)
	sort.Slice(fields, func(i, j int) bool { return fields[i].name < fields[j].name })
	return fields
}

// pattern matches a body with its members in alphabetical order, as the vendor sends them. It captures the values that are wanted.
//
// A member that may be missing brings along what comes before the next one, if there must be a next one: then one byte tells the two apart,
// unless they begin with the same letter. oneWay tells whether that is so all along.
func (s *schema) pattern(wanted map[string]bool) (found *regexp.Regexp, oneWay bool) {
	fields := s.sorted()
	if fields[0].name != "CallbackCommand" {
		return nil, false // or a second one could pass for it
	}
	pattern := `^\{"CallbackCommand":` + regexp.QuoteMeta(s.quoted)
	before := ""   // optional members, each with what comes before the next one
	after := ""    // the same, each with what comes before it
	initials := "" // theirs
	oneWay = true
	for _, f := range fields[1:] {
		value := f.pattern(wanted[f.name])
		if value == "" && f.required {
			return nil, false
		} else if value == "" {
			continue
		}
		oneWay = oneWay && !strings.Contains(initials, f.name[:1])
		if f.required {
			pattern += `,"` + before + f.name + `":` + value
			before = ""
			after = ""
			initials = ""
		} else {
			before += `(?:` + f.name + `":` + value + `,")?`
			after += `(?:,"` + f.name + `":` + value + `)?`
			initials += f.name[:1]
		}
	}
	oneWay = oneWay && len(initials) <= 1
	found = regexp.MustCompile(pattern + after + `\}$`)
	return found, oneWay
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

// listPattern matches a list as the vendor sends it, each element with all its members. Of elements with an object in them, which make a long
// pattern, it matches one only: nearly every message has no more.
func (s *schema) listPattern() string {
	var members []string
	more := `*`
	for _, f := range s.sorted() {
		value := f.pattern(false)
		if f.kind == mapping {
			value = flatObject
			more = `{0}`
		}
		if value == "" {
			return ""
		}
		members = append(members, `"`+f.name+`":`+value)
	}
	if members == nil {
		return ""
	}
	element := `\{` + strings.Join(members, ",") + `\}`
	return `\[(?:` + element + `(?:,` + element + `)` + more + `)?\]`
}
