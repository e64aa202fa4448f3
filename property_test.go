package chatgate

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/internal/samples"
)

// The property: a genuine callback is forwarded, whatever the app's users wrote into it, and each
// header says what its field says.

// texts are the lengths and pieces of what users write in TestGenuineCallbacksPass.
var (
	braces    = strings.Repeat("{", 12<<10)
	innerJSON = `{"a":` + strings.Repeat(`{"b":`, 2500) + `{"GroupId":"x"}` + strings.Repeat("}", 2500) + "}"
	account   = `{"Member_Account":"\"},{\"Member_Account\":\"\\"}`
	long      = strings.Repeat("山", 342) // 1026 bytes
)

// elements is a list with the same element again and again.
func elements(element string, count int) string {
	return "[" + strings.TrimSuffix(strings.Repeat(element+",", count), ",") + "]"
}

// textMessage is a MsgBody.
func textMessage(text string) string {
	return `[{"MsgContent":{"Text":` + samples.Quote(text) + `},"MsgType":"TIMTextElem"}]`
}

func customMessage(data string) string {
	return `[{"MsgContent":{"Data":` + samples.Quote(data) + `,"Desc":"","Ext":"","Sound":""},"MsgType":"TIMCustomElem"}]`
}

// mergedHistory is a MsgBody of a message that holds others.
func mergedHistory(count int) string {
	message := `{"From_Account":"ravi_k","MsgBody":` + customMessage(`{"a":{}}`) + `,"MsgSeq":1}`
	return `[{"MsgContent":{"AbstractList":["{"],"MsgList":` + elements(message, count) + `,"Title":"{"},"MsgType":"TIMRelayElem"}]`
}

func TestGenuineCallbacksPass(t *testing.T) {
	for _, row := range []struct {
		name    string
		command string
		members []string
		query   string            // more of the URL
		headers map[string]string // what sources say
		without string            // sources that are left out
	}{
		{
			name:    "a text of 12 KB of braces",
			command: "Group.CallbackBeforeSendMsg",
			members: []string{"MsgBody", textMessage(braces)},
		},
		{
			name:    "a text of 999 braces",
			command: "Group.CallbackBeforeSendMsg",
			members: []string{"MsgBody", textMessage(braces[:999])},
		},
		{
			name:    "a text of 12 KB of brackets, after the event",
			command: "Group.CallbackAfterSendMsg",
			members: []string{"MsgBody", textMessage(strings.Repeat("[", 12<<10))},
		},
		{
			name:    "JSON in JSON with 5,000 braces in a custom message",
			command: "Group.CallbackBeforeSendMsg",
			members: []string{"MsgBody", customMessage(innerJSON)},
		},
		{
			name:    "JSON in JSON with 5,000 braces beside a message",
			command: "Group.CallbackBeforeSendMsg",
			members: []string{"CloudCustomData", samples.Quote(innerJSON)},
			without: "CloudCustomData",
		},
		{
			name:    "a message that could not be sent, of 12 KB of braces",
			command: "Group.CallbackSendMsgException",
			members: []string{"MsgBody", textMessage(braces)},
		},
		{
			name:    "a message that was changed into 12 KB of braces",
			command: "Group.CallbackAfterModifyMsg",
			members: []string{"MsgBody", textMessage(braces)},
		},
		{
			name:    "16 attributes of 4 KB of braces",
			command: "Group.CallbackAfterGroupAttrChanged",
			members: []string{"GroupAttr", elements(`{"key":"k","value":"`+braces[:4096]+`"}`, 16)},
		},
		{
			name:    "10 custom fields of 512 braces",
			command: "Group.CallbackAfterCreateGroup",
			members: []string{"UserDefinedDataList", elements(`{"Key":"k","Value":"`+braces[:512]+`"}`, 10)},
		},
		{
			name:    "extensions of braces",
			command: "Group.CallbackAfterGroupMsgExtension",
			members: []string{"ExtensionList", elements(`{"Key":"k","Seq":1,"Value":"`+braces[:1024]+`"}`, 20)},
		},
		{
			name:    "no extensions any more",
			command: "Group.CallbackAfterGroupMsgExtension",
			members: []string{"ExtensionList", "[]", "OperateType", "3"},
		},
		{
			name:    "a merged history of 300 messages",
			command: "Group.CallbackBeforeSendMsg",
			members: []string{"MsgBody", mergedHistory(300)},
		},
		{
			name:    "a merged history of 1,000 messages",
			command: "Group.CallbackAfterSendMsg",
			members: []string{"MsgBody", mergedHistory(1000)},
		},
		{
			name:    "30 read receipts of 100 readers",
			command: "Group.CallbackAfterReadReceipt",
			members: []string{"GroupMsgReceiptList",
				elements(`{"MsgSeq":1,"ReadNum":100,"ReadReceiptMembers":`+elements(account, 100)+`,"UnreadNum":0}`, 30)},
		},
		{
			name:    "a created group of 500 whose UserIDs hold quotes",
			command: "Group.CallbackAfterCreateGroup",
			members: []string{"MemberList", elements(account, 500)},
		},
		{
			name:    "a destroyed group of 12,000 whose UserIDs hold quotes",
			command: "Group.CallbackAfterGroupDestroyed",
			members: []string{"MemberList", elements(account, 12000)},
		},
		{
			name:    "a destroyed group of 20,000 with UserIDs of 32 bytes",
			command: "Group.CallbackAfterGroupDestroyed",
			members: []string{"MemberList", elements(`{"Member_Account":"`+strings.Repeat("u", 32)+`"}`, 20000)},
		},
		{
			name:    "a destroyed group of 20,000 with UserIDs of 32 quotes",
			command: "Group.CallbackAfterGroupDestroyed",
			members: []string{"MemberList", elements(`{"Member_Account":"`+strings.Repeat(`\"`, 32)+`"}`, 20000)},
		},
		{
			name:    "a destroyed group of 20,000, on the day when members have a role",
			command: "Group.CallbackAfterGroupDestroyed",
			members: []string{"MemberList", elements(`{"Member_Account":"`+strings.Repeat("u", 32)+`","Role":"Member"}`, 20000)},
		},
		{
			name:    "CreateGroupNum is a number",
			command: "Group.CallbackBeforeCreateGroup",
			members: []string{"CreatedGroupNum", "", "CreateGroupNum", "17"},
		},
		{
			name:    "CreateGroupNum is a map",
			command: "Group.CallbackBeforeCreateGroup",
			members: []string{"CreatedGroupNum", "", "CreateGroupNum", `{"Public":14}`},
		},
		{
			name:    "CreatedGroupNum is a number",
			command: "Group.CallbackBeforeCreateGroup",
			members: []string{"CreatedGroupNum", "17"},
		},
		{
			name:    "CreatedGroupNum is a map",
			command: "Group.CallbackBeforeCreateGroup",
			members: []string{"CreatedGroupNum", `{"Public":14}`},
		},
		{
			name:    "attributes cleared, there is no GroupAttr",
			command: "Group.CallbackAfterGroupAttrChanged",
			members: []string{"OptionType", `"clear"`, "GroupAttr", ""},
			headers: map[string]string{"OptionType": "clear"},
		},
		{
			name:    "attributes cleared, GroupAttr is null",
			command: "Group.CallbackAfterGroupAttrChanged",
			members: []string{"OptionType", `"clear"`, "GroupAttr", "null"},
		},
		{
			name:    "contenttype is empty",
			command: "Group.CallbackAfterCreateGroup",
			query:   "&contenttype=",
		},
		{
			name:    "contenttype is in capitals",
			command: "Group.CallbackAfterCreateGroup",
			query:   "&contenttype=JSON",
		},
		{
			name:    "a group destroyed by an administrator",
			command: "Group.CallbackAfterGroupDestroyed",
			members: []string{"Operator_Account", `"administrator"`},
			headers: map[string]string{"Operator": "administrator"},
		},
		{
			name:    "a group destroyed by nobody in particular",
			command: "Group.CallbackAfterGroupDestroyed",
			headers: map[string]string{"Operator": "lena.hoff"},
		},
		{
			name:    "a message sent by an administrator for somebody",
			command: "Group.CallbackAfterSendMsg",
			headers: map[string]string{"Operator": "administrator"},
		},
		{
			name:    "a message in an old live group",
			command: "Group.CallbackAfterSendMsg",
			members: []string{"Operator_Account", ""},
			headers: map[string]string{"Operator": "王小明"},
		},
		{
			name:    "what a message is, in headers",
			command: "Group.CallbackAfterSendMsg",
			headers: map[string]string{"MsgId": "144115233874815003-1767225600-77120934", "OnlineOnlyFlag": "0",
				"CloudCustomData": `{"thread":"2026-hike","quote":{"by":"王小明","text":"\"7 Uhr\" 🏔️"}}`},
		},
		{
			name:    "what a message that could not be sent is, in headers",
			command: "Group.CallbackSendMsgException",
			headers: map[string]string{"Type": "Public", "Random": "77120935", "TopicId": ""},
		},
		{
			name:    "the type of a group whose owner changed, in a header",
			command: "Group.CallbackAfterChangeGroupOwner",
			headers: map[string]string{"Type": "Private"},
		},
		{
			name:    "the type of a group whose attributes changed, in a header",
			command: "Group.CallbackAfterGroupAttrChanged",
			headers: map[string]string{"Type": "AVChatRoom"},
		},
		{
			name:    "the type of a group whose member changed, in a header",
			command: "Group.CallbackAfterMemberFieldChanged",
			headers: map[string]string{"Type": "Public"},
		},
		{
			name:    "the type of a group whose topics were destroyed, in a header",
			command: "Group.CallbackAfterTopicDestroyed",
			headers: map[string]string{"Type": "Community"},
		},
		{
			name:    "the type of a group whose topic changed, in a header",
			command: "Group.CallbackAfterTopicInfoChanged",
			headers: map[string]string{"Type": "Community"},
		},
		{
			name:    "a Name that is too long for a header",
			command: "Group.CallbackAfterCreateGroup",
			members: []string{"Name", samples.Quote(long)},
			without: "Name",
		},
		{
			name:    "a Name with half of a surrogate pair",
			command: "Group.CallbackAfterCreateGroup",
			members: []string{"Name", `"\ud83d"`},
			without: "Name",
		},
		{
			name:    "a Name with the other half",
			command: "Group.CallbackBeforeCreateGroup",
			members: []string{"Name", `"x\uDE00\ud83dx"`},
			without: "Name",
		},
		{
			name:    "a Name with a null character",
			command: "Group.CallbackBeforeCreateGroup",
			members: []string{"Name", `"x\u0000"`},
			without: "Name",
		},
		{
			name:    "an Introduction that is too long, a Notification with half of a surrogate pair",
			command: "Group.CallbackAfterGroupInfoChanged",
			members: []string{"Introduction", samples.Quote(long), "Notification", `"\udfff"`},
			without: "Introduction Notification",
			headers: map[string]string{"Name": "Wochenend-Bergtour"},
		},
		{
			name:    "CloudCustomData that is too long for a header",
			command: "Group.CallbackBeforeSendMsg",
			members: []string{"CloudCustomData", samples.Quote(long)},
			without: "CloudCustomData",
		},
		{
			name:    "CloudCustomData with half of a surrogate pair",
			command: "Group.CallbackBeforeSendMsg",
			members: []string{"CloudCustomData", `"\uD83D"`},
			without: "CloudCustomData",
		},
		{
			name:    "a NameCard with half of a surrogate pair",
			command: "Group.CallbackAfterMemberFieldChanged",
			members: []string{"NameCard", `"\ud83d"`},
			without: "NameCard",
		},
		{
			name:    "a Name as long as a header may be",
			command: "Group.CallbackAfterCreateGroup",
			members: []string{"Name", samples.Quote(long[:1023] + "x")},
			headers: map[string]string{"Name": long[:1023] + "x"},
		},
		{
			name:    "a Name of characters that parsers stumble over",
			command: "Group.CallbackAfterCreateGroup",
			members: []string{"Name", `"\u2028\ufffd\ufeff\u007f\r\n%00\"},{\"Member_Account\":\"\ud83c\udfd4` + "\u2028\ufffd\ufeff" + `"`},
			headers: map[string]string{"Name": "\u2028\ufffd\ufeff\u007f\r\n%00\"},{\"Member_Account\":\"🏔\u2028\ufffd\ufeff"},
		},
		{
			name:    "identifiers of anything printable",
			command: "Group.CallbackAfterCreateGroup",
			members: []string{"GroupId", `"a \"b\", [c] {d} 100%25 \\ 群"`, "Operator_Account", `"\"},{\"Member_Account\":\""`},
			headers: map[string]string{"GroupId": `a "b", [c] {d} 100%25 \ 群`, "Operator": `"},{"Member_Account":"`},
		},
		{
			name:    "a text of 12 KB of braces for one person",
			command: "C2C.CallbackBeforeSendMsg",
			members: []string{"MsgBody", textMessage(braces)},
			headers: map[string]string{"Operator": "ravi_k", "To_Account": "王小明"},
		},
		{
			name:    "a message that could not be delivered",
			command: "C2C.CallbackAfterSendMsg",
			members: []string{"UnreadMsgNum", "-1", "SendMsgResult", "10007"},
			headers: map[string]string{"UnreadMsgNum": "-1", "SendMsgResult": "10007"},
		},
		{
			name:    "a message of 2018",
			command: "C2C.CallbackBeforeSendMsg",
			members: []string{"MsgKey", "", "MsgId", "", "OnlineOnlyFlag", "", "CloudCustomData", "", "EventTime", "", "FriendShip", "3"},
			headers: map[string]string{"Operator": "ravi_k"},
		},
		{
			name:    "a message to a bot",
			command: "Bot.OnGroupMessage",
			members: []string{"MsgBody", textMessage(braces), "TopicId", `""`},
			headers: map[string]string{"Operator": "ravi_k", "TopicId": ""},
		},
		{
			name:    "a signal to a bot, of 12 KB of braces",
			command: "Chatbot.OnC2CSignalMessage",
			members: []string{"Data", samples.Quote(braces)},
			without: "Data",
		},
		{
			name:    "6,000 pairs of friends whose UserIDs hold quotes",
			command: "Sns.CallbackFriendDelete",
			members: []string{"PairList", elements(`{"From_Account":"\"}","To_Account":"{\""}`, 6000)},
		},
		{
			name:    "6,000 pairs of friends with unknown members",
			command: "Sns.CallbackFriendAdd",
			members: []string{"PairList", elements(`{"From_Account":"a","To_Account":"b","Initiator_Account":"a","New":{}}`, 6000)},
		},
		{
			name:    "friends made by an administrator",
			command: "Sns.CallbackFriendAdd",
			members: []string{"Admin_Account", `"administrator"`},
			headers: map[string]string{"Operator": "administrator"},
		},
		{
			name:    "100 events of braces",
			command: "Push.AllMemberPush",
			members: []string{"Events", elements(`{"CallbackCommand":"Push.AllMemberPush","EventTime":1767225603,"EventType":1,"ErrInfo":"`+braces[:1000]+`"}`, 100)},
			headers: map[string]string{"CallbackCommand": "Push.AllMemberPush"},
		},
		{
			name:    "one who is no longer followed, in a list of texts",
			command: "Follow.CallbackAfterFollowDelete",
			headers: map[string]string{"Operator": "ravi_k"},
		},
		{
			name:    "who went online",
			command: "State.StateChange",
			members: []string{"Info", `{"To_Account":"{\"","Action":"Disconnect","Reason":"LinkClose","New":1}`, "EventTime", "", "KickedDevice", ""},
			headers: map[string]string{"Operator": `{"`, "Info.To_Account": `{"`},
		},
		{
			name:    "a profile with a number",
			command: "Profile.CallbackPortraitSet",
			members: []string{"ProfileItem", `[{"Tag":"Tag_Profile_IM_Level","Value":4294967295},{"Tag":"Tag_Profile_IM_Nick","Value":"` + braces[:1000] + `"}]`},
		},
		{
			name:    "a verdict on a text of braces",
			command: "ContentCallback.ResultNotify",
			members: []string{"TextContent", "[" + samples.Quote(braces) + "]"},
			headers: map[string]string{"Operator": "ravi_k", "SdkAppId": "1400000000"},
		},
	} {
		row := row
		if checked, _ := path.Match(samples.Checked, row.command); !checked {
			continue
		}
		t.Run(row.name, func(t *testing.T) {
			c := &samples.Callback{Command: row.command, Body: samples.With(row.command, row.members...), Values: row.headers}
			sources := strings.Fields(row.without)
			for source := range row.headers {
				sources = append(sources, source)
			}
			headers := samples.Headers(sources)
			b := &backend{}
			gate := newGate(t, b, func(config *Config) {
				config.Commands = []string{row.command}
				if len(headers) > 0 {
					config.Headers = headers
				}
			})
			target := samples.Path + "?SdkAppid=" + samples.App + "&CallbackCommand=" + row.command + row.query
			assertForwarded(t, b, gate, headers, c, target)
		})
	}
}

// assertForwarded sends a genuine callback and looks at what the backend got.
func assertForwarded(t *testing.T, b *backend, handler http.Handler, headers map[string]string, c *samples.Callback, target string) {
	t.Helper()
	b.requests = 0
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("POST", target, strings.NewReader(c.Body)))
	require.Equal(t, 1, b.requests, c.Command+" at "+target+": "+w.Body.String())
	assert.True(t, c.Body == b.body, c.Command+": the body, byte for byte")
	assert.Equal(t, "", samples.Fault(c, headers, b.got.Header), c.Command+" at "+target)
}

// propertyOptions are the configurations in which every genuine callback passes.
var propertyOptions = []struct {
	name    string
	sources func() []string
	change  options
}{
	{
		name:    "the usual headers",
		sources: func() []string { return []string{"GroupId", "Operator"} },
		change:  func(*Config) {},
	},
	{
		name:    "every identifier",
		sources: strictSources,
		change: func(c *Config) {
			c.Path = ""
			c.OtherCommands = "forward"
			c.Reply = "normalize"
		},
	},
	{
		name:    "every source, signed",
		sources: protocol.Sources,
		change:  func(c *Config) { c.Token = []string{"another", secret} },
	},
}

func strictSources() []string {
	var sources []string
	for _, source := range protocol.Sources() {
		if samples.Strict(source) {
			sources = append(sources, source)
		}
	}
	return sources
}

// FuzzGenuine generates callbacks as the vendor writes them. None is refused.
func FuzzGenuine(f *testing.F) {
	commands := samples.CheckedCommands()
	for i := range commands {
		for seed := 0; seed < 20; seed++ {
			f.Add(uint64(seed), uint(i))
		}
	}
	b := &backend{}
	var gates []http.Handler
	var headers []map[string]string
	for _, o := range propertyOptions {
		headers = append(headers, samples.Headers(o.sources()))
		config := CreateConfig()
		config.SdkAppID = []string{samples.App}
		config.Commands = []string{samples.Checked}
		config.Path = samples.Path
		config.Headers = headers[len(headers)-1]
		o.change(config)
		gate, err := New(context.Background(), b, config, "gate@test")
		require.NoError(f, err, o.name)
		gates = append(gates, gate)
	}
	f.Fuzz(func(t *testing.T, seed uint64, index uint) {
		c := samples.Generate(seed, commands[index%uint(len(commands))])
		for i, gate := range gates {
			if len(c.Body) > 1<<20 && i != int(seed%uint64(len(gates))) {
				continue // an input has ten seconds
			}
			target := c.Target()
			if strings.HasSuffix(propertyOptions[i].name, "signed") {
				target = c.SignedTarget(secret, time.Now())
			}
			assertForwarded(t, b, gate, headers[i], c, target)
		}
	})
}
