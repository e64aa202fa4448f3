// Package journal writes the gate's lines to Traefik's log, which takes what the standard logger prints.
package journal

import (
	"log"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/chatgate/chatgate/callback"
)

// Burst is how long further refusals of one reason are counted instead of written, after one was.
const Burst = 10 * time.Second

// maxBursts is how many codes and commands are told apart at a time.
const maxBursts = 64

// A Journal writes a line for a refusal, and of a burst with the same code and command one line and then a count, so that nobody can
// flood the log. It has no goroutine: the count is written at the next refusal after the burst.
type Journal struct {
	name   string // the middleware's
	mutex  sync.Mutex
	bursts map[string]*burst // by kind
	ended  []*burst          // and not yet written
}

type burst struct {
	kind    string // code and command
	since   time.Time
	further int
}

// New starts the journal of one middleware.
func New(name string) *Journal {
	log.SetFlags(0) // Traefik puts the time
	return &Journal{name: name, bursts: map[string]*burst{}}
}

// Note writes down that a request was refused, or would have been. A line holds neither the query nor the body, only an escaped piece.
func Note(j *Journal, refusal *callback.Refusal, r *http.Request, monitor bool) {
	now := time.Now()
	command := r.URL.Query().Get("CallbackCommand")
	if isFurther(j, refusal.Code, command, now) {
		return
	}
	writeEnded(j, now)
	write(j, refusal, r, monitor)
}

// isFurther counts a refusal that belongs to a burst, and else begins one.
func isFurther(j *Journal, code int, command string, now time.Time) bool {
	kind := strconv.Itoa(code) + " for command " + callback.Quote(command)
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if j.bursts[kind] == nil && len(j.bursts) >= maxBursts {
		kind = strconv.Itoa(code) + " for other commands"
	}
	b := j.bursts[kind]
	if b != nil && now.Sub(b.since) < Burst {
		b.further++
		return true
	}
	if b != nil {
		j.ended = append(j.ended, b)
	}
	j.bursts[kind] = &burst{kind: kind, since: now}
	return false
}

// writeEnded writes how many refusals each burst that is over had besides its first.
func writeEnded(j *Journal, now time.Time) {
	j.mutex.Lock()
	ended := j.ended
	j.ended = nil
	for kind, b := range j.bursts {
		if now.Sub(b.since) >= Burst {
			ended = append(ended, b)
			delete(j.bursts, kind)
		}
	}
	j.mutex.Unlock()
	for _, b := range ended {
		if b.further > 0 {
			log.Printf("chatgate %s: %d more refusals with code %s in the %s after %s", j.name, b.further, b.kind, Burst, b.since.UTC().Format(time.RFC3339))
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
