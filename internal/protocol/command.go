package protocol

import (
	"encoding/json"
	"strings"
)

// AfterCreateGroup is the command that a gate lets in when nothing else is configured.
const AfterCreateGroup = "Group.CallbackAfterCreateGroup"

// The JSON types, worded as an ErrorInfo needs them.
const (
	text          = "a string"
	integer       = "an integer from 0 to 9223372036854775807"
	integer32     = "an integer from 0 to 4294967295"
	milliseconds  = "milliseconds since the epoch, as an integer or a decimal string"
	scalar        = "a string or a number"
	mapping       = "an object"
	list          = "an array of objects"
	listOfStrings = "an array of strings"
	anything      = "any JSON value"
)

// scalars are the types that fit into a header.
var scalars = map[string]bool{text: true, integer: true, integer32: true, milliseconds: true, scalar: true}

// kinds holds the fields that are not strings.
var kinds = map[string]string{
	"EventTime":       milliseconds,
	"MsgTime":         integer,
	"MsgSeq":          integer,
	"Seq":             integer,
	"Random":          integer32,
	"OnlineOnlyFlag":  integer,
	"ErrorCode":       scalar,
	"OperateType":     integer,
	"Quota":           integer,
	"QuotaUsed":       integer,
	"OptionType":      scalar,
	"InviteOption":    anything,
	"CreateGroupNum":  mapping,
	"CreatedGroupNum": mapping,
	"MsgContent":      mapping,
	"TopicIdList":     listOfStrings,

	"MemberList":          list,
	"NewMemberList":       list,
	"ExitMemberList":      list,
	"DestinationMembers":  list,
	"UserDefinedDataList": list,
	"GroupAttr":           list,
	"MsgSeqList":          list,
	"MsgBody":             list,
	"GroupAtInfo":         list,
	"GroupMsgReceiptList": list,
	"ExtensionList":       list,
}

// elements holds the fields of what a list holds; the elements of other lists are objects of which nothing is certain.
var elements = map[string]string{
	"MemberList":          "Member_Account+",
	"NewMemberList":       "Member_Account+",
	"ExitMemberList":      "Member_Account+",
	"DestinationMembers":  "Member_Account+",
	"UserDefinedDataList": "Key+ Value",
	"GroupAttr":           "key+ value",
	"MsgSeqList":          "MsgSeq!",
	"MsgBody":             "MsgType! MsgContent",
}

// schemas holds every command that this package knows, as the vendor's pages and captured bodies have them. A row adds a command.
//
//	command   the name on the wire
//	group     the fields that name the group and topic
//	actors    the fields that may name who acted, first choice first
//	others    the remaining fields
//
// A field is optional, and null counts as absent; "!" makes it required, and a string not empty; "+" required, though a string may be empty.
// Only what is certain is required: a field that came later, or that the vendor's pages disagree on, is optional.
// What JSON type a field has stands in kinds: a name has the same type in every command. Fields in no table are normal and pass.
var schemas = parseSchemas([][4]string{
	// before the event: the backend's answer decides
	{"Group.CallbackBeforeCreateGroup", "", "Operator_Account! Owner_Account", "Type Name CreateGroupNum CreatedGroupNum InviteOption MemberList UserDefinedDataList EventTime"},
	{"Group.CallbackBeforeApplyJoinGroup", "GroupId!", "Requestor_Account!", "Type EventTime"},
	{"Group.CallbackBeforeInviteJoinGroup", "GroupId!", "Operator_Account!", "Type DestinationMembers! EventTime"},
	{"Group.CallbackBeforeSendMsg", "GroupId! TopicId", "From_Account! Operator_Account", "Type Random MsgId OnlineOnlyFlag MsgBody! CloudCustomData EventTime"},
	{"Group.CallbackBeforeCreateTopic", "", "Operator_Account!", "Type Name"},
	// after the event: the backend is told
	{AfterCreateGroup, "GroupId!", "Operator_Account! Owner_Account", "Type! Name+ MemberList UserDefinedDataList EventTime InviteOption"},
	{"Group.CallbackAfterNewMemberJoin", "GroupId!", "Operator_Account!", "Type JoinType NewMemberList! EventTime"},
	{"Group.CallbackAfterMemberExit", "GroupId!", "Operator_Account!", "Type ExitType ExitMemberList! EventTime"},
	{"Group.CallbackAfterSendMsg", "GroupId! TopicId", "From_Account! Operator_Account", "Type MsgSeq MsgTime Random MsgBody! GroupAtInfo EventTime"},
	{"Group.CallbackSendMsgException", "GroupId!", "From_Account! Operator_Account", "ErrorCode ErrorInfo EventTime"},
	{"Group.CallbackAfterRecallMsg", "GroupId! TopicId", "Operator_Account!", "Type MsgSeqList! EventTime"},
	{"Group.CallbackAfterReadReceipt", "GroupId!", "", "Type GroupMsgReceiptList! EventTime"},
	{"Group.CallbackAfterGroupMsgExtension", "GroupId!", "", "MsgSeq OperateType ExtensionList Seq EventTime"},
	{"Group.CallbackAfterGroupFull", "GroupId!", "", "EventTime"},
	{"Group.CallbackAfterGroupDestroyed", "GroupId!", "Owner_Account", "Type Name MemberList EventTime"},
	{"Group.CallbackAfterGroupInfoChanged", "GroupId!", "Operator_Account!", "Type Name Introduction Notification FaceUrl EventTime"},
	{"Group.CallbackAfterMemberFieldChanged", "GroupId!", "Operator_Account!", "Member_Account Modified_Account Role NameCard EventTime"},
	{"Group.CallbackAfterGroupAttrChanged", "GroupId!", "Operator_Account!", "OptionType GroupAttr! EventTime"},
	{"Group.CallbackAfterChangeGroupOwner", "GroupId!", "Operator_Account!", "OldOwner_Account NewOwner_Account EventTime"},
	{"Group.CallbackOnMemberStateChange", "GroupId!", "", "EventType EventCause MemberList! EventTime"},
	{"Group.CallbackAfterCreateTopic", "GroupId! TopicId!", "Operator_Account! Owner_Account", "Type Name UserDefinedDataList"},
	{"Group.CallbackAfterTopicDestroyed", "GroupId!", "", "TopicIdList!"},
	{"Group.CallbackAfterTopicInfoChanged", "GroupId! TopicId", "Operator_Account!", "Name Introduction Notification FaceUrl"},
	{"Group.CallbackOnDailyGroupQuotaAlarm", "", "", "QuotaUsed Quota EventTime"},
})

// unknown is the schema of a command that has none: Push.* and some others have no CallbackCommand in the body.
var unknown = newSchema("CallbackCommand")

// field is a row's field, prepared: what a body is checked against without looking anything up.
type field struct {
	name     string
	kind     string
	required bool
	filled   bool    // a string that must not be empty
	first    byte    // what a value begins with that needs no closer look, 0 for none
	shortest int     // the length of the shortest such value
	overhead int     // what a member takes in a compact object besides its value: the name, two quotes, a colon and a comma
	element  *schema // of a list
}

// schema is what is known of an object: a command's body, or the element of a list.
type schema struct {
	quoted  string // the command as a JSON string
	actors  []string
	fields  []*field
	known   map[string]bool
	scalars map[string]bool // of those, what Value can return
	byFold  map[string]string
}

func parseSchemas(rows [][4]string) map[string]*schema {
	parsed := map[string]*schema{}
	for _, row := range rows {
		s := newSchema("CallbackCommand! " + row[1] + " " + row[2] + " " + row[3])
		s.quoted = `"` + row[0] + `"`
		for _, actor := range strings.Fields(row[2]) {
			s.actors = append(s.actors, strings.TrimRight(actor, "!+"))
		}
		parsed[row[0]] = s
	}
	return parsed
}

func newSchema(fields string) *schema {
	s := &schema{known: map[string]bool{}, scalars: map[string]bool{}}
	for _, notation := range strings.Fields(fields) {
		f := newField(notation)
		s.fields = append(s.fields, f)
		s.known[f.name] = true
		s.scalars[f.name] = scalars[f.kind]
	}
	s.byFold = foldedNames(s.known)
	return s
}

func newField(notation string) *field {
	name := strings.TrimRight(notation, "!+")
	f := &field{name: name, kind: kinds[name], required: name != notation, filled: strings.HasSuffix(notation, "!"), overhead: len(name) + 4}
	switch {
	case f.kind == "":
		f.kind = text
		f.first = '"'
		f.shortest = 2
		if f.filled {
			f.shortest = 3
		}
	case f.kind == mapping:
		f.first = '{'
	case f.kind == list:
		f.element = newSchema(elements[name])
	}
	return f
}

// Commands lists the commands whose bodies this package knows, in alphabetical order.
func Commands() []string {
	names := map[string]bool{}
	for name := range schemas {
		names[name] = true
	}
	return sortedNames(names)
}

// members is a JSON object, each value with the bytes that came.
type members = map[string]json.RawMessage

// Sources lists what Value can return: every scalar field of every command, the URL parameters, "Operator" and "EventId".
func Sources() []string {
	names := map[string]bool{"Operator": true, "EventId": true}
	for _, s := range schemas {
		for name, is := range s.scalars {
			if is {
				names[name] = true
			}
		}
	}
	for name := range sourceParameters {
		names[name] = true
	}
	return sortedNames(names)
}
