package protocol

import (
	"strconv"
	"strings"
	"testing"
)

// Strict JSON in strict UTF-8: whatever two parsers may read in two ways is refused. Every body here that is not long
// is also held against the reference parser of reference_test.go, by TestFuzzSeeds and FuzzBody.

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
	{created(strangers(900)), nil},
	{created(strangers(1001)), TooManyMembers},
	{created(strangers(50000)), TooManyMembers},
	{created(strings.Repeat(`,"A":1`, 50000)), MemberRepeated},
}

// strangers are members that no schema has, each with a name of its own.
func strangers(n int) string {
	var more strings.Builder
	for i := 0; i < n; i++ {
		more.WriteString(`,"s` + strconv.Itoa(i) + `":1`)
	}
	return more.String()
}

// A list's elements are as strict as the body itself, and beneath them everything passes that is JSON.
var elementBodies = []strictCase{
	{listed(""), nil},
	{listed(`{"Member_Account":"a"}`), nil},
	{listed(`{}`), FieldMissing},
	{listed(`{"Member_Account":null}`), FieldMissing},
	{listed(`{"Member_Account":"a"},{"Role":"Admin"}`), FieldMissing},
	{listed(`{"Member_Account":"a","Member_Account":"b"}`), MemberRepeated},
	{listed(`{"Member_Account":"a","Member_Account":"a"},{"Member_Account":"c"}`), MemberRepeated},
	{listed(`{"Member_Account":"a"},{"Member_Account":"b","Member_Account":"c"}`), MemberRepeated},
	{listed(`{"Member_Account":"a","member_account":"b"}`), MemberDisguised},
	{listed(`{"Member_Account":"a"},{"MEMBER_ACCOUNT":"b","Member_Account":"c"}`), MemberDisguised},
	{listed(`{"\u004dember_Account":"a"}`), MemberDisguised},
	{listed(`{"Member_Account":"a"}, {"Member\u005fAccount":"a"}`), MemberDisguised},
	{listed(`{"Member_Account":"a","Role":1,"Role":2}`), MemberRepeated},
	{listed(`{"Member_Account":"a","Role":{"x":1,"x":2}}`), nil},
	{listed(` { "Member_Account" : "a" } , { "Member_Account" : "b" } `), nil},
	{created(`,"UserDefinedDataList":[{"Key":"k","Value":"v"}]`), nil},
	{created(`,"UserDefinedDataList":[{"Key":"k"}]`), nil},
	{created(`,"UserDefinedDataList":[{"Value":"v"}]`), FieldMissing},
	{created(`,"UserDefinedDataList":[{"Key":"k","Value":"v","value":"w"}]`), MemberDisguised},
	{created(`,"UserDefinedDataList":[{"Key":"k","key":"w","Value":null}]`), MemberDisguised}, // null hides no twin
	{created(`,"UserDefinedDataList":[{"Key":"k","Value":"v","Value":"v"}]`), MemberRepeated},
}

// Most of a long body is a list of accounts, and a parser may be tempted to skip what lies between the first and the last. What looks
// like such a list, and is something else, has to be read all the same.
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
	{listed(`{"Member_Account":"a"},{"Member_account":"b"},{"Member_Account":"c"}`), FieldMissing},
	{listed(`{"Member_Account":"a"},,{"Member_Account":"b"}`), BodyNotJSON},
	{listed(`{"Member_Account":"a"}{"Member_Account":"b"}`), BodyNotJSON},
	{listed(`{"Member_Account":"a"},{"Member_Account":"b"},`), BodyNotJSON},
	{listed(`{"Member_Account":"a"},{"Member_Account":"b"`), BodyNotJSON},
	{listed(`{"Member_Account":"a"},[{"Member_Account":"b"}]`), FieldInvalid},
	{listed(`{"Member_Account":"a"},{"Member_Account":"b"}],"MemberList":[{"Member_Account":"c"}`), MemberRepeated},
	{listed(`{"Member_Account":"a"},{"Member_Account":"b"}],"memberList":[{"Member_Account":"c"}`), MemberDisguised},
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
	{`{"":[{"Member_Account":"a"},{"Member_Account":"b"}],` + created("")[1:], nil},
	{`{"\"":[{"Member_Account":"a"},{"Member_Account":"b"}],` + created("")[1:], nil},
	{`{"\\":[{"Member_Account":"a"},{"Member_Account":"b"}],` + created("")[1:], nil},
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
	return strings.TrimSuffix(strings.Repeat(`{"Member_Account":"member"},`, n), ",")
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
