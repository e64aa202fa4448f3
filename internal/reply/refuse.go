package reply

import (
	"net/http"

	"github.com/chatgate/chatgate/internal/header"
	"github.com/chatgate/chatgate/internal/journal"
	"github.com/chatgate/chatgate/internal/protocol"
)

// A Refuser says what becomes of callbacks that must not pass.
type Refuser struct {
	Journal  *journal.Journal // is told of each
	Decision *Decision        // on those that the vendor has signed; nil: none
	Monitor  bool             // refuse nothing

	Guard     *header.Guard // of the gate's headers, which nothing has that is forwarded all the same
	Backend   http.Handler  // what gets it in monitor mode
	Undecided http.Handler  // the same, where nobody knows who sent it: no failure is decided then
}

// Refuse answers a callback that must not pass. In monitor mode it only says that it would, and
// forwards it without the gate's headers.
func Refuse(f *Refuser, w http.ResponseWriter, r *http.Request, refusal *protocol.Refusal) {
	if f.Monitor {
		forward(f, w, r, refusal)
	} else if f.Decision == nil || !decideRefusal(f.Decision, w, r, refusal) {
		journal.Note(f.Journal, "refused", refusal, r)
		protocol.Refuse(w, refusal)
	}
}

func forward(f *Refuser, w http.ResponseWriter, r *http.Request, refusal *protocol.Refusal) {
	journal.Note(f.Journal, "would refuse", refusal, r)
	header.DropHopByHop(r)
	backend := f.Backend
	if !protocol.SignedBefore(refusal.Reason) {
		backend = f.Undecided
	}
	backend.ServeHTTP(w, header.WithoutTrailer(f.Guard, r))
}
