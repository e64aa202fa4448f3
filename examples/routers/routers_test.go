package routers

import (
	"context"
	"net/http"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/chatgate/chatgate/callback"
	"github.com/chatgate/chatgate/callback/callbacktest"
)

func TestRouters(t *testing.T) {
	gin.SetMode(gin.TestMode)
	receiver, err := callback.NewReceiver(callbacktest.Config())
	if err != nil {
		t.Fatal(err)
	}
	received := ""
	callbacks := receiver.Handler(func(_ context.Context, event *callback.Event) callback.Reply {
		received = event.Command
		return callback.OK()
	})
	for name, router := range map[string]http.Handler{"chi": Chi(callbacks), "gin": Gin(callbacks)} {
		vendor := callbacktest.NewVendor(router)
		for _, command := range callback.Commands() {
			if answer := vendor.Send(command, ""); answer.Outcome != callbacktest.Accepted || received != command {
				t.Error(name, command, answer.Outcome, answer.Fault)
			}
		}
		if answer := vendor.CheckURL(); answer.Outcome != callbacktest.Accepted {
			t.Error(name, answer.Fault)
		}
		vendor.Token = "another"
		if answer := vendor.Send(callback.CommandGroupAfterGroupFull, ""); answer.Status != http.StatusUnauthorized {
			t.Error(name, answer.Status)
		}
		vendor.Close()
	}
}
