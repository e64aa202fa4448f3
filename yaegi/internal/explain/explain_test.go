package explain

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/internal/protocol"
)

func TestEveryReasonHasWords(t *testing.T) {
	for _, reason := range protocol.Reasons {
		w := checks[reason.Code]
		assert.NotEmpty(t, w.stage, reason.Code)
		assert.NotEmpty(t, w.title, reason.Code)
		assert.NotEmpty(t, remedy(reason), reason.Code)
	}
	assert.Len(t, checks, len(protocol.Reasons), "words for a reason that does not exist")
}

const (
	theToken = "e10adc3949ba59ab"
	command  = "Group.CallbackAfterCreateGroup"
	goodURL  = "/callback?SdkAppid=1400000000&CallbackCommand=" + command
	goodBody = `{"CallbackCommand":"` + command + `","GroupId":"@TGS#2J4SZEAEL","Name":"Hike","Operator_Account":"alice","Type":"Public"}`
)

func options(more ...any) map[string]any {
	o := map[string]any{"sdkAppId": 1400000000, "path": "/callback"}
	for i := 0; i+1 < len(more); i += 2 {
		o[more[i].(string)] = more[i+1]
	}
	return o
}

func gate(t *testing.T, more ...any) *Gate {
	t.Helper()
	g, err := New(options(more...))
	require.NoError(t, err)
	return g
}

// explain runs a request and explains it.
func explain(g *Gate, target, body string) Account {
	o, _ := g.Run(httptest.NewRequest(http.MethodPost, target, nil), []byte(body))
	return g.Explain(o)
}

func TestEveryRefusalIsExplained(t *testing.T) {
	now := time.Now()
	at := func(moment time.Time) string { return strconv.FormatInt(moment.Unix(), 10) }
	signed := func(moment time.Time) string {
		return goodURL + "&RequestTime=" + at(moment) + "&Sign=" + protocol.Sign(theToken, at(moment))
	}
	for code, tc := range map[int]struct {
		target, body, header string
		options              []any
		expected, found      string
	}{
		40001: {target: "/callback?a=%zz", expected: "two hexadecimal digits", found: `"%zz"`},
		40002: {target: goodURL + "&SdkAppid=2", expected: "once", found: "SdkAppid more than once"},
		40301: {target: "/callback", expected: "SdkAppid", found: "none"},
		40302: {target: "/callback?SdkAppid=2", expected: "SdkAppid 1400000000", found: `SdkAppid "2"`},
		40003: {target: "/callback?SdkAppid=1400000000", expected: "CallbackCommand"},
		40303: {target: "/callback?SdkAppid=1400000000&CallbackCommand=Room.X", expected: command, found: `"Room.X"`},
		41501: {target: goodURL + "&contenttype=xml", expected: "json", found: `"xml"`},
		40101: {target: goodURL, options: []any{"token", theToken}, expected: "Sign and RequestTime", found: "neither"},
		40102: {target: goodURL + "&Sign=a&RequestTime=1e9", options: []any{"token", theToken}, expected: "1 to 19 digits", found: `"1e9"`},
		40103: {target: signed(now.Add(-time.Hour)), options: []any{"token", theToken}, expected: "at most 1m0s from now", found: "1h0m"},
		40104: {target: signed(now.Add(time.Hour)), options: []any{"token", theToken}, expected: "at most 1m0s from now", found: "ahead"},
		40105: {target: signed(now), options: []any{"token", "another-token"}, expected: "lower-case hex", found: "none of them"},
		41502: {target: goodURL, header: "gzip", expected: "none", found: `"gzip"`},
		41301: {target: goodURL, body: goodBody, options: []any{"maxBodyBytes", 10}, expected: "at most 10 bytes", found: strconv.Itoa(len(goodBody))},
		40005: {target: goodURL, body: "\xff", expected: "UTF-8"},
		40006: {target: goodURL, body: `{"Name":Hike}`, expected: "one JSON object", found: `after "{\"Name\":H"`},
		40007: {target: goodURL, body: goodBody[:len(goodBody)-1] + `,"Type":"Work"}`, expected: "once", found: `"Type" more than once`},
		40008: {target: goodURL, body: goodBody[:len(goodBody)-1] + `,"groupid":"x"}`, expected: "GroupId", found: `"groupid"`},
		40009: {target: goodURL, body: goodBody[:len(goodBody)-1] + manyMembers() + "}", expected: ""},
		40010: {target: goodURL, body: strings.Replace(goodBody, "AfterCreateGroup", "AfterGroupFull", 1), expected: command, found: "AfterGroupFull"},
		40011: {target: goodURL, body: `{"CallbackCommand":"` + command + `"}`, expected: "GroupId: a string that is not empty", found: "none"},
		40012: {target: goodURL, body: strings.Replace(goodBody, `"@TGS#2J4SZEAEL"`, "7", 1), expected: "GroupId: a string", found: "GroupId: 7"},
	} {
		if tc.body == "" {
			tc.body = `{"a":0}` // with none, it may be the console's check of the URL
		}
		g := gate(t, tc.options...)
		r := httptest.NewRequest(http.MethodPost, tc.target, nil)
		if tc.header != "" {
			r.Header.Set("Content-Encoding", tc.header)
		}
		r.ContentLength = int64(len(tc.body))
		o, _ := g.Run(r, []byte(tc.body))
		a := g.Explain(o)
		if !assert.NotNil(t, a.Refusal, code) {
			continue
		}
		assert.Equal(t, Refused, a.Verdict, code)
		assert.Equal(t, code, a.Refusal.Code)
		assert.Contains(t, a.Refusal.Expected, tc.expected, code)
		assert.Contains(t, a.Refusal.Found, tc.found, code)
		assert.NotEmpty(t, a.Refusal.Expected, code)
		assert.NotEmpty(t, a.Refusal.Found, code)
		assert.NotEmpty(t, a.Refusal.Remedy, code)
		outcome := Passed
		for _, c := range a.Checks() {
			switch {
			case c.Code == code:
				assert.Equal(t, Failed, c.Outcome)
				outcome = NotRun
			case c.Stage == stageSign && outcome == Passed && tc.options == nil:
				assert.Equal(t, NotNeeded, c.Outcome, code)
			case c.Outcome != NotNeeded:
				assert.Equal(t, outcome, c.Outcome, "%d: %s", code, c.Title)
			}
		}
		assert.Equal(t, NotRun, outcome, "the check that failed is among them")
	}
}

func TestAHeaderThatDoesNotFit(t *testing.T) {
	a := explain(gate(t), goodURL, strings.Replace(goodBody, `"GroupId":"`, `"GroupId":"\u0007`, 1))
	require.NotNil(t, a.Refusal)
	assert.Equal(t, 40013, a.Refusal.Code)
	assert.Equal(t, []string{"GroupId: a text that every reader takes for the same", "a control character"}, []string{a.Refusal.Expected, a.Refusal.Found})
}

func manyMembers() string {
	var members strings.Builder
	for i := range 1500 {
		members.WriteString(`,"m` + strconv.Itoa(i) + `":0`)
	}
	return members.String()
}

func TestABodyThatBreaksOff(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, goodURL, nil)
	r.ContentLength = 10000
	g := gate(t)
	o, _ := g.Run(r, []byte(goodBody))
	a := g.Explain(o)
	assert.Equal(t, protocol.BodyBroken.Code, a.Refusal.Code)
	assert.Contains(t, a.Refusal.Expected, "Content-Length")
	assert.Contains(t, a.Refusal.Found, "broke off after")
}

func TestVerdicts(t *testing.T) {
	assert.Equal(t, Forwarded, explain(gate(t), goodURL, goodBody).Verdict)
	assert.Equal(t, Forwarded, explain(gate(t), "/CALLBACK/"+strings.TrimPrefix(goodURL, "/callback"), goodBody).Verdict)
	assert.Equal(t, Unchecked, explain(gate(t), "/elsewhere", goodBody).Verdict)
	assert.Empty(t, explain(gate(t), "/elsewhere", goodBody).Checks())
	assert.Equal(t, Refused, explain(gate(t, "mode", "monitor"), "/callback", goodBody).Verdict, "the twin enforces")
	assert.Equal(t, Forwarded, explain(gate(t, "path", ""), "/any?"+strings.TrimPrefix(goodURL, "/callback?"), goodBody).Verdict)

	connect := Observation{Method: http.MethodConnect, URL: &url.URL{Host: "a:443"}, Status: http.StatusMethodNotAllowed}
	assert.Equal(t, Refused, gate(t).Explain(connect).Verdict)
	assert.Empty(t, gate(t).Explain(connect).Checks())

	other := "/callback?SdkAppid=1400000000&CallbackCommand=Room.X"
	a := explain(gate(t, "otherCommands", "acknowledge"), other, `{"a":0}`)
	assert.Equal(t, Answered, a.Verdict)
	a = explain(gate(t, "otherCommands", "forward"), other, `{"a":0}`)
	assert.Equal(t, Forwarded, a.Verdict)
	outcomes := map[int]Outcome{}
	for _, c := range a.Checks() {
		outcomes[c.Code] = c.Outcome
	}
	assert.Equal(t, map[string]Outcome{"member": Passed, "mismatch": Passed, "field": NotNeeded, "header": NotNeeded}, map[string]Outcome{
		"member": outcomes[40007], "mismatch": outcomes[40010], "field": outcomes[40011], "header": outcomes[40013]})

	g := gate(t, "token", theToken)
	a = explain(g, "/callback?"+g.Signature(time.Now()), "")
	assert.Equal(t, Answered, a.Verdict, "the console's check of the URL")
}

func TestMonitorSaysWhatItWouldHaveRefused(t *testing.T) {
	g := gate(t, "mode", "monitor")
	u, _ := url.Parse("/callback?SdkAppid=2&CallbackCommand=" + command)
	o := Observation{Method: http.MethodPost, URL: u, Body: []byte(goodBody), Reached: true, Status: 200}
	o.Judge = func() Observation {
		judged, _ := g.Run(httptest.NewRequest(http.MethodPost, u.String(), nil), o.Body)
		return judged
	}
	a := g.Explain(o)
	assert.Equal(t, WouldRefuse, a.Verdict)
	assert.Equal(t, protocol.AppNotAllowed.Code, a.Refusal.Code)
}

func TestClaims(t *testing.T) {
	a := explain(gate(t), goodURL, goodBody)
	assert.Equal(t, []string{command, "1400000000", "@TGS#2J4SZEAEL", "alice"}, []string{a.Command, a.App, a.Group, a.Operator})
	a = explain(gate(t), "/callback", `{"CallbackCommand":"C2C.X","To_Account":"noel","From_Account":"`+strings.Repeat("é", 200)+`"}`)
	assert.Equal(t, []string{"C2C.X", "noel"}, []string{a.Command, a.Group})
	assert.LessOrEqual(t, len(a.Operator), maxClaim)
}

// TestRunAt has a clock of its own decide on a signature of long ago.
func TestRunAt(t *testing.T) {
	g := gate(t, "token", []any{"older", theToken})
	signedAt := time.Unix(1676091353, 0)
	sign := func(token string) string {
		return goodURL + "&Sign=" + protocol.Sign(token, "1676091353") + "&RequestTime=1676091353"
	}
	for name, tc := range map[string]struct {
		target string
		at     time.Time
		code   int
	}{
		"in time":           {sign(theToken), signedAt, 0},
		"just in time":      {sign("older"), signedAt.Add(time.Minute), 0},
		"just too old":      {sign(theToken), signedAt.Add(61 * time.Second), 40103},
		"just ahead":        {sign(theToken), signedAt.Add(-60 * time.Second), 0},
		"too far ahead":     {sign(theToken), signedAt.Add(-61 * time.Second), 40104},
		"another token":     {sign("wrong"), signedAt, 40105},
		"escaped":           {strings.Replace(sign(theToken), "&Sign=", "&S%69gn=", 1), signedAt, 0},
		"not a number":      {goodURL + "&Sign=a&RequestTime=soon", signedAt, 40102},
		"not signed":        {goodURL, signedAt, 40101},
		"of the far future": {goodURL + "&Sign=a&RequestTime=9999999999999999999", signedAt, 40104},
	} {
		o, _ := g.RunAt(httptest.NewRequest(http.MethodPost, tc.target, nil), []byte(goodBody), tc.at)
		a := g.Explain(o)
		code := 0
		if a.Refusal != nil {
			code = a.Refusal.Code
		}
		assert.Equal(t, tc.code, code, name)
		if tc.code == 40103 || name == "too far ahead" {
			assert.Contains(t, a.Refusal.Found, "1676091353", name)
			assert.Contains(t, a.Refusal.Found, "1m1s", name)
		}
	}
}

func TestNewNamesFaults(t *testing.T) {
	for complaint, faulty := range map[string]map[string]any{
		"no option paths": options("paths", "/"),
		"mode":            options("mode", "lax"),
		"sdkAppId":        {},
		"tokenFile":       options("tokenFile", "/no/such/file"),
	} {
		_, err := New(faulty)
		require.ErrorContains(t, err, complaint)
	}
}

func TestSignatureOfAFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "tokens")
	require.NoError(t, os.WriteFile(name, []byte(theToken+"\n"), 0o600))
	g := gate(t, "tokenFile", name)
	assert.True(t, g.Signed())
	assert.Equal(t, "RequestTime=1676091353&Sign="+protocol.Sign(theToken, "1676091353"), g.Signature(time.Unix(1676091353, 0)))
	assert.Empty(t, gate(t).Signature(time.Now()))
}

func TestLetIn(t *testing.T) {
	assert.Equal(t, command, gate(t).LetIn())
	assert.Equal(t, command, gate(t, "commands", "Group.*").LetIn())
	assert.Equal(t, "Group.CallbackAfterGroupFull", gate(t, "commands", "Group.CallbackAfterGroupFull").LetIn())
}
