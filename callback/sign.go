package callback

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// SignWindow is how far RequestTime may be from now, either way, for the vendor ("Webhook authentication": "60 seconds").
const SignWindow = time.Minute

// Sign is the signature of a callback: lowercase_hex(sha256(token + requestTime)), where requestTime is Unix seconds in decimal
// ("Webhook authentication"). It covers neither the body nor the command nor the app: it proves that the sender knew the token.
func Sign(token, requestTime string) string {
	sum := sha256.Sum256([]byte(token + requestTime))
	return hex.EncodeToString(sum[:])
}

// checkSign verifies Sign and RequestTime. No detail names a signature, or a token.
func checkSign(p *Policy, query url.Values) *Refusal {
	sign := query.Get("Sign")
	requestTime := query.Get("RequestTime")
	if sign == "" || requestTime == "" {
		return refuse(SignMissing, "expected Sign and RequestTime in the URL; switch authentication on in the console, with this gate's token")
	}
	if len(requestTime) > 19 || strings.Trim(requestTime, "0123456789") != "" {
		return refuse(TimeMalformed, "expected 1 to 19 digits, found "+Quote(requestTime))
	}
	return verify(p, sign, requestTime, query.Get("CallbackCommand"))
}

// verify holds a signature against every token, in a time that does not tell which has signed or how nearly. requestTime is 1 to 19 digits.
func verify(p *Policy, sign, requestTime, command string) *Refusal {
	seconds, _ := strconv.ParseInt(requestTime, 10, 64) // out of range: the largest int64, which is ahead
	age := time.Now().Unix() - seconds
	limit := int64(p.Window / time.Second)
	if age > limit || age < -limit {
		return refuseAge(p, age, requestTime, command)
	}
	found := 0
	for _, token := range p.Tokens() {
		sum := sha256.Sum256([]byte(token + requestTime)) // as Sign does, without the price of a call
		found |= subtle.ConstantTimeCompare([]byte(sign), []byte(hex.EncodeToString(sum[:])))
	}
	if found == 0 {
		return &Refusal{SignWrong, "expected lower-case hex of sha256(token + RequestTime) with one of the gate's tokens", command}
	}
	return nil
}

func refuseAge(p *Policy, age int64, requestTime, command string) *Refusal {
	reason := TimeStale
	if age < 0 {
		reason = TimeAhead
	}
	return &Refusal{reason, "expected at most " + p.Window.String() + " from now, found " + Quote(requestTime) + "; is a clock wrong?", command}
}
