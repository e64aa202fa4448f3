package e2e

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An odd backend answers a callback in whatever way it is told to, and GET with 200.
type odd struct {
	*httptest.Server
	answer atomic.Value // of type http.HandlerFunc
	seen   atomic.Int64
}

func newOdd(t *testing.T) *odd {
	t.Helper()
	o := &odd{}
	o.answer.Store(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Path == "/ready" {
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		o.seen.Add(1)
		answer, _ := o.answer.Load().(http.HandlerFunc)
		answer(w, r)
	}))
	t.Cleanup(func() {
		o.CloseClientConnections()
		o.Close()
	})
	return o
}

// startOdd runs dynamic.yml with an option for the plugin, in front of an odd backend that has half
// a second to answer.
func startOdd(t *testing.T, option string) (*gateway, *odd) {
	t.Helper()
	needsTraefik(t)
	o := newOdd(t)
	dynamic := replace(readExample(t, "dynamic.yml"), "          path: /callback\n", "          path: /callback\n"+option)
	dynamic = replace(dynamic, "      loadBalancer:\n", "      loadBalancer:\n        serversTransport: impatient\n") +
		"\n  serversTransports:\n    impatient:\n      forwardingTimeouts:\n        responseHeaderTimeout: 500ms\n"
	return startSetup(t, setup{dynamic: dynamic, replace: map[string]string{exampleBackend: o.URL}}), o
}

// says is a plain answer.
func says(status int, contentType, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("X-Own", "kept")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

func zipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.String()
}

// A backend that knows nothing of the protocol gives answers that the vendor can read, with reply:
// normalize.
func TestAnswersThatTheVendorCanRead(t *testing.T) {
	g, o := startOdd(t, "          reply: normalize\n")
	const changed = `{"ErrorCode":0,"ErrorInfo":"","ActionStatus":"OK","MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"***"}}]}`
	const refused = `{"ActionStatus":"FAIL","ErrorInfo":"no","ErrorCode":10150}`
	for _, r := range []struct {
		name   string
		answer http.HandlerFunc
		status int
		body   string // what the vendor gets. Empty: a FAIL with a code that goes with the status
		kept   bool   // the backend's headers, too
	}{
		{"nothing", func(http.ResponseWriter, *http.Request) {}, 200, okReply, false},
		{"no content", says(204, "", ""), 200, okReply, false},
		{"a word", says(200, "text/plain", "ok"), 200, okReply, false},
		{"a page", says(200, "text/html", "<html><body>Hello</body></html>"), 200, okReply, false},
		{"other JSON", says(202, "application/json", `{"offsets":[{"partition":0,"offset":17}]}`), 200, okReply, false},
		{"half of a reply, which could be half of a refusal", says(200, "application/json", okReply[:20]), 200, okReply[:20], true},
		{"a reply that lacks a member", says(200, "application/json", `{"ActionStatus":"OK","ErrorCode":0}`), 200, `{"ActionStatus":"OK","ErrorCode":0}`, true},
		{"a reply", says(200, "application/json", okReply), 200, okReply, true},
		{"a reply of its own kind", says(200, "text/plain", "\n "+changed+"\n"), 200, "\n " + changed + "\n", true},
		{"a refusal", says(200, "application/json", refused), 200, refused, true},
		{"a refusal with a status", says(403, "application/json", refused), 403, refused, true},
		{"hints, then a reply", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			says(200, "application/json", okReply)(w, r)
		}, 200, okReply, true},
		{"a compressed reply, which Traefik undoes", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			says(200, "application/json", zipped(okReply))(w, r)
		}, 200, okReply, true},
		{"a reply in an encoding that nobody asked for", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			says(200, "application/json", "\x0f\x18\x80 whatever")(w, r)
		}, 200, "\x0f\x18\x80 whatever", true},
		{"not found", says(404, "text/html", "<h1>404</h1>"), 404, "", false},
		{"a redirection", says(302, "text/html", ""), 302, "", false},
		{"a server's error", says(500, "text/html", "<h1>Oops</h1>"), 500, "", false},
		{"a server's error, with nothing", says(503, "", ""), 503, "", false},
		{"never", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 504, "", false},
		{"a reset connection", func(w http.ResponseWriter, _ *http.Request) { reset(w) }, 502, "", false},
		{"something else than HTTP", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := http.NewResponseController(w).Hijack()
			_, _ = io.WriteString(conn, "220 mail.example ESMTP\r\n")
			_ = conn.Close()
		}, 500, "", false},
		{"a very long page", endless(64 << 20), 200, okReply, false},
	} {
		t.Run(r.name, func(t *testing.T) {
			o.answer.Store(r.answer)
			started := time.Now()
			reply := g.send(t, callback("Accept-Encoding: gzip\n", body))
			assert.Less(t, time.Since(started), patience)
			assert.Equal(t, r.status, reply.status)
			assert.Equal(t, r.kept, reply.header.Get("X-Own") == "kept", "the backend's headers")
			if r.body != "" {
				assert.Equal(t, r.body, reply.body)
				return
			}
			assert.Contains(t, reply.isRefusal(t, r.status*100), "the backend answered "+strconv.Itoa(r.status))
		})
	}
	o.CloseClientConnections()
	o.Close() // nobody is there
	reply := g.send(t, callback("", body))
	assert.Contains(t, reply.isRefusal(t, 50200), "the backend answered 502")
}

// endless is an answer of some bytes.
func endless(bytes int) http.HandlerFunc {
	piece := strings.Repeat("x", 32<<10)
	return func(w http.ResponseWriter, _ *http.Request) {
		for sent := 0; sent < bytes; sent += len(piece) {
			if _, err := io.WriteString(w, piece); err != nil {
				return
			}
		}
	}
}

// An answer in an encoding that the gate can't read goes back as it is. If it is too long to be
// kept, it must not be cut: a whole one that the gate makes tells the vendor more.
func TestALongEncodedAnswerIsNotCut(t *testing.T) {
	g, o := startOdd(t, "          reply: normalize\n")
	long := strings.Repeat("\x0f\x18\x80 whatever", 10000)
	o.answer.Store(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "br")
		w.Header().Set("Content-Length", strconv.Itoa(len(long)))
		_, _ = io.WriteString(w, long)
	}))
	response, err := http.Post("http://"+g.addr+"/callback?"+query, "", strings.NewReader(body))
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	if string(text) != okReply {
		assert.Equal(t, hash(long), hash(string(text)))
	}
}

// A backend that breaks off in the middle of its answer has failed: the vendor gets neither half an
// answer nor Traefik's plain 500.
func TestAnAnswerThatBreaksOffIsAFailure(t *testing.T) {
	g, o := startOdd(t, "          reply: normalize\n")
	o.answer.Store(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(okReply)))
		_, _ = io.WriteString(w, okReply[:20])
		_ = http.NewResponseController(w).Flush()
		reset(w)
	}))
	g.send(t, callback("", body)).isRefusal(t, 50200)
	o.answer.Store(says(200, "application/json", okReply))
	assert.Equal(t, okReply, g.send(t, callback("", body)).body, "the next one")
}

// Long answers to many callbacks at once are not kept.
func TestLongAnswersTakeNoMemory(t *testing.T) {
	g, o := startOdd(t, "          reply: normalize\n")
	o.answer.Store(endless(32 << 20))
	g.send(t, callback("", body)) // the first makes buffers
	before := g.memory(t)
	most := g.most(t, func() {
		atOnce(t, 16, func() {
			assert.Equal(t, okReply, g.send(t, callback("", body)).body)
		})
	})
	t.Logf("%d MiB before, at most %d MiB with 16 answers of 32 MiB", before>>20, most>>20)
	assert.Less(t, most-before, int64(96<<20), "512 MiB in all")
}

// What is flushed by a backend arrives before it has finished: an upstream answer to a callback,
// and any answer to what is none.
func TestFlushedPiecesArriveAtOnce(t *testing.T) {
	for _, option := range []string{"", "          reply: normalize\n"} {
		g, o := startOdd(t, option)
		for _, r := range []struct {
			name, request string
			pieces        bool // arrive as they are sent
		}{
			{"callback", callback("", body), option == ""},
			{"elsewhere", post("/elsewhere", "", body), true},
		} {
			t.Run(r.name+option, func(t *testing.T) {
				release := make(chan struct{})
				o.answer.Store(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Type", "text/event-stream") // which Traefik flushes at once
					_, _ = io.WriteString(w, "data: 1\n\n")
					_ = http.NewResponseController(w).Flush()
					select {
					case <-release:
					case <-r.Context().Done():
					}
					_, _ = io.WriteString(w, "data: 2\n\n")
				}))
				conn, err := net.Dial("tcp", g.addr)
				require.NoError(t, err)
				defer conn.Close()
				_, err = io.WriteString(conn, onTheWire(r.request))
				require.NoError(t, err)
				if !r.pieces {
					close(release)
				}
				require.NoError(t, conn.SetReadDeadline(time.Now().Add(5*time.Second)))
				response, err := http.ReadResponse(bufio.NewReader(conn), nil)
				require.NoError(t, err)
				defer response.Body.Close()
				if !r.pieces {
					text, err := io.ReadAll(response.Body)
					require.NoError(t, err)
					assert.Equal(t, okReply, string(text))
					return
				}
				piece := make([]byte, 9)
				_, err = io.ReadFull(response.Body, piece)
				require.NoError(t, err, "the first piece, while the backend waits")
				close(release)
				rest, err := io.ReadAll(response.Body)
				require.NoError(t, err)
				assert.Equal(t, "data: 1\n\ndata: 2\n\n", string(piece)+string(rest))
			})
		}
	}
}
