package yaegi

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/internal/samples"
)

// genuineOptions are the configurations in which the interpreted plugin forwards every genuine
// callback. Each gets headers from its sources.
var genuineOptions = []struct {
	sources func() []string
	token   string
	options map[string]any
}{
	{
		sources: func() []string { return []string{"GroupId", "Operator", "EventId"} },
		options: map[string]any{"path": samples.Path},
	},
	{
		sources: protocol.Sources,
		token:   "xxxxyyyy",
		options: map[string]any{"token": "xxxxyyyy", "otherCommands": "forward", "reply": "normalize"},
	},
}

// FuzzGenuineInterpreted is the plugin's FuzzGenuine, interpreted as in Traefik.
func FuzzGenuineInterpreted(f *testing.F) {
	commands := samples.CheckedCommands()
	for i := range commands {
		for seed := uint64(0); seed < 5; seed++ {
			f.Add(seed, uint(i))
		}
	}
	interpreted, err := Load(repositoryOf(f), io.Discard)
	require.NoError(f, err)
	var seen []*http.Request
	var body []byte
	backend := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err = io.ReadAll(r.Body)
		seen = append(seen, r)
	})
	var gates []http.Handler
	var headers []map[string]string
	for i, o := range genuineOptions {
		headers = append(headers, samples.Headers(o.sources()))
		o.options["sdkAppId"], o.options["commands"], o.options["headers"] = samples.App, samples.Checked, headers[i]
		gate, err := interpreted.New(context.Background(), backend, o.options, "gate")
		require.NoError(f, err)
		gates = append(gates, gate)
	}
	f.Fuzz(func(t *testing.T, seed uint64, index uint) {
		c := samples.Generate(seed, commands[index%uint(len(commands))])
		for i, gate := range gates {
			if len(c.Body) > 1<<20 && i != int(seed%uint64(len(gates))) {
				continue // an input has ten seconds
			}
			target := c.Target()
			if token := genuineOptions[i].token; token != "" {
				target = c.SignedTarget(token, time.Now())
			}
			seen = nil
			w := httptest.NewRecorder()
			gate.ServeHTTP(w, httptest.NewRequest(http.MethodPost, target, strings.NewReader(c.Body)))
			require.Len(t, seen, 1, "%s at %s: %s", c.Command, target, w.Body)
			assert.NoError(t, err)
			assert.True(t, bytes.Equal([]byte(c.Body), body), "%s: the body, byte for byte", c.Command)
			assert.Empty(t, samples.Fault(c, headers[i], seen[0].Header), "%s at %s", c.Command, target)
		}
	})
}
