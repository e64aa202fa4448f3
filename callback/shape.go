package callback

import (
	"regexp"
	"sort"
	"strings"
)

// shape is a command's body as the vendor writes it, with known members only.
type shape struct {
	schema  *schema
	pattern *regexp.Regexp
	headers []string // to set, those for which something is captured
	at      []int    // where the value of each stands, in what was captured of the body and then of the URL
	fromURL bool     // whether one stands in the latter
}

// Patterns of JSON values. U+FFFD is what a regular expression sees in place of bytes that are not UTF-8; plain text stands for itself
// in JSON and in a header.
const (
	plainText       = `[!#$&-\[\]-~]+`
	plainCharacter  = `[^"\\\x00-\x1f\x{FFFD}]`
	anyText         = plainCharacter + `*(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})` + plainCharacter + `*)*`
	naturalNumber   = `(?:0|[1-9][0-9]{0,17})`
	naturalNumber32 = `(?:0|[1-9][0-9]{0,8}|[1-3][0-9]{9})`
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
	pattern := s.pattern(wanted)
	if pattern == nil {
		return nil
	}
	found := &shape{schema: s, pattern: pattern}
	inBody := len(pattern.SubexpNames())
	captured := append(append([]string{}, pattern.SubexpNames()...), fromURL...)
	for i, name := range names {
		for k, candidate := range captured {
			if candidate == name {
				found.headers = append(found.headers, headers[i])
				found.at = append(found.at, k)
				found.fromURL = found.fromURL || k >= inBody
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
