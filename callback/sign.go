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

// checkSign verifies Sign and RequestTime against every token in constant time. No detail names a signature, or a token.
func checkSign(tokens []string, window time.Duration, query url.Values, now time.Time) *Refusal {
	sign := query.Get("Sign")
	requestTime := query.Get("RequestTime")
	if sign == "" || requestTime == "" {
		return refuse(SignMissing, "expected Sign and RequestTime in the URL; switch authentication on in the console, with this gate's token")
	}
	if len(requestTime) > 19 || strings.Trim(requestTime, "0123456789") != "" {
		return refuse(TimeMalformed, "expected 1 to 19 digits, found "+Quote(requestTime))
	}
	seconds, _ := strconv.ParseInt(requestTime, 10, 64) // out of range: the largest int64, which is ahead
	limit := int64(window / time.Second)
	if age := now.Unix() - seconds; age > limit {
		return refuse(TimeStale, "expected at most "+window.String()+" from now, found "+Quote(requestTime)+"; is a clock wrong?")
	} else if age < -limit {
		return refuse(TimeAhead, "expected at most "+window.String()+" from now, found "+Quote(requestTime)+"; is a clock wrong?")
	}
	if !matches(tokens, sign, requestTime) {
		return refuse(SignWrong, "expected lower-case hex of sha256(token + RequestTime) with one of the gate's tokens")
	}
	return nil
}

// matches tells whether any token has signed, in a time that does not tell which or how nearly.
func matches(tokens []string, sign, requestTime string) bool {
	found := 0
	for _, token := range tokens {
		found |= subtle.ConstantTimeCompare([]byte(sign), []byte(Sign(token, requestTime)))
	}
	return found != 0
}
