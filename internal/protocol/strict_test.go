package protocol

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chatgate/chatgate/internal/samples"
)

// Strict JSON in strict UTF-8: whatever two parsers may read in two ways is refused. Every body
// here that is not long is also held against the reference of reference_test.go, by TestFuzzSeeds
// and FuzzBody.

// created is a well-formed body of a created group with more members after the known ones.
func created(more string) string {
	return `{"CallbackCommand":"Group.CallbackAfterCreateGroup","GroupId":"@TGS#1","Name":"n","Operator_Account":"o","Type":"Public"` + more + `}`
}

// listed is the same with a MemberList that has the elements given.
func listed(elements string) string { return created(`,"MemberList":[` + elements + `]`) }

type strictCase struct {
	body     string
	expected *Reason
}

var wholeBodies = []strictCase{
	{created(""), nil},
	{"", BodyNotJSON},
	{" \n", BodyNotJSON},
	{"{", BodyNotJSON},
	{"}", BodyNotJSON},
	{"null", BodyNotJSON},
	{"true", BodyNotJSON},
	{"7", BodyNotJSON},
	{`"x"`, BodyNotJSON},
	{"[]", BodyNotJSON},
	{"[" + created("") + "]", BodyNotJSON},
	{"{}", FieldMissing},
	{created("") + "x", BodyNotJSON},
	{created("") + created(""), BodyNotJSON},
	{created("") + ",", BodyNotJSON},
	{created("") + "\x00", BodyNotJSON},
	{created("") + "\u00a0", BodyNotJSON},
	{created("") + "//", BodyNotJSON},
	{"\ufeff" + created(""), BodyNotJSON},
	{"\v" + created(""), BodyNotJSON},
	{created(","), BodyNotJSON},
	{created(`,"A"`), BodyNotJSON},
	{created(`,"A":`), BodyNotJSON},
	{created(`,"A" 1`), BodyNotJSON},
	{created(`,A:1`), BodyNotJSON},
	{created(`,'A':1`), BodyNotJSON},
	{created(`,"A":'1'`), BodyNotJSON},
	{created(`,"A":01`), BodyNotJSON},
	{created(`,"A":+1`), BodyNotJSON},
	{created(`,"A":.5`), BodyNotJSON},
	{created(`,"A":1.`), BodyNotJSON},
	{created(`,"A":1e`), BodyNotJSON},
	{created(`,"A":-`), BodyNotJSON},
	{created(`,"A":0x1`), BodyNotJSON},
	{created(`,"A":NaN`), BodyNotJSON},
	{created(`,"A":Infinity`), BodyNotJSON},
	{created(`,"A":True`), BodyNotJSON},
	{created(`,"A":nul`), BodyNotJSON},
	{created(`,"A":[1,]`), BodyNotJSON},
	{created(`,"A":{"a":1,}`), BodyNotJSON},
	{created(`,"A":[1}`), BodyNotJSON},
	{created(`,"A":"` + "\n" + `"`), BodyNotJSON},
	{created(`,"A":"` + "\x1f" + `"`), BodyNotJSON},
	{created(`,"A":"` + "\x7f\u0085\u2028" + `"`), nil},
	{created(`,"A":"\x41"`), BodyNotJSON},
	{created(`,"A":"\u12"`), BodyNotJSON},
	{created(`,"A":"\u12g4"`), BodyNotJSON},
	{created(`,"A":"\U0041"`), BodyNotJSON},
	{created(`,"A":"\'"`), BodyNotJSON},
	{created(`,"A":"\`), BodyNotJSON},
	{created(`,"A":[-0,0,-1.5,1e9,1E-9,1.0e+09,"\ud800"]`), nil},
	{created(`,/**/"A":1`), BodyNotJSON},
	{created(`,"A":"` + "\xff" + `"`), BodyNotUTF8},
	{created(`,"A":"` + "\xc0\x80" + `"`), BodyNotUTF8},     // an overlong NUL
	{created(`,"A":"` + "\xed\xa0\x80" + `"`), BodyNotUTF8}, // a surrogate
	{created(`,"A":"` + "\xf4\x90\x80\x80" + `"`), BodyNotUTF8},
	{created(`,"A":"` + "\xe7\xbe" + `"`), BodyNotUTF8},
	{created(`,"` + "\xff" + `":1`), BodyNotUTF8},
	{"\xff\xfe{\x00}\x00", BodyNotUTF8},
	{created(`,"A":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000)), nil},
	{created(`,"A":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000)), BodyNotJSON}, // deeper than encoding/json reads
	{created(`,"A":` + strings.Repeat("[", 100000)), BodyNotJSON},
	{created(`,"__proto__":1`), MemberMisspelt},
	{created(`,"__proto__":{"GroupId":"x"}`), MemberMisspelt},
	{created(`,"_proto_":1,"__proto":1,"proto__":1,"constructor":1,"prototype":1`), nil},
	{created(`,"__dict__":{"GroupId":"x"}`), MemberMisspelt},
	{created(`,"__PROTO__":1`), MemberMisspelt},
	{created(`,"__":1`), MemberMisspelt},
	{created(`,"A":{"__proto__":1}`), nil},
	{listed(`{"Member_Account":"a","__proto__":1}`), MemberMisspelt},
	{created(unknownMembers(200)), nil},
	{created(unknownMembers(201)), TooManyMembers},
	{created(unknownMembers(50000)), TooManyMembers},
	{created(strings.Repeat(`,"A":1`, 50000)), MemberRepeated},
}

// unknownMembers are members that no schema has, each with a name of its own.
func unknownMembers(n int) string {
	var more strings.Builder
	for i := 0; i < n; i++ {
		more.WriteString(`,"s` + strconv.Itoa(i) + `":1`)
	}
	return more.String()
}

// A list's elements are as strict as the body itself, and beneath them everything passes that is
// JSON.
var elementBodies = []strictCase{
	{listed(""), nil},
	{listed(`{"Member_Account":"a"}`), nil},
	{listed(`{}`), FieldMissing},
	{listed(`{"Member_Account":null}`), FieldMissing},
	{listed(`{"Member_Account":"a"},{"Role":"Admin"}`), FieldMissing},
	{listed(`{"Member_Account":"a","Member_Account":"b"}`), MemberRepeated},
	{listed(`{"Member_Account":"a","Member_Account":"a"},{"Member_Account":"c"}`), MemberRepeated},
	{listed(`{"Member_Account":"a"},{"Member_Account":"b","Member_Account":"c"}`), MemberRepeated},
	{listed(`{"Member_Account":"a","member_account":"b"}`), MemberMisspelt},
	{listed(`{"Member_Account":"a"},{"MEMBER_ACCOUNT":"b","Member_Account":"c"}`), MemberMisspelt},
	{listed(`{"\u004dember_Account":"a"}`), MemberMisspelt},
	{listed(`{"Member_Account":"a"}, {"Member\u005fAccount":"a"}`), MemberMisspelt},
	{listed(`{"Member_Account":"a","Role":1,"Role":2}`), MemberRepeated},
	{listed(`{"Member_Account":"a","Role":{"x":1,"x":2}}`), nil},
	{listed(` { "Member_Account" : "a" } , { "Member_Account" : "b" } `), nil},
	{created(`,"UserDefinedDataList":[{"Key":"k","Value":"v"}]`), nil},
	{created(`,"UserDefinedDataList":[{"Key":"k"}]`), nil},
	{created(`,"UserDefinedDataList":[{"Value":"v"}]`), FieldMissing},
	{created(`,"UserDefinedDataList":[{"Key":"k","Value":"v","value":"w"}]`), MemberMisspelt},
	{created(`,"UserDefinedDataList":[{"Key":"k","key":"w","Value":null}]`), MemberMisspelt}, // null hides no twin
	{created(`,"UserDefinedDataList":[{"Key":"k","Value":"v","Value":"v"}]`), MemberRepeated},
}

// Most of a long body is a list of accounts, and a parser may be tempted to skip what lies between
// the first and the last. What looks like such a list, and is something else, has to be read all
// the same.
var accountBodies = []strictCase{
	{listed(`{"Member_Account":"a"},{"Member_Account":"b"}`), nil},
	{listed(`{"Member_Account":""},{"Member_Account":""}`), nil},
	{listed(accounts(5000)), nil},
	{listed(`{"Member_Account":"}]"},{"Member_Account":"},{"},{"Member_Account":":[{"}`), nil},
	{listed(`{"Member_Account":"\"},{\"Member_Account\":\""},{"Member_Account":"\\"}`), nil},
	{listed(`{"Member_Account":"a\"},{"Member_Account":"b"}`), BodyNotJSON},
	{listed(`{"Member_Account":"a"},{"Member_Account":"` + "\t" + `"}`), BodyNotJSON},
	{listed(`{"Member_Account":"a` + "\x00" + `"},{"Member_Account":"b"}`), BodyNotJSON},
	{listed(`{"Member_Account":"a` + "\xff" + `"},{"Member_Account":"b"}`), BodyNotUTF8},
	{listed(`{"Member_Account":"` + "\xe7" + `"},{"Member_Account":"` + "\xbe\xa4" + `"}`), BodyNotUTF8}, // would be right if put together
	{listed(`{"Member_Account":"a"},{"Member_Account":"},{"Member_Account":"b"}`), BodyNotJSON},
	{listed(`{"Member_Account":"a"},{"Member_Account":"},{"Member_Account":"},{"Member_Account":"b"}`), BodyNotJSON},
	{listed(`{"Member_Account":"},{"Member_Account":"b"}`), BodyNotJSON},
	{listed(`{"Member_Account":"a"},{"Member_Account":"b"},7`), FieldInvalid},
	{listed(`{"Member_Account":"a"},{"Member_Account":7},{"Member_Account":"b"}`), FieldInvalid},
	{listed(`{"Member_Account":"a"},{"Member_Account":"b"},null,{"Member_Account":"c"}`), FieldInvalid},
	{listed(`{"Member_Account":"a"},{"Member_account":"b"},{"Member_Account":"c"}`), MemberMisspelt},
	{listed(`{"Member_Account":"a"},,{"Member_Account":"b"}`), BodyNotJSON},
	{listed(`{"Member_Account":"a"}{"Member_Account":"b"}`), BodyNotJSON},
	{listed(`{"Member_Account":"a"},{"Member_Account":"b"},`), BodyNotJSON},
	{listed(`{"Member_Account":"a"},{"Member_Account":"b"`), BodyNotJSON},
	{listed(`{"Member_Account":"a"},[{"Member_Account":"b"}]`), FieldInvalid},
	{listed(`{"Member_Account":"a"},{"Member_Account":"b"}],"MemberList":[{"Member_Account":"c"}`), MemberRepeated},
	{listed(`{"Member_Account":"a"},{"Member_Account":"b"}],"memberList":[{"Member_Account":"c"}`), MemberMisspelt},
	{listed(`{"Member_Account":"a"},{"Member_Account":"b"}],"GroupId":"x","A":[{"Member_Account":"c"}`), MemberRepeated},
	{listed(`{"Member_Account":"a"}],"UserDefinedDataList":[{"Key":"k","Key":"l","Value":"v"}`), MemberRepeated},
	{listed(`{"Member_Account":"a"},7],"UserDefinedDataList":[{"Key":"k","Value":"v"}`), FieldInvalid},
	// in another list, where accounts are not what it should have
	{created(`,"UserDefinedDataList":[{"Member_Account":"a"}]`), FieldMissing},
	{created(`,"UserDefinedDataList":[{"Member_Account":"a"},{"Member_Account":"b"}]`), FieldMissing},
	{created(`,"UserDefinedDataList":[{"Member_Account":""}]`), FieldMissing},
	{created(`,"UserDefinedDataList":[{"Member_Account":""}],"MemberList":[{"Member_Account":"a"}]`), FieldMissing},
	// in a member that nothing is known of, before the list itself
	{`{"A":[{"Member_Account":"a"}],` + listed(`{"Member_Account":7}`)[1:], FieldInvalid},
	{`{"A":[{"Member_Account":"a"},{"Member_Account":"b"}],` + listed(`{"Member_Account":"c","Member_Account":"d"}`)[1:], MemberRepeated},
	{`{"A":{"B":[{"Member_Account":"a"},{"Member_Account":"b"}]},` + created("")[1:], nil},
	{`{"InviteOption":[{"Member_Account":"a"},{"Member_Account":"b"}],` + created("")[1:], nil},
	{`{"":[{"Member_Account":"a"},{"Member_Account":"b"}],` + created("")[1:], MemberMisspelt},
	{`{"\"":[{"Member_Account":"a"},{"Member_Account":"b"}],` + created("")[1:], MemberMisspelt},
	{`{"\\":[{"Member_Account":"a"},{"Member_Account":"b"}],` + created("")[1:], MemberMisspelt},
	{`{"GroupId":[{"Member_Account":"a"},{"Member_Account":"b"}],` + created("")[1:], MemberRepeated},
	{strings.Replace(created(""), `"GroupId":"@TGS#1"`, `"GroupId":[{"Member_Account":"a"},{"Member_Account":"b"}]`, 1), FieldInvalid},
	// in a string
	{strings.Replace(created(""), `"Name":"n"`, `"Name":"\":[{\"Member_Account\":\"a\"},{\"Member_Account\":\"b\"}]"`, 1), nil},
	{strings.Replace(created(""), `"Name":"n"`, `"Name":"\":[{"Member_Account":"a"},{"Member_Account":"b"}]"`, 1), BodyNotJSON},
	{strings.Replace(created(""), `"Name":"n"`, `"Name":":[{"Member_Account":"a"},{"Member_Account":"b"}]"`, 1), BodyNotJSON},
	{strings.Replace(created(""), `"Name":"n"`, `":[{"Member_Account":"a"},{"Member_Account":"b"}]:"n"`, 1), BodyNotJSON},
	{strings.Replace(created(""), `"Name":"n"`, `"Name":"n"":[{"Member_Account":"a"},{"Member_Account":"b"}]`, 1), BodyNotJSON},
	{`":[{"Member_Account":"a"}]`, BodyNotJSON},
	{`":[{"Member_Account":"`, BodyNotJSON},
	{`":[{"Member_Account":"}]`, BodyNotJSON},
}

// accounts are n elements of a MemberList.
func accounts(n int) string {
	return times(`{"Member_Account":"member"}`, n)
}

// What is looked at one by one is bounded, and what users write is not: a brace in a string is no
// object. Nobody can bring a refusal about.
func TestBounds(t *testing.T) {
	const push = "Push.AllMemberPush"
	braces := strings.Repeat("{", 300000)
	object := func(members int) string { return "{" + unknownMembers(members)[1:] + "}" }
	for _, tc := range []struct {
		name, command, body string
		expected            *Reason
	}{
		{"200 unknown", push, `{"Events":[]` + unknownMembers(200) + `}`, nil},
		{"201 unknown", push, `{"Events":[]` + unknownMembers(201) + `}`, TooManyMembers},
		{"200 unknown in a list", push, `{"Events":[` + unknownInList(200) + `]}`, nil},
		{"201 unknown in a list", push, `{"Events":[` + unknownInList(201) + `]}`, TooManyMembers},
		{"200 unknown in an object", "State.StateChange", `{"CallbackCommand":"State.StateChange","Info":{` + unknownMembers(200)[1:] + `}}`, nil},
		{"201 unknown in an object", "State.StateChange", `{"CallbackCommand":"State.StateChange","Info":{` + unknownMembers(201)[1:] + `}}`, TooManyMembers},
		{"201 members beneath an unknown member", push, `{"Events":[],"A":{` + unknownMembers(201)[1:] + `}}`, nil},
		{"200 unknown beside all that are known", push, `{"CallbackCommand":"` + push + `","Events":[]` + unknownMembers(200) + `}`, nil},
		{"2000 elements", push, `{"Events":[` + times("{}", 2000) + `]}`, nil},
		{"2001 elements", push, `{"Events":[` + times("{}", 2001) + `]}`, TooManyMembers},
		{"2001 elements, not compact", push, `{"Events":[` + times("{ }", 2001) + `]}`, TooManyMembers},
		{"a million empty objects", push, `{"Events":[` + times("{}", 1000000) + `]}`, TooManyMembers},
		{"150000 members and elements", push, `{"Events":[` + times(object(74), 1999) + "," + object(72) + `]}`, nil},
		{"150001", push, `{"Events":[` + times(object(74), 1999) + "," + object(73) + `]}`, TooManyMembers},
		{"150000 names at any depth", push, `{"Events":[],"A":[` + times(`{"a":{"a":1}}`, 74999) + `]}`, nil},
		{"150001 names", push, `{"Events":[],"A":[` + times(`{"a":{"a":1}}`, 74999) + `,{"a":1}]}`, TooManyMembers},
		{"150001 names with a space behind", push, `{"Events":[],"A":[` + times(`{"a" :{"a" :1}}`, 74999) + `,{"a" :1}]}`, TooManyMembers},
		{"150001 names with a backslash at the end", push, `{"Events":[],"A":[` + times(`{"a\\":{"a\\":1}}`, 74999) + `,{"a":1}]}`, TooManyMembers},
		{"150001 names, the last of them broken", push, `{"Events":[],"A":[` + times(`{"a":{"a":1}}`, 74999) + `,{"a":}]`, BodyNotJSON},
		{"names in a text, as JSON in JSON has them", "C2C.CallbackBeforeSendMsg", samples.With("C2C.CallbackBeforeSendMsg", "MsgBody", `[{"MsgType":"TIMTextElem","MsgContent":{"Text":"`+strings.Repeat(`\"a\":`, 500000)+`"}}]`), nil},
		{"100000 strings", AfterCreateGroup, created(`,"A":[` + times(`""`, 200000) + `]`), nil},
		{"20000 members of a group", AfterCreateGroup, listed(accounts(20000)), nil},
		{"60000 members of a group", AfterCreateGroup, listed(accounts(60000)), nil},
		{"20000 members, not as they are sent", AfterCreateGroup, listed(times(`{"Member_Account" : "a"}`, 20000)), nil},
		{"20000 members with a new field each", AfterCreateGroup, listed(times(`{"Member_Account":"a","Role":"Member"}`, 20000)), nil},
		{"25000 members with a new field each", AfterCreateGroup, listed(times(`{"Member_Account":"a","Role":"Member"}`, 25000)), nil},
		{"25001 members with a new field each", AfterCreateGroup, listed(times(`{"Member_Account":"a","Role":"Member"}`, 25001)), TooManyMembers},
		{"20000 members with three new fields each", AfterCreateGroup, listed(times(`{"Member_Account":"a","Role":"Member","Old":1}`, 20000)), nil},
		{"20000 members with five new fields each", AfterCreateGroup, listed(times(`{"Member_Account":"a","Role":"Member","A":1,"B":1,"C":1,"D":1}`, 20000)), nil},
		{"25000 pairs", "Sns.CallbackFriendDelete", `{"CallbackCommand":"Sns.CallbackFriendDelete","PairList":[` + times(`{"From_Account":"a","To_Account":"b"}`, 25000) + `]}`, nil},
		{"25001 pairs", "Sns.CallbackFriendDelete", `{"CallbackCommand":"Sns.CallbackFriendDelete","PairList":[` + times(`{"From_Account":"a","To_Account":"b"}`, 25001) + `]}`, TooManyMembers},
		{"6000 pairs", "Sns.CallbackFriendDelete", `{"CallbackCommand":"Sns.CallbackFriendDelete","PairList":[` + times(`{"From_Account":"a","To_Account":"b"}`, 6000) + `]}`, nil},
		{"braces in a text", "C2C.CallbackBeforeSendMsg", samples.With("C2C.CallbackBeforeSendMsg", "MsgBody", `[{"MsgType":"TIMTextElem","MsgContent":{"Text":"`+braces+`"}}]`), nil},
		{"objects in a message", "C2C.CallbackBeforeSendMsg", samples.With("C2C.CallbackBeforeSendMsg", "MsgBody", `[{"MsgType":"x","MsgContent":{"List":[`+times("{}", 300000)+`]}}]`), nil},
		{"braces in a name", AfterCreateGroup, created(`,"Owner_Account":"` + braces + `"`), nil},
		{"braces in an attribute", "Group.CallbackAfterGroupAttrChanged", samples.With("Group.CallbackAfterGroupAttrChanged", "GroupAttr", `[{"key":"k","value":"`+braces+`"}]`), nil},
		{"25000 strings in a list of strings", "Group.CallbackAfterTopicDestroyed", samples.With("Group.CallbackAfterTopicDestroyed", "TopicIdList", "["+times(`""`, 25000)+"]"), nil},
		{"25001 strings in a list of strings", "Group.CallbackAfterTopicDestroyed", samples.With("Group.CallbackAfterTopicDestroyed", "TopicIdList", "["+times(`""`, 25001)+"]"), TooManyMembers},
	} {
		_, refusal := sendBody(tc.command, tc.body)
		assertReason(t, tc.expected, refusal, tc.name)
	}
}

// Of several faults it is always the same that is told: that of the name that comes first.
func TestFirstFault(t *testing.T) {
	body := func(groupID, members, name, data string) string {
		return `{"CallbackCommand":"` + AfterCreateGroup + `","Operator_Account":"o","Type":"Public","GroupId":` + groupID + `,"MemberList":` + members +
			`,"Name":` + name + `,"UserDefinedDataList":` + data + `}`
	}
	right := `[{"Member_Account":"a","Role":1}]`
	twice := `[{"Member_Account":"a"},{"Member_Account":"a","Member_Account":"b"}]`
	noKey := `[{"Value":"v"}]`
	for _, tc := range []struct{ body, expected string }{
		{body(`7`, twice, `7`, noKey), "GroupId"},
		{body(`"g"`, twice, `7`, noKey), "MemberList[1]"},
		{body(`"g"`, right, `7`, noKey), "Name"},
		{body(`"g"`, right, `"n"`, noKey), "UserDefinedDataList[0]"},
		{body(`"g"`, `[{"Member_Account":7},{"Member_Account":"a","b c":1}]`, `"n"`, noKey), "MemberList[0]"},
		{body(`"g"`, `[{"Member_Account":"a","b c":1,"Member Account":"b"}]`, `"n"`, `[]`), `"Member Account"`},
		{strings.Replace(body(`"g"`, right, `"n"`, `[]`), `"Type"`, `"EventTime":1.5,"Type"`, 1), "EventTime"},
	} {
		for i := 0; i < 30; i++ {
			_, refusal := CheckBody(AfterCreateGroup, SchemaOf(AfterCreateGroup), []byte(tc.body))
			if assert.NotNil(t, refusal, tc.body) {
				assert.Contains(t, refusal.Detail, tc.expected, tc.body)
			}
		}
	}
}

// Numbers in a list are looked at together, and a wrong one is found wherever it stands.
func TestNumbersInLists(t *testing.T) {
	const command = "Group.CallbackAfterReadReceipt"
	for _, wrong := range []string{`-1`, `1.5`, `1e3`, `"1"`, `true`, `{}`, `[]`, `[1]`, `99999999999999999999`, `1E2`, `-0`} {
		for at := 0; at < 3; at++ {
			for _, name := range []string{"MsgSeq", "ReadNum", "UnreadNum"} {
				receipts := []string{`{"MsgSeq":1,"ReadNum":2,"UnreadNum":3}`, `{"MsgSeq":4,"ReadNum":0}`, `{"MsgSeq":9223372036854775807}`}
				_, refusal := sendBody(command, samples.With(command, "GroupMsgReceiptList", "["+strings.Join(receipts, ",")+"]"))
				assertReason(t, nil, refusal, "three receipts")
				receipts[at] = `{"` + name + `":` + wrong + `}`
				body := samples.With(command, "GroupMsgReceiptList", "["+strings.Join(receipts, ",")+"]")
				_, refusal = sendBody(command, body)
				assertReason(t, FieldInvalid, refusal, body)
				if refusal != nil {
					assert.Contains(t, refusal.Detail, "GroupMsgReceiptList["+strconv.Itoa(at)+"]: "+name, body)
				}
			}
		}
	}
}

// CheckBody is what a policy checks of a body, for whoever has no request.
func TestCheckBody(t *testing.T) {
	for _, tc := range []struct {
		body     string
		expected *Reason
	}{
		{created(""), nil},
		{created(`,"MemberList":[]`), nil},
		{"", BodyNotJSON},
		{created(`,"GroupId":"x"`), MemberRepeated},
		{`{"CallbackCommand":"Group.CallbackAfterGroupFull","GroupId":"@TGS#1","Name":"n","Operator_Account":"o","Type":"Public"}`, CommandMismatch},
	} {
		found, refusal := CheckBody(AfterCreateGroup, SchemaOf(AfterCreateGroup), []byte(tc.body))
		assertReason(t, tc.expected, refusal, tc.body)
		if tc.expected == nil {
			assert.Equal(t, `"@TGS#1"`, string(found["GroupId"]), tc.body)
		}
	}
	found, refusal := CheckBody("State.StateChange", SchemaOf("State.StateChange"), []byte(samples.Body("State.StateChange")))
	assertReason(t, nil, refusal, "an object in it")
	assert.NotEmpty(t, found["Info.To_Account"], "by its path")
	_, refusal = CheckBody("Push.TagPush", Unknown, []byte(`{"A":[1]}`))
	assertReason(t, nil, refusal, "a command that has no row")
}

// unknownInList are elements of a list, each with a name of its own.
func unknownInList(n int) string {
	return strings.ReplaceAll("{"+unknownMembers(n)[1:]+"}", ",", "},{")
}

// times repeats an element of a list.
func times(element string, n int) string {
	return strings.TrimSuffix(strings.Repeat(element+",", n), ",")
}

func TestStrictBodies(t *testing.T)    { assertStrict(t, wholeBodies) }
func TestStrictElements(t *testing.T)  { assertStrict(t, elementBodies) }
func TestListsOfAccounts(t *testing.T) { assertStrict(t, accountBodies) }

func assertStrict(t *testing.T, cases []strictCase) {
	for _, tc := range cases {
		_, refusal := sendBody(AfterCreateGroup, tc.body)
		assertReason(t, tc.expected, refusal, short(tc.body))
	}
}

// fastjson finds a bean's field by a hash of the name, and does not compare the names. These were
// found in seconds.
func TestNamesOfTheSameHash(t *testing.T) {
	for _, name := range []string{"xod74y1ikuj38g7jqyiva", "xu8izat0ka2w66mh15qdd"} { // of groupid, and of GroupId as it is packed
		body := created(`,"` + name + `":"evil"`)
		_, refusal := sendBody(AfterCreateGroup, body)
		assertReason(t, MemberMisspelt, refusal, name)
		assert.Contains(t, refusal.Detail, "GroupId", name)
	}
}
