package inspect

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate"
	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/yaegi/internal/capture"
	"github.com/chatgate/chatgate/yaegi/internal/explain"
	"github.com/chatgate/chatgate/yaegi/internal/sample"
)

// A bench is a gate that is watched, compiled, before a backend.
type bench struct {
	*Observer
	gate *httptest.Server
	page *Server
	http *httptest.Server // the page's
}

func newBench(t *testing.T, config *chatgate.Config, backend http.HandlerFunc) *bench {
	t.Helper()
	options := map[string]any{}
	text, _ := json.Marshal(config)
	require.NoError(t, json.Unmarshal(text, &options))
	twin, err := explain.New(options)
	require.NoError(t, err)
	b := &bench{Observer: NewObserver(twin)}
	handler, err := chatgate.New(context.Background(), b.Backend(backend), config, "test")
	require.NoError(t, err)
	b.gate = httptest.NewServer(b.Watch(handler))
	t.Cleanup(b.gate.Close)
	b.page = NewServer(b.Observer, b.gate.URL)
	b.http = httptest.NewServer(b.page)
	t.Cleanup(b.http.Close)
	return b
}

func ok(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("X-Own", "yes")
	_, _ = io.WriteString(w, protocol.OK)
}

func config(more func(*chatgate.Config)) *chatgate.Config {
	c := chatgate.CreateConfig()
	c.SdkAppID = []string{"1400000000"}
	c.Path = "/callback"
	if more != nil {
		more(c)
	}
	return c
}

// send sends a callback to the gate, and returns what was kept of it.
func (b *bench) send(t *testing.T, target, body string, headers ...string) *Exchange {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.gate.URL+target, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header[headers[i]] = []string{headers[i+1]}
	}
	before := b.store.after(0).changed
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	_, _ = io.Copy(io.Discard, response.Body)
	require.NoError(t, response.Body.Close())
	<-before
	all := b.store.after(0).exchanges
	return all[len(all)-1]
}

var good = sample.URL("/callback", "1400000000", protocol.AfterCreateGroup)

func TestForwarded(t *testing.T) {
	b := newBench(t, config(nil), ok)
	x := b.send(t, good, sample.GroupCreated, "X-Chat-Group-Id", "forged", "X-Chat-Operator", "forged", "X_chat_operator", "forged")
	assert.Equal(t, explain.Forwarded, x.Account.Verdict)
	assert.Equal(t, []Field{{"Content-Type", protocol.ContentType}, {"X-Chat-Group-Id", "@TGS#2J4SZEAEL"}, {"X-Chat-Operator", "alice"}}, x.Set)
	assert.Equal(t, []Field{{"Content-Type", "application/json"}, {"X-Chat-Group-Id", "forged"}, {"X-Chat-Operator", "forged"}, {"X_chat_operator", "forged"}}, x.Stripped)
	assert.Equal(t, sample.GroupCreated, string(x.Request.Body))
	require.NotNil(t, x.Visit)
	assert.True(t, x.Visit.Same)
	assert.Equal(t, int64(len(sample.GroupCreated)), x.Visit.Request.Size)
	assert.Equal(t, "yes", x.Visit.Answer.Header.Get("X-Own"))
	assert.Equal(t, protocol.OK, string(x.Visit.Answer.Body))
	assert.Equal(t, 200, x.Status)
}

func TestRefusedReachesNobody(t *testing.T) {
	b := newBench(t, config(nil), ok)
	x := b.send(t, "/callback?SdkAppid=2", "{}", "X-Chat-Operator", "forged")
	assert.Equal(t, explain.Refused, x.Account.Verdict)
	assert.Nil(t, x.Visit)
	assert.Equal(t, []Field{{"X-Chat-Operator", "forged"}}, x.Stripped)
	assert.Equal(t, 403, x.Status)
	assert.Equal(t, 40302, x.Account.Refusal.Code)
	assert.Equal(t, "{}", string(x.Request.Body), "the page has it, though the gate did not read it")
}

func TestMonitor(t *testing.T) {
	b := newBench(t, config(func(c *chatgate.Config) { c.Mode = "monitor" }), ok)
	x := b.send(t, "/callback?SdkAppid=2", "{}")
	assert.Equal(t, explain.WouldRefuse, x.Account.Verdict)
	assert.NotNil(t, x.Visit)
	assert.Equal(t, 40302, x.Account.Refusal.Code)
	assert.Equal(t, explain.Forwarded, b.send(t, good, sample.GroupCreated).Account.Verdict)
}

func TestOtherVerdicts(t *testing.T) {
	b := newBench(t, config(func(c *chatgate.Config) { c.OtherCommands = "acknowledge" }), ok)
	assert.Equal(t, explain.Answered, b.send(t, sample.URL("/callback", "1400000000", "Room.X"), "{}").Account.Verdict)
	assert.Equal(t, explain.Unchecked, b.send(t, "/elsewhere", "{}").Account.Verdict)
}

func TestLongBodies(t *testing.T) {
	b := newBench(t, config(func(c *chatgate.Config) { c.MaxBodyBytes = 4 << 20 }), ok)
	long := `{"CallbackCommand":"` + protocol.AfterCreateGroup + `","Extra":"` + strings.Repeat("x", 2<<20) + `",` + sample.GroupCreated[1:]
	long = strings.Replace(long, `"CallbackCommand":"`+protocol.AfterCreateGroup+`",`, "", 1)
	x := b.send(t, good, long)
	assert.Equal(t, explain.Forwarded, x.Account.Verdict)
	assert.Len(t, x.Request.Body, maxBody)
	assert.Equal(t, int64(len(long)), x.Request.Size)
	assert.True(t, x.Visit.Same)
	d := describe(x)
	assert.True(t, d.Request.Cut)
	assert.Nil(t, d.Tree)
}

func TestBackendThatChangesNothingAndAnswersNothing(t *testing.T) {
	b := newBench(t, config(nil), func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	before := b.store.after(0).changed
	response, err := http.Post(b.gate.URL+good, "", strings.NewReader(sample.GroupCreated))
	if err == nil {
		require.NoError(t, response.Body.Close())
	}
	require.Error(t, err)
	<-before
	x := b.store.get(1)
	assert.Equal(t, 0, x.Status)
	assert.False(t, x.Visit.Same, "it read nothing")
	assert.Equal(t, "no answer", describe(x).Answer.Line)
}

func TestMemoryIsBounded(t *testing.T) {
	s := newStore()
	for range maxExchanges + 10 {
		s.add(&Exchange{})
	}
	v := s.after(0)
	assert.Len(t, v.exchanges, maxExchanges)
	assert.Equal(t, int64(10), v.dropped)
	assert.Equal(t, int64(11), v.oldest)
	assert.Nil(t, s.get(10))
	assert.Equal(t, int64(11), s.get(11).ID)
	for range 100 {
		s.add(&Exchange{Request: Message{Body: make([]byte, maxBody)}})
	}
	v = s.after(0)
	assert.LessOrEqual(t, s.bytes, maxBytes)
	assert.Less(t, len(v.exchanges), 65)
	assert.Equal(t, int64(maxExchanges+110-len(v.exchanges)), v.dropped)
	s.clear()
	assert.Empty(t, s.after(0).exchanges)
	s.add(&Exchange{})
	assert.Equal(t, int64(maxExchanges+111), s.after(0).exchanges[0].ID, "an ID is never given twice")
}

// get fetches from the page.
func (b *bench) get(t *testing.T, path string) (int, string) {
	t.Helper()
	response, err := http.Get(b.http.URL + path)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(text)
}

func TestOnlyThisMachineAndThisPage(t *testing.T) {
	b := newBench(t, config(nil), ok)
	for host, allowed := range map[string]bool{
		"127.0.0.1:4040": true, "localhost:4040": true, "[::1]:4040": true, "127.0.0.1": true, "[::1]": true,
		"evil.example": false, "evil.example:4040": false, "127.0.0.1.evil.example": false, "0.0.0.0:4040": false, "10.0.0.1": false, "": false, "localhost.evil": false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		b.page.ServeHTTP(w, r)
		assert.Equal(t, allowed, w.Code == 200, host)
	}
	for origin, allowed := range map[string]bool{
		"http://127.0.0.1:4040": true, "http://localhost:4040": false, "http://evil.example": false, "null": false, "": false, "https://127.0.0.1:4040": false,
	} {
		r := httptest.NewRequest(http.MethodPost, "/api/clear", nil)
		r.Host = "127.0.0.1:4040"
		r.Header.Set("Origin", origin)
		w := httptest.NewRecorder()
		b.page.ServeHTTP(w, r)
		assert.Equal(t, allowed, w.Code == 204, origin)
	}
	for address, allowed := range map[string]bool{"127.0.0.1:0": true, "localhost:0": true, "0.0.0.0:0": false, ":0": false, "[::]:0": false, "nowhere": false} {
		_, err := Resolve(address)
		assert.Equal(t, allowed, err == nil, "%s: %v", address, err)
	}
}

func TestPolicy(t *testing.T) {
	b := newBench(t, config(nil), ok)
	for _, path := range []string{"/", "/page.js", "/page.css", "/icon.svg", "/api/search?text=a", "/nothing"} {
		response, err := http.Get(b.http.URL + path)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Contains(t, response.Header.Get("Content-Security-Policy"), "default-src 'none'", path)
		assert.NotContains(t, response.Header.Get("Content-Security-Policy"), "unsafe", path)
		assert.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"), path)
	}
	script, err := files.ReadFile("page.js")
	require.NoError(t, err)
	for _, word := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"} {
		assert.NotContains(t, string(script), word)
	}
	page, err := files.ReadFile("page.html")
	require.NoError(t, err)
	for _, word := range []string{" style=", " onclick=", "<style", "javascript:", "https://"} {
		assert.NotContains(t, string(page), word)
	}
}

// listen reads server-sent events, from where the ID says.
func (b *bench) listen(t *testing.T, lastID string) (next func() (name, id string, data map[string]any)) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.http.URL+"/api/events", nil)
	require.NoError(t, err)
	r.Header.Set("Last-Event-ID", lastID)
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	lines := bufio.NewReader(response.Body)
	return func() (name, id string, data map[string]any) {
		for {
			line, err := lines.ReadString('\n')
			require.NoError(t, err)
			field, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			switch field {
			case "event":
				name = value
			case "id":
				id = value
			case "data":
				require.NoError(t, json.Unmarshal([]byte(value), &data))
			case "":
				if name != "" {
					return name, id, data
				}
			}
		}
	}
}

func TestEvents(t *testing.T) {
	b := newBench(t, config(nil), ok)
	b.send(t, good, sample.GroupCreated)
	next := b.listen(t, "")
	name, _, hello := next()
	assert.Equal(t, "hello", name)
	assert.Equal(t, true, hello["fresh"])
	assert.Equal(t, b.gate.URL, hello["gate"])
	assert.Equal(t, protocol.AfterCreateGroup, hello["command"])
	assert.Len(t, hello["commands"], len(protocol.Commands()))
	name, _, data := next()
	assert.Equal(t, "callbacks", name)
	assert.Len(t, data["callbacks"], 1)
	b.send(t, "/callback?SdkAppid=2", "{}")
	_, id, data := next()
	require.Len(t, data["callbacks"], 1)
	assert.Equal(t, "refused", data["callbacks"].([]any)[0].(map[string]any)["verdict"])

	again := b.listen(t, id)
	_, _, hello = again()
	assert.Equal(t, false, hello["fresh"], "the page left off here")
	_, _, data = again()
	assert.Empty(t, data["callbacks"])
	other := b.listen(t, "another-run:2")
	_, _, hello = other()
	assert.Equal(t, true, hello["fresh"])

	b.page.observer.store.clear()
	_, _, data = next()
	assert.Equal(t, true, data["cleared"])
}

func TestDetail(t *testing.T) {
	b := newBench(t, config(nil), ok)
	x := b.send(t, good+"&own=a%2Fb", sample.GroupCreated)
	status, text := b.get(t, fmt.Sprintf("/api/callbacks/%d", x.ID))
	require.Equal(t, 200, status)
	var d struct {
		Verdict    string
		Checks     []explain.Check
		Parameters []Field
		Tree       Node
		Backend    struct{ Same bool }
	}
	require.NoError(t, json.Unmarshal([]byte(text), &d))
	assert.Len(t, d.Checks, len(protocol.Reasons))
	assert.Contains(t, d.Parameters, Field{"own", "a/b"})
	assert.Equal(t, "object", d.Tree.Kind)
	assert.True(t, d.Backend.Same)
	status, _ = b.get(t, "/api/callbacks/99")
	assert.Equal(t, 404, status)
	status, _ = b.get(t, "/api/callbacks/1/xml")
	assert.Equal(t, 404, status)
}

func TestSearchLooksIntoBodies(t *testing.T) {
	b := newBench(t, config(nil), ok)
	b.send(t, good, sample.GroupCreated)
	b.send(t, "/callback?SdkAppid=2", `{"a":"needle"}`)
	_, text := b.get(t, "/api/search?text=NEEDLE")
	assert.JSONEq(t, "[2]", text)
	_, text = b.get(t, "/api/search?text=x-chat-operator")
	assert.JSONEq(t, "[1]", text)
}

func TestTree(t *testing.T) {
	text := func(body string) string {
		encoded, _ := json.Marshal(tree([]byte(body)))
		return string(encoded)
	}
	assert.JSONEq(t, `{"kind":"object","nodes":[{"name":"a","kind":"number","text":"12345678901234567890.0"},{"name":"a","kind":"literal","text":"null"}]}`,
		text(`{"a":12345678901234567890.0,"a":null}`), "numbers to the digit, and repeated members")
	assert.JSONEq(t, `{"kind":"array","nodes":[{"kind":"string","text":"{\"b\":true}","json":{"kind":"object","nodes":[{"name":"b","kind":"literal","text":"true"}]}}]}`, text(`["{\"b\":true}"]`))
	assert.JSONEq(t, `{"kind":"array","nodes":[{"kind":"literal","text":"false"},{"kind":"object"}]}`, text(`[false,{}]`))
	for _, body := range []string{"", "{", "\xff", "{} {}", strings.Repeat("[", 200) + strings.Repeat("]", 200)} {
		assert.Nil(t, tree([]byte(body)), body)
	}
	long := tree([]byte("[" + strings.Repeat("0,", 2*maxNodes) + "0]"))
	assert.True(t, long.Cut)
	assert.LessOrEqual(t, len(long.Nodes), maxNodes)
}

func (b *bench) post(t *testing.T, o order) (receipt, string) {
	t.Helper()
	text, _ := json.Marshal(o)
	r, err := http.NewRequest(http.MethodPost, b.http.URL+"/api/send", bytes.NewReader(text))
	require.NoError(t, err)
	r.Header.Set("Origin", b.http.URL)
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	answer, _ := io.ReadAll(response.Body)
	var sent receipt
	if response.StatusCode == 200 {
		require.NoError(t, json.Unmarshal(answer, &sent))
		return sent, ""
	}
	return sent, string(answer)
}

func TestSendAgain(t *testing.T) {
	b := newBench(t, config(func(c *chatgate.Config) { c.Token = []string{"e10adc3949ba59ab"} }), ok)
	x := b.send(t, good, "{\"a\":\"\xff\r\n\"}", "Content-Encoding", "identity")
	assert.Equal(t, 40101, x.Account.Refusal.Code)
	sent, fault := b.post(t, order{From: x.ID, URL: b.gate.URL + good, Sign: true})
	require.Empty(t, fault)
	assert.Equal(t, 400, sent.Status)
	assert.True(t, sent.Here)
	again := b.store.get(x.ID + 1)
	assert.Equal(t, 40005, again.Account.Refusal.Code, "it is signed now, and the bytes are the same")
	assert.Equal(t, x.Request.Body, again.Request.Body)
	assert.Equal(t, "identity", again.Request.Header.Get("Content-Encoding"))

	body := sample.GroupCreated
	sent, _ = b.post(t, order{From: x.ID, URL: b.gate.URL + good, Sign: true, Body: &body})
	assert.Equal(t, 200, sent.Status)
	sent, _ = b.post(t, order{URL: b.gate.URL + good, Body: &body})
	assert.Equal(t, 401, sent.Status, "not signed")

	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("Sign") == "" {
			w.WriteHeader(400)
		}
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	}))
	defer other.Close()
	sent, _ = b.post(t, order{From: x.ID, URL: other.URL + "?a=b", Sign: true})
	assert.Equal(t, 302, sent.Status, "no redirection is followed")
	assert.False(t, sent.Here)
	sent, _ = b.post(t, order{URL: "http://127.0.0.1:1/?a=b", Sign: true})
	assert.Contains(t, sent.Error, "refused")
	assert.NotContains(t, sent.Error, "Sign")
	for _, wrong := range []order{{URL: "/callback"}, {URL: "file:///etc/passwd"}, {URL: "http://"}, {From: 99, URL: b.gate.URL}, {URL: "http://a b/"}} {
		_, fault = b.post(t, wrong)
		assert.NotEmpty(t, fault, wrong.URL)
	}
}

// What curl would make another request of stays as it came: sets in brackets, dots in the path, and
// a target in absolute form.
func TestExportedTarget(t *testing.T) {
	x := &Exchange{Request: Message{Method: "POST", Target: "http://chat.example/x/../callback?SdkAppid=1&a=[1-3]"}}
	line := curl("http://127.0.0.1:8080", false, x)
	assert.Contains(t, line, "curl -i -g --path-as-is ")
	assert.Contains(t, line, " 'http://127.0.0.1:8080/x/../callback?SdkAppid=1&a=[1-3]'")
}

func TestExports(t *testing.T) {
	b := newBench(t, config(func(c *chatgate.Config) { c.Token = []string{"e10adc3949ba59ab"} }), ok)
	requestTime := fmt.Sprint(time.Now().Unix())
	target := good + "&RequestTime=" + requestTime + "&Sign=" + protocol.Sign("e10adc3949ba59ab", requestTime)
	x := b.send(t, target, sample.GroupCreated, "X-Chat-Group-Id", "it's forged")

	_, line := b.get(t, "/api/callbacks/1/curl")
	assert.Contains(t, line, `-H 'X-Chat-Group-Id: it'\''s forged'`)
	assert.Contains(t, line, `--data-binary '`+sample.GroupCreated+`'`)
	assert.NotContains(t, line, protocol.Sign("e10adc3949ba59ab", requestTime))
	assert.Contains(t, line, sample.TokenVariable)

	_, text := b.get(t, "/api/callbacks/1/http")
	requests, err := capture.Read([]byte(text))
	require.NoError(t, err)
	assert.Equal(t, target, requests[0].Target)
	assert.Equal(t, x.Request.Body, requests[0].Body)
	assert.WithinDuration(t, x.Time, requests[0].Time, time.Second)

	_, text = b.get(t, "/api/callbacks/1/json")
	var d detail
	require.NoError(t, json.Unmarshal([]byte(text), &d))
	assert.Equal(t, sample.GroupCreated, d.Request.Body)

	response, err := http.Get(b.http.URL + "/api/callbacks/1/json")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, "text/plain; charset=utf-8", response.Header.Get("Content-Type"))
	assert.Equal(t, `attachment; filename="callback-1.json"`, response.Header.Get("Content-Disposition"))
	assert.Equal(t, `$'\x00\x40\xff'`, shellBody([]byte("\x00@\xff")))
}

func TestLineHasNoSignature(t *testing.T) {
	b := newBench(t, config(nil), ok)
	x := b.send(t, good+"&S%69gn=abc&RequestTime=1", sample.GroupCreated)
	text, err := json.Marshal(Line(x))
	require.NoError(t, err)
	assert.NotContains(t, string(text), "abc")
	assert.Contains(t, string(text), `"verdict":"forwarded"`)
	assert.Equal(t, "/a?b=c", WithoutSignature("/a?Sign=x&b=c&RequestTime=1"))
	assert.Equal(t, "/a", WithoutSignature("/a"))
}

func TestSamples(t *testing.T) {
	b := newBench(t, config(nil), ok)
	for _, command := range protocol.Commands() {
		status, text := b.get(t, "/api/commands/"+url.PathEscape(command))
		assert.Equal(t, 200, status, command)
		assert.True(t, json.Valid([]byte(text)), command)
	}
	status, _ := b.get(t, "/api/commands/Room.X")
	assert.Equal(t, 404, status)
}
