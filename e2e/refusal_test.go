package e2e

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What every line of Traefik's output begins with: its own log has a time, in colour or not, the
// access log the client's address.
var beginning = regexp.MustCompile(`^((\x1b\[90m)?[0-9]{4}-[0-9]{2}-[0-9]{2}T|127\.0\.0\.1 - )`)

// A refusal says what was wrong and where, to the client and in one line of Traefik's log, and lets
// nothing of what came through unescaped.
func TestRefusalsAreWrittenDown(t *testing.T) {
	g := start(t, "dynamic.yml")
	const marker = "nobody-else-reads-this"
	refusals := []struct {
		name, request string
		code          int
		tells         string // a piece of ErrorInfo
		logged        string // a piece of the line in the log
	}{
		{
			"a command that would colour a terminal",
			post("/callback?"+withQuery("Group.CallbackAfterCreateGroup", "a%0Ab%1B%5B31m%22%E7%BE%A4"), "", body),
			40001, `CallbackCommand: expected printable ASCII`, `command "a\nb\x1b[31m\"\u7fa4", app "1400000000"`,
		},
		{
			"an app with a line break",
			post("/callback?"+withQuery("1400000000", "1%0D%0A127.0.0.1+-+-+fake"), "", body),
			40001, `SdkAppid: expected printable ASCII`, `app "1\r\n127.0.0.1 - - fake"`,
		},
		{
			"a very long command",
			post("/callback?"+withQuery("Group.CallbackAfterCreateGroup", strings.Repeat("%F0%9F%98%80", 500)), "", body),
			40001, "CallbackCommand: expected printable ASCII", `\U0001f600`,
		},
		{
			"a parameter twice",
			post("/callback?"+query+"&ClientIP=1", "", body), 40002, "ClientIP", "",
		},
		{
			"a body that is not JSON",
			callback("", marker), 40006, "near byte 2", "",
		},
		{
			"a repeated name that would break a line",
			callback("", with(`"Type"`, `"\u001b[31m\r\n`+"\u202e"+`":1,"\u001b[31m\r\n`+"\u202e"+`":2,"Type"`)), 40008, `"\x1b[31m\r\n\u202e"`, "",
		},
		{
			"another command in the body",
			callback("", with("AfterCreateGroup", "AfterGroupDestroyed")), 40010, "Group.CallbackAfterGroupDestroyed", "",
		},
		{
			"a missing field",
			callback("", replace(without(`"Operator_Account":"leckie"`), "MyFirstGroup", marker)), 40011, "Operator_Account: expected a string", "",
		},
		{
			"a field of another type, deep inside",
			callback("", with(`{"Member_Account":"bob"}`, `{"Member_Account":["`+marker+`"]}`)), 40012, "MemberList[1]: Member_Account: expected a string", "",
		},
		{
			"a very long value",
			callback("", with("1670574414123", `"`+strings.Repeat("9\\u0007", 1000)+`"`)), 40012, `\a`, "",
		},
	}
	written := map[string]bool{} // by code and command: more of the same are counted
	for _, r := range refusals {
		info := g.send(t, r.request).isRefusal(t, r.code)
		assert.Contains(t, info, r.tells, r.name)
		assert.Regexp(t, `^[ -~]+$`, info, r.name)
		assert.NotContains(t, info, marker, r.name)
		assert.Empty(t, g.take(), r.name)
		lines := g.gateLines(t)
		kind := strconv.Itoa(r.code) + regexp.MustCompile(`CallbackCommand=[^& ]*`).FindString(r.request)
		if written[kind] {
			require.Len(t, lines, len(written), "%s: a repeated reason is counted, not written", r.name)
			continue
		}
		written[kind] = true
		require.Len(t, lines, len(written), "%s: one line each", r.name)
		line := lines[len(lines)-1]
		assert.Contains(t, line, "refused with "+strconv.Itoa(r.code/100), r.name)
		assert.Contains(t, line, strconv.Itoa(r.code), r.name)
		assert.Contains(t, line, info, r.name)
		assert.Contains(t, line, r.logged, r.name)
		assert.Contains(t, line, `"127.0.0.1:`, "the client of "+r.name)
	}
	for _, line := range strings.Split(strings.TrimSpace(g.log(t)), "\n") {
		assert.Regexp(t, beginning, line, "a line of the log that a request made up")
	}
	assert.NotContains(t, g.log(t), marker, "a piece of a body in the log")
}

// Of a burst of refusals there is one line, and then how many more there were: whoever sends them
// cannot flood the log.
func TestABurstOfRefusalsIsCounted(t *testing.T) {
	t.Parallel() // it waits for the burst to end
	g := start(t, "dynamic.yml")
	wrong := callback("", with("@TGS#2J4SZEAEL", ""))
	for range 50 {
		g.send(t, wrong).isRefusal(t, 40012)
	}
	g.send(t, callback("", "not JSON")).isRefusal(t, 40006)
	require.Len(t, g.gateLines(t), 2)
	time.Sleep(11 * time.Second)
	g.send(t, wrong).isRefusal(t, 40012)
	lines := g.gateLines(t)
	require.Len(t, lines, 4)
	assert.Contains(t, lines[2], `: 49 more with code 40012 for command "Group.CallbackAfterCreateGroup" in the 10s after 20`)
	assert.Contains(t, lines[3], "refused with 400, code 40012: ")
}
