package callback_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	"github.com/chatgate/chatgate/callback"
)

// A backend in Go that checks its callbacks itself.
func Example() {
	policy := &callback.Policy{
		Apps:     map[string]bool{"1400000000": true},
		Commands: map[string]bool{"Group.CallbackAfterCreateGroup": true, "Group.CallbackAfterNewMemberJoin": true},
		Tokens:   func() []string { return []string{"xxxxyyyy"} },
		Window:   callback.SignWindow,
		URLCheck: true,
		MaxBody:  callback.MaxBody,
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		event, refusal := callback.Check(policy, r)
		if refusal != nil {
			callback.Refuse(w, refusal)
			return
		}
		if event.Checked { // not the console's check of the URL
			fmt.Println(event.Text("Operator"), "created", event.Text("GroupId"), "at", time.UnixMilli(event.Integer("EventTime")).UTC())
			fmt.Println("with", event.Accounts("MemberList"))
		}
		callback.Accept(w)
	})

	now := strconv.FormatInt(time.Now().Unix(), 10)
	target := "/?SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterCreateGroup&Sign=" + callback.Sign("xxxxyyyy", now) + "&RequestTime=" + now
	body := `{"CallbackCommand":"Group.CallbackAfterCreateGroup","EventTime":1670574414123,"GroupId":"@TGS#2J4SZEAEL",` +
		`"MemberList":[{"Member_Account":"bob"},{"Member_Account":"peter"}],"Name":"Hikers","Operator_Account":"leckie","Type":"Public"}`
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, target, strings.NewReader(body)))
	fmt.Println(answer.Body)
	// Output:
	// leckie created @TGS#2J4SZEAEL at 2022-12-09 08:26:54.123 +0000 UTC
	// with [bob peter]
	// {"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}
}
