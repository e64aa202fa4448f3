package reply

import (
	"net/http"

	"github.com/chatgate/chatgate/internal/header"
	"github.com/chatgate/chatgate/internal/journal"
	"github.com/chatgate/chatgate/internal/protocol"
)

// A Refuser handles callbacks that must not pass.
type Refuser struct {
	Journal  *journal.Journal // is told of each
	Decision *Decision        // on before-callbacks that are signed; nil: none
	Monitor  bool             // refuse nothing

	Guard     *header.Guard // of the gate's headers: what monitor mode forwards has none
	Backend   http.Handler  // gets what monitor mode forwards
	Undecided http.Handler  // the same, where no signature was found right: no failure is decided then
}

// Refuse answers a callback that must not pass. In monitor mode it only says that it would, and
// forwards it without the gate's headers.
func Refuse(refuser *Refuser, w http.ResponseWriter, r *http.Request, refusal *protocol.Refusal) {
	if refuser.Monitor {
		forward(refuser, w, r, refusal)
	} else if refuser.Decision == nil || !decideRefusal(refuser.Decision, w, r, refusal) {
		journal.Note(refuser.Journal, "refused", refusal, r)
		protocol.Refuse(w, refusal)
	}
}

func forward(refuser *Refuser, w http.ResponseWriter, r *http.Request, refusal *protocol.Refusal) {
	journal.Note(refuser.Journal, "would refuse", refusal, r)
	header.DropHopByHop(r)
	backend := refuser.Backend
	if !protocol.SignedBefore(refusal.Reason) {
		backend = refuser.Undecided
	}
	backend.ServeHTTP(w, header.WithoutTrailer(refuser.Guard, r))
}
