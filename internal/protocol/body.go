package protocol

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"unicode/utf8"
)

// maxMembers is how many members an object may have: the vendor's have about ten, and a stranger must not make us look at a
// hundred thousand names.
const maxMembers = 1000

// maxAccounts and maxElements are how many elements are looked at one by one, of a list of accounts and of any other. Accounts in the
// vendor's own form are not counted; the vendor's other lists have tens at most, and a group has some thousands of members.
const (
	maxAccounts = 10000
	maxElements = 1000
)

// decode reads a body: one JSON object in UTF-8. short is the body itself, or what cutAccounts makes of it. Members keep the bytes that came.
func decode(body, short []byte) (members, *Refusal) {
	if !utf8.Valid(short) {
		return nil, refuse(BodyNotUTF8, "found a byte sequence that is none")
	}
	var found members
	if json.Unmarshal(short, &found) != nil || found == nil {
		return nil, notObject(body)
	}
	return found, nil
}

// checkBody holds a decoded body against a schema: every name once and spelt as the schema has it, every known field of its type.
func checkBody(s *schema, short []byte, found members) *Refusal {
	size, refusal := checkMembers(s, found)
	if refusal == nil && size+1 != len(short) {
		refusal = checkNames(s, short)
	}
	return refusal
}

// What stands around and between the accounts of a list as it is sent, and what is left of it without them.
var (
	accountsBegin = []byte(`":[{"Member_Account":"`)
	accountsJoin  = []byte(`"},{"Member_Account":"`)
	accountsEnd   = []byte(`"}`)
	listEnd       = []byte("]")
	noAccounts    = []byte(`":[{"Member_Account":""}]`)
	oneAccount    = `[{"Member_Account":""}]`
	quote         = []byte(`"`)
	controls      = controlCharacters()
)

// cutAccounts leaves one empty account of a list of accounts, which is most of a long body, so that nothing more is paid for the rest.
//
// It is exact, in that the short text is well-formed if and only if the body is. What is cut out lies between two quotes, it has
// neither a backslash nor a control character, it is UTF-8, and all its quotes are those of the joints. So if the first of the two quotes opens
// a string, the cut is a row of further elements of the same form: {"Member_Account":"…"}, with one member each. And it can't close
// one: then the quote before Member_Account would too, which leaves that name bare, with and without the cut.
func cutAccounts(body []byte) []byte {
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

// notObject says why a text is not one JSON object.
func notObject(text []byte) *Refusal {
	err := json.Unmarshal(text, new(members))
	if syntax, ok := err.(*json.SyntaxError); ok { //nolint:errorlint // it is never wrapped
		if len(bytes.TrimSpace(text)) == 0 {
			return refuse(BodyNotJSON, "found nothing")
		}
		return refuse(BodyNotJSON, "the syntax breaks near byte "+strconv.FormatInt(syntax.Offset, 10))
	}
	return refuse(BodyNotJSON, "found "+describe(bytes.TrimSpace(text)))
}

// checkMembers holds an object's members against a schema. It returns the object's size, without the braces but with a comma
// after every member, if it is compact and no name in it is repeated or escaped: only then is the text as long.
func checkMembers(s *schema, found members) (int, *Refusal) {
	size := 0
	unseen := len(found)
	for _, f := range s.fields {
		value := found[f.name]
		if value == nil {
			if f.required {
				return 0, missing(f)
			}
			continue
		}
		unseen--
		size += f.overhead + len(value)
		if value[0] != f.first || len(value) < f.shortest {
			if refusal := checkValue(f, value, found); refusal != nil {
				return 0, refusal
			}
		}
	}
	if unseen == 0 {
		return size, nil
	}
	more, refusal := checkStrangers(s, found)
	return size + more, refusal
}

// checkStrangers looks at the members that the schema does not have. They pass, unless a parser that ignores case takes one for a
// known one.
func checkStrangers(s *schema, found members) (int, *Refusal) {
	if len(found) > maxMembers {
		return 0, refuse(TooManyMembers, "expected at most "+strconv.Itoa(maxMembers)+", found "+strconv.Itoa(len(found)))
	}
	size := 0
	for name, value := range found {
		if s.known[name] {
			continue
		}
		if twin, ok := s.byFold[fold(name)]; ok {
			return 0, refuse(MemberDisguised, "expected "+twin+", found "+Quote(name))
		}
		size += len(name) + 4 + len(value)
	}
	return size, nil
}

func missing(f *field) *Refusal {
	return refuse(FieldMissing, f.name+": expected "+f.expected()+", found none")
}

func (f *field) expected() string {
	if f.filled && f.kind == text {
		return "a string that is not empty"
	}
	return f.kind
}

// checkValue looks closely at a value that is not plainly right. null counts as absent and is taken out.
func checkValue(f *field, value json.RawMessage, found members) *Refusal {
	if value[0] == 'n' {
		delete(found, f.name)
		if f.required {
			return missing(f)
		}
		return nil
	}
	fits := false
	switch f.kind {
	case list:
		return checkList(f, value)
	case listOfStrings:
		var items []*string
		fits = json.Unmarshal(value, &items) == nil && !hasNil(items)
	case anything:
		fits = true
	case integer:
		fits = isInteger(string(value), 63)
	case integer32:
		fits = isInteger(string(value), 32)
	case milliseconds:
		digits, _ := Text(value)
		fits = isInteger(digits, 63)
	case scalar:
		fits = value[0] == '"' || value[0] == '-' || '0' <= value[0] && value[0] <= '9'
	}
	if !fits {
		return refuse(FieldInvalid, f.name+": expected "+f.expected()+", found "+describe(value))
	}
	return nil
}

func hasNil(items []*string) bool {
	for _, item := range items {
		if item == nil {
			return true
		}
	}
	return false
}

// isInteger tells whether text is a decimal integer that is not negative and fits into as many bits.
func isInteger(text string, bits int) bool {
	_, err := strconv.ParseUint(text, 10, bits)
	return err == nil
}

// checkList holds every element of a list against the list's schema.
func checkList(f *field, value json.RawMessage) *Refusal {
	if string(value) == oneAccount && f.element.known["Member_Account"] {
		return nil
	}
	most := maxElements
	if f.element.known["Member_Account"] {
		most = maxAccounts
	}
	if bytes.Count(value, []byte{'{'}) > most {
		return refuse(TooManyMembers, f.name+": expected at most "+strconv.Itoa(most)+" objects that are not written as the vendor does")
	}
	var compact bytes.Buffer
	var found []members
	if json.Compact(&compact, value) != nil || json.Unmarshal(compact.Bytes(), &found) != nil {
		return refuse(FieldInvalid, f.name+": expected "+f.kind+", found "+describe(value))
	}
	size := 1
	for i, element := range found {
		if element == nil {
			return inElement(f, i, refuse(FieldInvalid, "expected an object, found null"))
		}
		more, refusal := checkMembers(f.element, element)
		if refusal != nil {
			return inElement(f, i, refusal)
		}
		size += more + 2
	}
	if size == compact.Len() {
		return nil
	}
	return checkNamesOfElements(f, value)
}

func checkNamesOfElements(f *field, value json.RawMessage) *Refusal {
	var found []json.RawMessage
	_ = json.Unmarshal(value, &found)
	for i, element := range found {
		if refusal := checkNames(f.element, element); refusal != nil {
			return inElement(f, i, refusal)
		}
	}
	return nil
}

func inElement(f *field, i int, refusal *Refusal) *Refusal {
	refusal.Detail = f.name + "[" + strconv.Itoa(i) + "]: " + refusal.Detail
	return refusal
}

// checkNames reads a well-formed object name by name, and refuses one that is repeated, or known and spelt with escapes.
func checkNames(s *schema, object []byte) *Refusal {
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
		if s.known[name] && !bytes.HasSuffix(object[:decoder.InputOffset()], []byte(`"`+name+`"`)) {
			return refuse(MemberDisguised, "expected "+name+", found it spelt with escapes")
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return notObject(object)
		}
	}
	return nil
}

// Text decodes a JSON string; of any other value it returns the very text. It reports false for a string with half of a surrogate
// pair in it, which is no Unicode text: every parser puts something else in its place.
func Text(value json.RawMessage) (string, bool) {
	if value[0] != '"' {
		return string(value), true
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return string(value[1 : len(value)-1]), true
	}
	var decoded string
	err := json.Unmarshal(value, &decoded)
	return decoded, err == nil && paired.Match(value)
}

// paired matches a JSON string in which every surrogate escape is half of a pair.
var paired = regexp.MustCompile(`^"(?:[^\\]|\\[^u]|\\u(?:[^dD]|[dD][0-7])[0-9A-Fa-f]+?|\\u[dD][89abAB]..\\u[dD][c-fC-F]..)*"$`)

// describe names what a value is, with a short piece of it.
func describe(value []byte) string {
	switch value[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		decoded, _ := Text(value)
		return "the string " + Quote(decoded)
	}
	return Quote(string(value))
}
