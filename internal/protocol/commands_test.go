package protocol

import (
	"bytes"
	"encoding/json"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/internal/samples"
)

// Every command has a well-formed body in testdata/commands. It passes as it is, and these tests
// make its malformed twins: each breaks one rule of the table in schema_test.go.

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

// mustReadObject reads an object, with its names in alphabetical order.
func mustReadObject(text string) object {
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &members); err != nil {
		panic(text)
	}
	var o object
	for name, value := range members {
		o = append(o, member{`"` + name + `"`, string(value)})
	}
	sort.Slice(o, func(i, j int) bool { return o[i].name < o[j].name })
	return o
}

// with returns an object in which a field has a value, whether it was there or not. A dotted path
// leads into an object in it.
func with(o object, field, value string) object {
	outer, inner, dotted := strings.Cut(field, ".")
	if !dotted {
		return append(without(o, field), member{`"` + field + `"`, value})
	}
	return with(o, outer, with(innerObject(o, outer), inner, value).String())
}

// innerObject reads an object in an object, empty where there is none.
func innerObject(o object, field string) object {
	var found object
	for _, m := range o {
		if m.name == `"`+field+`"` {
			found = mustReadObject(m.value)
		}
	}
	return found
}

func without(o object, field string) object {
	outer, inner, dotted := strings.Cut(field, ".")
	if dotted {
		return with(o, outer, without(innerObject(o, outer), inner).String())
	}
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
	return rightOf(r)[0]
}

// everyCommand calls f with each command's well-formed body.
func everyCommand(f func(e entry, body object)) {
	for _, e := range table {
		f(e, mustReadObject(samples.Body(e.name)))
	}
}

// everyField calls f with every field of every command.
func everyField(f func(command string, r rule, body object)) {
	everyCommand(func(e entry, body object) {
		for _, rule := range rulesFor(e.name) {
			f(e.name, rule, body)
		}
	})
}

// everyPart calls f with every known object in a body, and every list of known elements, in the
// body of one command. one is an object with all that is known there.
func everyPart(f func(command string, r rule, body, one object)) {
	done := map[string]bool{}
	everyField(func(command string, r rule, body object) {
		if r.inner == nil || done[r.name] {
			return
		}
		done[r.name] = true
		var one object
		for _, inner := range r.inner {
			one = append(one, member{`"` + inner.name + `"`, rightOf(inner)[0]})
		}
		f(command, r, body, one)
	})
}

// assertBody holds the verdict on a command's body against the reason that is expected, nil for
// none.
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
	var commands []string
	for _, e := range table {
		commands = append(commands, e.name)
	}
	sort.Strings(commands)
	assert.Equal(t, commands, Commands(), "table in schema_test.go and schemas in command.go have the same commands")
	assert.Equal(t, commands, samples.Commands(), "testdata/commands has a body for every command")
}

func TestWellFormedBodiesPass(t *testing.T) {
	for _, command := range samples.Commands() {
		body := samples.Body(command)
		event, refusal := sendBody(command, body)
		assertReason(t, nil, refusal, command)
		if refusal != nil {
			continue
		}
		assert.True(t, event.Known, command+": is held against a schema")
		assert.Equal(t, command, event.Command, command)
		assert.Equal(t, testApp, event.App, command)
		assert.Equal(t, body, string(event.body), command+": the very bytes")
	}
}

func TestScalarFieldsAreSources(t *testing.T) {
	sources := map[string]bool{}
	for _, source := range Sources() {
		sources[source] = true
	}
	everyCommand(func(e entry, body object) {
		event, refusal := sendBody(e.name, body.String())
		if refusal != nil {
			assertReason(t, nil, refusal, e.name)
			return
		}
		headers := map[string]bool{}
		for _, p := range pathsOf(e.name) {
			headers[p.text] = true
			assert.True(t, sources[p.text], e.name+": "+p.text+": every field of the table that can be a header is a source")
			from := body
			if p.outer != "" {
				from = innerObject(body, p.outer)
			}
			var expected *node
			for _, m := range from {
				if m.name == `"`+p.rule.name+`"` && m.value != "null" {
					expected = parse(m.value)
				}
			}
			if p.text != "CallbackCommand" {
				assertValue(t, event, p, expected, e.name+": "+p.text)
			}
		}
		for _, r := range rulesFor(e.name) {
			if !headers[r.name] {
				_, found, refusal := Value(event, r.name)
				assertReason(t, nil, refusal, e.name+": "+r.name)
				assert.False(t, found, e.name+": "+r.name+" is neither a string nor a number")
			}
		}
	})
}

func TestSourcesBesideTheFields(t *testing.T) {
	fields := map[string]bool{}
	for _, e := range table {
		for _, p := range pathsOf(e.name) {
			fields[p.text] = true
		}
	}
	var beside []string
	for _, source := range Sources() {
		if !fields[source] {
			beside = append(beside, source)
		}
		delete(fields, source)
	}
	assert.Equal(t, []string{"ClientIP", "EventId", "Operator", "OptPlatform", "SdkAppid"}, beside, "the URL's parameters, and what is derived")
	assert.Empty(t, fields, "every field is a source")
}

func TestOperatorIsWhoActed(t *testing.T) {
	everyCommand(func(e entry, body object) {
		actors := strings.Fields(e.actors)
		for i, actor := range actors {
			body = with(body, actor, `"actor`+string(rune('0'+i))+` 群"`)
		}
		assertOperator(t, e.name, body, len(actors) > 0, "actor0 群", "the first choice")
		if len(actors) == 0 {
			for _, r := range rulesFor(e.name) {
				assert.NotEqual(t, "Operator_Account", r.name, e.name+": has an operator")
			}
			// A command in which nobody acts has no operator, even if a field is there that is one
			// elsewhere.
			assertOperator(t, e.name, with(body, "Operator_Account", `"x"`), false, "", "an unknown field")
			return
		}
		if isRequired(e.name, actors[0]) {
			return
		}
		for _, absent := range []object{without(body, actors[0]), with(body, actors[0], "null"), with(body, actors[0], `""`)} {
			assertOperator(t, e.name, absent, len(actors) > 1, "actor1 群", "the second choice")
		}
	})
}

func TestOperatorOfAMessageInAnOldLiveGroup(t *testing.T) {
	body := mustReadObject(samples.Body("Group.CallbackAfterSendMsg"))
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

// What is no field of a command's is never taken for one: it was not checked, neither its type nor
// its twins.
func TestOnlyACommandsOwnFieldsAreItsSources(t *testing.T) {
	everyCommand(func(e entry, body object) {
		own := map[string]bool{}
		for _, rule := range rulesFor(e.name) {
			own[rule.name] = true
		}
		for _, field := range []string{"GroupId", "TopicId", "Operator_Account", "Owner_Account", "EventTime", "Name", "Type"} {
			if own[field] {
				continue
			}
			for _, value := range []string{`"unknown"`, "null", `{"a": 1}`, "7"} {
				name := e.name + " has no " + field + ", sent " + value
				event, refusal := sendBody(e.name, and(body, `"`+field+`"`, value).String())
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
	everyField(func(command string, r rule, body object) {
		if r.required {
			assertBody(t, FieldMissing, command, without(body, r.name).String(), "without "+r.name)
			assertBody(t, FieldMissing, command, with(body, r.name, "null").String(), r.name+" null")
		} else {
			assertBody(t, nil, command, without(body, r.name).String(), "without "+r.name)
			assertBody(t, nil, command, with(body, r.name, "null").String(), r.name+" null")
		}
		if r.isString() && r.name != "CallbackCommand" {
			var expected *Reason
			if r.filled {
				expected = FieldInvalid
			}
			assertBody(t, expected, command, with(body, r.name, `""`).String(), r.name+" empty")
		}
	})
}

func TestTypesOfFields(t *testing.T) {
	lists := map[string]bool{}
	everyField(func(command string, r rule, body object) {
		if r.name == "CallbackCommand" || lists[r.name] {
			return // it has to be the URL's; and a list is the same everywhere
		}
		lists[r.name] = r.inner != nil
		for _, value := range wrongOf(r) {
			_, refusal := sendBody(command, with(body, r.name, value).String())
			name := command + ": " + r.name + " is no " + r.kind + ": " + value
			assertReason(t, FieldInvalid, refusal, name)
			if refusal != nil {
				assert.Contains(t, refusal.Detail, r.name, name+": where")
				assert.Contains(t, refusal.Detail, "expected", name+": what")
				assert.Contains(t, refusal.Detail, "found ", name+": what was there instead")
			}
		}
		for _, value := range rightOf(r) {
			assertBody(t, nil, command, with(body, r.name, value).String(), r.name+" is a "+r.kind)
		}
	})
}

// What stands in a known object, or in the elements of a list, is held against its rules as
// strictly as what stands at the top.
func TestMembersOfParts(t *testing.T) {
	everyPart(func(command string, r rule, body, one object) {
		send := func(expected *Reason, element object, name string) {
			value := within(r, element.String())
			assertBody(t, expected, command, with(body, r.name, value).String(), r.name+": "+name)
			if r.kind == "list" {
				value = "[" + one.String() + "," + element.String() + "," + one.String() + "]"
				assertBody(t, expected, command, with(body, r.name, value).String(), r.name+"[1]: "+name)
			}
		}
		for _, inner := range r.inner {
			var missing *Reason
			if inner.required {
				missing = FieldMissing
			}
			quoted := `"` + inner.name + `"`
			value := rightOf(inner)[0]
			send(missing, without(one, inner.name), "without "+inner.name)
			send(missing, with(one, inner.name, "null"), inner.name+" null")
			send(MemberRepeated, and(one, quoted, value), inner.name+" twice")
			if !inner.required {
				send(MemberRepeated, and(one, quoted, "null"), inner.name+" twice, the second null")
			}
			send(MemberMisspelt, renamed(one, inner.name, `"`+escape(inner.name[:1])+inner.name[1:]+`"`), inner.name+" spelt with an escape")
			for _, twin := range twins(inner.name) {
				send(MemberMisspelt, and(one, `"`+twin+`"`, value), twin+" beside "+inner.name)
			}
		}
		send(nil, and(one, `"More"`, `{"a":1,"a":2,"":3}`), "an unknown member")
		send(MemberRepeated, and(and(one, `"More"`, "1"), `"More"`, "1"), "an unknown member twice")
		for _, name := range noNames {
			send(MemberMisspelt, and(one, name, "1"), name+" is no name")
		}
	})
}

func TestRepeatedMembers(t *testing.T) {
	everyField(func(command string, r rule, body object) {
		value := valueOf(body, r)
		body = with(body, r.name, value)
		assertBody(t, MemberRepeated, command, and(body, `"`+r.name+`"`, value).String(), r.name+" twice, the same value")
		assertBody(t, MemberRepeated, command, and(body, `"`+r.name+`"`, value).String()+"\n", r.name+" twice, not compact")
		if r.name != "CallbackCommand" && r.isString() {
			assertBody(t, MemberRepeated, command, and(body, `"`+r.name+`"`, `"other"`).String(), r.name+" twice, another value")
		}
		if !r.required {
			assertBody(t, MemberRepeated, command, and(body, `"`+r.name+`"`, "null").String(), r.name+" twice, the second null")
			assertBody(t, MemberRepeated, command, and(with(body, r.name, "null"), `"`+r.name+`"`, value).String(), r.name+" twice, the first null")
		}
	})
	everyCommand(func(e entry, body object) {
		assertBody(t, MemberRepeated, e.name, and(and(body, `"New"`, "1"), `"New"`, "1").String(), "an unknown member twice")
		assertBody(t, MemberRepeated, e.name, and(and(body, `"New"`, "1"), `"\u004eew"`, "1").String(), "an unknown member twice, once with an escape")
		assertBody(t, nil, e.name, and(and(body, `"New"`, "1"), `"new"`, "1").String(), "unknown members may differ in case")
	})
}

// A parser that ignores case takes a twin for the field itself, encoding/json does, and where both
// are there it takes the last. Others ignore underscores, too.
func TestTwins(t *testing.T) {
	everyField(func(command string, r rule, body object) {
		value := valueOf(body, r)
		body = with(body, r.name, value)
		for _, twin := range twins(r.name) {
			assertBody(t, MemberMisspelt, command, and(body, `"`+twin+`"`, value).String(), twin+" after "+r.name)
		}
		twin := snake(r.name)
		if twin == r.name {
			twin = strings.ToUpper(twin) // key, value
		}
		assertBody(t, MemberMisspelt, command, append(object{{`"` + twin + `"`, value}}, body...).String(), twin+" before "+r.name)
		assertBody(t, MemberMisspelt, command, and(body, `"`+twin+`"`, "null").String(), twin+" null")
		if !r.required {
			assertBody(t, MemberMisspelt, command, renamed(body, r.name, `"`+twin+`"`).String(), twin+" for "+r.name)
		}
	})
}

// twins are other spellings of a name, among them the letters outside ASCII that fold to an ASCII
// one.
func twins(name string) []string {
	spellings := []string{
		strings.ToUpper(name), strings.ToLower(name),
		strings.ToLower(name[:1]) + name[1:],
		strings.ReplaceAll(name, "_", ""), name + "_", "_" + name, snake(name), strings.ToUpper(snake(name)),
		strings.ReplaceAll(name, "_", "-"), strings.ReplaceAll(name, "_", " "), name + " ",
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

// snake writes GroupId as group_id.
func snake(name string) string {
	written := ""
	for i, c := range name {
		if i > 0 && 'A' <= c && c <= 'Z' && !strings.HasSuffix(written, "_") {
			written += "_"
		}
		written += strings.ToLower(string(c))
	}
	return written
}

// What counts as absent must not make up for a member that has to be looked at.
func TestNullHidesNoTwin(t *testing.T) {
	everyCommand(func(e entry, body object) {
		command := e.name
		rules := rulesFor(command)
		for _, absent := range rules {
			if absent.required {
				continue
			}
			hidden := with(body, absent.name, "null")
			assertBody(t, MemberMisspelt, command, and(hidden, `"callbackcommand"`, `"x"`).String(), absent.name+" null and a twin")
			assertBody(t, MemberRepeated, command, and(and(hidden, `"New"`, "1"), `"New"`, "2").String(), absent.name+" null and a repeated unknown member")
		}
	})
}

func TestNamesSpeltWithEscapes(t *testing.T) {
	everyField(func(command string, r rule, body object) {
		value := valueOf(body, r)
		body = with(body, r.name, value)
		escaped := `"` + escape(r.name[:1]) + r.name[1:] + `"`
		assertBody(t, MemberMisspelt, command, renamed(body, r.name, escaped).String(), escaped)
		_, refusal := sendBody(command, and(body, escaped, value).String())
		assert.Contains(t, []string{reasonName(MemberRepeated), reasonName(MemberMisspelt)}, reasonName(reasonOf(refusal)), command+": "+r.name+" and "+escaped)
	})
	everyCommand(func(e entry, body object) {
		assertBody(t, MemberMisspelt, e.name, and(body, `"\u004eew"`, "1").String(), "an unknown member spelt with an escape")
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
	everyField(func(command string, r rule, body object) {
		if !r.isString() {
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
	unknown := object{
		{`"A"`, "null"}, {`"Future"`, `{"GroupId":{"x":[1,2,{"groupid":null}]},"":1,"群":2,"a b":3,"\u0041":4}`},
		{`"_"`, `""`}, {`"__z"`, "-1.5e-3"}, {`"0"`, `"\u0000"`}, {`"Grou"`, "true"}, {`"GroupId2"`, `"x"`}, {`"ZZ_9_z"`, "[]"},
	}
	everyCommand(func(e entry, body object) {
		for _, m := range unknown {
			assertBody(t, nil, e.name, and(body, m.name, m.value).String(), "one more")
		}
		assertBody(t, nil, e.name, append(append(object{}, unknown...), body...).String(), "all, before the known")
	})
}

// noNames are member names, as they are written, that the vendor does not give.
var noNames = []string{
	`""`, `" "`, `"z z"`, `"a-b"`, `"a.b"`, `"$a"`, `"a[]"`, `"群"`, `"é"`, `"a\u0000"`, `"\u0000"`, `"GroupId\u0000x"`, `"GroupId\u0000"`,
	"\"a\x7f\"", `"\u0041"`, `"a\/b"`, `"\ud800"`, "\"\ufeffa\"", "\"a\u200b\"", `"Info.To_Account"`, `"a\n"`,
}

func TestNamesThatAreNone(t *testing.T) {
	everyCommand(func(e entry, body object) {
		for _, name := range noNames {
			assertBody(t, MemberMisspelt, e.name, and(body, name, "1").String(), name)
			assertBody(t, MemberMisspelt, e.name, append(object{{name, "null"}}, body...).String(), name+" before the known")
		}
	})
	for _, name := range noNames {
		assertBody(t, MemberMisspelt, "Group.CallbackOfTomorrow", "{"+name+":1}", name+", in a body without a schema")
	}
}

func TestWhitespaceBetweenMembersPasses(t *testing.T) {
	everyCommand(func(e entry, body object) {
		var pretty bytes.Buffer
		require.NoError(t, json.Indent(&pretty, []byte(body.String()), "\t", "  "), e.name)
		assertBody(t, nil, e.name, pretty.String(), "pretty-printed")
		assertBody(t, nil, e.name, " \t\r\n"+body.String()+" \t\r\n", "around")
	})
}

func TestUnorderedMembersPass(t *testing.T) {
	everyCommand(func(e entry, body object) {
		var backwards object
		for i := len(body) - 1; i >= 0; i-- {
			backwards = append(backwards, body[i])
		}
		assertBody(t, nil, e.name, backwards.String(), "backwards")
	})
}

func TestURLAndBodyNameOneCommand(t *testing.T) {
	everyCommand(func(e entry, body object) {
		inBody := isRequired(e.name, "CallbackCommand")
		for _, other := range []string{"", "Group.CallbackAfterFoundGroup", strings.ToLower(e.name), e.name + " ", e.name + `\u0000`, "Group.*"} {
			_, refusal := sendBody(e.name, with(body, "CallbackCommand", `"`+other+`"`).String())
			expected := CommandMismatch
			if other == "" && inBody {
				expected = FieldInvalid // it must not be empty
			}
			assertReason(t, expected, refusal, e.name+": the body says "+other)
		}
		assertBody(t, nil, e.name, with(body, "CallbackCommand", `"`+e.name+`"`).String(), "the URL's")
		for _, other := range table {
			if other.name != e.name && inBody {
				_, refusal := sendBody(other.name, body.String())
				assert.NotNil(t, refusal, e.name+": the URL says "+other.name)
			}
		}
	})
}

// A push has no command of its own, its events have.
func TestEventsNameTheCommand(t *testing.T) {
	for named, expected := range map[string]*Reason{
		`"Push.OfflinePush"`: nil, `"Push.\u004ffflinePush"`: nil, "null": nil, `"Push.AllMemberPush"`: CommandMismatch, `""`: CommandMismatch, "7": FieldInvalid,
	} {
		assertBody(t, expected, "Push.OfflinePush", `{"Events":[{"EventType":1},{"CallbackCommand":`+named+`}]}`, "an event of "+named)
	}
}

func TestOtherCommands(t *testing.T) {
	const tomorrow = "Group.CallbackOfTomorrow"
	for _, tc := range []struct {
		command, body string
		expected      *Reason
	}{
		{tomorrow, `{"CallbackCommand":"Group.CallbackOfTomorrow","Info":{"Action":"Login"}}`, nil},
		{tomorrow, `{"CallbackCommand":"C2C.CallbackAfterSendMsg"}`, CommandMismatch},
		{tomorrow, `{"CallbackCommand":""}`, CommandMismatch},
		{tomorrow, `{"CallbackCommand":7}`, FieldInvalid},
		{tomorrow, `{"CallbackCommand":null}`, nil},
		{tomorrow, `{"callbackcommand":"Group.CallbackOfTomorrow"}`, MemberMisspelt},
		{tomorrow, `{"Callback_Command":"Group.CallbackOfTomorrow"}`, MemberMisspelt},
		{tomorrow, `{"\u0043allbackCommand":"Group.CallbackOfTomorrow"}`, MemberMisspelt},
		{tomorrow, `{"a":1,"a":1}`, MemberRepeated},
		{tomorrow, `[]`, BodyNotJSON},
		{"Live.CallbackAfterCreateRoom", `{"Events":[{"EventType":"offline","GroupId":7,"a":1,"a":2}]}`, nil},
		{"Push.TagPush", `{"GroupId":{"any":"type"},"MemberList":7}`, nil},
		{"Push.TagPush", `{"groupid":1,"GroupId":2,"GROUP_ID":3}`, nil},
		{"Push.TagPush", `{}`, nil},
		{tomorrow, `{"CallbackCommand":"\ud800"}`, CommandMismatch},
		{tomorrow, `{"__proto__":{"GroupId":"x"}}`, MemberMisspelt},
		{tomorrow, `{"A":{"__proto__":{"GroupId":"x"}}}`, nil}, // beneath, where nobody looks
	} {
		event, refusal := sendBody(tc.command, tc.body)
		name := tc.command + ": " + tc.body
		assertReason(t, tc.expected, refusal, name)
		if refusal == nil {
			assert.False(t, event.Known, name+": has no schema")
		}
		policy := everything()
		policy.Others = false
		_, refusal = check(policy, post(callbackURL(tc.command), tc.body))
		assertReason(t, CommandNotAllowed, refusal, name+": others are not let in")
	}
}
