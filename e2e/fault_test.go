package e2e

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// standsStill is when a machine is too busy with something else to prove anything about times.
const standsStill = 400 * time.Millisecond

// patience is how long the vendor waits for an answer.
const patience = 2 * time.Second

// A chain is what stands behind the gate in examples/resilient.yml, or less of it, to show what
// each piece is for.
type chain struct {
	name    string
	without [][2]string // pieces of the example, and what stands there instead
	safe    bool        // nothing may be lost, and all is answered in time
}

var chains = []chain{
	{name: "resilient.yml", safe: true},
	{name: "no failover", without: [][2]string{{"service: callbacks\n", "service: tries\n"}}},
	{name: "two servers only", without: [][2]string{{"service: callbacks\n", "service: servers\n"}, {"        healthCheck: *healthCheck\n", ""}}},
}

// What the example calls its targets.
const (
	exampleSecond = "http://127.0.0.1:9001"
	exampleQueue  = "http://127.0.0.1:9100"
)

// A tally is what became of the events of one scenario.
type tally struct {
	sent, once, more, lost, queued int
	tries                          int // requests that reached a target whole
	ok                             int // answers that tell the vendor that all is well
	late                           int // answers that came after the vendor's patience, or never
	slowest                        time.Duration
	stood                          time.Duration // for how long the machine did not get round to the test, at most
}

const tallyHead = "| the first of two servers | chain | sent | taken once | more often | lost | by the queue | answered OK | slowest answer |\n" +
	"|---|---|--:|--:|--:|--:|--:|--:|--:|\n"

func (c *tally) row(scenario, chain string) string {
	slowest := fmt.Sprintf("%d ms", c.slowest.Milliseconds())
	if c.late > 0 {
		slowest = fmt.Sprintf("%d not within 2 s", c.late)
	}
	return fmt.Sprintf("| %s | %s | %d | %d | %d | %d | %d | %d | %s |\n", scenario, chain, c.sent, c.once, c.more, c.lost, c.queued, c.ok, slowest)
}

// A rig is a Traefik with two servers and a queue.
type rig struct {
	*gateway
	first, second, queue *target
	ledger               *ledger
}

func startRig(t *testing.T, dynamic string) *rig {
	t.Helper()
	needsTraefik(t)
	needs(t, [3]int{3, 7, 0}) // resilient.yml
	l := newLedger()
	r := &rig{ledger: l, first: newTarget(t, "first", l), second: newTarget(t, "second", l), queue: newTarget(t, "queue", l)}
	r.gateway = startSetup(t, setup{dynamic: dynamic, replace: map[string]string{
		exampleBackend: r.first.url(), exampleSecond: r.second.url(), exampleQueue: r.queue.url(),
	}})
	return r
}

// heal makes both servers well again. If one was down, it waits until the health check has seen it.
func (r *rig) heal(t *testing.T) {
	t.Helper()
	down := false
	for _, server := range []*target{r.first, r.second} {
		down = server.heal(t) || down
	}
	if down {
		time.Sleep(1200 * time.Millisecond) // the health check's interval, and some
	}
}

// deliver sends events, from several clients at once, while something happens to the servers, and
// until it is over. Each event is sent once, as the vendor does it, and its answer awaited for 2 s.
func (r *rig) deliver(t *testing.T, events int, meanwhile func(*testing.T, *rig)) *tally {
	t.Helper()
	const clients = 8
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: patience}
	r.ledger.clear()
	deliveries.Add(1)
	c := &tally{}
	var mutex sync.Mutex
	var next atomic.Int64
	var over atomic.Bool
	var running sync.WaitGroup
	for range clients {
		running.Add(1)
		go func() {
			defer running.Done()
			for i := next.Add(1) - 1; i < int64(events) || !over.Load(); i = next.Add(1) - 1 {
				started := time.Now()
				status, text := r.post(client, eventBody(eventGroup(i)))
				took := time.Since(started)
				mutex.Lock()
				c.sent = max(c.sent, int(i)+1)
				if status == http.StatusOK && text == okReply {
					c.ok++
				}
				if status == 0 && took >= patience {
					c.late++
				}
				c.slowest = max(c.slowest, took)
				mutex.Unlock()
			}
		}()
	}
	stood := standstill()
	if meanwhile != nil {
		meanwhile(t, r)
	}
	over.Store(true)
	running.Wait()
	c.stood = stood()
	r.count(c)
	assert.Empty(t, r.ledger.wrong, "requests that arrived with less than their own body and headers")
	return c
}

// standstill watches for how long the machine does not get round to this test. The function ends
// it, and returns the longest time.
func standstill() func() time.Duration {
	over := make(chan struct{})
	longest := make(chan time.Duration)
	go func() {
		var most time.Duration
		for last := time.Now(); ; last = time.Now() {
			select {
			case <-time.After(10 * time.Millisecond):
				most = max(most, time.Since(last))
			case <-over:
				longest <- most
				return
			}
		}
	}()
	return func() time.Duration {
		close(over)
		return <-longest
	}
}

// deliveries tells the events of one delivery from those of another, which a slow server may still
// be busy with.
var deliveries atomic.Int64

func eventGroup(i int64) string { return fmt.Sprintf("@TGS#event-%d-%d", deliveries.Load(), i) }

// post sends a callback and returns the answer. A status of 0 is none.
func (r *rig) post(client *http.Client, body string) (int, string) {
	response, err := client.Post("http://"+r.addr+"/callback?"+query, "application/json", strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(text)
}

func (r *rig) count(c *tally) {
	r.ledger.mutex.Lock()
	defer r.ledger.mutex.Unlock()
	c.tries = r.ledger.tries
	for i := range int64(c.sent) {
		takers := r.ledger.taken[eventGroup(i)]
		c.queued += takers["queue"]
		switch times := takers["first"] + takers["second"] + takers["queue"]; times {
		case 0:
			c.lost++
		case 1:
			c.once++
		default:
			c.more++
		}
	}
}

// A scenario is what happens to the servers.
type scenario struct {
	name      string
	events    int // at least
	fail      func(*testing.T, *rig)
	meanwhile func(*testing.T, *rig)
	twice     bool // a server may have taken what it failed to say
}

var scenarios = []scenario{
	{name: "is well", events: 1000},
	{name: string(refuses), events: 1000, fail: first(refuses)},
	{name: string(resetsEarly), events: 1000, fail: first(resetsEarly)},
	{name: string(resetsLate), events: 1000, fail: first(resetsLate)},
	{name: string(takesResets), events: 1000, fail: first(takesResets), twice: true},
	{name: string(takesCuts), events: 1000, fail: first(takesCuts)},
	{name: string(hangs), events: 100, fail: first(hangs)},
	{name: "hangs, and its health check too", events: 100, fail: sick(hangs)},
	{name: string(answers500), events: 1000, fail: first(answers500)},
	{name: string(answers503), events: 1000, fail: first(answers503)},
	{name: "is killed and started again, 5 times", events: 1000, meanwhile: replaced, twice: true},
	{name: "both are killed, and started again", events: 1000, meanwhile: outage, twice: true},
	{name: "both answer 500", events: 1000, fail: both(answers500)},
	{name: "both hang", events: 100, fail: both(hangs)},
}

// What becomes of the events when servers fail. Unless it says otherwise, the health check does not
// notice: every event has an even chance to come to the bad server.
//
//	go test ./e2e -run TestNoEventIsLost -v    prints the table
func TestNoEventIsLost(t *testing.T) {
	var table strings.Builder
	for _, c := range chains {
		dynamic := readExample(t, "resilient.yml")
		for _, piece := range c.without {
			dynamic = replace(dynamic, piece[0], piece[1])
		}
		t.Run(c.name, func(t *testing.T) {
			r := startRig(t, dynamic)
			for _, s := range scenarios {
				t.Run(s.name, func(t *testing.T) {
					if s.fail != nil {
						s.fail(t, r)
					}
					if !c.safe {
						s.events /= 5 // enough for a comparison
					}
					counts := r.deliver(t, s.events, s.meanwhile)
					if c.safe && counts.stood > standsStill {
						t.Logf("once more: the machine stood still for %s, and the times prove nothing", counts.stood)
						counts = r.deliver(t, s.events, s.meanwhile)
					}
					r.heal(t)
					table.WriteString(counts.row(s.name, c.name))
					require.Equal(t, counts.sent, counts.once+counts.more+counts.lost)
					if c.safe {
						nothingLost(t, s, counts)
					}
				})
			}
		})
	}
	t.Log("\n" + tallyHead + table.String())
}

func nothingLost(t *testing.T, s scenario, c *tally) {
	t.Helper()
	if c.stood <= standsStill {
		assert.Zero(t, c.late, "answers after 2 s")
	}
	assert.LessOrEqual(t, c.lost, c.late, "lost events, other than those for which the client did not wait")
	// On a machine that is busy with something else, a server that is well may take more than the
	// 500 ms that the example gives it.
	few := 5 + c.sent/50
	if !s.twice {
		assert.LessOrEqual(t, c.more, few, "events that came more than once")
	}
	if s.name != string(takesCuts) { // there the vendor has half an answer, and the backend the event
		assert.GreaterOrEqual(t, c.ok, c.sent-few, "answers that say OK")
	}
}

// first lets the first server fail, in the same way all the time.
func first(f fault) func(*testing.T, *rig) {
	return func(_ *testing.T, r *rig) { r.first.turn(f) }
}

// sick lets its health check fail, too.
func sick(f fault) func(*testing.T, *rig) {
	return func(_ *testing.T, r *rig) { r.first.sick.Store(true); r.first.turn(f) }
}

func both(f fault) func(*testing.T, *rig) {
	return func(_ *testing.T, r *rig) { r.first.turn(f); r.second.turn(f) }
}

// replaced kills the first server under load, and starts it again, several times.
func replaced(t *testing.T, r *rig) {
	t.Helper()
	for range 5 {
		time.Sleep(150 * time.Millisecond)
		r.first.stop()
		time.Sleep(150 * time.Millisecond)
		r.first.heal(t)
	}
}

// outage kills both servers under load, and starts them again after a while, one by one.
func outage(t *testing.T, r *rig) {
	t.Helper()
	time.Sleep(200 * time.Millisecond)
	r.first.stop()
	time.Sleep(50 * time.Millisecond)
	r.second.stop()
	time.Sleep(1500 * time.Millisecond)
	r.first.heal(t)
	time.Sleep(300 * time.Millisecond)
	r.second.heal(t)
}
