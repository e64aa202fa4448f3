// Package callback receives the callbacks (webhooks) of Tencent Cloud Chat.
//
// A Receiver checks a callback's app, command, signature and body, and returns an Event. Its
// Handler does so for an HTTP server, and writes the Reply:
//
//	receiver, err := callback.NewReceiver(callback.Config{
//		Apps:   []string{"1400000000"},
//		Tokens: []string{os.Getenv("CHAT_TOKEN")},
//	})
//	…
//	handle := func(ctx context.Context, event *callback.Event) callback.Reply {
//		switch e := event.Typed().(type) {
//		case *callback.GroupBeforeSendMsg:
//			if strings.Contains(e.MsgBody.Text(), "spam") {
//				return callback.Deny()
//			}
//		case *callback.GroupAfterCreateGroup:
//			log.Print(e.OperatorAccount, " created ", e.GroupID)
//		}
//		return callback.OK()
//	}
//	http.Handle("/callback", receiver.Handler(handle))
//
// What a Receiver lets in is what the chatgate middleware lets in with its default headers. A
// backend behind that middleware calls [FromGate], or sets [Config].GateHeaders, and checks nothing
// twice.
//
// Each command has a constant, such as [CommandGroupBeforeSendMsg], and a struct of its body, such
// as [GroupBeforeSendMsg]. A field that is absent or null has its zero value; [Event].Has tells it
// apart.
//
// Package callbacktest has requests and a vendor for tests. For other languages, docs/schema has
// JSON Schemas and an OpenAPI document.
package callback

//go:generate go run ../internal/gen

import (
	"time"

	"github.com/chatgate/chatgate/internal/protocol"
)

// Deadline is how long the vendor waits for an answer.
const Deadline = 2 * time.Second

// Commands lists the commands that this package knows, in alphabetical order.
func Commands() []string { return protocol.Commands() }
