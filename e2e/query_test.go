package e2e

import "testing"

// Step 3: the URL is parsed strictly, and names the app, the command and the format.
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

		{"a broken escape", query + "&a=%zz", 40001},
		{"a cut escape", query + "&a=%4", 40001},
		{"a broken escape in a name", query + "&%=1", 40001},

		{"SdkAppid twice", query + "&SdkAppid=1500000000", 40002},
		{"SdkAppid twice, the same", query + "&SdkAppid=1400000000", 40002},
		{"SdkAppid twice, the second escaped", query + "&Sdk%41ppid=1500000000", 40002},
		{"SdkAppid twice, the foreign one first", "SdkAppid=1500000000&" + query, 40002},
		// Traefik turns a semicolon into an ampersand, for the gate and for the backend alike.
		{"SdkAppid twice, after a semicolon", query + ";SdkAppid=1500000000", 40002},
		{"CallbackCommand twice", query + "&CallbackCommand=Group.CallbackAfterGroupDestroyed", 40002},
		{"contenttype twice", query + "&contenttype=json", 40002},
		{"ClientIP twice", query + "&ClientIP=198.51.100.1", 40002},
		{"OptPlatform twice", query + "&OptPlatform=", 40002},
		{"SdkAppid again in another case", query + "&sdkappid=1500000000", 40002},
		{"SdkAppid again as an array", query + "&SdkAppid[]=1500000000", 40002},

		{"no query", "", 40301},
		{"no SdkAppid", withQuery("SdkAppid=1400000000&", ""), 40301},
		{"an empty SdkAppid", withQuery("=1400000000", "="), 40301},
		{"SdkAppid without a value", withQuery("=1400000000", ""), 40301},
		{"another app", withQuery("1400000000", "1500000000"), 40302},
		{"an app that begins alike", withQuery("1400000000", "14000000001"), 40302},
		{"an app with a leading zero", withQuery("1400000000", "01400000000"), 40302},
		{"an app with a sign", withQuery("1400000000", "%2B1400000000"), 40302},
		{"an app with a space", withQuery("1400000000", "1400000000+"), 40302},
		{"an app in other digits", withQuery("1400000000", "%D9%A1400000000"), 40302},
		{"an app with a NUL", withQuery("1400000000", "1400000000%00"), 40302},
		{"two apps in one", withQuery("1400000000", "1400000000,1500000000"), 40302},

		{"no CallbackCommand", withQuery("&CallbackCommand=Group.CallbackAfterCreateGroup", ""), 40003},
		{"an empty CallbackCommand", withQuery("=Group.CallbackAfterCreateGroup", "="), 40003},
		{"another command", withQuery("AfterCreateGroup", "AfterGroupDestroyed"), 40303},
		{"a command of another family", withQuery("Group.CallbackAfterCreateGroup", "State.StateChange"), 40303},
		{"a command in another case", withQuery("Group.C", "group.c"), 40303},
		{"a command with a space", withQuery("AfterCreateGroup", "AfterCreateGroup%20"), 40303},
		{"a command that Traefik never heard of", withQuery("Group.CallbackAfterCreateGroup", "%0A%1B%5B31m%E7%BE%A4"), 40303},

		{"contenttype is XML", withQuery("=json", "=xml"), 41501},
		{"contenttype is empty", withQuery("=json", "="), 41501},
		{"contenttype has a space", withQuery("=json", "=json%20"), 41501},
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
