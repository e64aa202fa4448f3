// Package journal writes the gate's lines to Traefik's log, which takes what the standard logger prints.
package journal

import (
	"fmt"
	"log"
	"net/http"
	"strconv"
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
func (j *Journal) Note(refusal *callback.Refusal, r *http.Request, monitor bool) {
	for _, line := range j.lines(refusal, r, monitor, time.Now()) {
		log.Print(line)
	}
}

func (j *Journal) lines(refusal *callback.Refusal, r *http.Request, monitor bool, now time.Time) []string {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	var lines []string
	for code, b := range j.bursts {
		if now.Sub(b.since) >= Burst {
			if b.further > 0 {
				lines = append(lines, fmt.Sprintf("chatgate %s: %d more refusals with code %d in the %s after %s",
					j.name, b.further, code, Burst, b.since.UTC().Format(time.RFC3339)))
			}
			delete(j.bursts, code)
		}
	}
	if b := j.bursts[refusal.Code]; b != nil {
		b.further++
		return lines
	}
	j.bursts[refusal.Code] = &burst{since: now}
	verb := "refused"
	if monitor {
		verb = "would refuse"
	}
	query := r.URL.Query() // lenient: what can be read of it
	return append(lines, "chatgate "+j.name+": "+verb+" with "+strconv.Itoa(refusal.Status)+" "+strconv.Itoa(refusal.Code)+": "+refusal.Info()+
		" (command "+callback.Quote(query.Get("CallbackCommand"))+", app "+callback.Quote(query.Get("SdkAppid"))+", from "+callback.Quote(r.RemoteAddr)+")")
}

// Warn writes a line about the gate itself.
func (j *Journal) Warn(text string) { log.Print("chatgate " + j.name + ": " + text) }
