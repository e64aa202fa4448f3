package reply

import (
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/internal/protocol"
)

// refusal is an answer of a backend that refuses.
const refusal = `{"ActionStatus":"OK","ErrorInfo":"no","ErrorCode":10101}`

// failed is the answer that the gate makes of one that is not the vendor's.
func failed(code, status string) string {
	return `{"ActionStatus":"FAIL","ErrorCode":` + code + `00,"ErrorInfo":"the backend answered ` + code + " " + status +
		`: expected 2xx, or an answer in the vendor's form"}` + "\n"
}

// normalized is the answer to a request that a backend answers, and what was warned of.
func normalized(answer func(http.ResponseWriter, *http.Request)) (*httptest.ResponseRecorder, []string) {
	var warnings []string // no named result: the interpreter keeps what a closure has put there
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "/callback", strings.NewReader("{}"))
	Normalize(http.HandlerFunc(answer), func(text string) { warnings = append(warnings, text) }).ServeHTTP(w, r)
	return w, warnings
}

func TestNormalize(t *testing.T) {
	const own = "the backend's"
	for _, tc := range []struct {
		name   string
		status int // 0: none is written
		header string
		sent   string

		expected       int
		body           string // own: the very body
		gates          bool   // the gate's Content-Type
		keepsTheHeader bool
	}{
		// no reply: an OK is made of a success
		{name: "nothing", expected: 200, body: protocol.OK, gates: true},
		{name: "some text", status: 201, header: "Content-Type: text/plain", sent: "done", expected: 200, body: protocol.OK, gates: true},
		{name: "no content", status: 204, header: "X-Own: 1", expected: 200, body: protocol.OK, gates: true},
		{name: "another object", sent: `{"ok":true}`, expected: 200, body: protocol.OK, gates: true},
		{name: "null", sent: "null", expected: 200, body: protocol.OK, gates: true},
		{name: "escapes of a text", sent: `{"message":"\u6210\u529f \u0041"}`, expected: 200, body: protocol.OK, gates: true},
		{name: "a page", header: "Content-Type: text/html", sent: "<html>error</html>", expected: 200, body: protocol.OK, gates: true},
		{name: "over the limit", sent: strings.Repeat("x", limit+1), expected: 200, body: protocol.OK, gates: true},
		{name: "a reply behind the limit", sent: refusal + strings.Repeat(" ", limit), expected: 200, body: protocol.OK, gates: true},
		{name: "encoded, over the limit", header: "Content-Encoding: gzip", sent: strings.Repeat("x", limit+1), expected: 200, body: protocol.OK, gates: true},
		// and a FAIL of anything else
		{name: "not found", status: 404, header: "X-Own: 1", sent: "<html>", expected: 404, body: failed("404", "Not Found"), gates: true},
		{name: "a bad gateway", status: 502, sent: "Bad Gateway", expected: 502, body: failed("502", "Bad Gateway"), gates: true},
		{name: "elsewhere", status: 302, header: "Location: /login", expected: 302, body: failed("302", "Found"), gates: true},
		{name: "not modified", status: 304, expected: 304, body: failed("304", "Not Modified"), gates: true},
		{name: "a failure over the limit", status: 500, sent: strings.Repeat("x", limit+1), expected: 500, body: failed("500", "Internal Server Error"), gates: true},

		// a reply, or what means to be one
		{name: "a reply", header: "X-Own: 1", sent: refusal, expected: 200, body: own, keepsTheHeader: true},
		{name: "an OK", header: "Content-Type: text/plain", sent: protocol.OK, expected: 200, body: own, keepsTheHeader: true},
		{name: "a reply at the limit", sent: refusal + strings.Repeat(" ", limit-len(refusal)), expected: 200, body: own},
		{name: "a reply with another status", status: 500, header: "X-Own: 1", sent: refusal, expected: 500, body: own, keepsTheHeader: true},
		{name: "a reply created", status: 201, sent: refusal, expected: 201, body: own},
		{name: "a refusal that lacks a member", sent: `{"ActionStatus":"FAIL","ErrorCode":1}`, expected: 200, body: own},
		{name: "a refusal with one member", sent: `{"ErrorInfo":"no"}`, expected: 200, body: own},
		{name: "a refusal with its code as a string", sent: `{"ErrorCode":"1"}`, expected: 200, body: own},
		{name: "a refusal in another case", sent: `{"actionStatus":"FAIL","errorCode":10101}`, expected: 200, body: own},
		{name: "a refusal behind a byte order mark", sent: "\ufeff" + refusal, expected: 200, body: own},
		{name: "a refusal with something after it", sent: refusal + "<!-- -->", expected: 200, body: own},
		{name: "a refusal that is cut", sent: refusal[:30], expected: 200, body: own},
		{name: "a refusal in an array", sent: "[" + refusal + "]", expected: 200, body: own},
		{name: "a refusal spelt with escapes", sent: `{"Error\u0043ode":1}`, expected: 200, body: own},
		{name: "a refusal spelt with escapes, inside, in another case", sent: `[{"error\u0043od\u0065":1}]`, expected: 200, body: own},
		{name: "a refusal with a long s", sent: `{"Action\u017ftatus":"FAIL"}`, expected: 200, body: own},
		{name: "a refusal in UTF-16", sent: "E\x00r\x00r\x00o\x00r\x00C\x00o\x00d\x00e\x00", expected: 200, body: own},
		{name: "encoded", header: "Content-Encoding: gzip", sent: "\x1f\x8b", expected: 200, body: own, keepsTheHeader: true},

		// a reply that was encoded twice
		{
			name: "a reply in a string", header: "Content-Type: text/plain", sent: `"{\"ActionStatus\":\"OK\",\"ErrorInfo\":\"no\",\"ErrorCode\":10101}"`,
			expected: 200, body: refusal, gates: true,
		},
		{
			name: "a reply in a string, with its length", header: "Content-Length: 67", sent: `"{\"ActionStatus\":\"OK\",\"ErrorInfo\":\"no\",\"ErrorCode\":10101}"` + "\r\n",
			expected: 200, body: refusal, gates: true,
		},
		{name: "a reply in a string with another status", status: 400, sent: `"{\"ErrorCode\":1}"`, expected: 400, body: `{"ErrorCode":1}`, gates: true},
		{name: "a text about ErrorCode", sent: `"ErrorCode 7"`, expected: 200, body: own},
		{name: "an array in a string", sent: `"[{\"ErrorCode\":7}]"`, expected: 200, body: own},
		{name: "no ErrorCode in a string", sent: `"{\"ActionStatus\":\"OK\"}"`, expected: 200, body: own},
		{name: "an object that is cut in a string", sent: `"{\"ErrorCode\":7"`, expected: 200, body: own},
		{name: "a reply in a string in a string", sent: `"\"{\\\"ErrorCode\\\":7}\""`, expected: 200, body: own},
		{name: "a reply in a string and more", sent: `"{\"ErrorCode\":7}" x`, expected: 200, body: own},
	} {
		tc := tc
		name, value, _ := strings.Cut(tc.header, ": ")
		w, warnings := normalized(func(w http.ResponseWriter, _ *http.Request) {
			if tc.header != "" {
				w.Header().Set(name, value)
			}
			if tc.status != 0 {
				w.WriteHeader(tc.status)
			}
			_, _ = io.WriteString(w, tc.sent)
		})
		body := tc.body
		if body == own {
			body = tc.sent
		}
		assert.Equal(t, tc.expected, w.Code, tc.name)
		assert.True(t, body == w.Body.String(), tc.name+": found "+w.Body.String())
		assert.Empty(t, warnings, tc.name)
		if tc.gates {
			said := w.Header().Get("X-Chat-Gate")
			if w.Body.String() == protocol.OK {
				assert.Equal(t, "ok", said, tc.name)
			} else if w.Header()["X-Chat-Gate"] != nil {
				assert.Equal(t, "failed "+strconv.Itoa(w.Code)+"00", said, tc.name)
			}
			w.Header().Del("X-Chat-Gate")
			assert.Equal(t, http.Header{"Content-Type": {"application/json"}}, w.Header(), tc.name+": the gate's headers alone")
		}
		if tc.keepsTheHeader {
			assert.Equal(t, value, w.Header().Get(name), tc.name+": the backend's header")
		}
	}
}

// An answer comes in pieces, has one status, and announces nothing.
func TestAnswersInPieces(t *testing.T) {
	w, _ := normalized(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusAccepted)
		w.WriteHeader(http.StatusTeapot)
		for _, c := range []byte(refusal) {
			n, err := w.Write([]byte{c})
			assert.Equal(t, 1, n)
			assert.NoError(t, err)
		}
		w.Header()["X-Late"] = []string{"1"}
	})
	assert.Equal(t, http.StatusAccepted, w.Code)
	assert.Equal(t, refusal, w.Body.String())
}

// What the backend is asked for is an answer that the gate can read.
func TestNothingEncodedIsAskedFor(t *testing.T) {
	asked := true
	next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked = r.Header["Accept-Encoding"] != nil })
	r := httptest.NewRequest(http.MethodPost, "/callback", nil)
	r.Header.Set("Accept-Encoding", "gzip, br")
	Normalize(next, nil).ServeHTTP(httptest.NewRecorder(), r)
	assert.False(t, asked)
}

// An answer that breaks off is no answer, whatever came of it. The reverse proxy's own panic says
// no more than that; any other is a fault that somebody has to hear of.
func TestPanics(t *testing.T) {
	for _, tc := range []struct {
		name   string
		cause  any
		warned string // part of the warning; empty: none
	}{
		{"the reverse proxy's", http.ErrAbortHandler, ""},
		{"an error", errors.New("index out of range"), "index out of range"},
		{"a text", "a fault", "a fault"},
		{"another value", 7, "7"},
		{"a text of many lines", "a\r\nb\x1b" + strings.Repeat("x", 10000), `a\r\nb\x1bxxx`},
	} {
		for _, came := range []string{"", refusal[:20], refusal} {
			tc := tc
			name := tc.name + ", after " + came
			w, warnings := normalized(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Own", "1")
				_, _ = io.WriteString(w, came)
				panic(tc.cause)
			})
			assert.Equal(t, http.StatusBadGateway, w.Code, name)
			assert.Equal(t, failed("502", "Bad Gateway"), w.Body.String(), name)
			assert.Empty(t, w.Header().Get("X-Own"), name)
			if tc.warned == "" {
				assert.Empty(t, warnings, name)
				continue
			}
			if assert.Len(t, warnings, 1, name) {
				assert.Contains(t, warnings[0], tc.warned, name)
				assert.Contains(t, warnings[0], "behind the gate", name)
				assert.Less(t, len(warnings[0]), 200, name)
				assert.Equal(t, -1, strings.IndexFunc(warnings[0], func(c rune) bool { return c < ' ' || c > '~' }), name+": printable ASCII: "+warnings[0])
			}
		}
	}
}

// The very thing: the reverse proxy's panic, whose backend hangs up in the middle of an answer, is
// compiled code's, and is no fault.
func TestBackendThatHangsUp(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, refusal)
		if flusher, ok := w.(http.Flusher); ok {
			flusher.Flush()
		}
		panic(http.ErrAbortHandler)
	}))
	defer backend.Close()
	target, err := url.Parse(backend.URL)
	require.NoError(t, err, "backend")
	proxy := httputil.NewSingleHostReverseProxy(target)
	log.SetOutput(io.Discard) // where the proxy writes
	defer log.SetOutput(os.Stderr)
	var warnings []string
	front := httptest.NewServer(Normalize(proxy, func(text string) { warnings = append(warnings, text) }))
	defer front.Close()
	response, err := http.Post(front.URL, "application/json", strings.NewReader("{}"))
	require.NoError(t, err, "post")
	body, err := io.ReadAll(response.Body)
	assert.NoError(t, err, "the answer is whole")
	require.NoError(t, response.Body.Close(), "close")
	assert.Equal(t, http.StatusBadGateway, response.StatusCode)
	assert.Equal(t, failed("502", "Bad Gateway"), string(body))
	assert.Empty(t, warnings, "that a backend hangs up is no fault of what stands behind the gate")
}

// The next request is answered as if nothing had been.
func TestAfterAPanic(t *testing.T) {
	fail := true
	handler := Normalize(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if fail {
			panic("once")
		}
		_, _ = io.WriteString(w, refusal)
	}), func(string) {})
	for _, expected := range []int{502, 200} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/callback", nil))
		assert.Equal(t, expected, w.Code)
		fail = false
	}
}
