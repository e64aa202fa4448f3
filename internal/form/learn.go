package form

import (
	"bytes"
	"sort"
	"sync/atomic"
	"time"

	"github.com/chatgate/chatgate/internal/protocol"
)

// Forms is the forms of one command's bodies that were learned so far.
type Forms struct {
	InTurn  atomic.Value // []*Form, the plain ones first: they are the cheapest to use
	learned atomic.Value // the same, the latest first
	next    atomic.Int64 // when another may be learned: Unix nanoseconds

	command  string
	schema   *protocol.Schema
	headers  []string // to set
	sources  []string // to what these have
	patience time.Duration
}

const (
	mostForms = 6       // of a command
	learnable = 8 << 10 // bytes of a body: longer ones mostly have the form of a shorter one
)

// NewForms returns the forms of a command before any is learned. Patience is how long it takes from
// one to the next.
func NewForms(command string, schema *protocol.Schema, headers, sources []string, patience time.Duration) *Forms {
	forms := &Forms{command: command, schema: schema, headers: headers, sources: sources, patience: patience}
	forms.InTurn.Store([]*Form{})
	forms.learned.Store([]*Form{})
	return forms
}

// Learn adds the form of a body if that is right, but no more than one in a while: sending others to
// push a form out costs time, and lets nothing wrong through.
func Learn(forms *Forms, body []byte) {
	if bytes.IndexByte(body, '"') < 0 {
		return // it has no member: it is the console's check of the URL
	}
	now := time.Now().UnixNano()
	at := forms.next.Load()
	if now >= at && forms.next.CompareAndSwap(at, now+int64(forms.patience)) {
		learn(forms, body)
	}
}

// learn reads a body as the fast path will see it.
func learn(forms *Forms, body []byte) {
	body = WithoutAccounts(body)
	if len(body) > learnable {
		return
	}
	if _, refusal := protocol.CheckBody(forms.command, forms.schema, body); refusal != nil {
		return
	}
	learned := Of(forms.schema, body, forms.headers, forms.sources)
	if learned == nil {
		return
	}
	latest := []*Form{learned}
	for _, f := range forms.learned.Load().([]*Form) {
		if f.Pattern.String() == learned.Pattern.String() {
			return // a value of this body can be no header
		}
		if len(latest) < mostForms {
			latest = append(latest, f)
		}
	}
	forms.learned.Store(latest)
	inTurn := append([]*Form{}, latest...)
	sort.SliceStable(inTurn, func(i, j int) bool { return inTurn[i].Plain && !inTurn[j].Plain })
	forms.InTurn.Store(inTurn)
}
