package protocol

import (
	"encoding/json"
	"net/url"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chatgate/chatgate/internal/header"
	"github.com/chatgate/chatgate/internal/samples"
)

// Fuzz targets: no input makes the package panic, or come to another verdict than the plain
// references do. The interpreter has no fuzzing; TestFuzzSeeds holds it against the references with
// the inputs that fuzzing begins with.

type bodySeed struct{ command, body string }

// bodySeeds is everything in testdata, and every case of the strict tests that is not long.
func bodySeeds(t testing.TB) []bodySeed {
	seeds := []bodySeed{
		{"State.StateChange", `{"CallbackCommand":"State.StateChange"}`},
		{"State.StateChange", `{"CallbackCommand":"State.StateChange","Info":{"To_Account":"a","Action":"\u0000","Reason":"\ud800","CustomStatus":null}}`},
		{"Push.AllMemberPush", `{"Events":[{"GroupId":7,"groupid":8}]}`},
	}
	for _, command := range samples.Commands() {
		body := samples.Body(command)
		seeds = append(seeds, bodySeed{command, body}, bodySeed{command, strings.Replace(body, "{", "{\"New\": null,\n", 1)}, bodySeed{"Other.Command", body})
	}
	requests, err := os.ReadDir(testdata(t, "requests"))
	assert.NoError(t, err, "testdata/requests")
	for _, file := range requests {
		if _, body := readRequest(t, strings.TrimSuffix(file.Name(), ".http")); len(body) < 1<<12 {
			seeds = append(seeds, bodySeed{AfterCreateGroup, body})
		}
	}
	for _, cases := range [][]strictCase{wholeBodies, elementBodies, accountBodies} {
		for _, tc := range cases {
			if len(tc.body) < 1<<12 {
				seeds = append(seeds, bodySeed{AfterCreateGroup, tc.body})
			}
		}
	}
	return seeds
}

func TestFuzzSeeds(t *testing.T) {
	for _, seed := range bodySeeds(t) {
		assertBodyProperties(t, seed.command, seed.body)
	}
}

func FuzzBody(f *testing.F) {
	for _, seed := range bodySeeds(f) {
		f.Add(seed.command, seed.body)
	}
	f.Fuzz(assertBodyProperties)
}

func assertBodyProperties(t *testing.T, command, body string) {
	if command == "" {
		return // the URL's affair
	}
	assertAgreement(t, command, body)
	assertBackendsRead(t, command, body)
}

// backend is what a backend decodes a callback into, as most are written. encoding/json finds a
// field by its name in any case, and of several members takes the last: what a header says must be
// what it finds.
type backend struct {
	GroupId, TopicId, Operator_Account, Owner_Account, Requestor_Account, From_Account, To_Account json.RawMessage
	Type, Name, EventTime, Random, MsgSeq, UnreadMsgNum                                            json.RawMessage
}

func assertBackendsRead(t *testing.T, command, body string) {
	t.Helper()
	event, refusal := sendBody(command, body)
	if refusal != nil || !event.Known {
		return
	}
	name := command + ": " + short(body)
	own := map[string]bool{}
	for _, p := range pathsOf(command) {
		own[p.text] = true
	}
	var decoded backend
	assert.NoError(t, json.Unmarshal([]byte(body), &decoded), name)
	fields := reflect.ValueOf(decoded)
	for i := 0; i < fields.NumField(); i++ {
		field := reflect.TypeOf(decoded).Field(i).Name
		raw := string(fields.Field(i).Bytes())
		value, found, refusal := Value(event, field)
		switch {
		case !own[field]:
			assert.False(t, found, name+": the command has no "+field+", found "+value)
		case refusal != nil:
			assert.Contains(t, []*Reason{ValueUnfit, ValueLeftOut}, refusal.Reason, name+": "+field)
		case raw == "" || raw == "null":
			assert.False(t, found, name+": a backend finds no "+field)
		default:
			text := raw
			if raw[0] == '"' {
				assert.NoError(t, json.Unmarshal([]byte(raw), &text), name+": "+field)
			}
			sent, err := url.PathUnescape(header.Encode(value))
			assert.NoError(t, err, name+": "+field)
			assert.Equal(t, text, sent, name+": a backend finds this "+field+", and its header says")
		}
	}
}

// pieces are what a body is made of, and what may confuse who reads it in a hurry. FuzzPieces puts
// them together in any order, which bytes changed one by one hardly ever are.
var pieces = []string{
	`"`, `{`, `}`, `[`, `]`, `,`, `:`, `\`, ` `, "\n", "\x01", "\xff", "\u7fa4", `null`, `7`, `-1`, `1.5`, `true`, `"a"`, `""`, `\"`, `\\`, `\u0041`, `\ud83c`, `\udfd4`,
	`":[{"Member_Account":"`, `"},{"Member_Account":"`, `"}]`, `"}`, `]}`, `{"Member_Account":"a"}`, `{"member_account":"a"}`, `{"Member_Account":"a","Member_Account":"b"}`,
	`,"Member_Account":"b"`, `"MemberList":[`, `],"MemberList":[`, `],"UserDefinedDataList":[`, `{"Key":"k","Value":"v"}`, `"GroupId":"x"`, `"groupid":"x"`, `"\u0047roupId":"x"`,
	`,"Owner_Account":null`, `,"Owner_Account":"x"`, `,"EventTime":1`, `,"EventTime":"1"`, `,"New":1`, `,"new":{"a":1,"a":2}`, `],"New":[`, `"Name":"`, `"Type":""`, `","`, `":"`, `},{`, `",`, `,"`,
	`":":1,"`, `,":\":1,\",":`, `:1,`, `\":\"`, `,"A":1`, `,"A":12`, `"Group_Id":"x"`, `,"operatorAccount":"x"`, `"a-b":1`, `,"":1`, `"Name_":"n"`, `\u0000`,
}

func FuzzPieces(f *testing.F) {
	f.Add([]byte{})
	for i := range pieces {
		f.Add([]byte{byte(i)})
		f.Add([]byte{27, byte(i), 26, 31})
		f.Add([]byte{40, 25, byte(i), 26, byte(i), 27, byte(i)})
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		if len(choices) > 40 {
			return // a fault shows in few pieces, or not at all
		}
		var text strings.Builder
		for _, choice := range choices {
			text.WriteString(pieces[int(choice)%len(pieces)])
		}
		chosen := text.String()
		for _, body := range []string{
			chosen, created(chosen), created("," + chosen), created(`,"A":` + chosen), created(`,"A":[` + chosen + `]`), listed(chosen), listed(accounts(2) + "," + chosen + "," + accounts(2)),
			listed(accounts(1) + chosen), listed(accounts(50) + chosen + accounts(1)), strings.Replace(created(""), `"n"`, `"`+chosen+`"`, 1), "{" + chosen + created("")[1:],
		} {
			assertBodyProperties(t, AfterCreateGroup, body)
		}
	})
}

func FuzzQuery(f *testing.F) {
	for _, tc := range queries {
		f.Add(tc.query)
	}
	for _, v := range vectors {
		f.Add(createdQuery + signature(v.sign, v.requestTime))
		f.Add(createdQuery + "&contenttype=json&ClientIP=::1&OptPlatform=Web" + signature(v.sign, "0"+v.requestTime) + "&sign=&Sign[]=")
	}
	f.Fuzz(assertQueryAgreement)
}
