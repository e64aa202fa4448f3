package chatgate

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/internal/header"
	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/internal/samples"
)

// A created group's callback as it is sent, and its parts.
const (
	app     = "SdkAppid=" + samples.App
	command = "CallbackCommand=" + samples.Command
	query   = samples.Query
	body    = samples.CreatedGroup
)

// What the gate sets by default for that callback, as lines; and what it could set.
const (
	ours = "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"
	all  = "X-App: 1400000000\nX-Client: 203.0.113.7\nX-Command: Group.CallbackAfterCreateGroup\nX-Group: @TGS#2J4SZEAEL\n" +
		"X-Name: MyFirstGroup\nX-Operator: group_root\nX-Owner: leckie\nX-Platform: RESTAPI\nX-Time: 1670574414123\nX-Type: Public\n"
)

// with is the callback, changed in one place.
func with(old, replacement string) string { return samples.Replace(body, old, replacement) }

// post is a request as it stands on the wire; its headers are lines.
func post(target, headers, body string) string {
	return "POST " + target + " HTTP/1.1\r\nHost: gate.example\r\n" + headers + "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

// chunked is the same without a length, with trailers.
func chunked(target, headers, body, trailers string) string {
	return "POST " + target + " HTTP/1.1\r\nHost: gate.example\r\n" + headers + "Transfer-Encoding: chunked\r\n\r\n" +
		fmt.Sprintf("%x\r\n%s\r\n0\r\n%s\r\n", len(body), body, trailers)
}

// A backend keeps what reaches it.
type backend struct {
	requests int
	got      *http.Request
	body     string
	trailer  http.Header
	answer   func(w http.ResponseWriter)
}

func (b *backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	read, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	b.requests++
	b.got, b.body, b.trailer = r, string(read), r.Trailer
	if b.answer != nil {
		b.answer(w)
	}
}

// options changes a configuration.
type options func(c *Config)

func newGate(t *testing.T, b http.Handler, change options) http.Handler {
	t.Helper()
	config := CreateConfig()
	config.SdkAppID = []string{"1400000000"}
	config.Path = "/callback"
	if change != nil {
		change(config)
	}
	handler, err := New(context.Background(), b, config, "gate@test")
	require.NoError(t, err)
	return handler
}

// serve sends a request as text.
func serve(t *testing.T, handler http.Handler, text string) *httptest.ResponseRecorder {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
	require.NoError(t, err, text)
	r.RemoteAddr = "192.0.2.1:4711"
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

// logged returns what was logged during f.
func logged(f func()) string {
	var lines bytes.Buffer
	log.SetOutput(&lines)
	defer log.SetOutput(os.Stderr)
	f()
	return lines.String()
}

const (
	group    = "X-Chat-Group-Id"
	operator = "X-Chat-Operator"
)

// who is who acts in a command's sample.
func who(command string) string { return header.Encode(samples.Sample(command).Values["Operator"]) }

// What passes, and what the backend then sees.
func TestForwarded(t *testing.T) {
	everything := func(c *Config) {
		c.Headers = map[string]string{"X-Name": "Name", "X-Owner": "Owner_Account", "X-Type": "Type", "X-Time": "EventTime", "X-Command": "CallbackCommand",
			"X-App": "SdkAppid", "X-Client": "ClientIP", "X-Platform": "OptPlatform", "X-Group": "GroupId", "X-Operator": "Operator_Account"}
	}
	rows := []struct {
		name    string
		options options
		request string
		headers string // what the backend sees of those that start with X-, as lines
	}{
		{
			name:    "the vendor's form",
			request: post("/callback?"+query, "", body),
			headers: ours,
		},
		{
			name:    "chunked",
			request: chunked("/callback?"+query, "", body, ""),
			headers: ours,
		},
		{
			name:    "an unknown member",
			request: post("/callback?"+query, "", with(`"Name"`, `"NewInMay":"x","Name"`)),
			headers: ours,
		},
		{
			name:    "an unknown member that is an object",
			request: post("/callback?"+query, "", with(`"Name"`, `"NewInMay":{"a":[1]},"Name"`)),
			headers: ours,
		},
		{
			name:    "two unknown members",
			request: post("/callback?"+query, "", with(`"Name"`, `"NewInMay":1.5,"NewInJune":null,"Name"`)),
			headers: ours,
		},
		{
			name:    "escapes in a name",
			request: post("/callback?"+query, "", with(`MyFirst`, `My\"\u4e00\n`)),
			headers: ours,
		},
		{
			name:    "escapes in a header's field",
			request: post("/callback?"+query, "", with(`group_root`, `gr\u006fup\/\u4e00`)),
			headers: "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group/%E4%B8%80\n",
		},
		{
			name:    "a surrogate pair",
			request: post("/callback?"+query, "", with(`group_root`, `\ud83d\ude00`)),
			headers: "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: %F0%9F%98%80\n",
		},
		{
			name:    "space around everything",
			request: post("/callback?"+query, "", " \n"+strings.NewReplacer(`,`, " ,\t", `:`, " : ", `{`, "{ ").Replace(body)+"\r\n"),
			headers: ours,
		},
		{
			name:    "members in another order",
			request: post("/callback?"+query, "", `{"Type":"Public",`+strings.TrimPrefix(with(`,"Type":"Public"`, ``), "{")),
			headers: ours,
		},
		{
			name:    "space and Chinese in an ID",
			request: post("/callback?"+query, "", with(`@TGS#2J4SZEAEL`, `a b,%41群`)),
			headers: "X-Chat-Group-Id: a%20b,%2541%E7%BE%A4\nX-Chat-Operator: group_root\n",
		},
		{
			name:    "a line break in a name",
			options: func(c *Config) { c.Headers = map[string]string{"X-Name": "Name"} },
			request: post("/callback?"+query, "", with(`MyFirstGroup`, `a\r\nX-Admin: 1`)),
			headers: "X-Name: a%0D%0AX-Admin:%201\n",
		},
		{
			name:    "a null character in custom data",
			request: post("/callback?"+query, "", with(`"Type"`, `"UserDefinedDataList":[{"Key":"k","Value":"\u0000"}],"Type"`)),
			headers: ours,
		},
		{
			name:    "null for what is optional",
			request: post("/callback?"+query, "", with(`"leckie"`, `null`)),
			headers: ours,
		},
		{
			name:    "no Content-Type is asked for, any is let in",
			request: post("/callback?"+query, "Content-Type: text/plain\r\n", body),
			headers: ours,
		},
		{
			name:    "Content-Encoding identity",
			request: post("/callback?"+query, "Content-Encoding: Identity\r\n", body),
			headers: ours,
		},
		{
			name:    "contenttype in capitals",
			request: post("/callback?"+strings.Replace(query, "json", "JSON", 1), "", body),
			headers: ours,
		},
		{
			name:    "no optional parameters",
			request: post("/callback?"+app+"&"+command, "", body),
			headers: ours,
		},
		{
			name:    "a parameter of the operator's own",
			request: post("/callback?tenant=7&"+query, "", body),
			headers: ours,
		},
		{
			name:    "another of several apps",
			options: func(c *Config) { c.SdkAppID = []string{"1", " 1400000000"} },
			request: post("/callback?"+query, "", body),
			headers: ours,
		},
		{
			name:    "any path, where none is set",
			options: func(c *Config) { c.Path = "" },
			request: post("/a/b?"+query, "", body),
			headers: ours,
		},
		{
			name:    "as long as it may be",
			options: func(c *Config) { c.MaxBodyBytes = int64(len(body)) },
			request: post("/callback?"+query, "", body),
			headers: ours,
		},
		{
			name:    "as long as it may be, chunked",
			options: func(c *Config) { c.MaxBodyBytes = int64(len(body)) },
			request: chunked("/callback?"+query, "", body, ""),
			headers: ours,
		},
		{
			name:    "every header",
			options: everything,
			request: post("/callback?"+query, "", body),
			headers: all,
		},
		{
			name:    "every header, looked at closely",
			options: everything,
			request: post("/callback?z&"+query, "", body),
			headers: all,
		},
		{
			name:    "no header for what is not there",
			options: everything,
			request: post("/callback?"+app+"&"+command, "", `{"CallbackCommand":"Group.CallbackAfterCreateGroup","GroupId":"g","Name":"","Operator_Account":"o","Type":"Live"}`),
			headers: "X-App: 1400000000\nX-Command: Group.CallbackAfterCreateGroup\nX-Group: g\nX-Name: \nX-Operator: o\nX-Type: Live\n",
		},
		{
			name:    "EventTime as a string",
			options: func(c *Config) { c.Headers = map[string]string{"x-time": "EventTime"} },
			request: post("/callback?"+query, "", with("1670574414123", `"1670574414123"`)),
			headers: "X-Time: 1670574414123\n",
		},

		{
			name:    "a header of ours from outside",
			request: post("/callback?"+query, "X-Chat-Group-Id: forged\r\nx-chat-operator: forged\r\n", body),
			headers: ours,
		},
		{
			name:    "aliases of ours",
			request: post("/callback?"+query, "X_Chat_Group_Id: forged\r\nX.Chat.Group.Id: forged\r\nx-CHAT_operator: forged\r\nX!Chat~Operator: forged\r\nX-Chat-Group-Ids: mine\r\n", body),
			headers: "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Group-Ids: mine\nX-Chat-Operator: group_root\n",
		},
		{
			name:    "aliases of ours, beside a header that is not common",
			request: post("/callback?"+query, "Unheard-Of: 1\r\nX_Chat_Group_Id: forged\r\nX-Chat.Operator: forged\r\n", body),
			headers: ours,
		},
		{
			name:    "an alias of ours that is common as such",
			options: func(c *Config) { c.Headers = map[string]string{"X-Request-Id": "GroupId"} },
			request: post("/callback?"+query, "X-Request_Id: forged\r\nX-Request-Id: forged\r\n", body),
			headers: "X-Request-Id: @TGS#2J4SZEAEL\n",
		},
		{
			name:    "ours named in Connection",
			request: post("/callback?"+query, "Connection: X-Chat-Group-Id, close\r\n", body),
			headers: ours,
		},
		{
			name:    "ours as trailers",
			request: chunked("/callback?"+query, "Trailer: X-Chat-Group-Id\r\n", body, "X-Chat-Group-Id: forged\r\n"),
			headers: ours,
		},

		// whatever the Content-Type, the body is what it was checked as
		{
			name:    "Content-Type application/json",
			request: post("/callback?"+query, "Content-Type: application/json\r\n", with("MyFirstGroup", "&GroupId=evil&y=")),
			headers: ours,
		},
		{
			name:    "Content-Type application/json; charset=utf-7",
			request: post("/callback?"+query, "Content-Type: application/json; charset=utf-7\r\n", with("MyFirstGroup", "&GroupId=evil&y=")),
			headers: ours,
		},
		{
			name:    "Content-Type application/json; charset=unicode_escape",
			request: post("/callback?"+query, "Content-Type: application/json; charset=unicode_escape\r\n", with("MyFirstGroup", "&GroupId=evil&y=")),
			headers: ours,
		},
		{
			name:    "Content-Type application/json; charset=gbk",
			request: post("/callback?"+query, "Content-Type: application/json; charset=gbk\r\n", with("MyFirstGroup", "&GroupId=evil&y=")),
			headers: ours,
		},
		{
			name:    "Content-Type application/x-www-form-urlencoded",
			request: post("/callback?"+query, "Content-Type: application/x-www-form-urlencoded\r\n", with("MyFirstGroup", "&GroupId=evil&y=")),
			headers: ours,
		},
		{
			name:    "Content-Type multipart/form-data; boundary=x",
			request: post("/callback?"+query, "Content-Type: multipart/form-data; boundary=x\r\n", with("MyFirstGroup", "&GroupId=evil&y=")),
			headers: ours,
		},
		{
			name:    "two Content-Types",
			request: post("/callback?"+query, "Content-Type: text/plain\r\nContent-Type: text/xml\r\n", body),
			headers: ours,
		},

		// what users write, and what the vendor documents
		{
			name:    "a text of braces",
			options: headersOf("C2C.CallbackBeforeSendMsg", map[string]string{"X-Who": "Operator"}),
			request: post(samples.Target("C2C.CallbackBeforeSendMsg"), "", samples.With("C2C.CallbackBeforeSendMsg", "MsgBody", `[{"MsgType":"TIMTextElem","MsgContent":{"Text":"`+strings.Repeat("{", 12000)+`"}}]`)),
			headers: "X-Who: " + who("C2C.CallbackBeforeSendMsg") + "\n",
		},
		{
			name:    "CreateGroupNum as a number",
			options: headersOf("Group.CallbackBeforeCreateGroup", map[string]string{"X-Who": "Operator"}),
			request: post(samples.Target("Group.CallbackBeforeCreateGroup"), "", samples.With("Group.CallbackBeforeCreateGroup", "CreateGroupNum", "", "CreatedGroupNum", "", "CreateGroupNum", "17")),
			headers: "X-Who: " + who("Group.CallbackBeforeCreateGroup") + "\n",
		},
		{
			name:    "CreatedGroupNum as a number",
			options: headersOf("Group.CallbackBeforeCreateGroup", map[string]string{"X-Who": "Operator"}),
			request: post(samples.Target("Group.CallbackBeforeCreateGroup"), "", samples.With("Group.CallbackBeforeCreateGroup", "CreateGroupNum", "", "CreatedGroupNum", "", "CreatedGroupNum", "17")),
			headers: "X-Who: " + who("Group.CallbackBeforeCreateGroup") + "\n",
		},
		{
			name:    "attributes that were cleared, GroupAttr missing",
			options: headersOf("Group.CallbackAfterGroupAttrChanged", map[string]string{"X-Who": "Operator"}),
			request: post(samples.Target("Group.CallbackAfterGroupAttrChanged"), "", samples.With("Group.CallbackAfterGroupAttrChanged", "OptionType", `"clear"`, "GroupAttr", "")),
			headers: "X-Who: " + who("Group.CallbackAfterGroupAttrChanged") + "\n",
		},
		{
			name:    "attributes that were cleared, GroupAttr null",
			options: headersOf("Group.CallbackAfterGroupAttrChanged", map[string]string{"X-Who": "Operator"}),
			request: post(samples.Target("Group.CallbackAfterGroupAttrChanged"), "", samples.With("Group.CallbackAfterGroupAttrChanged", "OptionType", `"clear"`, "GroupAttr", "null")),
			headers: "X-Who: " + who("Group.CallbackAfterGroupAttrChanged") + "\n",
		},
		{
			name:    "an empty contenttype",
			request: post("/callback?"+app+"&"+command+"&contenttype=", "", body),
			headers: ours,
		},
		{
			name:    "a group destroyed by an administrator",
			options: headersOf("Group.CallbackAfterGroupDestroyed", map[string]string{"X-Who": "Operator"}),
			request: post(samples.Target("Group.CallbackAfterGroupDestroyed"), "", samples.With("Group.CallbackAfterGroupDestroyed", "Operator_Account", `"administrator"`)),
			headers: "X-Who: administrator\n",
		},
		{
			name:    "a message sent for somebody",
			options: headersOf("Group.CallbackAfterSendMsg", map[string]string{"X-Who": "Operator"}),
			request: post(samples.Target("Group.CallbackAfterSendMsg"), "", samples.With("Group.CallbackAfterSendMsg", "Operator_Account", `"administrator"`, "From_Account", `"ravi"`)),
			headers: "X-Who: administrator\n",
		},
		{
			name:    "fields that came later",
			options: headersOf("Group.CallbackAfterSendMsg", map[string]string{"X-Msg": "MsgId", "X-Flag": "OnlineOnlyFlag", "X-Data": "CloudCustomData", "X-Random": "Random"}),
			request: post(samples.Target("Group.CallbackAfterSendMsg"), "", samples.With("Group.CallbackAfterSendMsg", "MsgId", `"m-1"`, "OnlineOnlyFlag", "1", "CloudCustomData", `"d"`, "Random", "7")),
			headers: "X-Data: d\nX-Flag: 1\nX-Msg: m-1\nX-Random: 7\n",
		},
		{
			name:    "an integer that every double holds",
			options: headersOf("C2C.CallbackAfterSendMsg", map[string]string{"X-Seq": "MsgSeq"}),
			request: post(samples.Target("C2C.CallbackAfterSendMsg"), "", samples.With("C2C.CallbackAfterSendMsg", "MsgSeq", "9007199254740992")),
			headers: "X-Seq: 9007199254740992\n",
		},
		{
			name:    "a name in UTF-7 within a text",
			options: checking(full),
			request: filled(`{B,"x":"Gro+AHU-pId&GroupId=evil&y="}`),
			headers: "X-Chat-Group-Id: good\n",
		},
		{
			name:    "100 parameters",
			request: post("/callback?"+strings.Repeat("a=1&", 95)+query, "", body),
			headers: ours,
		},
	}
	for _, row := range rows {
		row := row
		t.Run(row.name, func(t *testing.T) {
			b := &backend{}
			gate := newGate(t, b, row.options)
			for i := 1; i <= 3; i++ { // the later ones on the fast path, where there is one
				w := serve(t, gate, row.request)
				require.Equal(t, i, b.requests, row.name+": "+w.Body.String())
			}
			sent := row.request[strings.Index(row.request, "\r\n\r\n")+4:]
			if strings.Contains(row.request, "chunked") {
				sent = body
			}
			assert.Equal(t, sent, b.body, row.name)
			assert.Equal(t, int64(len(sent)), b.got.ContentLength, row.name)
			assert.Equal(t, row.headers, ownHeaders(b.got.Header), row.name)
			assert.Equal(t, []string{protocol.ContentType}, b.got.Header["Content-Type"], row.name)
			assert.Empty(t, b.got.Header["Connection"], row.name)
			assert.Empty(t, b.trailer, row.name)
			again, err := b.got.GetBody()
			require.NoError(t, err, row.name)
			read, _ := io.ReadAll(again)
			assert.Equal(t, sent, string(read), row.name+": sent again after a failed attempt")
		})
	}
}

// What a request still has when its body has been read: no trailers, and headers that can be
// changed one by one.
func TestForwardedForGood(t *testing.T) {
	b := &backend{}
	gate := newGate(t, b, nil)
	for i := 1; i <= 3; i++ { // in the exact handler, and on the fast path
		r := httptest.NewRequest("POST", "/callback?"+query, strings.NewReader(body))
		r.Trailer = http.Header{group: {"forged"}}
		gate.ServeHTTP(httptest.NewRecorder(), r)
		require.Equal(t, i, b.requests)
		assert.Empty(t, b.trailer)
		b.got.Header.Add(group, "more")
		assert.Equal(t, []string{"@TGS#2J4SZEAEL", "more"}, b.got.Header[group])
		assert.Equal(t, []string{"group_root"}, b.got.Header[operator])
	}
}

// The same body of two apps is two events.
func TestTwoApps(t *testing.T) {
	b := &backend{}
	gate := newGate(t, b, func(c *Config) {
		c.SdkAppID = []string{"1400000000", "7"}
		c.Headers = map[string]string{"X-Id": "EventId", "X-App": "SdkAppid"}
	})
	for i := 0; i < 3; i++ {
		for _, id := range []string{"1400000000", "7"} {
			serve(t, gate, post("/callback?"+strings.Replace(query, "1400000000", id, 1), "", body))
			assert.Equal(t, "X-App: "+id+"\nX-Id: "+protocol.EventID(id, samples.Command, []byte(body))+"\n", ownHeaders(b.got.Header))
		}
	}
}

// Many requests at a time, of several commands, right ones and wrong ones, each get their own
// verdict, while forms are learned.
func TestAtOnce(t *testing.T) {
	config := CreateConfig()
	config.SdkAppID = []string{"1400000000"}
	config.Commands = []string{"*"}
	config.Token = []string{secret}
	config.Headers = map[string]string{"X-Operator": "Operator", "X-Id": "EventId"}
	next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Saw", r.Header.Get("X-Id")+" "+r.Header.Get("X-Operator"))
	})
	g, err := compile(next, config, "gate@test")
	require.NoError(t, err)
	gate := withFastPath(g, 0)
	commands := protocol.Commands()
	log.SetOutput(io.Discard)
	defer log.SetOutput(os.Stderr)
	var all sync.WaitGroup
	faults := make([]string, 8)
	for i := range faults {
		i := i
		all.Add(1)
		go func() {
			defer all.Done()
			for k := 0; k < 200; k++ {
				command := commands[(i+k)%len(commands)%12]
				text := samples.Body(command)
				at := strconv.FormatInt(time.Now().Unix(), 10)
				sign := protocol.Sign(secret, at)
				expected := protocol.EventID("1400000000", command, []byte(text))
				if k%5 == 0 {
					sign = protocol.Sign("another", at)
					expected = ""
				}
				r := httptest.NewRequest("POST", samples.Target(command)+"&Sign="+sign+"&RequestTime="+at, strings.NewReader(text))
				w := httptest.NewRecorder()
				gate.ServeHTTP(w, r)
				if saw, _, _ := strings.Cut(w.Header().Get("X-Saw"), " "); saw != expected {
					faults[i] = command + ": " + saw + " instead of " + expected + ", answered " + w.Body.String()
				}
			}
		}()
	}
	all.Wait()
	for _, fault := range faults {
		assert.Empty(t, fault)
	}
}

// ownHeaders are the headers that start with X-, sorted, as lines.
func ownHeaders(headers http.Header) string {
	ours := http.Header{}
	for name, values := range headers {
		if strings.HasPrefix(strings.ToUpper(name), "X") {
			ours[name] = values
		}
	}
	var lines bytes.Buffer
	_ = ours.Write(&lines)
	return strings.ReplaceAll(lines.String(), "\r\n", "\n")
}

func manyMembers(count int) string {
	var members strings.Builder
	for i := 0; i < count; i++ {
		fmt.Fprintf(&members, `"New%d":%d,`, i, i)
	}
	return members.String()
}

// What is refused, and with which code. Nothing of it reaches the backend.
func TestRefused(t *testing.T) {
	for _, row := range refusedRows() {
		row := row
		t.Run(row.name, func(t *testing.T) {
			b := &backend{}
			gate := newGate(t, b, row.options)
			var w *httptest.ResponseRecorder
			lines := logged(func() { w = serve(t, gate, row.request) })
			assert.Equal(t, 0, b.requests, row.name+": reached the backend")
			assert.Equal(t, row.reason.Status, w.Code, row.name+": "+w.Body.String())
			assert.Equal(t, "application/json", w.Header().Get("Content-Type"), row.name)
			assert.Contains(t, w.Body.String(), `{"ActionStatus":"FAIL","ErrorCode":`+strconv.Itoa(row.reason.Code)+`,"ErrorInfo":"`+row.reason.Meaning+": ", row.name)
			assert.Contains(t, strings.ReplaceAll(w.Body.String(), `\"`, `"`), row.says, row.name)
			assert.Less(t, w.Body.Len(), 500, row.name)
			assert.Equal(t, 1, strings.Count(lines, "\n"), row.name+": one line in the log: "+lines)
			assert.Contains(t, lines, "chatgate gate@test: refused with "+strconv.Itoa(row.reason.Status)+", code "+strconv.Itoa(row.reason.Code), row.name)
			assert.Contains(t, lines, `client "192.0.2.1:4711"`, row.name)
		})
	}
}

// What would be refused is forwarded in monitor mode as it came, without the gate's headers, and
// logged.
func TestMonitored(t *testing.T) {
	for _, row := range refusedRows() {
		if row.reason == protocol.BodyBroken {
			continue // a broken body breaks whoever reads it
		}
		row := row
		t.Run(row.name, func(t *testing.T) {
			b := &backend{}
			gate := newGate(t, b, func(c *Config) {
				if row.options != nil {
					row.options(c)
				}
				c.Mode = "monitor"
			})
			lines := logged(func() {
				serve(t, gate, strings.Replace(row.request, "Host:", "X-Chat-Operator: forged\r\nConnection: X-Other\r\nHost:", 1))
			})
			require.Equal(t, 1, b.requests, row.name+": monitor mode forwards")
			assert.Empty(t, b.got.Header["Connection"], row.name)
			assert.Equal(t, "", ownHeaders(b.got.Header)+ownHeaders(b.trailer), row.name+": without the gate's headers")
			assert.Equal(t, contentTypeOf(row.request), b.got.Header.Get("Content-Type"), row.name+": as it came")
			assert.Contains(t, lines, "would refuse with "+strconv.Itoa(row.reason.Status)+", code "+strconv.Itoa(row.reason.Code), row.name)
			assert.True(t, strings.HasSuffix(row.request, b.body) || strings.Contains(row.request, "chunked"), row.name+": untouched")
		})
	}
}

// contentTypeOf is the Content-Type of a request as text.
func contentTypeOf(request string) string {
	_, after, _ := strings.Cut(request, "Content-Type: ")
	value, _, _ := strings.Cut(after, "\r\n")
	return value
}

type refusedRow struct {
	name    string
	options options
	request string
	reason  *protocol.Reason
	says    string // what ErrorInfo has in it
}

const full = "Group.CallbackAfterGroupFull"

// checking lets in a command.
func checking(command string) options { return func(c *Config) { c.Commands = []string{command} } }

// headersOf lets in a command, for which headers are set.
func headersOf(command string, headers map[string]string) options {
	return func(c *Config) {
		c.Commands = []string{command}
		c.Headers = headers
	}
}

// filled is the callback of a group that is full, with its members for B in a text.
func filled(text string) string {
	return post(samples.Target(full), "", samples.Replace(text, "B", `"CallbackCommand":"Group.CallbackAfterGroupFull","GroupId":"good"`))
}

func refusedRows() []refusedRow {
	at := func(query string) string { return post("/callback?"+query, "", body) }
	sent := func(body string) string { return post("/callback?"+query, "", body) }
	small := func(c *Config) { c.MaxBodyBytes = int64(len(body)) - 1 }
	return []refusedRow{
		{
			name:    "a broken escape",
			request: at(query + "&a=%zz"),
			reason:  protocol.QueryMalformed,
			says:    `"%zz"`,
		},
		{
			name:    "a semicolon",
			request: at(query + ";a=b"),
			reason:  protocol.QueryMalformed,
			says:    "semicolon",
		},
		{
			name:    "SdkAppid twice",
			request: at(query + "&" + app),
			reason:  protocol.ParameterRepeated,
			says:    "SdkAppid",
		},
		{
			name:    "CallbackCommand twice",
			request: at(query + "&" + command),
			reason:  protocol.ParameterRepeated,
			says:    "CallbackCommand",
		},
		{
			name:    "contenttype twice",
			request: at(query + "&contenttype=json"),
			reason:  protocol.ParameterRepeated,
			says:    "contenttype",
		},
		{
			name:    "ClientIP twice",
			request: at(query + "&ClientIP=1.1.1.1"),
			reason:  protocol.ParameterRepeated,
			says:    "ClientIP",
		},
		{
			name:    "OptPlatform twice",
			request: at(query + "&OptPlatform=Web"),
			reason:  protocol.ParameterRepeated,
			says:    "OptPlatform",
		},
		{
			name:    "the same in another case",
			request: at(query + "&sdkappid=1"),
			reason:  protocol.ParameterRepeated,
			says:    "SdkAppid",
		},
		{
			name:    "the same as an array",
			request: at(query + "&SdkAppid[]=1"),
			reason:  protocol.ParameterRepeated,
			says:    "SdkAppid",
		},
		{
			name:    "the same with an escape",
			request: at(query + "&Sdk%41ppid=1"),
			reason:  protocol.ParameterRepeated,
			says:    "SdkAppid",
		},
		{
			name:    "no SdkAppid",
			request: at(command),
			reason:  protocol.AppMissing,
			says:    "SdkAppid",
		},
		{
			name:    "an empty SdkAppid",
			request: at("SdkAppid=&" + command),
			reason:  protocol.AppMissing,
			says:    "SdkAppid",
		},
		{
			name:    "another SdkAppid",
			request: at(strings.Replace(query, "1400000000", "1400000001", 1)),
			reason:  protocol.AppNotAllowed,
			says:    `"1400000001"`,
		},
		{
			name: "another SdkAppid, with trailers",
			request: chunked("/callback?"+strings.Replace(query, "1400000000", "1400000001", 1), "Trailer: X-Chat-Group-Id\r\n", body,
				"X-Chat-Group-Id: forged\r\nX-Chat-Operator: forged\r\n"),
			reason: protocol.AppNotAllowed,
			says:   `"1400000001"`,
		},
		{
			name:    "a longer SdkAppid",
			request: at(strings.Replace(query, "1400000000", "14000000000", 1)),
			reason:  protocol.AppNotAllowed,
			says:    `"14000000000"`,
		},
		{
			name:    "an SdkAppid with a space",
			request: at(strings.Replace(query, "1400000000", "1400000000+", 1)),
			reason:  protocol.QueryMalformed,
			says:    "SdkAppid",
		},
		{
			name:    "no command",
			request: at(app),
			reason:  protocol.CommandMissing,
			says:    "CallbackCommand",
		},
		{
			name:    "another command",
			request: at(app + "&CallbackCommand=Group.CallbackAfterGroupFull"),
			reason:  protocol.CommandNotAllowed,
			says:    "AfterGroupFull",
		},
		{
			name:    "the command in another case",
			request: at(app + "&CallbackCommand=group.callbackaftercreategroup"),
			reason:  protocol.CommandNotAllowed,
			says:    "group.callback",
		},
		{
			name:    "another contenttype",
			request: at(app + "&" + command + "&contenttype=xml"),
			reason:  protocol.FormatNotJSON,
			says:    `"xml"`,
		},
		{
			name:    "a compressed body",
			request: post("/callback?"+query, "Content-Encoding: gzip\r\n", body),
			reason:  protocol.BodyEncoded,
			says:    `"gzip"`,
		},
		{
			name:    "an encoding hidden behind identity",
			request: post("/callback?"+query, "Content-Encoding: identity\r\nContent-Encoding: br\r\n", body),
			reason:  protocol.BodyEncoded,
			says:    "br",
		},
		{
			name:    "too long",
			options: small,
			request: post("/callback?"+query, "", body),
			reason:  protocol.BodyTooLarge,
			says:    strconv.Itoa(len(body) - 1),
		},
		{
			name:    "too long, chunked",
			options: small,
			request: chunked("/callback?"+query, "", body, ""),
			reason:  protocol.BodyTooLarge,
			says:    strconv.Itoa(len(body) - 1),
		},
		{
			name:    "cut short",
			request: strings.TrimSuffix(sent(body), `c"}`),
			reason:  protocol.BodyBroken,
			says:    "broke off",
		},
		{
			name:    "cut short, chunked",
			request: strings.TrimSuffix(chunked("/callback?"+query, "", body, ""), "\r\n0\r\n\r\n"),
			reason:  protocol.BodyBroken,
			says:    "broke off",
		},
		{
			name:    "nothing",
			options: func(c *Config) { c.ConsoleCheck = false },
			request: sent(""),
			reason:  protocol.BodyNotJSON,
			says:    "nothing",
		},
		{
			name:    "not JSON",
			request: sent("CallbackCommand=Group.CallbackAfterCreateGroup"),
			reason:  protocol.BodyNotJSON,
			says:    "syntax",
		},
		{
			name:    "an array",
			request: sent("[" + body + "]"),
			reason:  protocol.BodyNotJSON,
			says:    "array",
		},
		{
			name:    "null",
			request: sent("null"),
			reason:  protocol.BodyNotJSON,
			says:    "null",
		},
		{
			name:    "something after it",
			request: sent(body + "{}"),
			reason:  protocol.BodyNotJSON,
			says:    "syntax",
		},
		{
			name:    "something before it",
			request: sent("\ufeff" + body),
			reason:  protocol.BodyNotJSON,
			says:    "syntax",
		},
		{
			name:    "a comment",
			request: sent(with(`,"Name"`, `,/**/"Name"`)),
			reason:  protocol.BodyNotJSON,
			says:    "syntax",
		},
		{
			name:    "a control character",
			request: sent(with("MyFirst", "My\nFirst")),
			reason:  protocol.BodyNotJSON,
			says:    "syntax",
		},
		{
			name:    "a control character in a member",
			request: sent(with(`"bob"`, "\"b\x01b\"")),
			reason:  protocol.BodyNotJSON,
			says:    "syntax",
		},
		{
			name:    "bytes that are not UTF-8",
			request: sent(with("MyFirst", "My\xff")),
			reason:  protocol.BodyNotUTF8,
			says:    "UTF-8",
		},
		{
			name:    "a surrogate in UTF-8",
			request: sent(with("MyFirst", "\xed\xa0\x80")),
			reason:  protocol.BodyNotUTF8,
			says:    "UTF-8",
		},
		{
			name:    "half a surrogate pair in a header's field",
			request: sent(with("group_root", `\ud83d`)),
			reason:  protocol.ValueUnfit,
			says:    "Operator_Account",
		},
		{
			name:    "a header that is too long",
			request: sent(with("group_root", strings.Repeat("a", 1025))),
			reason:  protocol.ValueUnfit,
			says:    "1025",
		},
		{
			name:    "more members than are looked at",
			request: sent(with(`"Name"`, manyMembers(201)+`"Name"`)),
			reason:  protocol.TooManyMembers,
			says:    "200",
		},
		{
			name:    "GroupId twice",
			request: sent(with(`"Name"`, `"GroupId":"@TGS#other","Name"`)),
			reason:  protocol.MemberRepeated,
			says:    "GroupId",
		},
		{
			name:    "GroupId twice, the same",
			request: sent(with(`"GroupId":`, `"GroupId":"@TGS#2J4SZEAEL","GroupId":`)),
			reason:  protocol.MemberRepeated,
			says:    "GroupId",
		},
		{
			name:    "an unknown member twice",
			request: sent(with(`"Name"`, `"New":1,"New":1,"Name"`)),
			reason:  protocol.MemberRepeated,
			says:    "New",
		},
		{
			name:    "GroupId in another case",
			request: sent(with(`"Name"`, `"groupId":"@TGS#other","Name"`)),
			reason:  protocol.MemberMisspelt,
			says:    "GroupId",
		},
		{
			name:    "MemberList twice, once spelt with an escape",
			request: sent(with(`"Name"`, `"Member\u004cist":[],"Name"`)),
			reason:  protocol.MemberRepeated,
			says:    "MemberList",
		},
		{
			name:    "Operator_Account spelt with an escape",
			request: sent(with(`"Operator_Account"`, `"Operator\u005fAccount"`)),
			reason:  protocol.MemberMisspelt,
			says:    "Operator_Account",
		},
		{
			name:    "MemberList with a long s",
			request: sent(with(`"Name"`, `"Memberli\u017ft":[],"Name"`)),
			reason:  protocol.MemberMisspelt,
			says:    "letters",
		},
		{
			name:    "a member's account twice",
			request: sent(with(`"bob"`, `"bob","Member_Account":"eve"`)),
			reason:  protocol.MemberRepeated,
			says:    "MemberList[0]",
		},
		{
			name:    "a member's account in another case",
			request: sent(with(`"peter"`, `"peter","member_account":"eve"`)),
			reason:  protocol.MemberMisspelt,
			says:    "MemberList[1]",
		},
		{
			name:    "a custom field twice",
			request: sent(with(`"Public"`, `"Public","UserDefinedDataList":[{"Key":"k","Value":"v","Value":"w"}]`)),
			reason:  protocol.MemberRepeated,
			says:    "UserDefinedDataList[0]",
		},
		{
			name:    "more elements than are looked at",
			request: sent(with(`"Public"`, `"Public","UserDefinedDataList":[`+strings.Repeat(`{"Key":"k"},`, 2000)+`{"Key":"k"}]`)),
			reason:  protocol.TooManyMembers,
			says:    "2000 objects in UserDefinedDataList",
		},
		{
			name:    "more accounts than are looked at",
			request: sent(with(`{"Member_Account":"bob"}`, strings.Repeat(`{"Member_Account":"b","Role":1},`, 25000)+`{"Member_Account":"bob"}`)),
			reason:  protocol.TooManyMembers,
			says:    "25000 objects in MemberList",
		},
		{
			name:    "more members of accounts than are looked at",
			request: sent(with(`{"Member_Account":"bob"}`, strings.Repeat(`{"Member_Account":"b","a":1,"b":1,"c":1,"d":1,"e":1},`, 22000)+`{"Member_Account":"bob"}`)),
			reason:  protocol.TooManyMembers,
			says:    "150000 members",
		},
		{
			name:    "another command in the body",
			request: sent(with("AfterCreateGroup", "AfterGroupFull")),
			reason:  protocol.CommandMismatch,
			says:    "AfterGroupFull",
		},
		{
			name:    "no GroupId",
			request: sent(with(`"GroupId":"@TGS#2J4SZEAEL",`, ``)),
			reason:  protocol.FieldMissing,
			says:    "GroupId",
		},
		{
			name:    "GroupId null",
			request: sent(with(`"@TGS#2J4SZEAEL"`, `null`)),
			reason:  protocol.FieldMissing,
			says:    "GroupId",
		},
		{
			name:    "GroupId empty",
			request: sent(with(`"@TGS#2J4SZEAEL"`, `""`)),
			reason:  protocol.FieldInvalid,
			says:    "not empty",
		},
		{
			name:    "GroupId a number",
			request: sent(with(`"@TGS#2J4SZEAEL"`, `12`)),
			reason:  protocol.FieldInvalid,
			says:    "12",
		},
		{
			name:    "MemberList an object",
			request: sent(with(`[{"Member_Account":"bob"},{"Member_Account":"peter"}]`, `{}`)),
			reason:  protocol.FieldInvalid,
			says:    "an array of objects",
		},
		{
			name:    "a member that is a string",
			request: sent(with(`{"Member_Account":"bob"}`, `"bob"`)),
			reason:  protocol.FieldInvalid,
			says:    "an array of objects",
		},
		{
			name:    "EventTime negative",
			request: sent(with(`1670574414123`, `-1`)),
			reason:  protocol.FieldInvalid,
			says:    "EventTime",
		},
		{
			name:    "EventTime over int64",
			request: sent(with(`1670574414123`, `9223372036854775808`)),
			reason:  protocol.FieldInvalid,
			says:    "EventTime",
		},
		{
			name:    "EventTime with an exponent",
			request: sent(with(`1670574414123`, `1e12`)),
			reason:  protocol.FieldInvalid,
			says:    "EventTime",
		},
		{
			name:    "EventTime in words",
			request: sent(with(`1670574414123`, `"now"`)),
			reason:  protocol.FieldInvalid,
			says:    "EventTime",
		},
		{
			name:    "the path in another case",
			request: post("/CallBack?"+command, "", body),
			reason:  protocol.AppMissing,
			says:    "SdkAppid",
		},
		{
			name:    "the path with more slashes",
			request: post("//callback/?"+command, "", body),
			reason:  protocol.AppMissing,
			says:    "SdkAppid",
		},
		{
			name:    "the path with dots",
			request: post("/a/.././callback?"+command, "", body),
			reason:  protocol.AppMissing,
			says:    "SdkAppid",
		},
		{
			name:    "the path with escapes",
			request: post("/%63allback?"+command, "", body),
			reason:  protocol.AppMissing,
			says:    "SdkAppid",
		},
		{
			name:    "the path with a parameter of an inner segment",
			options: func(c *Config) { c.Path = "/hooks/callback" },
			request: post("/hooks;v=1/callback?"+command, "", body),
			reason:  protocol.AppMissing,
			says:    "SdkAppid",
		},
		{
			name:    "the path with a segment's parameter",
			request: post("/callback;v=1?"+command, "", body),
			reason:  protocol.AppMissing,
			says:    "SdkAppid",
		},
		{
			name:    "the path with a backslash",
			request: post("/%5Ccallback?"+command, "", body),
			reason:  protocol.AppMissing,
			says:    "SdkAppid",
		},

		// what some reader behind the gate would read in another way
		{
			name:    "a name that some take for GroupId: Group_Id in front",
			options: checking(full),
			request: filled(`{"Group_Id":"evil",B}`),
			reason:  protocol.MemberMisspelt,
			says:    "GroupId",
		},
		{
			name:    "a name that some take for GroupId: group-id",
			options: checking(full),
			request: filled(`{"group-id":"evil",B}`),
			reason:  protocol.MemberMisspelt,
			says:    "letters",
		},
		{
			name:    "a name that some take for GroupId: GroupId_",
			options: checking(full),
			request: filled(`{"GroupId_":"evil",B}`),
			reason:  protocol.MemberMisspelt,
			says:    "GroupId",
		},
		{
			name:    "a name that some take for GroupId: group_id behind",
			options: checking(full),
			request: filled(`{B,"group_id":"evil"}`),
			reason:  protocol.MemberMisspelt,
			says:    "GroupId",
		},
		{
			name:    "a name that some take for GroupId: Group Id",
			options: checking(full),
			request: filled(`{B,"Group Id":"evil"}`),
			reason:  protocol.MemberMisspelt,
			says:    "letters",
		},
		{
			name:    "a name that some take for GroupId: GroupId and a null character with more",
			options: checking(full),
			request: filled(`{"GroupId\u0000x":"evil",B}`),
			reason:  protocol.MemberMisspelt,
			says:    "GroupId",
		},
		{
			name:    "a name that some take for GroupId: GroupId and a null character with more, behind",
			options: checking(full),
			request: filled(`{B,"GroupId\u0000x":"evil"}`),
			reason:  protocol.MemberMisspelt,
			says:    "GroupId",
		},
		{
			name:    "a name that some take for GroupId: GroupId and a null character",
			options: checking(full),
			request: filled(`{B,"GroupId\u0000":"evil"}`),
			reason:  protocol.MemberMisspelt,
			says:    "GroupId",
		},
		{
			name:    "a name that some take for GroupId: GroupId with an escape behind it",
			options: checking(full),
			request: filled(`{"GroupId\u0030":"evil",B}`),
			reason:  protocol.MemberMisspelt,
			says:    "found",
		},
		{
			name:    "a name that some take for GroupId: GroupId with an escape in front of it",
			options: checking(full),
			request: filled(`{"\u0030GroupId":"evil",B}`),
			reason:  protocol.MemberMisspelt,
			says:    "found",
		},
		{
			name:    "a name that some take for GroupId: a name in UTF-7",
			options: checking(full),
			request: filled(`{B,"Gro+AHU-pId":"evil"}`),
			reason:  protocol.MemberMisspelt,
			says:    "found",
		},
		{
			name:    "a name with DEL",
			options: checking(full),
			request: filled("{B,\"GroupId\x7f\":\"evil\"}"),
			reason:  protocol.MemberMisspelt,
			says:    "letters",
		},
		{
			name:    "a prototype",
			options: checking(full),
			request: filled(`{B,"__proto__":{"GroupId":"evil"}}`),
			reason:  protocol.MemberMisspelt,
			says:    "__proto__",
		},
		{
			name:    "OperatorAccount",
			request: sent(with(`"Name"`, `"OperatorAccount":"evil","Name"`)),
			reason:  protocol.MemberMisspelt,
			says:    "Operator_Account",
		},
		{
			name:    "a null character in a value that names something",
			options: checking(full),
			request: post(samples.Target(full), "", `{"CallbackCommand":"Group.CallbackAfterGroupFull","GroupId":"go\u0000od"}`),
			reason:  protocol.ValueUnfit,
			says:    "GroupId",
		},
		{
			name:    "SdkAppid as [SdkAppid]",
			request: at(query + "&[SdkAppid]=666"),
			reason:  protocol.ParameterRepeated,
			says:    "SdkAppid",
		},
		{
			name:    "SdkAppid as ]SdkAppid",
			request: at(query + "&]SdkAppid=666"),
			reason:  protocol.ParameterRepeated,
			says:    "SdkAppid",
		},
		{
			name:    "SdkAppid as [[SdkAppid",
			request: at(query + "&[[SdkAppid=666"),
			reason:  protocol.ParameterRepeated,
			says:    "SdkAppid",
		},
		{
			name:    "SdkAppid as [][SdkAppid",
			request: at(query + "&[][SdkAppid=666"),
			reason:  protocol.ParameterRepeated,
			says:    "SdkAppid",
		},
		{
			name:    "SdkAppid as .SdkAppid",
			request: at(query + "&.SdkAppid=666"),
			reason:  protocol.ParameterRepeated,
			says:    "SdkAppid",
		},
		{
			name:    "SdkAppid as %EF%BB%BFSdkAppid",
			request: at(query + "&%EF%BB%BFSdkAppid=666"),
			reason:  protocol.ParameterRepeated,
			says:    "SdkAppid",
		},
		{
			name:    "SdkAppid as %23SdkAppid",
			request: at(query + "&%23SdkAppid=666"),
			reason:  protocol.ParameterRepeated,
			says:    "SdkAppid",
		},
		{
			name:    "a question mark in front",
			request: at("?SdkAppid=666&" + query),
			reason:  protocol.ParameterRepeated,
			says:    "SdkAppid",
		},
		{
			name:    "1000 parameters in front",
			request: at(strings.Repeat("a=1&", 1000) + query),
			reason:  protocol.QueryMalformed,
			says:    "100",
		},
		{
			name:    "a number sign",
			request: at(query + "&mine=1#&b=2"),
			reason:  protocol.QueryMalformed,
			says:    "%23",
		},
		{
			name:    "a platform that is not ASCII",
			request: at(app + "&" + command + "&OptPlatform=%E7%BE%A4"),
			reason:  protocol.QueryMalformed,
			says:    "OptPlatform",
		},
		{
			name:    "a number that no double holds",
			options: headersOf("C2C.CallbackAfterSendMsg", map[string]string{"X-Seq": "MsgSeq", operator: "Operator"}),
			request: post(samples.Target("C2C.CallbackAfterSendMsg"), "", samples.With("C2C.CallbackAfterSendMsg", "MsgSeq", "9007199254740993")),
			reason:  protocol.ValueUnfit,
			says:    "53 bits",
		},
		{
			name:    "more names than are read",
			request: sent(with(`"Name"`, `"New":[`+strings.Repeat(`{"a":1},`, 150000)+`{"a":1}],"Name"`)),
			reason:  protocol.TooManyMembers,
			says:    "150000",
		},
		{
			name:    "a twin of MsgId",
			options: checking("Group.CallbackAfterSendMsg"),
			request: post(samples.Target("Group.CallbackAfterSendMsg"), "", samples.With("Group.CallbackAfterSendMsg", "msgid", `"x"`)),
			reason:  protocol.MemberMisspelt,
			says:    "MsgId",
		},
		{
			name:    "a twin of who destroyed the group",
			options: checking("Group.CallbackAfterGroupDestroyed"),
			request: post(samples.Target("Group.CallbackAfterGroupDestroyed"), "", samples.With("Group.CallbackAfterGroupDestroyed", "operator_account", `"x"`)),
			reason:  protocol.MemberMisspelt,
			says:    "Operator_Account",
		},
	}
}

// What is no callback passes untouched, but for the gate's headers.
func TestNotACallback(t *testing.T) {
	for _, row := range []struct{ name, request string }{
		{
			name:    "another method",
			request: "GET /callback?" + query + " HTTP/1.1\r\nHost: h\r\nX-Chat-Operator: forged\r\nConnection: keep-alive\r\n\r\n",
		},
		{
			name:    "another path",
			request: post("/elsewhere?a=%zz;b", "x_chat_operator: forged\r\nConnection: keep-alive\r\n", "anything"),
		},
		{
			name:    "a longer path",
			request: post("/callback/more", "X.Chat.Group.Id: forged\r\nConnection: keep-alive\r\n", "anything"),
		},
		{
			name:    "a trailer that is not declared",
			request: chunked("/elsewhere", "Connection: keep-alive\r\nTrailer: Sum\r\n", "anything", "X-Chat-Operator: forged\r\nSum: 1\r\n"),
		},
		{
			name:    "a trailer",
			request: chunked("/elsewhere", "Connection: keep-alive\r\nTrailer: X-Chat-Operator, X_chat_group_id\r\n", "anything", "X-Chat-Operator: forged\r\n"),
		},
	} {
		row := row
		t.Run(row.name, func(t *testing.T) {
			b := &backend{}
			w := serve(t, newGate(t, b, nil), row.request)
			require.Equal(t, 1, b.requests, row.name)
			assert.Equal(t, 200, w.Code, row.name)
			assert.Equal(t, "", ownHeaders(b.got.Header), row.name)
			assert.Equal(t, "keep-alive", b.got.Header.Get("Connection"), row.name+": left alone")
			if b.got.Method == "POST" {
				assert.Equal(t, "anything", b.body, row.name)
				assert.Equal(t, "", ownHeaders(b.trailer), row.name)
			}
		})
	}
}

// A list of any length costs nothing but its bytes, and is forwarded whole.
func TestManyMembers(t *testing.T) {
	for _, count := range []int{0, 1, 2, 25, 100, 500, 10000} {
		accounts := make([]string, count)
		for i := range accounts {
			accounts[i] = fmt.Sprintf(`{"Member_Account":"user-%06d"}`, i)
		}
		sent := with(`{"Member_Account":"bob"},{"Member_Account":"peter"}`, strings.Join(accounts, ","))
		b := &backend{}
		w := serve(t, newGate(t, b, nil), post("/callback?"+query, "", sent))
		require.Equal(t, 1, b.requests, fmt.Sprint(count, " members: ", w.Body))
		assert.Equal(t, sent, b.body, fmt.Sprint(count, " members"))
		assert.Equal(t, "group_root", b.got.Header.Get(operator), fmt.Sprint(count, " members"))
		if count > 1 {
			worse := strings.Replace(sent, `"user-000001"}`, `"user-000001","Member_Account":"eve"}`, 1)
			w = serve(t, newGate(t, &backend{}, nil), post("/callback?"+query, "", worse))
			assert.Equal(t, 400, w.Code, fmt.Sprint(count, " members, one with two accounts"))
		}
	}
}

const secret = "xxxxyyyy"

// signedAt is the parameters of a signature some seconds from now.
func signedAt(key string, seconds int64) string {
	requestTime := strconv.FormatInt(time.Now().Unix()+seconds, 10)
	return "&Sign=" + protocol.Sign(key, requestTime) + "&RequestTime=" + requestTime
}

// Where a token is set, a signature is asked for before the body is read.
func TestSigned(t *testing.T) {
	one := func(c *Config) { c.Token = []string{secret} }
	good := signedAt(secret, 0)
	rows := []struct {
		name    string
		options options
		sign    string
		reason  *protocol.Reason // nil: it passes
	}{
		{
			name:    "signed",
			options: one,
			sign:    good,
		},
		{
			name:    "by the second of two tokens",
			options: func(c *Config) { c.Token = []string{"old", secret} },
			sign:    good,
		},
		{
			name:    "by the first of two tokens",
			options: func(c *Config) { c.Token = []string{secret, "new"} },
			sign:    good,
		},
		{
			name:    "just in time",
			options: one,
			sign:    signedAt(secret, -58),
		},
		{
			name:    "just not ahead",
			options: one,
			sign:    signedAt(secret, 58),
		},
		{
			name:    "a wider window",
			options: func(c *Config) { one(c); c.SignWindow = "10m" },
			sign:    signedAt(secret, -590),
		},
		{
			name:    "not signed",
			options: one,
			reason:  protocol.SignMissing,
		},
		{
			name:    "no time",
			options: one,
			sign:    good[:strings.Index(good, "&RequestTime")],
			reason:  protocol.SignMissing,
		},
		{
			name:    "no signature",
			options: one,
			sign:    good[strings.Index(good, "&RequestTime"):],
			reason:  protocol.SignMissing,
		},
		{
			name:    "an empty signature",
			options: one,
			sign:    "&Sign=&RequestTime=1669872112",
			reason:  protocol.SignMissing,
		},
		{
			name:    "by another token",
			options: one,
			sign:    signedAt("xxxyyy", 0),
			reason:  protocol.SignWrong,
		},
		{
			name:    "in capitals",
			options: one,
			sign:    "&Sign=" + strings.ToUpper(good[6:70]) + good[70:],
			reason:  protocol.SignWrong,
		},
		{
			name:    "of another time",
			options: one,
			sign:    good[:70] + signedAt(secret, 1)[70:],
			reason:  protocol.SignWrong,
		},
		{
			name:    "too late",
			options: one,
			sign:    signedAt(secret, -62),
			reason:  protocol.TimeStale,
		},
		{
			name:    "too early",
			options: one,
			sign:    signedAt(secret, 62),
			reason:  protocol.TimeAhead,
		},
		{
			name:    "a time that is none",
			options: one,
			sign:    good + "0x",
			reason:  protocol.TimeMalformed,
		},
		{
			name:    "a time with a sign",
			options: one,
			sign:    strings.Replace(good, "RequestTime=", "RequestTime=%2B", 1),
			reason:  protocol.TimeMalformed,
		},
		{
			name:    "twenty digits",
			options: one,
			sign:    good + "0000000000",
			reason:  protocol.TimeMalformed,
		},
		{
			name:    "nineteen digits",
			options: one,
			sign:    good + "000000000",
			reason:  protocol.TimeAhead,
		},
		{
			name:    "signed twice",
			options: one,
			sign:    good + good,
			reason:  protocol.ParameterRepeated,
		},
	}
	for _, row := range rows {
		row := row
		t.Run(row.name, func(t *testing.T) {
			b := &backend{}
			gate := newGate(t, b, row.options)
			var w *httptest.ResponseRecorder
			lines := logged(func() { w = serve(t, gate, post("/callback?"+query+row.sign, "", body)) })
			if row.reason == nil {
				assert.Equal(t, 1, b.requests, row.name+": "+w.Body.String())
				return
			}
			assert.Equal(t, 0, b.requests, row.name)
			assert.Equal(t, row.reason.Status, w.Code, row.name+": "+w.Body.String())
			assert.Contains(t, w.Body.String(), strconv.Itoa(row.reason.Code), row.name)
			assert.NotContains(t, w.Body.String()+lines, secret, row.name+": the token leaks")
			assert.NotContains(t, w.Body.String()+lines, good[6:70], row.name+": the signature leaks")
			gate.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/callback?"+query+row.sign, untouchable{t}))
		})
	}
}

// untouchable is a body that fails the test when it is read.
type untouchable struct{ t *testing.T }

func (r untouchable) Read([]byte) (int, error) {
	r.t.Error("the body was read")
	return 0, io.EOF
}

// A body that is announced as too long may never come, so nobody waits for it.
func TestTooLongIsNotRead(t *testing.T) {
	b := &backend{}
	r := httptest.NewRequest("POST", "/callback?"+query, untouchable{t})
	r.ContentLength = protocol.MaxBody + 1
	w := httptest.NewRecorder()
	newGate(t, b, nil).ServeHTTP(w, r)
	assert.Equal(t, 413, w.Code, w.Body.String())
	assert.Equal(t, 0, b.requests)
}

// The console's check of the URL is answered at the gate.
func TestConsoleCheck(t *testing.T) {
	signed := signedAt(secret, 0)
	one := func(c *Config) { c.Token = []string{secret} }
	for _, row := range []struct {
		name    string
		options options
		query   string
		body    string
		status  int
	}{
		{
			name:    "empty",
			options: one,
			query:   signed[1:],
			status:  200,
		},
		{
			name:    "an empty object",
			options: one,
			query:   signed[1:],
			body:    "{}",
			status:  200,
		},
		{
			name:    "an empty object with space",
			options: one,
			query:   signed[1:],
			body:    " {}\n",
			status:  200,
		},
		{
			name:    "with the app",
			options: one,
			query:   app + signed,
			status:  200,
		},
		{
			name:    "with app and command",
			options: one,
			query:   query + signed,
			status:  200,
		},
		{
			name:    "with app and command, an empty object",
			options: one,
			query:   query + signed,
			body:    "{}",
			status:  200,
		},
		{
			name:    "with another command",
			options: one,
			query:   app + "&CallbackCommand=Sns.CallbackFriendAdd" + signed,
			status:  200,
		},
		{
			name:    "another command that would be forwarded",
			options: func(c *Config) { one(c); c.OtherCommands = "forward" },
			query:   app + "&CallbackCommand=Sns.CallbackFriendAdd" + signed,
			body:    "{ }",
			status:  200,
		},
		{
			name:    "with a wrong app",
			options: one,
			query:   "SdkAppid=1" + signed,
			status:  403,
		},
		{
			name:    "with a body",
			options: one,
			query:   signed[1:],
			body:    "[]",
			status:  403,
		},
		{
			name:    "with a callback but no app",
			options: one,
			query:   command + signed,
			body:    body,
			status:  403,
		},
		{
			name:    "not signed",
			options: one,
			status:  403,
		},
		{
			name:    "signed by another",
			options: one,
			query:   signedAt("other", 0)[1:],
			status:  403,
		},
		{
			name:   "no token is set",
			status: 200,
		},
		{
			name:   "no token is set, an empty object",
			body:   "{}",
			status: 200,
		},
		{
			name:   "no token is set, with the app",
			query:  app,
			status: 200,
		},
		{
			name:   "no token is set, with app and command",
			query:  query,
			status: 200,
		},
		{
			name:   "no token is set, with app, command, and an empty object",
			query:  query,
			body:   "{}",
			status: 200,
		},
		{
			name:   "no token is set, with another command",
			query:  app + "&CallbackCommand=Sns.CallbackFriendAdd",
			body:   "{}",
			status: 200,
		},
		{
			name:   "no token is set, signed",
			query:  signed[1:],
			status: 200,
		},
		{
			name:   "no token is set, a wrong app",
			query:  "SdkAppid=1",
			status: 403,
		},
		{
			name:   "no token is set, a callback but no app",
			query:  command,
			body:   body,
			status: 403,
		},
		{
			name:   "no token is set, another body",
			query:  app,
			body:   "[]",
			status: 400,
		},
		{
			name:    "no token is set, switched off",
			options: func(c *Config) { c.ConsoleCheck = false },
			status:  403,
		},
		{
			name:    "switched off",
			options: func(c *Config) { one(c); c.ConsoleCheck = false },
			query:   signed[1:],
			status:  403,
		},
	} {
		row := row
		t.Run(row.name, func(t *testing.T) {
			b := &backend{}
			w := serve(t, newGate(t, b, row.options), post("/callback?"+row.query, "", row.body))
			assert.Equal(t, 0, b.requests, row.name)
			assert.Equal(t, row.status, w.Code, row.name)
			if row.status == 200 {
				assert.Equal(t, `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`, w.Body.String(), row.name)
			}
		})
	}
}

// What becomes of the commands that have no schema here.
func TestOtherCommands(t *testing.T) {
	friends := app + "&CallbackCommand=Sns.CallbackFriendAdd"
	other := func(value string) options { return func(c *Config) { c.OtherCommands = value } }
	for _, row := range []struct {
		name      string
		options   options
		query     string
		body      string
		forwarded int
		status    int
	}{
		{
			name:    "reject",
			options: other("reject"),
			query:   friends,
			body:    `{"CallbackCommand":"Sns.CallbackFriendAdd"}`,
			status:  403,
		},
		{
			name:      "forward",
			options:   other("forward"),
			query:     friends,
			body:      `{"CallbackCommand":"Sns.CallbackFriendAdd","GroupId":"g","Operator_Account":"o"}`,
			forwarded: 1,
			status:    200,
		},
		{
			name:    "acknowledge",
			options: other("acknowledge"),
			query:   friends,
			body:    `{"CallbackCommand":"Sns.CallbackFriendAdd"}`,
			status:  200,
		},
		{
			name:      "forward without a command in the body",
			options:   other("forward"),
			query:     app + "&CallbackCommand=Push.CallbackX",
			body:      `{"Events":[]}`,
			forwarded: 1,
			status:    200,
		},
		{
			name:    "an empty object is the console's",
			options: other("forward"),
			query:   friends,
			body:    `{}`,
			status:  200,
		},
		{
			name:      "a known one that is not configured",
			options:   other("forward"),
			query:     app + "&CallbackCommand=Group.CallbackAfterGroupFull",
			body:      `{"CallbackCommand":"Group.CallbackAfterGroupFull"}`,
			forwarded: 1,
			status:    200,
		},
		{
			name:    "another app",
			options: other("forward"),
			query:   "SdkAppid=1&CallbackCommand=Sns.CallbackFriendAdd",
			body:    `{"CallbackCommand":"Sns.CallbackFriendAdd"}`,
			status:  403,
		},
		{
			name:    "another command in the body",
			options: other("forward"),
			query:   friends,
			body:    `{"CallbackCommand":"Sns.CallbackFriendDelete"}`,
			status:  400,
		},
		{
			name:    "the command twice",
			options: other("forward"),
			query:   friends,
			body:    `{"CallbackCommand":"Sns.CallbackFriendAdd","CallbackCommand":"Sns.CallbackFriendAdd"}`,
			status:  400,
		},
		{
			name:    "anything twice",
			options: other("acknowledge"),
			query:   friends,
			body:    `{"A":1,"A":2}`,
			status:  400,
		},
		{
			name:    "not JSON",
			options: other("acknowledge"),
			query:   friends,
			body:    `{`,
			status:  400,
		},
		{
			name:    "no command",
			options: other("forward"),
			query:   app,
			body:    `{"A":1}`,
			status:  400,
		},
	} {
		row := row
		t.Run(row.name, func(t *testing.T) {
			b := &backend{}
			w := serve(t, newGate(t, b, row.options), post("/callback?"+row.query, "X-Chat-Operator: forged\r\n", row.body))
			assert.Equal(t, row.forwarded, b.requests, row.name+": "+w.Body.String())
			assert.Equal(t, row.status, w.Code, row.name+": "+w.Body.String())
			if row.forwarded == 1 {
				assert.Equal(t, row.body, b.body, row.name)
				assert.Equal(t, "", ownHeaders(b.got.Header), row.name)
			} else if row.status == 200 {
				assert.Equal(t, protocol.OK, w.Body.String(), row.name)
			}
		})
	}
}

// Every command passes with the headers that fit it, be it the first of its form or the next.
func TestEveryCommand(t *testing.T) {
	headers := samples.Headers(protocol.Sources())
	b := &backend{}
	gate := newGate(t, b, func(c *Config) {
		c.Commands = []string{"*"}
		c.Headers = headers
	})
	for _, name := range protocol.Commands() {
		c := samples.Sample(name)
		set := 0
		for _, source := range headers {
			if _, filled := c.Values[source]; filled {
				set++
			}
		}
		assert.Greater(t, set, 3, name+": has more than the app, the command and the event")
		for _, turn := range []string{"the first", "the next"} {
			b.requests = 0
			w := serve(t, gate, post(c.Target(), "", c.Body))
			require.Equal(t, 1, b.requests, name+", "+turn+": "+w.Body.String())
			assert.Equal(t, c.Body, b.body, name+", "+turn)
			assert.Equal(t, "", samples.Fault(c, headers, b.got.Header), name+", "+turn)
			found := 0
			for header := range headers {
				found += len(b.got.Header[header])
			}
			assert.Equal(t, set, found, name+", "+turn+": headers")
		}
	}
}

// A text that can't be a header does not decide about the callback: its header is left out, which
// is logged.
func TestLeftOut(t *testing.T) {
	for _, row := range []struct {
		name  string
		value string
		says  string
	}{
		{
			name:  "too long",
			value: strings.Repeat("x", 1025),
			says:  "1025 bytes",
		},
		{
			name:  "half of a surrogate pair",
			value: `\ud83d`,
			says:  "surrogate",
		},
		{
			name:  "a null character",
			value: `a\u0000`,
			says:  "null character",
		},
	} {
		b := &backend{}
		gate := newGate(t, b, func(c *Config) { c.Headers = map[string]string{"X-Name": "Name", "X-Group": "GroupId"} })
		sent := with("MyFirstGroup", row.value)
		lines := logged(func() { serve(t, gate, post("/callback?"+query, "X-Name: forged\r\n", sent)) })
		require.Equal(t, 1, b.requests, row.name)
		assert.Equal(t, sent, b.body, row.name)
		assert.Equal(t, "X-Group: @TGS#2J4SZEAEL\n", ownHeaders(b.got.Header), row.name)
		assert.Contains(t, lines, "left a header out with 200, code 20001", row.name)
		assert.Contains(t, lines, "Name: ", row.name)
		assert.Contains(t, lines, row.says, row.name)
		assert.Equal(t, 1, strings.Count(lines, "\n"), row.name+": "+lines)
	}
}

// What is checked is what Traefik forwards, RequestURI, whatever another plugin made of URL.
func TestRequestURI(t *testing.T) {
	for _, row := range []struct {
		name      string
		uri       string
		url       string
		forwarded int
		headers   string
	}{
		{
			name:      "the same",
			uri:       "/callback?" + query,
			url:       "/callback?" + query,
			forwarded: 1,
			headers:   ours,
		},
		{
			name:      "another app in the URL",
			uri:       "/callback?" + query,
			url:       "/callback?SdkAppid=666&" + command,
			forwarded: 1,
			headers:   ours,
		},
		{
			name: "another app in what is forwarded",
			uri:  "/callback?SdkAppid=666&" + command,
			url:  "/callback?" + query,
		},
		{
			name:      "another path in the URL",
			uri:       "/callback?" + query,
			url:       "/elsewhere",
			forwarded: 1,
			headers:   ours,
		},
		{
			name: "another path in the URL, and no app",
			uri:  "/callback",
			url:  "/elsewhere?" + query,
		},
		{
			name:      "another path in what is forwarded",
			uri:       "/elsewhere",
			url:       "/callback?" + query,
			forwarded: 1,
		},
		{
			name:      "no URI, as in a request that a plugin made",
			url:       "/callback?" + query,
			forwarded: 1,
			headers:   ours,
		},
	} {
		b := &backend{}
		gate := newGate(t, b, nil)
		for _, turn := range []string{", the first", ", the next"} {
			b.requests = 0
			r := httptest.NewRequest(http.MethodPost, row.url, strings.NewReader(body))
			r.RequestURI = row.uri
			w := httptest.NewRecorder()
			gate.ServeHTTP(w, r)
			require.Equal(t, row.forwarded, b.requests, row.name+turn+": "+w.Body.String())
			if row.forwarded == 1 {
				assert.Equal(t, row.headers, ownHeaders(b.got.Header), row.name+turn)
			}
		}
	}
}

// A backend that knows nothing of the protocol.
func TestNormalize(t *testing.T) {
	answers := func(status int, header, body string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			if header != "" {
				name, value, _ := strings.Cut(header, ": ")
				w.Header().Set(name, value)
			}
			if status != 0 {
				w.WriteHeader(status)
			}
			_, _ = io.WriteString(w, body)
			if f, ok := w.(http.Flusher); ok {
				f.Flush()
			}
		}
	}
	refusal := `{"ActionStatus":"OK","ErrorInfo":"no","ErrorCode":10101}`
	for _, row := range []struct {
		name   string
		answer func(http.ResponseWriter)
		status int
		body   string
	}{
		{
			name:   "nothing",
			answer: answers(0, "", ""),
			status: 200,
			body:   protocol.OK,
		},
		{
			name:   "some text",
			answer: answers(201, "Content-Type: text/plain", "done"),
			status: 200,
			body:   protocol.OK,
		},
		{
			name:   "no content",
			answer: answers(204, "", ""),
			status: 200,
			body:   protocol.OK,
		},
		{
			name:   "a page over the limit",
			answer: answers(200, "Content-Type: text/html", strings.Repeat("x", 1<<17)),
			status: 200,
			body:   protocol.OK,
		},
		{
			name:   "a reply",
			answer: answers(200, "X-Own: kept", refusal),
			status: 200,
			body:   refusal,
		},
		{
			name:   "a reply that was encoded twice",
			answer: answers(200, "", strconv.Quote(refusal)),
			status: 200,
			body:   refusal,
		},
		{
			name:   "a reply with another status",
			answer: answers(500, "", refusal),
			status: 500,
			body:   refusal,
		},
		{
			name:   "a refusal that lacks a member",
			answer: answers(200, "", `{"ActionStatus":"FAIL","ErrorCode":1}`),
			status: 200,
			body:   `{"ActionStatus":"FAIL","ErrorCode":1}`,
		},
		{
			name:   "a refusal with its code as a string",
			answer: answers(200, "", `{"ErrorCode":"1"}`),
			status: 200,
			body:   `{"ErrorCode":"1"}`,
		},
		{
			name:   "a refusal in another case",
			answer: answers(200, "", `{"actionStatus":"FAIL","errorCode":10101}`),
			status: 200,
			body:   `{"actionStatus":"FAIL","errorCode":10101}`,
		},
		{
			name:   "a refusal behind a byte order mark",
			answer: answers(200, "", "\ufeff"+refusal),
			status: 200,
			body:   "\ufeff" + refusal,
		},
		{
			name:   "a refusal with something after it",
			answer: answers(200, "", refusal+"<!-- -->"),
			status: 200,
			body:   refusal + "<!-- -->",
		},
		{
			name:   "a refusal in an array",
			answer: answers(200, "", "["+refusal+"]"),
			status: 200,
			body:   "[" + refusal + "]",
		},
		{
			name:   "a refusal spelt with escapes",
			answer: answers(200, "", `{"Error\u0043ode":1}`),
			status: 200,
			body:   `{"Error\u0043ode":1}`,
		},
		{
			name:   "a refusal in another case, spelt with escapes, inside",
			answer: answers(200, "", `[{"error\u0043od\u0065":1}]`),
			status: 200,
			body:   `[{"error\u0043od\u0065":1}]`,
		},
		{
			name:   "a refusal with a long s",
			answer: answers(200, "", `{"Action\u017ftatus":"FAIL"}`),
			status: 200,
			body:   `{"Action\u017ftatus":"FAIL"}`,
		},
		{
			name:   "a refusal in UTF-16",
			answer: answers(200, "", "E\x00r\x00r\x00o\x00r\x00C\x00o\x00d\x00e\x00"),
			status: 200,
			body:   "E\x00r\x00r\x00o\x00r\x00C\x00o\x00d\x00e\x00",
		},
		{
			name:   "escapes of a text",
			answer: answers(200, "", `{"message":"\u6210\u529f \u0041"}`),
			status: 200,
			body:   protocol.OK,
		},
		{
			name:   "another object",
			answer: answers(200, "", `{"ok":true}`),
			status: 200,
			body:   protocol.OK,
		},
		{
			name:   "encoded, and over the limit",
			answer: answers(200, "Content-Encoding: gzip", strings.Repeat("x", 1<<17)),
			status: 200,
			body:   protocol.OK,
		},
		{
			name:   "encoded",
			answer: answers(200, "Content-Encoding: gzip", "\x1f\x8b"),
			status: 200,
			body:   "\x1f\x8b",
		},
		{
			name:   "not found",
			answer: answers(404, "", "<html>"),
			status: 404,
			body:   `{"ActionStatus":"FAIL","ErrorCode":40400,"ErrorInfo":"the backend answered 404 Not Found: expected 2xx, or an answer in the vendor's form"}` + "\n",
		},
		{
			name: "an answer that breaks off",
			answer: func(w http.ResponseWriter) {
				_, _ = io.WriteString(w, refusal[:20])
				panic(http.ErrAbortHandler)
			},
			status: 502,
			body:   `{"ActionStatus":"FAIL","ErrorCode":50200,"ErrorInfo":"the backend answered 502 Bad Gateway: expected 2xx, or an answer in the vendor's form"}` + "\n",
		},
		{
			name:   "a bad gateway",
			answer: answers(502, "", "Bad Gateway"),
			status: 502,
			body:   `{"ActionStatus":"FAIL","ErrorCode":50200,"ErrorInfo":"the backend answered 502 Bad Gateway: expected 2xx, or an answer in the vendor's form"}` + "\n",
		},
		{
			name:   "elsewhere",
			answer: answers(302, "Location: /login", ""),
			status: 302,
			body:   `{"ActionStatus":"FAIL","ErrorCode":30200,"ErrorInfo":"the backend answered 302 Found: expected 2xx, or an answer in the vendor's form"}` + "\n",
		},
	} {
		row := row
		t.Run(row.name, func(t *testing.T) {
			b := &backend{answer: row.answer}
			gate := newGate(t, b, func(c *Config) { c.Reply = "normalize" })
			w := serve(t, gate, post("/callback?"+query, "Accept-Encoding: gzip\r\n", body))
			assert.Equal(t, row.status, w.Code, row.name)
			assert.Equal(t, row.body, w.Body.String(), row.name)
			assert.Empty(t, b.got.Header.Get("Accept-Encoding"), row.name)
			b.answer = nil
			serve(t, gate, post("/elsewhere", "Accept-Encoding: gzip\r\n", body))
			assert.Equal(t, "gzip", b.got.Header.Get("Accept-Encoding"), row.name+": only callbacks are normalized")
		})
	}
}

// A wrong configuration is refused with one error that names every fault, its option and what is
// allowed, but no token.
func TestConfiguration(t *testing.T) {
	for _, row := range []struct {
		name    string
		options options
		says    []string // empty: it is right
	}{
		{
			name:    "the least",
			options: func(*Config) {},
		},
		{
			name:    "no app",
			options: func(c *Config) { c.SdkAppID = nil },
			says:    []string{"sdkAppId"},
		},
		{
			name:    "an empty app",
			options: func(c *Config) { c.SdkAppID = []string{"1", ""} },
			says:    []string{`sdkAppId: ""`},
		},
		{
			name:    "an app in words",
			options: func(c *Config) { c.SdkAppID = []string{"mine"} },
			says:    []string{`sdkAppId: "mine"`, "1400000000"},
		},
		{
			name:    "a path without a slash",
			options: func(c *Config) { c.Path = "callback" },
			says:    []string{`path: "callback"`},
		},
		{
			name:    "a path with a query",
			options: func(c *Config) { c.Path = "/callback?a" },
			says:    []string{"path"},
		},
		{
			name:    "a path that is no text",
			options: func(c *Config) { c.Path = "/\xff" },
			says:    []string{`path: "/\xff"`},
		},
		{
			name:    "no bytes",
			options: func(c *Config) { c.MaxBodyBytes = 0 },
			says:    []string{`maxBodyBytes: "0"`, "1 to 67108864"},
		},
		{
			name:    "too many bytes",
			options: func(c *Config) { c.MaxBodyBytes = 1 << 40 },
			says:    []string{"maxBodyBytes"},
		},
		{
			name:    "a header with a space",
			options: func(c *Config) { c.Headers = map[string]string{"X Y": "GroupId"} },
			says:    []string{`headers: "X Y"`},
		},
		{
			name:    "a header of HTTP",
			options: func(c *Config) { c.Headers = map[string]string{"content-length": "GroupId"} },
			says:    []string{`headers: "content-length"`},
		},
		{
			name:    "a header of Traefik",
			options: func(c *Config) { c.Headers = map[string]string{"X-Forwarded-For": "ClientIP"} },
			says:    []string{"X-Forwarded-For"},
		},
		{
			name:    "a header twice",
			options: func(c *Config) { c.Headers = map[string]string{"X-A": "GroupId", "x-a": "Name"} },
			says:    []string{"x-a"},
		},
		{
			name:    "an unknown source",
			options: func(c *Config) { c.Headers = map[string]string{"X-A": "groupId"} },
			says:    []string{`headers.X-A: "groupId"`, "GroupId"},
		},
		{
			name:    "a list as a source",
			options: func(c *Config) { c.Headers = map[string]string{"X-A": "MemberList"} },
			says:    []string{"MemberList"},
		},
		{
			name:    "the signature as a source",
			options: func(c *Config) { c.Headers = map[string]string{"X-A": "Sign"} },
			says:    []string{`"Sign"`},
		},
		{
			name:    "an unknown command",
			options: func(c *Config) { c.Commands = []string{"Group.CallbackAfterCreateGroups"} },
			says:    []string{"commands", "Group.CallbackAfterCreateGroup,"},
		},
		{
			name:    "other commands",
			options: func(c *Config) { c.OtherCommands = "drop" },
			says:    []string{`otherCommands: "drop"`, "reject, forward, acknowledge"},
		},
		{
			name:    "a mode",
			options: func(c *Config) { c.Mode = "Monitor" },
			says:    []string{`mode: "Monitor"`, "enforce, monitor"},
		},
		{
			name:    "a decision",
			options: func(c *Config) { c.BeforeFailure = "Deny" },
			says:    []string{`beforeFailure: "Deny"`, "fail, allow, deny"},
		},
		{
			name:    "two decisions",
			options: func(c *Config) { c.BeforeFailure = "allow deny" },
			says:    []string{`beforeFailure: "allow deny"`},
		},
		{
			name:    "a deadline",
			options: func(c *Config) { c.Deadline = "1.5s" },
		},
		{
			name:    "no deadline",
			options: func(c *Config) { c.Deadline = "0" },
		},
		{
			name:    "a deadline without a unit",
			options: func(c *Config) { c.Deadline = "2" },
			says:    []string{`deadline: "2"`, "1.5s"},
		},
		{
			name:    "a deadline that nobody meets",
			options: func(c *Config) { c.Deadline = "1ms" },
			says:    []string{`deadline: "1ms"`, "10ms"},
		},
		{
			name:    "a deadline in the past",
			options: func(c *Config) { c.Deadline = "-1s" },
			says:    []string{`deadline: "-1s"`},
		},
		{
			name:    "a deadline that is none",
			options: func(c *Config) { c.Deadline = "2m" },
			says:    []string{`deadline: "2m"`, "1m"},
		},
		{
			name:    "a reply",
			options: func(c *Config) { c.Reply = "" },
			says:    []string{`reply: ""`},
		},
		{
			name:    "two words for other commands",
			options: func(c *Config) { c.OtherCommands = "reject forward" },
			says:    []string{`otherCommands: "reject forward"`, "reject, forward, acknowledge"},
		},
		{
			name:    "two modes",
			options: func(c *Config) { c.Mode = "enforce monitor" },
			says:    []string{`mode: "enforce monitor"`, "enforce, monitor"},
		},
		{
			name:    "two replies",
			options: func(c *Config) { c.Reply = "upstream normalize" },
			says:    []string{`reply: "upstream normalize"`, "upstream, normalize"},
		},
		{
			name:    "two sources",
			options: func(c *Config) { c.Headers = map[string]string{"X-A": "ClientIP CloudCustomData"} },
			says:    []string{`headers.X-A: "ClientIP CloudCustomData"`, "ClientIP, "},
		},
		{
			name:    "a family",
			options: func(c *Config) { c.Commands = []string{"C2C.*", " Push.AllMemberPush"} },
		},
		{
			name:    "everything",
			options: func(c *Config) { c.Commands = []string{"*"} },
		},
		{
			name:    "a family of another product",
			options: func(c *Config) { c.Commands = []string{"Live.*"} },
			says:    []string{`commands: "Live.*"`, "a family such as Group.*"},
		},
		{
			name:    "a window without a unit",
			options: func(c *Config) { c.SignWindow = "60" },
			says:    []string{`signWindow: "60"`, "60s"},
		},
		{
			name:    "a window of nothing",
			options: func(c *Config) { c.SignWindow = "0s" },
			says:    []string{"signWindow"},
		},
		{
			name:    "an empty token",
			options: func(c *Config) { c.Token = []string{secret, ""} },
			says:    []string{"token: entry 2"},
		},
		{
			name:    "a token with a space",
			options: func(c *Config) { c.Token = []string{secret + " "} },
			says:    []string{"token: entry 1"},
		},
		{
			name:    "a token with a line break",
			options: func(c *Config) { c.Token = []string{secret + "\n" + secret} },
			says:    []string{"token: entry 1"},
		},
		{
			name:    "no such file",
			options: func(c *Config) { c.TokenFile = "testdata/none" },
			says:    []string{"tokenFile", "testdata/none"},
		},
		{
			name:    "everything at once",
			options: func(c *Config) { *c = Config{Path: "x", Token: []string{" " + secret}, TokenFile: "none"} },
			says:    []string{"sdkAppId", "path", "maxBodyBytes", "otherCommands", "mode", "reply", "beforeFailure", "deadline", "signWindow", "token: entry 1", "tokenFile"},
		},
	} {
		row := row
		t.Run(row.name, func(t *testing.T) {
			config := CreateConfig()
			config.SdkAppID = []string{"1400000000"}
			row.options(config)
			handler, err := New(context.Background(), &backend{}, config, "gate@test")
			if row.says == nil {
				assert.NoError(t, err, row.name)
				return
			}
			require.Error(t, err, row.name)
			assert.Nil(t, handler, row.name)
			for _, says := range row.says {
				assert.Contains(t, err.Error(), says, row.name)
			}
			assert.NotContains(t, err.Error(), secret, row.name)
			assert.Contains(t, err.Error(), "gate@test", row.name)
		})
	}
}

// Traefik makes the middleware anew at each change of its configuration. A token file that is gone
// just then must not cost the route.
func TestTokenFileGoneAtReload(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens")
	require.NoError(t, os.WriteFile(file, []byte("\ufeff"+secret+"\r\n"), 0o600))
	withFile := func(c *Config) { c.TokenFile = file }
	b := &backend{}
	serve(t, newGate(t, b, withFile), post("/callback?"+query+signedAt(secret, 0), "", body))
	assert.Equal(t, 1, b.requests, "signed with the file's token")
	require.NoError(t, os.Remove(file))
	lines := logged(func() {
		serve(t, newGate(t, b, withFile), post("/callback?"+query+signedAt(secret, 0), "", body))
	})
	assert.Equal(t, 2, b.requests, "signed with the last good token")
	assert.Contains(t, lines, "the last good tokens stay in force")
	assert.NotContains(t, lines, secret)
}

// A trial shows every command that would be refused, however busy one of them is.
func TestLogNamesEveryCommand(t *testing.T) {
	lines := logged(func() {
		gate := newGate(t, &backend{}, nil)
		for _, name := range []string{"State.StateChange", "State.StateChange", "C2C.CallbackBeforeSendMsg", "State.StateChange"} {
			serve(t, gate, post("/callback?"+app+"&CallbackCommand="+name, "", `{"CallbackCommand":"`+name+`"}`))
		}
	})
	assert.Equal(t, 2, strings.Count(lines, "\n"), lines)
	assert.Contains(t, lines, "C2C.CallbackBeforeSendMsg")

	lines = logged(func() {
		serve(t, newGate(t, &backend{}, nil), post("/callback?"+query, "", with("group_root", `\ud800`)))
	})
	assert.Contains(t, lines, "code 40013")
	assert.Contains(t, lines, `command "Group.CallbackAfterCreateGroup"`)
}
