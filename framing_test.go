package chatgate

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/internal/samples"
)

// How a body is framed, and what says how it is to be read.

// A header that only a server of the CGI family takes for Content-Type or its like is taken off
// what is forwarded as checked, on the fast path, too. All else keeps it.
func TestMisleadingHeaders(t *testing.T) {
	const others = "Live.CallbackAfterCreateRoom"
	passedOn := `{"CallbackCommand":"` + others + `"}`
	for _, name := range []string{"Content_Type", "content_type", "CONTENT.TYPE", "Content_Length", "Content_Encoding", "Transfer_Encoding", "Transfer~Encoding"} {
		misleading := name + ": 7\r\n"
		b := &backend{}
		gate := newGate(t, b, func(c *Config) { c.OtherCommands = "forward" })
		for i := 1; i <= 3; i++ {
			serve(t, gate, post(samples.Target(samples.Command), "", samples.CreatedGroup))
			serve(t, gate, post(samples.Target(samples.Command), misleading, samples.CreatedGroup))
			assert.Equal(t, 4*i-2, b.requests, name)
			assert.NotContains(t, b.got.Header, http.CanonicalHeaderKey(name))
			assert.Equal(t, []string{protocol.ContentType}, b.got.Header["Content-Type"], name)
			serve(t, gate, post(samples.Target(others), misleading, passedOn))
			assert.Equal(t, []string{"7"}, b.got.Header[http.CanonicalHeaderKey(name)], name+", on a command that is passed on")
			serve(t, gate, post("/elsewhere", misleading, passedOn))
			assert.Equal(t, []string{"7"}, b.got.Header[http.CanonicalHeaderKey(name)], name+", elsewhere")
		}
	}
}

// No more is read of a body than one may have, whatever its length was said to be: a middleware in
// front that decompresses can make it longer.
func TestEndlessBody(t *testing.T) {
	gate := newGate(t, &backend{}, nil)
	for i := 0; i < 3; i++ {
		serve(t, gate, post(samples.Target(samples.Command), "", samples.CreatedGroup))
		body := strings.NewReader(strings.Repeat("x", 3*protocol.MaxBody))
		r := httptest.NewRequest(http.MethodPost, samples.Target(samples.Command), nil)
		r.Body = io.NopCloser(body)
		r.ContentLength = 300
		w := httptest.NewRecorder()
		gate.ServeHTTP(w, r)
		assert.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
		assert.Greater(t, body.Len(), protocol.MaxBody, "what is left, after "+strconv.Itoa(i))
	}
}

// A body that another middleware has read together goes on with a length, not in chunks.
func TestChunksThatWereReadTogether(t *testing.T) {
	b := &backend{}
	gate := newGate(t, b, nil)
	for i := 1; i <= 3; i++ {
		r := httptest.NewRequest(http.MethodPost, samples.Target(samples.Command), strings.NewReader(samples.CreatedGroup))
		r.TransferEncoding = []string{"chunked"}
		gate.ServeHTTP(httptest.NewRecorder(), r)
		assert.Equal(t, i, b.requests)
		assert.Empty(t, b.got.TransferEncoding, strconv.Itoa(i))
		assert.Equal(t, int64(len(samples.CreatedGroup)), b.got.ContentLength)
	}
}

// A body that breaks off at its end is refused, although all of it is there.
func TestBrokenEnd(t *testing.T) {
	gate := newGate(t, &backend{}, nil)
	for i := 0; i < 3; i++ {
		assert.Equal(t, http.StatusOK, serve(t, gate, post(samples.Target(samples.Command), "", samples.CreatedGroup)).Code)
		broken, end := io.Pipe()
		_ = end.CloseWithError(io.ErrUnexpectedEOF)
		r := httptest.NewRequest(http.MethodPost, samples.Target(samples.Command), nil)
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader(samples.CreatedGroup), broken))
		r.ContentLength = int64(len(samples.CreatedGroup))
		w := httptest.NewRecorder()
		gate.ServeHTTP(w, r)
		assert.Equal(t, "refused 40004", w.Header().Get("X-Chat-Gate"), strconv.Itoa(i))
	}
}
