// Command backend receives callbacks and moderates messages.
package main

import (
	"context"
	"log"
	"net/http"
	"os"
	"strings"

	"github.com/chatgate/chatgate/callback"
)

func moderate(_ context.Context, event *callback.Event) callback.Reply {
	if e, ok := event.Typed().(*callback.GroupBeforeSendMsg); ok && strings.Contains(e.MsgBody.Text(), "casino") {
		return callback.Deny()
	}
	return callback.OK()
}

func main() {
	receiver, err := callback.NewReceiver(callback.Config{Apps: []string{"1400000000"}, Tokens: []string{os.Getenv("CHAT_TOKEN")}})
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe(":9000", receiver.Handler(moderate)))
}
