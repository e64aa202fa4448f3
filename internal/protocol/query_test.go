package protocol

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The URL: whatever another parser could read in another way is refused.

const createdQuery = "SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterCreateGroup"

func checkQuery(query string) (*Event, *Refusal) {
	r := post("/callback", created(""))
	r.URL.RawQuery = query // whatever a server lets through
	return Check(everything(), r)
}

var queries = []struct {
	query    string
	expected *Reason
}{
	{createdQuery, nil},
	{createdQuery + "&contenttype=json&ClientIP=203.0.113.7&OptPlatform=RESTAPI", nil},
	{"CallbackCommand=Group.CallbackAfterCreateGroup&SdkAppid=1400000000", nil},
	{"&&" + createdQuery + "&", nil},
	{createdQuery + "&ClientIP=&OptPlatform=", nil},
	{createdQuery + "&ClientIP=2001%3Adb8%3A%3A7", nil},
	{createdQuery + "&OptPlatform=a+b%20c%3Bd%00%ff", nil},
	{createdQuery + "&mine=1&mine=2&Mine=3&tag[]=4", nil}, // the operator's own
	{"%53dkAppid=1400000000&CallbackCommand=Group%2ECallbackAfterCreateGroup", nil},

	// broken
	{createdQuery + "&ClientIP=%", QueryMalformed},
	{createdQuery + "&ClientIP=%4", QueryMalformed},
	{createdQuery + "&ClientIP=%zz", QueryMalformed},
	{createdQuery + "&%zz", QueryMalformed},
	{createdQuery + "&ClientIP=%u7fa4", QueryMalformed},
	{createdQuery + ";ClientIP=::1", QueryMalformed},
	{createdQuery + "&mine=a;b", QueryMalformed},
	{";" + createdQuery, QueryMalformed},

	// the app
	{"", AppMissing},
	{"CallbackCommand=Group.CallbackAfterCreateGroup", AppMissing},
	{"SdkAppid=&CallbackCommand=Group.CallbackAfterCreateGroup", AppMissing},
	{"SdkAppid&CallbackCommand=Group.CallbackAfterCreateGroup", AppMissing},
	{"SdkAppid=1400000001&CallbackCommand=Group.CallbackAfterCreateGroup", AppNotAllowed},
	{"SdkAppid=01400000000&CallbackCommand=Group.CallbackAfterCreateGroup", AppNotAllowed},
	{"SdkAppid=1400000000.0&CallbackCommand=Group.CallbackAfterCreateGroup", AppNotAllowed},
	{"SdkAppid=+1400000000&CallbackCommand=Group.CallbackAfterCreateGroup", AppNotAllowed}, // a space
	{"SdkAppid=%2B1400000000&CallbackCommand=Group.CallbackAfterCreateGroup", AppNotAllowed},
	{"SdkAppid=1400000000%00&CallbackCommand=Group.CallbackAfterCreateGroup", AppNotAllowed},
	{"SdkAppid=1400000000,1400000001&CallbackCommand=Group.CallbackAfterCreateGroup", AppNotAllowed},
	{"SdkAppid=%EF%BC%91400000000&CallbackCommand=Group.CallbackAfterCreateGroup", AppNotAllowed}, // a full-width 1

	// the command
	{"SdkAppid=1400000000", CommandMissing},
	{"SdkAppid=1400000000&CallbackCommand=", CommandMissing},

	// the format
	{createdQuery + "&contenttype=JSON", nil},
	{createdQuery + "&contenttype=Json", nil},
	{createdQuery + "&contenttype=", FormatNotJSON},
	{createdQuery + "&contenttype", FormatNotJSON},
	{createdQuery + "&contenttype=xml", FormatNotJSON},
	{createdQuery + "&contenttype=json%20", FormatNotJSON},
	{createdQuery + "&contenttype=application%2Fjson", FormatNotJSON},
}

func TestQueries(t *testing.T) {
	for _, tc := range queries {
		_, refusal := checkQuery(tc.query)
		assertReason(t, tc.expected, refusal, tc.query)
		assertQueryAgreement(t, tc.query)
	}
}

func TestParametersAreThereOnce(t *testing.T) {
	valid := map[string]string{
		"SdkAppid": "1400000000", "CallbackCommand": AfterCreateGroup, "contenttype": "json", "ClientIP": "::1", "OptPlatform": "Web", "Sign": "0a", "RequestTime": "1",
	}
	for name, value := range valid {
		query := createdQuery
		if !strings.Contains(query, name) {
			query += "&" + name + "=" + value
		}
		_, refusal := checkQuery(query)
		assertReason(t, nil, refusal, query)
		for _, twin := range []string{
			name, "%" + hexOf(name[0]) + name[1:], // again, and spelt with an escape
			strings.ToUpper(name), strings.ToLower(name), swapCase(name[:1]) + name[1:], // ASP.NET ignores case
			name + "[]", name + "[0]", name + "[x", name + "%5B%5D", // PHP, Rails, qs: arrays
			name + "%00", name + "%00x", // PHP: cut at a NUL
			"+" + name, "%20" + name, name + "+", "%09" + name, // PHP: leading space is dropped
			strings.ToUpper(name) + "[]",
		} {
			for _, repeated := range []string{query + "&" + twin + "=" + value, query + "&" + twin, twin + "=other&" + query} {
				_, refusal := checkQuery(repeated)
				assertReason(t, ParameterRepeated, refusal, repeated)
			}
		}
	}
}

func hexOf(c byte) string { return "0123456789ABCDEF"[c>>4:c>>4+1] + "0123456789ABCDEF"[c&15:c&15+1] }

func swapCase(letter string) string {
	if lower := strings.ToLower(letter); lower != letter {
		return lower
	}
	return strings.ToUpper(letter)
}

func TestParametersAreSources(t *testing.T) {
	event, refusal := checkQuery(createdQuery + "&contenttype=JSON&ClientIP=2001:db8::7&OptPlatform=a+b%20c%E7%BE%A4")
	assertReason(t, nil, refusal, "parameters")
	if refusal != nil {
		return
	}
	for source, expected := range map[string]string{
		"SdkAppid": "1400000000", "CallbackCommand": AfterCreateGroup, "ClientIP": "2001:db8::7", "OptPlatform": "a b c群",
	} {
		value, found, _ := Value(event, source)
		assert.True(t, found, source)
		assert.Equal(t, expected, value, source)
	}
	// Sign and RequestTime prove the vendor for a minute, so they stay at the gate.
	event, _ = checkQuery(createdQuery + "&contenttype=json&mine=1" + signature(vectors[0].sign, vectors[0].requestTime))
	for _, source := range []string{"Sign", "RequestTime", "contenttype", "mine", ""} {
		_, found, _ := Value(event, source)
		assert.False(t, found, source+" is no source")
	}
	event, _ = checkQuery(createdQuery + "&OptPlatform=")
	_, found, _ := Value(event, "ClientIP")
	assert.False(t, found, "ClientIP is not there")
	value, found, _ := Value(event, "OptPlatform")
	assert.True(t, found && value == "", "OptPlatform is there and empty")
}

// A command that is not configured is refused by the URL alone.
func TestCommandsThatAreNotLetIn(t *testing.T) {
	policy := everything()
	policy.Commands, policy.Others = map[string]bool{AfterCreateGroup: true}, false
	for command, expected := range map[string]*Reason{
		AfterCreateGroup:                          nil,
		"Group.CallbackAfterGroupFull":            CommandNotAllowed,
		"group.callbackaftercreategroup":          CommandNotAllowed,
		AfterCreateGroup + " ":                    CommandNotAllowed,
		AfterCreateGroup + "\x00":                 CommandNotAllowed,
		AfterCreateGroup + "," + AfterCreateGroup: CommandNotAllowed,
		"Group.*": CommandNotAllowed,
	} {
		_, refusal := Check(policy, post(callbackURL(command), created("")))
		assertReason(t, expected, refusal, command)
	}
}
