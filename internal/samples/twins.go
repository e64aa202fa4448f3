package samples

import (
	"encoding/hex"
	"encoding/json"
	"strings"
)

// A Twin is a body of testdata with one change, which may make it malformed.
type Twin struct {
	Name string // what was changed, and how
	Body string
	// Beyond names what of the change a JSON Schema can't see, empty where it sees all.
	Beyond string
}

// What a JSON Schema can't see.
const (
	NumberForm   = "an integer is written as digits, not as 1.0, 1e3 or -0"
	StringNumber = "a time in a string is below 2^63"
	RepeatedName = "a member is there once"
	OtherCase    = "a member's name is in the vendor's case"
	OtherName    = "a member's name has letters, digits and underscores only"
	EscapedName  = "a member's name has no escapes"
	MoreText     = "the body is one object, and nothing after it"
	NotUnicode   = "the body is UTF-8"
)

// values is what is put in the place of every value.
var values = []string{
	"null", `""`, `"x"`, `"12"`, `"007"`, `"-1"`, `"1.5"`, `"9223372036854775807"`, "0", "7", "-1", "1.5",
	"9223372036854775807", "9223372036854775808", "-9223372036854775807", "-9223372036854775808", "1e400", "true", "false",
	"{}", "[]", "[null]", "[1]", `["x"]`, `[""]`, "[{}]", "[[]]", `{"x":1}`, `[{"x":1}]`, `"\u0000"`, `"\ud83d"`, `"\u0031"`,
}

// Twins makes the twins of a command's body: each member, at any depth, is missing, has a value of
// each type, is there twice, and has a misspelt name.
func Twins(command string) []Twin {
	twins := twinsOf(Body(command))
	body := strings.TrimSpace(Body(command))
	return append(twins,
		Twin{"text after the body", body + "{}", MoreText},
		Twin{"a byte that is not UTF-8", `{"Stranger":"` + "\xff" + `",` + body[1:], NotUnicode},
		Twin{"an unknown member", `{"Stranger":[{"x":null}],` + body[1:], ""},
		Twin{"an unknown member whose name has a space", `{"Stran ger":1,` + body[1:], OtherName},
		Twin{"a list", "[" + body + "]", ""},
		Twin{"null", "null", ""},
		Twin{"half", body[:len(body)/2], ""},
	)
}

// twinsOf makes the twins of an object.
func twinsOf(object string) []Twin {
	var twins []Twin
	found := members(object)
	add := func(name, beyond string, i int, changed ...member) {
		all := append([]member{}, found[:i]...)
		all = append(all, changed...)
		all = append(all, found[i+1:]...)
		twins = append(twins, Twin{name, join(all), beyond})
	}
	for i, m := range found {
		add("no "+m.name, "", i)
		for _, value := range values {
			add(m.name+" "+value, "", i, member{m.name, value})
		}
		for _, value := range []string{"1.0", "1e3", "-0"} {
			add(m.name+" "+value, NumberForm, i, member{m.name, value})
		}
		add(m.name+" too large in a string", StringNumber, i, member{m.name, `"9223372036854775808"`})
		add(m.name+" twice", RepeatedName, i, m, m)
		add(m.name+" in another case", OtherCase, i, m, member{strings.ToLower(m.name) + "_", "1"})
		add(m.name+" escaped", EscapedName, i, member{`\u00` + hex.EncodeToString([]byte(m.name[:1])) + m.name[1:], m.value})
		for _, inner := range innerTwins(m.value) {
			add(m.name+": "+inner.Name, inner.Beyond, i, member{m.name, inner.Body})
		}
	}
	return twins
}

// innerTwins makes the twins of a value: of an object, or of a list's first element.
func innerTwins(value string) []Twin {
	if value[0] == '{' {
		return twinsOf(value)
	}
	if !strings.HasPrefix(value, "[{") {
		return nil
	}
	var twins []Twin
	var elements []json.RawMessage
	if json.Unmarshal([]byte(value), &elements) != nil {
		panic(value)
	}
	element := string(elements[0])
	for _, twin := range twinsOf(element) {
		twins = append(twins, Twin{twin.Name, "[" + element + "," + twin.Body + "]", twin.Beyond})
	}
	return twins
}

func join(all []member) string {
	texts := make([]string, len(all))
	for i, m := range all {
		texts[i] = `"` + m.name + `":` + m.value
	}
	return "{" + strings.Join(texts, ",") + "}"
}
