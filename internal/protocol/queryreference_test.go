package protocol

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// The reference for the URL, as plain as that for the body: a query is a row of pairs, and it is let in if and only if none of these
// finds a fault.

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
		if !nameFits || !valueFits || strings.Contains(part, ";") {
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
			high, low := strings.IndexByte(hex, text[i+1]), strings.IndexByte(hex, text[i+2])
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

// queryFaults returns every reason for which a query has to be refused by a policy that lets in everything, signed by one of tokens.
func queryFaults(query string, tokens []string, window int64) []*Reason {
	pairs, ok := pairsOf(query)
	if !ok {
		return []*Reason{QueryMalformed}
	}
	var faults []*Reason
	value := map[string]string{}
	for _, p := range pairs {
		for _, name := range vendorParameters {
			_, there := value[name]
			if p.name == name && there || p.name != name && alike(lenientName(p.name), name) {
				faults = append(faults, ParameterRepeated)
			}
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
	if format, there := value["contenttype"]; there && !strings.EqualFold(format, "json") {
		faults = append(faults, FormatNotJSON)
	}
	if tokens != nil {
		faults = append(faults, signFaults(value["Sign"], value["RequestTime"], tokens, window)...)
	}
	return faults
}

// lenientName is what PHP, Rails and others make of a name: cut at a NUL or a bracket, without space around it.
func lenientName(name string) string {
	name, _, _ = strings.Cut(name, "[")
	name, _, _ = strings.Cut(name, "\x00")
	return strings.TrimSpace(name)
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

// assertQueryAgreement holds the package's verdict on a query against the reference's, without and with a token.
func assertQueryAgreement(t *testing.T, query string) {
	t.Helper()
	for _, policy := range []*Policy{everything(), signedBy(ages, vectors[0].token, vectors[1].token)} {
		var tokens []string
		name := "?" + short(query)
		if policy.Tokens != nil {
			tokens, name = policy.Tokens(), name+" signed"
		}
		var reasons []string
		for _, fault := range queryFaults(query, tokens, int64(ages/time.Second)) {
			reasons = append(reasons, reasonName(fault))
		}
		r := &http.Request{Method: http.MethodPost, URL: &url.URL{Path: "/callback", RawQuery: query}, Body: http.NoBody}
		event, refusal := Check(policy, r)
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
				if p.name == parameter && event != nil {
					value, found, _ := Value(event, parameter)
					assert.True(t, found, name+": "+parameter)
					assert.Equal(t, p.value, value, name+": "+parameter)
				}
			}
		}
	}
}
