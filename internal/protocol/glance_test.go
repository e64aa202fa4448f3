package protocol

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// A glance is a shortcut, and may only be taken when it leads to the same place: what it lets in, Check lets in with the same values.

// glancedSources is every source that a glance knows.
func glancedSources() []string {
	var sources []string
	for _, source := range Sources() {
		if source != "EventId" {
			sources = append(sources, source)
		}
	}
	return sources
}

// A glancing is a policy with a Glance, and what became of the latest request.
type glancing struct {
	policy  *Policy
	sources []string
	handler http.Handler
	passed  map[string]string // by source, what a request that was let in has in the headers; nil: it was not let in
	refusal *Refusal          // of one that was refused by its URL
	event   *Event            // of one that was decided upon
	verdict *Refusal          // upon it
}

func newGlancing(policy *Policy, sources []string) *glancing {
	g := &glancing{policy: policy, sources: sources}
	names := make([]string, len(sources))
	for i, source := range sources {
		names[i] = headerOf(source)
	}
	glance := &Glance{
		Policy: policy, Path: "/callback", Headers: names, Sources: sources,
		Next: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			g.passed = map[string]string{}
			for _, source := range sources {
				if value := r.Header[headerOf(source)]; value != nil {
					g.passed[source] = value[0]
				}
			}
		}),
		Rest:   http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}),
		Refuse: func(_ http.ResponseWriter, _ *http.Request, refusal *Refusal) { g.refusal = refusal },
		Decide: func(_ http.ResponseWriter, _ *http.Request, event *Event, refusal *Refusal) {
			g.event = event
			g.verdict = refusal
		},
	}
	g.handler = glance.Handler()
	return g
}

// headerOf is the header that a source's value goes into.
func headerOf(source string) string { return http.CanonicalHeaderKey("X-" + source) }

// glance takes a glance at a request.
func (g *glancing) glance(r *http.Request) {
	g.passed = nil
	g.refusal = nil
	g.event = nil
	g.verdict = nil
	g.handler.ServeHTTP(httptest.NewRecorder(), r)
}

// assertGlance holds a glance at a request against Check, and tells whether the glance was enough to let it in.
func assertGlance(t *testing.T, g *glancing, target, body, name string) bool {
	t.Helper()
	r := post(target, body)
	g.glance(r)
	again, err := io.ReadAll(r.Body)
	assert.NoError(t, err, name)
	assert.True(t, string(again) == body, name+": the body can be read again")
	event, refusal := Check(g.policy, post(target, body))
	if g.passed == nil {
		assert.Empty(t, r.Header, name+": no header is set without certainty")
		if g.refusal != nil {
			assert.Equal(t, refusal, g.refusal, name+": is refused as Check does it")
		}
		if g.event != nil {
			assertDecided(t, g, event, refusal, name)
		}
		return false
	}
	assert.Equal(t, int64(len(body)), r.ContentLength, name)
	if refusal != nil {
		assertReason(t, nil, refusal, name+": let in at a glance")
		return true
	}
	assert.True(t, event.Checked, name)
	for _, source := range g.sources {
		value, found, refusal := Value(event, source)
		assertReason(t, nil, refusal, name+": "+source)
		_, wasSeen := g.passed[source] // not the value: in a loop, the interpreter keeps the one before where there is none
		assert.Equal(t, found, wasSeen, name+": "+source+": is there, "+value)
		assert.Equal(t, value, g.passed[source], name+": "+source)
	}
	return true
}

// assertDecided holds what was found of a body that took a closer look against what Check finds.
func assertDecided(t *testing.T, g *glancing, event *Event, refusal *Refusal, name string) {
	t.Helper()
	assert.Equal(t, verdict(refusal), verdict(g.verdict), name+": is decided as Check does it")
	if refusal != nil && g.verdict != nil {
		assert.Equal(t, refusal.Command, g.verdict.Command, name)
	}
	assert.Equal(t, event.App+event.Command+event.Query.Encode(), g.event.App+g.event.Command+g.event.Query.Encode(), name)
	assert.Equal(t, event.Checked, g.event.Checked, name)
	assert.Equal(t, string(event.Body), string(g.event.Body), name)
	if refusal == nil {
		for _, source := range Sources() {
			value, found, refusal := Value(event, source)
			same, foundToo, refusalToo := Value(g.event, source)
			assert.Equal(t, value, same, name+": "+source)
			assert.Equal(t, found, foundToo, name+": "+source)
			assert.Equal(t, verdict(refusal), verdict(refusalToo), name+": "+source)
		}
	}
}

func TestGlanceAgreesWithCheck(t *testing.T) {
	for _, sources := range [][]string{glancedSources(), {"GroupId", "Operator"}, {"Owner_Account", "Name", "EventTime", "ClientIP"}, nil} {
		g := newGlancing(everything(), sources)
		recognised := 0
		look := func(command, body, name string) {
			if assertGlance(t, g, callbackURL(command), body, name+" for "+strings.Join(sources, ", ")) {
				recognised++
			}
		}
		everyField(t, func(command string, r rule, body object) {
			for _, value := range append(append([]string{"null", `""`}, rightValues[r.kind]...), wrongValues[r.kind]...) {
				look(command, inPlace(body, r.name, value).String(), command+": "+r.name+" "+value)
			}
		})
		for _, cases := range [][]strictCase{wholeBodies, elementBodies, accountBodies, strangerBodies} {
			for _, tc := range cases {
				look(AfterCreateGroup, tc.body, short(tc.body))
			}
		}
		assert.Greater(t, recognised, 20, "the comparison is of some use, for "+strings.Join(sources, ", "))
	}
}

// inPlace gives a field another value where it stands.
func inPlace(o object, field, value string) object {
	var changed object
	for _, m := range o {
		if m.name == `"`+field+`"` {
			m.value = value
		}
		changed = append(changed, m)
	}
	return changed
}

// Bodies in the vendor's order, with members between that it may add one day, or that someone has put there.
var strangerBodies = []strictCase{
	{between(`"Abc":1`, `"More":"x"`, `"Zzz":true`), nil},
	{between(`"Abc":"\u0000\ud83c\/群"`, `"More":null`, `"Zzz":18446744073709551616`), nil},
	{between(`"Abc":{"GroupId":"x"}`, `"More":[1]`, `"Zzz":-1.5e3`), nil},
	{between(`"More":1`, `"more":2`, `"MORE":3`), nil},
	{between(`"More":1`, `"More":2`, `"Zzz":3`), MemberRepeated},
	{between(`"More":1`, `"Abc":2`, `"More":1`), MemberRepeated},
	{between(`"More":1`, `"Abc":2`, `"M\u006fre":1`), MemberRepeated},
	{between(`"groupid":"x"`, `"More":1`, `"Zzz":1`), MemberDisguised},
	{between(`"Abc":1`, `"OPERATOR_ACCOUNT":"x"`, `"Zzz":1`), MemberDisguised},
	{between(`"Abc":1`, `"More":1`, `"type":"x"`), MemberDisguised},
	{between(`"Abc":1`, `"owner_account":"x"`, `"Zzz":1`), MemberDisguised},
	{between(`"Abc":1`, `"U\u017ferDefinedDataLi\u017ft":[]`, `"Zzz":1`), MemberDisguised},
	{between(`"GroupId":"x"`, `"More":1`, `"Zzz":1`), MemberRepeated},
	{between(`"Abc":1`, `"GroupId":"x"`, `"Zzz":1`), MemberRepeated},
	{between(`"Operator_Account":"x"`, `"More":1`, `"Zzz":1`), MemberRepeated},
	{between(`"Abc":1`, `"More":1`, `"EventTime":2`), MemberRepeated},
	{between(`"Owner_Account":"x"`, `"More":1`, `"Zzz":1`), nil}, // out of order
	{between(`"Owner_Account":"x"`, `"More":1`, `"Owner_Account":"y"`), MemberRepeated},
	{between(`"Owner_Account":7`, `"More":1`, `"Zzz":1`), FieldInvalid},
	{between(`"Abc":1`, `"More":`+"\"\xff\"", `"Zzz":1`), BodyNotUTF8},
	{between(`"Abc":01`, `"More":1`, `"Zzz":1`), BodyNotJSON},
	{between(`"Abc":"`+"\n"+`"`, `"More":1`, `"Zzz":1`), BodyNotJSON},
	{between(`"Abc":"\x"`, `"More":1`, `"Zzz":1`), BodyNotJSON},
	{between(`"Abc":1,`, `"More":1`, `"Zzz":1`), BodyNotJSON},
}

// between is a body with three more members, of any kind.
func between(first, second, third string) string {
	return `{"CallbackCommand":"Group.CallbackAfterCreateGroup","EventTime":1,` + first + `,"GroupId":"@TGS#1","Name":"n",` + second + `,"Operator_Account":"o","Type":"Public",` + third + `}`
}

// Bodies whose unknown names hold what stands between members: who takes such a one out as text takes others with it, or lets a string end where
// it does not. What would be hidden comes in, as it is, in a string, and as one.
var hidingBodies = []string{
	`{"CallbackCommand":"Group.CallbackAfterCreateGroup","EventTime":1,"GroupId":"good","Name":"x,",%[1]s,":\":1,\",":":",":":1,",%[2]s,\":\\\":1,\\\",\":\":\",":":1,",":":"val","Operator_Account":"o","Type":"Public"}`,
	`{"CallbackCommand":"Group.CallbackAfterCreateGroup","GroupId":"good","A\",\"B":1,%[1]s,"Name":"n","Operator_Account":"o","Type":"Public"}`,
	`{"CallbackCommand":"Group.CallbackAfterCreateGroup","GroupId":"good","A":1,"A":12,%[1]s,"Name":"n","Operator_Account":"o","Type":"Public"}`,
	`{"CallbackCommand":"Group.CallbackAfterCreateGroup","GroupId":"good","A":{"B":1,"C":%[3]s},"B":1,%[1]s,"Name":"n","Operator_Account":"o","Type":"Public"}`,
}

func TestNothingHidesBehindStrangers(t *testing.T) {
	g := newGlancing(createdOnly(everything()), []string{"GroupId", "Operator"})
	for _, hidden := range []string{`"GroupId":"evil"`, `"groupid":"evil"`, `"Operator_Account":"admin","CallbackCommand":"Group.CallbackAfterGroupDestroyed"`, `"Owner_Account":7`, `"GroupId":{"a":[1]}`} {
		escaped := strings.ReplaceAll(hidden, `"`, `\"`)
		for _, form := range hidingBodies {
			body := fmt.Sprintf(form, hidden, escaped, strconv.Quote(hidden))
			for i := 0; i < 20; i++ { // unknown members are met in any order
				assertGlance(t, g, callbackURL(AfterCreateGroup), body, body)
			}
			_, refusal := sendBody(AfterCreateGroup, body)
			assert.NotNil(t, refusal, body)
		}
	}
}

func TestStrangersBetween(t *testing.T) { assertStrict(t, strangerBodies) }

// ordered is a body as the vendor writes it, with accounts given.
func ordered(accounts string) string {
	return `{"CallbackCommand":"Group.CallbackAfterCreateGroup","EventTime":1,"GroupId":"@TGS#1","MemberList":[` + accounts + `],"Name":"n","Operator_Account":"o","Type":"Public"}`
}

// Bodies that are right but for one thing inside a list of accounts, short and so long that the list is cut out.
func TestGlanceAtLongLists(t *testing.T) {
	g := newGlancing(everything(), []string{"GroupId", "Operator"})
	for _, n := range []int{1, 10, 40, 41, 42, 43, 100, 500, 2000} {
		for _, tc := range []struct {
			element string
			right   bool
		}{
			{`{"Member_Account":"x"}`, true}, {`{"Member_Account":"群🏔"}`, true}, {`{"Member_Account":""}`, true}, {`{"Member_Account":"]"}`, true}, {`{"Member_Account":"\u0041"}`, true},
			{`{"Member_Account":"x","Role":1}`, true}, {`{"Member_Account": "x"}`, true}, {"{\"Member_Account\":\"\x7f\u2028\ufffd\"}", true},
			{`{"Member_Account":"` + "\xff" + `"}`, false}, {`{"Member_Account":"` + "\xe7\xbe" + `"}`, false}, {`{"Member_Account":"` + "\xed\xa0\x80" + `"}`, false}, {`{"Member_Account":"` + "\x01" + `"}`, false},
			{`{"Member_Account":7}`, false}, {`{"Member_account":"x"}`, false}, {`{"Member_Account":"x","Member_Account":"y"}`, false}, {`{"Member_Account":"x","member_account":"y"}`, false},
			{`{}`, false}, {`null`, false}, {`"x"`, false}, {`{"Member_Account":"x}`, false}, {`{"Member_Account":"x"`, false}, {`{"Member_Account":"x\"}`, false},
			{`{"Member_Account":"x"}"},{"Member_Account":"}`, false}, {`{"Member_Account":"x"} "},{"Member_Account":"}`, false}, {`{"Member_Account":"x"}, "},{"Member_Account":"}`, false},
		} {
			for _, elements := range []string{tc.element + "," + accounts(n), accounts(n) + "," + tc.element, accounts(n) + "," + tc.element + "," + accounts(n)} {
				body := ordered(elements)
				name := strconv.Quote(tc.element) + " and " + strconv.Itoa(n) + " accounts, " + strconv.Itoa(len(body)) + " bytes"
				assertGlance(t, g, callbackURL(AfterCreateGroup), body, name)
				_, refusal := sendBody(AfterCreateGroup, body)
				assert.Equal(t, tc.right, refusal == nil, name+" -> "+verdict(refusal))
			}
		}
	}
}

// What the vendor sends is recognised, or else the shortcut would be of no use.
func TestGlanceIsEnoughForTheVendor(t *testing.T) {
	g := newGlancing(everything(), []string{"GroupId", "Operator"})
	for _, body := range []string{ordered(accounts(2)), ordered(accounts(500)), ordered("")} {
		for _, more := range []string{"", "&ClientIP=203.0.113.7&OptPlatform=RESTAPI", "&ClientIP=2001:db8::7&OptPlatform=iPad" + signature(vectors[0].sign, vectors[0].requestTime)} {
			assert.True(t, assertGlance(t, g, callbackURL(AfterCreateGroup)+more, body, short(body)), more+" "+short(body)+": is recognised")
		}
	}
	signed := newGlancing(signedBy(ages, "old", vectors[0].token), []string{"GroupId", "Operator"})
	proof := signature(vectors[0].sign, vectors[0].requestTime)
	assert.True(t, assertGlance(t, signed, callbackURL(AfterCreateGroup)+proof, ordered(""), "signed"), "signed")
	fresh := newGlancing(signedBy(SignWindow, vectors[0].token), []string{"GroupId", "Operator"})
	for _, offset := range []int64{-50, 0, 60} {
		assert.True(t, assertGlance(t, fresh, callbackURL(AfterCreateGroup)+signedAt(offset), ordered(""), "fresh"), "signed "+strconv.FormatInt(offset, 10)+" s from now")
	}
}

// What is matched as it stands, and what only when a list has been cut out.
func TestLongestOfShapes(t *testing.T) {
	for command, longest := range map[string]int64{AfterCreateGroup: 1024, "Group.CallbackAfterGroupFull": 1024, "Group.CallbackAfterGroupDestroyed": 480, "Group.CallbackAfterMemberExit": 480} {
		s := newShape(schemas[command], []string{"X-Group"}, []string{"GroupId"}, nil)
		if assert.NotNil(t, s, command) {
			assert.Equal(t, longest, s.longest, command)
		}
	}
	for _, command := range []string{"Group.CallbackAfterReadReceipt", "Group.CallbackAfterTopicDestroyed"} {
		assert.Nil(t, newShape(schemas[command], nil, nil, nil), command+": takes more than a glance")
	}
}

// message is a message as the vendor writes it, with some elements.
func message(elements string) string {
	return `{"CallbackCommand":"Group.CallbackAfterSendMsg","EventTime":1767225600808,"From_Account":"ravi_k","GroupId":"@TGS#2K","MsgBody":[` + elements +
		`],"MsgSeq":7,"MsgTime":1767225600,"Operator_Account":"ravi_k","Random":1202417386,"Type":"Public"}`
}

func TestGlanceAtMessages(t *testing.T) {
	g := newGlancing(everything(), []string{"GroupId", "Operator"})
	for element, recognised := range map[string]bool{
		`{"MsgContent":{"Text":"Wer kommt mit? 🏔\n"},"MsgType":"TIMTextElem"}`:                                      true,
		`{"MsgContent":{"Data":"{\"a\":[1]}","Desc":"","Ext":"","Sound":""},"MsgType":"TIMCustomElem"}`:             true,
		`{"MsgContent":{"Desc":"here","Latitude":29.340656774469956,"Longitude":-0.5},"MsgType":"TIMLocationElem"}`: true,
		`{"MsgContent":{},"MsgType":"x"}`:                                                     true,
		`{"MsgContent":{"a":"","b":-1,"a":0},"MsgType":"x"}`:                                  true,
		`{"MsgContent":{"a":1.5e2},"MsgType":"x"}`:                                            false,
		`{"MsgContent":{"a":true},"MsgType":"x"}`:                                             false,
		`{"MsgContent":{"a":null},"MsgType":"x"}`:                                             false,
		`{"MsgContent":{"ImageInfoArray":[{"Type":1}]},"MsgType":"TIMImageElem"}`:             false,
		`{"MsgContent":{"Text":"a"},"MsgType":"x"},{"MsgContent":{"Text":"b"},"MsgType":"x"}`: false,
		`{"MsgType":"TIMTextElem","MsgContent":{"Text":"a"}}`:                                 false,
		`{"MsgType":"x"}`:                                         false,
		`{"MsgContent":{"Text":"a"}}`:                             false,
		`{"MsgContent":{"Text":"a",},"MsgType":"x"}`:              false,
		`{"MsgContent":{"Text":01},"MsgType":"x"}`:                false,
		`{"MsgContent":{"Text":-},"MsgType":"x"}`:                 false,
		`{"MsgContent":{"Text":1.},"MsgType":"x"}`:                false,
		`{"MsgContent":{"Text":1e},"MsgType":"x"}`:                false,
		`{"MsgContent":{"Text":nul},"MsgType":"x"}`:               false,
		`{"MsgContent":{"Text":"\x"},"MsgType":"x"}`:              false,
		`{"MsgContent":{"T\u0065xt":"a"},"MsgType":"x"}`:          false,
		`{"MsgContent":{"Text":"` + "\xff" + `"},"MsgType":"x"}`:  false,
		`{"MsgContent":{"` + "\xff" + `":1},"MsgType":"x"}`:       false,
		`{"MsgContent":{"Text":"a"},"MsgType":""}`:                false,
		`{"MsgContent":{"Text":"a"},"MsgType":"x","MsgType":"x"}`: false,
		`{"MsgContent":["Text"],"MsgType":"x"}`:                   false,
		`{"MsgContent":null,"MsgType":"x"}`:                       false,
		``:                                                        true,
	} {
		assert.Equal(t, recognised, assertGlance(t, g, callbackURL("Group.CallbackAfterSendMsg"), message(element), element), element+": is recognised")
	}
}

func TestGlanceAtNumbers(t *testing.T) {
	g := newGlancing(everything(), []string{"GroupId", "Operator"})
	whole := message(`{"MsgContent":{"Text":"a"},"MsgType":"TIMTextElem"}`)
	for _, tc := range []struct {
		field, value string
		recognised   bool
	}{
		{"Random", "0", true}, {"Random", "999999999", true}, {"Random", "3999999999", true}, {"Random", "4294967295", false}, {"Random", "4294967296", false}, {"Random", "9999999999", false},
		{"Random", "01", false}, {"Random", "-1", false}, {"Random", "1.0", false}, {"Random", "", false}, {"Random", `"1"`, false},
		{"MsgSeq", "0", true}, {"MsgSeq", "9999999999999", true}, {"MsgSeq", "9223372036854775807", false}, {"MsgSeq", "9223372036854775808", false}, {"MsgSeq", "007", false},
		{"EventTime", "0", true}, {"EventTime", `"1767225600808"`, false}, {"EventTime", "1e12", false},
	} {
		body := regexp.MustCompile(`"`+tc.field+`":[0-9]+`).ReplaceAllString(whole, `"`+tc.field+`":`+tc.value)
		assert.Equal(t, tc.recognised, assertGlance(t, g, callbackURL("Group.CallbackAfterSendMsg"), body, body), body)
	}
}

// A broken reads like a text, and then says that it broke off.
type broken struct{ *strings.Reader }

func (b broken) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil {
		err = io.ErrClosedPipe
	}
	return n, err
}

// Bodies that are not what their length says, short and long, and such as have no length: all is left to Check, and nothing is lost.
func TestGlanceAtOddLengths(t *testing.T) {
	g := newGlancing(everything(), []string{"GroupId", "Operator"})
	for _, n := range []int{1, 40, 500, 3000} {
		body := ordered(accounts(n))
		for name, length := range map[string]int64{"none": -1, "0": 0, "one less": int64(len(body) - 1), "one more": int64(len(body) + 1), "1024": 1024, "1025": 1025, "1026": 1026} {
			name += " for " + strconv.Itoa(len(body))
			r := post(callbackURL(AfterCreateGroup), body)
			r.ContentLength = length
			g.glance(r)
			assert.Nil(t, g.passed, name)
			assert.Nil(t, g.event, name)
			again, _ := io.ReadAll(r.Body)
			assert.Equal(t, body, string(again), name)
		}
		r := post(callbackURL(AfterCreateGroup), "")
		r.Body = io.NopCloser(broken{strings.NewReader(body)})
		r.ContentLength = int64(len(body))
		g.glance(r)
		assert.Nil(t, g.passed, "broken at its end")
		assert.Nil(t, g.event, "broken at its end")
		again, err := io.ReadAll(r.Body)
		assert.Equal(t, body, string(again), "broken at its end")
		assert.Error(t, err, "broken at its end")
	}
}

// signedAt is a signature by the first vector's token, so many seconds from now.
func signedAt(offset int64) string {
	requestTime := strconv.FormatInt(time.Now().Unix()+offset, 10)
	return signature(Sign(vectors[0].token, requestTime), requestTime)
}

// createdOnly leaves a policy one command, which makes its Glance quick to prepare.
func createdOnly(policy *Policy) *Policy {
	policy.Commands = map[string]bool{AfterCreateGroup: true}
	return policy
}

func TestGlanceIsNotFooled(t *testing.T) {
	sources := []string{"GroupId", "Operator", "ClientIP"}
	signed := createdOnly(signedBy(SignWindow, vectors[0].token))
	unsigned := createdOnly(everything())
	limited := createdOnly(everything())
	limited.MaxBody = int64(len(ordered("")) - 1)
	keepingOut := createdOnly(everything())
	keepingOut.Apps["7"] = false
	keepingOut.Commands["Group.CallbackAfterGroupFull"] = false
	one := everything()
	one.Commands = map[string]bool{"Group.CallbackAfterGroupFull": true}
	for _, tc := range []struct {
		name    string
		policy  *Policy
		target  string
		refused *Reason // nil: is left to Check
	}{
		{"not signed", signed, callbackURL(AfterCreateGroup), nil},
		{"signed long ago", signed, callbackURL(AfterCreateGroup) + signature(vectors[0].sign, vectors[0].requestTime), TimeStale},
		{"signed too early", signed, callbackURL(AfterCreateGroup) + signedAt(-90), TimeStale},
		{"signed for a later time", signed, callbackURL(AfterCreateGroup) + signedAt(90), TimeAhead},
		{"signed by another", createdOnly(signedBy(ages, "other")), callbackURL(AfterCreateGroup) + signature(vectors[0].sign, vectors[0].requestTime), SignWrong},
		{"signed by nobody", createdOnly(signedBy(ages)), callbackURL(AfterCreateGroup) + signature(Sign("", "1"), "1"), SignWrong},
		{"too long", limited, callbackURL(AfterCreateGroup), nil},
		{"another command let in", one, callbackURL(AfterCreateGroup), nil},
		{"another app", unsigned, strings.Replace(callbackURL(AfterCreateGroup), testApp, "1400000001", 1), AppNotAllowed},
		{"another app, well signed", signed, strings.Replace(callbackURL(AfterCreateGroup), testApp, "1400000001", 1) + signedAt(0), AppNotAllowed},
		{"an app too long to be one", unsigned, strings.Replace(callbackURL(AfterCreateGroup), testApp, strings.Repeat("1", 20), 1), nil},
		{"no app", unsigned, strings.Replace(callbackURL(AfterCreateGroup), testApp, "", 1), nil},
		{"another app and an unknown command", unsigned, strings.Replace(callbackURL("Group.CallbackOfTomorrow"), testApp, "1400000001", 1), AppNotAllowed},
		{"an unknown command", unsigned, callbackURL("Group.CallbackOfTomorrow"), nil},
		{"an app that begins so", unsigned, strings.Replace(callbackURL(AfterCreateGroup), testApp, testApp+"0", 1), AppNotAllowed},
		{"an app that the policy names to keep it out", keepingOut, strings.Replace(callbackURL(AfterCreateGroup), testApp, "7", 1), AppNotAllowed},
		{"a command that the policy names to keep it out", keepingOut, callbackURL("Group.CallbackAfterGroupFull"), nil},
		{"another path", unsigned, "/other" + callbackURL(AfterCreateGroup)[9:], nil},
		{"a path that ends so", unsigned, "/x" + callbackURL(AfterCreateGroup), nil},
		{"a parameter again", unsigned, callbackURL(AfterCreateGroup) + "&SdkAppid=1400000001", nil},
		{"an array", unsigned, callbackURL(AfterCreateGroup) + "&SdkAppid[]=1400000001", nil},
		{"a parameter at the end", unsigned, callbackURL(AfterCreateGroup) + "&x=1", nil},
		{"an escape", unsigned, callbackURL(AfterCreateGroup) + "&ClientIP=%31", nil},
		{"a line after", unsigned, callbackURL(AfterCreateGroup) + "%0A", nil},
	} {
		g := newGlancing(tc.policy, sources)
		assert.False(t, assertGlance(t, g, tc.target, ordered(""), tc.name), tc.name+": is not let in at a glance")
		assertReason(t, tc.refused, g.refusal, tc.name)
	}
	g := newGlancing(unsigned, sources)
	for name, change := range map[string]func(r *http.Request){
		"encoded":          func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") },
		"no length":        func(r *http.Request) { r.ContentLength = -1 },
		"more than length": func(r *http.Request) { r.ContentLength-- },
		"less than length": func(r *http.Request) { r.ContentLength++ },
	} {
		r := post(callbackURL(AfterCreateGroup), ordered(""))
		change(r)
		g.glance(r)
		assert.Nil(t, g.passed, name+": is left to Check")
		assert.Nil(t, g.refusal, name+": is left to Check")
		assert.Nil(t, g.event, name+": is left to Check")
		again, err := io.ReadAll(r.Body)
		assert.Equal(t, ordered(""), string(again), name+": the body can be read again")
		if name != "less than length" {
			assert.NoError(t, err, name)
			continue
		}
		_, refusal := Check(everything(), r)
		assert.Error(t, err, name)
		assertReason(t, BodyBroken, refusal, name+": a body that broke off stays broken, however often it is read")
	}
}
