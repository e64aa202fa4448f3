package protocol

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The URL: whatever another parser could read in another way is refused.

const createdQuery = "SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterCreateGroup"

func checkQuery(query string) (*Event, *Refusal) {
	r := post("/callback", created(""))
	r.URL.RawQuery = query // whatever a server lets through
	return check(everything(), r)
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
	{createdQuery + "&OptPlatform=a%2Bb%3Bd%7E", nil},
	{createdQuery + "&OptPlatform=a+b", QueryMalformed},
	{createdQuery + "&OptPlatform=a%20b", QueryMalformed},
	{createdQuery + "&mine=1 HTTP/1.1", QueryMalformed},
	{createdQuery + "&mine=\t1", QueryMalformed},
	{createdQuery + "&Sdk%08Appid=1", QueryMalformed},
	{createdQuery + "&mine=1&mine=2&Mine=3&tag[]=4", nil}, // the operator's own
	{"%53dkAppid=1400000000&CallbackCommand=Group%2ECallbackAfterCreateGroup", nil},
	{createdQuery + "&RequestID=7d0a1c52-3f1e", nil},
	{createdQuery + "&RequestId=7d0a1c52-3f1e", nil},
	{createdQuery + "&RequestId=1&RequestID=2", nil}, // nobody reads either
	{createdQuery + "&RequestId=1&RequestId=2", ParameterRepeated},
	{createdQuery + "&SdkAppidOfMine=1&MySign=2&CallbackCommands[0]=3&Command=4&a.b=5&?=6&[]=7&.=8&%EF%BB%BF=9", nil},
	{createdQuery + "&mine=%E7%BE%A4%00%ff%0D%0A", nil},
	{createdQuery + manyParameters(98), nil},
	{createdQuery + manyParameters(99), QueryMalformed},
	{manyParameters(1000)[1:] + "&" + createdQuery, QueryMalformed},
	{strings.Repeat("&", 2000) + createdQuery, QueryMalformed},

	// broken
	{createdQuery + "&ClientIP=%", QueryMalformed},
	{createdQuery + "&ClientIP=%4", QueryMalformed},
	{createdQuery + "&ClientIP=%zz", QueryMalformed},
	{createdQuery + "&%zz", QueryMalformed},
	{createdQuery + "&ClientIP=%u7fa4", QueryMalformed},
	{createdQuery + ";ClientIP=::1", QueryMalformed},
	{createdQuery + "&mine=a;b", QueryMalformed},
	{";" + createdQuery, QueryMalformed},

	// a fragment, at which readers stop, or which they skip
	{createdQuery + "#", QueryMalformed},
	{createdQuery + "#&mine=1", QueryMalformed},
	{"#" + createdQuery, QueryMalformed},
	{"mine=1#&" + createdQuery, QueryMalformed},
	{"#SdkAppid=666&" + createdQuery, QueryMalformed},
	{createdQuery + "&mine=%23", nil},
	{createdQuery + "&%23mine=1", nil},

	// values that the vendor has none of, and which readers decode in several ways
	{createdQuery + "&OptPlatform=%00", QueryMalformed},
	{createdQuery + "&OptPlatform=%1F", QueryMalformed},
	{createdQuery + "&OptPlatform=%7F", QueryMalformed},
	{createdQuery + "&OptPlatform=a%ff", QueryMalformed},
	{createdQuery + "&OptPlatform=\xff", QueryMalformed},
	{createdQuery + "&OptPlatform=群", QueryMalformed},
	{createdQuery + "&ClientIP=%C2%85", QueryMalformed},
	{createdQuery + "&ClientIP=a%0D%0Ab", QueryMalformed},
	{createdQuery + "&contenttype=json%0A", QueryMalformed},
	{createdQuery + "&contenttype=j%C5%BFon", QueryMalformed}, // a long s
	{createdQuery + "&Sign=%E2%84%AA", QueryMalformed},
	{createdQuery + "&RequestTime=%EF%BC%91", QueryMalformed}, // a full-width 1
	{createdQuery + "&RequestId=%00", QueryMalformed},
	{createdQuery + "&RequestID=%E7%BE%A4", QueryMalformed},
	{createdQuery + "%00", QueryMalformed},
	{createdQuery + "%EF%BB%BF", QueryMalformed},

	// the app
	{"", AppMissing},
	{"CallbackCommand=Group.CallbackAfterCreateGroup", AppMissing},
	{"SdkAppid=&CallbackCommand=Group.CallbackAfterCreateGroup", AppMissing},
	{"SdkAppid&CallbackCommand=Group.CallbackAfterCreateGroup", AppMissing},
	{"SdkAppid=1400000001&CallbackCommand=Group.CallbackAfterCreateGroup", AppNotAllowed},
	{"SdkAppid=01400000000&CallbackCommand=Group.CallbackAfterCreateGroup", AppNotAllowed},
	{"SdkAppid=1400000000.0&CallbackCommand=Group.CallbackAfterCreateGroup", AppNotAllowed},
	{"SdkAppid=+1400000000&CallbackCommand=Group.CallbackAfterCreateGroup", QueryMalformed}, // a space
	{"SdkAppid=%2B1400000000&CallbackCommand=Group.CallbackAfterCreateGroup", AppNotAllowed},
	{"SdkAppid=1400000000%00&CallbackCommand=Group.CallbackAfterCreateGroup", QueryMalformed},
	{"SdkAppid=1400000000,1400000001&CallbackCommand=Group.CallbackAfterCreateGroup", AppNotAllowed},
	{"SdkAppid=%EF%BC%91400000000&CallbackCommand=Group.CallbackAfterCreateGroup", QueryMalformed}, // a full-width 1

	// the command
	{"SdkAppid=1400000000", CommandMissing},
	{"SdkAppid=1400000000&CallbackCommand=", CommandMissing},

	// the format
	{createdQuery + "&contenttype=JSON", nil},
	{createdQuery + "&contenttype=Json", nil},
	{createdQuery + "&contenttype=", nil},
	{createdQuery + "&contenttype", nil},
	{createdQuery + "&contenttype=xml", FormatNotJSON},
	{createdQuery + "&contenttype=json%20", QueryMalformed},
	{createdQuery + "&contenttype=application%2Fjson", FormatNotJSON},
}

// manyParameters are n of the operator's own.
func manyParameters(n int) string {
	text := ""
	for i := 0; i < n; i++ {
		text += "&p" + strconv.Itoa(i) + "=1"
	}
	return text
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
			name + "%00", name + "%00x", "x%00" + name, // PHP: cut at a NUL
			"[" + name, "]" + name, "[" + name + "]", "[[" + name, "[][" + name, "x[" + name + "]", name + "]", name + "[x]", // Rack, qs
			"?" + name, "%3F" + name, "%23" + name, "??" + name, "x?" + name, // query-string, new URL
			name + "_", "_" + name, "-" + name, snake(name), strings.ReplaceAll(snake(name), "_", "-"),
			"%C2%A0" + name, strings.Replace(name, "s", "%C5%BF", 1), strings.Replace(name, "i", "%C4%B1", 1),
			"+" + name, "%20" + name, name + "+", "%09" + name, // PHP: leading space is dropped
			strings.ToUpper(name) + "[]",
			"." + name, name + ".", "x." + name, name + ".x", "x[." + name + "]", "x.%20" + strings.ToUpper(name), // qs with allowDots
			"\ufeff" + name, "%EF%BB%BF" + name, name + "%EF%BB%BF", // a byte order mark, which readers drop
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
	event, refusal := checkQuery(createdQuery + "&contenttype=JSON&ClientIP=2001:db8::7&OptPlatform=a%2Bb%25")
	assertReason(t, nil, refusal, "parameters")
	if refusal != nil {
		return
	}
	for source, expected := range map[string]string{
		"SdkAppid": "1400000000", "CallbackCommand": AfterCreateGroup, "ClientIP": "2001:db8::7", "OptPlatform": "a+b%",
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
	policy.Commands = map[string]bool{AfterCreateGroup: true}
	policy.Others = false
	for command, expected := range map[string]*Reason{
		AfterCreateGroup:                          nil,
		"Group.CallbackAfterGroupFull":            CommandNotAllowed,
		"group.callbackaftercreategroup":          CommandNotAllowed,
		AfterCreateGroup + " ":                    QueryMalformed,
		AfterCreateGroup + "\x00":                 QueryMalformed,
		AfterCreateGroup + "," + AfterCreateGroup: CommandNotAllowed,
		"Group.*": CommandNotAllowed,
	} {
		_, refusal := check(policy, post(callbackURL(command), created("")))
		assertReason(t, expected, refusal, command)
	}
}

// Of several faults it is always the same that is told, and no URL takes long: what it may have is
// bounded.
func TestManyFaultsInAQuery(t *testing.T) {
	for query, expected := range map[string]*Reason{
		"REQUESTTIME=1&ClientIP=\xea&Sign=%20":      QueryMalformed,
		"sdkappid=1&ClientIP=1&ClientIP=2&Sign=%20": ParameterRepeated,
		strings.Repeat("a.", 4096) + "=1":           QueryMalformed,
		strings.Repeat("a.", 4000) + "SdkAppid.b=1": ParameterRepeated,
		strings.Repeat("a[", 450000) + "=1":         QueryMalformed,
		"x=" + strings.Repeat("y", MaxQuery-2):      nil,
		"x=" + strings.Repeat("y", MaxQuery-1):      QueryMalformed,
	} {
		for i := 0; i < 20; i++ {
			_, refusal := ParseQuery(query)
			name := query
			if len(name) > 50 {
				name = name[:50]
			}
			assertReason(t, expected, refusal, name)
		}
	}
}
