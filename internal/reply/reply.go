// Package reply answers Tencent Cloud Chat: it refuses what must not pass, turns whatever a backend
// answers into what the vendor can read, and decides where there is no usable answer.
package reply

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/chatgate/chatgate/internal/protocol"
)

// limit is the longest answer in bytes that is recognised as a callback's. A before-callback's may
// carry a changed message, which is at most 12 KB.
const limit = 64 << 10

// Normalize hands on an answer that is in the vendor's form, or means to be, as it is. It makes an
// OK of any other success, and a FAIL with the same status of any other answer. warn is told of a
// fault behind the gate.
func Normalize(next http.Handler, warn func(string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Accept-Encoding") // an answer that can't be read can't be told from a refusal
		answer := &recorder{header: http.Header{}}
		if !completes(next, answer, r, warn) {
			answer = &recorder{header: http.Header{}, status: http.StatusBadGateway}
		}
		send(w, answer)
	})
}

// completes reports false for an answer that breaks off: the reverse proxy panics with
// http.ErrAbortHandler then, to break off its own. Any other panic is a fault.
func completes(next http.Handler, answer *recorder, r *http.Request, warn func(string)) (done bool) {
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		done = false
		if text := fmt.Sprint(cause); text != http.ErrAbortHandler.Error() {
			warn("what stands behind the gate failed: " + protocol.Quote(text))
		}
	}()
	next.ServeHTTP(answer, r)
	return true
}

// A recorder keeps an answer, up to the limit.
type recorder struct {
	header http.Header
	status int
	body   []byte
	length int
}

func (a *recorder) Header() http.Header { return a.header }

func (a *recorder) WriteHeader(status int) {
	if a.status == 0 && status >= 200 { // those below announce an answer
		a.status = status
	}
}

func (a *recorder) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	if a.length += len(p); a.length <= limit {
		a.body = append(a.body, p...)
	}
	return len(p), nil
}

func copyHeader(w http.ResponseWriter, a *recorder) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
}

func send(w http.ResponseWriter, a *recorder) {
	a.WriteHeader(http.StatusOK)
	if a.length <= limit && (a.header.Get("Content-Encoding") != "" || isReply(a.body)) {
		copyHeader(w, a)
		body := a.body
		if inner := encodedTwice(body); inner != nil {
			body = inner
			w.Header()["Content-Type"] = []string{"application/json"}
			delete(w.Header(), "Content-Length")
		}
		w.WriteHeader(a.status)
		_, _ = w.Write(body)
		return
	}
	if a.status < 300 {
		protocol.Accept(w)
		return
	}
	protocol.Fail(w, failure(a.status, "expected 2xx, or an answer in the vendor's form"))
}

// failure is a status that a backend should not have answered.
func failure(status int, detail string) *protocol.Refusal {
	meaning := "the backend answered " + strconv.Itoa(status) + " " + http.StatusText(status)
	return &protocol.Refusal{Reason: &protocol.Reason{Status: status, Code: status * 100, Meaning: meaning}, Detail: detail}
}

// encodedTwice returns the reply in a JSON string, as backends send it that encode what is JSON
// already, or nil.
func encodedTwice(body []byte) []byte {
	var inner string
	var reply map[string]json.RawMessage
	if json.Unmarshal(body, &inner) != nil || json.Unmarshal([]byte(inner), &reply) != nil || reply["ErrorCode"] == nil {
		return nil
	}
	return []byte(inner)
}

// isReply tells whether a body is an answer in the vendor's form, or means to be: in whatever way a
// name of that form stands in it, it must not be made an OK of, for it may be a refusal.
func isReply(body []byte) bool {
	text := escapes.ReplaceAllStringFunc(strings.ReplaceAll(string(body), "\x00", ""), unescape) // UTF-16 is ASCII between zeros
	text = strings.ToLower(strings.ToUpper(text))                                                // upper first: that takes in U+017F, the long s
	for _, name := range []string{"actionstatus", "errorcode", "errorinfo"} {
		if strings.Contains(text, name) {
			return true
		}
	}
	return false
}

// escapes matches what may stand for a character in a JSON string.
var escapes = regexp.MustCompile(`\\u[0-9A-Fa-f]{4}`)

func unescape(escape string) string {
	character, _ := strconv.ParseUint(escape[2:], 16, 16)
	return string(rune(character))
}
