package samples

import "strings"

const (
	identifierLimit = 32
	messageText     = 12 << 10
	inner           = 100   // bytes of a text of a merged history
	destroyed       = 20000 // members of the largest group that can be destroyed
)

// limits is how many bytes the texts have that users of an app decide.
var limits = map[string]int{
	"Name": 2048, "Introduction": 2048, "Notification": 2048, "NameCard": 2048, "ApplyMsg": 2048, "FaceUrl": 2048, "Organization": 2048,
	"Remark": 96, "GroupName": 30, "TagName": 30, "AddWording": 256, "Key": 100, "key": 100, "Value": 1024, "value": 4096,
	"CloudCustomData": messageText, "Text": messageText, "Data": messageText, "Desc": messageText, "Ext": messageText,
	"FileName": messageText, "Title": messageText, "CompatibleText": messageText, "AbstractList": 100,
	"TextContent": messageText, "CtxcbKeywords": 100, "ErrInfo": 100,
}

// counts is how many elements lists have at most.
var counts = map[string]int{
	"MemberList": 500, "NewMemberList": 500, "ExitMemberList": 500, "DestinationMembers": 500, "SubscribeAccountList": 500, "FollowList": 500,
	"UserDefinedDataList": 10, "GroupAttr": 16, "MsgSeqList": 100, "GroupMsgReceiptList": 30, "ReadReceiptMembers": 100, "ExtensionList": 20,
	"GroupAtInfo": 30, "TopicIdList": 100, "PairList": 6000, "FriendItem": 100, "ResponseFriendItem": 100, "ProfileItem": 20, "KickedDevice": 10,
	"WithdrawMsgList": 100, "To_Account": 500, "AtRobots_Account": 10, "Events": 100, "TextContent": 10, "CtxcbKeywords": 20,
	"ImageInfoArray": 3, "AbstractList": 5, "MsgList": 300,
}

// listText is how much text users may put into lists, where a message's limit does not hold.
var listText = map[string]int{"GroupAttr": 16 * 4096, "UserDefinedDataList": 10 * 1024, "ExtensionList": 20 * 1124, "ProfileItem": 20 * 1024}

// contents is a message's elements of every type. The last holds messages.
var contents = []string{
	`{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}`,
	`{"MsgType":"TIMCustomElem","MsgContent":{"Data":"x","Desc":"x","Ext":"x","Sound":"dingdong.aiff"}}`,
	`{"MsgType":"TIMFaceElem","MsgContent":{"Index":6,"Data":"x"}}`,
	`{"MsgType":"TIMLocationElem","MsgContent":{"Desc":"x","Latitude":29.340656774469956,"Longitude":-116.77497920478824}}`,
	`{"MsgType":"TIMImageElem","MsgContent":{"UUID":"1853095_D61040894AC3DE44","ImageFormat":1,"ImageInfoArray":[` +
		`{"Type":1,"Size":1853095,"Width":2448,"Height":0,"URL":"https://img.example/a/b.png"}]}}`,
	`{"MsgType":"TIMSoundElem","MsgContent":{"UUID":"u","Url":"https://img.example/s","Size":62351,"Second":1,"Download_Flag":2}}`,
	`{"MsgType":"TIMFileElem","MsgContent":{"UUID":"u","Url":"https://img.example/f","FileSize":1773552,"FileName":"x","Download_Flag":2}}`,
	`{"MsgType":"TIMVideoFileElem","MsgContent":{"VideoUUID":"u","VideoUrl":"https://img.example/v","VideoSize":1194603,"VideoSecond":5,"ThumbUrl":""}}`,
	`{"MsgType":"TIMRelayElem","MsgContent":{"Title":"x","MsgNum":2,"CompatibleText":"x","AbstractList":["x"],"MsgList":[` +
		`{"From_Account":"x","MsgSeq":1,"MsgRandom":2,"MsgTimeStamp":1767225600,"MsgBody":[],"CloudCustomData":"x"}]}}`,
}

// identifies tells whether a field names a person, a group, a topic or an account.
func identifies(name string) bool {
	switch name {
	case "GroupId", "TopicId", "ToGroupId", "GroupID", "TopicIdList":
		return true
	}
	return strings.HasSuffix(name, "_Account")
}

// required tells whether every source has a field of a command. The others may be absent, or null.
func required(command, name string) bool {
	if name == "CallbackCommand" {
		return true
	}
	return strings.Contains(" "+needed[command]+" ", " "+name+" ")
}

// Needed lists the fields without which a command's body is never sent, besides CallbackCommand.
func Needed(command string) []string { return strings.Fields(needed[command]) }

// needed is what required tells, command by command.
var needed = map[string]string{
	"Group.CallbackBeforeCreateGroup":       "Operator_Account",
	"Group.CallbackBeforeApplyJoinGroup":    "GroupId Requestor_Account",
	"Group.CallbackBeforeInviteJoinGroup":   "GroupId Operator_Account DestinationMembers",
	"Group.CallbackBeforeSendMsg":           "GroupId From_Account MsgBody",
	"Group.CallbackBeforeCreateTopic":       "Operator_Account",
	"Group.CallbackAfterCreateGroup":        "GroupId Operator_Account Type Name",
	"Group.CallbackAfterNewMemberJoin":      "GroupId Operator_Account NewMemberList",
	"Group.CallbackAfterMemberExit":         "GroupId Operator_Account ExitMemberList",
	"Group.CallbackAfterSendMsg":            "GroupId From_Account MsgBody",
	"Group.CallbackSendMsgException":        "GroupId From_Account",
	"Group.CallbackAfterRecallMsg":          "GroupId Operator_Account MsgSeqList",
	"Group.CallbackAfterReadReceipt":        "GroupId GroupMsgReceiptList",
	"Group.CallbackAfterGroupMsgExtension":  "GroupId",
	"Group.CallbackAfterGroupFull":          "GroupId",
	"Group.CallbackAfterGroupDestroyed":     "GroupId",
	"Group.CallbackAfterGroupInfoChanged":   "GroupId Operator_Account",
	"Group.CallbackAfterMemberFieldChanged": "GroupId Operator_Account",
	"Group.CallbackAfterGroupAttrChanged":   "GroupId Operator_Account",
	"Group.CallbackAfterChangeGroupOwner":   "GroupId Operator_Account",
	"Group.CallbackAfterModifyMsg":          "GroupId Operator_Account",
	"Group.CallbackOnMemberStateChange":     "GroupId MemberList",
	"Group.CallbackAfterCreateTopic":        "GroupId TopicId Operator_Account",
	"Group.CallbackAfterTopicDestroyed":     "GroupId TopicIdList",
	"Group.CallbackAfterTopicInfoChanged":   "GroupId Operator_Account",

	"State.StateChange":              "Info",
	"Profile.CallbackPortraitSet":    "From_Account ProfileItem",
	"Sns.CallbackPrevFriendAdd":      "From_Account FriendItem",
	"Sns.CallbackPrevFriendResponse": "From_Account ResponseFriendItem",
	"Sns.CallbackFriendAdd":          "PairList",
	"Sns.CallbackFriendDelete":       "PairList",
	"Sns.CallbackBlackListAdd":       "PairList",
	"Sns.CallbackBlackListDelete":    "PairList",

	"Follow.CallbackAfterFollowAdd":    "From_Account",
	"Follow.CallbackAfterFollowDelete": "From_Account",

	"C2C.CallbackBeforeSendMsg":        "From_Account To_Account MsgBody",
	"C2C.CallbackAfterSendMsg":         "From_Account To_Account MsgBody",
	"C2C.CallbackAfterMsgReport":       "Report_Account Peer_Account",
	"C2C.CallbackAfterMsgWithDraw":     "From_Account To_Account MsgKey",
	"C2C.CallbackAfterModifyMsg":       "To_Account",
	"C2C.CallbackAfterC2CMsgExtension": "From_Account To_Account",

	"Bot.OnC2CMessage":           "From_Account To_Account MsgBody",
	"Bot.OnGroupMessage":         "GroupId From_Account MsgBody",
	"Chatbot.OnC2CSignalMessage": "From_Account To_Account",

	"OfficialAccount.CallbackBeforeCreateOfficialAccount":     "Operator_Account",
	"OfficialAccount.CallbackAfterCreateOfficialAccount":      "Official_Account Operator_Account",
	"OfficialAccount.CallbackAfterOfficialAccountInfoChanged": "Official_Account Operator_Account",
	"OfficialAccount.CallbackAfterOfficialAccountDestroyed":   "Official_Account",
	"OfficialAccount.CallbackBeforeAddSubscriber":             "Official_Account Operator_Account SubscribeAccountList",
	"OfficialAccount.CallbackAfterAddSubscriber":              "Official_Account Operator_Account SubscribeAccountList",
	"OfficialAccount.CallbackAfterDeleteSubscriber":           "Official_Account Operator_Account SubscribeAccountList",
	"OfficialAccount.CallbackAfterOfficialAccountFull":        "Official_Account",
	"OfficialAccount.CallbackBeforeSendMsg":                   "Official_Account MsgBody",
	"OfficialAccount.CallbackAfterSendMsg":                    "Official_Account MsgBody",
	"OfficialAccount.CallbackAfterMsgWithDraw":                "Official_Account WithdrawMsgList",

	"Alert.RequestOverLimit":               "",
	"ContentCallback.ResultNotify":         "",
	"Group.CallbackOnDailyGroupQuotaAlarm": "",

	"Push.AllMemberPush": "Events",
	"Push.OfflinePush":   "Events",
}
