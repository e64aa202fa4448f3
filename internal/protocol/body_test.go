package protocol

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Reading the body: once, bounded, not before it is needed, and whatever the verdict is, it can be
// read again from the start.

func TestContentEncodings(t *testing.T) {
	for _, tc := range []struct {
		encodings []string
		expected  *Reason
	}{
		{nil, nil},
		{[]string{"identity"}, nil},
		{[]string{"Identity"}, nil},
		{[]string{"identity", "IDENTITY"}, nil},
		{[]string{"gzip"}, BodyEncoded},
		{[]string{"br"}, BodyEncoded},
		{[]string{"x-mine"}, BodyEncoded},
		{[]string{"identity, gzip"}, BodyEncoded},
		{[]string{"identity", "gzip"}, BodyEncoded},
		{[]string{"gzip", "identity"}, BodyEncoded},
	} {
		r := post(callbackURL(AfterCreateGroup), created(""))
		if tc.encodings != nil {
			r.Header["Content-Encoding"] = tc.encodings
		}
		_, refusal := check(everything(), r)
		assertReason(t, tc.expected, refusal, strings.Join(tc.encodings, " / "))
	}
}

// No Content-Type is required: which one the vendor sends is not known.
func TestContentTypesPass(t *testing.T) {
	for _, contentType := range []string{"", "application/json", "text/plain", "application/x-www-form-urlencoded", "?"} {
		r := post(callbackURL(AfterCreateGroup), created(""))
		r.Header.Set("Content-Type", contentType)
		_, refusal := check(everything(), r)
		assertReason(t, nil, refusal, contentType)
	}
}

// withLength makes a request with a Content-Length, or one that does not tell how long its body is.
func withLength(known bool, body string) *http.Request {
	r := post(callbackURL(AfterCreateGroup), body)
	if !known {
		r.ContentLength = -1
		r.Body = io.NopCloser(strings.NewReader(body))
	}
	return r
}

func TestLimitOfTheBody(t *testing.T) {
	for _, limit := range []int{100, 4096, 1<<16 - 1, 1 << 16, 1<<16 + 1, MaxBody} {
		for _, tc := range []struct {
			name     string
			length   int
			expected *Reason
		}{
			{"one below", limit - 1, nil}, {"at the limit", limit, nil}, {"one above", limit + 1, BodyTooLarge}, {"twice", 2 * limit, BodyTooLarge},
		} {
			for _, known := range []bool{true, false} {
				name := strconv.Itoa(limit) + ", " + tc.name + ", Content-Length " + strconv.FormatBool(known)
				policy := everything()
				policy.MaxBody = int64(limit)
				sent := padded(tc.length)
				r := withLength(known, sent)
				event, refusal := check(policy, r)
				expected := tc.expected
				if expected == nil && limit < 200 {
					expected = FieldMissing // there is no room for more than braces
				}
				assertReason(t, expected, refusal, name)
				if refusal == nil {
					assert.Len(t, event.body, tc.length, name)
				}
				assertBodyIs(t, r, sent, tc.expected == nil, name)
			}
		}
	}
}

// padded is a body of a length.
func padded(length int) string {
	body := created("")
	if length < len(body) {
		body = "{}"
	}
	return body + strings.Repeat(" ", length-len(body))
}

// assertBodyIs reads a request's body and, where it was read whole, that it can be sent again and
// again.
func assertBodyIs(t *testing.T, r *http.Request, sent string, readWhole bool, name string) {
	t.Helper()
	got, err := io.ReadAll(r.Body)
	assert.NoError(t, err, name)
	assert.True(t, sent == string(got), name+": the body can be read again, found "+strconv.Itoa(len(got))+" bytes of "+strconv.Itoa(len(sent)))
	assert.NoError(t, r.Body.Close(), name)
	if !readWhole {
		return
	}
	assert.Equal(t, int64(len(sent)), r.ContentLength, name+": ContentLength")
	if !assert.NotNil(t, r.GetBody, name+": GetBody") {
		return
	}
	for i := 0; i < 2; i++ {
		again, err := r.GetBody()
		require.NoError(t, err, name)
		got, err := io.ReadAll(again)
		assert.NoError(t, err, name)
		assert.True(t, sent == string(got), name+": GetBody gives the body")
	}
}

func TestBodyCanBeReadAgain(t *testing.T) {
	target := callbackURL(AfterCreateGroup)
	signed := func() *Policy {
		policy := signedBy(ages, vectors[0].token)
		policy.URLCheck = true
		return policy
	}
	proof := signature(vectors[0].sign, vectors[0].requestTime)
	long := created(`,"MemberList":[` + accounts(3000) + `]`)
	for _, tc := range []struct {
		name      string
		policy    *Policy
		target    string
		body      string
		readWhole bool // the verdict needs the body
		expected  *Reason
	}{
		{"let in", everything(), target, created(""), true, nil},
		{"let in, long", everything(), target, long, true, nil},
		{"let in, no schema", everything(), callbackURL("Push.TagPush"), `{"Events":[]}`, true, nil},
		{"let in, signed", signed(), target + proof, created(""), true, nil},
		{"the console's check, empty", signed(), target + proof, "", true, nil},
		{"the console's check", signed(), "/callback?" + proof[1:], "{}", true, nil},
		{"no console's check", signed(), "/callback?" + proof[1:], created(""), true, AppMissing},
		{"malformed query", everything(), target + "&a=;", created(""), false, QueryMalformed},
		{"repeated parameter", everything(), target + "&SdkAppid=1", created(""), false, ParameterRepeated},
		{"another app", everything(), "/callback?SdkAppid=1", created(""), false, AppNotAllowed},
		{"no command", everything(), "/callback?SdkAppid=1400000000", created(""), false, CommandMissing},
		{"not json", everything(), target + "&contenttype=xml", created(""), false, ParameterRepeated},
		{"not signed", signed(), target, created(""), false, SignMissing},
		{"wrongly signed", signed(), target + signature("0", vectors[0].requestTime), created(""), false, SignWrong},
		{"stale", signedBy(SignWindow, vectors[0].token), target + proof, created(""), false, TimeStale},
		{"not UTF-8", everything(), target, "\xff" + created(""), true, BodyNotUTF8},
		{"not JSON", everything(), target, long + "x", true, BodyNotJSON},
		{"empty", everything(), target, "", true, BodyNotJSON},
		{"repeated member", everything(), target, created(`,"Type":"x"`), true, MemberRepeated},
		{"misspelt member", everything(), target, created(`,"type":"x"`), true, MemberMisspelt},
		{"too many members", everything(), target, created(unknownMembers(1500)), true, TooManyMembers},
		{"another command", everything(), callbackURL("Group.CallbackAfterGroupFull"), created(""), true, CommandMismatch},
		{"missing field", everything(), target, "{}", true, FieldMissing},
		{"invalid field", everything(), target, created(`,"EventTime":-1`), true, FieldInvalid},
	} {
		for _, known := range []bool{true, false} {
			name := tc.name + ", Content-Length " + strconv.FormatBool(known)
			r := post(tc.target, tc.body)
			reader := strings.NewReader(tc.body)
			r.Body = io.NopCloser(reader)
			if !known {
				r.ContentLength = -1
			}
			_, refusal := check(tc.policy, r)
			assertReason(t, tc.expected, refusal, name)
			if !tc.readWhole {
				assert.Equal(t, len(tc.body), reader.Len(), name+": nothing is read before it is needed")
			}
			assertBodyIs(t, r, tc.body, tc.readWhole, name)
		}
	}
}

func TestLongBodyIsNotReadFurtherThanTheLimit(t *testing.T) {
	policy := everything()
	policy.MaxBody = 1000
	for _, length := range []int{1001, 1002, 50000} {
		for _, known := range []bool{true, false} {
			name := strconv.Itoa(length) + " bytes, Content-Length " + strconv.FormatBool(known)
			sent := padded(length)
			reader := strings.NewReader(sent)
			r := withLength(known, sent)
			r.Body = io.NopCloser(reader)
			_, refusal := check(policy, r)
			assertReason(t, BodyTooLarge, refusal, name)
			taken := len(sent) - reader.Len()
			if known {
				assert.Zero(t, taken, name+": it told that it was too long")
			}
			assert.LessOrEqual(t, taken, 1001, name+": one byte more tells that it is too long")
			assertBodyIs(t, r, sent, false, name)
		}
	}
}

// A body that breaks off is refused, and who reads it after all gets what came and then the same
// error.
func TestBodyThatBreaksOff(t *testing.T) {
	whole := created("")
	broken := errors.New("connection reset")
	for _, came := range []string{"", whole[:1], whole[:50], whole} {
		for _, known := range []bool{true, false} {
			name := strconv.Itoa(len(came)) + " bytes came, Content-Length " + strconv.FormatBool(known)
			r := withLength(known, whole)
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(came), iotest.ErrReader(broken)))
			_, refusal := check(everything(), r)
			assertReason(t, BodyBroken, refusal, name)
			got, err := io.ReadAll(r.Body)
			assert.Equal(t, came, string(got), name)
			assert.ErrorIs(t, err, broken, name)
		}
	}
}

// Whoever hides that a body broke off: it is shorter than its Content-Length.
func TestBodyThatIsTooShort(t *testing.T) {
	whole := created("")
	for _, came := range []string{"", "{}", whole[:50], whole} {
		for _, missing := range []int64{1, 2, 1000} {
			name := strconv.Itoa(len(came)) + " bytes of " + strconv.FormatInt(missing, 10) + " more"
			r := post(callbackURL(AfterCreateGroup), came)
			r.ContentLength = int64(len(came)) + missing
			policy := everything()
			policy.URLCheck = true
			_, refusal := check(policy, r)
			assertReason(t, BodyBroken, refusal, name)
			got, err := io.ReadAll(r.Body)
			assert.Equal(t, came, string(got), name)
			assert.ErrorIs(t, err, io.ErrUnexpectedEOF, name)
		}
	}
}

// A body that comes in pieces is put together, as a server's come.
func TestBodyInPieces(t *testing.T) {
	sent := created(`,"MemberList":[` + accounts(20) + `]`)
	for name, reader := range map[string]io.Reader{
		"byte by byte":        iotest.OneByteReader(strings.NewReader(sent)),
		"halves":              iotest.HalfReader(strings.NewReader(sent)),
		"the end with an EOF": iotest.DataErrReader(strings.NewReader(sent)),
	} {
		for _, known := range []bool{true, false} {
			r := withLength(known, sent)
			r.Body = io.NopCloser(reader)
			if !known {
				r.Body = io.NopCloser(bytes.NewReader([]byte(sent)))
			}
			event, refusal := check(everything(), r)
			assertReason(t, nil, refusal, name)
			if refusal == nil {
				assert.Equal(t, sent, string(event.body), name)
			}
			assertBodyIs(t, r, sent, true, name)
		}
	}
}

// What a proxy forwards after Check has a right Content-Length, however it came: over real
// connections, in chunks and not.
func TestForwardedOverConnections(t *testing.T) {
	sent := created(`,"More":"群"`)
	var verdicts, bodies []string
	var lengths []int64
	backend := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(body))
		lengths = append(lengths, r.ContentLength)
	}))
	defer backend.Close()
	target, err := url.Parse(backend.URL)
	require.NoError(t, err, "backend")
	proxy := httputil.NewSingleHostReverseProxy(target)
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, refusal := check(everything(), r)
		verdicts = append(verdicts, verdict(refusal))
		proxy.ServeHTTP(w, r)
	}))
	defer gate.Close()
	for _, body := range []io.Reader{strings.NewReader(sent), io.MultiReader(strings.NewReader(sent))} { // the second is sent in chunks
		response, err := http.Post(gate.URL+callbackURL(AfterCreateGroup), "application/json", body)
		require.NoError(t, err, "post")
		require.NoError(t, response.Body.Close(), "post")
	}
	assert.Equal(t, []string{"let in", "let in"}, verdicts)
	assert.Equal(t, []string{sent, sent}, bodies)
	assert.Equal(t, []int64{int64(len(sent)), int64(len(sent))}, lengths, "Content-Length, -1 if the backend got chunks")
}
