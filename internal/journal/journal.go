// Package journal writes the gate's lines to Traefik's log, which takes what the standard logger
// prints.
package journal

import (
	"log"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/chatgate/chatgate/internal/protocol"
)

// Burst is how long further refusals of one reason are counted instead of written, after one was.
const Burst = 10 * time.Second

// maxBursts is how many codes and commands are told apart at a time, besides those of known
// commands.
const maxBursts = 64

// maxCommand is how many bytes of a command tell it from others.
const maxCommand = 64

// A Journal writes a line for a refusal, and of a burst with the same code and command one line and
// then a count, so that nobody can flood the log. It has no goroutine: the count is written with
// the next line after the burst.
type Journal struct {
	name   string            // the middleware's
	known  map[string]bool   // commands, which nobody can make up
	mutex  sync.Mutex        // guards what follows
	bursts map[string]*burst // by reason and command
	ended  []*burst          // and not yet written
	swept  time.Time         // when it was last looked which bursts are over
}

type burst struct {
	kind    string // code and command
	since   time.Time
	further int
}

// New starts the journal of one middleware.
func New(name string) *Journal {
	log.SetFlags(0) // Traefik puts the time
	j := &Journal{name: name, known: map[string]bool{}, bursts: map[string]*burst{}}
	for _, command := range protocol.Commands() {
		j.known[command] = true
	}
	return j
}

// Note writes down what became of a request: that it was refused, say. A line holds neither the
// query nor the body, only an escaped piece.
func Note(j *Journal, verb string, refusal *protocol.Refusal, r *http.Request) {
	j.mutex.Lock()
	b := j.bursts[refusal.Meaning+refusal.Command]
	counted := b != nil && time.Since(b.since) < Burst
	if counted {
		b.further++
	}
	j.mutex.Unlock()
	if !counted && begins(j, refusal) {
		writeEnded(j)
		write(j, verb, refusal, r)
	}
}

// begins tells whether a refusal begins a burst, and else counts it: someone was faster, or it is
// one of too many commands.
func begins(j *Journal, refusal *protocol.Refusal) bool {
	command := refusal.Command
	if len(command) > maxCommand {
		command = command[:maxCommand]
	}
	key := refusal.Meaning + command
	words := "command " + protocol.Quote(command)
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if len(j.bursts) >= maxBursts && time.Since(j.swept) >= time.Second {
		sweep(j)
	}
	if j.bursts[key] == nil && len(j.bursts) >= maxBursts && !j.known[command] {
		key = "others: " + refusal.Meaning // which no reason and command make up
		words = "other commands"
	}
	b := j.bursts[key]
	if b != nil && time.Since(b.since) < Burst {
		b.further++
		return false
	}
	if b != nil {
		j.ended = append(j.ended, b)
	}
	j.bursts[key] = &burst{kind: strconv.Itoa(refusal.Code) + " for " + words, since: time.Now()}
	return true
}

// sweep ends the bursts that are over. The mutex is held.
func sweep(j *Journal) {
	j.swept = time.Now()
	for kind, b := range j.bursts {
		if time.Since(b.since) >= Burst {
			j.ended = append(j.ended, b)
			delete(j.bursts, kind)
		}
	}
}

// writeEnded writes how many each burst that is over had besides its first.
func writeEnded(j *Journal) {
	j.mutex.Lock()
	sweep(j)
	ended := j.ended
	j.ended = nil
	j.mutex.Unlock()
	for _, b := range ended {
		if b.further > 0 {
			log.Printf("chatgate %s: %d more with code %s in the %s after %s", j.name, b.further, b.kind, Burst, b.since.UTC().Format(time.RFC3339))
		}
	}
}

func write(j *Journal, verb string, refusal *protocol.Refusal, r *http.Request) {
	app := r.URL.Query().Get("SdkAppid") // lenient: what can be read of it
	log.Printf("chatgate %s: %s with %d, code %d: %s (command %s, app %s, client %s)", j.name, verb, refusal.Status, refusal.Code, refusal.Info(),
		protocol.Quote(refusal.Command), protocol.Quote(app), protocol.Quote(r.RemoteAddr))
}

// Warn writes a line about the gate itself.
func Warn(j *Journal, text string) { log.Print("chatgate " + j.name + ": " + text) }
