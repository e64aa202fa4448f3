// Package journal writes the gate's lines to Traefik's log, which takes what the standard logger prints.
package journal

import (
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
	ended  []*burst       // and not yet written
}

type burst struct {
	code    int
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
	if isFurther(j, refusal.Code, now) {
		return
	}
	writeEnded(j, now)
	write(j, refusal, r, monitor)
}

// isFurther counts a refusal that belongs to a burst, and else begins one.
func isFurther(j *Journal, code int, now time.Time) bool {
	j.mutex.Lock()
	b := j.bursts[code]
	further := b != nil && now.Sub(b.since) < Burst
	if further {
		b.further++
	} else {
		if b != nil {
			j.ended = append(j.ended, b)
		}
		j.bursts[code] = &burst{code: code, since: now}
	}
	j.mutex.Unlock()
	return further
}

// writeEnded writes how many refusals each burst that is over had besides its first.
func writeEnded(j *Journal, now time.Time) {
	j.mutex.Lock()
	ended := j.ended
	j.ended = nil
	for code, b := range j.bursts {
		if now.Sub(b.since) >= Burst {
			ended = append(ended, b)
			delete(j.bursts, code)
		}
	}
	j.mutex.Unlock()
	for _, b := range ended {
		if b.further > 0 {
			log.Printf("chatgate %s: %d more refusals with code %d in the %s after %s", j.name, b.further, b.code, Burst, b.since.UTC().Format(time.RFC3339))
		}
	}
}

func write(j *Journal, refusal *callback.Refusal, r *http.Request, monitor bool) {
	verb := "refused"
	if monitor {
		verb = "would refuse"
	}
	query := r.URL.Query() // lenient: what can be read of it
	log.Printf("chatgate %s: %s with %d, code %d: %s (command %s, app %s, client %s)", j.name, verb, refusal.Status, refusal.Code, refusal.Info(),
		callback.Quote(query.Get("CallbackCommand")), callback.Quote(query.Get("SdkAppid")), callback.Quote(r.RemoteAddr))
}

// Warn writes a line about the gate itself.
func (j *Journal) Warn(text string) { log.Print("chatgate " + j.name + ": " + text) }
