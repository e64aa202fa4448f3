package samples

import (
	"strconv"
	"strings"
)

// A Heavy is a body that is made to keep the gate busy.
type Heavy struct {
	Name    string
	Command string
	Body    string
}

// Worst is the dearest bodies of at most so many bytes, as far as they are known: those that the
// gate's bounds just let in, and those that they refuse late.
func Worst(size int) []Heavy {
	const (
		push     = "Push.AllMemberPush"
		pairs    = "Sns.CallbackFriendDelete"
		receipts = "Group.CallbackAfterReadReceipt"
		topics   = "Group.CallbackAfterTopicDestroyed"
		message  = "C2C.CallbackBeforeSendMsg"
		profile  = "Profile.CallbackPortraitSet"
		most     = 2000  // elements
		accounts = 25000 // elements that are members of a group
		names    = 180   // of unknown members
	)
	pair := `{"From_Account":"a","To_Account":"b"}`
	event := `{"CallbackCommand":"\u0050ush.AllMemberPush","EventType":1000000000000000000,"EventTime":1000000000000000000,` +
		`"From_Account":"a","To_Account":"b","a":1,"b":1,"c":1,"d":1,"e":1,"f":1}`
	receipt := `{"MsgSeq":1,"ReadNum":1,"UnreadNum":1}`
	item := `{"Tag":"t","Value":1}`
	text := strings.Repeat("{", size-1000)
	heavy := []Heavy{
		{"empty objects, let in", push, repeat(`{"Events":[`, "{}", `]}`, size, most)},
		{"empty objects, as many as fit", push, repeat(`{"Events":[`, "{}", `]}`, size, size)},
		{"unknown objects, let in", push, repeat(`{"Events":[`, `{"a":1}`, `]}`, size, most)},
		{"objects of a number, let in", push, repeat(`{"Events":[`, `{"EventType":1}`, `]}`, size, most)},
		{"objects of a null, let in", push, repeat(`{"Events":[`, `{"EventType":null}`, `]}`, size, most)},
		{"receipts of three numbers, let in", receipts, With(receipts, "GroupMsgReceiptList", repeat("[", receipt, "]", size-1000, most))},
		{"receipts of three numbers, as many as fit", receipts, With(receipts, "GroupMsgReceiptList", repeat("[", receipt, "]", size-1000, size))},
		{"items of a scalar, let in", profile, With(profile, "ProfileItem", repeat("[", item, "]", size-1000, most))},
		{"pairs, let in", pairs, With(pairs, "PairList", repeat("[", pair, "]", size-1000, accounts))},
		{"pairs, the last with a name twice", pairs, With(pairs, "PairList", repeat("[", pair, `,{"From_Account":"a","To_Account":"b","To_Account":"b"}]`, size-1000, accounts-1))},
		{"pairs of five, the last with a name twice", pairs, With(pairs, "PairList", repeat("[", `{"From_Account":"a","To_Account":"b","a":1,"b":1,"c":1}`, `,{"From_Account":"a","To_Account":"b","To_Account":"b"}]`, size-1000, accounts-1))},
		{"two lists, a fault in the second", "Group.CallbackBeforeCreateGroup", With("Group.CallbackBeforeCreateGroup", "MemberList", repeat("[", `{"Member_Account":"a","a":1,"b":1,"c":1}`, "]", size-100000, accounts-1),
			"UserDefinedDataList", repeat("[", `{"Key":"k"}`, `,{"Key":"k","Key":"l"}]`, 90000, most-1))},
		{"empty objects, the last with a name twice", push, repeat(`{"Events":[`, "{}", `,{"a":1,"a":1}]}`, size, most-1)},
		{"accounts, not compact", Command, With(Command, "MemberList", repeat("[", `{ "Member_Account":"a"}`, "]", size-1000, accounts))},
		{"accounts with a role, let in", Command, With(Command, "MemberList", repeat("[", `{"Member_Account":"a","Role":"b"}`, "]", size-1000, accounts))},
		{"accounts, as they are sent", Command, With(Command, "MemberList", repeat("[", `{"Member_Account":"a"}`, "]", size-1000, size))},
		{"unknown members, as many as fit", push, `{"Events":[]` + unknownMembers(size-20) + "}"},
		{"unknown members, let in", push, `{"Events":[]` + unknownMembers(10*names) + "}"},
		{"unknown members with long names, let in", push, `{"Events":[],"` + strings.Repeat("a_", size/2-20) + `":1}`},
		{"unknown members in each object, let in", push, repeat(`{"Events":[`, "{"+unknownMembers(7 * names)[1:]+"}", "]}", size, 1100)},
		{"full events, let in", push, repeat(`{"Events":[`, event, "]}", size, most)},
		{"full events, the last with a name twice", push, repeat(`{"Events":[`, event, `,{"a":1,"a":1}]}`, size, most-1)},
		{"full events, in the last a number that is none", push, repeat(`{"Events":[`, event, `,{"EventType":1.5}]}`, size, most-1)},
		{"accounts with a role, the last with a name twice", Command, With(Command, "MemberList", repeat("[", `{"Member_Account":"a","Role":"b"}`, `,{"Role":1,"Role":2}]`, size-1000, accounts-1))},
		{"unknown members, and as many whose names are none", push, `{"Events":[]` + unknownMembers(size/2-20) + strings.ReplaceAll(unknownMembers(size/2-20), `"s`, `"s-`) + "}"},
		{"receipts, in the last a number that is none", receipts, With(receipts, "GroupMsgReceiptList", repeat("[", receipt, `,{"MsgSeq":1.5}]`, size-1000, most-1))},
		{"unknown members in a list, as many as fit", push, `{"Events":[{` + unknownMembers(size - 20)[1:] + "}]}"},
		{"an unknown member again and again", push, `{"Events":[]` + strings.Repeat(`,"a":1`, (size-20)/6) + "}"},
		{"unknown members, the last twice", push, `{"Events":[]` + unknownMembers(10*names) + `,"t":"` + text[:size-20000] + `","u":1,"u":1}`},
		{"nulls in a list", push, repeat(`{"Events":[`, "null", `]}`, size, size)},
		{"empty objects, and null at the end", push, repeat(`{"Events":[`, "{}", `,null]}`, size, most-1)},
		{"strings, let in", topics, With(topics, "TopicIdList", repeat("[", `""`, "]", size-1000, accounts))},
		{"strings, as many as fit", topics, With(topics, "TopicIdList", repeat("[", `""`, "]", size-1000, size))},
		{"nulls for strings", topics, With(topics, "TopicIdList", repeat("[", `""`, ",null]", size-1000, size))},
		{"braces in a message's text", message, With(message, "MsgBody", `[{"MsgType":"TIMTextElem","MsgContent":{"Text":"`+text[:size-2000]+`"}}]`)},
		{"objects in a message", message, With(message, "MsgBody", `[{"MsgType":"x","MsgContent":{"a":`+repeat("[", "{}", "]", size-2000, size)+`}}]`)},
		{"messages, let in", message, With(message, "MsgBody", repeat("[", `{"MsgContent":{"Text":"x"},"MsgType":"y"}`, "]", size-2000, most))},
		{"messages of nested content", message, With(message, "MsgBody", repeat("[", `{"MsgContent":{"a":[[[[[[1]]]]]]},"MsgType":"y"}`, "]", size-2000, most))},
		{"braces in a name", Command, With(Command, "Name", `"`+text[:size-2000]+`"`)},
		{"escapes in a name", Command, With(Command, "Name", `"`+strings.Repeat(`\u0041`, (size-2000)/6)+`"`)},
		{"brackets beneath an unknown member", push, `{"Events":[],"a":` + repeat("[", strings.Repeat("[", 5000)+strings.Repeat("]", 5000), "]", size-2000, size) + "}"},
		{"space", push, `{"Events":[]` + strings.Repeat(" ", size-20) + "}"},
		{"a fault at the end", Command, With(Command, "MemberList", repeat("[", `{"Member_Account":"a","Role":"b"}`, "", size-1000, size))},
		{"a member of another command", "Group.CallbackOfTomorrow", `{"a":1` + unknownMembers(size-20) + "}"},
	}
	return heavy
}

// repeat writes an element as often as fits, and at most so many times, with a comma between.
func repeat(before, element, after string, size, most int) string {
	times := (size - len(before) - len(after)) / (len(element) + 1)
	if times > most {
		times = most
	}
	return before + strings.TrimSuffix(strings.Repeat(element+",", times), ",") + after
}

// unknownMembers are members with names of their own, as many as fit.
func unknownMembers(size int) string {
	text := strings.Builder{}
	for i := 100000; text.Len() < size-20; i++ {
		text.WriteString(`,"s` + strconv.Itoa(i) + `":1`)
	}
	return text.String()
}
