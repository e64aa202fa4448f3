package protocol

import (
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// What the vendor's pages and captured bodies say of every command, written down for the tests
// alone, and from the sources rather than from command.go: a slip in one does not stand in the
// other too.

// An entry is a command, an object in a body, or a list's element. Every field is a string unless
// fieldTypes says otherwise. A string that is required must not be empty either, unless "?" follows
// its name.
type entry struct {
	name     string
	when     string
	required string
	optional string
	actors   string // who acted: the first of these that is there
}

// When a command is sent.
const (
	isAfter      = "after"
	isBefore     = "before"
	isBeforeEach = "before each"
)

// table has no CallbackCommand where the body has to have one.
var table = []entry{
	{
		name:     "Group.CallbackBeforeCreateGroup",
		when:     isBefore,
		required: "Operator_Account",
		optional: "Owner_Account Type Name CreateGroupNum CreatedGroupNum InviteOption MemberList EventTime",
		actors:   "Operator_Account",
	},
	{
		name:     "Group.CallbackAfterCreateGroup",
		when:     isAfter,
		required: "GroupId Operator_Account Type Name?",
		optional: "Owner_Account MemberList UserDefinedDataList EventTime InviteOption CreatedGroupNum Introduction Notification",
		actors:   "Operator_Account",
	},
	{
		name:     "Group.CallbackBeforeApplyJoinGroup",
		when:     isBefore,
		required: "GroupId Requestor_Account",
		optional: "Type ApplyMsg EventTime",
		actors:   "Requestor_Account",
	},
	{
		name:     "Group.CallbackBeforeInviteJoinGroup",
		when:     isBefore,
		required: "GroupId Operator_Account DestinationMembers",
		optional: "Type EventTime",
		actors:   "Operator_Account",
	},
	{
		name:     "Group.CallbackAfterNewMemberJoin",
		when:     isAfter,
		required: "GroupId Operator_Account NewMemberList",
		optional: "Type JoinType EventTime",
		actors:   "Operator_Account",
	},
	{
		name:     "Group.CallbackAfterMemberExit",
		when:     isAfter,
		required: "GroupId Operator_Account ExitMemberList",
		optional: "Type ExitType EventTime",
		actors:   "Operator_Account",
	},
	{
		name:     "Group.CallbackBeforeSendMsg",
		when:     isBefore,
		required: "GroupId From_Account MsgBody",
		optional: "TopicId Operator_Account Type Random MsgId MsgPriority OnlineOnlyFlag CloudCustomData EventTime",
		actors:   "Operator_Account From_Account",
	},
	{
		name:     "Group.CallbackAfterSendMsg",
		when:     isAfter,
		required: "GroupId From_Account MsgBody",
		optional: "TopicId Operator_Account Type MsgId MsgPriority MsgSeq MsgTime Random OnlineOnlyFlag GroupAtInfo CloudCustomData EventTime",
		actors:   "Operator_Account From_Account",
	},
	{
		name:     "Group.CallbackAfterModifyMsg",
		when:     isAfter,
		required: "GroupId Operator_Account",
		optional: "TopicId Type MsgSeq MsgBody CloudCustomData EventTime",
		actors:   "Operator_Account",
	},
	{
		name:     "Group.CallbackSendMsgException",
		when:     isAfter,
		required: "GroupId From_Account",
		optional: "TopicId Operator_Account Type Random MsgId MsgPriority OnlineOnlyFlag MsgBody CloudCustomData ErrorCode ErrorInfo EventTime",
		actors:   "Operator_Account From_Account",
	},
	{
		name:     "Group.CallbackAfterRecallMsg",
		when:     isAfter,
		required: "GroupId Operator_Account MsgSeqList",
		optional: "TopicId Type EventTime",
		actors:   "Operator_Account",
	},
	{
		name:     "Group.CallbackAfterReadReceipt",
		when:     isAfter,
		required: "GroupId GroupMsgReceiptList",
		optional: "Type EventTime",
	},
	{
		name:     "Group.CallbackAfterGroupMsgExtension",
		when:     isAfter,
		required: "GroupId",
		optional: "MsgSeq OperateType ExtensionList Seq EventTime",
	},
	{
		name:     "Group.CallbackAfterGroupFull",
		when:     isAfter,
		required: "GroupId",
		optional: "EventTime",
	},
	{
		name:     "Group.CallbackAfterGroupDestroyed",
		when:     isAfter,
		required: "GroupId",
		optional: "Operator_Account Owner_Account Type Name MemberList EventTime",
		actors:   "Operator_Account Owner_Account",
	},
	{
		name:     "Group.CallbackAfterGroupInfoChanged",
		when:     isAfter,
		required: "GroupId Operator_Account",
		optional: "Type Name Introduction Notification FaceUrl EventTime",
		actors:   "Operator_Account",
	},
	{
		name:     "Group.CallbackAfterMemberFieldChanged",
		when:     isAfter,
		required: "GroupId Operator_Account",
		optional: "Type Member_Account Modified_Account Role NameCard EventTime",
		actors:   "Operator_Account",
	},
	{
		name:     "Group.CallbackAfterGroupAttrChanged",
		when:     isAfter,
		required: "GroupId Operator_Account",
		optional: "Type OptionType GroupAttr EventTime",
		actors:   "Operator_Account",
	},
	{
		name:     "Group.CallbackAfterChangeGroupOwner",
		when:     isAfter,
		required: "GroupId Operator_Account",
		optional: "Type OldOwner_Account NewOwner_Account EventTime",
		actors:   "Operator_Account",
	},
	{
		name:     "Group.CallbackOnMemberStateChange",
		when:     isAfter,
		required: "GroupId MemberList",
		optional: "Type EventType EventCause EventTime",
	},
	{
		name:     "Group.CallbackBeforeCreateTopic",
		when:     isBefore,
		required: "Operator_Account",
		optional: "Type Name",
		actors:   "Operator_Account",
	},
	{
		name:     "Group.CallbackAfterCreateTopic",
		when:     isAfter,
		required: "GroupId TopicId Operator_Account",
		optional: "Owner_Account Type Name UserDefinedDataList",
		actors:   "Operator_Account",
	},
	{
		name:     "Group.CallbackAfterTopicDestroyed",
		when:     isAfter,
		required: "GroupId TopicIdList",
		optional: "Type",
	},
	{
		name:     "Group.CallbackAfterTopicInfoChanged",
		when:     isAfter,
		required: "GroupId Operator_Account",
		optional: "TopicId Type Name Introduction Notification FaceUrl",
		actors:   "Operator_Account",
	},
	{
		name:     "Group.CallbackOnDailyGroupQuotaAlarm",
		when:     isAfter,
		optional: "QuotaUsed Quota EventTime",
	},

	{
		name:     "State.StateChange",
		when:     isAfter,
		required: "Info",
		optional: "KickedDevice EventTime",
		actors:   "Info.To_Account",
	},
	{
		name:     "Profile.CallbackPortraitSet",
		when:     isAfter,
		required: "From_Account ProfileItem",
		optional: "Operator_Account EventTime",
		actors:   "Operator_Account",
	},
	{
		name:     "Sns.CallbackPrevFriendAdd",
		when:     isBeforeEach,
		required: "From_Account FriendItem",
		optional: "Requester_Account AddType ForceAddFlags EventTime",
		actors:   "Requester_Account",
	},
	{
		name:     "Sns.CallbackPrevFriendResponse",
		when:     isBeforeEach,
		required: "From_Account ResponseFriendItem",
		optional: "Requester_Account EventTime",
		actors:   "Requester_Account",
	},
	{
		name:     "Sns.CallbackFriendAdd",
		when:     isAfter,
		required: "PairList",
		optional: "Admin_Account ClientCmd ForceFlag",
		actors:   "Admin_Account",
	},
	{
		name:     "Sns.CallbackFriendDelete",
		when:     isAfter,
		required: "PairList",
	},
	{
		name:     "Sns.CallbackBlackListAdd",
		when:     isAfter,
		required: "PairList",
	},
	{
		name:     "Sns.CallbackBlackListDelete",
		when:     isAfter,
		required: "PairList",
	},
	{
		name:     "Follow.CallbackAfterFollowAdd",
		when:     isAfter,
		required: "From_Account",
		optional: "FollowList EventTime",
		actors:   "From_Account",
	},
	{
		name:     "Follow.CallbackAfterFollowDelete",
		when:     isAfter,
		required: "From_Account",
		optional: "To_Account FollowList EventTime",
		actors:   "From_Account",
	},

	{
		name:     "C2C.CallbackBeforeSendMsg",
		when:     isBefore,
		required: "From_Account To_Account MsgBody",
		optional: "MsgSeq MsgRandom MsgTime MsgKey MsgId OnlineOnlyFlag CloudCustomData EventTime",
		actors:   "From_Account",
	},
	{
		name:     "C2C.CallbackAfterSendMsg",
		when:     isAfter,
		required: "From_Account To_Account MsgBody",
		optional: "MsgSeq MsgRandom MsgTime MsgKey MsgId OnlineOnlyFlag CloudCustomData EventTime SendMsgResult ErrorInfo UnreadMsgNum",
		actors:   "From_Account",
	},
	{
		name:     "C2C.CallbackAfterMsgReport",
		when:     isAfter,
		required: "Report_Account Peer_Account",
		optional: "LastReadTime UnreadMsgNum EventTime",
		actors:   "Report_Account",
	},
	{
		name:     "C2C.CallbackAfterMsgWithDraw",
		when:     isAfter,
		required: "From_Account To_Account MsgKey",
		optional: "UnreadMsgNum EventTime",
		actors:   "From_Account",
	},
	{
		name:     "C2C.CallbackAfterModifyMsg",
		when:     isAfter,
		required: "To_Account",
		optional: "Operator_Account From_Account MsgKey MsgSeq MsgRandom MsgTime MsgBody CloudCustomData EventTime",
		actors:   "Operator_Account From_Account",
	},
	{
		name:     "C2C.CallbackAfterC2CMsgExtension",
		when:     isAfter,
		required: "From_Account To_Account",
		optional: "MsgKey OperateType ExtensionList Seq EventTime",
		actors:   "From_Account",
	},

	{
		name:     "Bot.OnC2CMessage",
		when:     isAfter,
		required: "From_Account To_Account MsgBody",
		optional: "MsgSeq MsgRandom MsgTime MsgKey MsgId OnlineOnlyFlag SendMsgResult ErrorInfo UnreadMsgNum CloudCustomData EventTime",
		actors:   "From_Account",
	},
	{
		name:     "Bot.OnGroupMessage",
		when:     isAfter,
		required: "GroupId From_Account MsgBody",
		optional: "TopicId Type Operator_Account Random MsgSeq MsgTime OnlineOnlyFlag AtRobots_Account CloudCustomData EventTime",
		actors:   "Operator_Account From_Account",
	},
	{
		name:     "Chatbot.OnC2CSignalMessage",
		when:     isBefore,
		required: "From_Account To_Account",
		optional: "MsgSeq MsgRandom MsgKey Data EventTime",
		actors:   "From_Account",
	},

	{
		name:     "OfficialAccount.CallbackBeforeCreateOfficialAccount",
		when:     isBefore,
		required: "Operator_Account",
		optional: "Owner_Account Name EventTime",
		actors:   "Operator_Account",
	},
	{
		name:     "OfficialAccount.CallbackAfterCreateOfficialAccount",
		when:     isAfter,
		required: "Official_Account Operator_Account",
		optional: "Owner_Account Name EventTime",
		actors:   "Operator_Account",
	},
	{
		name:     "OfficialAccount.CallbackAfterOfficialAccountInfoChanged",
		when:     isAfter,
		required: "Official_Account Operator_Account",
		optional: "Name Introduction FaceUrl Organization EventTime",
		actors:   "Operator_Account",
	},
	{
		name:     "OfficialAccount.CallbackAfterOfficialAccountDestroyed",
		when:     isAfter,
		required: "Official_Account",
		optional: "Owner_Account Name EventTime",
	},
	{
		name:     "OfficialAccount.CallbackBeforeAddSubscriber",
		when:     isBefore,
		required: "Official_Account Operator_Account SubscribeAccountList",
		optional: "EventTime",
		actors:   "Operator_Account",
	},
	{
		name:     "OfficialAccount.CallbackAfterAddSubscriber",
		when:     isAfter,
		required: "Official_Account Operator_Account SubscribeAccountList",
		optional: "EventTime",
		actors:   "Operator_Account",
	},
	{
		name:     "OfficialAccount.CallbackAfterDeleteSubscriber",
		when:     isAfter,
		required: "Official_Account Operator_Account SubscribeAccountList",
		optional: "EventTime",
		actors:   "Operator_Account",
	},
	{
		name:     "OfficialAccount.CallbackAfterOfficialAccountFull",
		when:     isAfter,
		required: "Official_Account",
		optional: "EventTime",
	},
	{
		name:     "OfficialAccount.CallbackBeforeSendMsg",
		when:     isBefore,
		required: "Official_Account MsgBody",
		optional: "OnlineOnlyFlag CloudCustomData EventTime",
	},
	{
		name:     "OfficialAccount.CallbackAfterSendMsg",
		when:     isAfter,
		required: "Official_Account MsgBody",
		optional: "MsgKey MsgTime OnlineOnlyFlag CloudCustomData EventTime",
	},
	{
		name:     "OfficialAccount.CallbackAfterMsgWithDraw",
		when:     isAfter,
		required: "Official_Account WithdrawMsgList",
		optional: "EventTime",
	},

	{
		name: "ContentCallback.ResultNotify",
		when: isAfter,
		optional: "CallbackCommand Scene SdkAppId From_Account ContactItem ContentType TextContent FileURL MsgID CtxcbResult CtxcbRequestId" +
			" CtxcbKeywords CtxcbSuggestion CtxcbLabel CtxcbSubLabel CtxcbSubLabelDesc CtxcbLibName CloudCustomData",
		actors: "From_Account",
	},
	{
		name:     "Push.AllMemberPush",
		when:     isAfter,
		required: "Events",
		optional: "CallbackCommand",
	},
	{
		name:     "Push.OfflinePush",
		when:     isAfter,
		required: "Events",
		optional: "CallbackCommand",
	},
	{
		name:     "Alert.RequestOverLimit",
		when:     isAfter,
		optional: "ServiceName Command Request Limit",
	},
}

// beyond is what command.go has beside what families.md and protocol.md say. All of it is optional.
var beyond = map[string]string{
	"Group.CallbackBeforeCreateGroup":     "UserDefinedDataList",
	"Group.CallbackBeforeCreateTopic":     "GroupId EventTime",
	"Group.CallbackAfterCreateTopic":      "EventTime",
	"Group.CallbackAfterTopicDestroyed":   "EventTime",
	"Group.CallbackAfterTopicInfoChanged": "EventTime",
}

// parts is what the objects in a body and the elements of its lists have.
var parts = map[string]entry{
	"MemberList":           {required: "Member_Account?"},
	"NewMemberList":        {required: "Member_Account?"},
	"ExitMemberList":       {required: "Member_Account?"},
	"DestinationMembers":   {required: "Member_Account?"},
	"UserDefinedDataList":  {required: "Key?", optional: "Value"},
	"GroupAttr":            {required: "key?", optional: "value"},
	"MsgSeqList":           {required: "MsgSeq", optional: "MsgId"},
	"MsgBody":              {required: "MsgType", optional: "MsgContent"},
	"GroupAtInfo":          {optional: "GroupAtAllFlag GroupAt_Account"},
	"GroupMsgReceiptList":  {optional: "MsgSeq ReadNum UnreadNum"},
	"ExtensionList":        {optional: "Key Value Seq"},
	"KickedDevice":         {optional: "Platform"},
	"ProfileItem":          {required: "Tag", optional: "Value"},
	"FriendItem":           {required: "To_Account", optional: "Remark GroupName AddSource AddWording"},
	"ResponseFriendItem":   {required: "To_Account", optional: "Remark TagName ResponseAction"},
	"PairList":             {required: "From_Account To_Account", optional: "Initiator_Account"},
	"FollowList":           {required: "To_Account"},
	"SubscribeAccountList": {required: "Subscriber_Account"},
	"WithdrawMsgList":      {required: "MsgKey"},
	"Events":               {optional: "CallbackCommand EventType EventTime From_Account To_Account"},

	"Info":        {optional: "To_Account Action Reason CustomStatus"},
	"ContactItem": {optional: "ContactType To_Account ToGroupId"},
}

// fieldTypes holds the fields that are no strings, by their name, or by where they stand and their
// name.
var fieldTypes = map[string]string{
	"EventTime": "time",

	"Events.CallbackCommand": "command",

	"MsgTime": "integer", "LastReadTime": "integer", "MsgSeq": "integer", "Seq": "integer", "Random": "integer", "MsgRandom": "integer",
	"OnlineOnlyFlag": "integer", "ForceAddFlags": "integer", "ForceFlag": "integer", "OperateType": "integer",
	"Quota": "integer", "QuotaUsed": "integer", "Request": "integer", "Limit": "integer", "CtxcbResult": "integer",
	"ContactType": "integer", "GroupAtAllFlag": "integer", "ReadNum": "integer", "UnreadNum": "integer",
	"Events.EventType": "integer", "Events.EventTime": "integer",

	"UnreadMsgNum":      "signed",
	"SendMsgResult":     "scalar",
	"ErrorCode":         "scalar",
	"OptionType":        "scalar",
	"SdkAppId":          "scalar",
	"ProfileItem.Value": "scalar",

	"CreateGroupNum": "any", "CreatedGroupNum": "any", "InviteOption": "any",

	"MsgContent": "map",
	"Info":       "object", "ContactItem": "object",

	"TopicIdList": "strings", "AtRobots_Account": "strings", "TextContent": "strings", "CtxcbKeywords": "strings",
	"Follow.CallbackAfterFollowDelete.To_Account": "strings",
}

// A rule is what an entry says of one field.
type rule struct {
	name     string
	kind     string
	required bool
	filled   bool   // a string that must not be empty
	inner    []rule // of an object, or of a list's elements
}

// isString tells whether a field is a string.
func (r rule) isString() bool { return r.kind == "string" || r.kind == "identifier" }

// isHeader tells whether a field's value can become a header.
func (r rule) isHeader() bool {
	switch r.kind {
	case "string", "identifier", "integer", "signed", "time", "scalar":
		return true
	}
	return false
}

func rulesOf(where string, e entry) []rule {
	var rules []rule
	for _, name := range strings.Fields(e.required) {
		plain := strings.TrimSuffix(name, "?")
		r := newRule(where, plain)
		r.required = true
		r.filled = plain == name && r.isString()
		rules = append(rules, r)
	}
	for _, name := range strings.Fields(e.optional) {
		rules = append(rules, newRule(where, name))
	}
	return rules
}

func newRule(where, name string) rule {
	r := rule{name: name, kind: typeOf(where, name)}
	if part, ok := parts[name]; ok {
		r.inner = rulesOf(name, part)
	}
	return r
}

func typeOf(where, name string) string {
	if kind := fieldTypes[where+"."+name]; kind != "" {
		return kind
	}
	if kind := fieldTypes[name]; kind != "" {
		return kind
	}
	if _, ok := parts[name]; ok {
		return "list"
	}
	switch name {
	case "GroupId", "TopicId", "ToGroupId":
		return "identifier"
	}
	if strings.HasSuffix(name, "_Account") {
		return "identifier"
	}
	return "string"
}

// rulesOfCommands remembers what rulesFor has put together.
var rulesOfCommands = map[string][]rule{}

// rulesFor returns the rules of a command's body. Of a command that is in no row only its name is
// known, and that it may be missing.
func rulesFor(command string) []rule {
	if rules := rulesOfCommands[command]; rules != nil {
		return rules
	}
	for _, e := range table {
		if e.name != command {
			continue
		}
		e.optional += " " + beyond[command]
		rules := rulesOf(command, e)
		if !strings.Contains(e.optional, "CallbackCommand") {
			rules = append(rules, rule{name: "CallbackCommand", kind: "string", required: true, filled: true})
		}
		rulesOfCommands[command] = rules
		return rules
	}
	return []rule{{name: "CallbackCommand", kind: "string"}}
}

// A path leads to a field that can become a header, in the body or in an object there.
type path struct {
	text  string
	outer string // the object's name, empty at the top
	rule  rule
}

// pathsOf lists a command's fields that can become headers.
func pathsOf(command string) []path {
	var paths []path
	for _, r := range rulesFor(command) {
		if r.isHeader() {
			paths = append(paths, path{text: r.name, rule: r})
		}
		if r.kind != "object" {
			continue
		}
		for _, inner := range r.inner {
			paths = append(paths, path{text: r.name + "." + inner.name, outer: r.name, rule: inner})
		}
	}
	return paths
}

// noted is how rules are compared with the package's fields.
func noted(rules []rule) []string {
	var notes []string
	for _, r := range rules {
		note := r.name
		if r.filled {
			note += " filled"
		} else if r.required {
			note += " required"
		}
		notes = append(notes, note)
	}
	sort.Strings(notes)
	return notes
}

func notedSchema(s *Schema) []string {
	var notes []string
	for name, f := range s.Fields {
		note := name
		if f.Weight > 0 && f.Filled && f.IsText() {
			note += " filled"
		} else if f.Weight > 0 {
			note += " required"
		}
		notes = append(notes, note)
	}
	sort.Strings(notes)
	return notes
}

func TestRowsAreWhatTheSourcesSay(t *testing.T) {
	for _, e := range table {
		s := SchemaOf(e.name)
		if !assert.NotNil(t, s, e.name) {
			continue
		}
		assert.Equal(t, noted(rulesFor(e.name)), notedSchema(s), e.name+": fields")
		assert.Equal(t, e.when != isAfter, s.Before, e.name+": before the event")
		assert.Equal(t, e.when == isBeforeEach, s.Each, e.name+": for each friend")
		for _, r := range rulesFor(e.name) {
			f := s.Fields[r.name]
			if r.inner == nil || f == nil {
				continue
			}
			if assert.NotNil(t, f.Object, e.name+": "+r.name) {
				assert.Equal(t, noted(r.inner), notedSchema(f.Object), e.name+": members of "+r.name)
			}
		}
	}
	assert.Nil(t, SchemaOf("Group.CallbackOfTomorrow"), "no row")
}

// Of the vendor's own names none may be another's twin, or a genuine body would be refused.
func TestNoNameIsAnothersTwin(t *testing.T) {
	for _, e := range table {
		assertApart(t, rulesFor(e.name), e.name)
	}
	for name, part := range parts {
		assertApart(t, rulesOf(name, part), name)
	}
	var apart []string
	for name := range parameters {
		if name != "RequestID" { // which is RequestId's, and neither is looked at
			apart = append(apart, name)
		}
	}
	for i, name := range apart {
		for _, other := range apart[:i] {
			assert.False(t, alike(name, other), name+" and "+other)
		}
	}
}

func assertApart(t *testing.T, rules []rule, where string) {
	for i, r := range rules {
		assert.Equal(t, "", strings.Trim(r.name, nameCharacters), where+": "+r.name+" is a name")
		for _, other := range rules[:i] {
			assert.False(t, alike(r.name, other.name), where+": "+r.name+" and "+other.name)
		}
	}
}

// rightValues and wrongValues are, for every type, values that a field may have and may not have.
// null is neither: it counts as absent. Those of objects and lists are put together: see rightOf.
var rightValues = map[string][]string{
	"command":    {"null"},
	"string":     {`"x"`, `"群 \ud83c\udfd4 \" \\ \/ \b\f\n\r\t\u0000"`, `"\ud800"`, `"[{\"Member_Account\":\"x\"}]"`},
	"identifier": {`"x"`, `"群 \ud83c\udfd4 \" \\ \/ \b\f\n\r\t\u0000"`, `"\ud800"`},
	"integer":    {"7", "0", "9223372036854775807"},
	"signed":     {"7", "0", "-1", "-0", "9223372036854775807", "-9223372036854775807"},
	"time": {
		"1767225600000", "0", "9223372036854775807", `"0"`, `"1767225600000"`, `"9223372036854775807"`, `"17\u0036"`,
	},
	"scalar":  {"1", "0", "-1", `"x"`, `""`},
	"map":     {"{}", `{"a":[null,{"b":-1.5e3}]}`, `{"":1,"群":2,"a":3,"A":4,"\u0061":5}`},
	"any":     {`"x"`, "1", "-1.5e3", "true", "false", "{}", "[]", `[null]`},
	"strings": {`["x","","群"]`, "[]", `["x"]`},
}

var wrongValues = map[string][]string{
	"command":    {"7", "{}", "[]", "true"},
	"string":     {"7", "true", "false", "{}", "[]", `["x"]`, `{"x":"y"}`},
	"identifier": {"7", "true", "false", "{}", "[]", `["x"]`, `{"x":"y"}`},
	"integer": {
		"-1", "-0", "1.0", "1.5", "1e3", "1E+2", "9223372036854775808", "100000000000000000000", `"7"`, `""`, "true", "{}", "[7]",
	},
	"signed": {"1.0", "-1.5", "1e3", "9223372036854775808", "-9223372036854775809", `"-7"`, `""`, "true", "{}", "[7]"},
	"time": {
		"-1", "1.0", "1e12", "9223372036854775808", `"-1"`, `"1.0"`, `"1e12"`, `"9223372036854775808"`, `""`, `" 1"`, `"1 "`, `"+1"`,
		`"0x1f"`, `"1_000"`, `"１"`, `"now"`, "true", "{}", "[1]",
	},
	"scalar":  {"true", "false", "{}", "[]"},
	"map":     {"7", `"x"`, "true", "[]", "[{}]"},
	"object":  {"7", `"x"`, "true", "[]", "[{}]"},
	"strings": {"7", `"x"`, "true", "{}", "[7]", `["x",null]`, "[[]]", `[{"x":"y"}]`},
	"list":    {"7", `"x"`, "true", "{}", "[7]", `["x"]`, "[[]]", "[null]"},
}

// rightOf returns values that a field may have.
func rightOf(r rule) []string {
	if r.inner == nil {
		return rightValues[r.kind]
	}
	least := object{}
	full := object{}
	for _, inner := range r.inner {
		m := member{`"` + inner.name + `"`, rightOf(inner)[0]}
		full = append(full, m)
		if inner.required {
			least = append(least, m)
		}
	}
	more := append(append(object{}, full...), member{`"More"`, `[{"a":1,"a":2}]`})
	if r.kind == "object" {
		return []string{full.String(), least.String(), more.String()}
	}
	return []string{"[" + full.String() + "]", "[]", "[" + least.String() + "," + more.String() + "," + full.String() + "]"}
}

// wrongOf returns values that a field may not have, for their type.
func wrongOf(r rule) []string {
	wrong := append([]string{}, wrongValues[r.kind]...)
	if r.inner == nil {
		return wrong
	}
	full := object{}
	for _, inner := range r.inner {
		full = append(full, member{`"` + inner.name + `"`, rightOf(inner)[0]})
	}
	for _, inner := range r.inner {
		values := wrongOf(inner)
		if inner.filled {
			values = append(values, `""`)
		}
		for _, value := range values {
			wrong = append(wrong, within(r, with(full, inner.name, value).String()))
		}
	}
	if r.kind == "list" {
		wrong = append(wrong, "["+full.String()+",null]", "["+full.String()+",7]")
	}
	return wrong
}

// within makes a field's value of one object.
func within(r rule, object string) string {
	if r.kind == "list" {
		return "[" + object + "]"
	}
	return object
}
