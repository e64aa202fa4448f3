package samples

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCommands(t *testing.T) {
	commands := Commands()
	assert.NotEmpty(t, commands)
	assert.True(t, sort.StringsAreSorted(commands), "in alphabetical order")
	for _, command := range commands {
		assert.Contains(t, needed, command, "fields.go: needed says which fields every source has")
		var names []string
		for _, m := range members(Body(command)) {
			names = append(names, m.name)
		}
		if strings.HasPrefix(command, "Group.") {
			assert.True(t, sort.StringsAreSorted(names), command+": in alphabetical order, as captured")
		}
		if strings.HasPrefix(command, "C2C.") && strings.Contains(Body(command), `"MsgBody"`) {
			assert.Equal(t, "MsgBody", names[0], command+": first, as captured")
		}
		assertWellFormed(t, command, Body(command))
		assert.Equal(t, Body(command), With(command), command)
	}
	for command := range needed {
		assert.Contains(t, commands, command, "fields are needed of a command that has a body")
	}
}

func assertWellFormed(t *testing.T, name, body string) {
	t.Helper()
	var compact bytes.Buffer
	require.NoError(t, json.Compact(&compact, []byte(body)), name)
	assert.Equal(t, compact.Len(), len(body), name+": compact")
	assert.True(t, utf8.ValidString(body), name+": UTF-8")
}

func TestCreatedGroup(t *testing.T) {
	assert.Equal(t, CreatedGroup, With(Command, "EventTime", "1670574414123", "GroupId", `"@TGS#2J4SZEAEL"`, "InviteOption", `"FreeAccess"`,
		"MemberList", `[{"Member_Account":"bob"},{"Member_Account":"peter"}]`, "Name", `"MyFirstGroup"`, "Operator_Account", `"group_root"`,
		"Owner_Account", `"leckie"`, "UserDefinedDataList", ""))
	assert.Equal(t, 500, strings.Count(CreatedGroupOf(500), `"Member_Account"`))
	assert.Equal(t, Path+"?"+Query, Target(Command))
}

func TestSigned(t *testing.T) {
	// The vendor's own example.
	assert.Equal(t, "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061", Sign("xxxxyyyy", "1669872112"))
	for seed := uint64(0); seed < 20; seed++ {
		for _, target := range []string{SignedTarget(Command, "t", time.Unix(7, 0)), Generate(seed, Command).SignedTarget("t", time.Unix(7, 0))} {
			parsed, err := url.Parse(target)
			require.NoError(t, err, target)
			assert.Equal(t, []string{Sign("t", "7")}, parsed.Query()["Sign"], target)
			assert.Equal(t, []string{"7"}, parsed.Query()["RequestTime"], target)
		}
	}
}

// What is generated is what it says it is.
func TestGenerate(t *testing.T) {
	for _, command := range Commands() {
		assert.Equal(t, Generate(7, command), Generate(7, command), command+": the same again")
		for seed := uint64(0); seed < 5; seed++ {
			assertGenerated(t, Generate(seed, command))
		}
	}
}

func assertGenerated(t *testing.T, c *Callback) {
	t.Helper()
	assertWellFormed(t, c.Command, c.Body)
	assert.LessOrEqual(t, len(c.Body), 4<<20, c.Command)
	decoder := json.NewDecoder(strings.NewReader(c.Body))
	decoder.UseNumber()
	var body map[string]any
	require.NoError(t, decoder.Decode(&body), c.Command)
	parsed, err := url.Parse(c.Target())
	require.NoError(t, err, c.Target())
	query := parsed.Query()
	for source, text := range c.Values {
		values := body
		name := source
		if at := strings.Index(source, "."); at > 0 {
			values, _ = body[source[:at]].(map[string]any)
			name = source[at+1:]
		}
		found, there := values[name].(string)
		if number, is := values[name].(json.Number); is {
			found = number.String()
			there = true
		}
		if !there {
			found = query.Get(source)
			there = query.Has(source)
		}
		if source == "Operator" || source == "EventId" {
			continue
		}
		assert.True(t, there, c.Command+": has "+source)
		assert.Equal(t, unicode(text), unicode(found), c.Command+": "+source)
		if Strict(source) {
			assert.False(t, Unfit(text), c.Command+": "+source)
			assert.Equal(t, -1, strings.IndexFunc(text, func(c rune) bool { return c < ' ' || c == 0x7f }), c.Command+": "+source)
		}
	}
	for name, value := range body {
		_, scalar := value.(string)
		if scalar && !strings.Contains(name, "_") {
			assert.Contains(t, c.Values, name, c.Command)
		}
	}
}

// unicode is a text without what is, or may stand for, half of a surrogate pair.
func unicode(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\ufffd", "")
}

// Strings are written in every style, and read as one.
func TestQuote(t *testing.T) {
	text := "a\"\\/\b\f\n\r\t\x00\x1f\x7f群\u2028\ufffd🏔" + highHalf + "."
	for style, written := range []string{
		`"a\"\\/\b\f\n\r\t\u0000\u001f` + "\x7f群\u2028\ufffd🏔" + `\ud83d."`,
		`"a\"\\\/\b\f\n\r\t\u0000\u001f` + "\x7f群\u2028\ufffd🏔" + `\ud83d."`,
		`"a\"\\\/\b\f\n\r\t\u0000\u001f` + "\x7f" + `\u7fa4\u2028\ufffd\ud83c\udfd4\ud83d."`,
		`"a\"\\/\b\f\n\r\t\u0000\u001F` + "\x7f" + `\u7FA4\u2028\uFFFD\uD83C\uDFD4\uD83D."`,
	} {
		assert.Equal(t, written, quote(style, text))
	}
}

func TestFault(t *testing.T) {
	c := &Callback{Values: map[string]string{"GroupId": "a b", "Name": strings.Repeat("x", 1025), "Type": highHalf, "Text": "\x00"}}
	headers := map[string]string{"G": "GroupId", "N": "Name", "T": "Type", "O": "Operator", "Z": "Text"}
	for _, row := range []struct {
		name  string
		got   http.Header
		fault string
	}{
		{"all that must be there", http.Header{"G": {"a%20b"}}, ""},
		{"more than must be there", http.Header{"G": {"a%20b"}, "N": {strings.Repeat("x", 1025)}, "Z": {"%00"}}, ""},
		{"one that is missing", http.Header{}, "no header for GroupId"},
		{"another value", http.Header{"G": {"a"}}, "a header for GroupId"},
		{"twice", http.Header{"G": {"a%20b", "a%20b"}}, "a header for GroupId"},
		{"something else for half of a pair", http.Header{"G": {"a%20b"}, "T": {"%EF%BF%BD"}}, "a header for Type"},
		{"one for nothing", http.Header{"G": {"a%20b"}, "O": {""}}, "a header for Operator"},
	} {
		fault := Fault(c, headers, row.got)
		assert.True(t, strings.HasPrefix(fault, row.fault), row.name+": "+fault)
		assert.Equal(t, row.fault == "", fault == "", row.name+": "+fault)
	}
}

// A body that was generated has the values that it was generated from.
func TestOf(t *testing.T) {
	for _, command := range Commands() {
		for seed := uint64(0); seed < 5; seed++ {
			generated := Generate(seed, command)
			found := Of(command, generated.Body).Values
			for source, text := range generated.Values {
				if source != "ClientIP" && source != "OptPlatform" && !Unfit(text) {
					assert.Equal(t, text, found[source], command+": "+source)
				}
				assert.Equal(t, utf8.ValidString(text), utf8.ValidString(found[source]), command+": "+source)
			}
		}
	}
}
