package e2e

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A row is a request, and what becomes of it.
type row struct {
	name    string
	request string
	code    int      // the ErrorCode of the gate's refusal; its first three digits are the HTTP status. 0: the backend gets the request
	gates   []string // the header lines that the backend sees, of those that are the gate's or could be taken for the gate's
	console bool     // it is the console's check of the URL: the gate accepts it, and the backend gets nothing
}

// hold sends each row's request and looks at the answer and at what the backend saw.
func (g *gateway) hold(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		r := r
		t.Run(r.name, func(t *testing.T) {
			reply := g.send(t, r.request)
			arrived := g.take()
			if r.code != 0 {
				reply.isRefusal(t, r.code)
				assert.Empty(t, arrived, "a refused request at the backend")
				return
			}
			assert.Equal(t, 200, reply.status, reply.body)
			assert.Equal(t, okReply, reply.body, "an answer that accepts")
			if r.console {
				assert.Equal(t, "application/json", reply.header.Get("Content-Type"))
				assert.Empty(t, arrived, "the console's check at the backend")
				return
			}
			require.Len(t, arrived, 1)
			assert.Equal(t, r.gates, arrived[0].gates())
			assert.Equal(t, hash(bodyOf(r.request)), hash(arrived[0].body), "the body's bytes")
			assert.Equal(t, contentTypes(r), arrived[0].values("Content-Type"))
		})
	}
}

// contentTypes is what the backend sees of the Content-Type: JSON where the gate has checked it,
// and else whatever came.
func contentTypes(r row) []string {
	if r.gates != nil {
		return []string{checkedType}
	}
	head, _, _ := strings.Cut(r.request, "\n\n")
	return seen{header: strings.Split(head, "\n")[1:]}.values("Content-Type")
}

// checkedType is the Content-Type of every callback that the gate has checked.
const checkedType = "application/json; charset=utf-8"

// The callback that most rows are a variation of, as captured ones are: compact, names in
// alphabetical order.
const (
	query = "SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterCreateGroup&contenttype=json&ClientIP=203.0.113.7&OptPlatform=RESTAPI"
	body  = `{"CallbackCommand":"Group.CallbackAfterCreateGroup","EventTime":1670574414123,"GroupId":"@TGS#2J4SZEAEL","InviteOption":"DisableInvite",` +
		`"MemberList":[{"Member_Account":"leckie"},{"Member_Account":"bob"}],"Name":"MyFirstGroup","Operator_Account":"leckie",` +
		`"Owner_Account":"leckie","Type":"Public","UserDefinedDataList":[{"Key":"UserDefined1","Value":"hello"}]}`
)

// checked is what the backend sees of it.
var checked = []string{"X-Chat-Group-Id: @TGS#2J4SZEAEL", "X-Chat-Operator: leckie"}

// with is the body, with a piece of it replaced.
func with(piece, replacement string) string { return replace(body, piece, replacement) }

// withQuery is the query, with a piece of it replaced.
func withQuery(piece, replacement string) string { return replace(query, piece, replacement) }

func replace(text, piece, replacement string) string {
	if strings.Count(text, piece) != 1 {
		panic("not once in " + text + ": " + piece)
	}
	return strings.Replace(text, piece, replacement, 1)
}

// without is the body without one of its members, which must not be the last one.
func without(member string) string { return with(member+",", "") }

// post is a request with a Content-Length. The header is lines that each end with a line feed.
func post(target, header, body string) string {
	return "POST " + target + " HTTP/1.1\nHost: chat.example\n" + header + "Content-Length: " + strconv.Itoa(len(body)) + "\n\n" + body
}

// callback is the callback with a header and a body.
func callback(header, body string) string { return post("/callback?"+query, header, body) }

// chunked is a request whose body comes in two chunks. The trailer is lines like the header's.
func chunked(method, target, header, body, trailer string) string {
	half := len(body) / 2
	return method + " " + target + " HTTP/1.1\nHost: chat.example\nTransfer-Encoding: chunked\n" + header + "\n" +
		chunk(body[:half]) + chunk(body[half:]) + "0\r\n" + strings.ReplaceAll(trailer, "\n", "\r\n") + "\r\n"
}

func chunk(piece string) string {
	return strconv.FormatInt(int64(len(piece)), 16) + "\r\n" + piece + "\r\n"
}

// bodyOf is the body of a request in the form above.
func bodyOf(request string) string {
	head, body, _ := strings.Cut(request, "\n\n")
	if !strings.Contains(head, "chunked") {
		return body
	}
	read, err := readRequest(bufio.NewReader(strings.NewReader(onTheWire(request))))
	if err != nil {
		panic(err)
	}
	return read.body
}

// onTheWire ends the lines of a request's head as HTTP has it.
func onTheWire(request string) string {
	head, body, _ := strings.Cut(request, "\n\n")
	return strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n" + body
}

// A reply is what the client got.
type reply struct {
	status int
	header http.Header
	body   string
}

// send writes a request on a connection of its own, to the byte, and reads the answer.
func (g *gateway) send(t *testing.T, request string) reply {
	t.Helper()
	conn, err := net.Dial("tcp", g.addr)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	written := make(chan struct{})
	go func() { // an answer may come before the request has been sent
		defer close(written)
		_, _ = io.WriteString(conn, onTheWire(request))
	}()
	method, _, _ := strings.Cut(request, " ")
	reader, response := bufio.NewReader(conn), &http.Response{StatusCode: http.StatusContinue}
	for response.StatusCode == http.StatusContinue {
		response, err = http.ReadResponse(reader, &http.Request{Method: method})
		require.NoError(t, err, "no answer")
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err, "half an answer")
	_ = conn.Close()
	<-written
	return reply{status: response.StatusCode, header: response.Header, body: string(text)}
}

// isRefusal checks that a reply is a refusal in the callback protocol, and returns its ErrorInfo.
func (r reply) isRefusal(t *testing.T, code int) string {
	t.Helper()
	var answer struct {
		ActionStatus, ErrorInfo string
		ErrorCode               int
	}
	strict := json.NewDecoder(strings.NewReader(r.body))
	strict.DisallowUnknownFields()
	require.NoError(t, strict.Decode(&answer), r.body)
	assert.Equal(t, code, answer.ErrorCode, answer.ErrorInfo)
	assert.Equal(t, "FAIL", answer.ActionStatus)
	assert.Equal(t, code/100, r.status)
	assert.Equal(t, "application/json", r.header.Get("Content-Type"))
	assert.NotEmpty(t, answer.ErrorInfo)
	assert.Less(t, len(answer.ErrorInfo), 400, "an ErrorInfo is a sentence")
	return answer.ErrorInfo
}
