package e2e

import "testing"

// Every field is there and of its type, as the vendor's table has it.
func TestSchema(t *testing.T) {
	g := start(t, "dynamic.yml")
	const (
		command  = `"CallbackCommand":"Group.CallbackAfterCreateGroup"`
		time     = `"EventTime":1670574414123`
		group    = `"GroupId":"@TGS#2J4SZEAEL"`
		members  = `"MemberList":[{"Member_Account":"leckie"},{"Member_Account":"bob"}]`
		name     = `"Name":"MyFirstGroup"`
		operator = `"Operator_Account":"leckie"`
		owner    = `"Owner_Account":"leckie"`
		kind     = `"Type":"Public"`
		fields   = `"UserDefinedDataList":[{"Key":"UserDefined1","Value":"hello"}]`
	)
	var rows []row
	for _, b := range []struct {
		name, body string
		code       int
	}{
		{"no Owner_Account", without(owner), 0},
		{"Owner_Account null", with(owner, `"Owner_Account":null`), 0},
		{"Owner_Account empty", with(owner, `"Owner_Account":""`), 0},
		{"no MemberList", without(members), 0},
		{"MemberList null", with(members, `"MemberList":null`), 0},
		{"MemberList empty", with(members, `"MemberList":[]`), 0},
		{"no UserDefinedDataList", with(","+fields, ""), 0},
		{"UserDefinedDataList null", with(fields, `"UserDefinedDataList":null`), 0},
		{"no EventTime", without(time), 0},
		{"EventTime null", with(time, `"EventTime":null`), 0},
		{"EventTime 0", with(time, `"EventTime":0`), 0},
		{"EventTime as a string", with(time, `"EventTime":"1670574414123"`), 0},
		{"EventTime of the longest", with(time, `"EventTime":9223372036854775807`), 0},
		{"Name empty", with(name, `"Name":""`), 0},
		{"Type unheard of", with(kind, `"Type":"Live"`), 0},

		{"no CallbackCommand", without(command), 40011},
		{"no GroupId", without(group), 40011},
		{"no Operator_Account", without(operator), 40011},
		{"no Type", without(kind), 40011},
		{"no Name", without(name), 40011},
		{"CallbackCommand null", with(command, `"CallbackCommand":null`), 40011},
		{"GroupId null", with(group, `"GroupId":null`), 40011},
		{"Operator_Account null", with(operator, `"Operator_Account":null`), 40011},
		{"Type null", with(kind, `"Type":null`), 40011},
		{"Name null", with(name, `"Name":null`), 40011},

		{"GroupId empty", with(group, `"GroupId":""`), 40012},
		{"Operator_Account empty", with(operator, `"Operator_Account":""`), 40012},
		{"Type empty", with(kind, `"Type":""`), 40012},
		{"GroupId a number", with(group, `"GroupId":7`), 40012},
		{"GroupId an object", with(group, `"GroupId":{}`), 40012},
		{"GroupId an array", with(group, `"GroupId":["@TGS#1"]`), 40012},
		{"GroupId true", with(group, `"GroupId":true`), 40012},
		{"Operator_Account a number", with(operator, `"Operator_Account":7`), 40012},
		{"Type a number", with(kind, `"Type":1`), 40012},
		{"Name a number", with(name, `"Name":1`), 40012},
		{"Owner_Account a number", with(owner, `"Owner_Account":1`), 40012},
		{"CallbackCommand a number", with(command, `"CallbackCommand":1`), 40012},
		{"EventTime negative", with(time, `"EventTime":-1`), 40012},
		{"EventTime too large", with(time, `"EventTime":9223372036854775808`), 40012},
		{"EventTime a fraction", with(time, `"EventTime":1.5`), 40012},
		{"EventTime with an exponent", with(time, `"EventTime":1e3`), 40012},
		{"EventTime true", with(time, `"EventTime":true`), 40012},
		{"EventTime an empty string", with(time, `"EventTime":""`), 40012},
		{"EventTime a string with a sign", with(time, `"EventTime":"+1"`), 40012},
		{"EventTime a string with a space", with(time, `"EventTime":" 1"`), 40012},
		{"EventTime a string too large", with(time, `"EventTime":"9223372036854775808"`), 40012},
		{"EventTime a word", with(time, `"EventTime":"now"`), 40012},
		{"MemberList an object", with(members, `"MemberList":{}`), 40012},
		{"MemberList a string", with(members, `"MemberList":"bob"`), 40012},
		{"MemberList of strings", with(members, `"MemberList":["bob"]`), 40012},
		{"MemberList of null", with(members, `"MemberList":[null]`), 40012},
		{"a member without an account", with(members, `"MemberList":[{"Member_Account":"bob"},{}]`), 40011},
		{"a member with a number", with(members, `"MemberList":[{"Member_Account":"bob"},{"Member_Account":2}]`), 40012},
		{"UserDefinedDataList an object", with(fields, `"UserDefinedDataList":{}`), 40012},
		{"UserDefinedDataList with a number", with(`"hello"`, `7`), 40012},
		{"a custom field without a key", with(`"Key":"UserDefined1",`, ""), 40011},

		{"another command than the URL's", with("AfterCreateGroup", "AfterGroupDestroyed"), 40010},
		{"the command in another case", with("Group.Callback", "group.callback"), 40010},
		{"the command and a space", with("AfterCreateGroup", "AfterCreateGroup "), 40010},
	} {
		expected := row{name: b.name, request: callback("", b.body), code: b.code}
		if b.code == 0 {
			expected.gates = checked
		}
		rows = append(rows, expected)
	}
	g.hold(t, rows)
}
