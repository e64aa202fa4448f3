package reply

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/chatgate/chatgate/internal/journal"
	"github.com/chatgate/chatgate/internal/protocol"
)

// What a before-callback is answered when its backend gives no usable answer.
const (
	Fail  = "fail"  // what the backend answered: the console decides
	Allow = "allow" // that the event may happen
	Deny  = "deny"  // that it may not
)

// A Decision says what is answered instead of a backend that fails.
type Decision struct {
	Before   string        // for a before-callback: Fail, Allow or Deny
	Deadline time.Duration // after which an answer no longer counts, whatever the callback; 0: none
	Warn     func(text string)
	Journal  *journal.Journal // is told of each decision
}

// Decide answers as decided where a backend's answer can't be used, and hands on any other byte for
// byte.
//
// The deadline is the request's context's, and Decide waits for the handler to return. So nothing
// runs on when the answer has gone out. http.TimeoutHandler would leave a goroutine behind. In it
// Traefik's access log writes to a map (AddOriginFields) that Traefik reads by then, which is
// fatal.
func Decide(d *Decision, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		command, schema := commandOf(r)
		decides := d.Before != Fail && schema != nil && schema.Before
		if !decides && d.Deadline == 0 {
			next.ServeHTTP(w, r)
			return
		}
		friends := []string(nil)
		if decides && schema.Each {
			friends = friendsOf(schema, r)
		}
		answer, late := ask(d, next, r)
		cause := faultOf(answer, late)
		if cause == nil && decides {
			cause = unusable(d, schema, answer.body, friends)
		}
		if cause == nil {
			pass(w, answer)
			return
		}
		cause.Command = command
		if decides && decided(d, w, schema, friends) {
			journal.Note(d.Journal, verbs[d.Before]+" instead of failed", cause, r)
			return
		}
		if decides || late || answer.length > limit {
			journal.Note(d.Journal, "failed", cause, r)
		}
		if late || answer.length > limit {
			protocol.Fail(w, cause)
		} else {
			pass(w, answer)
		}
	})
}

var verbs = map[string]string{Allow: "allowed", Deny: "denied"}

// decideRefusal answers a before-callback that the gate refuses as decided, or reports false where
// it has to be refused: who sent it is not certain, or it names no friend to deny. It is for gates
// that have a token, and a decision other than Fail.
func decideRefusal(d *Decision, w http.ResponseWriter, r *http.Request, refusal *protocol.Refusal) bool {
	_, schema := commandOf(r)
	if schema == nil || !schema.Before || !protocol.SignedBefore(refusal.Reason) {
		return false
	}
	if !decided(d, w, schema, friendsOf(schema, r)) {
		return false
	}
	journal.Note(d.Journal, verbs[d.Before]+" instead of refused", refusal, r)
	return true
}

// commandOf is the command of the URL that Traefik forwards, and what is known of it.
func commandOf(r *http.Request) (string, *protocol.Schema) {
	_, rawQuery, _ := strings.Cut(r.RequestURI, "?")
	query, _ := url.ParseQuery(rawQuery)
	command := query.Get("CallbackCommand")
	return command, protocol.SchemaOf(command)
}

// ask records a backend's answer, and tells whether it came after the deadline.
func ask(d *Decision, next http.Handler, r *http.Request) (*recorder, bool) {
	ctx := r.Context()
	if d.Deadline > 0 {
		limited, cancel := context.WithTimeout(ctx, d.Deadline)
		defer cancel()
		ctx = limited
	}
	r.Header.Del("Accept-Encoding") // an answer that can't be read can't be used
	answer := &recorder{header: http.Header{}}
	if !completes(next, answer, r.WithContext(ctx), d.Warn) {
		answer = &recorder{header: http.Header{}, status: http.StatusBadGateway}
	}
	answer.WriteHeader(http.StatusOK)
	return answer, d.Deadline > 0 && errors.Is(ctx.Err(), context.DeadlineExceeded)
}

// faultOf is why an answer counts as none, whatever the callback, or nil.
func faultOf(answer *recorder, late bool) *protocol.Refusal {
	if late {
		return &protocol.Refusal{Reason: protocol.BackendLate, Detail: "expected an answer within the deadline"}
	}
	if answer.status != http.StatusOK {
		return failure(answer.status, "expected 200 and a reply in the vendor's form")
	}
	if answer.length > limit {
		return noReply("expected at most " + strconv.Itoa(limit) + " bytes, found " + strconv.Itoa(answer.length))
	}
	return nil
}

func noReply(detail string) *protocol.Refusal {
	return &protocol.Refusal{Reason: protocol.NoReply, Detail: detail}
}

// unusable is why the vendor could not read a decision in a body, or nil.
func unusable(d *Decision, schema *protocol.Schema, body []byte, friends []string) *protocol.Refusal {
	var reply map[string]json.RawMessage
	if json.Unmarshal(body, &reply) != nil {
		return noReply("expected one JSON object")
	}
	code := string(reply["ErrorCode"])
	if !isNumber(code) {
		return noReply("expected an ErrorCode that is a number")
	}
	if !schema.Each {
		return nil
	}
	if code != "0" { // by default the vendor lets pass what is refused so. Nobody allows it instead
		if d.Before == Deny {
			return noReply("expected ErrorCode 0, and a refusal in ResultItem")
		}
		return nil
	}
	var items []map[string]json.RawMessage
	if json.Unmarshal(reply["ResultItem"], &items) != nil {
		return noReply("expected ResultItem, a list of objects")
	}
	answered := map[string]bool{}
	for _, item := range items {
		if name, ok := textOf(item["To_Account"]); ok && isNumber(string(item["ResultCode"])) {
			answered[name] = true
		}
	}
	for _, friend := range friends {
		if !answered[friend] {
			return noReply("expected a ResultCode for each friend")
		}
	}
	return nil
}

// isNumber tells whether a valid JSON value is a number.
func isNumber(value string) bool { return value != "" && strings.Contains("-0123456789", value[:1]) }

func textOf(value json.RawMessage) (string, bool) {
	text := ""
	if len(value) == 0 || value[0] != '"' {
		return "", false
	}
	err := json.Unmarshal(value, &text)
	return text, err == nil
}

// friendsOf is the friends on whom the answer decides, as far as the body can be read once more.
func friendsOf(schema *protocol.Schema, r *http.Request) []string {
	if !schema.Each || r.GetBody == nil {
		return nil
	}
	copied, err := r.GetBody()
	if err != nil {
		return nil
	}
	body, _ := io.ReadAll(copied)
	var members map[string]json.RawMessage
	_ = json.Unmarshal(body, &members)
	var friends []string
	for _, f := range schema.InOrder {
		if f.Object == nil || f.Object.Fields["To_Account"] == nil {
			continue
		}
		var items []map[string]json.RawMessage
		_ = json.Unmarshal(members[f.Name], &items)
		for _, item := range items {
			if name, ok := textOf(item["To_Account"]); ok {
				friends = append(friends, name)
			}
		}
	}
	return friends
}

type result struct {
	ActionStatus string
	ErrorInfo    string
	ErrorCode    int
	ResultItem   []resultItem `json:",omitempty"`
}

type resultItem struct {
	To_Account string
	ResultCode int
	ResultInfo string
}

// decided answers a before-callback as decided, or reports false where there is nobody to deny.
func decided(d *Decision, w http.ResponseWriter, schema *protocol.Schema, friends []string) bool {
	reply := result{ActionStatus: "OK"}
	code := 0
	said := "allow"
	info := ""
	if d.Before == Deny {
		code = schema.Denial
		said = "deny " + strconv.Itoa(code)
		info = "denied by the gate"
	}
	if !schema.Each {
		reply.ErrorCode = code
		reply.ErrorInfo = info
	}
	if schema.Each && d.Before == Deny && len(friends) == 0 {
		return false
	}
	for _, friend := range friends {
		reply.ResultItem = append(reply.ResultItem, resultItem{friend, code, info})
	}
	protocol.Mark(w, said)
	_ = json.NewEncoder(w).Encode(reply)
	return true
}

// pass hands on an answer as it is.
func pass(w http.ResponseWriter, a *recorder) {
	copyHeader(w, a)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}
