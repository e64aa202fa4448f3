package protocol

import "strings"

// AfterCreateGroup is the command that a gate lets in when nothing else is configured.
const AfterCreateGroup = "Group.CallbackAfterCreateGroup"

// The JSON types, worded as an ErrorInfo needs them.
const (
	text          = "a string"
	identifier    = "a string that names something" // users cannot write at length here
	integer       = "an integer from 0 to 9223372036854775807"
	signed        = "an integer from -9223372036854775808 to 9223372036854775807"
	milliseconds  = "milliseconds since the epoch, as an integer or a decimal string"
	scalar        = "a string or a number"
	mapping       = "an object"
	list          = "an array of objects"
	listOfStrings = "an array of strings"
	anything      = "any JSON value"
)

// kinds holds the types of the fields that are not strings. A field whose type depends on where it
// stands has the command, the list or the object in front of its name. Accounts and IDs are
// identifiers: see kindOf.
var kinds = map[string]string{
	"EventTime":       milliseconds,
	"MsgTime":         integer, // seconds
	"LastReadTime":    integer, // seconds
	"MsgSeq":          integer,
	"Seq":             integer,
	"Random":          integer, // 32 bits, says the vendor, of which MsgRandom was seen to have more
	"MsgRandom":       integer,
	"OnlineOnlyFlag":  integer,
	"ForceAddFlags":   integer,
	"ForceFlag":       integer,
	"OperateType":     integer,
	"Quota":           integer,
	"QuotaUsed":       integer,
	"Request":         integer,
	"Limit":           integer,
	"CtxcbResult":     integer,
	"UnreadMsgNum":    signed, // -1: the message was not delivered
	"SendMsgResult":   scalar,
	"ErrorCode":       scalar,
	"OptionType":      scalar,
	"SdkAppId":        scalar,
	"InviteOption":    anything,
	"CreateGroupNum":  anything, // a number, or a number for each type of group
	"CreatedGroupNum": anything,
	"MsgContent":      mapping,
	"Info":            mapping,
	"ContactItem":     mapping,

	"TopicIdList":      listOfStrings,
	"AtRobots_Account": listOfStrings,
	"TextContent":      listOfStrings,
	"CtxcbKeywords":    listOfStrings,

	"MemberList":           list,
	"NewMemberList":        list,
	"ExitMemberList":       list,
	"DestinationMembers":   list,
	"UserDefinedDataList":  list,
	"GroupAttr":            list,
	"MsgSeqList":           list,
	"MsgBody":              list,
	"GroupAtInfo":          list,
	"GroupMsgReceiptList":  list,
	"ExtensionList":        list,
	"KickedDevice":         list,
	"ProfileItem":          list,
	"FriendItem":           list,
	"ResponseFriendItem":   list,
	"PairList":             list,
	"FollowList":           list,
	"SubscribeAccountList": list,
	"WithdrawMsgList":      list,
	"Events":               list,

	"Follow.CallbackAfterFollowDelete.To_Account": listOfStrings,

	"ProfileItem.Value":           scalar,
	"ContactItem.ContactType":     integer,
	"GroupAtInfo.GroupAtAllFlag":  integer,
	"GroupMsgReceiptList.ReadNum": integer, "GroupMsgReceiptList.UnreadNum": integer,
	"Events.EventType": integer, "Events.EventTime": integer, // seconds here
}

// elements holds the fields of the objects in a list, and of an object. Of others nothing is
// certain, but that their names are names.
var elements = map[string]string{
	"MemberList":           "Member_Account+",
	"NewMemberList":        "Member_Account+",
	"ExitMemberList":       "Member_Account+",
	"DestinationMembers":   "Member_Account+",
	"UserDefinedDataList":  "Key+ Value",
	"GroupAttr":            "key+ value",
	"MsgSeqList":           "MsgSeq! MsgId",
	"MsgBody":              "MsgType! MsgContent",
	"GroupAtInfo":          "GroupAtAllFlag GroupAt_Account",
	"GroupMsgReceiptList":  "MsgSeq ReadNum UnreadNum",
	"ExtensionList":        "Key Value Seq",
	"KickedDevice":         "Platform",
	"ProfileItem":          "Tag! Value",
	"FriendItem":           "To_Account! Remark GroupName AddSource AddWording",
	"ResponseFriendItem":   "To_Account! Remark TagName ResponseAction",
	"PairList":             "From_Account! To_Account! Initiator_Account",
	"FollowList":           "To_Account!",
	"SubscribeAccountList": "Subscriber_Account!",
	"WithdrawMsgList":      "MsgKey!",
	"Events":               "CallbackCommand EventType EventTime From_Account To_Account",

	"Info":        "To_Account Action Reason CustomStatus",
	"ContactItem": "ContactType To_Account ToGroupId",
}

// When a callback is sent, and what its answer decides.
const (
	after      = "after"       // the event has happened
	before     = "before"      // ErrorCode 0 lets it happen
	beforeEach = "before each" // ResultItem has a code for each friend
)

// denials holds the code that refuses, by what the answer decides.
var denials = map[string]int{before: 1, beforeEach: 38000}

// A row is what the vendor's pages and captured bodies say of a command.
//
// A field is optional, and null counts as absent; "!" makes it required, and a string not empty;
// "+" required, though a string may be empty. Only what is certain is required: a field that came
// later, or that the vendor's pages disagree on, is optional. CallbackCommand is required where a
// row does not have it. What JSON type a field has stands in kinds. Fields in no row are normal
// and pass.
type row struct {
	command      string // the name on the wire
	when         string
	conversation string // the fields that name the group and topic, the peer, or the account
	actors       string // the fields that may name who acted, first choice first
	others       string
}

// schemas holds every command that this package knows. A row adds a command.
var schemas = parseSchemas([]row{
	{"Group.CallbackBeforeCreateGroup", before, "", "Operator_Account! Owner_Account", "Type Name CreateGroupNum CreatedGroupNum InviteOption MemberList UserDefinedDataList EventTime"},
	{"Group.CallbackBeforeApplyJoinGroup", before, "GroupId!", "Requestor_Account!", "Type ApplyMsg EventTime"},
	{"Group.CallbackBeforeInviteJoinGroup", before, "GroupId!", "Operator_Account!", "Type DestinationMembers! EventTime"},
	{"Group.CallbackBeforeSendMsg", before, "GroupId! TopicId", "Operator_Account From_Account!", "Type MsgId MsgPriority Random OnlineOnlyFlag MsgBody! CloudCustomData EventTime"},
	{"Group.CallbackBeforeCreateTopic", before, "GroupId", "Operator_Account!", "Type Name EventTime"},
	{AfterCreateGroup, after, "GroupId!", "Operator_Account! Owner_Account", "Type! Name+ Introduction Notification CreatedGroupNum MemberList UserDefinedDataList EventTime InviteOption"},
	{"Group.CallbackAfterNewMemberJoin", after, "GroupId!", "Operator_Account!", "Type JoinType NewMemberList! EventTime"},
	{"Group.CallbackAfterMemberExit", after, "GroupId!", "Operator_Account!", "Type ExitType ExitMemberList! EventTime"},
	{"Group.CallbackAfterSendMsg", after, "GroupId! TopicId", "Operator_Account From_Account!", "Type MsgId MsgPriority MsgSeq MsgTime Random OnlineOnlyFlag MsgBody! GroupAtInfo CloudCustomData EventTime"},
	{"Group.CallbackAfterModifyMsg", after, "GroupId! TopicId", "Operator_Account!", "Type MsgSeq MsgBody CloudCustomData EventTime"},
	{"Group.CallbackSendMsgException", after, "GroupId! TopicId", "Operator_Account From_Account!", "Type MsgId MsgPriority Random OnlineOnlyFlag MsgBody CloudCustomData ErrorCode ErrorInfo EventTime"},
	{"Group.CallbackAfterRecallMsg", after, "GroupId! TopicId", "Operator_Account!", "Type MsgSeqList! EventTime"},
	{"Group.CallbackAfterReadReceipt", after, "GroupId!", "", "Type GroupMsgReceiptList! EventTime"},
	{"Group.CallbackAfterGroupMsgExtension", after, "GroupId!", "", "MsgSeq OperateType ExtensionList Seq EventTime"},
	{"Group.CallbackAfterGroupFull", after, "GroupId!", "", "EventTime"},
	{"Group.CallbackAfterGroupDestroyed", after, "GroupId!", "Operator_Account Owner_Account", "Type Name MemberList EventTime"},
	{"Group.CallbackAfterGroupInfoChanged", after, "GroupId!", "Operator_Account!", "Type Name Introduction Notification FaceUrl EventTime"},
	{"Group.CallbackAfterMemberFieldChanged", after, "GroupId!", "Operator_Account!", "Type Member_Account Modified_Account Role NameCard EventTime"},
	{"Group.CallbackAfterGroupAttrChanged", after, "GroupId!", "Operator_Account!", "Type OptionType GroupAttr EventTime"},
	{"Group.CallbackAfterChangeGroupOwner", after, "GroupId!", "Operator_Account!", "Type OldOwner_Account NewOwner_Account EventTime"},
	{"Group.CallbackOnMemberStateChange", after, "GroupId!", "", "Type EventType EventCause MemberList! EventTime"},
	{"Group.CallbackAfterCreateTopic", after, "GroupId! TopicId!", "Operator_Account! Owner_Account", "Type Name UserDefinedDataList EventTime"},
	{"Group.CallbackAfterTopicDestroyed", after, "GroupId!", "", "Type TopicIdList! EventTime"},
	{"Group.CallbackAfterTopicInfoChanged", after, "GroupId! TopicId", "Operator_Account!", "Type Name Introduction Notification FaceUrl EventTime"},
	{"Group.CallbackOnDailyGroupQuotaAlarm", after, "", "", "QuotaUsed Quota EventTime"},

	{"C2C.CallbackBeforeSendMsg", before, "To_Account!", "From_Account!", "MsgSeq MsgRandom MsgTime MsgKey MsgId OnlineOnlyFlag MsgBody! CloudCustomData EventTime"},
	{"C2C.CallbackAfterSendMsg", after, "To_Account!", "From_Account!", "MsgSeq MsgRandom MsgTime MsgKey MsgId OnlineOnlyFlag SendMsgResult ErrorInfo UnreadMsgNum MsgBody! CloudCustomData EventTime"},
	{"C2C.CallbackAfterMsgReport", after, "Peer_Account!", "Report_Account!", "LastReadTime UnreadMsgNum EventTime"},
	{"C2C.CallbackAfterMsgWithDraw", after, "To_Account!", "From_Account!", "MsgKey! UnreadMsgNum EventTime"},
	{"C2C.CallbackAfterModifyMsg", after, "To_Account!", "Operator_Account From_Account", "MsgKey MsgSeq MsgRandom MsgTime MsgBody CloudCustomData EventTime"},
	{"C2C.CallbackAfterC2CMsgExtension", after, "To_Account!", "From_Account!", "MsgKey OperateType ExtensionList Seq EventTime"},

	{"Bot.OnC2CMessage", after, "To_Account!", "From_Account!", "MsgSeq MsgRandom MsgTime MsgKey MsgId OnlineOnlyFlag SendMsgResult ErrorInfo UnreadMsgNum MsgBody! CloudCustomData EventTime"},
	{"Bot.OnGroupMessage", after, "GroupId! TopicId", "Operator_Account From_Account!", "Type Random MsgSeq MsgTime OnlineOnlyFlag MsgBody! AtRobots_Account CloudCustomData EventTime"},
	{"Chatbot.OnC2CSignalMessage", before, "To_Account!", "From_Account!", "MsgSeq MsgRandom MsgKey Data EventTime"},

	{"State.StateChange", after, "", "Info.To_Account", "Info! KickedDevice EventTime"},
	{"Profile.CallbackPortraitSet", after, "", "Operator_Account", "From_Account! ProfileItem! EventTime"},
	{"Sns.CallbackPrevFriendAdd", beforeEach, "", "Requester_Account", "From_Account! FriendItem! AddType ForceAddFlags EventTime"},
	{"Sns.CallbackPrevFriendResponse", beforeEach, "", "Requester_Account", "From_Account! ResponseFriendItem! EventTime"},
	{"Sns.CallbackFriendAdd", after, "", "Admin_Account", "PairList! ClientCmd ForceFlag"},
	{"Sns.CallbackFriendDelete", after, "", "", "PairList!"},
	{"Sns.CallbackBlackListAdd", after, "", "", "PairList!"},
	{"Sns.CallbackBlackListDelete", after, "", "", "PairList!"},
	{"Follow.CallbackAfterFollowAdd", after, "", "From_Account!", "FollowList EventTime"},
	{"Follow.CallbackAfterFollowDelete", after, "", "From_Account!", "To_Account FollowList EventTime"},

	{"OfficialAccount.CallbackBeforeCreateOfficialAccount", before, "", "Operator_Account! Owner_Account", "Name EventTime"},
	{"OfficialAccount.CallbackBeforeAddSubscriber", before, "Official_Account!", "Operator_Account!", "SubscribeAccountList! EventTime"},
	{"OfficialAccount.CallbackBeforeSendMsg", before, "Official_Account!", "", "OnlineOnlyFlag MsgBody! CloudCustomData EventTime"},
	{"OfficialAccount.CallbackAfterCreateOfficialAccount", after, "Official_Account!", "Operator_Account! Owner_Account", "Name EventTime"},
	{"OfficialAccount.CallbackAfterOfficialAccountInfoChanged", after, "Official_Account!", "Operator_Account!", "Name Introduction FaceUrl Organization EventTime"},
	{"OfficialAccount.CallbackAfterOfficialAccountDestroyed", after, "Official_Account!", "", "Owner_Account Name EventTime"},
	{"OfficialAccount.CallbackAfterAddSubscriber", after, "Official_Account!", "Operator_Account!", "SubscribeAccountList! EventTime"},
	{"OfficialAccount.CallbackAfterDeleteSubscriber", after, "Official_Account!", "Operator_Account!", "SubscribeAccountList! EventTime"},
	{"OfficialAccount.CallbackAfterOfficialAccountFull", after, "Official_Account!", "", "EventTime"},
	{"OfficialAccount.CallbackAfterSendMsg", after, "Official_Account!", "", "MsgKey MsgTime OnlineOnlyFlag MsgBody! CloudCustomData EventTime"},
	{"OfficialAccount.CallbackAfterMsgWithDraw", after, "Official_Account!", "", "WithdrawMsgList! EventTime"},

	// without CallbackCommand in the body
	{"ContentCallback.ResultNotify", after, "ContactItem", "From_Account", "CallbackCommand Scene SdkAppId ContentType TextContent FileURL MsgID CtxcbResult CtxcbRequestId CtxcbKeywords CtxcbSuggestion CtxcbLabel CtxcbSubLabel CtxcbSubLabelDesc CtxcbLibName CloudCustomData"},
	{"Push.AllMemberPush", after, "", "", "CallbackCommand Events!"},
	{"Push.OfflinePush", after, "", "", "CallbackCommand Events!"},

	{"Alert.RequestOverLimit", after, "", "", "ServiceName Command Request Limit"},
})

// Unknown is the schema of a command that has no row.
var Unknown = newSchema("", "", "CallbackCommand")

// kindOf is a field's type in a command, a list or an object.
func kindOf(parent, name string) string {
	if kind := kinds[parent+"."+name]; kind != "" {
		return kind
	}
	if kind := kinds[name]; kind != "" {
		return kind
	}
	if strings.HasSuffix(name, "_Account") || strings.HasSuffix(name, "GroupId") || name == "TopicId" {
		return identifier
	}
	return text
}
