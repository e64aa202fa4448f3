package protocol

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
)

// The reference for the URL, as plain as that for the body: a query is a row of pairs, and it is
// let in if and only if none of these finds a fault.

type pair struct{ name, value string }

// pairsOf splits a query and decodes it. It reports false for a query that is malformed.
func pairsOf(query string) ([]pair, bool) {
	var pairs []pair
	for _, part := range strings.Split(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name, nameFits := percentDecoded(name)
		value, valueFits := percentDecoded(value)
		if !nameFits || !valueFits || strings.Contains(part, ";") || hasControl(strings.ReplaceAll(part, " ", "\x00")) {
			return nil, false
		}
		pairs = append(pairs, pair{name, value})
	}
	return pairs, true
}

func percentDecoded(text string) (string, bool) {
	const hex = "0123456789abcdef0123456789ABCDEF"
	var decoded []byte
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '+':
			decoded = append(decoded, ' ')
		case '%':
			if i+2 >= len(text) {
				return "", false
			}
			high := strings.IndexByte(hex, text[i+1])
			low := strings.IndexByte(hex, text[i+2])
			if high < 0 || low < 0 {
				return "", false
			}
			decoded = append(decoded, byte(high%16<<4|low%16))
			i += 2
		default:
			decoded = append(decoded, text[i])
		}
	}
	return string(decoded), true
}

var vendorParameters = []string{"SdkAppid", "CallbackCommand", "contenttype", "ClientIP", "OptPlatform", "Sign", "RequestTime"}

// mostParameters is how many a URL may have, empty ones too.
const mostParameters = 100

// queryFaults returns every reason for which a query has to be refused by a policy that lets in
// everything, signed by one of tokens.
func queryFaults(query string, tokens []string, window int64) []*Reason {
	pairs, ok := pairsOf(query)
	if !ok || strings.Contains(query, "#") || len(strings.Split(query, "&")) > mostParameters {
		return []*Reason{QueryMalformed}
	}
	var faults []*Reason
	value := map[string]string{}
	for _, p := range pairs {
		_, there := value[p.name]
		if there && isVendors(p.name) || !isVendors(p.name) && isTwin(p.name) {
			faults = append(faults, ParameterRepeated)
		}
		if !isVendors(p.name) && hasControl(p.name) || isVendors(p.name) && !isPrintable(p.value) {
			faults = append(faults, QueryMalformed)
		}
		value[p.name] = p.value
	}
	if value["SdkAppid"] == "" {
		faults = append(faults, AppMissing)
	} else if value["SdkAppid"] != testApp {
		faults = append(faults, AppNotAllowed)
	}
	if value["CallbackCommand"] == "" {
		faults = append(faults, CommandMissing)
	}
	if format := value["contenttype"]; format != "" && !strings.EqualFold(format, "json") {
		faults = append(faults, FormatNotJSON)
	}
	if tokens != nil {
		faults = append(faults, signFaults(value["Sign"], value["RequestTime"], tokens, window)...)
	}
	return faults
}

// hasControl tells whether a text has a control character of ASCII's.
func hasControl(text string) bool {
	for _, c := range []byte(text) {
		if c < 0x20 || c == 0x7f {
			return true
		}
	}
	return false
}

// isVendors tells whether the vendor appends a parameter.
func isVendors(name string) bool {
	if name == "RequestID" || name == "RequestId" {
		return true
	}
	for _, own := range vendorParameters {
		if name == own {
			return true
		}
	}
	return false
}

// isPrintable tells whether a value is printable ASCII without spaces, as all of the vendor's are.
func isPrintable(value string) bool {
	for _, c := range []byte(value) {
		if c <= 0x20 || c > 0x7e {
			return false
		}
	}
	return true
}

// isTwin tells whether PHP, Rack, qs and others may make one of the vendor's parameters of a name:
// of what stands between brackets, dots, question marks, number signs, NULs, byte order marks and
// white space.
func isTwin(name string) bool {
	pieces := strings.FieldsFunc(name, func(c rune) bool { return strings.ContainsRune("[].?#\x00\ufeff", c) || unicode.IsSpace(c) })
	for _, piece := range pieces {
		for _, own := range vendorParameters {
			if alike(piece, own) {
				return true
			}
		}
	}
	return false
}

func signFaults(sign, requestTime string, tokens []string, window int64) []*Reason {
	if sign == "" || requestTime == "" {
		return []*Reason{SignMissing}
	}
	if strings.Trim(requestTime, "0123456789") != "" || len(requestTime) > 19 {
		return []*Reason{TimeMalformed}
	}
	seconds := int64(0)
	for _, digit := range []byte(requestTime) {
		if seconds > (1<<63-1)/10-1 {
			return []*Reason{TimeAhead}
		}
		seconds = seconds*10 + int64(digit-'0')
	}
	now := time.Now().Unix()
	switch {
	case seconds < now-window:
		return []*Reason{TimeStale}
	case seconds > now+window:
		return []*Reason{TimeAhead}
	}
	for _, token := range tokens {
		if sign == Sign(token, requestTime) {
			return nil
		}
	}
	return []*Reason{SignWrong}
}

// assertQueryAgreement holds the package's verdict on a query against the reference's, without and
// with a token.
func assertQueryAgreement(t *testing.T, query string) {
	t.Helper()
	for _, policy := range []*Policy{everything(), signedBy(ages, vectors[0].token, vectors[1].token)} {
		var tokens []string
		name := "?" + short(query)
		if policy.Tokens != nil {
			tokens = policy.Tokens()
			name += " signed"
		}
		var reasons []string
		for _, fault := range queryFaults(query, tokens, int64(ages/time.Second)) {
			reasons = append(reasons, reasonName(fault))
		}
		r := &http.Request{Method: http.MethodPost, URL: &url.URL{Path: "/callback", RawQuery: query}, Body: http.NoBody}
		event, refusal := check(policy, r)
		if len(reasons) > 0 {
			if assert.NotNil(t, refusal, name+": the reference finds "+strings.Join(reasons, ", ")) {
				assert.Contains(t, reasons, reasonName(refusal.Reason), name+": the reference finds another fault")
			}
			continue
		}
		if refusal != nil { // by its empty body, which comes after the URL
			assertReason(t, BodyNotJSON, refusal, name)
		}
		pairs, _ := pairsOf(query)
		for _, p := range pairs {
			for _, parameter := range []string{"SdkAppid", "CallbackCommand", "ClientIP", "OptPlatform"} {
				if p.name != parameter {
					continue
				}
				value, found, refusal := Value(event, parameter)
				fits := len(p.value) <= 1024 && strings.IndexFunc(p.value, unicode.IsControl) < 0
				assertReason(t, reasonUnless(fits, ValueUnfit), refusal, name+": "+parameter)
				assert.Equal(t, fits, found, name+": "+parameter)
				if found {
					assert.Equal(t, p.value, value, name+": "+parameter)
				}
			}
		}
	}
}
