package e2e

import (
	"strings"
	"testing"
)

// The URL is parsed strictly, and names the app, the command and the format.
func TestQuery(t *testing.T) {
	g := start(t, "dynamic.yml")
	var rows []row
	for _, q := range []struct {
		name, query string
		code        int
	}{
		{"as the vendor sends it", query, 0},
		{"without what is optional", "SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterCreateGroup", 0},
		{"in another order", "OptPlatform=iOS&CallbackCommand=Group.CallbackAfterCreateGroup&SdkAppid=1400000000", 0},
		{"with a parameter of the operator's own", query + "&tenant=7", 0},
		{"with the operator's own parameter twice", query + "&tenant=7&tenant=8", 0},
		{"with an empty piece", "&&" + query + "&", 0},
		{"escaped where it need not be", withQuery("Group.Call", "Group%2ECall"), 0},
		{"contenttype in capitals", withQuery("=json", "=JSON"), 0},
		{"contenttype in mixed case", withQuery("=json", "=Json"), 0},
		{"contenttype is empty", withQuery("=json", "="), 0},
		{"a hundred parameters", query + strings.Repeat("&a=", 95), 0},
		{"an escaped semicolon and number sign", query + "&tenant=7%3B8%23", 0},
		{"the operator's own array", query + "&tenant[]=7&tenant[x]=8", 0},
		{"the operator's own name with a dot", query + "&tenant.id=7", 0},
		{"the operator's own, not ASCII", query + "&tenant=%E7%BE%A4%00", 0},

		{"a broken escape", query + "&a=%zz", 40001},
		{"a cut escape", query + "&a=%4", 40001},
		{"a broken escape in a name", query + "&%=1", 40001},
		// The backend would get an ampersand from Traefik, for the semicolon that the gate sees.
		{"SdkAppid twice, after a semicolon", query + ";SdkAppid=1500000000", 40001},
		{"a semicolon in the operator's own parameter", query + "&tenant=7;8", 40001},
		{"more than a hundred parameters", query + strings.Repeat("&a=", 96), 40001},
		{"a thousand parameters in front", strings.Repeat("a=&", 1000) + query, 40001},
		{"a line break in a parameter of the vendor's", withQuery("RESTAPI", "a%0Ab"), 40001},
		{"a parameter of the vendor's that is not ASCII", withQuery("RESTAPI", "%C3%A9"), 40001},
		{"DEL in a parameter of the vendor's", withQuery("RESTAPI", "a%7F"), 40001},
		{"a byte that is not UTF-8 in a parameter of the vendor's", withQuery("RESTAPI", "%FF"), 40001},

		{"SdkAppid twice", query + "&SdkAppid=1500000000", 40002},
		{"SdkAppid twice, the same", query + "&SdkAppid=1400000000", 40002},
		{"SdkAppid twice, the second escaped", query + "&Sdk%41ppid=1500000000", 40002},
		{"SdkAppid twice, the foreign one first", "SdkAppid=1500000000&" + query, 40002},
		{"CallbackCommand twice", query + "&CallbackCommand=Group.CallbackAfterGroupDestroyed", 40002},
		{"contenttype twice", query + "&contenttype=json", 40002},
		{"ClientIP twice", query + "&ClientIP=198.51.100.1", 40002},
		{"OptPlatform twice", query + "&OptPlatform=", 40002},
		{"SdkAppid again in another case", query + "&sdkappid=1500000000", 40002},
		{"SdkAppid again as an array", query + "&SdkAppid[]=1500000000", 40002},
		{"SdkAppid again in brackets", query + "&[SdkAppid]=1500000000", 40002},
		{"SdkAppid again in brackets, escaped", query + "&%5BSdkAppid%5D=1500000000", 40002},
		{"SdkAppid again behind a bracket", query + "&]SdkAppid=1500000000", 40002},
		{"SdkAppid again behind two brackets", "[[SdkAppid=1500000000&" + query, 40002},
		{"SdkAppid again behind an empty array", "[][SdkAppid=1500000000&" + query, 40002},
		{"SdkAppid again as a member", query + "&SdkAppid[x]=1500000000", 40002},
		{"SdkAppid again with a dot", query + "&SdkAppid.x=1500000000", 40002},
		{"SdkAppid again behind a question mark", "?SdkAppid=1500000000&" + query, 40002},
		{"SdkAppid again behind an escaped question mark", "%3FSdkAppid=1500000000&" + query, 40002},
		{"SdkAppid again behind a byte order mark", "%EF%BB%BFSdkAppid=1500000000&" + query, 40002},
		{"SdkAppid again behind a space", query + "&+SdkAppid=1500000000", 40002},
		{"SdkAppid again with a NUL", query + "&SdkAppid%00=1500000000", 40002},
		{"SdkAppid again with an underscore", query + "&Sdk_Appid=1500000000", 40002},

		{"no query", "", 40301},
		{"no SdkAppid", withQuery("SdkAppid=1400000000&", ""), 40301},
		{"an empty SdkAppid", withQuery("=1400000000", "="), 40301},
		{"SdkAppid without a value", withQuery("=1400000000", ""), 40301},
		{"another app", withQuery("1400000000", "1500000000"), 40302},
		{"an app that begins alike", withQuery("1400000000", "14000000001"), 40302},
		{"an app with a leading zero", withQuery("1400000000", "01400000000"), 40302},
		{"an app with a sign", withQuery("1400000000", "%2B1400000000"), 40302},
		{"an app with a space", withQuery("1400000000", "1400000000+"), 40001},
		{"an app in other digits", withQuery("1400000000", "%D9%A1400000000"), 40001},
		{"an app with a NUL", withQuery("1400000000", "1400000000%00"), 40001},
		{"two apps in one", withQuery("1400000000", "1400000000,1500000000"), 40302},

		{"no CallbackCommand", withQuery("&CallbackCommand=Group.CallbackAfterCreateGroup", ""), 40003},
		{"an empty CallbackCommand", withQuery("=Group.CallbackAfterCreateGroup", "="), 40003},
		{"another command", withQuery("AfterCreateGroup", "AfterGroupDestroyed"), 40303},
		{"a command of another family", withQuery("Group.CallbackAfterCreateGroup", "State.StateChange"), 40303},
		{"a command in another case", withQuery("Group.C", "group.c"), 40303},
		{"a command with a space", withQuery("AfterCreateGroup", "AfterCreateGroup%20"), 40001},
		{"a command that would colour a terminal", withQuery("Group.CallbackAfterCreateGroup", "%0A%1B%5B31m%E7%BE%A4"), 40001},

		{"contenttype is XML", withQuery("=json", "=xml"), 41501},
		{"contenttype has a space", withQuery("=json", "=json%20"), 40001},
		{"contenttype has a charset", withQuery("=json", "=json%3Bcharset=utf-8"), 41501},
	} {
		expected := row{name: q.name, request: post("/callback?"+q.query, "", body), code: q.code}
		if q.code == 0 {
			expected.gates = checked
		}
		rows = append(rows, expected)
	}
	g.hold(t, rows)
}
