package main

import (
	"testing"

	"github.com/chatgate/chatgate/callback"
	"github.com/chatgate/chatgate/callback/callbacktest"
)

// A well-formed, signed callback of each command is accepted.
func TestEveryCommand(t *testing.T) {
	receiver, err := callback.NewReceiver(callbacktest.Config())
	if err != nil {
		t.Fatal(err)
	}
	vendor := callbacktest.NewVendor(receiver.Handler(moderate))
	defer vendor.Close()
	for _, command := range callback.Commands() {
		if answer := vendor.Send(command, ""); answer.Outcome != callbacktest.Accepted {
			t.Error(command, answer.Outcome, answer.Fault)
		}
	}
}

func TestModerate(t *testing.T) {
	receiver, err := callback.NewReceiver(callbacktest.Config())
	if err != nil {
		t.Fatal(err)
	}
	vendor := callbacktest.NewVendor(receiver.Handler(moderate)) // through memory, not through a network
	defer vendor.Close()
	const spam = `{"CallbackCommand":"Group.CallbackBeforeSendMsg","GroupId":"@TGS#1","From_Account":"ravi",` +
		`"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"the casino is open"}}]}`
	if answer := vendor.Send(callback.CommandGroupBeforeSendMsg, spam); answer.Outcome != callbacktest.Refused {
		t.Error(answer.Outcome, answer.Fault)
	}
}
