package protocol

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// SignWindow is how far RequestTime may be from now, either way, for the vendor ("Webhook
// authentication": "60 seconds").
const SignWindow = time.Minute

// Sign is the signature of a callback: lowercase_hex(sha256(token + requestTime)), where
// requestTime is Unix seconds in decimal ("Webhook authentication"). It covers neither the body nor
// the command nor the app: it proves that the sender knew the token.
func Sign(token, requestTime string) string {
	sum := sha256.Sum256([]byte(token + requestTime))
	return hex.EncodeToString(sum[:])
}

// checkSign verifies Sign and RequestTime against every token, in a time that does not tell which
// has signed or how nearly. No detail names a signature, or a token.
func checkSign(p *Policy, sign, requestTime string) *Refusal {
	if sign == "" || requestTime == "" || len(requestTime) > 19 || strings.Trim(requestTime, "0123456789") != "" {
		return refuseForm(sign, requestTime)
	}
	seconds, _ := strconv.ParseInt(requestTime, 10, 64) // one that is out of range becomes the largest, which is ahead
	age := time.Now().Unix() - seconds
	if limit := int64(p.Window / time.Second); age > limit || age < -limit {
		return refuseAge(p, requestTime, age)
	}
	found := 0
	for _, token := range p.Tokens() {
		found |= subtle.ConstantTimeCompare([]byte(sign), []byte(Sign(token, requestTime)))
	}
	if found == 0 {
		return refuse(SignWrong, "expected lower-case hex of sha256(token + RequestTime) with one of the gate's tokens")
	}
	return nil
}

func refuseForm(sign, requestTime string) *Refusal {
	if sign == "" || requestTime == "" {
		return refuse(SignMissing, "expected Sign and RequestTime in the URL; switch authentication on in the console, with this gate's token")
	}
	return refuse(TimeMalformed, "expected 1 to 19 digits, found "+Quote(requestTime))
}

func refuseAge(p *Policy, requestTime string, age int64) *Refusal {
	reason := TimeStale
	if age < 0 {
		reason = TimeAhead
	}
	return refuse(reason, "expected at most "+p.Window.String()+" from now, found "+Quote(requestTime)+"; is a clock wrong?")
}
