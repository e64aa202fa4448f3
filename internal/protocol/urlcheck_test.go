package protocol

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The console's check of a URL before it saves it: empty, and signed where there are tokens. Its
// form is not documented, so whatever may be missing may be.

func TestURLCheck(t *testing.T) {
	const app, command = "SdkAppid=1400000000", "CallbackCommand=Group.CallbackAfterCreateGroup"
	proof := signature(vectors[0].sign, vectors[0].requestTime)[1:]
	wrong := signature(vectors[1].sign, vectors[0].requestTime)[1:]
	for _, tc := range []struct {
		name     string
		query    string
		body     string
		expected *Reason
	}{
		{"signed and empty, nothing else", proof, "", nil},
		{"an empty object", proof, "{}", nil},
		{"white space around it", proof, " {}\r\n", nil},
		{"only white space", proof, "\n", nil},
		{"with the app", app + "&" + proof, "", nil},
		{"with the command", command + "&" + proof, "{}", nil},
		{"with both", app + "&" + command + "&" + proof, "", nil},
		{"with both, an empty object", app + "&" + command + "&" + proof, "{}", nil},
		{"with the app empty", "SdkAppid=&" + proof, "", nil},
		{"a wrong app", "SdkAppid=1400000001&" + proof, "", AppNotAllowed},
		{"a wrong app, an empty object", "SdkAppid=1400000001&" + command + "&" + proof, "{}", AppNotAllowed},
		{"not signed", "", "", AppMissing},
		{"not signed, with the app", app, "{}", CommandMissing},
		{"not signed, with both", app + "&" + command, "", SignMissing},
		{"wrongly signed", wrong, "", AppMissing},
		{"wrongly signed, with both", app + "&" + command + "&" + wrong, "", SignWrong},
		{"signed twice", proof + "&" + proof, "", ParameterRepeated},
		{"a body without an app", proof, created(""), AppMissing},
		{"a body without a command", app + "&" + proof, created(""), CommandMissing},
		{"a body with a fault", app + "&" + command + "&" + proof, `{"GroupId":""}`, FieldInvalid},
		{"an array", app + "&" + command + "&" + proof, "[]", BodyNotJSON},
		{"half an object", app + "&" + command + "&" + proof, "{", BodyNotJSON},
		{"a broken query", proof + "&%", "", QueryMalformed},
		{"xml", app + "&" + command + "&contenttype=xml&" + proof, "", FormatNotJSON},
	} {
		policy := signedBy(ages, vectors[0].token)
		policy.Others = false
		policy.URLCheck = true
		event, refusal := check(policy, post("/callback?"+tc.query, tc.body))
		assertReason(t, tc.expected, refusal, tc.name)
		if refusal == nil {
			assert.Empty(t, event.Command, tc.name+": an event without a command is the check")
			assert.False(t, event.Known, tc.name+": there is nothing to check")
			assertHarmless(t, event, tc.name)
		}

		policy.URLCheck = false
		_, refusal = check(policy, post("/callback?"+tc.query, tc.body))
		assert.NotNil(t, refusal, tc.name+": is not answered where the check is switched off")
	}
}

// assertHarmless asks an event that has no body for everything it could have.
func assertHarmless(t *testing.T, event *Event, name string) {
	assert.NotPanics(t, func() {
		for _, source := range append(Sources(), "Sign", "Nothing") {
			Value(event, source)
		}
	}, name+": every source can be asked for")
}

// Without tokens nothing is signed. The check is answered all the same: it tells nobody anything.
func TestURLCheckWithoutTokens(t *testing.T) {
	const app = "SdkAppid=1400000000"
	for _, tc := range []struct {
		query    string
		body     string
		expected *Reason
	}{
		{"", "", nil},
		{"", "{}", nil},
		{"", " { } ", nil},
		{app, "", nil},
		{app, "{}", nil},
		{app + "&CallbackCommand=Group.CallbackOfTomorrow", "", nil},
		{app + "&CallbackCommand=Group.CallbackOfTomorrow", "{}", nil},
		{"CallbackCommand=Group.CallbackOfTomorrow", "{}", nil},
		{"CallbackCommand=" + AfterCreateGroup, "", nil},
		{createdQuery, "", nil},
		{createdQuery, "{}", nil},
		{createdQuery + signature(vectors[0].sign, vectors[0].requestTime), "{}", nil},
		{createdQuery + "&contenttype=json&ClientIP=203.0.113.7&OptPlatform=Web&mine=1", "", nil},
		{"SdkAppid=1400000001", "", AppNotAllowed},
		{"SdkAppid=1400000001&CallbackCommand=" + AfterCreateGroup, "{}", AppNotAllowed},
		{createdQuery + "&contenttype=xml", "", FormatNotJSON},
		{"%", "", QueryMalformed},
		{"sdkappid=1400000000", "", ParameterRepeated},
		{"", "[]", AppMissing},
		{"", "{", AppMissing},
		{"", "}{", AppMissing},
		{"", "null", AppMissing},
		{"", created(""), AppMissing},
		{app, created(""), CommandMissing},
		{app + "&CallbackCommand=Group.CallbackOfTomorrow", created(""), CommandNotAllowed},
		{createdQuery, "[]", BodyNotJSON},
		{createdQuery, `{"a":1}`, FieldMissing},
	} {
		policy := everything()
		policy.Others = false
		policy.URLCheck = true
		name := "?" + tc.query + " " + tc.body
		assert.NotPanics(t, func() {
			event, refusal := check(policy, post("/callback?"+tc.query, tc.body))
			assertReason(t, tc.expected, refusal, name)
			if refusal == nil {
				assert.Empty(t, event.Command, name+": an event without a command is the check")
				assertHarmless(t, event, name)
			}
		}, name)

		policy.URLCheck = false
		_, refusal := check(policy, post("/callback?"+tc.query, tc.body))
		assert.NotNil(t, refusal, name+": is not answered where the check is switched off")
	}
}

// The body of a check is read like any other: whole, and of at most so many bytes.
func TestURLCheckReadsTheBody(t *testing.T) {
	policy := everything()
	policy.Others = false
	policy.URLCheck = true
	policy.MaxBody = 10
	for body, expected := range map[string]*Reason{
		"": nil, "{}        ": nil, "{}         ": AppMissing,
	} {
		_, refusal := check(policy, post("/callback", body))
		assertReason(t, expected, refusal, strconv.Itoa(len(body))+" bytes")
	}
	r := post("/callback", "{}")
	r.ContentLength = 3
	_, refusal := check(policy, r)
	assertReason(t, AppMissing, refusal, "a body that broke off is no check")
	r = post("/callback", "{}")
	r.Header.Set("Content-Encoding", "gzip")
	_, refusal = check(policy, r)
	assertReason(t, AppMissing, refusal, "a body in an encoding is no check")
}
