package e2e

import (
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tokens of the examples.
const (
	oldToken = "replace-me-old-callback-token"
	newToken = "replace-me-new-callback-token"
)

// signed is what is appended to the query of a callback that is signed now.
func signed(token string) string { return signedAt(token, 0) }

// signedAt is the same for one that was signed some seconds from now.
func signedAt(token string, seconds int64) string {
	return signedWith(token, strconv.FormatInt(time.Now().Unix()+seconds, 10))
}

// signedWith is the vendor's rule: lowercase_hex(sha256(token + RequestTime)).
func signedWith(token, requestTime string) string {
	return "&Sign=" + hash(token+requestTime) + "&RequestTime=" + requestTime
}

func TestSignatures(t *testing.T) {
	g := start(t, "rotation.yml")
	now := strconv.FormatInt(time.Now().Unix(), 10)
	right := signedWith(newToken, now)
	sign, requestTime, _ := strings.Cut(strings.TrimPrefix(right, "&"), "&")
	var rows []row
	for _, s := range []struct {
		name, sign string
		code       int
	}{
		{"with the new token", signed(newToken), 0},
		{"with the old token", signed(oldToken), 0},
		{"a while ago", signedAt(newToken, -50), 0},
		{"a while ahead", signedAt(newToken, +50), 0},
		{"in the other order", "&" + requestTime + "&" + sign, 0},
		{"with leading zeros, which are hashed too", signedWith(newToken, "000000000"+now), 0},

		{"not at all", "", 40101},
		{"without Sign", "&" + requestTime, 40101},
		{"without RequestTime", "&" + sign, 40101},
		{"with an empty Sign", "&Sign=&" + requestTime, 40101},
		{"with an empty RequestTime", "&" + sign + "&RequestTime=", 40101},
		{"with words for RequestTime", signedWith(newToken, "now"), 40102},
		{"with a sign before RequestTime", "&Sign=" + hash(newToken+"+"+now) + "&RequestTime=%2B" + now, 40102},
		{"with a space before RequestTime", "&Sign=" + hash(newToken+" "+now) + "&RequestTime=+" + now, 40001},
		{"with a fraction for RequestTime", signedWith(newToken, now+".0"), 40102},
		{"with 20 digits for RequestTime", signedWith(newToken, "0000000000"+now), 40102},
		{"with other digits for RequestTime", signedWith(newToken, "%EF%BC%91"), 40001},
		{"too long ago", signedAt(newToken, -120), 40103},
		{"in 1970", signedWith(newToken, "0"), 40103},
		{"too far ahead", signedAt(newToken, +120), 40104},
		{"in milliseconds", signedWith(newToken, now+"000"), 40104},
		{"at the end of time", signedWith(newToken, "9999999999999999999"), 40104},
		{"with another token", signed("replace-me"), 40105},
		{"with an empty token", signedWith("", now), 40105},
		{"with both tokens", signedWith(newToken+oldToken, now), 40105},
		{"for another time", "&Sign=" + hash(newToken+"1") + "&" + requestTime, 40105},
		{"in capitals", "&Sign=" + strings.ToUpper(hash(newToken+now)) + "&" + requestTime, 40105},
		{"with a cut Sign", "&" + sign[:60] + "&" + requestTime, 40105},
		{"with a space after Sign", "&" + sign + "+&" + requestTime, 40001},
		{"with the token itself", "&Sign=" + newToken + "&" + requestTime, 40105},
		{"with two Signs", right + "&" + sign, 40002},
		{"with two RequestTimes", right + "&" + requestTime, 40002},
		{"with sign in lower case, too", right + "&sign=1", 40002},
	} {
		expected := row{name: s.name, request: post("/callback?"+query+s.sign, "", body), code: s.code}
		if s.code == 0 {
			expected.gates = checked
		}
		rows = append(rows, expected)
	}
	rows = append(rows,
		row{name: "another app, right signature", request: post("/callback?"+withQuery("1400000000", "1500000000")+right, "", body), code: 40302},
		row{name: "another command, right signature", request: post("/callback?"+withQuery("AfterCreateGroup", "AfterGroupDestroyed")+right, "", body), code: 40303},
		row{name: "a bad body, right signature", request: post("/callback?"+query+right, "", body+"}"), code: 40006},
		// Were the body read first, the answer would be a "100 Continue", or none.
		row{name: "not at all, and the body has not come yet", request: announced("Content-Length: 1000000\n"), code: 40101},
		row{name: "not at all, and the body has not been asked for", request: announced("Content-Length: 300\nExpect: 100-continue\n"), code: 40101},
		row{name: "no signature is asked for on another path", request: post("/elsewhere", "", body)},
	)
	g.hold(t, rows)
}

// The console probes a URL before it saves it. The gate answers, and the backend hears nothing.
func TestConsoleCheck(t *testing.T) {
	g := start(t, "rotation.yml")
	right := strings.TrimPrefix(signed(newToken), "&")
	const app = "SdkAppid=1400000000&"
	for _, c := range []struct {
		name, query, body string
		code              int // 0: the gate answers OK
	}{
		{"nothing but the signature", right, "", 0},
		{"nothing but the signature, an empty object", right, "{}", 0},
		{"with the app", app + right, "", 0},
		{"with app and command", query + "&" + right, "", 0},
		{"with app and command, an empty object", query + "&" + right, "{}", 0},
		{"with a command that is not let in", withQuery("AfterCreateGroup", "AfterGroupDestroyed") + "&" + right, "{}", 0},
		{"not signed", "", "", 40301},
		{"not signed, with the app", app, "{}", 40003},
		{"not signed, with app and command", query, "", 40101},
		{"wrongly signed", strings.TrimPrefix(signed("replace-me"), "&"), "", 40301},
		{"wrongly signed, with app and command", query + signed("replace-me"), "{}", 40105},
		{"too long ago", app + strings.TrimPrefix(signedAt(newToken, -120), "&"), "", 40003},
		{"another app", "SdkAppid=1500000000&" + right, "", 40302},
		{"a body that is not empty", right, body, 40301},
		{"a body that is not empty, with the app", app + right, body, 40003},
		{"an empty array", query + "&" + right, "[]", 40006},
		{"a member", query + "&" + right, `{"GroupId":"@TGS#1"}`, 40011},
	} {
		c := c
		t.Run(c.name, func(t *testing.T) {
			reply := g.send(t, post("/callback?"+c.query, "", c.body))
			assert.Empty(t, g.take(), "a request at the backend")
			if c.code != 0 {
				reply.isRefusal(t, c.code)
				return
			}
			assert.Equal(t, 200, reply.status, reply.body)
			assert.JSONEq(t, okReply, reply.body)
			assert.Equal(t, "application/json", reply.header.Get("Content-Type"))
		})
	}
}

// Without a token nobody can prove to be the console, and nobody has to: the gate's OK tells
// nothing, and the backend hears nothing.
func TestConsoleCheckWithoutToken(t *testing.T) {
	g := start(t, "dynamic.yml")
	right := signed(newToken)
	g.hold(t, []row{
		{name: "nothing but a signature", request: post("/callback?"+strings.TrimPrefix(right, "&"), "", ""), console: true},
		{name: "nothing at all", request: post("/callback", "", ""), console: true},
		{name: "nothing at all, in chunks", request: "POST /callback HTTP/1.1\nHost: chat.example\nTransfer-Encoding: chunked\n\n0\r\n\r\n", console: true},
		{name: "an empty object", request: post("/callback", "Content-Type: text/plain\n", "{}"), console: true},
		{name: "an empty object with space in it", request: post("/callback", "", " {\r\n} \n"), console: true},
		{name: "with the app", request: post("/callback?SdkAppid=1400000000"+right, "", "{}"), console: true},
		{name: "with a command alone", request: post("/callback?CallbackCommand=Group.CallbackAfterCreateGroup", "", ""), console: true},
		{name: "with a command that is not let in", request: post("/callback?"+withQuery("AfterCreateGroup", "AfterGroupDestroyed"), "", "{}"), console: true},
		{name: "with app and command", request: post("/callback?"+query+right, "", ""), console: true},
		{name: "with app and command, an empty object", request: post("/callback?"+query+right, "", "{}"), console: true},
		{name: "not signed, with app and command, an empty object", request: post("/callback?"+query, "", "{}"), console: true},
		{name: "another app", request: post("/callback?SdkAppid=1500000000", "", ""), code: 40302},
		{name: "the app twice", request: post("/callback?SdkAppid=1400000000&SdkAppid=1500000000", "", ""), code: 40002},
		{name: "a body that is not empty", request: post("/callback", "", body), code: 40301},
		{name: "a body that is not empty, with the app", request: post("/callback?SdkAppid=1400000000", "", body), code: 40003},
		{name: "an empty array", request: post("/callback?"+query, "", "[]"), code: 40006},
		{name: "a member", request: post("/callback?"+query, "", `{"GroupId":"@TGS#1"}`), code: 40011},
		{name: "an encoded nothing", request: post("/callback", "Content-Encoding: gzip\n", ""), code: 40301},
		{name: "a signature that nobody asked for", request: post("/callback?"+query+right, "", body), gates: checked},
	})
}

// A token file is rotated while callbacks come in, the console changing over in between, and none
// of them is refused.
func TestRotatingTheTokenFileUnderLoadLosesNothing(t *testing.T) {
	g := start(t, "token-file.yml")
	var token atomic.Value // with which the console signs
	token.Store(oldToken)
	signedBy := func(token string) func() string {
		return func() string { return post("/callback?"+query+signed(token), "", body) }
	}
	sent := g.fire(t, 16, func(i int) *shot { return shoot(i, signed(token.Load().(string))) }, func() {
		g.becomes(t, 401, signedBy(newToken))
		g.write(t, "chatgate-tokens", newToken+"\n"+oldToken+"\n")
		g.becomes(t, 200, signedBy(newToken))
		g.becomes(t, 200, signedBy(oldToken))
		token.Store(newToken)
		time.Sleep(time.Second) // until the last callback that was signed with the old one has come in
		g.write(t, "chatgate-tokens", newToken+"\n")
		g.becomes(t, 401, signedBy(oldToken))
		g.becomes(t, 200, signedBy(newToken))
	})
	assert.Greater(t, sent, 1000)
	t.Logf("%d requests during a rotation", sent)
}

// A file that is gone, empty or spoilt changes nothing but the log.
func TestTheLastGoodTokensStayInForce(t *testing.T) {
	g := start(t, "token-file.yml")
	for i, spoilt := range []string{"\n", newToken + " \n", newToken + "\n\x00\n"} {
		g.write(t, "chatgate-tokens", spoilt)
		g.logs(t, "the last good tokens stay in force", i+1, func() string { return post("/callback?"+query+signed(oldToken), "", body) })
		g.send(t, post("/callback?"+query+signed(newToken), "", body)).isRefusal(t, 40105)
	}
	g.write(t, "chatgate-tokens", newToken+"\r\n")
	g.becomes(t, 200, func() string { return post("/callback?"+query+signed(newToken), "", body) })
	g.send(t, post("/callback?"+query+signed(oldToken), "", body)).isRefusal(t, 40105)
}

// logs sends a request, which must be let in, again and again until the gate has written something
// as often.
func (g *gateway) logs(t *testing.T, text string, times int, request func() string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		require.Equal(t, 200, g.send(t, request()).status)
		if strings.Count(strings.Join(g.gateLines(t), "\n"), text) == times {
			return
		}
	}
	require.Fail(t, "not in the log after ten seconds: "+text, g.log(t))
}

// In monitor mode nothing is refused: what is right has its headers, and what is wrong has none and
// is written down.
func TestMonitor(t *testing.T) {
	g := start(t, "monitor.yml")
	right := signed(oldToken)
	g.hold(t, []row{
		{name: "right", request: post("/callback?"+query+right, "", body), gates: checked},
		{name: "not signed", request: post("/callback?"+query, "X-Chat-Group-Id: forged\nX_Chat_Operator: forged\n", body)},
		{name: "wrongly signed", request: post("/callback?"+query+signed("replace-me"), "", body)},
		{name: "another app", request: post("/callback?"+withQuery("1400000000", "1500000000")+right, "", body)},
		{name: "no query", request: post("/callback", "", body)},
		{name: "no query, a form", request: post("/callback", "Content-Type: application/x-www-form-urlencoded\n", body)},
		{name: "a broken query", request: post("/callback?%zz"+right, "", body)},
		{name: "a member twice", request: post("/callback?"+query+right, "", with(`"Type"`, `"GroupId":"other","Type"`))},
		{name: "not JSON", request: post("/callback?"+query+right, "Content-Type: text/plain\n", "not JSON")},
		{name: "a header that can't be", request: post("/callback?"+query+right, "", with("@TGS#2J4SZEAEL", `\ud800`))},
		{name: "an encoded body", request: post("/callback?"+query+right, "Content-Encoding: gzip\n", "\x1f\x8b")},
		{name: "a byte too long", request: post("/callback?"+query+right, "", padded(4<<20+1))},
		{name: "much too long, in chunks", request: chunked("POST", "/callback?"+query+right, "", padded(8<<20), "")},
		{name: "a forged trailer", request: chunked("POST", "/callback?"+query, "Trailer: X-Chat-Group-Id\n", body, "X-Chat-Group-Id: forged\n")},
		{name: "to be taken away", request: post("/callback?"+query, "Connection: X-Chat-Group-Id\n", body)},
	})
	lines := g.gateLines(t)
	for _, code := range []string{"40101", "40105", "40302", "40301", "40001", "40007", "40006", "40013", "41502", "41301"} {
		written := 0
		for _, line := range lines {
			if strings.Contains(line, "would refuse with "+code[:3]) && strings.Contains(line, code) {
				written++
			}
		}
		assert.Equal(t, 1, written, "lines about %s", code)
	}
	reply := g.send(t, post("/callback?"+strings.TrimPrefix(right, "&"), "", "{}"))
	assert.JSONEq(t, okReply, reply.body, "the console's check")
	assert.Empty(t, g.take(), "the console's check at the backend")
}
