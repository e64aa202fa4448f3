package protocol

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
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
	if refusal := checkAge(p, requestTime, command); refusal != nil {
		return refusal
	}
	found := 0
	for _, token := range p.Tokens() {
		found |= subtle.ConstantTimeCompare([]byte(sign), []byte(Sign(token, requestTime)))
	}
	if found == 0 {
		return refuseSign(command)
	}
	return nil
}

func refuseSign(command string) *Refusal {
	return &Refusal{SignWrong, "expected lower-case hex of sha256(token + RequestTime) with one of the gate's tokens", command}
}

// checkAge refuses a RequestTime that is too far from now.
func checkAge(p *Policy, requestTime, command string) *Refusal {
	reason := TimeStale
	age := time.Now().Unix() - seconds(requestTime)
	limit := int64(p.Window / time.Second)
	if age < 0 {
		reason = TimeAhead
		age = -age
	}
	if age <= limit {
		return nil
	}
	return &Refusal{reason, "expected at most " + p.Window.String() + " from now, found " + Quote(requestTime) + "; is a clock wrong?", command}
}

// seconds is a RequestTime as a number; one that is out of range becomes the largest int64, which is ahead.
func seconds(requestTime string) int64 {
	number, _ := strconv.ParseInt(requestTime, 10, 64)
	return number
}

// A signer knows the signatures that are right for one RequestTime, the one it was last asked for. All callbacks of a second share theirs, so
// it is nearly always that. It remembers nothing of the callbacks: every one with the same signature is as right as the first.
type signer struct {
	policy *Policy
	right  atomic.Value // map[string]time.Time: when each "<Sign>&RequestTime=<RequestTime>" was worked out, and the RequestTime alone
}

// moment is how long a signer takes what it knows to be so still: tokens change, and time passes.
const moment = time.Second

func newSigner(p *Policy) *signer {
	s := &signer{policy: p}
	s.right.Store(map[string]time.Time{})
	return s
}

// verifyProof verifies a proof: the end of a URL, from the value of Sign on. The refusal is the very one that verify would come to. What the
// time of a look-up tells is of a hash with a seed that nobody knows, not of how much of a signature is right.
func verifyProof(s *signer, proof, requestTime, command string) *Refusal {
	right, _ := s.right.Load().(map[string]time.Time)
	if time.Since(right[requestTime]) >= moment {
		if refusal := checkAge(s.policy, requestTime, command); refusal != nil {
			return refusal
		}
		right = workOut(s, requestTime)
	}
	if right[proof].IsZero() {
		return refuseSign(command)
	}
	return nil
}

// workOut works out the right signatures, and remembers them unless the RequestTime may become too old within the moment.
func workOut(s *signer, requestTime string) map[string]time.Time {
	now := time.Now()
	right := map[string]time.Time{requestTime: now}
	for _, token := range s.policy.Tokens() {
		right[Sign(token, requestTime)+"&RequestTime="+requestTime] = now
	}
	if now.Add(moment).Unix()-seconds(requestTime) <= int64(s.policy.Window/time.Second) {
		s.right.Store(right)
	}
	return right
}
