package main

import (
	"math/big"
	"net/url"
	"regexp"
	"strings"
)

// difference is a field of which a reader was told another value than the gate's header says.
type difference struct {
	field string
	gate  *string // nil: there is no header
	read  *string
}

// differences holds what a reader understood against the gate's headers. Who refuses a request has
// been told nothing.
func (g *gate) differences(r *reader, j *job, told map[string]*string) []difference {
	if told == nil || len(told) == 0 && r.kind == "json" { // a framework that does not take the type for JSON parses nothing
		return nil
	}
	var found []difference
	for field := range g.fields {
		if r.knows != nil && !r.knows[field] {
			continue
		}
		var said *string
		if value, ok := j.got.values[field]; ok {
			said = &value
		}
		read := told[field]
		if r.kind == "params" && !isURLField(field) && namesInURL(j.got.target, field) {
			continue // it reads a parameter of the URL, and does not take it for the body's
		}
		if !g.speaks(r.kind, j.request.command, field) || read == nil && !strict(r.kind, field) {
			continue
		}
		if read == nil && field == "CallbackCommand" && r.kind != "query" && g.nameless[j.request.command] {
			continue // the header is the URL's
		}
		if said == nil && j.request.at(field) >= 0 {
			continue // its text does not fit into a header, so the gate says nothing of it
		}
		if read == nil && said != nil && *said == "" && isURLField(field) {
			continue // a parameter without a value
		}
		if !same(field, said, read) {
			found = append(found, difference{field, said, read})
		}
	}
	return found
}

// namesInURL tells whether a parameter of the URL may be read as a field of the body.
func namesInURL(target, field string) bool {
	decoded, err := url.QueryUnescape(target)
	return err != nil || strings.Contains(strings.ToLower(decoded), strings.ToLower(field))
}

// speaks tells whether a reader of a kind can be held against the gate's word on a field.
func (g *gate) speaks(kind, command, field string) bool {
	switch kind {
	case "query":
		return isURLField(field)
	case "body", "json":
		return !g.silent[command][field] && (!isURLField(field) || field == "CallbackCommand")
	}
	return !g.silent[command][field]
}

// strict tells whether a field that is there has to be seen: not where a JSON body is read as a
// form.
func strict(kind, field string) bool {
	return kind == "body" || kind == "json" || kind == "query" || kind == "params" && isURLField(field)
}

func same(field string, said, read *string) bool {
	if said == nil || read == nil {
		return said == read
	}
	return *said == *read || isNumberField(field) && sameNumber(*said, *read)
}

var decimal = regexp.MustCompile(`^-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3})?$`)

// sameNumber compares without loss: 1.0 is 1, and 9007199254740993 is not 9007199254740992.
func sameNumber(a, b string) bool {
	if !decimal.MatchString(a) || !decimal.MatchString(b) {
		return false
	}
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	return okX && okY && x.Cmp(y) == 0
}

func shown(value *string) string {
	if value == nil {
		return "(absent)"
	}
	return visible(*value)
}

func (d difference) String() string {
	return d.field + ": gate " + shown(d.gate) + ", reader " + shown(d.read)
}

func firstWords(list []string, most int) string {
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return strings.Join(list[:most], ", ") + " and " + itoa(len(list)-most) + " more"
}
