package callback

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/chatgate/chatgate/internal/answer"
)

// A Reply is what a backend answers to a callback. Not every command knows every reply. The zero
// Reply is none, and an error: nothing is allowed by mistake.
type Reply struct {
	kind     kind
	code     int
	info     string
	custom   *string
	message  Message
	items    []ResultItem
	accounts []string
	raw      json.RawMessage
}

type kind string

const (
	kindOK      kind = "OK"
	kindDeny    kind = "Deny"
	kindDrop    kind = "Drop"
	kindTell    kind = "Tell"
	kindReplace kind = "Replace"
	kindResults kind = "ResultItems"
	kindAllBut  kind = "AllBut"
	kindRespond kind = "Respond"
	kindRaw     kind = "Raw"
	kindFail    kind = "Fail"
)

// OK accepts the event. Every command knows it, and an event that has happened knows no other.
func OK() Reply { return Reply{kind: kindOK} }

// Deny refuses the event.
func Deny() Reply { return Reply{kind: kindDeny, code: answer.Refuse} }

// Drop drops a message: its sender sees a success.
func Drop() Reply { return Reply{kind: kindDrop, code: answer.Drop} }

// Tell refuses the event and hands a code and a text to the client. The code is from 10100 to 10200
// for Group.*, 120001 to 130000 for C2C.* and OfficialAccount.*, 38000 to 39000 for Sns.*.
func Tell(code int, info string) Reply { return Reply{kind: kindTell, code: code, info: info} }

// Replace lets a message pass with another body.
func Replace(body ...MsgElement) Reply { return Reply{kind: kindReplace, message: body} }

// ResultItems decides for each friend, of whom none may be left out. To the commands that know it,
// OK, Deny and Tell answer the same for every friend.
func ResultItems(items ...ResultItem) Reply { return Reply{kind: kindResults, items: items} }

// A ResultItem decides about one friend.
type ResultItem struct {
	ToAccount  string `json:"To_Account"`
	ResultCode int    `json:"ResultCode"` // 0 accepts, 38000 to 39000 refuses
	ResultInfo string `json:"ResultInfo"`
}

// AllBut accepts the event for all but some of those whom it invites or subscribes.
func AllBut(accounts ...string) Reply { return Reply{kind: kindAllBut, accounts: accounts} }

// Respond accepts what was sent to a bot and hands on an answer.
func Respond(data string) Reply { return Reply{kind: kindRespond, info: data} }

// Raw answers a command that this package does not know with a JSON object.
func Raw(body json.RawMessage) Reply { return Reply{kind: kindRaw, raw: body} }

// Fail makes the callback fail. What then happens to the event is what the console says.
func Fail(info string) Reply { return Reply{kind: kindFail, code: failed, info: info} }

// WithCustomData replaces a message's CloudCustomData, too. It goes with OK and Replace.
func (r Reply) WithCustomData(data string) Reply {
	r.custom = &data
	return r
}

// The codes of a callback that failed here.
const (
	failed     = 50001
	wrongReply = 50002
)

// Write writes the answer to an event. A Reply that the command does not know becomes a FAIL, and
// an error that is ErrReply.
func (r Reply) Write(w http.ResponseWriter, event *Event) error {
	if r.kind == kindFail {
		fail(w, http.StatusInternalServerError, r.code, r.info)
		return nil
	}
	body, err := r.encode(event)
	if err != nil {
		fail(w, http.StatusInternalServerError, wrongReply, err.Error())
		return err
	}
	write(w, http.StatusOK, body)
	return nil
}

// body is an answer with all that any command knows.
type body struct {
	answerBody
	MsgBody                   Message       `json:",omitempty"`
	CloudCustomData           *string       `json:",omitempty"`
	ResultItem                *[]ResultItem `json:",omitempty"`
	RefusedMembersAccount     []string      `json:"RefusedMembers_Account,omitempty"`
	RefusedSubscribersAccount []string      `json:"RefusedSubscribers_Account,omitempty"`
	RspData                   string        `json:",omitempty"`
}

func (r Reply) encode(event *Event) ([]byte, error) {
	form := answer.Of(event.Command)
	if wrong := r.check(event, form); wrong != "" {
		return nil, fmt.Errorf("%w: %s to %s: %s", ErrReply, r.name(), event.Command, wrong)
	}
	if r.kind == kindRaw {
		return r.raw, nil
	}
	b := body{answerBody: answerBody{ActionStatus: "OK", ErrorCode: r.code, ErrorInfo: r.info}, MsgBody: r.message, CloudCustomData: r.custom}
	switch {
	case r.kind == kindRespond:
		b.ErrorInfo = ""
		b.RspData = r.info
	case form.Each:
		b.answerBody = answerBody{ActionStatus: "OK"}
		items := r.itemsFor(event, form)
		b.ResultItem = &items
	case form.Refused == "RefusedMembers_Account":
		b.RefusedMembersAccount = r.accounts
	default:
		b.RefusedSubscribersAccount = r.accounts
	}
	return json.Marshal(b)
}

func (r Reply) name() string {
	if r.kind == "" {
		return "no reply"
	}
	if r.custom != nil {
		return string(r.kind) + " WithCustomData"
	}
	return string(r.kind)
}

// check tells what is wrong with a reply to an event, if anything is.
func (r Reply) check(event *Event, form answer.Form) string {
	known := false
	switch r.kind {
	case kindOK:
		known = true
	case kindDeny:
		known = form.Refuse || form.Each
	case kindDrop:
		known = form.Drop
	case kindTell:
		known = form.Last > 0
		if known && !inRange(form, r.code) {
			return fmt.Sprintf("expected a code from %d to %d, found %d", form.First, form.Last, r.code)
		}
	case kindReplace:
		known = form.Message
		if known {
			return checkMessage(r.message)
		}
	case kindResults:
		known = form.Each
		if known {
			return checkItems(event, form, r.items)
		}
	case kindAllBut:
		known = form.Refused != ""
	case kindRespond:
		known = form.Data
	case kindRaw:
		known = typed[event.Command] == nil
		var object map[string]json.RawMessage
		if known && (json.Unmarshal(r.raw, &object) != nil || object == nil) {
			return "expected a JSON object"
		}
	}
	if r.custom != nil && (!form.Message || r.kind != kindOK && r.kind != kindReplace) {
		known = false
	}
	if !known {
		return "the command knows " + knownReplies(event.Command, form)
	}
	return ""
}

// checkMessage tells what is wrong with a message, if anything is.
func checkMessage(message Message) string {
	if len(message) == 0 {
		return "expected an element"
	}
	for i, element := range message {
		var content map[string]json.RawMessage
		if element.MsgType == "" || json.Unmarshal(element.MsgContent, &content) != nil || content == nil {
			return fmt.Sprintf("expected a MsgType and a JSON object as MsgContent, found another element %d", i)
		}
	}
	return ""
}

func inRange(form answer.Form, code int) bool { return form.First <= code && code <= form.Last }

// knownReplies names the replies that a command knows.
func knownReplies(command string, form answer.Form) string {
	known := []string{string(kindOK)}
	for _, reply := range []struct {
		kind  kind
		known bool
	}{
		{kindDeny, form.Refuse || form.Each},
		{kindDrop, form.Drop},
		{kindTell, form.Last > 0},
		{kindReplace, form.Message},
		{"OK or Replace WithCustomData", form.Message},
		{kindResults, form.Each},
		{kindAllBut, form.Refused != ""},
		{kindRespond, form.Data},
		{kindRaw, typed[command] == nil},
		{kindFail, true},
	} {
		if reply.known {
			known = append(known, string(reply.kind))
		}
	}
	return strings.Join(known, ", ")
}

// itemsFor returns what a reply decides for each friend.
func (r Reply) itemsFor(event *Event, form answer.Form) []ResultItem {
	if r.kind == kindResults {
		return r.items
	}
	code := r.code
	if r.kind == kindDeny {
		code = form.First
	}
	friends := friendsOf(event)
	items := make([]ResultItem, len(friends))
	for i, friend := range friends {
		items[i] = ResultItem{ToAccount: friend, ResultCode: code, ResultInfo: r.info}
	}
	return items
}

// friendsOf lists the friends of whom an event speaks.
func friendsOf(event *Event) []string {
	var friends []string
	switch e := event.Typed().(type) {
	case *SnsPrevFriendAdd:
		for _, item := range e.FriendItem {
			friends = append(friends, item.ToAccount)
		}
	case *SnsPrevFriendResponse:
		for _, item := range e.ResponseFriendItem {
			friends = append(friends, item.ToAccount)
		}
	}
	return friends
}

// checkItems tells what is wrong with the items for an event's friends.
func checkItems(event *Event, form answer.Form, items []ResultItem) string {
	open := map[string]bool{}
	for _, friend := range friendsOf(event) {
		open[friend] = true
	}
	for _, item := range items {
		if !open[item.ToAccount] {
			return fmt.Sprintf("expected each friend once, found %q", item.ToAccount)
		}
		delete(open, item.ToAccount)
		if item.ResultCode != answer.Allow && !inRange(form, item.ResultCode) {
			return fmt.Sprintf("expected ResultCode 0 or %d to %d, found %d", form.First, form.Last, item.ResultCode)
		}
	}
	if len(open) > 0 {
		return fmt.Sprintf("expected each friend once, found none for %d", len(open))
	}
	return ""
}
