//go:build go1.24

package e2e

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Traefik's entry points speak HTTP/2 without TLS, too (with prior knowledge), and the same holds there.
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
		{"a byte too long", "POST", "/callback?" + query, padded(1<<20 + 1), 41301, nil},
	} {
		r := r
		t.Run(r.name, func(t *testing.T) {
			// A reader of unknown length, so that the body's end is where the trailer comes.
			request, err := http.NewRequest(r.method, "http://"+g.addr+r.target, io.MultiReader(strings.NewReader(r.body)))
			require.NoError(t, err)
			request.Header, request.Trailer = forged.Clone(), trailer.Clone()
			// Each on a connection of its own: a trailer that arrives after an early answer ends the connection.
			transport := &http.Transport{Protocols: &protocols}
			defer transport.CloseIdleConnections()
			response, err := (&http.Client{Transport: transport, Timeout: 10 * time.Second}).Do(request)
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
