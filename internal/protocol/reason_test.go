package protocol

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Why a callback is refused: codes that operators search for, and texts that give nothing away.

// The codes are promised. A row may be added, never changed.
func TestCodesAreStable(t *testing.T) {
	promised := map[int]*Reason{
		40001: QueryMalformed, 40002: ParameterRepeated, 40003: CommandMissing, 40004: BodyBroken, 40005: BodyNotUTF8, 40006: BodyNotJSON,
		40007: MemberRepeated, 40008: MemberMisspelt, 40009: TooManyMembers, 40010: CommandMismatch, 40011: FieldMissing, 40012: FieldInvalid,
		40013: ValueUnfit,
		40101: SignMissing, 40102: TimeMalformed, 40103: TimeStale, 40104: TimeAhead, 40105: SignWrong,
		40301: AppMissing, 40302: AppNotAllowed, 40303: CommandNotAllowed,
		41301: BodyTooLarge,
		41501: FormatNotJSON, 41502: BodyEncoded,
	}
	for code, reason := range promised {
		assert.Equal(t, code, reason.Code, reason.Meaning)
	}
	listed := map[int]bool{}
	meanings := map[string]bool{}
	for _, reason := range Reasons {
		assert.False(t, listed[reason.Code], reasonName(reason)+": a code of its own")
		assert.False(t, meanings[reason.Meaning], reasonName(reason)+": a meaning of its own")
		listed[reason.Code] = true
		meanings[reason.Meaning] = true
		assert.Equal(t, reason.Status, reason.Code/100, reasonName(reason)+": status times 100, and a number")
		assert.NotZero(t, reason.Code%100, reasonName(reason)+": counted from 1")
		assert.Contains(t, []int{400, 401, 403, 413, 415}, reason.Status, reasonName(reason))
		assert.False(t, reason.Code >= 10100 && reason.Code <= 10200, reasonName(reason)+": the vendor hands 10100 to 10200 to the client")
		assert.NotEmpty(t, reason.Meaning, reasonName(reason))
	}
	assert.Equal(t, 20001, ValueLeftOut.Code, "which refuses nothing")
	assert.False(t, listed[20001], "what refuses nothing is not in the list")
	for code, reason := range promised {
		assert.True(t, listed[code], reasonName(reason)+": is in the list")
	}
}

func TestMeaningsArePlain(t *testing.T) {
	for _, reason := range append([]*Reason{ValueLeftOut}, Reasons...) {
		assert.Equal(t, "", strings.Trim(reason.Meaning, printable), reasonName(reason)+": printable ASCII: "+reason.Meaning)
	}
}

func TestOKHasAllThreeMembers(t *testing.T) {
	assert.Equal(t, `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`, OK)
}

// answered is the answer to a refused callback.
func answered(refusal *Refusal) string {
	w := httptest.NewRecorder()
	Refuse(w, refusal)
	return w.Body.String()
}

func TestFailIsJSONForAnyInfo(t *testing.T) {
	everyByte := make([]byte, 256)
	for i := range everyByte {
		everyByte[i] = byte(i)
	}
	for _, info := range []string{
		"", "plain", `"quotes" and \backslashes\`, "lines\r\nand\ttabs\x00", "</script>&<!--", "群🏔\u2028\u2029\ufeff", "\xff\xed\xa0\x80", string(everyByte), strings.Repeat("long", 10000),
	} {
		answer := answered(&Refusal{Reason: BodyNotJSON, Detail: info})
		var decoded map[string]any
		require.NoError(t, json.Unmarshal([]byte(answer), &decoded), info)
		assert.Equal(t, "FAIL", decoded["ActionStatus"], info)
		assert.Equal(t, float64(40006), decoded["ErrorCode"], info)
		assert.Len(t, decoded, 3, info)
		assert.True(t, utf8.ValidString(answer), info)
		if utf8.ValidString(info) {
			assert.Equal(t, BodyNotJSON.Meaning+": "+info, decoded["ErrorInfo"], info)
		}
		assert.NotContains(t, strings.TrimSuffix(answer, "\n"), "\n", info)
	}
}

func TestQuoteIsShortAndPlain(t *testing.T) {
	for _, text := range []string{
		"", "plain", "\"\\", "a\r\nb", "\x1b[31m", "\x00\x7f\u0085\u2028\ufeff", "\xff\xc0\x80", "群🏔", strings.Repeat("x", 1<<20), strings.Repeat("\x00", 1000), strings.Repeat("🏔", 1000),
		"1234567890123456789012345678901234567890123456群🏔", // cut in the middle of a character
	} {
		quoted := Quote(text)
		assert.LessOrEqual(t, len(quoted), 4*48+2+3, short(text)+": at most 48 bytes of it, each four characters")
		assert.Equal(t, "", strings.Trim(quoted, printable), short(text)+": printable ASCII only")
		assert.True(t, strings.HasPrefix(quoted, `"`), short(text)+": in quotes")
		if len(text) <= 48 {
			assert.True(t, strings.HasSuffix(quoted, `"`), short(text)+": whole")
		} else {
			assert.True(t, strings.HasSuffix(quoted, `"...`), short(text)+": cut")
		}
	}
}

const printable = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"

// nasty is what a client may put anywhere, in the hope that it ends up in a log or an answer.
const nasty = "\r\nSet-Cookie: a=b\x00\x1b[2J\u2028</script>\xff"

// Whatever is refused, its text is one short line of ASCII.
func TestRefusalsAreOneShortLine(t *testing.T) {
	escaped, _ := json.Marshal(nasty + strings.Repeat("z", 5000))
	value := string(escaped)
	long := url.QueryEscape(nasty + strings.Repeat("z", 5000))
	target := callbackURL(AfterCreateGroup)
	policy := signedBy(ages, "xxxxyyyy")
	policy.Others = false
	bodies := []string{
		value, value[:len(value)-1], "[" + value + "]", strings.Repeat("z", 5000), nasty,
		created("," + value + ":1," + value + ":1"), created(`,"GROUPID":` + value), created(`,"Owner_Account":[` + value + `]`), created(`,"EventTime":` + value),
		created(`,"EventTime":` + strings.Repeat("9", 5000)), listed(`{"Member_Account":[` + value + `]}`), listed(value), listed(`{"Member_Account":"a",` + value + `:1,` + value + `:2}`),
		`{"CallbackCommand":` + value + `,"GroupId":"g","Operator_Account":"o","Type":"t","Name":""}`,
	}
	for i := range bodies {
		_, refusal := sendBody(AfterCreateGroup, bodies[i])
		assertOneShortLine(t, refusal, bodies[i])
	}
	for _, query := range []string{
		"SdkAppid=" + long, "SdkAppid=1400000000&CallbackCommand=" + long, target[10:] + "&contenttype[" + long, createdQuery + "&contenttype=" + long,
		createdQuery + "&Sign=" + long, createdQuery + "&RequestTime=" + long, createdQuery + "&Sign=1&RequestTime=" + long, createdQuery + "&a=%" + nasty, createdQuery + "&a;" + nasty,
	} {
		r := post("/callback", created(""))
		r.URL.RawQuery = query
		_, refusal := check(policy, r)
		assertOneShortLine(t, refusal, query)
	}
	r := post(target, created(""))
	r.Header["Content-Encoding"] = []string{nasty + strings.Repeat("z", 5000)}
	_, refusal := check(everything(), r)
	assertOneShortLine(t, refusal, "Content-Encoding")
}

func assertOneShortLine(t *testing.T, refusal *Refusal, sent string) {
	t.Helper()
	if !assert.NotNil(t, refusal, short(sent)+": is refused") {
		return
	}
	assert.Equal(t, "", strings.Trim(refusal.Info(), printable), short(sent)+": printable ASCII: "+refusal.Info())
	assert.Less(t, len(refusal.Info()), 500, short(sent)+": short: "+refusal.Info())
	assert.True(t, strings.HasPrefix(refusal.Info(), refusal.Meaning), short(sent)+": begins with what it means")
}

// No token, and nothing that one has signed, stands in a refusal: it goes to logs, and to whoever
// sent the request.
func TestRefusalsKeepSecrets(t *testing.T) {
	const token = "e10adc3949ba59abbe56e057f20f883e"
	sign := vectors[1].sign
	requestTime := vectors[1].requestTime
	fresh := "&Sign=" + sign + "&RequestTime=" + requestTime
	for _, tc := range []struct{ query, body string }{
		{createdQuery + fresh, ""}, {createdQuery + fresh, "{}"}, {createdQuery + fresh, created(`,"GroupId":"x"`)}, {createdQuery + fresh, "\xff"},
		{createdQuery + fresh + "&Sign=" + sign, ""}, {createdQuery + fresh + "&sign=" + sign, ""}, {createdQuery + fresh + "&Sign[]=" + sign, ""},
		{createdQuery + fresh + "&" + sign + "=%zz", ""}, {createdQuery + fresh + ";", ""}, {createdQuery + fresh + "%", ""}, {createdQuery + "&Sign=%" + sign, ""},
		{"SdkAppid=1" + fresh, ""}, {fresh[1:], created("")}, {"SdkAppid=1400000000" + fresh, created("")}, {"SdkAppid=1400000000&CallbackCommand=x" + fresh, created("")},
		{createdQuery + "&contenttype=xml" + fresh, ""},
		{createdQuery + "&Sign=" + sign, ""}, {createdQuery + "&Sign=" + sign + "&RequestTime=now", ""}, {createdQuery + "&Sign=" + sign + "&RequestTime=9" + requestTime, ""},
		{createdQuery + "&Sign=" + sign + "&RequestTime=1", ""}, {createdQuery + "&Sign=" + sign[1:] + "&RequestTime=" + requestTime, ""},
		{createdQuery + "&Sign=" + strings.ToUpper(sign) + "&RequestTime=" + requestTime, ""},
	} {
		policy := signedBy(ages, token)
		policy.Others = false
		r := post("/callback", tc.body)
		r.URL.RawQuery = tc.query
		_, refusal := check(policy, r)
		if assert.NotNil(t, refusal, tc.query) {
			for _, secret := range []string{token, sign, sign[:8], sign[56:], sign[28:36], Sign(token, "1")[:8]} {
				assert.NotContains(t, strings.ToLower(refusal.Info()+answered(refusal)), secret, tc.query)
			}
		}
	}
}
