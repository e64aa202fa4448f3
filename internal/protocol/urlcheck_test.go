package protocol

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The console's check of a URL before it saves it: signed, and empty. Its form is not documented, so whatever may be missing may be.

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
		{"a body with a fault", app + "&" + command + "&" + proof, `{"GroupId":""}`, FieldMissing},
		{"an array", app + "&" + command + "&" + proof, "[]", BodyNotJSON},
		{"half an object", app + "&" + command + "&" + proof, "{", BodyNotJSON},
		{"a broken query", proof + "&%", "", QueryMalformed},
		{"xml", app + "&" + command + "&contenttype=xml&" + proof, "", FormatNotJSON},
	} {
		policy := signedBy(ages, vectors[0].token)
		policy.Others = false
		policy.URLCheck = true
		event, refusal := Check(policy, post("/callback?"+tc.query, tc.body))
		assertReason(t, tc.expected, refusal, tc.name)
		if refusal == nil {
			assert.Empty(t, event.Command, tc.name+": an event without a command is the check")
			assert.False(t, event.Checked, tc.name+": there is nothing to check")
			assertHarmless(t, event, tc.name)
		}

		policy.URLCheck = false
		_, refusal = Check(policy, post("/callback?"+tc.query, tc.body))
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

// Without a token nothing proves that the console asks, so an empty request is refused as any other.
func TestURLCheckNeedsAToken(t *testing.T) {
	for _, tc := range []struct {
		query    string
		body     string
		expected *Reason
	}{
		{"", "", AppMissing},
		{"", "{}", AppMissing},
		{"SdkAppid=1400000001", "", AppNotAllowed},
		{"SdkAppid=1400000000", "", CommandMissing},
		{"SdkAppid=1400000000&CallbackCommand=Group.CallbackOfTomorrow", "", CommandNotAllowed},
		{createdQuery, "", BodyNotJSON},
		{createdQuery, "{}", FieldMissing},
		{createdQuery + signature(vectors[0].sign, vectors[0].requestTime), "{}", FieldMissing},
	} {
		policy := everything()
		policy.Others, policy.URLCheck = false, true
		name := "?" + tc.query + " " + tc.body
		assert.NotPanics(t, func() {
			_, refusal := Check(policy, post("/callback?"+tc.query, tc.body))
			assertReason(t, tc.expected, refusal, name)
		}, name)
	}
}
