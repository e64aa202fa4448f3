// Package workload is what the benchmarks send: callbacks as Tencent Cloud Chat writes them, each with one thing that sets it apart, and
// the options of the gates that they are sent to.
package workload

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/chatgate/chatgate/internal/protocol"
)

// A Callback is a request that is sent many times. Its Name says what sets it apart.
type Callback struct {
	Name    string
	Command string // empty: a group was created
	Members int    // of the group that was created, or the one that a message is for
	Token   string // that it is signed with; empty: it is not signed, and meets a gate that asks for no signature
	Old     string // in URL and body
	New     string // what stands there instead
	Status  int    // what the gate answers
}

// Token is the authentication token of the gate that asks for one.
const Token = "e10adc3949ba59ab"

// Callbacks are all there are.
var Callbacks = []Callback{
	{Name: "2 members", Members: 2, Status: http.StatusOK},
	{Name: "2 members signed", Members: 2, Token: Token, Status: http.StatusOK},
	{Name: "2 members escapes", Members: 2, Old: `hike`, New: `\"hike\" \u5c71`, Status: http.StatusOK},
	{Name: "2 members unknown text", Members: 2, Old: `"Operator`, New: `"News":"x","Operator`, Status: http.StatusOK},
	{Name: "2 members unknown object", Members: 2, Old: `"Operator`, New: `"News":{"a":[1]},"Operator`, Status: http.StatusOK},
	{Name: "100 members", Members: 100, Status: http.StatusOK},
	{Name: "500 members", Members: 500, Status: http.StatusOK},
	{Name: "a message", Command: sentMessage, Members: 1, Status: http.StatusOK},
	{Name: "refused by app", Members: 2, Old: "SdkAppid=14", New: "SdkAppid=15", Status: http.StatusForbidden},
	{Name: "refused by signature", Members: 2, Token: "of another", Status: http.StatusUnauthorized},
	{Name: "refused by schema", Members: 2, Old: `"Public"`, New: `["Public"]`, Status: http.StatusBadRequest},
}

const sentMessage = "Group.CallbackAfterSendMsg"

// Options are those of the gate that a callback meets, as a dynamic configuration has them.
func (c Callback) Options() map[string]any {
	options := map[string]any{"sdkAppId": "1400000000", "path": "/callback"}
	if c.Command != "" {
		options["commands"] = c.Command
	}
	if c.Token != "" {
		options["token"], options["signWindow"] = Token, "1h"
	}
	return options
}

// Target is the path and the query, signed now: it is good for an hour.
func (c Callback) Target() string {
	target := "/callback?SdkAppid=1400000000&CallbackCommand=" + cmp.Or(c.Command, protocol.AfterCreateGroup) +
		"&contenttype=json&ClientIP=203.0.113.7&OptPlatform=RESTAPI"
	if c.Token != "" {
		requestTime := strconv.FormatInt(time.Now().Unix(), 10)
		target += "&Sign=" + protocol.Sign(c.Token, requestTime) + "&RequestTime=" + requestTime
	}
	return strings.Replace(target, c.Old, c.New, 1)
}

// Body is compact and in alphabetical order, with a member that no page of the vendor's names, as captured bodies are.
func (c Callback) Body() string {
	if c.Command == sentMessage {
		return message
	}
	members := make([]string, c.Members)
	for i := range members {
		members[i] = fmt.Sprintf(`{"Member_Account":"member%06d"}`, i)
	}
	body := `{"CallbackCommand":"` + protocol.AfterCreateGroup + `","EventTime":1767225600004,"GroupId":"@TGS#2J4SZEAEL",` +
		`"InviteOption":"FreeAccess","MemberList":[` + strings.Join(members, ",") + `],"Name":"Weekend hike",` +
		`"Operator_Account":"group_root","Owner_Account":"leckie","Type":"Public"}`
	return strings.Replace(body, c.Old, c.New, 1)
}

const message = `{"CallbackCommand":"` + sentMessage + `","EventTime":1767225600808,"From_Account":"leckie","GroupId":"@TGS#2J4SZEAEL",` +
	`"MsgBody":[{"MsgContent":{"Text":"Who is coming along?"},"MsgType":"TIMTextElem"}],"MsgSeq":1207,"MsgTime":1767225600,` +
	`"Operator_Account":"leckie","Random":77120934,"Type":"Public"}`
