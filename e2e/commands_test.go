package e2e

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/internal/samples"
)

// sourced is a gate's option headers with one for each source there is.
var sourced = samples.Headers(protocol.Sources())

// startForAll runs a gate for all commands, with a header for each source.
func startForAll(t *testing.T) *gateway {
	t.Helper()
	headers, err := json.Marshal(sourced) // JSON is YAML, too
	require.NoError(t, err)
	return start(t, "dynamic.yml", "commands: ["+strconv.Quote(samples.Checked)+"]", "headers: "+string(headers))
}

// passes sends a genuine callback and looks at all that arrives of it.
func (g *gateway) passes(t *testing.T, c *samples.Callback) {
	t.Helper()
	g.passesAs(t, c, post(c.Target(), "Content-Type: text/plain\nX-Source-0: forged\nX_Source_1: forged\n", c.Body))
}

func (g *gateway) passesAs(t *testing.T, c *samples.Callback, request string) {
	t.Helper()
	reply := g.send(t, request)
	arrived := g.take()
	require.Equal(t, 200, reply.status, "%s %.300q: %s", c.Command, c.Body, reply.body)
	assert.Equal(t, okReply, reply.body, c.Command)
	require.Len(t, arrived, 1, c.Command)
	assert.Equal(t, hash(c.Body), hash(arrived[0].body), "%s: the body's bytes", c.Command)
	assert.Equal(t, "POST "+c.Target()+" HTTP/1.1", arrived[0].line)
	assert.Equal(t, []string{checkedType}, arrived[0].values("Content-Type"), c.Command)
	assert.Empty(t, samples.Fault(c, sourced, parsed(arrived[0])), c.Command)
}

func parsed(request seen) http.Header {
	header := http.Header{}
	for _, line := range request.header {
		name, value, _ := strings.Cut(line, ":")
		header.Add(name, strings.TrimSpace(value))
	}
	return header
}

// Every command that the gate knows passes with the headers that fit it, and is refused under the
// name of another, and without a field that it needs.
func TestEveryCommand(t *testing.T) {
	g := startForAll(t)
	commands := samples.Commands()
	require.NotEmpty(t, commands)
	for i, command := range commands {
		t.Run(command, func(t *testing.T) {
			g.passes(t, samples.Of(command, samples.Body(command)))

			// Under another command: the body says which it is, or lacks what the other needs.
			target := samples.Target(command)
			other := commands[(i+1)%len(commands)]
			g.send(t, post(target, "", samples.With(command, "CallbackCommand", strconv.Quote(other)))).isRefusal(t, 40010)
			g.send(t, post(target, "", samples.With(command, "CallbackCommand", strconv.Quote(strings.ToLower(command))))).isRefusal(t, 40010)
			assert.Equal(t, 403, g.send(t, post(samples.Target(command+"s"), "", samples.Body(command))).status, "a command that nobody knows")
			assert.Equal(t, 400, g.send(t, post(samples.Target(other), "", samples.Body(command))).status, "as "+other)

			for _, needed := range samples.Needed(command) {
				g.send(t, post(target, "", samples.With(command, needed, "", "New", "1"))).isRefusal(t, 40011)
				g.send(t, post(target, "", samples.With(command, needed, "null"))).isRefusal(t, 40011)
				g.send(t, post(target, "", samples.With(command, needed, "true"))).isRefusal(t, 40012)
				g.send(t, post(target, "", samples.With(command, needed+"_", "1"))).isRefusal(t, 40008)
				twice := `{"` + needed + `":null,` + strings.TrimPrefix(samples.Body(command), "{")
				g.send(t, post(target, "", twice)).isRefusal(t, 40007)
			}
			assert.Empty(t, g.take(), "what is refused reaches nobody")
		})
	}
}

// A family in commands lets in that family.
func TestAFamilyOfCommands(t *testing.T) {
	g := start(t, "dynamic.yml", `commands: ["Sns.*", "Group.CallbackAfterGroupFull"]`)
	for _, command := range samples.Commands() {
		reply := g.send(t, post(samples.Target(command), "", samples.Body(command)))
		if strings.HasPrefix(command, "Sns.") || command == "Group.CallbackAfterGroupFull" {
			assert.Equal(t, 200, reply.status, command)
			assert.Len(t, g.take(), 1, command)
			continue
		}
		assert.NotEmpty(t, reply.isRefusal(t, 40303), command)
		assert.Empty(t, g.take(), command)
	}
}

// From the second of its kind on, a callback may take the fast path. The headers are its own all
// the same, and what is wrong is refused.
func TestTheFastPathChangesNothing(t *testing.T) {
	g := startForAll(t)
	for _, command := range samples.Commands() {
		t.Run(command, func(t *testing.T) {
			for n := range 5 {
				g.passes(t, samples.Of(command, varied(samples.Body(command), n)))
			}
			body, target := varied(samples.Body(command), 1), samples.Target(command)
			last := strings.TrimSuffix(body, "}")
			g.send(t, post(target, "", last+`,"New":1,"New":2}`)).isRefusal(t, 40007)
			g.send(t, post(target, "", last+`,"Callback_Command":"x"}`)).isRefusal(t, 40008)
			g.send(t, post(target, "", last)).isRefusal(t, 40006)
			g.send(t, post(target, "", body+"}")).isRefusal(t, 40006)
			if spoilt := strings.Replace(body, `b"`, "\xff\"", 1); spoilt != body {
				g.send(t, post(target, "", spoilt)).isRefusal(t, 40005)
			}
			if before, after, listed := strings.Cut(body, `[{"`); listed {
				name, _, _ := strings.Cut(after, `"`)
				g.send(t, post(target, "", before+`[{"`+name+`":null,"`+after)).isRefusal(t, 40007)
				g.send(t, post(target, "", before+`[{"`+strings.ToUpper(name)+`_":null,"`+after)).isRefusal(t, 40008)
			}
			for _, needed := range samples.Needed(command) {
				if name := `"` + needed + `":"`; strings.Contains(body, name) && strings.HasSuffix(needed, "_Account") {
					g.send(t, post(target, "", strings.Replace(body, name, name+`\u0000`, 1))).isRefusal(t, 40013)
					g.send(t, post(target, "", strings.Replace(body, name, name+`\ud800`, 1))).isRefusal(t, 40013)
				}
			}
			assert.Empty(t, g.take(), "what is refused reaches nobody")
			g.passes(t, samples.Of(command, varied(samples.Body(command), 6)))
		})
	}
}

var (
	textMember   = regexp.MustCompile(`("[A-Za-z_]+":")((?:[^"\\]|\\.)*)"`)
	numberMember = regexp.MustCompile(`("[A-Za-z_]+":)([1-9][0-9]*)([,}])`)
)

// varied is a body with another value in each member but CallbackCommand: all are of the same form.
func varied(body string, n int) string {
	suffix := []string{"", "b", ` 100% \"b`, "组🏔b", `\u7fa4\ud83c\udfd4\/\\b`, strings.Repeat("b", 100), "%62b"}[n]
	body = textMember.ReplaceAllStringFunc(body, func(member string) string {
		if strings.HasPrefix(member, `"CallbackCommand":`) {
			return member
		}
		return strings.TrimSuffix(member, `"`) + suffix + `"`
	})
	return numberMember.ReplaceAllString(body, "${1}${2}"+strconv.Itoa(n)+"${3}")
}

// What the vendor would write passes, whatever the app's users write, on its first way through the
// gate and when its form is known.
func TestAGenuineCallbackAlwaysPasses(t *testing.T) {
	g := startForAll(t)
	for name, c := range nasty() {
		t.Run(name, func(t *testing.T) {
			g.passes(t, c)
			g.passes(t, c)
			g.passesAs(t, c, chunked("POST", c.Target(), "", c.Body, ""))
		})
	}
	t.Run("generated", func(t *testing.T) {
		for _, command := range samples.Commands() {
			for seed := range uint64(4) {
				g.passes(t, samples.Generate(seed, command))
			}
		}
	})
}

// nasty is callbacks that look dangerous, and are not.
func nasty() map[string]*samples.Callback {
	const (
		c2c       = "C2C.CallbackBeforeSendMsg"
		group     = "Group.CallbackBeforeSendMsg"
		receipt   = "Group.CallbackAfterReadReceipt"
		destroyed = "Group.CallbackAfterGroupDestroyed"
		attribute = "Group.CallbackAfterGroupAttrChanged"
		creating  = "Group.CallbackBeforeCreateGroup"
		history   = "Group.CallbackAfterSendMsg"
		pairs     = "Sns.CallbackFriendDelete"
		push      = "Push.AllMemberPush"
	)
	const long = 12 << 10 // bytes of a message
	braces := strings.Repeat("{", long)
	text := func(s string) string {
		return `[{"MsgContent":{"Text":` + samples.Quote(s) + `},"MsgType":"TIMTextElem"}]`
	}
	custom := func(s string) string {
		return `[{"MsgContent":{"Data":` + samples.Quote(s) + `,"Desc":""},"MsgType":"TIMCustomElem"}]`
	}
	wrapped := `{"GroupId":"other","CallbackCommand":"Group.CallbackAfterGroupFull","a":[{},{"b":null}]}`
	for len(wrapped) < long/3 {
		wrapped = `{"GroupId":"other","groupid":` + samples.Quote(wrapped) + `}`
	}
	of := func(command string, pairs ...string) *samples.Callback {
		return samples.Of(command, samples.With(command, pairs...))
	}
	readers := `"ReadReceiptMembers":[` + listed(100, func(i int) string { return `{"Member_Account":"{\"reader\":` + strconv.Itoa(i) + `}"}` }) + `]`
	everything := `{[}]\"':,/%41&=+;?#` + "\u2028\u2029\ufffd\ufeff王🏔"
	return map[string]*samples.Callback{
		"braces in a group's text":       of(group, "MsgBody", text(braces)),
		"braces in a text to somebody":   of(c2c, "MsgBody", text(braces)),
		"pairs of braces":                of(c2c, "MsgBody", text(strings.Repeat("{}", long/2))),
		"quoted braces":                  of(group, "MsgBody", text(strings.Repeat(`{"`, long/2))),
		"JSON in JSON":                   of(group, "MsgBody", custom(wrapped), "CloudCustomData", samples.Quote(wrapped)),
		"JSON in JSON to somebody":       of(c2c, "MsgBody", custom(wrapped), "CloudCustomData", samples.Quote(wrapped)),
		"a text of everything":           of(group, "MsgBody", text(everything), "CloudCustomData", samples.Quote(everything)),
		"half of a pair, and null":       of(group, "MsgBody", `[{"MsgContent":{"Text":"\ud83d \u0000"},"MsgType":"TIMTextElem"}]`, "CloudCustomData", `"\udE00"`),
		"a null character in other data": of(group, "CloudCustomData", `"a\u0000b"`),
		"300 messages in one": of(history, "MsgBody", `[{"MsgContent":{"AbstractList":["{"],"CompatibleText":"{","MsgList":[`+listed(300, func(i int) string {
			return `{"From_Account":"u` + strconv.Itoa(i) + `","MsgBody":` + text("{{{") + `,"MsgSeq":` + strconv.Itoa(i) + `}`
		})+`],"MsgNum":300,"Title":"{"},"MsgType":"TIMRelayElem"}]`),
		"30 receipts of 100 readers": of(receipt, "GroupMsgReceiptList", "["+listed(30, func(i int) string {
			return `{"MsgSeq":` + strconv.Itoa(i) + `,"ReadNum":100,` + readers + `,"UnreadNum":1}`
		})+"]"),
		"a destroyed group of 20,000": of(destroyed, "MemberList", "["+listed(20000, func(i int) string {
			return `{"Member_Account":"member-with-a-long-name-` + strconv.Itoa(10000000+i) + `"}`
		})+"]"),
		"a destroyed group of 20,000 with quotes in their names": of(destroyed, "MemberList", "["+listed(20000, func(i int) string {
			return `{"Member_Account":"{\"i\":\"},{\\\"` + strconv.Itoa(10000000+i) + `\"}]"}`
		})+"]", "Operator_Account", `"administrator"`),
		"a destroyed group of 20,000 with a new field": of(destroyed, "MemberList", "["+listed(20000, func(i int) string {
			return `{"Member_Account":"member-` + strconv.Itoa(i) + `","Since":` + strconv.Itoa(i) + `}`
		})+"]"),
		"16 attributes of 4 KB": of(attribute, "GroupAttr", "["+listed(16, func(i int) string {
			return `{"key":"{` + strconv.Itoa(i) + `","value":` + samples.Quote(strings.Repeat(`{"`, 2<<10)) + `}`
		})+"]"),
		"attributes cleared":           of(attribute, "OptionType", `"clear"`, "GroupAttr", ""),
		"attributes cleared, and null": of(attribute, "OptionType", `"clear"`, "GroupAttr", "null"),
		"attributes by number":         of(attribute, "OptionType", "1"),
		"a number of groups":           of(creating, "CreatedGroupNum", "17"),
		"a number of groups, renamed":  of(creating, "CreatedGroupNum", "", "CreateGroupNum", "17"),
		"a name as long as a page":     of(creating, "Name", samples.Quote(strings.Repeat("{王", 500))),
		"6,000 pairs": of(pairs, "PairList", "["+listed(6000, func(i int) string {
			return `{"From_Account":"from-{` + strconv.Itoa(i) + `","Initiator_Account":"from","To_Account":"to-}` + strconv.Itoa(i) + `"}`
		})+"]"),
		"100 push events": of(push, "Events", "["+listed(100, func(i int) string {
			return `{"CallbackCommand":"Push.AllMemberPush","EventType":1,"TaskId":"{","EventTime":1767225603,"To_Account":"u` + strconv.Itoa(i) + `","PushStage":1,"ErrInfo":"{\"}"}`
		})+"]"),
	}
}

// listed is so many elements with commas between.
func listed(count int, element func(i int) string) string {
	elements := make([]string, count)
	for i := range elements {
		elements[i] = element(i)
	}
	return strings.Join(elements, ",")
}

// What becomes of commands that are not in commands: of those that the gate could check, too.
func TestOtherCommands(t *testing.T) {
	const (
		foreign = `{"CallbackCommand":"Live.CallbackOfTomorrow","GroupId":7,"CloudCustomData":"{\"group_id\":1}"}`
		known   = `{"CallbackCommand":"State.StateChange","Info":"none"}`
		form    = "Content-Type: application/x-www-form-urlencoded; charset=gbk\nX-Chat-Group-Id: forged\nX_Chat_Operator: forged\n"
	)
	live, state := samples.Target("Live.CallbackOfTomorrow"), samples.Target("State.StateChange")
	refused := []row{
		{name: "checked as ever", request: callback(form, body), gates: checked},
		{name: "another app", request: post(strings.Replace(live, samples.App, "1500000000", 1), form, foreign), code: 40302},
		{name: "not JSON", request: post(live, form, "not JSON"), code: 40006},
		{name: "a name twice", request: post(live, form, `{"a":1,"a":2}`), code: 40007},
		{name: "a name that is none", request: post(live, form, `{"a-b":1}`), code: 40008},
		{name: "another command in the body", request: post(live, form, known), code: 40010},
		{name: "empty", request: post(live, form, "{}"), console: true},
	}
	t.Run("forward", func(t *testing.T) {
		g := start(t, "dynamic.yml", "otherCommands: forward")
		for range 2 { // the fast path knows the second
			g.hold(t, append(refused,
				row{name: "one that nobody knows", request: post(live, form, foreign)},
				row{name: "without a Content-Type", request: post(live, "", foreign)},
				row{name: "one that the gate could check", request: post(state, form, known)},
				row{name: "in chunks", request: chunked("POST", live, form, foreign, "X-Chat-Group-Id: forged\n")},
			))
		}
	})
	t.Run("acknowledge", func(t *testing.T) {
		g := start(t, "dynamic.yml", "otherCommands: acknowledge")
		g.hold(t, append(refused,
			row{name: "one that nobody knows", request: post(live, form, foreign), console: true}, // answered, at any rate
			row{name: "one that the gate could check", request: post(state, form, known), console: true},
		))
	})
}
