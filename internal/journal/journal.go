// Package journal writes the gate's lines to Traefik's log, which takes what the standard logger prints.
package journal

import (
	"fmt"
	"log"
	"net/http"
	"sync"
	"time"

	"github.com/chatgate/chatgate/callback"
)

// Burst is how long further refusals of one reason are counted instead of written, after one was.
const Burst = 10 * time.Second

// A Journal writes a line for a refusal, and of a burst for the same reason one line and then a count, so that nobody can flood the
// log. It has no goroutine: the count is written at the next refusal after the burst.
type Journal struct {
	name   string // the middleware's
	mutex  sync.Mutex
	bursts map[int]*burst // by code
}

type burst struct {
	since   time.Time
	further int
}

// New starts the journal of one middleware.
func New(name string) *Journal {
	log.SetFlags(0) // Traefik puts the time
	return &Journal{name: name, bursts: map[int]*burst{}}
}

// Note writes down that a request was refused, or would have been. A line holds neither the query nor the body, only an escaped piece.
func Note(j *Journal, refusal *callback.Refusal, r *http.Request, monitor bool) {
	now := time.Now()
	if !isFurther(j, refusal.Code, now) {
		write(j, refusal, r, monitor, now)
	}
}

func write(j *Journal, refusal *callback.Refusal, r *http.Request, monitor bool, now time.Time) {
	for _, line := range j.endBursts(refusal.Code, now) {
		log.Print(line)
	}
	verb := "refused"
	if monitor {
		verb = "would refuse"
	}
	query := r.URL.Query() // lenient: what can be read of it
	log.Printf("chatgate %s: %s with %d, code %d: %s (command %s, app %s, client %s)", j.name, verb, refusal.Status, refusal.Code, refusal.Info(),
		callback.Quote(query.Get("CallbackCommand")), callback.Quote(query.Get("SdkAppid")), callback.Quote(r.RemoteAddr))
}

// isFurther counts a refusal if it belongs to a burst.
func isFurther(j *Journal, code int, now time.Time) bool {
	j.mutex.Lock()
	b := j.bursts[code]
	further := b != nil && now.Sub(b.since) < Burst
	if further {
		b.further++
	}
	j.mutex.Unlock()
	return further
}

// endBursts starts a burst with a code, and returns a line for each one that is over and had more than its first refusal.
func (j *Journal) endBursts(code int, now time.Time) []string {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	var lines []string
	for old, b := range j.bursts {
		if now.Sub(b.since) < Burst {
			continue
		}
		if b.further > 0 {
			lines = append(lines, fmt.Sprintf("chatgate %s: %d more refusals with code %d in the %s after %s",
				j.name, b.further, old, Burst, b.since.UTC().Format(time.RFC3339)))
		}
		delete(j.bursts, old)
	}
	j.bursts[code] = &burst{since: now}
	return lines
}

// Warn writes a line about the gate itself.
func (j *Journal) Warn(text string) { log.Print("chatgate " + j.name + ": " + text) }
