package protocol

import "strings"

// What the vendor's pages say of every command, written down for the tests alone: protocol.md's table "Every Group.* command" in
// another form than the package has it, so that a slip in one does not stand in the other too.

// A row is a command. Every field is a string unless fieldTypes says otherwise; a string that is required must not be empty either,
// unless "?" follows its name.
type row struct {
	command  string // after "Group.Callback"
	required string
	optional string
	actors   string // who acted: the first of these that is there
}

var table = []row{
	{"BeforeCreateGroup", "Operator_Account", "Owner_Account Type Name CreateGroupNum CreatedGroupNum InviteOption MemberList EventTime", "Operator_Account Owner_Account"},
	{"AfterCreateGroup", "GroupId Operator_Account Type Name?", "Owner_Account MemberList UserDefinedDataList EventTime InviteOption", "Operator_Account Owner_Account"},
	{"BeforeApplyJoinGroup", "GroupId Requestor_Account", "EventTime Type", "Requestor_Account"},
	{"BeforeInviteJoinGroup", "GroupId Operator_Account DestinationMembers", "EventTime Type", "Operator_Account"},
	{"AfterNewMemberJoin", "GroupId Operator_Account NewMemberList", "EventTime Type JoinType", "Operator_Account"},
	{"AfterMemberExit", "GroupId Operator_Account ExitMemberList", "EventTime Type ExitType", "Operator_Account"},
	{"BeforeSendMsg", "GroupId From_Account MsgBody", "TopicId Operator_Account EventTime Type Random MsgId OnlineOnlyFlag CloudCustomData", "From_Account Operator_Account"},
	{"AfterSendMsg", "GroupId From_Account MsgBody", "TopicId Operator_Account EventTime Type MsgSeq MsgTime Random GroupAtInfo", "From_Account Operator_Account"},
	{"SendMsgException", "GroupId From_Account", "Operator_Account EventTime ErrorCode ErrorInfo", "From_Account Operator_Account"},
	{"AfterRecallMsg", "GroupId Operator_Account MsgSeqList", "TopicId EventTime Type", "Operator_Account"},
	{"AfterReadReceipt", "GroupId GroupMsgReceiptList", "EventTime Type", ""},
	{"AfterGroupMsgExtension", "GroupId", "EventTime ExtensionList MsgSeq OperateType Seq", ""},
	{"AfterGroupFull", "GroupId", "EventTime", ""},
	{"AfterGroupDestroyed", "GroupId", "Owner_Account EventTime Type Name MemberList", "Owner_Account"},
	{"AfterGroupInfoChanged", "GroupId Operator_Account", "EventTime Type Name Introduction Notification FaceUrl", "Operator_Account"},
	{"AfterMemberFieldChanged", "GroupId Operator_Account", "EventTime Member_Account Modified_Account Role NameCard", "Operator_Account"},
	{"AfterGroupAttrChanged", "GroupId Operator_Account GroupAttr", "EventTime OptionType", "Operator_Account"},
	{"AfterChangeGroupOwner", "GroupId Operator_Account", "EventTime OldOwner_Account NewOwner_Account", "Operator_Account"},
	{"OnMemberStateChange", "GroupId MemberList", "EventTime EventType EventCause", ""},
	{"BeforeCreateTopic", "Operator_Account", "Type Name", "Operator_Account"},
	{"AfterCreateTopic", "GroupId TopicId Operator_Account", "Owner_Account Type Name UserDefinedDataList", "Operator_Account Owner_Account"},
	{"AfterTopicDestroyed", "GroupId TopicIdList", "", ""},
	{"AfterTopicInfoChanged", "GroupId Operator_Account", "TopicId Name Introduction Notification FaceUrl", "Operator_Account"},
	{"OnDailyGroupQuotaAlarm", "", "EventTime QuotaUsed Quota", ""},
}

// fieldTypes holds the fields that are no strings.
var fieldTypes = map[string]string{
	"EventTime": "time", "MsgTime": "integer", "MsgSeq": "integer", "Seq": "integer", "Random": "uint32", "OnlineOnlyFlag": "integer",
	"ErrorCode": "scalar", "OperateType": "integer", "QuotaUsed": "integer", "Quota": "integer", "OptionType": "scalar",
	"CreateGroupNum": "object", "CreatedGroupNum": "object", "MsgContent": "object", "InviteOption": "any", "TopicIdList": "strings",
	"MemberList": "members", "NewMemberList": "members", "ExitMemberList": "members", "DestinationMembers": "members",
	"UserDefinedDataList": "data", "GroupAttr": "attributes", "MsgSeqList": "sequences", "MsgBody": "messages",
	"GroupAtInfo": "objects", "GroupMsgReceiptList": "objects", "ExtensionList": "objects",
}

// elementRows says what the elements of a list are.
var elementRows = map[string]row{
	"members":    {required: "Member_Account?"},
	"data":       {required: "Key?", optional: "Value"},
	"attributes": {required: "key?", optional: "value"},
	"sequences":  {required: "MsgSeq"},
	"messages":   {required: "MsgType", optional: "MsgContent"},
	"objects":    {},
}

// A rule is what a row says of one field.
type rule struct {
	name     string
	kind     string
	required bool
	filled   bool // a string that must not be empty
}

func rulesOf(r row) []rule {
	var rules []rule
	for _, name := range strings.Fields(r.required) {
		plain := strings.TrimSuffix(name, "?")
		rules = append(rules, rule{plain, typeOf(plain), true, plain == name && typeOf(plain) == "string"})
	}
	for _, name := range strings.Fields(r.optional) {
		rules = append(rules, rule{name, typeOf(name), false, false})
	}
	return rules
}

func typeOf(name string) string {
	if kind := fieldTypes[name]; kind != "" {
		return kind
	}
	return "string"
}

// commandOf is a row's command on the wire.
func commandOf(r row) string { return "Group.Callback" + r.command }

// rulesFor returns the rules of a command's body. Of a command that is in no row only its name is known, and that it may be missing.
func rulesFor(command string) []rule {
	for _, r := range table {
		if commandOf(r) == command {
			return append(rulesOf(r), rule{"CallbackCommand", "string", true, true})
		}
	}
	return []rule{{"CallbackCommand", "string", false, false}}
}

// rightValues and wrongValues are, for every type, values that a field may have and may not have. null is neither: it counts as absent.
var rightValues = map[string][]string{
	"string":     {`"x"`, `"群 \ud83c\udfd4 \" \\ \/ \b\f\n\r\t\u0000"`, `"\ud800"`, `"[{\"Member_Account\":\"x\"}]"`},
	"integer":    {"0", "7", "9223372036854775807"},
	"uint32":     {"0", "7", "4294967295"},
	"time":       {"0", "1767225600000", "9223372036854775807", `"0"`, `"1767225600000"`, `"9223372036854775807"`, `"17\u0036"`},
	"scalar":     {"0", "1", `"x"`, `""`},
	"object":     {"{}", `{"a":[null,{"b":-1.5e3}]}`},
	"any":        {`"x"`, "1", "-1.5e3", "true", "false", "{}", "[]", `[null]`},
	"strings":    {"[]", `["x"]`, `["x","","群"]`},
	"members":    {"[]", `[{"Member_Account":"x"}]`, `[{"Member_Account":""},{"Member_Account":"群"}]`, `[{"Member_Account":"x","Role":"Admin"},{"Member_Account":"\"},{"}]`},
	"data":       {"[]", `[{"Key":"k","Value":""}]`, `[{"Key":"","Value":"\u0000"},{"Key":"k","Value":"v","More":1}]`},
	"attributes": {"[]", `[{"key":"k","value":"v"}]`},
	"sequences":  {"[]", `[{"MsgSeq":0}]`, `[{"MsgSeq":1},{"MsgSeq":9223372036854775807}]`},
	"messages":   {"[]", `[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}]`, `[{"MsgContent":{},"MsgType":"y"},{"MsgType":"z"}]`},
	"objects":    {"[]", "[{}]", `[{"a":1},{"b":[]}]`},
}

var wrongValues = map[string][]string{
	"string":     {"7", "true", "false", "{}", "[]", `["x"]`, `{"x":"y"}`},
	"integer":    {"-1", "-0", "1.0", "1.5", "1e3", "1E+2", "9223372036854775808", "100000000000000000000", `"7"`, `""`, "true", "{}", "[7]"},
	"uint32":     {"-1", "1.0", "1e3", "4294967296", "9223372036854775807", `"7"`, "false", "{}", "[7]"},
	"time":       {"-1", "1.0", "1e12", "9223372036854775808", `"-1"`, `"1.0"`, `"1e12"`, `"9223372036854775808"`, `""`, `" 1"`, `"1 "`, `"+1"`, `"0x1f"`, `"1_000"`, `"１"`, `"now"`, "true", "{}", "[1]"},
	"scalar":     {"true", "false", "{}", "[]"},
	"object":     {"7", `"x"`, "true", "[]", "[{}]"},
	"strings":    {"7", `"x"`, "true", "{}", "[7]", `["x",null]`, "[[]]", `[{"x":"y"}]`},
	"members":    {"7", `"x"`, "true", "{}", "[7]", `["x"]`, "[[]]", "[null]", `[{"Member_Account":7}]`, `[{"Member_Account":"x"},{"Member_Account":["y"]}]`, `[{"Member_Account":"x"},null]`},
	"data":       {"7", `"x"`, "{}", "[null]", `["k"]`, `[{"Key":1,"Value":"v"}]`, `[{"Key":"k","Value":1}]`, `[{"Key":"k","Value":{}}]`},
	"attributes": {"7", `"x"`, "{}", "[null]", `["k"]`, `[{"key":1,"value":"v"}]`, `[{"key":"k","value":[]}]`},
	"sequences":  {"7", `"x"`, "{}", "[null]", "[7]", `[{"MsgSeq":"7"}]`, `[{"MsgSeq":-1}]`, `[{"MsgSeq":1.5}]`},
	"messages":   {"7", `"x"`, "{}", "[null]", `["x"]`, `[{"MsgType":1}]`, `[{"MsgType":""}]`, `[{"MsgType":"x","MsgContent":"y"}]`},
	"objects":    {"7", `"x"`, "true", "{}", "[null]", "[7]", `["x"]`, "[[]]", "[{},null]"},
}
