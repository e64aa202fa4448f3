package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// A backend that closes a connection just as a callback goes out on it. Traefik's transport sends a
// request again by itself where nothing of it has gone out yet, and only if it can have the body
// from the start again: the gate sees to that. Where something has gone out, the transport must
// not, since the backend may have taken it; then it is Traefik's retry that does.
func TestConnectionsThatCloseUnderACallback(t *testing.T) {
	const events = 1500
	var table strings.Builder
	for _, c := range []struct {
		name    string
		without [][2]string
		safe    bool
	}{
		{name: "resilient.yml", safe: true},
		{name: "two servers only", without: chains[2].without},
		{name: "two servers only, and no gate", without: append([][2]string{
			{"middlewares: [chatgate]\n      service: callbacks\n", "service: callbacks\n"},
		}, chains[2].without...)},
	} {
		t.Run(c.name, func(t *testing.T) {
			dynamic := readExample(t, "resilient.yml")
			for _, piece := range c.without {
				dynamic = replace(dynamic, piece[0], piece[1])
			}
			r := startRig(t, dynamic)
			r.ledger.ungated = strings.Contains(c.name, "no gate")
			both(closesUnasks)(t, r)
			started := time.Now()
			counts := r.deliver(t, events, nil)
			table.WriteString(counts.row(string(closesUnasks), c.name))
			t.Logf("%d events in %s", counts.sent, time.Since(started).Round(time.Millisecond))
			if c.safe {
				assert.Zero(t, counts.lost, "lost events")
				assert.Zero(t, counts.late, "answers after 2 s")
			}
		})
	}
	t.Log("\n" + tallyHead + table.String())
}

// A connection that has been closed for a while costs nobody an event, with or without the retry.
func TestConnectionsThatWereClosedLongAgo(t *testing.T) {
	r := startRig(t, replace(readExample(t, "resilient.yml"), "service: callbacks\n", "service: servers\n"))
	client := &http.Client{Timeout: patience}
	for i := range int64(20) {
		r.first.dropConnections()
		r.second.dropConnections()
		time.Sleep(20 * time.Millisecond)
		status, text := r.post(client, eventBody(eventGroup(i)))
		assert.Equal(t, 200, status, "event %d: %s", i, text)
	}
	c := &tally{sent: 20}
	r.count(c)
	assert.Equal(t, 20, c.once, fmt.Sprintf("%+v", c))
}
