package callback_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chatgate/chatgate/callback"
	"github.com/chatgate/chatgate/callback/callbacktest"
)

const (
	before    = callback.CommandGroupBeforeSendMsg
	after     = callback.CommandGroupAfterSendMsg
	friendAdd = callback.CommandSnsPrevFriendAdd
	bot       = callback.CommandChatbotOnC2CSignalMessage
	invite    = callback.CommandGroupBeforeInviteJoinGroup
	subscribe = callback.CommandOfficialAccountBeforeAddSubscriber
)

const twoFriends = `{"CallbackCommand":"Sns.CallbackPrevFriendAdd","Requester_Account":"mara","From_Account":"mara",` +
	`"FriendItem":[{"To_Account":"noel"},{"To_Account":"olga"}]}`

func TestReplies(t *testing.T) {
	item := func(account string, code int) callback.ResultItem {
		return callback.ResultItem{ToAccount: account, ResultCode: code, ResultInfo: "i"}
	}
	for _, row := range []struct {
		name    string
		command string
		body    string
		reply   callback.Reply
		answer  string // empty: the reply is wrong
		wrong   string
	}{
		{"OK", after, "", callback.OK(), `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}`, ""},
		{"no reply", before, "", callback.Reply{}, "", "no reply to Group.CallbackBeforeSendMsg: the command knows OK, Deny, Drop, Tell, Replace"},
		{"Deny", before, "", callback.Deny(), `{"ActionStatus":"OK","ErrorCode":1,"ErrorInfo":""}`, ""},
		{"Deny after", after, "", callback.Deny(), "", "Deny to Group.CallbackAfterSendMsg: the command knows OK, Fail"},
		{"Drop", before, "", callback.Drop(), `{"ActionStatus":"OK","ErrorCode":2,"ErrorInfo":""}`, ""},
		{"Drop of no message", invite, "", callback.Drop(), "", "Drop to"},
		{"Tell", before, "", callback.Tell(10100, "no"), `{"ActionStatus":"OK","ErrorCode":10100,"ErrorInfo":"no"}`, ""},
		{"Tell a code of another family", before, "", callback.Tell(120001, "no"), "", "from 10100 to 10200, found 120001"},
		{"Tell a bot", bot, "", callback.Tell(10100, "no"), "", "Tell to"},
		{
			"Replace", before, "", callback.Replace(callback.TextElement("***")),
			`{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"***"}}]}`, "",
		},
		{"Replace by nothing", before, "", callback.Replace(), "", "expected an element"},
		{"Replace by no element", before, "", callback.Replace(callback.MsgElement{}), "", "expected a MsgType"},
		{"Replace after", after, "", callback.Replace(callback.TextElement("x")), "", "Replace to"},
		{"custom data", before, "", callback.OK().WithCustomData(""), `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","CloudCustomData":""}`, ""},
		{"custom data of a refusal", before, "", callback.Deny().WithCustomData("x"), "", "Deny WithCustomData to"},
		{"AllBut of members", invite, "", callback.AllBut("noel"), `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","RefusedMembers_Account":["noel"]}`, ""},
		{"AllBut of subscribers", subscribe, "", callback.AllBut("noel"), `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","RefusedSubscribers_Account":["noel"]}`, ""},
		{"AllBut of a message", before, "", callback.AllBut("noel"), "", "AllBut to"},
		{"Respond", bot, "", callback.Respond("hi"), `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","RspData":"hi"}`, ""},
		{"Respond to a user", before, "", callback.Respond("hi"), "", "Respond to"},
		{
			"ResultItems", friendAdd, twoFriends, callback.ResultItems(item("olga", 38000), item("noel", 0)),
			`{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ResultItem":[{"To_Account":"olga","ResultCode":38000,"ResultInfo":"i"},` +
				`{"To_Account":"noel","ResultCode":0,"ResultInfo":"i"}]}`, "",
		},
		{"ResultItems without one", friendAdd, twoFriends, callback.ResultItems(item("olga", 38000)), "", "found none for 1"},
		{"ResultItems with another", friendAdd, twoFriends, callback.ResultItems(item("x", 0)), "", `found "x"`},
		{"ResultItems with another code", friendAdd, twoFriends, callback.ResultItems(item("olga", 1)), "", "found 1"},
		{"ResultItems elsewhere", before, "", callback.ResultItems(item("olga", 0)), "", "ResultItems to"},
		{
			"OK to each", friendAdd, twoFriends, callback.OK(),
			`{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ResultItem":[{"To_Account":"noel","ResultCode":0,"ResultInfo":""},{"To_Account":"olga","ResultCode":0,"ResultInfo":""}]}`, "",
		},
		{
			"Deny to each", friendAdd, twoFriends, callback.Deny(),
			`{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ResultItem":[{"To_Account":"noel","ResultCode":38000,"ResultInfo":""},{"To_Account":"olga","ResultCode":38000,"ResultInfo":""}]}`, "",
		},
		{
			"Tell each", friendAdd, twoFriends, callback.Tell(38001, "no"),
			`{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ResultItem":[{"To_Account":"noel","ResultCode":38001,"ResultInfo":"no"},{"To_Account":"olga","ResultCode":38001,"ResultInfo":"no"}]}`, "",
		},
		{"Raw", "Live.CallbackOfTomorrow", `{"x":1}`, callback.Raw(json.RawMessage(`{"ActionStatus":"OK"}`)), `{"ActionStatus":"OK"}`, ""},
		{"Raw that is no object", "Live.CallbackOfTomorrow", `{"x":1}`, callback.Raw(json.RawMessage(`null`)), "", "expected a JSON object"},
		{"Raw to a command that is known", before, "", callback.Raw(json.RawMessage(`{}`)), "", "Raw to"},
	} {
		config := callbacktest.Config()
		config.OtherCommands = true
		event, err := newReceiver(t, config).Parse(callbacktest.NewRequest(row.command, row.body))
		if !assert.NoError(t, err, row.name) {
			continue
		}
		w := httptest.NewRecorder()
		err = row.reply.Write(w, event)
		assert.Equal(t, "application/json", w.Header().Get("Content-Type"), row.name)
		if row.answer != "" {
			assert.NoError(t, err, row.name)
			assert.Equal(t, 200, w.Code, row.name)
			assert.JSONEq(t, row.answer, w.Body.String(), row.name)
			continue
		}
		assert.ErrorIs(t, err, callback.ErrReply, row.name)
		assert.ErrorContains(t, err, row.wrong, row.name)
		assert.Equal(t, 500, w.Code, row.name)
		assert.Contains(t, w.Body.String(), `"ActionStatus":"FAIL","ErrorCode":50002`, row.name)
	}
}

// The vendor makes of each answer what the reply means.
func TestOutcomes(t *testing.T) {
	var reply callback.Reply
	vendor := callbacktest.NewVendor(newReceiver(t, callbacktest.Config()).Handler(func(context.Context, *callback.Event) callback.Reply { return reply }))
	defer vendor.Close()
	for _, row := range []struct {
		command string
		reply   callback.Reply
		outcome callbacktest.Outcome
	}{
		{before, callback.OK(), callbacktest.Accepted},
		{before, callback.Deny(), callbacktest.Refused},
		{before, callback.Drop(), callbacktest.Dropped},
		{before, callback.Tell(10200, "no"), callbacktest.Refused},
		{before, callback.Fail("no database"), callbacktest.Failed},
		{before, callback.Reply{}, callbacktest.Failed},
	} {
		reply = row.reply
		assert.Equal(t, row.outcome, vendor.Send(row.command, "").Outcome)
	}
	reply = callback.Replace(callback.TextElement("***")).WithCustomData("x")
	answer := vendor.Send(before, "")
	assert.Equal(t, "***", answer.MsgBody.Text())
	assert.Equal(t, "x", *answer.CloudCustomData)
	reply = callback.OK()
	for _, command := range callback.Commands() {
		assert.Equal(t, callbacktest.Accepted, vendor.Send(command, "").Outcome, command)
	}
}
