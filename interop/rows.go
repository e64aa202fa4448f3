package main

import "strings"

// row is a request that once got through the gate, and was read by somebody as something else.
type row struct {
	kind string // a line of the table that these rows began as
	name string
	*request
}

const (
	fullCommand = "Group.CallbackAfterGroupFull"
	sendCommand = "Group.CallbackAfterSendMsg"
)

// full is the shortest callback that names a group.
func full(members ...member) *request {
	return &request{
		command: fullCommand,
		query:   []string{"SdkAppid=" + app, "CallbackCommand=" + fullCommand},
		members: append([]member{{`"CallbackCommand"`, `"` + fullCommand + `"`}, {`"GroupId"`, `"good"`}}, members...),
	}
}

// front puts the members of full behind others.
func front(members ...member) *request {
	q := full()
	q.members = append(members, q.members...)
	return q
}

func created(members ...member) *request {
	const command = "Group.CallbackAfterCreateGroup"
	return &request{
		command: command,
		query:   []string{"SdkAppid=" + app, "CallbackCommand=" + command},
		members: append([]member{
			{`"CallbackCommand"`, `"` + command + `"`}, {`"GroupId"`, `"good"`}, {`"Operator_Account"`, `"good"`},
			{`"Type"`, `"Public"`}, {`"Name"`, `"good"`},
		}, members...),
	}
}

func typed(q *request, types ...string) *request {
	q.types = types
	return q
}

func asked(q *request, before []string, after ...string) *request {
	q.query = append(append(append([]string(nil), before...), q.query...), after...)
	return q
}

func valued(q *request, field, value string) *request {
	q.members[q.at(field)].value = value
	return q
}

func rows() []row {
	evil := `"evil"`
	var found []row
	add := func(kind, name string, q *request) { found = append(found, row{kind, name, q}) }
	for _, name := range []string{"Group_Id", "group-id", "group_id", "GroupId_", "_GroupId", "Group Id", "GroupId ", "G_r_o_u_p_I_d"} {
		add("name: fold", name+" first", front(member{`"` + name + `"`, evil}))
		add("name: fold", name+" last", full(member{`"` + name + `"`, evil}))
	}
	add("name: fold", "OperatorAccount first", func() *request {
		q := created()
		q.put(0, member{`"OperatorAccount"`, evil})
		return q
	}())
	add("name: fold", "operator-account last", created(member{`"operator-account"`, evil}))
	for _, name := range []string{`GroupId\u0000x`, `GroupId\u0000`, `\u0000GroupId`} {
		add("name: NUL", name+" first", front(member{`"` + name + `"`, evil}))
		add("name: NUL", name+" last", full(member{`"` + name + `"`, evil}))
	}
	for _, name := range []string{`GroupId\u0030`, `\u0030GroupId`, "GroupId\x7f", "\x7fGroupId", `GroupId\u007f`, "Group\x7fId"} {
		add("name: zero, DEL", visible(name)+" first", front(member{`"` + name + `"`, evil}))
		add("name: zero, DEL", visible(name)+" last", full(member{`"` + name + `"`, evil}))
	}
	add("value: NUL", `go\u0000od`, valued(full(), "GroupId", `"go\u0000od"`))
	add("value: NUL", `go\u0000od in an account`, valued(created(), "Operator_Account", `"go\u0000od"`))
	for _, charset := range []string{"utf-7", "utf7", "UTF-7-IMAP", "utf-7-imap"} {
		add("type: charset", charset, typed(full(member{`"Gro+AHU-pId"`, evil}), "application/json; charset="+charset))
		add("type: charset", charset+" &", typed(full(member{`"Gro&AHU-pId"`, evil}), "application/json; charset="+charset))
	}
	for _, charset := range []string{"unicode_escape", "raw_unicode_escape"} {
		add("type: charset", charset, typed(full(member{`"Gro\\u0075pId"`, evil}), "application/json; charset="+charset))
		add("type: charset", charset+", one", typed(full(member{`"x"`, `"\\u0022,\\u0022GroupId\\u0022:\\u0022evil"`}), "application/json; charset="+charset))
	}
	for _, kind := range []string{"application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-8"} {
		add("type: form", kind, typed(full(member{`"x"`, `"&GroupId=evil&y="`}), kind))
		add("type: form", kind+", SdkAppid", typed(full(member{`"x"`, `"&SdkAppid=666&y="`}), kind))
	}
	multipart := `"\r\n--b\r\nContent-Disposition: form-data; name=\"GroupId\"\r\n\r\nevil\r\n--b--\r\n"`
	add("type: multipart", "escaped line breaks", typed(full(member{`"x"`, multipart}), "multipart/form-data; boundary=b"))
	parts := typed(full(), "multipart/form-data; boundary=b")
	parts.after = "\r\n"
	add("type: multipart", "no part", parts)
	for _, charset := range []string{"gbk", "shift_jis", "iso-8859-1", "utf-16", "utf-16le", "ebcdic-cp-us", "cp037", "big5"} {
		q := typed(valued(full(), "GroupId", `"组"`), "application/json; charset="+charset)
		add("type: legacy", charset, q)
	}
	for _, name := range []string{"[SdkAppid]", "]SdkAppid", "[[SdkAppid", "[][SdkAppid", "[]SdkAppid", "[SdkAppid", "%5BSdkAppid%5D", "SdkAppid]", "[x]SdkAppid"} {
		add("query: brackets", name+" last", asked(full(), nil, name+"=666"))
		add("query: brackets", name+" first", asked(full(), []string{name + "=666"}))
	}
	for _, piece := range []string{"?SdkAppid=666", "%3FSdkAppid=666", "??SdkAppid=666", "#SdkAppid=666", "%23SdkAppid=666", "#"} {
		add("query: ? #", piece+" first", asked(full(), []string{piece}))
	}
	for _, count := range []int{100, 101, 300, 1000, 1001} {
		many := strings.Split(strings.Repeat("a=&", count-1)+"a=", "&")
		add("query: many", strings.TrimSpace(itoa(count)+" in front"), asked(full(), many))
	}
	for _, number := range []string{"9007199254740993", "9223372036854775807", "1670574414123456789"} {
		add("number", number, full(member{`"EventTime"`, number}))
	}
	return found
}
