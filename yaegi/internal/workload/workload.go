// Package workload is what the benchmarks send: the callbacks of a chat, as Tencent Cloud Chat
// writes them, and the options of the gate that each is sent to.
package workload

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/chatgate/chatgate/internal/protocol"
)

// A Callback is a request that is sent many times.
type Callback struct {
	Name    string
	Share   int               // of a chat's hundred callbacks; 0: it is no part of the mix
	App     string            // of the URL; empty: the one that is let in
	Command string            // of the URL, and of the body
	Body    string            // empty: the one of a created group
	Query   string            // the other parameters of the URL; empty: the documented ones
	Sorted  bool              // all parameters in alphabetical order, as in captures of 2022
	Headers map[string]string // the option headers; empty: the default
	Others  string            // the option otherCommands; empty: commands has the command
	Token   string            // that it is signed with, or Varying; empty: the gate asks for no signature
	Status  int               // what the gate answers; 0: 200
	Most    float64           // what it may cost at most, as a ratio to no middleware; 0: no target
	Better  float64           // what it should rather cost
}

// Varying stands in targets of which each is to be another: Vary puts a number there.
const Varying = "576460752"

// Vary makes the n-th request of one with Varying in it, and leaves others as they are.
func Vary(request []byte, n int) []byte {
	if at := bytes.Index(request, []byte(Varying)); at >= 0 {
		request = bytes.Clone(request)
		copy(request[at:], fmt.Sprintf("%09d", n%1e9))
	}
	return request
}

// Token is the authentication token of the gate that asks for one.
const Token = "e10adc3949ba59ab"

const (
	allowed   = "1400000000"
	created   = protocol.AfterCreateGroup
	sent      = "Group.CallbackAfterSendMsg"
	beforeC2C = "C2C.CallbackBeforeSendMsg"
)

var eventID = map[string]string{"X-Chat-Group-Id": "GroupId", "X-Chat-Operator": "Operator", "X-Chat-Event-Id": "EventId"}

// Callbacks are all there are. Of a hundred, ninety are messages, half of them asked about before.
var Callbacks = []Callback{
	{Name: "a group is created", Share: 1, Command: created, Most: 1.50},
	{Name: "a text", Share: 25, Command: sent, Body: message(text), Most: 1.80, Better: 1.60},
	{Name: "a text, asked about before", Share: 20, Command: "Group.CallbackBeforeSendMsg", Body: before(text), Most: 1.80, Better: 1.60},
	{Name: "a custom message", Share: 8, Command: sent, Body: message(custom), Most: 1.80, Better: 1.60},
	{Name: "an image", Share: 7, Command: sent, Body: message(image), Most: 1.80, Better: 1.60},
	{Name: "an image, asked about before", Share: 5, Command: "Group.CallbackBeforeSendMsg", Body: before(image), Most: 1.80, Better: 1.60},
	{Name: "a text and an image", Share: 2, Command: sent, Body: message(text + "," + image), Most: 1.80, Better: 1.60},
	{Name: "a text that mentions somebody", Share: 3, Command: sent, Body: strings.Replace(message(text), `"GroupId"`,
		`"GroupAtInfo":[{"GroupAtAllFlag":0,"GroupAt_Account":"leckie"}],"GroupId"`, 1), Most: 1.80, Better: 1.60},
	{Name: "a text to one user, asked about before", Share: 20, Command: beforeC2C, Body: toOne, Most: 1.80, Better: 1.60},
	{Name: "a user comes online", Share: 5, Command: "State.StateChange", Body: online, Most: 1.80, Better: 1.60},
	{Name: "somebody joins", Share: 2, Command: "Group.CallbackAfterNewMemberJoin", Body: `{"CallbackCommand":"Group.CallbackAfterNewMemberJoin","EventTime":1767225600004,` +
		`"GroupId":"@TGS#2J4SZEAEL","JoinType":"Apply","NewMemberList":[{"Member_Account":"jared"}],"Operator_Account":"leckie","Type":"Public"}`, Most: 1.80, Better: 1.60},
	{Name: "somebody leaves", Share: 2, Command: "Group.CallbackAfterMemberExit", Body: `{"CallbackCommand":"Group.CallbackAfterMemberExit","EventTime":1767225600004,` +
		`"ExitMemberList":[{"Member_Account":"jared"}],"ExitType":"Quit","GroupId":"@TGS#2J4SZEAEL","Operator_Account":"jared","Type":"Public"}`, Most: 1.80, Better: 1.60},

	{Name: "a face", Command: sent, Body: message(face), Most: 1.80, Better: 1.60},
	{Name: "a location", Command: sent, Body: message(location), Most: 1.80, Better: 1.60},
	{Name: "a sound", Command: sent, Body: message(sound), Most: 1.80, Better: 1.60},
	{Name: "a file", Command: sent, Body: message(file), Most: 1.80, Better: 1.60},
	{Name: "a video", Command: sent, Body: message(video), Most: 1.80, Better: 1.60},
	{Name: "messages merged into one", Command: sent, Body: message(merged), Most: 1.80, Better: 1.60},
	{Name: "a group is created, signed", Command: created, Token: Token, Most: 1.60},
	{Name: "a text, signed", Command: sent, Body: message(text), Token: Token, Most: 1.80, Better: 1.60},
	{Name: "a group is created, with EventId", Command: created, Headers: eventID, Most: 1.80, Better: 1.60},
	{Name: "a text, with EventId", Command: sent, Body: message(text), Headers: eventID, Most: 1.80, Better: 1.60},
	{Name: "a Chinese name as a header", Command: created, Body: strings.Replace(group(2), "Weekend hike", "周末徒步", 1),
		Headers: map[string]string{"X-Chat-Group-Id": "GroupId", "X-Chat-Name": "Name"}, Most: 1.80, Better: 1.60},
	{Name: "escapes in a name", Command: created, Body: strings.Replace(group(2), "Weekend hike", `\"hike\" \u5c71`, 1), Most: 1.80, Better: 1.60},
	{Name: "a member that no table knows", Command: created, Body: strings.Replace(group(2), `"Operator`, `"News":{"a":[1]},"Operator`, 1), Most: 1.80, Better: 1.60},
	{Name: "members out of order", Command: created, Body: `{"Type":"Public",` + strings.Replace(group(2)[1:], `,"Type":"Public"`, "", 1), Most: 1.80, Better: 1.60},
	{Name: "parameters as captured in 2022", Command: created, Query: "&ClientIP=203.0.113.7&OptPlatform=RESTAPI&RequestID=7d0a1c52-3f1e-4c55-9a11-1f3b6a0c2d44&contenttype=json", Sorted: true, Most: 1.80, Better: 1.60},
	{Name: "another family, passed on", Command: "Live.CallbackAfterCreateRoom", Body: `{"CallbackCommand":"Live.CallbackAfterCreateRoom","EventTime":1767225600004,` +
		`"Operator_Account":"leckie","RoomInfo":{"RoomId":"live_1","RoomName":"hike"}}`, Others: "forward", Most: 1.80, Better: 1.60},
	{Name: "100 members", Command: created, Body: group(100)},
	{Name: "500 members", Command: created, Body: group(500), Most: 2.20},
	{Name: "refused by app", App: "1500000000", Command: created, Query: "&contenttype=json&App=15", Status: http.StatusForbidden, Most: 0.90},
	{Name: "refused by signature", Command: created, Token: "of another", Query: "&contenttype=json&tenant=7", Status: http.StatusUnauthorized, Most: 0.90},
	{Name: "refused by app, each another", App: "1" + Varying, Command: created, Status: http.StatusForbidden, Most: 0.90},
	{Name: "refused by signature, each another", Command: created, Token: Varying, Status: http.StatusUnauthorized, Most: 0.90},
	{Name: "refused by schema", Command: created, Body: strings.Replace(group(2), `"Public"`, `["Public"]`, 1), Status: http.StatusBadRequest},
}

// Options are those of the gate that a callback meets, as a dynamic configuration has them.
func (c Callback) Options() map[string]any {
	options := map[string]any{"sdkAppId": allowed, "path": "/callback"}
	if c.Others != "" {
		options["otherCommands"] = c.Others
	} else if c.Command != created {
		options["commands"] = c.Command
	}
	if c.Headers != nil {
		options["headers"] = c.Headers
	}
	if c.Token != "" {
		options["token"] = Token
		options["signWindow"] = "1h"
	}
	return options
}

// Target is the path and the query, signed now: it is good for an hour.
func (c Callback) Target() string {
	app := cmp.Or(c.App, allowed)
	query := "SdkAppid=" + app + "&CallbackCommand=" + c.Command + cmp.Or(c.Query, "&contenttype=json&ClientIP=203.0.113.7&OptPlatform=RESTAPI")
	if c.Sorted {
		query = "CallbackCommand=" + c.Command + strings.Replace(c.Query, "&contenttype", "&SdkAppid="+app+"&contenttype", 1)
	}
	if c.Token != "" {
		requestTime := strconv.FormatInt(time.Now().Unix(), 10)
		sign := protocol.Sign(c.Token, requestTime)
		if c.Token == Varying {
			sign = Varying + sign[len(Varying):]
		}
		query += "&RequestTime=" + requestTime + "&Sign=" + sign
	}
	return "/callback?" + query
}

// Text is the body.
func (c Callback) Text() string { return cmp.Or(c.Body, group(2)) }

// Answer is the status that the gate answers with.
func (c Callback) Answer() int { return cmp.Or(c.Status, http.StatusOK) }

// group is the callback of a created group, with a member as captured bodies have it.
func group(members int) string {
	list := make([]string, members)
	for i := range list {
		list[i] = fmt.Sprintf(`{"Member_Account":"member%06d"}`, i)
	}
	return `{"CallbackCommand":"` + created + `","EventTime":1767225600004,"GroupId":"@TGS#2J4SZEAEL",` +
		`"InviteOption":"FreeAccess","MemberList":[` + strings.Join(list, ",") + `],"Name":"Weekend hike",` +
		`"Operator_Account":"group_root","Owner_Account":"leckie","Type":"Public"}`
}

// The elements of messages.
const (
	text   = `{"MsgContent":{"Text":"Who is coming along?"},"MsgType":"TIMTextElem"}`
	custom = `{"MsgContent":{"Data":"{\"kind\":\"poll\",\"options\":[1,2]}","Desc":"a poll","Ext":"","Sound":""},"MsgType":"TIMCustomElem"}`
	image  = `{"MsgContent":{"ImageFormat":1,"ImageInfoArray":[{"Height":720,"Size":48312,"Type":1,"URL":"https://cos.example/0/1.jpg","Width":1280},` +
		`{"Height":198,"Size":4831,"Type":3,"URL":"https://cos.example/198/1.jpg","Width":352}],"UUID":"1400000000_leckie_9c5b"},"MsgType":"TIMImageElem"}`
	face     = `{"MsgContent":{"Data":"wave","Index":7},"MsgType":"TIMFaceElem"}`
	location = `{"MsgContent":{"Desc":"trailhead","Latitude":47.2692,"Longitude":11.4041},"MsgType":"TIMLocationElem"}`
	sound    = `{"MsgContent":{"Download_Flag":2,"Second":4,"Size":9216,"UUID":"5d1c","Url":"https://cos.example/s/5d1c"},"MsgType":"TIMSoundElem"}`
	file     = `{"MsgContent":{"Download_Flag":2,"FileName":"route.gpx","FileSize":81920,"UUID":"77ab","Url":"https://cos.example/f/77ab"},"MsgType":"TIMFileElem"}`
	video    = `{"MsgContent":{"ThumbDownloadFlag":2,"ThumbFormat":"JPG","ThumbHeight":320,"ThumbSize":7210,"ThumbUUID":"a0","ThumbUrl":"https://cos.example/t/a0",` +
		`"ThumbWidth":180,"VideoDownloadFlag":2,"VideoFormat":"mp4","VideoSecond":9,"VideoSize":910200,"VideoUUID":"a1","VideoUrl":"https://cos.example/v/a1"},"MsgType":"TIMVideoFileElem"}`
	merged = `{"MsgContent":{"AbstractList":["leckie: who?","jared: me"],"CompatibleText":"see a newer version","MsgList":[{"From_Account":"leckie",` +
		`"MsgBody":[{"MsgContent":{"Text":"who?"},"MsgType":"TIMTextElem"}],"MsgRandom":7,"MsgSeq":1201,"MsgTimeStamp":1767225500},{"From_Account":"jared",` +
		`"MsgBody":[{"MsgContent":{"Text":"me"},"MsgType":"TIMTextElem"}],"MsgRandom":9,"MsgSeq":1202,"MsgTimeStamp":1767225501}],"Title":"Hike"},"MsgType":"TIMRelayElem"}`
)

func message(elements string) string {
	return `{"CallbackCommand":"` + sent + `","CloudCustomData":"{\"thread\":12}","EventTime":1767225600808,"From_Account":"leckie","GroupId":"@TGS#2J4SZEAEL",` +
		`"MsgBody":[` + elements + `],"MsgId":"144115233775727695-1767225600-77120934","MsgPriority":"Normal","MsgSeq":1207,"MsgTime":1767225600,"OnlineOnlyFlag":0,` +
		`"Operator_Account":"leckie","Random":3771209341,"Type":"Public"}`
}

func before(elements string) string {
	return `{"CallbackCommand":"Group.CallbackBeforeSendMsg","CloudCustomData":"","EventTime":1767225600808,"From_Account":"leckie","GroupId":"@TGS#2J4SZEAEL",` +
		`"MsgBody":[` + elements + `],"MsgId":"144115233775727695-1767225600-77120934","MsgPriority":"Normal","OnlineOnlyFlag":0,` +
		`"Operator_Account":"leckie","Random":3771209341,"Type":"Public"}`
}

const toOne = `{"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"Who is coming along?"}}],"CallbackCommand":"C2C.CallbackBeforeSendMsg","From_Account":"leckie",` +
	`"To_Account":"jared","MsgRandom":2837546,"MsgSeq":48374,"MsgTime":1767225600,"MsgKey":"48374_2837546_1767225600","OnlineOnlyFlag":0,"CloudCustomData":"","EventTime":1767225600808}`

const online = `{"CallbackCommand":"State.StateChange","Info":{"Action":"Login","To_Account":"leckie","Reason":"Register"},"EventTime":1767225600808}`
