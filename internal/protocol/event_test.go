package protocol

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chatgate/chatgate/internal/samples"
)

// What an event tells about itself.

func eventID(t *testing.T, target, body string) string {
	event, refusal := check(everything(), post(target, body))
	assertReason(t, nil, refusal, target)
	if refusal != nil {
		return ""
	}
	id, found, refusal := Value(event, "EventId")
	assertReason(t, nil, refusal, "EventId")
	assert.True(t, found, "every event has an EventId")
	assert.Equal(t, EventID(event.App, event.Command, []byte(body)), id, "the source and the function agree")
	return id
}

func TestEventIDIsStable(t *testing.T) {
	body := `{"GroupId":"@TGS#1","CallbackCommand":"Group.CallbackAfterGroupFull"}`
	target := callbackURL("Group.CallbackAfterGroupFull")
	id := eventID(t, target, body)
	// This very text is promised, a backend may have stored it: sha256sum of
	// "1400000000\nGroup.CallbackAfterGroupFull\n" and the body.
	assert.Equal(t, "b5146a10aa9bcd606a72ea58709f172bb95b5610bbc88ea78c793701d3c43208", id, "an id that was given before")
	for name, again := range map[string]string{
		"the same":         target,
		"another client":   target + "&ClientIP=203.0.113.9&OptPlatform=Web",
		"another second":   target + "&Sign=00&RequestTime=1669872113",
		"a parameter more": target + "&mine=1",
		"in another order": "/other?CallbackCommand=Group.CallbackAfterGroupFull&SdkAppid=1400000000",
		"another spelling": "/callback?SdkAppid=%31400000000&CallbackCommand=Group%2eCallbackAfterGroupFull",
	} {
		assert.Equal(t, id, eventID(t, again, body), name+" is the same event")
	}
	for name, other := range map[string]string{
		"another group":    `{"GroupId":"@TGS#2","CallbackCommand":"Group.CallbackAfterGroupFull"}`,
		"another order":    `{"CallbackCommand":"Group.CallbackAfterGroupFull","GroupId":"@TGS#1"}`,
		"other whitespace": body + "\n",
		"a field more":     `{"GroupId":"@TGS#1","CallbackCommand":"Group.CallbackAfterGroupFull","EventTime":1}`,
	} {
		assert.NotEqual(t, id, eventID(t, target, other), name+" is another event")
	}
	policy := everything()
	policy.Apps["1400000001"] = true
	event, refusal := check(policy, post("/callback?SdkAppid=1400000001&CallbackCommand=Group.CallbackAfterGroupFull", body))
	assertReason(t, nil, refusal, "another app")
	if refusal == nil {
		assert.NotEqual(t, id, EventID(event.App, event.Command, event.body), "another app's event is another one")
	}
	assert.NotEqual(t, eventID(t, callbackURL("Push.A"), `{"a":1}`), eventID(t, callbackURL("Push.B"), `{"a":1}`), "another command's event is another one")
}

func TestEventIDOfALongList(t *testing.T) {
	first := listed(accounts(300) + `,{"Member_Account":"a"}`)
	second := listed(accounts(300) + `,{"Member_Account":"b"}`)
	target := callbackURL(AfterCreateGroup)
	assert.NotEqual(t, eventID(t, target, first), eventID(t, target, second), "the last of 301 members counts")
}

func TestDecodeText(t *testing.T) {
	for _, tc := range []struct {
		value string
		text  string
		ok    bool
	}{
		{`""`, "", true},
		{`"a"`, "a", true},
		{`"群 🏔"`, "群 🏔", true},
		{`"\"\\\/\b\f\n\r\t"`, "\"\\/\b\f\n\r\t", true},
		{`"\u0000"`, "\x00", true},
		{`"\u7fa4\u7FA4"`, "群群", true},
		{`"\ud83c\udfd4"`, "🏔", true},
		{`"\uD83C\uDFD4 \uD83c\uDfD4"`, "🏔 🏔", true},
		{`"\\ud83c"`, `\ud83c`, true},
		{`"\\\\ud83c\\"`, `\\ud83c\`, true},
		{`"\ud7ff\ue000"`, "\ud7ff\ue000", true},
		{`"\ufffd"`, "\ufffd", true},
		{`"\udbff\udfff\ud800\udc00"`, "\U0010ffff\U00010000", true},
		{`"\ud83c"`, "", false},
		{`"\uD83C"`, "", false},
		{`"\udfd4"`, "", false},
		{`"\udfd4\ud83c"`, "", false},
		{`"\ud83c\ud83c\udfd4"`, "", false},
		{`"\ud83c\udfd4\udfd4"`, "", false},
		{`"\ud83c\u0041"`, "", false},
		{`"\ud83c \udfd4"`, "", false},
		{`"\ud83c\\udfd4"`, "", false},
		{`"\ud83c\n"`, "", false},
		{`"\\\ud83c"`, "", false},
		{`"\ud83cdfd4"`, "", false},
		{`"\ud8"`, "", false},
		// any other value is its own text
		{"7", "7", true},
		{"-1.5e3", "-1.5e3", true},
		{"true", "true", true},
		{`{"a": 1}`, `{"a": 1}`, true},
	} {
		text, ok := decodeText(json.RawMessage(tc.value))
		assert.Equal(t, tc.ok, ok, tc.value+": is text")
		if tc.ok {
			assert.Equal(t, tc.text, text, tc.value)
		}
	}
}

// A long text is left out of the headers anyway, so nothing is asked of it.
func TestDecodeTextOfALongOne(t *testing.T) {
	for text, expected := range map[string]bool{
		strings.Repeat("x", 1018) + `\ud800`:   false, // 1021 bytes
		strings.Repeat("x", 1021) + `\ud800`:   false, // 1024 bytes
		strings.Repeat("x", 1022) + `\ud800`:   true,
		strings.Repeat(`\ud83c\udfd4`, 256):    true,
		strings.Repeat(`\ud83c\udfd4`, 100000): true,
		strings.Repeat(`\ud800`, 341):          false,
		strings.Repeat(`\ud800`, 342):          true,
	} {
		_, ok := decodeText(json.RawMessage(`"` + text + `"`))
		assert.Equal(t, expected, ok, short(text))
	}
}

// What can't be a header that every reader agrees with: where it names something, the callback is
// refused as soon as it is asked for; of any other text, the header is left out.
func TestValuesThatCanNotBeHeaders(t *testing.T) {
	const most = 1024
	for _, tc := range []struct {
		name       string
		value      string // as JSON
		identifier *Reason
		text       *Reason
	}{
		{"a name", `"群 🏔"`, nil, nil},
		{"a pair", `"\ud83c\udfd4"`, nil, nil},
		{"U+FFFD", `"\ufffd"`, nil, nil},
		{"U+2028, U+200B, U+FEFF", `"\u2028\u200b\ufeff"`, nil, nil},
		{"as long as can be", `"` + strings.Repeat("x", most) + `"`, nil, nil},
		{"as long as can be, in escapes", `"` + strings.Repeat(`\u0078`, most) + `"`, nil, nil},
		{"too long", `"` + strings.Repeat("x", most+1) + `"`, ValueUnfit, ValueLeftOut},
		{"too long in UTF-8", `"` + strings.Repeat("群", most/3+1) + `"`, ValueUnfit, ValueLeftOut},
		{"half of a pair", `"x\ud83c"`, ValueUnfit, ValueLeftOut},
		{"the other half", `"\udfd4"`, ValueUnfit, ValueLeftOut},
		{"U+0000", `"a\u0000"`, ValueUnfit, ValueLeftOut},
		{"a line break", `"a\r\nb"`, ValueUnfit, nil},
		{"U+0001", `"\u0001"`, ValueUnfit, nil},
		{"DEL", "\"\x7f\"", ValueUnfit, nil},
		{"U+0085", `"\u0085"`, ValueUnfit, nil},
		{"U+009F", "\"\u009f\"", ValueUnfit, nil},
	} {
		body := with(mustReadObject(created("")), "TopicId", `"topic"`)
		for _, field := range []string{"GroupId", "Operator_Account", "Owner_Account", "Type", "Name"} {
			expected := tc.text
			if field == "GroupId" || strings.HasSuffix(field, "_Account") {
				expected = tc.identifier
			}
			name := field + ": " + tc.name
			event, refusal := sendBody(AfterCreateGroup, with(body, field, tc.value).String())
			assertReason(t, nil, refusal, name)
			if refusal != nil {
				continue
			}
			for _, other := range []string{"GroupId", "Type", "Name", "Owner_Account"} {
				_, _, refusal := Value(event, other)
				if other != field {
					assertReason(t, nil, refusal, name+", asked for "+other)
				}
			}
			_, found, refusal := Value(event, field)
			assertReason(t, expected, refusal, name+", asked for")
			assert.Equal(t, expected == nil, found, name+" is there")
			if refusal != nil {
				assert.Contains(t, refusal.Detail, field, name+": where")
			}
			if field == "Operator_Account" {
				_, _, refusal := Value(event, "Operator")
				assertReason(t, tc.identifier, refusal, "Operator: "+tc.name)
			}
		}
		event, refusal := sendBody("ContentCallback.ResultNotify", `{"ContactItem":{"ToGroupId":`+tc.value+`}}`)
		assertReason(t, nil, refusal, "ToGroupId: "+tc.name)
		if refusal == nil {
			_, _, refusal = Value(event, "ContactItem.ToGroupId")
			assertReason(t, tc.identifier, refusal, "ToGroupId: "+tc.name)
		}
		event, refusal = sendBody("Group.CallbackAfterTopicInfoChanged", `{"CallbackCommand":"Group.CallbackAfterTopicInfoChanged","GroupId":"g","Operator_Account":"o","TopicId":`+tc.value+`}`)
		assertReason(t, nil, refusal, "TopicId: "+tc.name)
		if refusal == nil {
			_, _, refusal = Value(event, "TopicId")
			assertReason(t, tc.identifier, refusal, "TopicId: "+tc.name)
		}
	}
}

// A parameter names something, too.
func TestParametersThatCanNotBeHeaders(t *testing.T) {
	for value, expected := range map[string]*Reason{
		"Web": nil, "a%2Bb": nil, "%7E%25": nil, "": nil, strings.Repeat("x", 1024): nil, strings.Repeat("x", 1025): ValueUnfit,
	} {
		for _, parameter := range []string{"ClientIP", "OptPlatform"} {
			name := parameter + "=" + short(value)
			event, refusal := checkQuery(createdQuery + "&" + parameter + "=" + value)
			assertReason(t, nil, refusal, name)
			if refusal == nil {
				_, _, refusal = Value(event, parameter)
				assertReason(t, expected, refusal, name)
			}
		}
	}
}

// A header's number is one that every reader holds exactly, those with doubles, too.
func TestNumbersThatCanNotBeHeaders(t *testing.T) {
	const command = "C2C.CallbackAfterSendMsg"
	for _, tc := range []struct {
		field, value string
		expected     *Reason
	}{
		{"MsgSeq", "0", nil},
		{"MsgSeq", "9007199254740992", nil},
		{"MsgSeq", "9007199254740993", ValueUnfit},
		{"MsgSeq", "9223372036854775807", ValueUnfit},
		{"UnreadMsgNum", "-1", nil},
		{"UnreadMsgNum", "-9007199254740992", nil},
		{"UnreadMsgNum", "-9007199254740993", ValueUnfit},
		{"UnreadMsgNum", "-0", ValueUnfit},
		{"SendMsgResult", "-7", nil},
		{"SendMsgResult", "-0", ValueUnfit},
		{"SendMsgResult", "1.5", ValueUnfit},
		{"SendMsgResult", "1e3", ValueUnfit},
		{"SendMsgResult", "1.0", ValueUnfit},
		{"SendMsgResult", "100000000000000000000", ValueUnfit},
		{"SendMsgResult", `"1.5"`, nil}, // a text
		{"SendMsgResult", `"` + strings.Repeat("9", 1025) + `"`, ValueLeftOut},
		{"EventTime", "1767225600000", nil},
		{"EventTime", `"1767225600000"`, nil},
		{"EventTime", `"9007199254740992"`, nil},
		{"EventTime", `"9007199254740993"`, ValueUnfit},
		{"EventTime", "9223372036854775807", ValueUnfit},
	} {
		name := tc.field + ": " + short(tc.value)
		event, refusal := sendBody(command, samples.With(command, tc.field, tc.value))
		assertReason(t, nil, refusal, name)
		if refusal != nil {
			continue
		}
		value, found, refusal := Value(event, tc.field)
		assertReason(t, tc.expected, refusal, name)
		assert.Equal(t, tc.expected == nil, found, name+" is there")
		if found {
			assert.Equal(t, strings.Trim(tc.value, `"`), value, name)
		}
	}
}

func TestValuesInAnObject(t *testing.T) {
	for body, expected := range map[string]string{
		`{"CallbackCommand":"State.StateChange","Info":{"To_Account":"mara","Action":"Login"}}`:    "mara",
		`{"CallbackCommand":"State.StateChange","Info":{"Action":"Login","To_Account":"\u7fa4"}}`:  "群",
		`{"CallbackCommand":"State.StateChange","Info":{"Action":"Login","To_Account":""}}`:        "",
		`{"CallbackCommand":"State.StateChange","Info":{"Action":"Login","To_Account":null}}`:      "",
		`{"CallbackCommand":"State.StateChange","Info":{"Action":"Login"},"To_Account":"other"}`:   "",
		`{"CallbackCommand":"State.StateChange","Info": { "Action" : "Login" , "To_Account":"a"}}`: "a",
		`{"CallbackCommand":"State.StateChange","Info":{}}`:                                        "",
	} {
		event, refusal := sendBody("State.StateChange", body)
		assertReason(t, nil, refusal, body)
		if refusal != nil {
			continue
		}
		for _, source := range []string{"Info.To_Account", "Operator"} {
			value, _, refusal := Value(event, source)
			assertReason(t, nil, refusal, body+": "+source)
			assert.Equal(t, expected, value, body+": "+source)
		}
		for _, source := range []string{"Info", "To_Account", "KickedDevice.Platform", "Info.Nothing", "Info.", ".", "ContactItem.To_Account"} {
			_, found, _ := Value(event, source)
			assert.False(t, found, body+": "+source)
		}
	}
}

func TestFormsOfEventTime(t *testing.T) {
	for value, expected := range map[string]string{
		"1767225600000": "1767225600000", `"1767225600000"`: "1767225600000", `"0001767225600000"`: "", // a reader may take it for octal
		`"17672256\u0030\u00300\u00300"`: "1767225600000", "0": "0", `"0"`: "0", "null": "",
	} {
		event, refusal := sendBody(AfterCreateGroup, created(`,"EventTime":`+value))
		assertReason(t, nil, refusal, value)
		if refusal == nil {
			found, _, _ := Value(event, "EventTime")
			assert.Equal(t, expected, found, value)
		}
	}
}
