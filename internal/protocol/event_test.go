package protocol

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
)

// What an event tells about itself.

func eventID(t *testing.T, target, body string) string {
	event, refusal := Check(everything(), post(target, body))
	assertReason(t, nil, refusal, target)
	if refusal != nil {
		return ""
	}
	id, found, refusal := Value(event, "EventId")
	assertReason(t, nil, refusal, "EventId")
	assert.True(t, found, "every event has an EventId")
	assert.Equal(t, event.ID(), id, "the source and the function agree")
	return id
}

func TestEventIDIsStable(t *testing.T) {
	body := `{"GroupId":"@TGS#1","CallbackCommand":"Group.CallbackAfterGroupFull"}`
	target := callbackURL("Group.CallbackAfterGroupFull")
	id := eventID(t, target, body)
	// This very text is promised, a backend may have stored it: sha256sum of "1400000000\nGroup.CallbackAfterGroupFull\n" and the body.
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
	event, refusal := Check(policy, post("/callback?SdkAppid=1400000001&CallbackCommand=Group.CallbackAfterGroupFull", body))
	assertReason(t, nil, refusal, "another app")
	if refusal == nil {
		assert.NotEqual(t, id, event.ID(), "another app's event is another one")
	}
	assert.NotEqual(t, eventID(t, callbackURL("Push.A"), "{}"), eventID(t, callbackURL("Push.B"), "{}"), "another command's event is another one")
}

func TestEventIDOfALongList(t *testing.T) {
	first := listed(accounts(300) + `,{"Member_Account":"a"}`)
	second := listed(accounts(300) + `,{"Member_Account":"b"}`)
	target := callbackURL(AfterCreateGroup)
	assert.NotEqual(t, eventID(t, target, first), eventID(t, target, second), "the last of 301 members counts")
}

func TestText(t *testing.T) {
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
		text, ok := Text(json.RawMessage(tc.value))
		assert.Equal(t, tc.ok, ok, tc.value+": is text")
		if tc.ok {
			assert.Equal(t, tc.text, text, tc.value)
		}
	}
}

// Half of a surrogate pair is no text. It is nobody's business unless the field becomes a header.
func TestHalfOfASurrogatePair(t *testing.T) {
	for _, field := range []string{"GroupId", "Operator_Account", "Type", "Name", "Owner_Account"} {
		body := with(readObject(t, created("")), field, `"x\ud83c"`)
		event, refusal := sendBody(AfterCreateGroup, body.String())
		assertReason(t, nil, refusal, field)
		if refusal != nil {
			continue
		}
		for _, other := range []string{"GroupId", "Type", "Name"} {
			_, _, refusal := Value(event, other)
			if other == field {
				assertReason(t, HeaderUnfit, refusal, field+", asked for")
				if refusal != nil {
					assert.Contains(t, refusal.Detail, field, field+": where")
				}
			} else {
				assertReason(t, nil, refusal, field+", asked for "+other)
			}
		}
	}
	event, _ := sendBody(AfterCreateGroup, with(readObject(t, created("")), "Operator_Account", `"\udfd4"`).String())
	_, _, refusal := Value(event, "Operator")
	assertReason(t, HeaderUnfit, refusal, "Operator")
}

func TestDecode(t *testing.T) {
	event, refusal := sendBody(AfterCreateGroup, listed(`{"Member_Account":"a"},{"Member_Account":"b"},{"Member_Account":"群"}`))
	assertReason(t, nil, refusal, "three members")
	if refusal != nil {
		return
	}
	var decoded map[string]any
	assert.NoError(t, event.Decode(&decoded), "three members")
	assert.Equal(t, []any{map[string]any{"Member_Account": "a"}, map[string]any{"Member_Account": "b"}, map[string]any{"Member_Account": "群"}}, decoded["MemberList"])
	var wrong []string
	assert.Error(t, event.Decode(&wrong), "into a list")
}

// The typed access gives a value or a zero, and never fails: what it finds was checked before.
func TestTypedAccess(t *testing.T) {
	const command = "Group.CallbackAfterSendMsg"
	event, refusal := sendBody(command, readTestdata(t, "commands", command+".json"))
	assertReason(t, nil, refusal, command)
	if refusal != nil {
		return
	}
	for source, expected := range map[string]string{
		"GroupId": "@TGS#_@TGS#cP4N2B6LD", "Operator": "王小明", "SdkAppid": testApp, "Random": "77120934", "EventId": event.ID(),
		"ClientIP": "", "Name": "", "MsgBody": "", "Nothing": "", "": "",
	} {
		assert.Equal(t, expected, event.Text(source), source)
	}
	for source, expected := range map[string]int64{
		"Random": 77120934, "MsgTime": 1767225600, "EventTime": 1767225600808, "SdkAppid": 1400000000, "GroupId": 0, "MsgBody": 0, "ErrorCode": 0, "Nothing": 0,
	} {
		assert.Equal(t, expected, event.Integer(source), source)
	}
	for _, list := range []string{"MemberList", "GroupAtInfo", "GroupId", "Nothing"} {
		for _, account := range event.Accounts(list) {
			assert.Empty(t, account, list+" is no list of accounts")
		}
	}
}

func TestFormsOfEventTime(t *testing.T) {
	for value, expected := range map[string]int64{
		"1767225600000": 1767225600000, `"1767225600000"`: 1767225600000, `"0001767225600000"`: 1767225600000, `"17672256\u0030\u00300\u00300"`: 1767225600000,
		"9223372036854775807": 1<<63 - 1, `"9223372036854775807"`: 1<<63 - 1, "0": 0, `"0"`: 0, "null": 0,
	} {
		event, refusal := sendBody(AfterCreateGroup, created(`,"EventTime":`+value))
		assertReason(t, nil, refusal, value)
		if refusal == nil {
			assert.Equal(t, expected, event.Integer("EventTime"), value)
		}
	}
}

func TestAccounts(t *testing.T) {
	for elements, expected := range map[string][]string{
		"":                       {},
		`{"Member_Account":"a"}`: {"a"},
		`{"Member_Account":"a"},{"Member_Account":""},{"Member_Account":"群"}`: {"a", "", "群"},
		`{"Member_Account":"\u0061\"},{"}`:                                    {`a"},{`},
		// what else an element has is no account, and takes none away
		`{"Member_Account":"a","Role":1},{"Level":{"x":null},"Member_Account":"b","member":"c"},{"Member_Account":"d"}`: {"a", "b", "d"},
	} {
		event, refusal := sendBody(AfterCreateGroup, listed(elements))
		assertReason(t, nil, refusal, elements)
		if refusal == nil {
			assert.Equal(t, expected, event.Accounts("MemberList"), elements)
		}
	}
	event, refusal := sendBody(AfterCreateGroup, listed(accounts(5000)))
	assertReason(t, nil, refusal, "5000 accounts")
	if refusal == nil {
		assert.Len(t, event.Accounts("MemberList"), 5000)
	}
	event, refusal = sendBody(AfterCreateGroup, created(`,"MemberList":null`))
	assertReason(t, nil, refusal, "null")
	if refusal == nil {
		assert.Empty(t, event.Accounts("MemberList"), "null")
		assert.Empty(t, event.Accounts("NewMemberList"), "absent")
	}
}
