package protocol

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What is looked at one by one, which takes an interpreter some microseconds each, so that no body
// can keep it busy for long: BenchmarkWorstBody says how long. A user of the app can bring about
// none of it. Names are the vendor's, and the longest lists are those of 20,000 members of a group
// that is destroyed, and of 6,000 pairs of friends. Other lists have some hundred elements at most.
const (
	maxUnknown  = 200    // different unknown names
	maxElements = 2000   // objects in a list
	maxAccounts = 25000  // objects in a list of accounts, besides those that CutAccounts leaves out
	maxStrings  = 25000  // strings in a list
	maxMembers  = 150000 // members of known objects, and elements of known lists
	maxNames    = 150000 // names in a body, at whatever depth: a decoder takes memory for each
)

// Members is a JSON object, each value with the bytes that came.
type Members = map[string]json.RawMessage

// decode reads a body: one JSON object in UTF-8. short is the body, or what CutAccounts made of it;
// compact is the same without the space around tokens.
func decode(body, short []byte) (found Members, compact []byte, refusal *Refusal) {
	if !utf8.Valid(short) {
		return nil, nil, refuse(BodyNotUTF8, "found a byte sequence that is none")
	}
	var buffer bytes.Buffer
	if json.Compact(&buffer, short) != nil {
		return nil, nil, notObject(body)
	}
	if names := buffer.Bytes(); bytes.Count(names, nameEnd)-bytes.Count(names, quotedNameEnd)+bytes.Count(names, backslashEnd) > maxNames {
		return nil, nil, tooMany(maxNames, "members at any depth")
	}
	if json.Unmarshal(buffer.Bytes(), &found) != nil || found == nil {
		return nil, nil, notObject(body)
	}
	return found, buffer.Bytes(), nil
}

// What a name ends with, the same in a string, where users may write it, and what only looks like
// that: the end of a name whose last character is a backslash.
var (
	nameEnd       = []byte(`":`)
	quotedNameEnd = []byte(`\":`)
	backslashEnd  = []byte(`\\":`)
)

// notObject says why a text is not one JSON object.
func notObject(body []byte) *Refusal {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return refuse(BodyNotJSON, "found nothing")
	}
	err := json.Unmarshal(body, new(Members))
	if syntax, ok := err.(*json.SyntaxError); ok { //nolint:errorlint // it is never wrapped
		return refuse(BodyNotJSON, "the syntax breaks near byte "+strconv.FormatInt(syntax.Offset, 10))
	}
	return refuse(BodyNotJSON, "found "+describe(body))
}

// What stands around and between the accounts of a list as it is sent, and what is left of it.
var (
	accountsBegin = []byte(`":[{"Member_Account":"`)
	accountsJoin  = []byte(`"},{"Member_Account":"`)
	accountsEnd   = []byte(`"}`)
	listEnd       = []byte("]")
	noAccounts    = []byte(`":[{"Member_Account":""}]`)
	quote         = []byte(`"`)
	controls      = controlCharacters()
)

// CutAccounts leaves one empty account of a long list of accounts, so that nothing more is paid for
// the rest. The short text is well-formed if and only if the body is: what is cut out lies between
// two quotes, has neither a backslash nor a control character, is UTF-8, and its only quotes are
// those of the joints; so it is a row of further elements, each with that one member.
func CutAccounts(body []byte) []byte {
	before, rest, _ := bytes.Cut(body, accountsBegin)
	list, after, closed := bytes.Cut(rest, listEnd)
	cut, ends := bytes.CutSuffix(list, accountsEnd)
	if !closed || !ends || bytes.Count(cut, quote) != 4*bytes.Count(cut, accountsJoin) || bytes.IndexByte(cut, '\\') >= 0 || bytes.ContainsAny(cut, controls) || !utf8.Valid(cut) {
		return body
	}
	return bytes.Join([][]byte{before, after}, noAccounts)
}

func controlCharacters() string {
	var set []byte
	for c := byte(0); c < 0x20; c++ {
		set = append(set, c)
	}
	return string(set)
}

// checkBody holds a decoded body against a schema: each name once and spelt as the vendor spells
// it, each known field of its type. It adds the members of the objects in it, by their paths.
func checkBody(s *Schema, found Members, compact []byte) *Refusal {
	left := maxMembers
	sizes, _, refusal := checkObjects(s, []Members{found}, &left)
	if refusal == nil && sizes[0] != len(compact) {
		refusal = checkNames(compact)
	}
	if refusal == nil {
		AddPaths(s, found)
	}
	return refusal
}

// AddPaths adds the members of an object's known objects, which have been checked, by their paths:
// Info.To_Account is To_Account in Info. No other name has a dot.
func AddPaths(s *Schema, found Members) {
	for _, f := range s.objects {
		var inner Members
		_ = json.Unmarshal(found[f.Name], &inner)
		for name, value := range inner {
			found[f.Name+"."+name] = value
		}
	}
}

// checkObjects holds objects against their schema. It returns how long each is if it is compact and
// no name in it is repeated or spelt with escapes: only then is its text as long. at is the index
// of the object that a refusal is about.
func checkObjects(s *Schema, objects []Members, left *int) (sizes []int, at int, refusal *Refusal) {
	fields := s.Fields
	unknown := map[string]bool{}
	budget := *left
	var numbers []byte // of all objects
	var ends []int     // in numbers, of those of each
	for i, object := range objects {
		budget -= len(object) + 1
		if object == nil || budget < 0 || len(object) > len(fields)+maxUnknown {
			return nil, i, refuseObject(object, budget)
		}
		size := sizeAround(len(object))
		required := 0
		right := "" // the names of its lists and objects that are
		for name, value := range object {
			size += len(name) + len(value)
			f := fields[name]
			if f == nil {
				if unknown[name] {
					continue
				}
				if len(unknown) == maxUnknown {
					return nil, i, tooMany(maxUnknown, "different unknown members")
				}
				unknown[name] = true
				refusal = checkUnknown(s, name)
			} else if value[0] == 'n' {
				continue // null counts as absent
			} else if value[0] >= '0' && len(value) < f.Digits {
				numbers = append(numbers, value...)
			} else if value[0] != f.First || len(value) < f.Shortest {
				refusal = checkValue(f, value, &budget)
				if f.Object != nil && refusal == nil {
					right += " " + name + " "
				}
			}
			if refusal != nil {
				return nil, i, firstFault(s, object, right, name, refusal)
			}
			if f != nil {
				required += f.Weight
			}
		}
		if required < s.Required {
			return nil, i, missing(s, object)
		}
		sizes = append(sizes, size)
		ends = append(ends, len(numbers))
	}
	*left = budget
	rest := strings.TrimLeft(string(numbers), "0123456789")
	if rest == "" {
		return sizes, 0, nil
	}
	for ends[at] <= len(numbers)-len(rest) {
		at++
	}
	return nil, at, firstFault(s, objects[at], "", "", nil)
}

// firstFault finds the fault of an object whose name comes first, so that a body with several is
// always refused for the same. One may be known, and its name. Lists and objects that are right are
// not looked at again: all, where no fault is known.
func firstFault(s *Schema, object Members, right, name string, known *Refusal) *Refusal {
	names := map[string]bool{}
	for name := range object {
		names[name] = true
	}
	for _, n := range sortedNames(names) {
		if known != nil && n == name {
			return known
		}
		var refusal *Refusal
		if f := s.Fields[n]; f == nil {
			refusal = checkUnknown(s, n)
		} else if strings.Contains(right, " "+n+" ") || known == nil && f.Object != nil {
			continue
		} else if value := object[n]; value[0] != 'n' && (value[0] != f.First || len(value) < f.Shortest) {
			left := maxMembers
			refusal = checkValue(f, value, &left)
		}
		if refusal != nil {
			return refusal
		}
	}
	return known
}

// sizeAround is what a compact object has besides its members' names and values: two braces, a pair
// of quotes and a colon for each, and commas between them.
func sizeAround(members int) int {
	if members == 0 {
		return 2
	}
	return 4*members + 1
}

func refuseObject(object Members, budget int) *Refusal {
	if object == nil {
		return refuse(FieldInvalid, "expected an object, found null")
	}
	if budget < 0 {
		return tooMany(maxMembers, "members")
	}
	return tooMany(maxUnknown, "different unknown members")
}

func tooMany(most int, what string) *Refusal {
	return refuse(TooManyMembers, "expected at most "+strconv.Itoa(most)+" "+what)
}

// checkUnknown looks at the name of a member that the schema does not have. It passes, unless a
// lenient reader could take it for another.
func checkUnknown(s *Schema, name string) *Refusal {
	if !isName(name) {
		return refuse(MemberMisspelt, "expected letters, digits and underscores, found "+Quote(name))
	}
	if known := s.byFold[fold(name)]; known != "" {
		return refuse(MemberMisspelt, "expected "+known+", found "+Quote(name))
	}
	if known := s.byHash[hash(name)] + s.byHash[hash(fold(name))]; known != "" {
		return refuse(MemberMisspelt, "expected "+known+", found "+Quote(name)+", which fastjson takes for the same")
	}
	return nil
}

// missing names the first required field that an object lacks.
func missing(s *Schema, object Members) *Refusal {
	for _, f := range s.InOrder {
		if f.Weight > 0 && isNull(object[f.Name]) {
			return refuse(FieldMissing, f.Name+": expected "+f.expected()+", found none")
		}
	}
	return nil
}

// isNull tells whether a value is null, or none.
func isNull(value json.RawMessage) bool { return len(value) == 0 || value[0] == 'n' }

func (f *Field) expected() string {
	if f.Filled && f.First == '"' {
		return "a string that is not empty"
	}
	return f.Kind
}

// checkValue looks closely at a value that is neither null nor plainly right.
func checkValue(f *Field, value json.RawMessage, left *int) *Refusal {
	fits := false
	switch f.Kind {
	case list:
		return checkList(f, value, left)
	case mapping:
		if value[0] == '{' {
			return checkObject(f, value, left)
		}
	case listOfStrings:
		return checkStrings(f, value)
	case anything:
		fits = true
	case text:
		fits = f.Command != "" && value[0] == '"'
		if named, whole := decodeText(value); fits && (named != f.Command || !whole) {
			return refuse(CommandMismatch, "the URL has "+Quote(f.Command)+", "+f.Name+" "+Quote(named))
		}
	case integer:
		fits = isInteger(string(value), 63)
	case signed:
		fits = isInteger(strings.TrimPrefix(string(value), "-"), 63)
	case milliseconds:
		digits, _ := decodeText(value)
		fits = isInteger(digits, 63)
	case scalar:
		fits = value[0] == '"' || value[0] == '-' || '0' <= value[0] && value[0] <= '9'
	}
	if !fits {
		return invalid(f, value)
	}
	return nil
}

func invalid(f *Field, value []byte) *Refusal {
	return refuse(FieldInvalid, f.Name+": expected "+f.expected()+", found "+describe(value))
}

// isInteger tells whether a text is a decimal integer that fits into as many bits.
func isInteger(text string, bits int) bool {
	_, err := strconv.ParseUint(text, 10, bits)
	return err == nil
}

func checkStrings(f *Field, value json.RawMessage) *Refusal {
	if hasTooMany(value, maxStrings, `"`) {
		return tooMany(maxStrings, "strings in "+f.Name)
	}
	var items []*string
	if json.Unmarshal(value, &items) != nil {
		return invalid(f, value)
	}
	for _, item := range items {
		if item == nil {
			return invalid(f, value)
		}
	}
	return nil
}

func checkObject(f *Field, value json.RawMessage, left *int) *Refusal {
	var inner Members
	_ = json.Unmarshal(value, &inner)
	sizes, _, refusal := checkObjects(f.Object, []Members{inner}, left)
	if refusal == nil && sizes[0] != len(value) {
		refusal = checkNames(value)
	}
	if refusal != nil {
		refusal.Detail = f.Name + ": " + refusal.Detail
	}
	return refusal
}

// checkList holds every element of a compact list against the list's schema.
func checkList(f *Field, value json.RawMessage, left *int) *Refusal {
	if hasTooMany(value, f.Most, "{") {
		return tooMany(f.Most, "objects in "+f.Name)
	}
	var found []Members
	if json.Unmarshal(value, &found) != nil {
		return invalid(f, value)
	}
	sizes, at, refusal := checkObjects(f.Object, found, left)
	total := len(found) + 1
	for _, size := range sizes {
		total += size
	}
	if refusal == nil && len(found) > 0 && total != len(value) {
		at, refusal = findRepeated(sizes, value)
	}
	if refusal != nil {
		refusal.Detail = f.Name + "[" + strconv.Itoa(at) + "]: " + refusal.Detail
	}
	return refusal
}

// hasTooMany tells whether a list has more than most elements that begin so. It can't where that is
// there less often; of another no more are read.
func hasTooMany(value json.RawMessage, most int, begin string) bool {
	if bytes.Count(value, []byte(begin)) <= most {
		return false
	}
	decoder := json.NewDecoder(bytes.NewReader(value))
	_, _ = decoder.Token()
	for n := 0; decoder.More(); n++ {
		if n == most {
			return true
		}
		var skipped json.RawMessage
		_ = decoder.Decode(&skipped)
	}
	return false
}

// findRepeated finds the element of a compact list that is longer than its members are.
func findRepeated(sizes []int, value json.RawMessage) (int, *Refusal) {
	var texts []json.RawMessage
	_ = json.Unmarshal(value, &texts)
	for i, size := range sizes {
		if size != len(texts[i]) {
			return i, checkNames(texts[i])
		}
	}
	return 0, nil
}

// checkNames reads a well-formed object name by name, and refuses one that is repeated or spelt
// with escapes.
func checkNames(object []byte) *Refusal {
	decoder := json.NewDecoder(bytes.NewReader(object))
	_, _ = decoder.Token()
	seen := map[string]bool{}
	for decoder.More() {
		token, _ := decoder.Token()
		name, _ := token.(string)
		if seen[name] {
			return refuse(MemberRepeated, Quote(name)+" must be there once")
		}
		seen[name] = true
		if !bytes.HasSuffix(object[:decoder.InputOffset()], []byte(`"`+name+`"`)) {
			return refuse(MemberMisspelt, "expected "+Quote(name)+", found it spelt with escapes")
		}
		var value json.RawMessage
		_ = decoder.Decode(&value)
	}
	return refuse(MemberRepeated, "expected each member once")
}

// describe names what a value is, with a short piece of it.
func describe(value []byte) string {
	switch value[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		decoded, _ := decodeText(value)
		return "the string " + Quote(decoded)
	}
	return Quote(string(value))
}
