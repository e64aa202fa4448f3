//go:build go1.24

package e2e

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func newHTTP2Client() *http.Client {
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	return &http.Client{Transport: &http.Transport{Protocols: &protocols}, Timeout: 10 * time.Second}
}

// Traefik's entry points speak HTTP/2 without TLS, too (with prior knowledge), and the same holds
// there.
func TestHTTP2(t *testing.T) {
	g := start(t, "dynamic.yml")
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	forged := http.Header{"X-Chat-Group-Id": {"forged"}, "X_chat_operator": {"forged"}, "x.chat.group.id": {"forged"}, "Te": {"trailers"}}
	trailer := http.Header{"X-Chat-Group-Id": {"forged"}, "X_chat_group_id": {"forged"}}
	for _, r := range []struct {
		name, method, target, body string
		code                       int
		gates                      []string
	}{
		{"a callback", "POST", "/callback?" + query, body, 0, checked},
		{"a callback with 500 members", "POST", "/callback?" + query, withMembers(500), 0, checked},
		{"another spelling of the path", "POST", "//x/../%63allback/?" + query, body, 0, checked},
		{"another path", "POST", "/elsewhere", body, 0, nil},
		{"another method", "PUT", "/callback?" + query, body, 0, nil},
		{"another app", "POST", "/callback?" + withQuery("1400000000", "1500000000"), body, 40302, nil},
		{"a member twice", "POST", "/callback?" + query, with(`"Type"`, `"GroupId":"other","Type"`), 40007, nil},
		{"a byte too long", "POST", "/callback?" + query, padded(4<<20 + 1), 41301, nil},
	} {
		r := r
		t.Run(r.name, func(t *testing.T) {
			// A reader of unknown length, so that the body's end is where the trailer comes.
			request, err := http.NewRequest(r.method, "http://"+g.addr+r.target, io.MultiReader(strings.NewReader(r.body)))
			require.NoError(t, err)
			request.Header, request.Trailer = forged.Clone(), trailer.Clone()
			// Each on a connection of its own: a trailer that arrives after an early answer ends
			// the connection.
			client := newHTTP2Client()
			defer client.CloseIdleConnections()
			response, err := client.Do(request)
			require.NoError(t, err)
			defer response.Body.Close()
			text, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			assert.Equal(t, 2, response.ProtoMajor)
			arrived := g.take()
			if r.code != 0 {
				reply{response.StatusCode, response.Header, string(text)}.isRefusal(t, r.code)
				assert.Empty(t, arrived)
				return
			}
			assert.Equal(t, 200, response.StatusCode, string(text))
			require.Len(t, arrived, 1)
			assert.Equal(t, hash(r.body), hash(arrived[0].body))
			assert.Equal(t, r.gates, arrived[0].gates())
		})
	}
}

// Over HTTP/2, Traefik forwards a CONNECT, and once the backend has answered it with 200, as one
// does that looks at no method, whatever the client sends in the tunnel. A backend that goes on
// reading, although Traefik asks it to close, would take that for requests.
func TestATunnelCarriesNothingPastTheGate(t *testing.T) {
	g := start(t, "dynamic.yml")
	client := newHTTP2Client()
	defer client.CloseIdleConnections()
	smuggled := onTheWire(callback("X-Chat-Group-Id: forged\n", body))
	for try := 0; try < 50; try++ { // whether the payload gets through before the answer ends is a race
		payload, write := io.Pipe()
		go func() {
			_, _ = io.WriteString(write, smuggled)
			time.Sleep(20 * time.Millisecond)
			_ = write.Close()
		}()
		response, err := client.Do(&http.Request{
			Method: http.MethodConnect, URL: &url.URL{Scheme: "http", Host: g.addr}, Host: g.addr, Body: payload, ContentLength: -1,
		})
		if err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
	}
	for _, request := range g.take() {
		assert.Empty(t, request.gates(), request.line)
		assert.NotContains(t, request.line, "POST")
	}
}
