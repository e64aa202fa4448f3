package e2e

import (
	"strconv"
	"strings"
	"testing"
)

// padded is the body, made longer by a member that the gate does not know.
func padded(length int) string {
	const member = `"Padding":"",`
	return with(`"Type"`, `"Padding":"`+strings.Repeat("x", length-len(body)-len(member))+`","Type"`)
}

// numbered is so many members, each with a name of its own and a comma.
func numbered(members int) string {
	var b strings.Builder
	for i := 0; i < members; i++ {
		b.WriteString(`"New` + strconv.Itoa(i) + `":0,`)
	}
	return b.String()
}

// announced is a callback of which only the head is sent.
func announced(header string) string {
	return "POST /callback?" + query + " HTTP/1.1\nHost: chat.example\n" + header + "\n"
}

// The body is read once, within a limit, and is one strict JSON object in which no name can be read
// in two ways.
func TestBody(t *testing.T) {
	const limit = 4 << 20 // the default of maxBodyBytes
	g := start(t, "dynamic.yml")
	rows := []row{
		{name: "as the vendor sends it", request: callback("", body), gates: checked},
		{name: "in chunks", request: chunked("POST", "/callback?"+query, "", body, ""), gates: checked},
		{name: "with a wrong Content-Type", request: callback("Content-Type: text/xml\n", body), gates: checked},
		{name: "of the longest length", request: callback("", padded(limit)), gates: checked},
		{name: "of the longest length, in chunks", request: chunked("POST", "/callback?"+query, "", padded(limit), ""), gates: checked},
		{name: "a byte too long", request: callback("", padded(limit+1)), code: 41301},
		{name: "a byte too long, in chunks", request: chunked("POST", "/callback?"+query, "", padded(limit+1), ""), code: 41301},
		{name: "much too long", request: callback("", padded(2*limit)), code: 41301},
		{name: "much too long, in chunks", request: chunked("POST", "/callback?"+query, "", padded(2*limit), ""), code: 41301},
		{name: "announced as too long, and never sent", request: announced("Content-Length: 4194305\n"), code: 41301},
		{name: "announced as endless, and never sent", request: announced("Content-Length: 9223372036854775807\n"), code: 41301},

		{name: "encoded as identity", request: callback("Content-Encoding: identity\n", body), gates: checked},
		{name: "encoded as Identity", request: callback("Content-Encoding: Identity\n", body), gates: checked},
		{name: "encoded as gzip", request: callback("Content-Encoding: gzip\n", body), code: 41502},
		{name: "encoded as identity, then gzip", request: callback("Content-Encoding: identity, gzip\n", body), code: 41502},
		{name: "encoded as identity and, in a second header, gzip", request: callback("Content-Encoding: identity\nContent-Encoding: gzip\n", body), code: 41502},
		// The answer comes at once, not a "100 Continue".
		{name: "encoded as br, and not asked for", request: announced("Content-Encoding: br\nContent-Length: 10\nExpect: 100-continue\n"), code: 41502},
	}
	for _, b := range []struct {
		name, body string
		code       int
	}{
		{"spread over lines", strings.NewReplacer(",", ",\n  ", "{", "{\r\n\t").Replace(body), 0},
		{"with white space around", " \r\n\t" + body + " \r\n\t", 0},
		{"with another escape for a value", with("MyFirstGroup", `\u004dy\/Group`), 0},
		{"with unknown members", with(`"Type"`, `"New":[{"deep":[1e999,null,{"a":{}}]}],"Qun":"x","Type"`), 0},
		{"with an unknown member of a list's element", with(`{"Member_Account":"bob"}`, `{"Member_Account":"bob","JoinTime":1}`), 0},
		{"a lone surrogate in a field that is no header", with("MyFirstGroup", `\ud800`), 0},
		{"NUL in a custom field", with("hello", `\u0000`), 0},

		{"an object with a null", `{"GroupId":null}`, 40011},
		{"null", "null", 40006},
		{"an array", "[" + body + "]", 40006},
		{"a string", `"` + `Group` + `"`, 40006},
		{"a number", "1", 40006},
		{"a form", "GroupId=1&Type=Public", 40006},
		{"two objects", body + body, 40006},
		{"an object and a bracket", body + "}", 40006},
		{"an object and a NUL", body + "\x00", 40006},
		{"cut", strings.TrimSuffix(body, "}"), 40006},
		{"a byte order mark", "\ufeff" + body, 40006},
		{"a trailing comma", with(`"hello"}]}`, `"hello"}],}`), 40006},
		{"a comment", with(`"Type"`, `/* */"Type"`), 40006},
		{"single quotes", strings.ReplaceAll(body, `"`, "'"), 40006},
		{"a bare name", with(`"Type":`, `Type:`), 40006},
		{"NaN", with("1670574414123", "NaN"), 40006},
		{"a leading zero", with("1670574414123", "0670574414123"), 40006},
		{"a line break in a string", with("MyFirstGroup", "My\nGroup"), 40006},
		{"an unknown escape", with("MyFirstGroup", `\x41`), 40006},
		{"a cut escape", with("MyFirstGroup", `\u12`), 40006},
		{"nested too deep", with(`"Type"`, `"New":`+strings.Repeat("[", 20000)+strings.Repeat("]", 20000)+`,"Type"`), 40006},

		{"a byte that is not UTF-8", with("MyFirstGroup", "\xff"), 40005},
		{"an overlong slash", with("MyFirstGroup", "\xc0\xaf"), 40005},
		{"half of a character", with("MyFirstGroup", "\xe7\xbe"), 40005},
		{"a surrogate in UTF-8", with("MyFirstGroup", "\xed\xa0\x80"), 40005},
		{"a byte that is not UTF-8 in a name", with(`"Type"`, "\"\xff\":1,\"Type\""), 40005},
		{"UTF-16", "\xff\xfe{\x00}\x00", 40005},

		{"a high surrogate alone in a header's field", with("@TGS#2J4SZEAEL", `\ud83d`), 40013},
		{"a low surrogate alone in a header's field", with("@TGS#2J4SZEAEL", `\udE00x`), 40013},
		{"surrogates in the wrong order in a header's field", with("@TGS#2J4SZEAEL", `\ude00\ud83d`), 40013},
		{"a lone surrogate in the operator", with(`"Operator_Account":"leckie"`, `"Operator_Account":"\uDFFF"`), 40013},
		{"a null character in a header's field", with("@TGS#2J4SZEAEL", `go\u0000od`), 40013},
		{"a line break in a header's field", with("@TGS#2J4SZEAEL", `good\r\n`), 40013},
		{"DEL in a header's field", with("@TGS#2J4SZEAEL", "go\x7fod"), 40013},
		{"a control character of Latin-1 in the operator", with(`"Operator_Account":"leckie"`, `"Operator_Account":"\u0085"`), 40013},

		{"GroupId twice", with(`"Type"`, `"GroupId":"other","Type"`), 40007},
		{"GroupId twice, the same", with(`"Type"`, `"GroupId":"@TGS#2J4SZEAEL","Type"`), 40007},
		{"GroupId twice, first null", with(`"GroupId"`, `"GroupId":null,"GroupId"`), 40007},
		{"an unknown member twice", with(`"Type"`, `"New":1,"New":2,"Type"`), 40007},
		{"an unknown member twice, once escaped", with(`"Type"`, `"New":1,"\u004eew":2,"Type"`), 40007},
		{"a member twice in a list's element", with(`{"Member_Account":"bob"}`, `{"Member_Account":"bob","Member_Account":"eve"}`), 40007},
		{"a member twice in a custom field", with(`"Value":"hello"`, `"Value":"hello","Value":"bye"`), 40007},
		{"two lists", with(`"Name"`, `"MemberList":[],"Name"`), 40007},

		{"GroupId again in lower case", with(`"Type"`, `"groupid":"other","Type"`), 40008},
		{"GroupId again as groupID", with(`"Type"`, `"groupID":"other","Type"`), 40008},
		{"GroupId again, escaped and in lower case", with(`"Type"`, `"group\u0049d":"other","Type"`), 40008},
		{"Operator_Account again in capitals", with(`"Type"`, `"OPERATOR_ACCOUNT":"eve","Type"`), 40008},
		{"UserDefinedDataList again with a long s", with(`"Type"`, `"U\u017ferDefinedDataList":[],"Type"`), 40008},
		{"GroupId in another case only", with(`"GroupId"`, `"groupId"`), 40008},
		{"GroupId escaped only", with(`"GroupId"`, `"Group\u0049d"`), 40008},
		{"GroupId again, escaped", with(`"Type"`, `"\u0047roupId":"other","Type"`), 40007},
		{"another case in a list's element", with(`{"Member_Account":"bob"}`, `{"Member_Account":"bob","member_account":"eve"}`), 40008},
		{"a Kelvin sign in a custom field", with(`"Value":"hello"`, `"Value":"hello","\u212aey":"x"`), 40008},

		{"GroupId again with underscores", with(`"Type"`, `"Group_Id":"other","Type"`), 40008},
		{"GroupId again with an underscore at its end, first", with(`{"CallbackCommand"`, `{"GroupId_":"other","CallbackCommand"`), 40008},
		{"Operator_Account again without its underscore", with(`"Type"`, `"OperatorAccount":"eve","Type"`), 40008},
		{"another underscore in a list's element", with(`{"Member_Account":"bob"}`, `{"Member_Account":"bob","MemberAccount":"eve"}`), 40008},
		{"an unknown name with an underscore", with(`"Type"`, `"_new_":1,"Type"`), 0},
		{"an unknown name with a hyphen", with(`"Type"`, `"New-Id":1,"Type"`), 40008},
		{"an unknown name with a space", with(`"Type"`, `"New Id":1,"Type"`), 40008},
		{"an unknown name with a dot", with(`"Type"`, `"New.Id":1,"Type"`), 40008},
		{"an unknown name with brackets", with(`"Type"`, `"GroupId[]":1,"Type"`), 40008},
		{"an unknown name that is not ASCII", with(`"Type"`, `"群":1,"Type"`), 40008},
		{"an unknown name with a NUL", with(`"Type"`, `"GroupId\u0000":1,"Type"`), 40008},
		{"an unknown name with DEL", with(`"Type"`, "\"New\x7f\":1,\"Type\""), 40008},
		{"an empty name", with(`"Type"`, `"":1,"Type"`), 40008},
		{"the name __proto__", with(`"Type"`, `"__proto__":{"GroupId":"other"},"Type"`), 40008},
		{"any name deep in what nobody knows", with(`"Type"`, `"New":{"GroupId":1,"group-id":2,"":3,"__proto__":4},"Type"`), 0},

		{"two hundred members that nobody knows", with(`"Type"`, numbered(200)+`"Type"`), 0},
		{"one more", with(`"Type"`, numbered(201)+`"Type"`), 40009},
		{"a hundred thousand", with(`"Type"`, numbered(100000)+`"Type"`), 40009},
		{"a name fifty thousand times", with(`"Type"`, strings.Repeat(`"New":0,`, 50000)+`"Type"`), 40007},
		{"a hundred thousand braces in a text", with("hello", strings.Repeat(`{\"a\":[`, 100000)), 0},
	} {
		expected := row{name: b.name, request: callback("", b.body), code: b.code}
		if b.code == 0 {
			expected.gates = checked
		}
		rows = append(rows, expected)
	}
	g.hold(t, rows)
}
