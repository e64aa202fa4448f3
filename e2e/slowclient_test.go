//go:build go1.24

package e2e

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// readTimeout is what the tests give a client to send its request; Traefik's default is 60 s.
const readTimeout = 1500 * time.Millisecond

func startImpatient(t *testing.T) *gateway {
	t.Helper()
	needsTraefik(t)
	static := replace(staticExample(t), exampleAddress+"\n",
		exampleAddress+"\n    transport:\n      respondingTimeouts:\n        readTimeout: "+readTimeout.String()+"\n")
	return startSetup(t, setup{static: static, dynamic: readExample(t, "dynamic.yml")})
}

// What a client does when it has sent all that it sends.
const (
	waits  = "waits"
	halves = "closes its half of the connection"
	closes = "closes the connection"
)

// A slow or broken client sends its request in pieces, and may stop in the middle.
func TestSlowAndBrokenClients(t *testing.T) {
	g := startImpatient(t)
	head := strings.TrimSuffix(onTheWire(callback("", body)), body)
	chunkedHead := onTheWire(announced("Transfer-Encoding: chunked\n"))
	longer := replace(head, "Content-Length: ", "Content-Length: 1") // some 1,000 bytes more than there are
	shorter := onTheWire(callback("", body[:len(body)-10]))
	for _, c := range []struct {
		name    string
		pieces  []string
		pause   time.Duration
		then    string
		code    int  // as in a row; -1: whatever says nothing but that the request was bad, or no answer at all
		arrives bool // the whole body does, at the backend
	}{
		{name: "a body that trickles", pieces: append([]string{head}, split(body, 10)...), pause: 5 * time.Millisecond, then: waits, arrives: true},
		{name: "a body that trickles, in chunks", pieces: append(append([]string{chunkedHead}, chunks(body, 10)...), "0\r\n\r\n"), pause: 5 * time.Millisecond, then: waits, arrives: true},
		{name: "a head that trickles", pieces: append(split(head, 20), body), pause: 5 * time.Millisecond, then: waits, arrives: true},
		{name: "a body that trickles for longer than readTimeout", pieces: append([]string{head}, split(body, 10)...), pause: 50 * time.Millisecond, then: waits, code: -1},
		{name: "a head that stops", pieces: []string{head[:100]}, then: waits, code: -1},
		{name: "a body that does not begin", pieces: []string{head}, then: waits, code: 40004},
		{name: "a body that stops", pieces: []string{head, body[:100]}, then: waits, code: 40004},
		{name: "a body that stops one byte before its end", pieces: []string{head, body[:len(body)-1]}, then: waits, code: 40004},
		{name: "a chunk that stops", pieces: []string{chunkedHead, chunk(body)[:100]}, then: waits, code: 40004},
		{name: "no last chunk", pieces: []string{chunkedHead, chunk(body)}, then: waits, code: 40004},
		{name: "a last chunk that stops", pieces: []string{chunkedHead, chunk(body), "0\r\n"}, then: waits, code: 40004},

		{name: "a body that ends early", pieces: []string{head, body[:100]}, then: halves, code: 40004},
		{name: "a body that ends one byte early", pieces: []string{head, body[:len(body)-1]}, then: halves, code: 40004},
		{name: "a body that ends early, and nobody waits", pieces: []string{head, body[:100]}, then: closes, code: -1},
		{name: "a chunk that ends early", pieces: []string{chunkedHead, chunk(body)[:100]}, then: halves, code: 40004},
		{name: "the connection ends before the last chunk", pieces: []string{chunkedHead, chunk(body)}, then: halves, code: 40004},
		{name: "the connection ends within the last chunk", pieces: []string{chunkedHead, chunk(body), "0\r\n"}, then: halves, code: 40004},

		{name: "a Content-Length that is too long", pieces: []string{longer, body}, then: halves, code: 40004},
		{name: "a Content-Length that is too long, and the client waits", pieces: []string{longer, body}, then: waits, code: 40004},
		{name: "a Content-Length that is too short", pieces: []string{shorter, body[len(body)-10:]}, then: waits, code: 40006},
		{name: "something after the body", pieces: []string{head, body, "{}\r\n\r\n"}, then: waits, arrives: true},
		{name: "two Content-Lengths", pieces: []string{replace(head, "Content-Length", "Content-Length: 2\r\nContent-Length"), body}, then: waits, code: -1},
		{name: "a negative Content-Length", pieces: []string{replace(head, "Content-Length: ", "Content-Length: -"), body}, then: waits, code: -1},
		{name: "a Content-Length with a sign", pieces: []string{replace(head, "Content-Length: ", "Content-Length: +"), body}, then: waits, code: -1},
		{name: "a Content-Length and chunks", pieces: []string{replace(head, "Content-Length", "Transfer-Encoding: chunked\r\nContent-Length"), chunk(body), "0\r\n\r\n"}, then: waits, arrives: true},

		{name: "a chunk for every byte", pieces: []string{chunkedHead, strings.Join(chunks(body, 1), ""), "0\r\n\r\n"}, then: waits, arrives: true},
		{name: "a chunk for every byte of a body that is too long", pieces: []string{chunkedHead, strings.Join(chunks(padded(4<<20+1), 1), ""), "0\r\n\r\n"}, then: waits, code: -1},
		{name: "an endless chunk", pieces: []string{chunkedHead, "7fffffffffffffff\r\n" + body}, then: halves, code: 40004},
		{name: "a chunk's size that overflows", pieces: []string{chunkedHead, "10000000000000000\r\n" + body}, then: halves, code: 40004},
		{name: "a chunk's size that is negative", pieces: []string{chunkedHead, "-1\r\n" + body}, then: halves, code: 40004},
		{name: "a chunk's size that is no number", pieces: []string{chunkedHead, "0x10\r\n" + body}, then: halves, code: 40004},
		{name: "a chunk's size with a thousand zeros", pieces: []string{chunkedHead, strings.Repeat("0", 1000) + chunk(body), "0\r\n\r\n"}, then: halves, code: 40004},
		{name: "a chunk that is longer than it says", pieces: []string{chunkedHead, "10\r\n" + body + "\r\n0\r\n\r\n"}, then: halves, code: 40004},
		{name: "a chunk with an extension", pieces: []string{chunkedHead, replace(chunk(body), "\r\n{", ";name=\"value\"\r\n{"), "0;last\r\n\r\n"}, then: waits, arrives: true},
		{name: "a chunk with a very long extension", pieces: []string{chunkedHead, replace(chunk(body), "\r\n{", ";"+strings.Repeat("x", 1<<16)+"\r\n{"), "0\r\n\r\n"}, then: halves, code: 40004},
		{name: "long extensions of tiny chunks", pieces: []string{chunkedHead, strings.ReplaceAll(strings.Join(chunks(body, 1), ""), "1\r\n", "1;"+strings.Repeat("x", 500)+"\r\n"), "0\r\n\r\n"}, then: halves, code: 40004},
		{name: "a trailer without end", pieces: []string{chunkedHead, chunk(body), "0\r\n" + strings.Repeat("X-Trailer: "+strings.Repeat("x", 1000)+"\r\n", 3000)}, then: halves, code: 40004},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // most of the time they wait
			reply, answered := g.slowly(t, c.pieces, c.pause, c.then)
			switch {
			case c.arrives:
				assert.Equal(t, 200, reply.status)
				assert.Equal(t, hash(body), reply.header.Get("Echo-Body"), "the body's bytes")
			case c.code > 0:
				reply.isRefusal(t, c.code)
			case answered:
				assert.Equal(t, 4, reply.status/100, "%d %s", reply.status, reply.body)
			}
		})
	}
	t.Cleanup(func() { // after all of them
		whole := 0
		for _, request := range g.take() {
			assert.Equal(t, hash(body), hash(request.body), "a partial body at the backend")
			assert.False(t, request.cut, "a request that was cut at the backend")
			whole++
		}
		assert.Equal(t, 7, whole, "as many as there are rows that arrive")
		assert.NotContains(t, g.accessLog(t), `HTTP/1.1" 5`)
	})
}

func split(text string, length int) []string {
	var pieces []string
	for ; len(text) > length; text = text[length:] {
		pieces = append(pieces, text[:length])
	}
	return append(pieces, text)
}

func chunks(text string, length int) []string {
	pieces := split(text, length)
	for i, piece := range pieces {
		pieces[i] = chunk(piece)
	}
	return pieces
}

// slowly writes a request in pieces, does what it then does, and reads the answer, if there is one.
func (g *gateway) slowly(t *testing.T, pieces []string, pause time.Duration, then string) (reply, bool) {
	t.Helper()
	conn, err := net.Dial("tcp", g.addr)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(15*time.Second)))
	go func() {
		for i, piece := range pieces {
			if i > 0 {
				time.Sleep(pause)
			}
			if _, err := io.WriteString(conn, piece); err != nil {
				return // it was answered before
			}
		}
		switch then {
		case halves:
			_ = conn.(*net.TCPConn).CloseWrite()
		case closes:
			_ = conn.Close()
		}
	}()
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: http.MethodPost})
	if err != nil {
		var timeout net.Error
		assert.False(t, errors.As(err, &timeout) && timeout.Timeout(), "Traefik waits longer than readTimeout")
		return reply{}, false
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.Header, string(text)}, true
}

// A client that asks before it sends the body is told to go on only if the URL is right.
func TestClientsThatAskBeforeTheySend(t *testing.T) {
	g := startImpatient(t)
	for _, c := range []struct {
		name, query string
		goesOn      bool
	}{
		{"a callback", query, true},
		{"another app", withQuery("1400000000", "1500000000"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			request := onTheWire(post("/callback?"+c.query, "Expect: 100-continue\n", body))
			conn, err := net.Dial("tcp", g.addr)
			require.NoError(t, err)
			defer conn.Close()
			require.NoError(t, conn.SetDeadline(time.Now().Add(5*time.Second)))
			_, err = io.WriteString(conn, strings.TrimSuffix(request, body))
			require.NoError(t, err)
			reader := bufio.NewReader(conn)
			answer := readReply(t, reader)
			if !c.goesOn {
				assert.Equal(t, 403, answer.status)
				assert.Empty(t, g.take())
				return
			}
			require.Equal(t, 100, answer.status)
			_, err = io.WriteString(conn, body)
			require.NoError(t, err)
			assert.Equal(t, 200, readReply(t, reader).status)
			require.Len(t, g.take(), 1)
		})
	}
}

// Many clients that send a head and then nothing take little memory, nobody else has to wait for
// them, and Traefik gets rid of them.
func TestManyClientsThatSendNoBody(t *testing.T) {
	g := startImpatient(t)
	before := g.memory(t)
	for _, c := range []struct{ name, framing string }{
		{"announced as long as a callback can be", "Content-Length: 4194304\n"},
		{"announced as 64 KiB", "Content-Length: 65536\n"},
		{"in chunks", "Transfer-Encoding: chunked\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			head := onTheWire(announced(c.framing))
			conns := make([]net.Conn, 500)
			for i := range conns {
				conn, err := net.Dial("tcp", g.addr)
				require.NoError(t, err)
				defer conn.Close()
				_, err = io.WriteString(conn, head)
				require.NoError(t, err)
				conns[i] = conn
			}
			assert.Equal(t, 200, g.send(t, callback("", body)).status, "somebody else")
			most := g.most(t, func() { time.Sleep(200 * time.Millisecond) })
			t.Logf("%d MiB before, %d MiB with 500 clients that wait", before>>20, most>>20)
			assert.Less(t, most-before, int64(100<<20))
			for _, conn := range conns {
				require.NoError(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
				response, err := http.ReadResponse(bufio.NewReader(conn), nil)
				if err == nil {
					assert.Equal(t, 400, response.StatusCode)
					_ = response.Body.Close()
				}
				var timeout net.Error
				require.False(t, errors.As(err, &timeout) && timeout.Timeout(), "Traefik waits longer than readTimeout")
			}
			require.Len(t, g.take(), 1, "nothing but somebody else's")
		})
	}
}

// The same over HTTP/2, where many requests share a connection.
func TestBrokenBodiesOverHTTP2(t *testing.T) {
	g := startImpatient(t)
	client := newHTTP2Client()
	defer client.CloseIdleConnections()
	send := func(ctx context.Context, body io.Reader) (int, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+g.addr+"/callback?"+query, body)
		require.NoError(t, err)
		response, err := client.Do(request)
		if err != nil {
			return 0, err
		}
		defer response.Body.Close()
		_, _ = io.Copy(io.Discard, response.Body)
		return response.StatusCode, nil
	}

	status, err := send(context.Background(), strings.NewReader(body))
	require.NoError(t, err)
	assert.Equal(t, 200, status)
	require.Len(t, g.take(), 1)

	for _, length := range []int{0, 1, 100, len(body) - 1, len(body)} {
		broken, write := io.Pipe() // the client resets the stream
		go func() {
			_, _ = io.WriteString(write, body[:length])
			_ = write.CloseWithError(errors.New("given up"))
		}()
		_, err := send(context.Background(), broken)
		assert.Error(t, err, "%d bytes, then a reset", length)

		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		silent, write := io.Pipe() // it sends no more
		go func() { _, _ = io.WriteString(write, body[:length]) }()
		started := time.Now()
		status, err := send(ctx, silent)
		assert.Less(t, time.Since(started), 8*time.Second, "%d bytes, then silence", length)
		if err == nil {
			assert.Equal(t, 400, status, "%d bytes, then silence", length)
		}
		cancel()
		_ = write.Close()
	}
	assert.Empty(t, g.take(), "partial bodies")

	status, err = send(context.Background(), strings.NewReader(body))
	require.NoError(t, err)
	assert.Equal(t, 200, status, "and the connection, or another one, still works")
	assert.NotContains(t, g.accessLog(t), `HTTP/2.0" 5`)
}
