package callback_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"

	"github.com/chatgate/chatgate/callback"
	"github.com/chatgate/chatgate/callback/callbacktest"
)

// A receiver that is told of new groups.
func Example() {
	receiver, err := callback.NewReceiver(callback.Config{
		Apps:   []string{callbacktest.App},
		Tokens: []string{callbacktest.Token},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	handler := receiver.Handler(func(_ context.Context, event *callback.Event) callback.Reply {
		if e, ok := event.Typed().(*callback.GroupAfterCreateGroup); ok {
			fmt.Println(e.OperatorAccount, "created", e.Name, "with", len(e.MemberList), "members")
		}
		return callback.OK()
	})

	vendor := callbacktest.NewVendor(handler)
	defer vendor.Close()
	answer := vendor.Send(callback.CommandGroupAfterCreateGroup, `{"CallbackCommand":"Group.CallbackAfterCreateGroup",`+
		`"GroupId":"@TGS#1","Operator_Account":"lena","Type":"Public","Name":"Weekend hike","MemberList":[{"Member_Account":"ravi"}]}`)
	fmt.Println(answer.Outcome)
	// Output:
	// lena created Weekend hike with 1 members
	// accepted
}

// Moderation denies what it does not like, and changes the rest where it must.
func ExampleReceiver_Handler_moderation() {
	receiver, err := callback.NewReceiver(callbacktest.Config())
	if err != nil {
		fmt.Println(err)
		return
	}
	moderate := func(message callback.Message) callback.Reply {
		switch text := message.Text(); {
		case strings.Contains(text, "casino"):
			return callback.Deny()
		case strings.Contains(text, "damn"):
			return callback.Replace(callback.TextElement(strings.ReplaceAll(text, "damn", "****")))
		}
		return callback.OK()
	}
	handler := receiver.Handler(func(_ context.Context, event *callback.Event) callback.Reply {
		switch e := event.Typed().(type) {
		case *callback.GroupBeforeSendMsg:
			return moderate(e.MsgBody)
		case *callback.C2CBeforeSendMsg:
			return moderate(e.MsgBody)
		}
		return callback.OK()
	})

	vendor := callbacktest.NewVendor(handler)
	defer vendor.Close()
	for _, text := range []string{"hello", "the casino is open", "damn it"} {
		answer := vendor.Send(callback.CommandC2CBeforeSendMsg, `{"CallbackCommand":"C2C.CallbackBeforeSendMsg","From_Account":"lena","To_Account":"ravi",`+
			`"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"`+text+`"}}]}`)
		fmt.Printf("%s: %s %q\n", text, answer.Outcome, answer.MsgBody.Text())
	}
	// Output:
	// hello: accepted ""
	// the casino is open: refused ""
	// damn it: accepted "**** it"
}

// A token is rotated without a gap: the new one stands beside the old until the vendor signs with
// it.
func ExampleConfig_rotation() {
	var tokens atomic.Value
	tokens.Store([]string{"old"})
	receiver, err := callback.NewReceiver(callback.Config{
		Apps:      []string{callbacktest.App},
		TokenFunc: func() []string { return tokens.Load().([]string) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	vendor := callbacktest.NewVendor(receiver.Handler(func(context.Context, *callback.Event) callback.Reply { return callback.OK() }))
	defer vendor.Close()
	send := func(token string) {
		vendor.Token = token
		fmt.Println(token, vendor.Send(callback.CommandGroupAfterGroupFull, "").Status)
	}
	send("old")
	send("new")
	tokens.Store([]string{"old", "new"})
	send("old")
	send("new")
	// Output:
	// old 200
	// new 401
	// old 200
	// new 200
}

// A receiver is a route like any other. Other routers take it as an http.Handler, too.
func ExampleReceiver_Handler_router() {
	receiver, err := callback.NewReceiver(callbacktest.Config())
	if err != nil {
		fmt.Println(err)
		return
	}
	router := http.NewServeMux()
	router.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	router.Handle("POST /chat/callback", receiver.Handler(func(_ context.Context, event *callback.Event) callback.Reply {
		fmt.Println(event.Command, event.GroupID != "")
		return callback.OK()
	}))

	vendor := callbacktest.NewVendor(router)
	defer vendor.Close()
	fmt.Println(vendor.Send(callback.CommandGroupAfterGroupFull, "").Status)
	vendor.Path = "/chat/callback"
	fmt.Println(vendor.Send(callback.CommandGroupAfterGroupFull, "").Status)
	fmt.Println(vendor.CheckURL().Outcome)
	// Output:
	// 404
	// Group.CallbackAfterGroupFull true
	// 200
	// accepted
}

// A handler of one's own calls Parse, and Write for the answer.
func ExampleReceiver_Parse() {
	receiver, err := callback.NewReceiver(callbacktest.Config())
	if err != nil {
		fmt.Println(err)
		return
	}
	handle := func(w http.ResponseWriter, r *http.Request) {
		event, err := receiver.Parse(r)
		var refused *callback.Error
		if errors.As(err, &refused) {
			fmt.Println(refused.Status, refused.Code, refused.Reason, errors.Is(err, callback.ErrSignature))
			refused.ServeHTTP(w, r)
			return
		}
		if err := callback.OK().Write(w, event); err != nil {
			fmt.Println(err)
		}
	}

	vendor := callbacktest.NewVendor(http.HandlerFunc(handle))
	defer vendor.Close()
	vendor.Token = "guessed"
	vendor.Send(callback.CommandGroupAfterGroupFull, "")
	// Output: 401 40105 Sign is wrong true
}

// A friend is refused, another one accepted.
func ExampleResultItems() {
	receiver, err := callback.NewReceiver(callbacktest.Config())
	if err != nil {
		fmt.Println(err)
		return
	}
	handler := receiver.Handler(func(_ context.Context, event *callback.Event) callback.Reply {
		e, ok := event.Typed().(*callback.SnsPrevFriendAdd)
		if !ok {
			return callback.OK()
		}
		var items []callback.ResultItem
		for _, friend := range e.FriendItem {
			item := callback.ResultItem{ToAccount: friend.ToAccount}
			if friend.AddWording == "" {
				item.ResultCode = 38000
				item.ResultInfo = "say hello"
			}
			items = append(items, item)
		}
		return callback.ResultItems(items...)
	})

	vendor := callbacktest.NewVendor(handler)
	defer vendor.Close()
	answer := vendor.Send(callback.CommandSnsPrevFriendAdd, `{"CallbackCommand":"Sns.CallbackPrevFriendAdd","Requester_Account":"lena",`+
		`"From_Account":"lena","FriendItem":[{"To_Account":"ravi","AddWording":"hello"},{"To_Account":"omar"}]}`)
	fmt.Println(answer.ResultItem)
	// Output: [{ravi 0 } {omar 38000 say hello}]
}

// Wrong: a Config without a token and with a misspelt command. The error names both.
func ExampleNewReceiver_wrong() {
	_, err := callback.NewReceiver(callback.Config{
		Apps:     []string{"1400000000"},
		Commands: []string{"Group.CallbackAfterCreatedGroup"},
		Tokens:   []string{os.Getenv("A_VARIABLE_THAT_IS_NOT_SET")},
	})
	fmt.Println(strings.ReplaceAll(err.Error(), "; ", "\n"))
	// Output:
	// callback: Commands: expected one of Commands(), or a family such as Group.*, found "Group.CallbackAfterCreatedGroup"
	// Tokens[0]: expected the token as the console has it, found another: a token is empty
}

// Wrong: an event that has happened can't be denied. The handler answers FAIL, OnError names the
// reply.
func ExampleDeny_wrong() {
	config := callbacktest.Config()
	config.OnError = func(_ *http.Request, err error) { fmt.Println(err) }
	receiver, err := callback.NewReceiver(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	vendor := callbacktest.NewVendor(receiver.Handler(func(context.Context, *callback.Event) callback.Reply { return callback.Deny() }))
	defer vendor.Close()
	fmt.Println(vendor.Send(callback.CommandGroupAfterCreateGroup, "").Outcome)
	// Output:
	// callback: the command does not know this reply: Deny to Group.CallbackAfterCreateGroup: the command knows OK, Fail
	// failed
}

// Wrong: a forgotten reply. The zero Reply allows nothing.
func ExampleReply_wrong() {
	receiver, err := callback.NewReceiver(callbacktest.Config())
	if err != nil {
		fmt.Println(err)
		return
	}
	handler := receiver.Handler(func(_ context.Context, event *callback.Event) (reply callback.Reply) {
		if e, ok := event.Typed().(*callback.GroupBeforeSendMsg); ok && e.MsgBody.Text() == "spam" {
			reply = callback.Deny()
		}
		return reply // callback.OK() is missing
	})
	vendor := callbacktest.NewVendor(handler)
	defer vendor.Close()
	fmt.Println(vendor.Send(callback.CommandGroupBeforeSendMsg, "").Outcome)
	// Output: failed
}

// Wrong: FromGate without a gate. Who can reach the backend could send anything.
func ExampleFromGate_wrong() {
	_, err := callback.FromGate(callbacktest.NewRequest(callback.CommandGroupAfterCreateGroup, ""))
	fmt.Println(errors.Is(err, callback.ErrNotFromGate), err)
	// Output: true callback: a header of the gate is missing: found none of its headers
}

// Behind the gate nothing is checked twice.
func ExampleFromGate() {
	handle := func(_ http.ResponseWriter, r *http.Request) {
		event, err := callback.FromGate(r)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(event.Operator, "created", event.GroupID)
	}

	r := callbacktest.NewRequest(callback.CommandGroupAfterCreateGroup, `{"CallbackCommand":"Group.CallbackAfterCreateGroup",`+
		`"GroupId":"@TGS#1","Operator_Account":"王小明","Type":"Public","Name":"Weekend hike"}`)
	r.Header.Set("X-Chat-Group-Id", "@TGS#1") // as the gate sets them
	r.Header.Set("X-Chat-Operator", "%E7%8E%8B%E5%B0%8F%E6%98%8E")
	handle(nil, r)
	// Output: 王小明 created @TGS#1
}
