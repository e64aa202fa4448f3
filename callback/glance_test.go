package callback

import (
	"io"
	"net/http"
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

// A glancing is a policy with its Glancer.
type glancing struct {
	policy  *Policy
	sources []string
	glancer *Glancer
}

func newGlancing(policy *Policy, sources []string) glancing {
	names := make([]string, len(sources))
	for i, source := range sources {
		names[i] = headerOf(source)
	}
	return glancing{policy, sources, NewGlancer(policy, "/callback", names, sources)}
}

// headerOf is the header that a source's value goes into.
func headerOf(source string) string { return http.CanonicalHeaderKey("X-" + source) }

// glance takes a glance at a request. It returns the values found, nil where it was not certain.
func glance(g glancing, r *http.Request) map[string]string {
	if !Glance(g.glancer, r) {
		return nil
	}
	values := map[string]string{}
	for _, source := range g.sources {
		if value := r.Header[headerOf(source)]; value != nil {
			values[source] = value[0]
		}
	}
	return values
}

// assertGlance holds a glance at a request against Check, and tells whether the glance was enough.
func assertGlance(t *testing.T, g glancing, target, body, name string) bool {
	t.Helper()
	r := post(target, body)
	values := glance(g, r)
	again, err := io.ReadAll(r.Body)
	assert.NoError(t, err, name)
	assert.True(t, string(again) == body, name+": the body can be read again")
	if values == nil {
		return false
	}
	assert.Equal(t, int64(len(body)), r.ContentLength, name)
	event, refusal := Check(g.policy, post(target, body))
	if refusal != nil {
		assertReason(t, nil, refusal, name+": let in at a glance")
		return true
	}
	assert.True(t, event.Checked, name)
	for _, source := range g.sources {
		value, found, refusal := Value(event, source)
		assertReason(t, nil, refusal, name+": "+source)
		_, wasSeen := values[source] // not the value: in a loop, the interpreter keeps the one before where there is none
		assert.Equal(t, found, wasSeen, name+": "+source+": is there, "+value)
		assert.Equal(t, value, values[source], name+": "+source)
	}
	return true
}

func TestGlanceAgreesWithCheck(t *testing.T) {
	g := newGlancing(everything(), glancedSources())
	everyCommand(t, func(r row, body object) {
		command := commandOf(r)
		assertGlance(t, g, callbackURL(command), body.String(), command)
		for _, rule := range rulesFor(command) {
			for _, value := range append(append([]string{"null", `""`}, rightValues[rule.kind]...), wrongValues[rule.kind]...) {
				for i, m := range body {
					if m.name == `"`+rule.name+`"` {
						changed := append(object{}, body...)
						changed[i].value = value
						assertGlance(t, g, callbackURL(command), changed.String(), command+": "+rule.name+" "+value)
					}
				}
			}
		}
	})
	for _, cases := range [][]strictCase{wholeBodies, elementBodies, accountBodies} {
		for _, tc := range cases {
			assertGlance(t, g, callbackURL(AfterCreateGroup), tc.body, short(tc.body))
		}
	}
}

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
	for _, offset := range []int64{-58, 0, 60} {
		assert.True(t, assertGlance(t, fresh, callbackURL(AfterCreateGroup)+signedAt(offset), ordered(""), "fresh"), "signed "+strconv.FormatInt(offset, 10)+" s from now")
	}
}

// signedAt is a signature by the first vector's token, so many seconds from now.
func signedAt(offset int64) string {
	requestTime := strconv.FormatInt(time.Now().Unix()+offset, 10)
	return signature(Sign(vectors[0].token, requestTime), requestTime)
}

func TestGlanceIsNotFooled(t *testing.T) {
	sources := []string{"GroupId", "Operator", "ClientIP"}
	signed := signedBy(SignWindow, vectors[0].token)
	limited := everything()
	limited.MaxBody = int64(len(ordered("")) - 1)
	one := everything()
	one.Commands = map[string]bool{"Group.CallbackAfterGroupFull": true}
	for _, tc := range []struct {
		name   string
		policy *Policy
		target string
	}{
		{"not signed", signed, callbackURL(AfterCreateGroup)},
		{"signed long ago", signed, callbackURL(AfterCreateGroup) + signature(vectors[0].sign, vectors[0].requestTime)},
		{"signed too early", signed, callbackURL(AfterCreateGroup) + signedAt(-62)},
		{"signed for a later time", signed, callbackURL(AfterCreateGroup) + signedAt(62)},
		{"signed by another", signedBy(ages, "other"), callbackURL(AfterCreateGroup) + signature(vectors[0].sign, vectors[0].requestTime)},
		{"signed by nobody", signedBy(ages), callbackURL(AfterCreateGroup) + signature(Sign("", "1"), "1")},
		{"too long", limited, callbackURL(AfterCreateGroup)},
		{"another command let in", one, callbackURL(AfterCreateGroup)},
		{"another app", everything(), strings.Replace(callbackURL(AfterCreateGroup), testApp, "1400000001", 1)},
		{"an app that begins so", everything(), strings.Replace(callbackURL(AfterCreateGroup), testApp, testApp+"0", 1)},
		{"another path", everything(), "/other" + callbackURL(AfterCreateGroup)[9:]},
		{"a path that ends so", everything(), "/x" + callbackURL(AfterCreateGroup)},
		{"a parameter again", everything(), callbackURL(AfterCreateGroup) + "&SdkAppid=1400000001"},
		{"an array", everything(), callbackURL(AfterCreateGroup) + "&SdkAppid[]=1400000001"},
		{"a parameter at the end", everything(), callbackURL(AfterCreateGroup) + "&x=1"},
		{"an escape", everything(), callbackURL(AfterCreateGroup) + "&ClientIP=%31"},
		{"a line after", everything(), callbackURL(AfterCreateGroup) + "%0A"},
	} {
		assert.False(t, assertGlance(t, newGlancing(tc.policy, sources), tc.target, ordered(""), tc.name), tc.name+": is left to Check")
	}
	g := newGlancing(everything(), sources)
	for name, change := range map[string]func(r *http.Request){
		"encoded":          func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") },
		"no length":        func(r *http.Request) { r.ContentLength = -1 },
		"more than length": func(r *http.Request) { r.ContentLength-- },
		"less than length": func(r *http.Request) { r.ContentLength++ },
	} {
		r := post(callbackURL(AfterCreateGroup), ordered(""))
		change(r)
		assert.Nil(t, glance(g, r), name+": is left to Check")
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
