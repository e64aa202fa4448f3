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
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/internal/protocol"
)

// A created group's callback as it is sent, and its parts.
const (
	app     = "SdkAppid=1400000000"
	command = "CallbackCommand=Group.CallbackAfterCreateGroup"
	query   = app + "&" + command + "&contenttype=json&ClientIP=192.0.2.7&OptPlatform=RESTAPI"
	body    = `{"CallbackCommand":"Group.CallbackAfterCreateGroup","EventTime":1670574414123,"GroupId":"@TGS#2J4SZEAEL","InviteOption":"FreeAccess",` +
		`"MemberList":[{"Member_Account":"bob"},{"Member_Account":"peter"}],"Name":"MyFirstGroup","Operator_Account":"group_root","Owner_Account":"leckie","Type":"Public"}`
)

// A callback, changed in one place.
func with(old, new string) string {
	if !strings.Contains(body, old) {
		panic(old)
	}
	return strings.Replace(body, old, new, 1)
}

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
		{"the vendor's form", nil, post("/callback?"+query, "", body), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"chunked", nil, chunked("/callback?"+query, "", body, ""), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"an unknown member", nil, post("/callback?"+query, "", with(`"Name"`, `"NewInMay":"x","Name"`)), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"an unknown member that is an object", nil, post("/callback?"+query, "", with(`"Name"`, `"NewInMay":{"a":[1]},"Name"`)), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"two unknown members", nil, post("/callback?"+query, "", with(`"Name"`, `"NewInMay":1.5,"NewInJune":null,"Name"`)), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"escapes in a name", nil, post("/callback?"+query, "", with(`MyFirst`, `My\"\u4e00\n`)), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"escapes in a header's field", nil, post("/callback?"+query, "", with(`group_root`, `gr\u006fup\/\u4e00`)), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group/%E4%B8%80\n"},
		{"a surrogate pair", nil, post("/callback?"+query, "", with(`group_root`, `\ud83d\ude00`)), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: %F0%9F%98%80\n"},
		{"space around everything", nil, post("/callback?"+query, "", " \n"+strings.NewReplacer(`,`, " ,\t", `:`, " : ", `{`, "{ ").Replace(body)+"\r\n"), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"members in another order", nil, post("/callback?"+query, "", `{"Type":"Public",`+strings.TrimPrefix(with(`,"Type":"Public"`, ``), "{")), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"space and Chinese in an ID", nil, post("/callback?"+query, "", with(`@TGS#2J4SZEAEL`, `a b,%41群`)), "X-Chat-Group-Id: a%20b,%2541%E7%BE%A4\nX-Chat-Operator: group_root\n"},
		{"a line break in an ID", nil, post("/callback?"+query, "", with(`@TGS#2J4SZEAEL`, `a\r\nX-Admin: 1`)), "X-Chat-Group-Id: a%0D%0AX-Admin:%201\nX-Chat-Operator: group_root\n"},
		{"a null character in custom data", nil, post("/callback?"+query, "", with(`}`+"", `}`)), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"null for what is optional", nil, post("/callback?"+query, "", with(`"leckie"`, `null`)), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"no Content-Type is asked for, any is let in", nil, post("/callback?"+query, "Content-Type: text/plain\r\n", body), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"Content-Encoding identity", nil, post("/callback?"+query, "Content-Encoding: Identity\r\n", body), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"contenttype in capitals", nil, post("/callback?"+strings.Replace(query, "json", "JSON", 1), "", body), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"no optional parameters", nil, post("/callback?"+app+"&"+command, "", body), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"a parameter of the operator's own", nil, post("/callback?tenant=7&"+query, "", body), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"another of several apps", func(c *Config) { c.SdkAppID = []string{"1", " 1400000000"} }, post("/callback?"+query, "", body), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"any path, where none is set", func(c *Config) { c.Path = "" }, post("/a/b?"+query, "", body), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"as long as it may be", func(c *Config) { c.MaxBodyBytes = int64(len(body)) }, post("/callback?"+query, "", body), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"as long as it may be, chunked", func(c *Config) { c.MaxBodyBytes = int64(len(body)) }, chunked("/callback?"+query, "", body, ""), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"every header", everything, post("/callback?"+query, "", body), "X-App: 1400000000\nX-Client: 192.0.2.7\nX-Command: Group.CallbackAfterCreateGroup\nX-Group: @TGS#2J4SZEAEL\n" +
			"X-Name: MyFirstGroup\nX-Operator: group_root\nX-Owner: leckie\nX-Platform: RESTAPI\nX-Time: 1670574414123\nX-Type: Public\n"},
		{"every header, looked at closely", everything, post("/callback?z&"+query, "", body), "X-App: 1400000000\nX-Client: 192.0.2.7\nX-Command: Group.CallbackAfterCreateGroup\nX-Group: @TGS#2J4SZEAEL\n" +
			"X-Name: MyFirstGroup\nX-Operator: group_root\nX-Owner: leckie\nX-Platform: RESTAPI\nX-Time: 1670574414123\nX-Type: Public\n"},
		{"no header for what is not there", everything, post("/callback?"+app+"&"+command, "", `{"CallbackCommand":"Group.CallbackAfterCreateGroup","GroupId":"g","Name":"","Operator_Account":"o","Type":"Live"}`),
			"X-App: 1400000000\nX-Command: Group.CallbackAfterCreateGroup\nX-Group: g\nX-Name: \nX-Operator: o\nX-Type: Live\n"},
		{"EventTime as a string", func(c *Config) { c.Headers = map[string]string{"x-time": "EventTime"} }, post("/callback?"+query, "", with("1670574414123", `"1670574414123"`)), "X-Time: 1670574414123\n"},

		{"a header of ours from outside", nil, post("/callback?"+query, "X-Chat-Group-Id: forged\r\nx-chat-operator: forged\r\n", body), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"aliases of ours", nil, post("/callback?"+query, "X_Chat_Group_Id: forged\r\nX.Chat.Group.Id: forged\r\nx-CHAT_operator: forged\r\nX!Chat~Operator: forged\r\nX-Chat-Group-Ids: mine\r\n", body), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Group-Ids: mine\nX-Chat-Operator: group_root\n"},
		{"aliases of ours, beside a header that is not common", nil, post("/callback?"+query, "Unheard-Of: 1\r\nX_Chat_Group_Id: forged\r\nX-Chat.Operator: forged\r\n", body), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"an alias of ours that is common as such", func(c *Config) { c.Headers = map[string]string{"X-Request-Id": "GroupId"} }, post("/callback?"+query, "X-Request_Id: forged\r\nX-Request-Id: forged\r\n", body), "X-Request-Id: @TGS#2J4SZEAEL\n"},
		{"ours named in Connection", nil, post("/callback?"+query, "Connection: X-Chat-Group-Id, close\r\n", body), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
		{"ours as trailers", nil, chunked("/callback?"+query, "Trailer: X-Chat-Group-Id\r\n", body, "X-Chat-Group-Id: forged\r\n"), "X-Chat-Group-Id: @TGS#2J4SZEAEL\nX-Chat-Operator: group_root\n"},
	}
	for _, row := range rows {
		row := row
		t.Run(row.name, func(t *testing.T) {
			b := &backend{}
			w := serve(t, newGate(t, b, row.options), row.request)
			require.Equal(t, 1, b.requests, row.name+": "+w.Body.String())
			sent := row.request[strings.Index(row.request, "\r\n\r\n")+4:]
			if strings.Contains(row.request, "chunked") {
				sent = body
			}
			assert.Equal(t, sent, b.body, row.name)
			assert.Equal(t, int64(len(sent)), b.got.ContentLength, row.name)
			assert.Equal(t, row.headers, ownHeaders(b.got.Header), row.name)
			assert.Empty(t, b.got.Header["Connection"], row.name)
			assert.Empty(t, b.trailer, row.name)
			again, err := b.got.GetBody()
			require.NoError(t, err, row.name)
			read, _ := io.ReadAll(again)
			assert.Equal(t, sent, string(read), row.name+": sent again after a failed attempt")
		})
	}
}

// What a request still has when its body has been read: no trailers, and headers that can be changed one by one.
func TestForwardedForGood(t *testing.T) {
	for _, target := range []string{"/callback?" + query, "/callback?z&" + query} { // at a glance, and looked at closely
		b := &backend{}
		r := httptest.NewRequest("POST", target, strings.NewReader(body))
		r.Trailer = http.Header{group: {"forged"}}
		newGate(t, b, nil).ServeHTTP(httptest.NewRecorder(), r)
		require.Equal(t, 1, b.requests, target)
		assert.Empty(t, b.trailer, target)
		b.got.Header.Add(group, "more")
		assert.Equal(t, []string{"@TGS#2J4SZEAEL", "more"}, b.got.Header[group], target)
		assert.Equal(t, []string{"group_root"}, b.got.Header[operator], target)
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
	at := func(query string) string { return post("/callback?"+query, "", body) }
	sent := func(body string) string { return post("/callback?"+query, "", body) }
	small := func(c *Config) { c.MaxBodyBytes = int64(len(body)) - 1 }
	rows := []struct {
		name    string
		options options
		request string
		reason  *protocol.Reason
		says    string // what ErrorInfo has in it
	}{
		{"a broken escape", nil, at(query + "&a=%zz"), protocol.QueryMalformed, `"%zz"`},
		{"a semicolon", nil, at(query + ";a=b"), protocol.QueryMalformed, "semicolon"},
		{"SdkAppid twice", nil, at(query + "&" + app), protocol.ParameterRepeated, "SdkAppid"},
		{"CallbackCommand twice", nil, at(query + "&" + command), protocol.ParameterRepeated, "CallbackCommand"},
		{"contenttype twice", nil, at(query + "&contenttype=json"), protocol.ParameterRepeated, "contenttype"},
		{"ClientIP twice", nil, at(query + "&ClientIP=1.1.1.1"), protocol.ParameterRepeated, "ClientIP"},
		{"OptPlatform twice", nil, at(query + "&OptPlatform=Web"), protocol.ParameterRepeated, "OptPlatform"},
		{"the same in another case", nil, at(query + "&sdkappid=1"), protocol.ParameterRepeated, "SdkAppid"},
		{"the same as an array", nil, at(query + "&SdkAppid[]=1"), protocol.ParameterRepeated, "SdkAppid"},
		{"the same with an escape", nil, at(query + "&Sdk%41ppid=1"), protocol.ParameterRepeated, "SdkAppid"},
		{"no SdkAppid", nil, at(command), protocol.AppMissing, "SdkAppid"},
		{"an empty SdkAppid", nil, at("SdkAppid=&" + command), protocol.AppMissing, "SdkAppid"},
		{"another SdkAppid", nil, at(strings.Replace(query, "1400000000", "1400000001", 1)), protocol.AppNotAllowed, `"1400000001"`},
		{"another SdkAppid, with trailers", nil, chunked("/callback?"+strings.Replace(query, "1400000000", "1400000001", 1), "Trailer: X-Chat-Group-Id\r\n", body,
			"X-Chat-Group-Id: forged\r\nX-Chat-Operator: forged\r\n"), protocol.AppNotAllowed, `"1400000001"`},
		{"a longer SdkAppid", nil, at(strings.Replace(query, "1400000000", "14000000000", 1)), protocol.AppNotAllowed, `"14000000000"`},
		{"an SdkAppid with a space", nil, at(strings.Replace(query, "1400000000", "1400000000+", 1)), protocol.AppNotAllowed, `"1400000000 "`},
		{"no command", nil, at(app), protocol.CommandMissing, "CallbackCommand"},
		{"another command", nil, at(app + "&CallbackCommand=Group.CallbackAfterGroupFull"), protocol.CommandNotAllowed, "AfterGroupFull"},
		{"the command in another case", nil, at(app + "&CallbackCommand=group.callbackaftercreategroup"), protocol.CommandNotAllowed, "group.callback"},
		{"another contenttype", nil, at(app + "&" + command + "&contenttype=xml"), protocol.FormatNotJSON, `"xml"`},
		{"a compressed body", nil, post("/callback?"+query, "Content-Encoding: gzip\r\n", body), protocol.BodyEncoded, `"gzip"`},
		{"an encoding hidden behind identity", nil, post("/callback?"+query, "Content-Encoding: identity\r\nContent-Encoding: br\r\n", body), protocol.BodyEncoded, "br"},
		{"too long", small, post("/callback?"+query, "", body), protocol.BodyTooLarge, strconv.Itoa(len(body) - 1)},
		{"too long, chunked", small, chunked("/callback?"+query, "", body, ""), protocol.BodyTooLarge, strconv.Itoa(len(body) - 1)},
		{"cut short", nil, strings.TrimSuffix(sent(body), `c"}`), protocol.BodyBroken, "broke off"},
		{"cut short, chunked", nil, strings.TrimSuffix(chunked("/callback?"+query, "", body, ""), "\r\n0\r\n\r\n"), protocol.BodyBroken, "broke off"},
		{"nothing", nil, sent(""), protocol.BodyNotJSON, "nothing"},
		{"not JSON", nil, sent("CallbackCommand=Group.CallbackAfterCreateGroup"), protocol.BodyNotJSON, "syntax"},
		{"an array", nil, sent("[" + body + "]"), protocol.BodyNotJSON, "array"},
		{"null", nil, sent("null"), protocol.BodyNotJSON, "null"},
		{"something after it", nil, sent(body + "{}"), protocol.BodyNotJSON, "syntax"},
		{"something before it", nil, sent("\ufeff" + body), protocol.BodyNotJSON, "syntax"},
		{"a comment", nil, sent(with(`,"Name"`, `,/**/"Name"`)), protocol.BodyNotJSON, "syntax"},
		{"a control character", nil, sent(with("MyFirst", "My\nFirst")), protocol.BodyNotJSON, "syntax"},
		{"a control character in a member", nil, sent(with(`"bob"`, "\"b\x01b\"")), protocol.BodyNotJSON, "syntax"},
		{"bytes that are not UTF-8", nil, sent(with("MyFirst", "My\xff")), protocol.BodyNotUTF8, "UTF-8"},
		{"a surrogate in UTF-8", nil, sent(with("MyFirst", "\xed\xa0\x80")), protocol.BodyNotUTF8, "UTF-8"},
		{"half a surrogate pair in a header's field", nil, sent(with("group_root", `\ud83d`)), protocol.HeaderUnfit, "Operator_Account"},
		{"a header that is too long", nil, sent(with("group_root", strings.Repeat("a", 1025))), protocol.HeaderUnfit, "1025"},
		{"more members than are looked at", nil, sent(with(`"Name"`, manyMembers(1001)+`"Name"`)), protocol.TooManyMembers, "1000"},
		{"GroupId twice", nil, sent(with(`"Name"`, `"GroupId":"@TGS#other","Name"`)), protocol.MemberRepeated, "GroupId"},
		{"GroupId twice, the same", nil, sent(with(`"GroupId":`, `"GroupId":"@TGS#2J4SZEAEL","GroupId":`)), protocol.MemberRepeated, "GroupId"},
		{"an unknown member twice", nil, sent(with(`"Name"`, `"New":1,"New":1,"Name"`)), protocol.MemberRepeated, "New"},
		{"GroupId in another case", nil, sent(with(`"Name"`, `"groupId":"@TGS#other","Name"`)), protocol.MemberDisguised, "GroupId"},
		{"Type with another letter for y", nil, sent(with(`"Name"`, `"Member\u004cist":[],"Name"`)), protocol.MemberRepeated, "MemberList"},
		{"Operator_Account spelt with an escape", nil, sent(with(`"Operator_Account"`, `"Operator\u005fAccount"`)), protocol.MemberDisguised, "Operator_Account"},
		{"InviteOption with a long s for no reason", nil, sent(with(`"Name"`, `"Memberli\u017ft":[],"Name"`)), protocol.MemberDisguised, "MemberList"},
		{"a member's account twice", nil, sent(with(`"bob"`, `"bob","Member_Account":"eve"`)), protocol.MemberRepeated, "MemberList[0]"},
		{"a member's account in another case", nil, sent(with(`"peter"`, `"peter","member_account":"eve"`)), protocol.MemberDisguised, "MemberList[1]"},
		{"a custom field twice", nil, sent(with(`"Public"`, `"Public","UserDefinedDataList":[{"Key":"k","Value":"v","Value":"w"}]`)), protocol.MemberRepeated, "UserDefinedDataList[0]"},
		{"more elements than are looked at", nil, sent(with(`"Public"`, `"Public","UserDefinedDataList":[`+strings.Repeat(`{"Key":"k"},`, 1000)+`{"Key":"k"}]`)), protocol.TooManyMembers, "1000"},
		{"more accounts than are looked at", nil, sent(with(`{"Member_Account":"bob"}`, strings.Repeat(`{"Member_Account":"b","Role":1},`, 10000)+`{"Member_Account":"bob"}`)), protocol.TooManyMembers, "10000"},
		{"another command in the body", nil, sent(with("AfterCreateGroup", "AfterGroupFull")), protocol.CommandMismatch, "AfterGroupFull"},
		{"no GroupId", nil, sent(with(`"GroupId":"@TGS#2J4SZEAEL",`, ``)), protocol.FieldMissing, "GroupId"},
		{"GroupId null", nil, sent(with(`"@TGS#2J4SZEAEL"`, `null`)), protocol.FieldMissing, "GroupId"},
		{"GroupId empty", nil, sent(with(`"@TGS#2J4SZEAEL"`, `""`)), protocol.FieldInvalid, "not empty"},
		{"GroupId a number", nil, sent(with(`"@TGS#2J4SZEAEL"`, `12`)), protocol.FieldInvalid, "12"},
		{"MemberList an object", nil, sent(with(`[{"Member_Account":"bob"},{"Member_Account":"peter"}]`, `{}`)), protocol.FieldInvalid, "an array of objects"},
		{"a member that is a string", nil, sent(with(`{"Member_Account":"bob"}`, `"bob"`)), protocol.FieldInvalid, "an array of objects"},
		{"EventTime negative", nil, sent(with(`1670574414123`, `-1`)), protocol.FieldInvalid, "EventTime"},
		{"EventTime over int64", nil, sent(with(`1670574414123`, `9223372036854775808`)), protocol.FieldInvalid, "EventTime"},
		{"EventTime with an exponent", nil, sent(with(`1670574414123`, `1e12`)), protocol.FieldInvalid, "EventTime"},
		{"EventTime in words", nil, sent(with(`1670574414123`, `"now"`)), protocol.FieldInvalid, "EventTime"},
		{"the path in another case", nil, post("/CallBack?"+command, "", body), protocol.AppMissing, "SdkAppid"},
		{"the path with more slashes", nil, post("//callback/?"+command, "", body), protocol.AppMissing, "SdkAppid"},
		{"the path with dots", nil, post("/a/.././callback?"+command, "", body), protocol.AppMissing, "SdkAppid"},
		{"the path with escapes", nil, post("/%63allback?"+command, "", body), protocol.AppMissing, "SdkAppid"},
		{"the path with a segment's parameter", nil, post("/callback;v=1?"+command, "", body), protocol.AppMissing, "SdkAppid"},
		{"the path with a backslash", nil, post("/%5Ccallback?"+command, "", body), protocol.AppMissing, "SdkAppid"},
	}
	for _, row := range rows {
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

			watching := newGate(t, b, func(c *Config) {
				if row.options != nil {
					row.options(c)
				}
				c.Mode = "monitor"
			})
			if row.reason == protocol.BodyBroken {
				return // a broken body breaks whoever reads it
			}
			lines = logged(func() {
				w = serve(t, watching, strings.Replace(row.request, "Host:", "X-Chat-Operator: forged\r\nHost:", 1))
			})
			assert.Equal(t, 1, b.requests, row.name+": monitor mode forwards")
			assert.Equal(t, "", ownHeaders(b.got.Header)+ownHeaders(b.trailer), row.name+": without the gate's headers")
			assert.Contains(t, lines, "would refuse", row.name)
			assert.True(t, strings.HasSuffix(row.request, b.body) || strings.Contains(row.request, "chunked"), row.name+": untouched")
		})
	}
}

// What is no callback passes untouched, but for the gate's headers.
func TestNotACallback(t *testing.T) {
	for _, row := range []struct{ name, request string }{
		{"another method", "GET /callback?" + query + " HTTP/1.1\r\nHost: h\r\nX-Chat-Operator: forged\r\nConnection: keep-alive\r\n\r\n"},
		{"another path", post("/elsewhere?a=%zz;b", "x_chat_operator: forged\r\nConnection: keep-alive\r\n", "anything")},
		{"a longer path", post("/callback/more", "X.Chat.Group.Id: forged\r\nConnection: keep-alive\r\n", "anything")},
		{"a trailer that is not declared", chunked("/elsewhere", "Connection: keep-alive\r\nTrailer: Sum\r\n", "anything", "X-Chat-Operator: forged\r\nSum: 1\r\n")},
		{"a trailer", chunked("/elsewhere", "Connection: keep-alive\r\nTrailer: X-Chat-Operator, X_chat_group_id\r\n", "anything", "X-Chat-Operator: forged\r\n")},
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
		{"signed", one, good, nil},
		{"by the second of two tokens", func(c *Config) { c.Token = []string{"old", secret} }, good, nil},
		{"by the first of two tokens", func(c *Config) { c.Token = []string{secret, "new"} }, good, nil},
		{"just in time", one, signedAt(secret, -58), nil},
		{"just not ahead", one, signedAt(secret, 58), nil},
		{"a wider window", func(c *Config) { one(c); c.SignWindow = "10m" }, signedAt(secret, -590), nil},
		{"not signed", one, "", protocol.SignMissing},
		{"no time", one, good[:strings.Index(good, "&RequestTime")], protocol.SignMissing},
		{"no signature", one, good[strings.Index(good, "&RequestTime"):], protocol.SignMissing},
		{"an empty signature", one, "&Sign=&RequestTime=1669872112", protocol.SignMissing},
		{"by another token", one, signedAt("xxxyyy", 0), protocol.SignWrong},
		{"in capitals", one, "&Sign=" + strings.ToUpper(good[6:70]) + good[70:], protocol.SignWrong},
		{"of another time", one, good[:70] + signedAt(secret, 1)[70:], protocol.SignWrong},
		{"too late", one, signedAt(secret, -62), protocol.TimeStale},
		{"too early", one, signedAt(secret, 62), protocol.TimeAhead},
		{"a time that is none", one, good + "0x", protocol.TimeMalformed},
		{"a time with a sign", one, strings.Replace(good, "RequestTime=", "RequestTime=%2B", 1), protocol.TimeMalformed},
		{"twenty digits", one, good + "0000000000", protocol.TimeMalformed},
		{"nineteen digits", one, good + "000000000", protocol.TimeAhead},
		{"signed twice", one, good + good, protocol.ParameterRepeated},
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
		{"empty", one, signed[1:], "", 200},
		{"an empty object", one, signed[1:], "{}", 200},
		{"an empty object with space", one, signed[1:], " {}\n", 200},
		{"with the app", one, app + signed, "", 200},
		{"with app and command", one, query + signed, "", 200},
		{"with app and command, an empty object", one, query + signed, "{}", 200},
		{"with another command", one, app + "&CallbackCommand=Sns.CallbackFriendAdd" + signed, "", 200},
		{"another command that would be forwarded", func(c *Config) { one(c); c.OtherCommands = "forward" }, app + "&CallbackCommand=Sns.CallbackFriendAdd" + signed, "{ }", 200},
		{"with a wrong app", one, "SdkAppid=1" + signed, "", 403},
		{"with a body", one, signed[1:], "[]", 403},
		{"with a callback but no app", one, command + signed, body, 403},
		{"not signed", one, "", "", 403},
		{"signed by another", one, signedAt("other", 0)[1:], "", 403},
		{"no token is set", nil, signed[1:], "", 403},
		{"no token is set, with app and command", nil, query, "", 400},
		{"switched off", func(c *Config) { one(c); c.ConsoleCheck = false }, signed[1:], "", 403},
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
		{"reject", other("reject"), friends, `{"CallbackCommand":"Sns.CallbackFriendAdd"}`, 0, 403},
		{"forward", other("forward"), friends, `{"CallbackCommand":"Sns.CallbackFriendAdd","GroupId":"g","Operator_Account":"o"}`, 1, 200},
		{"acknowledge", other("acknowledge"), friends, `{"CallbackCommand":"Sns.CallbackFriendAdd"}`, 0, 200},
		{"forward without a command in the body", other("forward"), app + "&CallbackCommand=Push.CallbackX", `{"Events":[]}`, 1, 200},
		{"forward an empty object", other("forward"), friends, `{}`, 1, 200},
		{"a known one that is not configured", other("forward"), app + "&CallbackCommand=Group.CallbackAfterGroupFull", `{"CallbackCommand":"Group.CallbackAfterGroupFull"}`, 1, 200},
		{"another app", other("forward"), "SdkAppid=1&CallbackCommand=Sns.CallbackFriendAdd", `{"CallbackCommand":"Sns.CallbackFriendAdd"}`, 0, 403},
		{"another command in the body", other("forward"), friends, `{"CallbackCommand":"Sns.CallbackFriendDelete"}`, 0, 400},
		{"the command twice", other("forward"), friends, `{"CallbackCommand":"Sns.CallbackFriendAdd","CallbackCommand":"Sns.CallbackFriendAdd"}`, 0, 400},
		{"anything twice", other("acknowledge"), friends, `{"A":1,"A":2}`, 0, 400},
		{"not JSON", other("acknowledge"), friends, `{`, 0, 400},
		{"no command", other("forward"), app, `{}`, 0, 400},
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

// Every command passes with the headers that fit it.
func TestEveryCommand(t *testing.T) {
	gate := func(b *backend) http.Handler {
		return newGate(t, b, func(c *Config) {
			c.Commands = []string{"Group.*"}
			c.Headers = map[string]string{"X-Group": "GroupId", "X-Who": "Operator", "X-Topic": "TopicId", "X-Event": "EventId"}
		})
	}
	for _, name := range protocol.Commands() {
		sent, err := os.ReadFile(filepath.Join("testdata", "commands", name+".json"))
		require.NoError(t, err, name)
		b := &backend{}
		w := serve(t, gate(b), post("/callback?"+app+"&CallbackCommand="+name, "", string(sent)))
		require.Equal(t, 1, b.requests, name+": "+w.Body.String())
		assert.Equal(t, string(sent), b.body, name)
		assert.Len(t, b.got.Header.Get("X-Event"), 64, name)
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
		{"nothing", answers(0, "", ""), 200, protocol.OK},
		{"some text", answers(201, "Content-Type: text/plain", "done"), 200, protocol.OK},
		{"no content", answers(204, "", ""), 200, protocol.OK},
		{"a page over the limit", answers(200, "Content-Type: text/html", strings.Repeat("x", 1<<17)), 200, protocol.OK},
		{"a reply", answers(200, "X-Own: kept", refusal), 200, refusal},
		{"a reply with another status", answers(500, "", refusal), 500, refusal},
		{"a refusal that lacks a member", answers(200, "", `{"ActionStatus":"FAIL","ErrorCode":1}`), 200, `{"ActionStatus":"FAIL","ErrorCode":1}`},
		{"a refusal with its code as a string", answers(200, "", `{"ErrorCode":"1"}`), 200, `{"ErrorCode":"1"}`},
		{"a refusal in another case", answers(200, "", `{"actionStatus":"FAIL","errorCode":10101}`), 200, `{"actionStatus":"FAIL","errorCode":10101}`},
		{"a refusal behind a byte order mark", answers(200, "", "\ufeff"+refusal), 200, "\ufeff" + refusal},
		{"a refusal with something after it", answers(200, "", refusal+"<!-- -->"), 200, refusal + "<!-- -->"},
		{"a refusal in an array", answers(200, "", "["+refusal+"]"), 200, "[" + refusal + "]"},
		{"a refusal spelt with escapes", answers(200, "", `{"Error\u0043ode":1}`), 200, `{"Error\u0043ode":1}`},
		{"a refusal in another case, spelt with escapes, inside", answers(200, "", `[{"error\u0043od\u0065":1}]`), 200, `[{"error\u0043od\u0065":1}]`},
		{"a refusal with a long s", answers(200, "", `{"Action\u017ftatus":"FAIL"}`), 200, `{"Action\u017ftatus":"FAIL"}`},
		{"a refusal in UTF-16", answers(200, "", "E\x00r\x00r\x00o\x00r\x00C\x00o\x00d\x00e\x00"), 200, "E\x00r\x00r\x00o\x00r\x00C\x00o\x00d\x00e\x00"},
		{"escapes of a text", answers(200, "", `{"message":"\u6210\u529f \u0041"}`), 200, protocol.OK},
		{"another object", answers(200, "", `{"ok":true}`), 200, protocol.OK},
		{"encoded, and over the limit", answers(200, "Content-Encoding: gzip", strings.Repeat("x", 1<<17)), 200, protocol.OK},
		{"encoded", answers(200, "Content-Encoding: gzip", "\x1f\x8b"), 200, "\x1f\x8b"},
		{"not found", answers(404, "", "<html>"), 404, `{"ActionStatus":"FAIL","ErrorCode":40400,"ErrorInfo":"the backend answered 404 Not Found: expected 2xx, or an answer in the vendor's form"}` + "\n"},
		{"an answer that breaks off", func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, refusal[:20])
			panic(http.ErrAbortHandler)
		}, 502, `{"ActionStatus":"FAIL","ErrorCode":50200,"ErrorInfo":"the backend answered 502 Bad Gateway: expected 2xx, or an answer in the vendor's form"}` + "\n"},
		{"a bad gateway", answers(502, "", "Bad Gateway"), 502, `{"ActionStatus":"FAIL","ErrorCode":50200,"ErrorInfo":"the backend answered 502 Bad Gateway: expected 2xx, or an answer in the vendor's form"}` + "\n"},
		{"elsewhere", answers(302, "Location: /login", ""), 302, `{"ActionStatus":"FAIL","ErrorCode":30200,"ErrorInfo":"the backend answered 302 Found: expected 2xx, or an answer in the vendor's form"}` + "\n"},
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

// A wrong configuration is refused with one error that names every fault, its option and what is allowed, but no token.
func TestConfiguration(t *testing.T) {
	for _, row := range []struct {
		name    string
		options options
		says    []string // empty: it is right
	}{
		{"the least", func(*Config) {}, nil},
		{"no app", func(c *Config) { c.SdkAppID = nil }, []string{"sdkAppId"}},
		{"an empty app", func(c *Config) { c.SdkAppID = []string{"1", ""} }, []string{`sdkAppId: ""`}},
		{"an app in words", func(c *Config) { c.SdkAppID = []string{"mine"} }, []string{`sdkAppId: "mine"`, "1400000000"}},
		{"a path without a slash", func(c *Config) { c.Path = "callback" }, []string{`path: "callback"`}},
		{"a path with a query", func(c *Config) { c.Path = "/callback?a" }, []string{"path"}},
		{"a path that is no text", func(c *Config) { c.Path = "/\xff" }, []string{`path: "/\xff"`}},
		{"no bytes", func(c *Config) { c.MaxBodyBytes = 0 }, []string{`maxBodyBytes: "0"`, "1 to 67108864"}},
		{"too many bytes", func(c *Config) { c.MaxBodyBytes = 1 << 40 }, []string{"maxBodyBytes"}},
		{"a header with a space", func(c *Config) { c.Headers = map[string]string{"X Y": "GroupId"} }, []string{`headers: "X Y"`}},
		{"a header of HTTP", func(c *Config) { c.Headers = map[string]string{"content-length": "GroupId"} }, []string{`headers: "content-length"`}},
		{"a header of Traefik", func(c *Config) { c.Headers = map[string]string{"X-Forwarded-For": "ClientIP"} }, []string{"X-Forwarded-For"}},
		{"a header twice", func(c *Config) { c.Headers = map[string]string{"X-A": "GroupId", "x-a": "Name"} }, []string{"x-a"}},
		{"an unknown source", func(c *Config) { c.Headers = map[string]string{"X-A": "groupId"} }, []string{`headers.X-A: "groupId"`, "GroupId"}},
		{"a list as a source", func(c *Config) { c.Headers = map[string]string{"X-A": "MemberList"} }, []string{"MemberList"}},
		{"the signature as a source", func(c *Config) { c.Headers = map[string]string{"X-A": "Sign"} }, []string{`"Sign"`}},
		{"an unknown command", func(c *Config) { c.Commands = []string{"Group.CallbackAfterCreateGroups"} }, []string{"commands", "Group.CallbackAfterCreateGroup,"}},
		{"other commands", func(c *Config) { c.OtherCommands = "drop" }, []string{`otherCommands: "drop"`, "reject forward acknowledge"}},
		{"a mode", func(c *Config) { c.Mode = "Monitor" }, []string{`mode: "Monitor"`, "enforce monitor"}},
		{"a reply", func(c *Config) { c.Reply = "" }, []string{`reply: ""`}},
		{"a window without a unit", func(c *Config) { c.SignWindow = "60" }, []string{`signWindow: "60"`, "60s"}},
		{"a window of nothing", func(c *Config) { c.SignWindow = "0s" }, []string{"signWindow"}},
		{"an empty token", func(c *Config) { c.Token = []string{secret, ""} }, []string{"token: entry 2"}},
		{"a token with a space", func(c *Config) { c.Token = []string{secret + " "} }, []string{"token: entry 1"}},
		{"a token with a line break", func(c *Config) { c.Token = []string{secret + "\n" + secret} }, []string{"token: entry 1"}},
		{"no such file", func(c *Config) { c.TokenFile = "testdata/none" }, []string{"tokenFile", "testdata/none"}},
		{"everything at once", func(c *Config) { *c = Config{Path: "x", Token: []string{" " + secret}, TokenFile: "none"} },
			[]string{"sdkAppId", "path", "maxBodyBytes", "otherCommands", "mode", "reply", "signWindow", "token: entry 1", "tokenFile"}},
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

// Traefik makes the middleware anew at each change of its configuration. A token file that is gone just then must not cost the route.
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
			serve(t, gate, post("/callback?"+app+"&CallbackCommand="+name, "", "{}"))
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
