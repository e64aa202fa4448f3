// Package answer knows what a backend may answer to each command. The gate hands every answer on
// and does not need it; package callback and the schemas do.
package answer

import (
	"strings"

	"github.com/chatgate/chatgate/internal/protocol"
)

// The values of ErrorCode that mean the same everywhere.
const (
	Allow  = 0
	Refuse = 1
	Drop   = 2 // of a message: the sender sees a success
)

// A Form is what a command's answer may have besides ActionStatus, ErrorCode and ErrorInfo. The
// zero Form is that of an event that has happened: nothing but OK.
type Form struct {
	Refuse  bool   // ErrorCode may be Refuse
	Drop    bool   // ErrorCode may be Drop
	First   int    // the least ErrorCode that reaches the client
	Last    int    // the greatest; 0: none reaches the client
	Message bool   // MsgBody and CloudCustomData replace the message's
	Data    bool   // RspData is handed on
	Refused string // the name of a list of the accounts that are refused
	Each    bool   // ResultItem decides for each friend, with a code from First to Last or Allow
}

// families holds the codes that reach the client ("Callback response" of each command's page).
var families = map[string]Form{
	"Group":           {Refuse: true, First: 10100, Last: 10200},
	"C2C":             {Refuse: true, First: 120001, Last: 130000},
	"OfficialAccount": {Refuse: true, First: 120001, Last: 130000},
	"Sns":             {First: 38000, Last: 39000, Each: true},
	"Chatbot":         {Refuse: true, Data: true},
}

// refused holds the lists of accounts that single commands know.
var refused = map[string]string{
	"Group.CallbackBeforeInviteJoinGroup":         "RefusedMembers_Account",
	"OfficialAccount.CallbackBeforeAddSubscriber": "RefusedSubscribers_Account",
}

// Of returns the form of a command's answer.
func Of(command string) Form {
	schema := protocol.SchemaOf(command)
	if schema == nil || !schema.Before {
		return Form{}
	}
	family, _, _ := strings.Cut(command, ".")
	form := families[family]
	form.Refused = refused[command]
	if strings.HasSuffix(command, "BeforeSendMsg") {
		form.Drop = true
		form.Message = true
	}
	return form
}
