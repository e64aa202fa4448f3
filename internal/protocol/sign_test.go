package protocol

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// The signature: that of the vendor's page, and nothing near it.

// ages is a window so long that a vector of years ago is in it.
const ages = 100 * 365 * 24 * time.Hour

func signedBy(window time.Duration, tokens ...string) *Policy {
	policy := everything()
	policy.Tokens = func() []string { return tokens }
	policy.Window = window
	return policy
}

// signature is the query's last two parameters.
func signature(sign, requestTime string) string {
	return "&Sign=" + url.QueryEscape(sign) + "&RequestTime=" + url.QueryEscape(requestTime)
}

func checkSigned(policy *Policy, parameters string) *Refusal {
	_, refusal := check(policy, post(callbackURL(AfterCreateGroup)+parameters, created("")))
	return refusal
}

// The vendor's two examples, recomputed with sha256sum.
var vectors = []struct{ token, requestTime, sign string }{
	{"xxxxyyyy", "1669872112", "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061"},
	{"e10adc3949ba59abbe56e057f20f883e", "1676091353", "a5d271b35bd72858cdf1ad0b9dfbf037d19146062c0ecb712a0a3235489d6021"},
}

func TestSignatureVectors(t *testing.T) {
	for _, v := range vectors {
		assert.Equal(t, v.sign, Sign(v.token, v.requestTime), v.token)
		assertReason(t, nil, checkSigned(signedBy(ages, v.token), signature(v.sign, v.requestTime)), v.token)
	}
	first := vectors[0]
	assert.NotEqual(t, first.sign, Sign("xxxyyy", first.requestTime), "the token that one page misprints")
	assertReason(t, SignWrong, checkSigned(signedBy(ages, "xxxyyy"), signature(first.sign, first.requestTime)), "the token that one page misprints")
}

func TestSignatures(t *testing.T) {
	const token = "xxxxyyyy"
	requestTime := vectors[0].requestTime
	right := vectors[0].sign
	for _, tc := range []struct {
		name       string
		parameters string
		expected   *Reason
	}{
		{"right", signature(right, requestTime), nil},
		{"neither", "", SignMissing},
		{"no Sign", "&RequestTime=" + requestTime, SignMissing},
		{"no RequestTime", "&Sign=" + right, SignMissing},
		{"both empty", signature("", ""), SignMissing},
		{"Sign empty", signature("", requestTime), SignMissing},
		{"RequestTime empty", signature(right, ""), SignMissing},
		{"Sign twice", signature(right, requestTime) + "&Sign=" + right, ParameterRepeated},
		{"RequestTime twice", signature(right, requestTime) + "&RequestTime=" + requestTime, ParameterRepeated},
		{"sign in lower case beside it", signature(right, requestTime) + "&sign=" + right, ParameterRepeated},
		{"upper-case hex", signature(strings.ToUpper(right), requestTime), SignWrong},
		{"cut short", signature(right[:63], requestTime), SignWrong},
		{"one more", signature(right+"0", requestTime), SignWrong},
		{"a space after", signature(right+" ", requestTime), QueryMalformed},
		{"one digit changed", signature(right[:63]+"2", requestTime), SignWrong},
		{"of the next second", signature(right, "1669872113"), SignWrong},
		{"of the token alone", signature(Sign(token, ""), requestTime), SignWrong},
		{"of the time alone", signature(Sign("", requestTime), requestTime), SignWrong},
		{"the other way round", signature(Sign(requestTime, token), requestTime), SignWrong},
		{"no hash", signature("1", requestTime), SignWrong},
		{"a digit moved into the token", signature(Sign(token+"1", "669872112"), "669872112"), SignWrong},
	} {
		assertReason(t, tc.expected, checkSigned(signedBy(ages, token), tc.parameters), tc.name)
	}
	assertReason(t, SignWrong, checkSigned(signedBy(ages), signature(Sign("", requestTime), requestTime)), "no token at all")
}

func TestTokensInRotation(t *testing.T) {
	requestTime := vectors[0].requestTime
	for _, tc := range []struct {
		signer   string
		tokens   []string
		expected *Reason
	}{
		{"old", []string{"old"}, nil},
		{"old", []string{"old", "new"}, nil},
		{"new", []string{"old", "new"}, nil},
		{"new", []string{"new"}, nil},
		{"old", []string{"new"}, SignWrong},
		{"third", []string{"old", "new"}, SignWrong},
		{"oldnew", []string{"old", "new"}, SignWrong},
		{"群 + &", []string{"old", "群 + &"}, nil},
	} {
		name := tc.signer + " of " + strings.Join(tc.tokens, ", ")
		assertReason(t, tc.expected, checkSigned(signedBy(ages, tc.tokens...), signature(Sign(tc.signer, requestTime), requestTime)), name)
	}

	// The tokens are asked for at every request.
	current := []string{"old"}
	policy := signedBy(ages)
	policy.Tokens = func() []string { return current }
	byNew := signature(Sign("new", requestTime), requestTime)
	assertReason(t, SignWrong, checkSigned(policy, byNew), "before the rotation")
	current = []string{"old", "new"}
	assertReason(t, nil, checkSigned(policy, byNew), "after the rotation")
}

// Every RequestTime here is signed: its form is checked before, and apart from, the signature.
func TestFormsOfRequestTime(t *testing.T) {
	for requestTime, expected := range map[string]*Reason{
		"1669872112":           nil,
		"0001669872112":        nil, // the hash is over that very string
		"0000000001669872112":  nil,
		"00000000001669872112": TimeMalformed,
		"0":                    nil,
		"00":                   nil,
		"9223372036854775807":  TimeAhead,
		"9999999999999999999":  TimeAhead,
		"99999999999999999999": TimeMalformed,
		"16698721120000":       TimeAhead, // milliseconds
		"-1669872112":          TimeMalformed,
		"+1669872112":          TimeMalformed,
		" 1669872112":          QueryMalformed,
		"1669872112 ":          QueryMalformed,
		"1669872112\n":         QueryMalformed,
		"1669872112.0":         TimeMalformed,
		"1.669872112e9":        TimeMalformed,
		"0x6388f0f0":           TimeMalformed,
		"1_669_872_112":        TimeMalformed,
		"１６６９８７２１１２":           QueryMalformed,
		"1669872112\x00":       QueryMalformed,
		"now":                  TimeMalformed,
		// what extending the hash would need behind the digits
		"1669872112\x80\x00\x00": QueryMalformed,
	} {
		assertReason(t, expected, checkSigned(signedBy(ages, "xxxxyyyy"), signature(Sign("xxxxyyyy", requestTime), requestTime)), strconv.Quote(requestTime))
	}
}

func TestWindow(t *testing.T) {
	for _, tc := range []struct {
		window   time.Duration
		offset   int64 // of RequestTime from now, in seconds
		expected *Reason
	}{
		{SignWindow, 0, nil},
		{SignWindow, -59, nil},
		{SignWindow, -60, nil},
		{SignWindow, -61, TimeStale},
		{SignWindow, 59, nil},
		{SignWindow, 60, nil},
		{SignWindow, 61, TimeAhead},
		{SignWindow, -86400, TimeStale},
		{SignWindow, 86400, TimeAhead},
		{time.Second, -1, nil},
		{time.Second, 1, nil},
		{time.Second, -2, TimeStale},
		{time.Second, 2, TimeAhead},
		{time.Hour, -3600, nil},
		{time.Hour, -3601, TimeStale},
		{1500 * time.Millisecond, -1, nil},
		{1500 * time.Millisecond, -2, TimeStale},
	} {
		name := tc.window.String() + ": " + strconv.FormatInt(tc.offset, 10) + " s from now"
		assertReason(t, tc.expected, withinOneSecond(func(now int64) *Refusal {
			requestTime := strconv.FormatInt(now+tc.offset, 10)
			return checkSigned(signedBy(tc.window, "xxxxyyyy"), signature(Sign("xxxxyyyy", requestTime), requestTime))
		}), name)
	}
	assert.Equal(t, time.Minute, SignWindow, "the vendor's")
}

// withinOneSecond checks again if the clock ticked meanwhile, so that the edge of a window is where
// it seems to be.
func withinOneSecond(check func(now int64) *Refusal) *Refusal {
	for {
		now := time.Now().Unix()
		refusal := check(now)
		if time.Now().Unix() == now {
			return refusal
		}
	}
}

// The clock is looked at before the signature: who knows no token learns nothing of it from a stale
// request.
func TestStaleBeforeWrong(t *testing.T) {
	assertReason(t, TimeStale, checkSigned(signedBy(SignWindow, "xxxxyyyy"), signature("00", "1669872112")), "stale and wrong")
}

func TestUnsignedPolicyIgnoresSignatures(t *testing.T) {
	assertReason(t, nil, checkSigned(everything(), signature("00", "now")), "no token is set")
}
