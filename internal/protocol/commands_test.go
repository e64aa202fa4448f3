package protocol

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every command has a well-formed body in testdata/commands. It passes as it is, and these tests make its malformed twins: each breaks
// one rule of the table in schema_test.go.

// An object is a JSON object as it is written: its members in their order, names with their quotes.
type object []member

type member struct{ name, value string }

func (o object) String() string {
	parts := make([]string, 0, len(o))
	for _, m := range o {
		parts = append(parts, m.name+":"+m.value)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// readObject reads an object with its names in alphabetical order, as the vendor sends them.
func readObject(t testing.TB, text string) object {
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(text), &members), text)
	var o object
	for name, value := range members {
		o = append(o, member{`"` + name + `"`, string(value)})
	}
	sort.Slice(o, func(i, j int) bool { return o[i].name < o[j].name })
	return o
}

// with returns an object in which a field has a value, whether it was there or not.
func with(o object, field, value string) object {
	return append(without(o, field), member{`"` + field + `"`, value})
}

func without(o object, field string) object {
	var rest object
	for _, m := range o {
		if m.name != `"`+field+`"` {
			rest = append(rest, m)
		}
	}
	return rest
}

// renamed spells a field's name in another way.
func renamed(o object, field, name string) object {
	var changed object
	for _, m := range o {
		if m.name == `"`+field+`"` {
			m.name = name
		}
		changed = append(changed, m)
	}
	return changed
}

// and returns an object with one more member, which may be there already.
func and(o object, name, value string) object {
	return append(append(object{}, o...), member{name, value})
}

// valueOf returns a field's value, a right one of its type if the object has none.
func valueOf(o object, r rule) string {
	for _, m := range o {
		if m.name == `"`+r.name+`"` {
			return m.value
		}
	}
	return rightValues[r.kind][0]
}

// everyCommand calls f with each command's well-formed body.
func everyCommand(t *testing.T, f func(r row, body object)) {
	for _, r := range table {
		f(r, readObject(t, readTestdata(t, "commands", commandOf(r)+".json")))
	}
}

// everyField calls f with every field of every command.
func everyField(t *testing.T, f func(command string, r rule, body object)) {
	everyCommand(t, func(r row, body object) {
		for _, rule := range rulesFor(commandOf(r)) {
			f(commandOf(r), rule, body)
		}
	})
}

// assertBody holds the verdict on a command's body against the reason that is expected, nil for none.
func assertBody(t *testing.T, expected *Reason, command, body, name string) {
	t.Helper()
	_, refusal := sendBody(command, body)
	assertReason(t, expected, refusal, command+": "+name+": "+short(body))
	if refusal != nil {
		assert.Less(t, len(refusal.Info()), 400, command+": "+name+": a refusal is short")
	}
}

func short(body string) string {
	if len(body) > 300 {
		return body[:300] + "…"
	}
	return body
}

func TestTheTableHasEveryCommand(t *testing.T) {
	var commands, files []string
	for _, r := range table {
		commands = append(commands, commandOf(r))
	}
	sort.Strings(commands)
	found, err := os.ReadDir(testdata(t, "commands"))
	require.NoError(t, err, "testdata/commands")
	for _, file := range found {
		files = append(files, strings.TrimSuffix(file.Name(), filepath.Ext(file.Name())))
	}
	assert.Len(t, commands, 24, "commands in the vendor's table")
	assert.Equal(t, commands, Commands(), "the package knows every command of the table")
	assert.Equal(t, commands, files, "testdata/commands has a body for every command")
}

func TestWellFormedBodiesPass(t *testing.T) {
	everyCommand(t, func(r row, body object) {
		command := commandOf(r)
		file := readTestdata(t, "commands", command+".json")
		assert.Equal(t, body.String(), file, command+": the file is as on the wire, compact and its keys in alphabetical order")
		event, refusal := sendBody(command, file)
		assertReason(t, nil, refusal, command)
		if refusal != nil {
			return
		}
		assert.True(t, event.Checked, command+": is held against a schema")
		assert.Equal(t, command, event.Command, command)
		assert.Equal(t, testApp, event.App, command)
		assert.Equal(t, file, string(event.Body), command+": the very bytes")
	})
}

func TestScalarFieldsAreSources(t *testing.T) {
	sources := map[string]bool{}
	for _, source := range Sources() {
		sources[source] = true
	}
	everyCommand(t, func(r row, body object) {
		command := commandOf(r)
		event, refusal := sendBody(command, body.String())
		if refusal != nil {
			assertReason(t, nil, refusal, command)
			return
		}
		var decoded map[string]any
		decoder := json.NewDecoder(bytes.NewReader(event.Body))
		decoder.UseNumber()
		require.NoError(t, decoder.Decode(&decoded), command)
		for _, rule := range rulesFor(command) {
			name := command + ": " + rule.name
			value, found, refusal := Value(event, rule.name)
			assertReason(t, nil, refusal, name)
			switch rule.kind {
			case "string", "integer", "uint32", "time", "scalar":
				assert.True(t, sources[rule.name], name+": every scalar field of the table is a source")
				expected, there := decoded[rule.name]
				assert.Equal(t, there, found, name)
				if there {
					assert.Equal(t, textOf(expected), value, name)
				}
			default:
				assert.False(t, sources[rule.name], name+": only a scalar field is a source")
			}
		}
	})
}

// textOf is a scalar that encoding/json decoded, as text.
func textOf(scalar any) string {
	if number, ok := scalar.(json.Number); ok {
		return number.String()
	}
	text, _ := scalar.(string)
	return text
}

func TestSourcesBesideTheFields(t *testing.T) {
	var beside []string
	for _, source := range Sources() {
		found := source == "CallbackCommand"
		for _, r := range table {
			found = found || strings.Contains(" "+strings.ReplaceAll(r.required, "?", "")+" "+r.optional+" ", " "+source+" ")
		}
		if !found {
			beside = append(beside, source)
		}
	}
	assert.Equal(t, []string{"ClientIP", "EventId", "Operator", "OptPlatform", "SdkAppid"}, beside, "the URL's parameters, and what is derived")
}

func TestOperatorIsWhoActed(t *testing.T) {
	everyCommand(t, func(r row, body object) {
		command, actors := commandOf(r), strings.Fields(r.actors)
		for i, actor := range actors {
			body = with(body, actor, `"actor`+string(rune('0'+i))+` 群"`)
		}
		assertOperator(t, command, body, len(actors) > 0, "actor0 群", "the first choice")
		if len(actors) == 0 {
			// A command in which nobody acts has no operator, even if a field is there that is one elsewhere.
			assertOperator(t, command, and(body, `"From_Account"`, `"x"`), false, "", "a stranger's field")
			return
		}
		if isRequired(command, actors[0]) {
			return
		}
		for _, absent := range []object{without(body, actors[0]), with(body, actors[0], "null"), with(body, actors[0], `""`)} {
			assertOperator(t, command, absent, len(actors) > 1, "actor1 群", "the second choice")
		}
	})
}

func TestOperatorOfAMessageInAnOldLiveGroup(t *testing.T) {
	body := readObject(t, readTestdata(t, "commands", "Group.CallbackAfterSendMsg.json"))
	assertOperator(t, "Group.CallbackAfterSendMsg", without(body, "Operator_Account"), true, "王小明", "Operator_Account is absent")
}

func assertOperator(t *testing.T, command string, body object, there bool, expected, name string) {
	t.Helper()
	event, refusal := sendBody(command, body.String())
	assertReason(t, nil, refusal, command+": "+name)
	if refusal != nil {
		return
	}
	found, ok, refusal := Value(event, "Operator")
	assertReason(t, nil, refusal, command+": "+name)
	assert.Equal(t, there, ok, command+": "+name+": has an operator")
	if there {
		assert.Equal(t, expected, found, command+": "+name)
	}
}

func isRequired(command, field string) bool {
	for _, rule := range rulesFor(command) {
		if rule.name == field {
			return rule.required
		}
	}
	return false
}

// What is no field of a command's is never taken for one: it was not checked, neither its type nor its twins.
func TestOnlyACommandsOwnFieldsAreItsSources(t *testing.T) {
	everyCommand(t, func(r row, body object) {
		command := commandOf(r)
		own := map[string]bool{}
		for _, rule := range rulesFor(command) {
			own[rule.name] = true
		}
		for _, field := range []string{"GroupId", "TopicId", "Operator_Account", "Owner_Account", "EventTime", "Name", "Type"} {
			if own[field] {
				continue
			}
			for _, value := range []string{`"stranger"`, "null", `{"a": 1}`, "7"} {
				name := command + " has no " + field + ", sent " + value
				event, refusal := sendBody(command, and(body, `"`+field+`"`, value).String())
				assertReason(t, nil, refusal, name)
				if refusal == nil {
					found, ok, _ := Value(event, field)
					assert.False(t, ok, name+": found "+found)
				}
			}
		}
	})
}

func TestRequiredFields(t *testing.T) {
	everyField(t, func(command string, r rule, body object) {
		if r.required {
			assertBody(t, FieldMissing, command, without(body, r.name).String(), "without "+r.name)
			assertBody(t, FieldMissing, command, with(body, r.name, "null").String(), r.name+" null")
		} else {
			assertBody(t, nil, command, without(body, r.name).String(), "without "+r.name)
			assertBody(t, nil, command, with(body, r.name, "null").String(), r.name+" null")
		}
		if r.kind == "string" && r.name != "CallbackCommand" {
			var expected *Reason
			if r.filled {
				expected = FieldInvalid
			}
			assertBody(t, expected, command, with(body, r.name, `""`).String(), r.name+" empty")
		}
	})
}

func TestTypesOfFields(t *testing.T) {
	everyField(t, func(command string, r rule, body object) {
		for _, value := range wrongValues[r.kind] {
			assertBody(t, FieldInvalid, command, with(body, r.name, value).String(), r.name+" is no "+r.kind)
		}
		if r.name == "CallbackCommand" {
			return // has to be the URL's
		}
		for _, value := range rightValues[r.kind] {
			assertBody(t, nil, command, with(body, r.name, value).String(), r.name+" is a "+r.kind)
		}
	})
}

func TestRefusalNamesTheField(t *testing.T) {
	everyField(t, func(command string, r rule, body object) {
		if wrong := wrongValues[r.kind]; wrong != nil {
			_, refusal := sendBody(command, with(body, r.name, wrong[0]).String())
			if refusal == nil {
				return // reported by TestTypesOfFields
			}
			assert.Contains(t, refusal.Detail, r.name, command+": where")
			assert.Contains(t, refusal.Detail, "expected", command+": "+r.name+": what")
			assert.Contains(t, refusal.Detail, "found ", command+": "+r.name+": what was there instead")
		}
	})
}

func TestRepeatedMembers(t *testing.T) {
	everyField(t, func(command string, r rule, body object) {
		value := valueOf(body, r)
		body = with(body, r.name, value)
		assertBody(t, MemberRepeated, command, and(body, `"`+r.name+`"`, value).String(), r.name+" twice, the same value")
		assertBody(t, MemberRepeated, command, and(body, `"`+r.name+`"`, value).String()+"\n", r.name+" twice, not compact")
		if r.name != "CallbackCommand" && r.kind == "string" {
			assertBody(t, MemberRepeated, command, and(body, `"`+r.name+`"`, `"other"`).String(), r.name+" twice, another value")
		}
		if !r.required {
			assertBody(t, MemberRepeated, command, and(body, `"`+r.name+`"`, "null").String(), r.name+" twice, the second null")
			assertBody(t, MemberRepeated, command, and(with(body, r.name, "null"), `"`+r.name+`"`, value).String(), r.name+" twice, the first null")
		}
	})
	everyCommand(t, func(r row, body object) {
		assertBody(t, MemberRepeated, commandOf(r), and(and(body, `"New"`, "1"), `"New"`, "1").String(), "a stranger twice")
		assertBody(t, MemberRepeated, commandOf(r), and(and(body, `"New"`, "1"), `"\u004eew"`, "1").String(), "a stranger twice, once with escapes")
		assertBody(t, nil, commandOf(r), and(and(body, `"New"`, "1"), `"new"`, "1").String(), "strangers may differ in case")
	})
}

// A parser that ignores case takes a twin for the field itself, encoding/json does, and where both are there it takes the last.
func TestTwinsInAnotherCase(t *testing.T) {
	everyField(t, func(command string, r rule, body object) {
		value := valueOf(body, r)
		body = with(body, r.name, value)
		for _, twin := range twins(r.name) {
			assertBody(t, MemberDisguised, command, and(body, `"`+twin+`"`, value).String(), twin+" after "+r.name)
			assertBody(t, MemberDisguised, command, append(object{{`"` + twin + `"`, value}}, body...).String(), twin+" before "+r.name)
			assertBody(t, MemberDisguised, command, and(body, `"`+twin+`"`, "null").String(), twin+" null")
			if !r.required {
				assertBody(t, MemberDisguised, command, renamed(body, r.name, `"`+twin+`"`).String(), twin+" for "+r.name)
			}
		}
	})
}

// twins are other spellings of a name, among them the letters outside ASCII that fold to an ASCII one.
func twins(name string) []string {
	spellings := []string{
		strings.ToUpper(name), strings.ToLower(name),
		strings.ToLower(name[:1]) + name[1:],
		strings.Replace(name, "s", "\u017f", 1), strings.Replace(name, "k", "\u212a", 1),
		strings.Replace(name, "i", "\u0131", 1), strings.Replace(name, "I", "\u0130", 1),
	}
	var others []string
	for _, spelling := range spellings {
		if spelling != name {
			others = append(others, spelling)
		}
	}
	return others
}

// What counts as absent must not make up for a member that has to be looked at.
func TestNullHidesNoTwin(t *testing.T) {
	everyCommand(t, func(r row, body object) {
		command := commandOf(r)
		rules := rulesFor(command)
		for _, absent := range rules {
			if absent.required {
				continue
			}
			hidden := with(body, absent.name, "null")
			assertBody(t, MemberDisguised, command, and(hidden, `"callbackcommand"`, `"x"`).String(), absent.name+" null and a twin")
			assertBody(t, MemberRepeated, command, and(and(hidden, `"New"`, "1"), `"New"`, "2").String(), absent.name+" null and a repeated stranger")
		}
	})
}

func TestNamesSpeltWithEscapes(t *testing.T) {
	everyField(t, func(command string, r rule, body object) {
		value := valueOf(body, r)
		body = with(body, r.name, value)
		escaped := `"` + escape(r.name[:1]) + r.name[1:] + `"`
		assertBody(t, MemberDisguised, command, renamed(body, r.name, escaped).String(), escaped)
		_, refusal := sendBody(command, and(body, escaped, value).String())
		assert.Contains(t, []string{reasonName(MemberRepeated), reasonName(MemberDisguised)}, reasonName(reasonOf(refusal)), command+": "+r.name+" and "+escaped)
	})
	everyCommand(t, func(r row, body object) {
		assertBody(t, nil, commandOf(r), and(body, `"\u004eew\n"`, "1").String(), "a stranger may be spelt with escapes")
	})
}

func reasonOf(refusal *Refusal) *Reason {
	if refusal == nil {
		return nil
	}
	return refusal.Reason
}

// escape spells ASCII characters as JSON escapes.
func escape(text string) string {
	const hex = "0123456789abcdef"
	escaped := ""
	for _, c := range []byte(text) {
		escaped += `\u00` + hex[c>>4:c>>4+1] + hex[c&15:c&15+1]
	}
	return escaped
}

func TestEscapesInValuesPass(t *testing.T) {
	everyField(t, func(command string, r rule, body object) {
		if r.kind != "string" {
			return
		}
		text := "a/b \\ \" c"
		if r.name == "CallbackCommand" {
			text = command
		}
		event, refusal := sendBody(command, with(body, r.name, `"`+escape(text)+`"`).String())
		assertReason(t, nil, refusal, command+": "+r.name)
		if refusal == nil {
			value, found, refusal := Value(event, r.name)
			assertReason(t, nil, refusal, command+": "+r.name)
			assert.True(t, found, command+": "+r.name)
			assert.Equal(t, text, value, command+": "+r.name)
		}
	})
}

func TestUnknownMembersPass(t *testing.T) {
	strangers := object{
		{`"A"`, "null"}, {`"Future"`, `{"GroupId":{"x":[1,2,{"groupid":null}]}}`}, {`""`, `""`}, {`"z z"`, "-1.5e-3"}, {`"群"`, `"\u0000"`}, {`"Group"`, "true"}, {`"GroupId2"`, `"x"`},
	}
	everyCommand(t, func(r row, body object) {
		for _, m := range strangers {
			assertBody(t, nil, commandOf(r), and(body, m.name, m.value).String(), "one more")
		}
		assertBody(t, nil, commandOf(r), append(append(object{}, strangers...), body...).String(), "all, before the known")
	})
}

func TestWhitespaceBetweenMembersPasses(t *testing.T) {
	everyCommand(t, func(r row, body object) {
		var pretty bytes.Buffer
		require.NoError(t, json.Indent(&pretty, []byte(body.String()), "\t", "  "), r.command)
		assertBody(t, nil, commandOf(r), pretty.String(), "pretty-printed")
		assertBody(t, nil, commandOf(r), " \t\r\n"+body.String()+" \t\r\n", "around")
	})
}

func TestUnorderedMembersPass(t *testing.T) {
	everyCommand(t, func(r row, body object) {
		var backwards object
		for i := len(body) - 1; i >= 0; i-- {
			backwards = append(backwards, body[i])
		}
		assertBody(t, nil, commandOf(r), backwards.String(), "backwards")
	})
}

func TestURLAndBodyNameOneCommand(t *testing.T) {
	everyCommand(t, func(r row, body object) {
		command := commandOf(r)
		for _, other := range []string{"", "Group.CallbackAfterFoundGroup", strings.ToLower(command), command + " ", command + `\u0000`, "Group.*"} {
			_, refusal := sendBody(command, with(body, "CallbackCommand", `"`+other+`"`).String())
			expected := CommandMismatch
			if other == "" {
				expected = FieldInvalid // it must not be empty
			}
			assertReason(t, expected, refusal, command+": the body says "+other)
		}
		for _, other := range table {
			if other.command != r.command {
				_, refusal := sendBody(commandOf(other), body.String())
				assert.NotNil(t, refusal, command+": the URL says "+commandOf(other))
			}
		}
	})
}

func TestOtherCommands(t *testing.T) {
	for _, tc := range []struct {
		command, body string
		expected      *Reason
	}{
		{"State.StateChange", `{"CallbackCommand":"State.StateChange","Info":{"Action":"Login"}}`, nil},
		{"State.StateChange", `{"CallbackCommand":"C2C.CallbackAfterSendMsg"}`, CommandMismatch},
		{"State.StateChange", `{"CallbackCommand":""}`, CommandMismatch},
		{"State.StateChange", `{"CallbackCommand":7}`, FieldInvalid},
		{"State.StateChange", `{"CallbackCommand":null}`, nil},
		{"State.StateChange", `{"callbackcommand":"State.StateChange"}`, MemberDisguised},
		{"State.StateChange", `{"\u0043allbackCommand":"State.StateChange"}`, MemberDisguised},
		{"State.StateChange", `{"a":1,"a":1}`, MemberRepeated},
		{"State.StateChange", `[]`, BodyNotJSON},
		{"Push.AllMemberPush", `{"Events":[{"EventType":"offline","GroupId":7}]}`, nil},
		{"Push.AllMemberPush", `{"GroupId":{"any":"type"},"MemberList":7}`, nil},
		{"Push.AllMemberPush", `{}`, nil},
		{"Group.CallbackOfTomorrow", `{"CallbackCommand":"Group.CallbackOfTomorrow"}`, nil},
	} {
		event, refusal := sendBody(tc.command, tc.body)
		name := tc.command + ": " + tc.body
		assertReason(t, tc.expected, refusal, name)
		if refusal == nil {
			assert.False(t, event.Checked, name+": has no schema")
		}
		policy := everything()
		policy.Others = false
		_, refusal = Check(policy, post(callbackURL(tc.command), tc.body))
		assertReason(t, CommandNotAllowed, refusal, name+": others are not let in")
	}
}
