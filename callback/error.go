package callback

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/chatgate/chatgate/internal/protocol"
)

// The errors of this package are one of these, for errors.Is.
var (
	// ErrSignature is a callback that is not signed, or not with one of the tokens, or not now.
	ErrSignature = errors.New("callback: the signature is missing or wrong")
	// ErrNotAllowed is a callback of another app, or a command that is not let in.
	ErrNotAllowed = errors.New("callback: the app or the command is not let in")
	// ErrMalformed is any other request that is no callback as the vendor sends it.
	ErrMalformed = errors.New("callback: the request is malformed")
	// ErrURLCheck is the console's check of the URL, which is answered with OK.
	ErrURLCheck = errors.New("callback: the console checks the URL")
	// ErrNotFromGate is a request without the gate's headers.
	ErrNotFromGate = errors.New("callback: the request did not come through the gate")
	// ErrReply is a Reply that the command does not know.
	ErrReply = errors.New("callback: the command does not know this reply")
)

// An Error is why a request yields no event.
type Error struct {
	Status  int    // the HTTP status of the answer
	Code    int    // ErrorCode of the answer; stable
	Reason  string // a short sentence for Code
	Detail  string // what was expected and what was found; no token and no signature
	Command string // CallbackCommand of the URL, as it came
}

// Error returns the reason and the detail.
func (e *Error) Error() string { return "callback: " + e.info() }

func (e *Error) info() string {
	if e.Detail == "" {
		return e.Reason
	}
	return e.Reason + ": " + e.Detail
}

// Is tells whether the error is one of the sentinels.
func (e *Error) Is(target error) bool {
	switch {
	case e.Code == 0:
		return target == ErrURLCheck
	case e.Code == notFromGate.Code || e.Code == gateDisagrees.Code:
		return target == ErrNotFromGate
	case e.Status == http.StatusUnauthorized:
		return target == ErrSignature
	case e.Status == http.StatusForbidden:
		return target == ErrNotAllowed
	}
	return target == ErrMalformed
}

// ServeHTTP writes the answer: FAIL with the status and the code, OK to the console's check of the
// URL.
func (e *Error) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	if e.Code == 0 {
		write(w, http.StatusOK, []byte(protocol.OK))
		return
	}
	fail(w, e.Status, e.Code, e.info())
}

// fail writes an answer that counts as a failed callback.
func fail(w http.ResponseWriter, status, code int, info string) {
	text, _ := json.Marshal(answerBody{"FAIL", code, info}) // it can't fail
	write(w, status, text)
}

// write writes an answer.
func write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // whoever asked has gone where it fails
}

// answerBody is the part of an answer that every command has.
type answerBody struct {
	ActionStatus string
	ErrorCode    int
	ErrorInfo    string
}

// The reasons that the gate does not have.
var (
	notPost       = &protocol.Reason{Status: http.StatusMethodNotAllowed, Code: 40501, Meaning: "the method is not POST"}
	notFromGate   = &protocol.Reason{Status: http.StatusForbidden, Code: 40304, Meaning: "a header of the gate is missing"}
	gateDisagrees = &protocol.Reason{Status: http.StatusForbidden, Code: 40305, Meaning: "a header of the gate is not what the request has"}
	checksURL     = &protocol.Reason{Status: http.StatusOK, Code: 0, Meaning: "the console checks the URL"}
)

func newError(reason *protocol.Reason, detail, command string) *Error {
	return &Error{Status: reason.Status, Code: reason.Code, Reason: reason.Meaning, Detail: detail, Command: command}
}
