package main

import "strings"

// An element is the Go type of a list's elements, or of an object.
type element struct{ name, doc string }

// elements is the Go types of lists and objects, by the field's name. Lists of the same elements
// share one.
var elements = map[string]element{
	"MemberList":           {"Member", "A Member is a member of a group."},
	"NewMemberList":        {"Member", ""},
	"ExitMemberList":       {"Member", ""},
	"DestinationMembers":   {"Member", ""},
	"UserDefinedDataList":  {"CustomField", "A CustomField is a field that the app has defined for groups."},
	"GroupAttr":            {"GroupAttribute", "A GroupAttribute is an attribute of a group."},
	"MsgSeqList":           {"RecalledMsg", "A RecalledMsg names a message of a group that was recalled."},
	"MsgBody":              {"MsgElement", "A MsgElement is an element of a message."},
	"GroupAtInfo":          {"GroupAt", "A GroupAt is a mention (@) in a message of a group."},
	"GroupMsgReceiptList":  {"MsgReceipt", "A MsgReceipt says how many members have read a message."},
	"ExtensionList":        {"MsgExtension", "A MsgExtension is a key and value that extends a message."},
	"KickedDevice":         {"KickedDevice", "A KickedDevice is a device that a login has logged out."},
	"ProfileItem":          {"ProfileItem", "A ProfileItem is a field of a profile that was set."},
	"FriendItem":           {"FriendItem", "A FriendItem is a friend to be added."},
	"ResponseFriendItem":   {"ResponseFriendItem", "A ResponseFriendItem is an answer to somebody's request to be a friend."},
	"PairList":             {"Pair", "A Pair is two users, of whom the first has the second in a list."},
	"FollowList":           {"Followed", "A Followed is a user who is followed."},
	"SubscribeAccountList": {"Subscriber", "A Subscriber is a subscriber of an official account."},
	"WithdrawMsgList":      {"WithdrawnMsg", "A WithdrawnMsg names a message of an official account that was recalled."},
	"Events":               {"PushEvent", "A PushEvent is what became of one push notification."},
	"Info":                 {"StateInfo", "A StateInfo says who came online or went offline, and why."},
	"ContactItem":          {"ContactItem", "A ContactItem is where a message went."},
}

// fieldDocs says what each field means. A field that means something else in a list or an object
// has its name in front.
var fieldDocs = map[string]string{
	"AddType":              "Add_Type_Single or Add_Type_Both",
	"Admin_Account":        "the administrator, where the request was made through REST",
	"ApplyMsg":             "what the applicant wrote",
	"AtRobots_Account":     "the bots that the message mentions",
	"CallbackCommand":      "the command",
	"ClientCmd":            "what the client asked for, such as friend_add",
	"CloudCustomData":      "the custom data of the message",
	"Command":              "the REST command of which there were too many requests",
	"ContactItem":          "where the message went",
	"ContentType":          "Text, Image, Audio or Video",
	"CreateGroupNum":       "how many groups of the type the user has created, as a number or for each type",
	"CreatedGroupNum":      "how many groups the user has created, as a number or for each type",
	"CtxcbKeywords":        "the words that were found",
	"CtxcbLabel":           "the kind of what was found",
	"CtxcbLibName":         "the library that holds the words",
	"CtxcbRequestId":       "the moderation request",
	"CtxcbResult":          "0 for what is fine, 1 for what is not",
	"CtxcbSubLabel":        "the kind in detail",
	"CtxcbSubLabelDesc":    "the kind in words",
	"CtxcbSuggestion":      "Pass, Review or Block",
	"Data":                 "what was sent to the bot",
	"DestinationMembers":   "the users who are invited",
	"ErrorCode":            "why the message was not delivered",
	"ErrorInfo":            "the same in words",
	"EventCause":           "what brought the change about",
	"EventTime":            "when it happened",
	"EventType":            "Online or Offline",
	"Events":               "the notifications, 1 to 100",
	"ExitMemberList":       "who left",
	"ExitType":             "Kicked or Quit",
	"ExtensionList":        "the extensions, none where all were cleared",
	"FaceUrl":              "the picture's address",
	"FileURL":              "the address of the picture, audio or video",
	"FollowList":           "who is followed",
	"ForceAddFlags":        "1 where the friend is added without being asked",
	"ForceFlag":            "1 where the friend was added without being asked",
	"FriendItem":           "the friends to be added",
	"From_Account":         "the user in whose name it was done, of a message the sender",
	"GroupAtInfo":          "whom the message mentions",
	"GroupAttr":            "the attributes",
	"GroupId":              "the group",
	"GroupMsgReceiptList":  "the messages that were read",
	"Info":                 "who, and what happened",
	"Introduction":         "the introduction",
	"InviteOption":         "who may invite; no page of the vendor documents it",
	"JoinType":             "Apply or Invited",
	"KickedDevice":         "the devices that a login has logged out",
	"LastReadTime":         "up to when messages were read, in seconds since the epoch",
	"Limit":                "the limit in requests a second",
	"MemberList":           "the members",
	"Member_Account":       "the member",
	"Modified_Account":     "the member, in another edition of the vendor's pages",
	"MsgBody":              "the message",
	"MsgID":                "the message, absent if it was not delivered",
	"MsgId":                "the message",
	"MsgKey":               "the message, in the form that REST calls take",
	"MsgPriority":          "High, Normal, Low or Lowest",
	"MsgRandom":            "the random number that tells messages of one second apart",
	"MsgSeq":               "the number of the message in its conversation",
	"MsgSeqList":           "the messages that were recalled",
	"MsgTime":              "when the message was sent, in seconds since the epoch",
	"Name":                 "the name",
	"NameCard":             "the member's name in the group",
	"NewMemberList":        "who joined",
	"NewOwner_Account":     "the new owner",
	"Notification":         "the announcement",
	"Official_Account":     "the official account",
	"OldOwner_Account":     "the owner until now",
	"OnlineOnlyFlag":       "1 where only those who are online get the message",
	"OperateType":          "1 for set, 2 for delete, 3 for clear",
	"Operator_Account":     "the user who made the request, an administrator where it came through REST",
	"OptionType":           "set, modify, clear or delete",
	"Organization":         "the organization behind the account",
	"Owner_Account":        "the owner",
	"PairList":             "the pairs of users",
	"Peer_Account":         "the other user",
	"ProfileItem":          "what was set",
	"Quota":                "the quota of a day",
	"QuotaUsed":            "what has been used of it",
	"Random":               "the random number of the message",
	"Report_Account":       "the user who has read",
	"Request":              "how many requests came in a second",
	"Requester_Account":    "the user who asks",
	"Requestor_Account":    "the user who asks to join",
	"ResponseFriendItem":   "the answers",
	"Role":                 "the member's role",
	"Scene":                "where it was said, such as C2C or Group",
	"SdkAppId":             "the app",
	"SendMsgResult":        "0, or why the message was not delivered",
	"Seq":                  "the number of the change",
	"ServiceName":          "the service of which there were too many requests",
	"SubscribeAccountList": "the subscribers",
	"TextContent":          "the texts that were moderated",
	"To_Account":           "the receiver",
	"TopicId":              "the topic",
	"TopicIdList":          "the topics",
	"Type":                 "the type of the group, such as Public; an open set",
	"UnreadMsgNum":         "how many messages the receiver has not read, -1 where this one was not delivered",
	"UserDefinedDataList":  "the custom fields",
	"WithdrawMsgList":      "the messages that were recalled",

	"Follow.CallbackAfterFollowDelete.To_Account": "the users who are no longer followed",
	"ContactItem.ContactType":                     "1 for a user, 2 for a group",
	"ContactItem.ToGroupId":                       "the group",
	"ContactItem.To_Account":                      "the user",
	"Events.CallbackCommand":                      "the command",
	"Events.EventTime":                            "when it happened, in seconds since the epoch",
	"Events.EventType":                            "1 or 2, whose meaning depends on the command",
	"Events.From_Account":                         "the sender",
	"ExtensionList.Key":                           "the key",
	"ExtensionList.Value":                         "the value",
	"FollowList.To_Account":                       "the user",
	"FriendItem.AddSource":                        "where the request comes from, such as AddSource_Type_iOS",
	"FriendItem.AddWording":                       "what was written to the friend",
	"FriendItem.GroupName":                        "the list into which the friend is put",
	"FriendItem.Remark":                           "the name that the user gives the friend",
	"FriendItem.To_Account":                       "the friend",
	"GroupAtInfo.GroupAtAllFlag":                  "1 where everybody is mentioned",
	"GroupAtInfo.GroupAt_Account":                 "the member who is mentioned",
	"GroupAttr.key":                               "the key",
	"GroupAttr.value":                             "the value",
	"GroupMsgReceiptList.ReadNum":                 "how many have read it",
	"GroupMsgReceiptList.UnreadNum":               "how many have not",
	"Info.Action":                                 "Login, Logout, Disconnect or CustomStatusChange",
	"Info.CustomStatus":                           "the status that the user has set",
	"Info.Reason":                                 "Register, Unregister, LinkClose or TimeOut",
	"Info.To_Account":                             "the user",
	"KickedDevice.Platform":                       "the platform, such as Windows",
	"MsgBody.MsgContent":                          "the content, whose members depend on MsgType",
	"MsgBody.MsgType":                             "the type, such as TIMTextElem",
	"PairList.From_Account":                       "the user whose list it is",
	"PairList.Initiator_Account":                  "the user who began",
	"PairList.To_Account":                         "the user in the list",
	"ProfileItem.Tag":                             "the name, such as Tag_Profile_IM_Nick",
	"ProfileItem.Value":                           "the value, a text or a number",
	"ResponseFriendItem.Remark":                   "the name that the user gives the friend",
	"ResponseFriendItem.ResponseAction":           "Response_Action_Agree, Response_Action_AgreeAndAdd or Response_Action_Reject",
	"ResponseFriendItem.TagName":                  "the list into which the friend is put",
	"ResponseFriendItem.To_Account":               "the user who had asked",
	"SubscribeAccountList.Subscriber_Account":     "the user",
	"UserDefinedDataList.Key":                     "the name",
	"UserDefinedDataList.Value":                   "the value",
}

// docOf says what a field means in a command, a list or an object.
func docOf(parent, name string) string {
	if doc := fieldDocs[parent+"."+name]; doc != "" {
		return doc
	}
	if doc := fieldDocs[name]; doc != "" {
		return doc
	}
	panic("internal/gen/words.go: fieldDocs has no " + parent + "." + name)
}

// typeName is the Go name of a command: the family and the rest, without what all have.
func typeName(command string) string {
	family, rest, _ := strings.Cut(command, ".")
	rest = strings.TrimPrefix(rest, "Callback")
	family = strings.TrimSuffix(family, "Callback")
	if strings.HasPrefix(rest, family) && family != "Group" && family != "OfficialAccount" {
		family = ""
	}
	return family + rest
}

// fieldName is the Go name of a member.
func fieldName(name string) string {
	var goName strings.Builder
	for _, word := range strings.Split(name, "_") {
		goName.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return initialisms.Replace(goName.String() + "\x00")
}

// initialisms writes abbreviations as Go does. A null character ends a name.
var initialisms = strings.NewReplacer(
	"IdList\x00", "IDList", "Id\x00", "ID", "Url\x00", "URL", "SdkAppId", "SdkAppID", "\x00", "",
)
