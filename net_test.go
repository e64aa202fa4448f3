package chatgate

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/internal/journal"
	"github.com/chatgate/chatgate/internal/protocol"
)

// The net: whatever the shortcut in front of ServeHTTP does, nobody but a clock may notice. Whole
// requests go through what New returns, and through ServeHTTP alone; the two stories must be equal.

// TestNet sends every request of the table both ways. A configuration gets each fourth of them, so
// a request meets five or six of all; interpreted, which takes longer, one in 32.
func TestNet(t *testing.T) {
	met := map[string]bool{} // codes of refusals
	sent := 0
	requests := netRequests(t)
	configs := netConfigs()
	for i, c := range configs {
		p := newNetPair(c)
		turns := 4
		if interpreted() {
			turns = 32
		}
		forwarded := 0
		first := sent
		for k, row := range requests {
			if (i+k+k/turns)%turns != 0 { // the quotient lets no row of rows keep step
				continue
			}
			sent++
			request := p.filled(row.text)
			exact, fast := p.stories(t, request)
			assertOneStory(t, exact, fast, c.name+", "+row.name+": "+request)
			require.NotEqual(t, "", exact, "%s: no server lets it in: %q", row.name, request)
			forwarded += strings.Count(exact, "\nthe backend: ")
			for _, code := range errorCode.FindAllString(exact, -1) {
				met[code[len(code)-5:]] = true
			}
		}
		assert.Greater(t, forwarded, (sent-first)/10, c.name+": forwarded")
	}
	for _, reason := range protocol.Reasons {
		assert.True(t, interpreted() || met[strconv.Itoa(reason.Code)],
			reason.Meaning+": never met")
	}
	t.Logf("%d requests, %d configurations, %d pairs of both", len(requests), len(configs), sent)
}

// errorCode matches the code of a refusal, in a quoted answer.
var errorCode = regexp.MustCompile(`ErrorCode\\":[0-9]{5}`)

// FuzzNet begins with the table. Time and signatures are filled in when a request is sent.
func FuzzNet(f *testing.F) {
	var pairs []*netPair
	for _, c := range netConfigs() {
		pairs = append(pairs, newNetPair(c))
	}
	for i, row := range netRequests(f) {
		f.Add(byte(i%len(pairs)), row.text)
	}
	f.Fuzz(func(t *testing.T, configuration byte, text string) {
		p := pairs[int(configuration)%len(pairs)]
		request := p.filled(text)
		exact, fast := p.stories(t, request)
		assertOneStory(t, anyTwin(exact), anyTwin(fast), p.name+": "+request)
	})
}

// interpreted tells whether an interpreter runs this: it gives types no names.
func interpreted() bool { return reflect.TypeOf(netConfig{}).Name() == "" }

// twins is what the order of a map decides where several names are wrong: which one is named.
var twins = regexp.MustCompile(
	"(" + protocol.ParameterRepeated.Meaning + "|" + protocol.MemberMisspelt.Meaning + "): [^\n]*")

func anyTwin(story string) string { return twins.ReplaceAllString(story, "$1") }

// assertOneStory shows the lines that differ.
func assertOneStory(t *testing.T, exact, fast, message string) {
	t.Helper()
	if exact == fast {
		return
	}
	lines := strings.Split(fast, "\n")
	for i, line := range strings.Split(exact, "\n") {
		if i < len(lines) {
			require.Equal(t, line, lines[i], "ServeHTTP, and New: %q", message)
		}
	}
	require.Equal(t, exact, fast, "ServeHTTP, and New: %q", message)
}

// A netConfig is a configuration under which both ways are compared.
type netConfig struct {
	name   string
	change options
}

// sources maps a header to each source.
func sources(names ...string) map[string]string {
	headers := map[string]string{}
	for _, name := range names {
		headers["X-"+strconv.Itoa(len(headers))+"-"+strings.NewReplacer("_", "-", ".", "-").Replace(name)] = name
	}
	return headers
}

func netConfigs() []netConfig {
	all := []string{"Group.*"}
	tokens := []string{"older", secret}
	return []netConfig{
		{"defaults", func(*Config) {}},
		{"no path, two headers of one source", func(c *Config) {
			c.Path = ""
			c.Headers = map[string]string{"X-One": "GroupId", "X-Two": "GroupId", "X-Three": "Type"}
		}},
		{"every command, a parameter", func(c *Config) {
			c.Commands = []string{"*"}
			c.Headers = sources("OptPlatform", "UnreadMsgNum", "SendMsgResult")
		}},
		{"a path with a dot", func(c *Config) { c.Path = "/a.b" }},
		{"several apps, a path of many signs", func(c *Config) {
			c.SdkAppID = []string{"7", "1400000000", "9223372036854775807"}
			c.Path = "/a.b/(c)+[d]$"
		}},
		{"headers from the URL", func(c *Config) {
			c.Commands = all
			c.Headers = sources("SdkAppid", "CallbackCommand", "ClientIP", "OptPlatform")
		}},
		{"texts that may be missing", func(c *Config) {
			c.Commands = all
			c.Headers = sources("Name", "Owner_Account", "TopicId", "Introduction", "MsgId",
				"CloudCustomData")
		}},
		{"numbers", func(c *Config) {
			c.Commands = all
			c.Headers = sources("EventTime", "MsgTime", "MsgSeq", "Random", "OperateType",
				"ErrorCode",
				"OnlineOnlyFlag", "OptionType")
		}},
		{"two headers of the EventId, and of a parameter", func(c *Config) { c.Headers = sources("EventId", "EventId", "ClientIP", "ClientIP") }},
		{"EventId", func(c *Config) { c.Headers = sources("EventId", "GroupId") }},
		{"EventId and more, signed", func(c *Config) {
			c.Commands = all
			c.Token = tokens
			c.Headers = sources("EventId", "Operator", "GroupId", "TopicId", "Type")
		}},
		{"one token", func(c *Config) { c.Token = []string{secret} }},
		{"two tokens, a wide window, no console", func(c *Config) {
			c.Token = tokens
			c.SignWindow = "10m"
			c.ConsoleCheck = false
			c.Commands = all
		}},
		{"names that are common", func(c *Config) {
			c.Headers = map[string]string{"User-Agent": "Name", "x-request-id": "Operator",
				"Authorization": "Operator_Account", "Cookie": "EventTime"}
		}},
		{"nothing that a created group has", func(c *Config) {
			c.Headers = map[string]string{"X-None": "Introduction", "X-Chat-Group-Id": "MsgId"}
		}},
		{"messages only, others forwarded", func(c *Config) {
			c.Commands = []string{"Group.CallbackBeforeSendMsg", "Group.CallbackAfterSendMsg"}
			c.OtherCommands = "forward"
		}},
		{"others acknowledged, signed", func(c *Config) {
			c.Token = tokens
			c.OtherCommands = "acknowledge"
			c.Headers = sources("EventTime", "Operator")
		}},
		{"normalized", func(c *Config) {
			c.Commands = all
			c.Reply = "normalize"
			c.OtherCommands = "forward"
		}},
		{"denied, in time", func(c *Config) {
			c.Commands = all
			c.OtherCommands = "forward"
			c.BeforeFailure = "deny"
			c.Deadline = "1m"
		}},
		{"allowed, signed, normalized", func(c *Config) {
			c.Commands = all
			c.Token = tokens
			c.BeforeFailure = "allow"
			c.Reply = "normalize"
		}},
		{"just long enough", func(c *Config) { c.MaxBodyBytes = int64(len(body)) }},
		{"a byte too short, normalized", func(c *Config) {
			c.MaxBodyBytes = int64(len(body)) - 1
			c.Reply = "normalize"
			c.Commands = all
		}},
		{"everything", func(c *Config) {
			*c = *CreateConfig()
			c.SdkAppID = []string{"1400000000", "7"}
			c.Commands = all
			c.Token = tokens
			c.OtherCommands = "forward"
			c.MaxBodyBytes = 3000
			c.Headers = sources(protocol.Sources()...)
		}},
		{"monitor", func(c *Config) { c.Mode = "monitor" }},
		{"monitor, signed", func(c *Config) {
			c.Mode = "monitor"
			c.Token = tokens
			c.Headers = sources("EventId", "GroupId", "Name")
		}},
		{"monitor, acknowledged, normalized", func(c *Config) {
			c.Mode = "monitor"
			c.OtherCommands = "acknowledge"
			c.Reply = "normalize"
			c.Path = ""
			c.MaxBodyBytes = int64(len(body))
		}},
		{"monitor, everything", func(c *Config) {
			c.Mode = "monitor"
			c.Commands = all
			c.OtherCommands = "forward"
			c.Token = tokens
			c.Headers = sources("Operator", "GroupId", "EventTime", "OptPlatform")
		}},
	}
}

// A netPair is two gates of one configuration. Both get the same requests, so both journals hold
// back the same lines.
type netPair struct {
	name    string
	config  *Config
	backend *witness
	exact   http.Handler
	fast    http.Handler
	made    time.Time
}

func newNetPair(c netConfig) *netPair {
	config := CreateConfig()
	config.SdkAppID = []string{"1400000000"}
	config.Path = "/callback"
	c.change(config)
	return &netPair{name: c.name, config: config}
}

// renew makes the gates anew before a burst in their journals ends for one and not for the other;
// and in monitor mode each time, when nothing but the log tells one refusal from another.
func (p *netPair) renew(t *testing.T) {
	if p.made.Add(journal.Burst/2).After(time.Now()) && p.config.Mode != "monitor" {
		return
	}
	p.made = time.Now()
	p.backend = &witness{}
	var next http.Handler = p.backend
	exact, err := compile(next, p.config, "gate@net")
	require.NoError(t, err, p.name)
	p.exact = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { exact.ServeHTTP(w, r) })
	fast, err := compile(next, p.config, "gate@net")
	require.NoError(t, err, p.name)
	p.fast = withFastPath(fast, 0) // New's, but quick to learn
}

// filled puts in what depends on the configuration and on the time.
func (p *netPair) filled(text string) string {
	target := p.config.Path
	if target == "" {
		target = "/any/path"
	}
	names := []string{group}
	for name := range p.config.Headers {
		names = append(names, name)
	}
	sort.Strings(names)
	name := names[len(names)-1]
	now := time.Now().Unix()
	fill := []string{"{path}", target, "{header}", name, "{alias}", strings.ReplaceAll(name, "-",
		"_")}
	for key, seconds := range map[string]int64{"": 0, "late": -100, "early": 100, "near": -40} {
		at := strconv.FormatInt(now+seconds, 10)
		fill = append(fill, "{"+key+"time}", at, "{"+key+"sign}", protocol.Sign(secret, at))
		fill = append(fill, "{"+key+"other}", protocol.Sign("older", at))
		fill = append(fill, "{"+key+"wrong}", protocol.Sign("wrong", at))
	}
	return strings.NewReplacer(fill...).Replace(text)
}

// stories tells what becomes of a request, sent twice, either way. They are empty for what no
// server lets in.
func (p *netPair) stories(t *testing.T, request string) (exact, fast string) {
	p.renew(t)
	exact = p.story(p.exact, request) + p.story(p.exact, request)
	fast = p.story(p.fast, request) + p.story(p.fast, request)
	return exact, fast
}

func (p *netPair) story(handler http.Handler, request string) string {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(request)))
	if err != nil {
		return ""
	}
	if r.ProtoMajor == 2 {
		overHTTP2(r)
	}
	r.RemoteAddr = "192.0.2.1:4711"
	client := r.Body
	w := httptest.NewRecorder()
	p.backend.seen.Reset()
	lines := logged(func() { handler.ServeHTTP(w, r) })
	answer := w.Result()
	unread, err := io.ReadAll(client)
	return fmt.Sprintf("%s\nthe answer: %d %q %q\nthe log: %s\nleft over: %q %q %v\n",
		p.backend.seen.String(),
		answer.StatusCode, answer.Header, w.Body.String(), lines, r.Header, unread, err)
}

// overHTTP2 makes of a request in chunks one as it comes over HTTP/2: without chunks, and with a
// length beside its trailers. "H2-Content-Length" stands for its Content-Length.
func overHTTP2(r *http.Request) {
	r.TransferEncoding = nil
	said := r.Header.Get("H2-Content-Length")
	length, err := strconv.ParseInt(said, 10, 32)
	if err == nil && length >= 0 {
		r.ContentLength = length
		r.Header.Set("Content-Length", said)
	}
	r.Header.Del("H2-Content-Length")
}

// A witness is a backend that writes down everything.
type witness struct{ seen strings.Builder }

func (b *witness) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	declared := fmt.Sprintf("%#v", r.Trailer)
	headers := fmt.Sprintf("%q", r.Header)
	sent, err := io.ReadAll(r.Body)
	more, errMore := io.ReadAll(r.Body)
	again := "none"
	if r.GetBody != nil {
		again = ""
		for i := 0; i < 2; i++ {
			copied, _ := r.GetBody()
			read, errAgain := io.ReadAll(copied)
			again += fmt.Sprintf("%q %v ", read, errAgain)
		}
	}
	for name := range r.Header {
		r.Header.Add(name, "more") // a list that others share would show it
	}
	_, original := w.(*httptest.ResponseRecorder)
	fmt.Fprintf(&b.seen,
		"\nthe backend: %s %q %q %s %q %v\nheaders: %s\nwith more: %q\nlength: %d %#v\n"+
			"body: %q %v, then %q %v\nonce more: %s\ntrailers: %s, then %#v\n"+
			"the client's own: %v\n",
		r.Method, r.RequestURI, r.URL, r.Proto, r.Host, r.Close, headers, r.Header, r.ContentLength,
		r.TransferEncoding, sent, err, more, errMore, again, declared, r.Trailer, original)
	w.Header()["X-Backend"] = []string{"1"}
	w.WriteHeader(http.StatusServiceUnavailable) // an answer that is normalized into another
	_, _ = io.WriteString(w, "busy")
}

// A netPiece is a request, or a part of one.
type netPiece struct{ name, text string }

// pieces names every text after itself.
func netPieces(about string, texts ...string) []netPiece {
	var named []netPiece
	for _, text := range texts {
		shown := text
		if len(shown) > 60 {
			shown = shown[:60] + "..."
		}
		named = append(named, netPiece{about + " " + shown, text})
	}
	return named
}

// The signature's parameters, in both orders, and a URL's others.
const (
	signTime = "&Sign={sign}&RequestTime={time}"
	timeSign = "&RequestTime={time}&Sign={sign}"
)

// netRequests is the table: one thing strange at a time, and a few of each kind together.
func netRequests(t testing.TB) []netPiece {
	var rows []netPiece
	for _, q := range netQueries() {
		rows = append(rows, netPiece{"query: " + q.name, post("{path}?"+q.text, "", body)})
	}
	for _, start := range netStarts() {
		length := "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n"
		request := start.text + "Host: h\r\n" + length + body
		rows = append(rows, netPiece{"start: " + start.name, request})
	}
	for _, h := range netHeaders() {
		rows = append(rows, netPiece{"header: " + h.name, post("{path}?"+query+signTime, h.text,
			body)})
	}
	for i, b := range netBodies(t) {
		name := b.name[:strings.Index(b.name, " ")] // the command
		at := strings.Replace(query, protocol.AfterCreateGroup, name, 1)
		signature := signTime
		headers := ""
		if i%2 > 0 {
			signature = timeSign
		}
		if i%3 > 0 {
			headers = "Content-Type: application/json\r\n"
		}
		rows = append(rows, netPiece{"body: " + b.name, post("{path}?"+at+signature, headers,
			b.text)})
	}
	return append(rows, netMixtures()...)
}

// netQueries is queries, each but for one thing a created group's.
func netQueries() []netPiece {
	parameters := strings.Split(query+signTime, "&")
	right := strings.Join(parameters, "&")
	late := "&Sign={latesign}&RequestTime={latetime}"
	rows := netPieces("", right, query, query+timeSign, "", app, command, app+signTime,
		command+signTime,
		"Sign={sign}&RequestTime={time}", app+"&"+command, app+"&"+command+signTime,
		query+late, query+strings.ReplaceAll(late, "late", "early"), query+strings.ReplaceAll(late,
			"late", "near"),
		query+"&Sign={other}&RequestTime={time}", query+"&RequestTime={time}&Sign={other}",
		query+"&Sign={wrong}&RequestTime={time}", query+"&RequestTime={time}&Sign={wrong}",
		query+"&Sign={nearsign}&RequestTime={time}", query+"&Sign={sign}&RequestTime={neartime}",
		query+"&Sign={sign}0&RequestTime={time}", query+"&Sign={sign}&RequestTime=0{time}",
		query+"&Sign={sign}&RequestTime={time}0", query+"&Sign={sign}&RequestTime=%2B{time}",
		query+"&Sign={sign}&RequestTime=99999999999999999999",
		query+"&Sign={sign}&RequestTime={time}.",
		query+"&Sign={sign}&RequestTime=9223372036854775807",
		query+"&Sign=%7Bsign}&RequestTime={time}")
	for _, value := range []string{"7", "8", "01400000000", "9223372036854775807",
		"99999999999999999999",
		"14000000000", "1400000000x", "-1", "%31400000000", "1400000000%00", "%E4%B8%80"} {
		rows = append(rows, netPiece{"app " + value, strings.Replace(right, "1400000000", value,
			1)})
	}
	for _, value := range []string{"State.StateChange", "Group.CallbackAfterGroupFull", "Push.X_y",
		"x",
		"group.callbackaftercreategroup", protocol.AfterCreateGroup + ".",
		"Group%2ECallbackAfterCreateGroup",
		strings.Repeat("x", 100), "%22", "a+b"} {
		rows = append(rows, netPiece{"command " + value, strings.Replace(right,
			protocol.AfterCreateGroup, value, 1)})
	}
	for _, value := range []string{"JSON", "Json", "xml", "j%73on", "json+", "%6a%73%6f%6e"} {
		rows = append(rows, netPiece{"format " + value, strings.Replace(right, "=json", "="+value,
			1)})
	}
	for _, value := range []string{"::1", "2001:db8::7", "a+b", "%0d%0aX-A:1", strings.Repeat("f",
		1025), "é", "%C3%A9",
		"%ff", "%25", "%00", "\"", "'<>{}|^`", "a=b", "a?b", "a/b"} {
		rows = append(rows, netPiece{"client " + value, strings.Replace(right, "192.0.2.7", value,
			1)})
		rows = append(rows, netPiece{"platform " + value, strings.Replace(right, "RESTAPI", value,
			1)})
	}
	for _, length := range []int{7000, protocol.MaxQuery, 900000} { // before what is right, which the shortcut knows
		rows = append(rows, netPiece{"a parameter of " + strconv.Itoa(length), "x=" + strings.Repeat("y", length) + "&" + right})
	}
	for _, value := range []string{"tenant=7", "a", "=", "=x", "", "a=%41", "a=%", "a=%zz", "%=1",
		"a;b=1", "a=b;c=d", "?", "a=?", "a[]=1",
		"sdkappid=1", "SDKAPPID=1", "Sdk%41ppid=1", "SdkAppid%5B%5D=1", "+SdkAppid=1",
		"SdkAppid%00x=1", "SdkAppid.x=1",
		"%C5%BFign=1", "%E2%84%AA=1", "sign=1", "Operator_Account=x", "a=1&a=2", "%53ign=1",
		strings.Repeat("x", 5000) + "=1",
		"a=1" + strings.Repeat("&a=1", 7), "a=1" + strings.Repeat("&a=1", 8), "a=1" + strings.Repeat("&a=1", 92),
		"a=1" + strings.Repeat("&a=1", 93), "a=1" + strings.Repeat("&a=1", 999)} {
		rows = append(rows, netPiece{"first " + value, value + "&" + right})
		rows = append(rows, netPiece{"last " + value, right + "&" + value})
		rows = append(rows, netPiece{"between " + value, strings.Replace(right, "&contenttype",
			"&"+value+"&contenttype", 1)})
	}
	for i, p := range parameters {
		name, value, _ := strings.Cut(p, "=")
		changed := func(to string) string {
			changed := append([]string{}, parameters...)
			changed[i] = to
			return strings.Join(changed, "&")
		}
		escaped := fmt.Sprintf("%%%X%s", name[0], name[1:])
		for _, twin := range []string{p, name, name + "=", name + "=1",
			strings.ToLower(name) + "=" + value, strings.ToUpper(name) + "=1",
			escaped + "=" + value, name + "[]=1", name + "[0]=1", "+" + name + "=1", name + "%00=1",
			name + "+=1",
			"\"" + name + "\"=1", name + "%22=1"} {
			rows = append(rows, netPiece{name + ", then " + twin, right + "&" + twin})
			rows = append(rows, netPiece{name + ", now " + twin, changed(twin)})
		}
		for _, to := range []string{"", name + "=" + value + "+", name + "==" + value,
			name + "=" + value + "%0A", name + "=%" + value,
			fmt.Sprintf("%s=%%%X%s", name, value[0], value[1:])} {
			rows = append(rows, netPiece{name + ", now " + to, changed(to)})
		}
		turned := strings.Join(append(append([]string{}, parameters[i:]...), parameters[:i]...),
			"&")
		rows = append(rows, netPiece{"beginning with " + name, turned},
			netPiece{"with a foreign parameter, beginning with " + name, "a=1&" + turned})
	}
	sort.Sort(sort.Reverse(sort.StringSlice(parameters)))
	return append(rows, netPiece{"backwards", strings.Join(parameters, "&")})
}

// netStarts is first lines of requests.
func netStarts() []netPiece {
	var rows []netPiece
	for _, target := range []string{"{path}", "{path}/", "/{path}", "/x/..{path}", "{path};v=1",
		"{path}x", "{path}/x", "/elsewhere", "/", "/aXb",
		"/%63allback", "/CallBack", "/%5Ccallback", "http://h{path}", "//callback", "{path}#",
		"{path}%20"} {
		rows = append(rows, netPieces("target",
			"POST "+target+"?"+query+signTime+" HTTP/1.1\r\n")...)
	}
	for _, method := range []string{"GET", "post", "Post", "PUT", "PATCH", "CONNECT", "OPTIONS",
		"POSTS"} {
		rows = append(rows, netPieces("method",
			method+" {path}?"+query+timeSign+" HTTP/1.1\r\n")...)
	}
	return append(rows, netPieces("version", "POST {path}?"+query+timeSign+" HTTP/1.0\r\n",
		"POST {path}?"+query+timeSign+" HTTP/2.0\r\n", "POST {path} HTTP/1.1\r\n",
		"POST {path}? HTTP/1.1\r\n",
		"POST {path}??"+query+signTime+" HTTP/1.1\r\n", "CONNECT h:443 HTTP/1.1\r\n")...)
}

// netHeaders is headers, as lines.
func netHeaders() []netPiece {
	json := "Content-Type: application/json\r\n"
	rows := netPieces("", "", json, json+json, "content-type: Application/JSON; charset=utf-8\r\n",
		"Content-Type:\r\n", "Content-Type: text/plain\r\n",
		"{header}: forged\r\n", "{header}: a\r\n{header}: b\r\n", "{header}:\r\n",
		"{alias}: forged\r\n", "{alias}:\r\n", "{alias}: forged\r\n{header}: forged\r\n",
		"X_Chat_Operator: forged\r\nX.Chat.Group.Id: forged\r\n", "Unheard-Of: 1\r\n",
		"Unheard-Of: 1\r\n{alias}: forged\r\n", "Unheard-Of:\r\n", "{header}s: 1\r\n",
		"Connection: close\r\n", "Connection: keep-alive\r\n", "connection: {header}\r\n",
		"Connection: {header}, close\r\n", "Connection:\r\n",
		"Connection: close\r\nConnection: {alias}\r\n",
		"Connection: Content-Type, Content-Length\r\n"+json, "Proxy-Connection: {header}\r\n",
		"Keep-Alive: 1\r\n",
		"Connection: Upgrade\r\nUpgrade: websocket\r\n", "Te: trailers\r\nConnection: te\r\n",
		"Trailer: {header}\r\n", "Trailer: Sum\r\n", "Expect: 100-continue\r\n",
		"Content-Encoding: identity\r\n",
		"Content-Encoding: Identity\r\nContent-Encoding: identity\r\n",
		"Content-Encoding: gzip\r\n", "Content-Encoding:\r\n",
		"Content-Encoding: identity\r\nContent-Encoding: br\r\n", "Content_Encoding: gzip\r\n",
		"Content-Encoding: identity\r\n{alias}: forged\r\n",
		"Content-Encoding: gzip\r\n{alias}: forged\r\nConnection: close\r\n",
		"Accept-Encoding: gzip\r\n", "X-Http-Method-Override: GET\r\n",
		"X-Request_Id: 1\r\nX-Request-Id: 2\r\n",
		"User-Agent: a\r\nUser_Agent: b\r\nCookie: c\r\nAuthorization: d\r\n", "X-A: \xff\r\n",
		"X-A: "+strings.Repeat("a", 5000)+"\r\n", "!: 1\r\n",
		"X-Forwarded-For: 1.1.1.1\r\nX-Real-Ip: 1.1.1.1\r\nX-Forwarded-Server: traefik\r\n",
		"x-events: forged\r\nX-EVENTID: forged\r\nX_EventId: forged\r\n")
	for _, name := range strings.Split("_ . ! # $ % & ' * + ^ ` | ~", " ") {
		rows = append(rows, netPieces("an alias", strings.ReplaceAll(group, "-",
			name)+": forged\r\n")...)
	}
	return rows
}

// netMixtures is a few of each kind together, in every frame.
func netMixtures() []netPiece {
	var rows []netPiece
	for _, q := range []string{query + signTime, query + timeSign,
		query + "&a=1&Sign={wrong}&RequestTime={time}",
		strings.Replace(query, "=14", "=15", 1) + signTime,
		app + "&CallbackCommand=State.StateChange" + signTime, app + signTime, query + "&a=%zz"} {
		for _, h := range []string{"", "Connection: {header}\r\n",
			"Content-Type: application/json\r\n{alias}: forged\r\n", "Content-Encoding: gzip\r\n"} {
			for _, b := range []string{body, with(`"Name"`, `"New":{"a":[1]},"Name"`),
				with(`"GroupId"`, `"GroupId":"x","GroupId"`), "{}", ""} {
				for _, frame := range netFrames("{path}?"+q, h, b) {
					about := fmt.Sprintf("mixture: %s, %s, %q, %q", frame.name, q, h, b)
					rows = append(rows, netPiece{about, frame.text})
				}
			}
		}
	}
	return rows
}

// netFrames is one request, in every way in which its body can end.
func netFrames(target, headers, body string) []netPiece {
	whole := chunked(target, headers, body, "")
	head := whole[:strings.Index(whole, "\r\n\r\n")+4]
	half := len(body) / 2
	pieces := fmt.Sprintf("%x\r\n%s\r\n%x;ext=1\r\n%s\r\n0\r\n\r\n", half, body[:half],
		len(body)-half, body[half:])
	if half == 0 {
		pieces = "0\r\n\r\n"
	}
	forged := "{header}: forged\r\nSum: 1\r\n"
	trailers := chunked(target, headers+"Trailer: {header}, Sum\r\n", body, forged)
	exact := post(target, headers, body)
	length := "Content-Length: " + strconv.Itoa(len(body)) + "\r\n"
	declared := func(difference int) string {
		return "Content-Length: " + strconv.Itoa(len(body)+difference) + "\r\n"
	}
	frames := []netPiece{
		{"a length", exact},
		{"no length", strings.Replace(exact, length, "", 1)},
		{"shorter than said", strings.Replace(exact, length, declared(7), 1)},
		{"longer than said", strings.Replace(exact, length, declared(-half), 1)},
		{"chunks", head + pieces},
		{"chunks that break off", whole[:len(whole)-5]},
		{"a wrong chunk", head + "zz\r\n" + body},
		{"a length and chunks", strings.Replace(whole, "\r\n", "\r\n"+length, 1)},
		{"trailers", trailers},
		{"late trailers", chunked(target, headers, body, forged)},
		{"both trailers", chunked(target, headers+"Trailer: Sum\r\n", body, forged)},
	}
	for _, difference := range []int{0, -1, 1} {
		start := " HTTP/2.0\r\nH2-" + declared(difference)
		name := fmt.Sprintf("HTTP/2, %+d bytes in its length", difference)
		text := strings.Replace(whole, " HTTP/1.1\r\n", start, 1)
		frames = append(frames, netPiece{name, text})
		text = strings.Replace(trailers, " HTTP/1.1\r\n", start, 1)
		frames = append(frames, netPiece{name + ", trailers", text})
	}
	text := strings.Replace(whole, " HTTP/1.1", " HTTP/2.0", 1)
	frames = append(frames, netPiece{"HTTP/2, no length", text})
	text = strings.Replace(trailers, " HTTP/1.1", " HTTP/2.0", 1)
	return append(frames, netPiece{"HTTP/2, no length, trailers", text})
}

// netBodies is bodies. The first word of each name is the command.
func netBodies(t testing.TB) []netPiece {
	var rows []netPiece
	for _, b := range append(netCreated(), netAccounts()...) {
		rows = append(rows, netPiece{protocol.AfterCreateGroup + " " + b.name, b.text})
	}
	for _, name := range []string{"Group.CallbackAfterSendMsg", "Group.CallbackBeforeSendMsg"} {
		for _, list := range netMessages() {
			text := `{"CallbackCommand":"` + name + `","From_Account":"bob",` +
				`"GroupId":"g","MsgBody":` + list + `,"Random":7,"Type":"Public"}`
			rows = append(rows, netPiece{name + " of " + list, text})
		}
	}
	for _, number := range []string{"0", "00", "-0", "-1", "1.0", "1e2", "4294967295", "4294967296",
		"3999999999", "9999999999", "9223372036854775807", "9223372036854775808", `"7"`, `""`} {
		for _, name := range []string{"EventTime", "MsgSeq", "MsgTime", "Random"} {
			text := `{"CallbackCommand":"Group.CallbackAfterSendMsg","` + name + `":` + number +
				`,"From_Account":"bob","GroupId":"g","MsgBody":[{"MsgContent":{},"MsgType":"x"}]}`
			rows = append(rows, netPiece{"Group.CallbackAfterSendMsg " + name + " " + number, text})
			row := `"` + name + `":` + number + `,`
			text = strings.Replace(text, row, "", 1)
			text = strings.TrimSuffix(text, "}") + "," + strings.TrimSuffix(row, ",") + "}"
			rows = append(rows, netPiece{"Group.CallbackAfterSendMsg at last " + name +
				" " + number, text})
		}
	}
	for _, name := range protocol.Commands() {
		read, err := os.ReadFile(filepath.Join("testdata", "commands", name+".json"))
		require.NoError(t, err, name)
		text := string(read)
		rows = append(rows, netPiece{name + " as it is sent", text}, netPiece{name + " backwards",
			backwards(t, text)})
		rows = append(rows, netPiece{name + " with a member before", `{"New":null,` + text[1:]})
		rows = append(rows, netPiece{name + " with a member after",
			text[:len(text)-1] + `,"New":[{"a":"}"}]}`})
		rows = append(rows, netPiece{name + " with GroupId again",
			text[:len(text)-1] + `,"GroupId":"x"}`})
		rows = append(rows, netPiece{name + " with its actor again",
			text[:len(text)-1] + `,"Operator_Account":"","Operator_Account":"x"}`})
		rows = append(rows, netPiece{name + " with space", strings.Replace(text, ":", ": ", 1)})
	}
	for _, name := range []string{"State.StateChange", "Push.AllMemberPush"} {
		for _, text := range []string{"", "{}", " {}\n", "null", "[]", `{"A":1,"A":2}`,
			`{"GroupId":7,"groupid":8}`, `{"CallbackCommand":"` + name + `"}`,
			`{"CallbackCommand":"x"}`, `{"callbackcommand":"` + name + `"}`,
			`{"CallbackCommand":7}`, `{"CallbackCommand":null,"Events":[{"a":1}]}`, "{",
			"{\"\xff\":1}"} {
			rows = append(rows, netPiece{name + " " + text, text})
		}
	}
	for _, name := range []string{"MsgSeq", "UnreadMsgNum", "SendMsgResult", "New"} {
		for _, number := range []string{"7", "-7", "-0", "07", "1.5", "1e3", "123456789012345", "1234567890123456", "9223372036854775807",
			"9223372036854775808", "-9223372036854775808", "-9223372036854775809", `"7"`} {
			text := `{"CallbackCommand":"C2C.CallbackAfterSendMsg","` + name + `":` + number +
				`,"From_Account":"bob","To_Account":"jim","MsgBody":[{"MsgContent":{},"MsgType":"x"}]}`
			rows = append(rows, netPiece{"C2C.CallbackAfterSendMsg " + name + " " + number, text})
		}
	}
	mentions := []string{`{"GroupAtAllFlag":1}`, `{"GroupAtAllFlag":0,"GroupAt_Account":"jim"}`, `{"GroupAt_Account":"jim"}`, `{}`}
	for i := range mentions {
		for k, second := range mentions {
			for _, joint := range []string{",", ",,", "[", "]", ""} {
				list := "[" + mentions[i] + joint + second + "]"
				text := `{"CallbackCommand":"Group.CallbackAfterSendMsg","From_Account":"bob","GroupAtInfo":` + list +
					`,"GroupId":"g","MsgBody":[{"MsgContent":{},"MsgType":"x"}]}`
				rows = append(rows, netPiece{"mentions " + strconv.Itoa(k) + " " + list, text})
			}
		}
	}
	return rows
}

// backwards is an object with its members in reverse order.
func backwards(t testing.TB, object string) string {
	members := map[string]json.RawMessage{}
	require.NoError(t, json.Unmarshal([]byte(object), &members), object)
	var names []string
	for name := range members {
		names = append(names, name)
	}
	sort.Sort(sort.Reverse(sort.StringSlice(names)))
	var texts []string
	for _, name := range names {
		texts = append(texts, `"`+name+`":`+string(members[name]))
	}
	return "{" + strings.Join(texts, ",") + "}"
}

// netCreated is bodies of a created group, each with one thing changed.
func netCreated() []netPiece {
	members := []string{`"CallbackCommand":"Group.CallbackAfterCreateGroup"`,
		`"EventTime":1670574414123`, `"GroupId":"@TGS#2J4SZEAEL"`,
		`"InviteOption":"FreeAccess"`,
		`"MemberList":[{"Member_Account":"bob"},{"Member_Account":"peter"}]`,
		`"Name":"MyFirstGroup"`,
		`"Operator_Account":"group_root"`, `"Owner_Account":"leckie"`, `"Type":"Public"`}
	values := []string{`null`, `""`, `7`, `-7`, `0`, `1.5`, `1e3`, `9223372036854775808`,
		`99999999999999`, `4294967296`, `"7"`, `"x"`, ` "x" `, `true`, `{}`, `{"a":1,"a":2}`, `[]`,
		`[{}]`, `[{"Member_Account":"x"}]`, `["x"]`, `"a b%c"`, `"%"`, `"a%20b"`, `"a b"`, `"é"`,
		`"\u0041\/"`, `"群"`,
		`"\ud83d\ude00"`, `"\ud800"`, `"\ud800x"`, `"\ude00\ud83d"`, "\"\xff\"",
		"\"\xed\xa0\x80\"", `"}{]["`,
		`"x\",\"GroupId\":\"y"`, `"\":\""`, `"a\u0000b\r\n"`, `"a\`, `"\x"`, "\"a\x01b\"",
		"\"\x7f\"", `"<>&'"`, "\"\u2028\"", `,`, `"x`, `01`,
		`"` + strings.Repeat("a", 1024) + `"`, `"` + strings.Repeat("a", 1025) + `"`,
		`"` + strings.Repeat("群", 342) + `"`}
	var texts []string
	for i, member := range members {
		name, value, _ := strings.Cut(member[1:], `":`)
		changed := func(to ...string) string {
			return "{" + strings.Join(append(append(append([]string{}, members[:i]...), to...),
				members[i+1:]...), ",") + "}"
		}
		escaped := fmt.Sprintf(`\u%04x%s`, name[0], name[1:])
		texts = append(texts, changed(), changed(member, member))
		for _, v := range values {
			texts = append(texts, changed(`"`+name+`":`+v))
		}
		for _, twin := range []string{name, strings.ToLower(name), strings.ToUpper(name), escaped,
			name + `\u0000`, name + " ", ` ` + name, `\"` + name, name + `\"`,
			strings.Replace(name, "_", `\u005f`, 1), strings.Replace(name, "i", "\u0131", 1),
			strings.Replace(name, "i", `\u0130`, 1)} {
			texts = append(texts, changed(`"`+twin+`":`+value), changed(member,
				`"`+twin+`":`+value), changed(`"`+twin+`":"x"`, member))
			texts = append(texts, strings.TrimSuffix(changed(member), "}")+`,"`+twin+`":null}`)
		}
		texts = append(texts, "{"+member+","+changed()[1:], strings.TrimSuffix(changed(),
			"}")+","+member+"}")
	}
	for _, unknown := range []string{`"New":1`, `"New":"x"`, `"New":null`,
		`"New":{"a":{"b":[1,{"c":"}"}]}}`, `"New":{"a":1,"a":2}`, `"New":[],"Newer":{}`,
		`"New":1,"New":1`, `"New":1,"new":2`,
		`"":1`, `"":"",":":":"`, `"a\"b":1`, `"a\u0000":1`, `"\u0041":1`, `"A":1,"\u0041":1`,
		`"群":1`, `"N":",\"GroupId\":\"z\""`, `"N":"\\"`, `"N":"{\"GroupId\":1}"`, `"N":-0`,
		`"N":1.0E+2`,
		`"N":tru`, `"N" :1`, `"N":01`, "\"\xff\":1", `"\ud800":1`, "\"Memberli\u017ft\":[]",
		"\"N\u212a\":1", `"TopicId":"x"`, `"From_Account":7`, `"A":1,"B":12`,
		`"A":1,"B":"\"A\":1"`,
		`"UserDefinedDataList":[{"Key":"k","Value":"v"}]`,
		`"UserDefinedDataList":[{"Key":"k"},{"Value":"v","Key":""}]`,
		`"UserDefinedDataList":[{"Key":"k","Value":"v","Value":"w"}]`,
		`"UserDefinedDataList":[{"Value":"v"}]`,
		`"UserDefinedDataList":[{"Key":"a\u0000b","Value":"}]"}]`,
		strings.TrimSuffix(manyMembers(100), ","), strings.TrimSuffix(manyMembers(1001), ",")} {
		texts = append(texts, "{"+unknown+","+body[1:], with(`"Name"`, unknown+`,"Name"`),
			strings.TrimSuffix(body, "}")+","+unknown+"}")
	}
	return netPieces("with", append(texts, body, " "+body, body+"\n", body+"{}", body+"x",
		body+body, "\ufeff"+body, "["+body+"]", "null", "{}", " { } ", "[]", `""`, "7", "\x00",
		"{"+body[1:len(body)-1],
		body[1:], strings.Replace(body, ":", ": ", 1), strings.Replace(body, ",", " ,", 1),
		strings.Replace(body, ",", ",\n\t", -1), strings.Replace(body, `"`, `'`, -1),
		with(`,"Name"`, `,,"Name"`),
		strings.TrimSuffix(body, "}")+",}", "{,"+body[1:], with(`,"Name"`, `,/**/"Name"`),
		with(`,"Name"`, ` "Name"`), with(`:"MyFirstGroup"`, `"MyFirstGroup"`), body[:200],
		body[:len(body)-3],
		"{"+manyMembers(3)+body[1:], with(`AfterCreateGroup`, `AfterGroupFull`), with(`"Callback`,
			`"\u0043allback`), with(`"Group.C`, `"Group.\u0043`))...)
}

// netAccounts is a created group with lists of accounts, in the vendor's form and nearly so.
func netAccounts() []netPiece {
	regular := func(count int) string {
		var accounts []string
		for i := 0; i < count; i++ {
			accounts = append(accounts, fmt.Sprintf(`{"Member_Account":"user-%04d"}`, i))
		}
		return strings.Join(accounts, ",")
	}
	var texts []string
	for _, odd := range []string{`{"Member_Account":"a"}`, `{"Member_Account": "a"}`,
		` {"Member_Account":"a"}`, `{"Member_Account":""}`, `{}`, `null`, `"a"`, `7`, `[]`,
		`{"Member_Account":7}`, `{"Member_Account":null}`,
		`{"member_account":"a"}`, `{"Member\u005fAccount":"a"}`,
		`{"Member_Account":"a","Role":"Admin"}`, `{"Role":"Admin","Member_Account":"a"}`,
		`{"Role":"Admin"}`, `{"Member_Account":"a","Member_Account":"b"}`,
		`{"Member_Account":"a","member_account":"b"}`, `{"Member_Account":"a","New":{"x":1,"x":2}}`,
		`{"Member_Account":"a\"b"}`, `{"Member_Account":"a\\"}`,
		"{\"Member_Account\":\"a\x01\"}", "{\"Member_Account\":\"\xff\"}",
		`{"Member_Account":"]"}`, `{"Member_Account":"}]"}`, `{"Member_Account":"群"}`,
		`{"Member_Account":"\ud800"}`, `{"Member_Account":"a"`, `{"Member_Account":"a"}}`,
		`{"Member_Account":"a"}],"MemberList":[{"Member_Account":"a"}`,
		`{"Member_Account":"a"}],"New":[{"Member_Account":"a"}`,
		`{"Member_Account":"a"}],"Name":"x","New":[{"Member_Account":"a"}`,
		`{"Member_Account":"a"},`, `{"Member_Account":"a"};{"Member_Account":"a"}`,
		`{"Member_Account":{}}`} {
		for _, count := range []int{0, 2, 60} {
			list := odd
			if count > 0 {
				list = regular(count) + "," + odd + "," + regular(1)
			}
			texts = append(texts, with(`{"Member_Account":"bob"},{"Member_Account":"peter"}`, list))
		}
	}
	for _, count := range []int{0, 1, 12, 25, 500} {
		long := with(`{"Member_Account":"bob"},{"Member_Account":"peter"}`, regular(count))
		texts = append(texts, long, strings.Replace(long, `"Name"`, `"New":1,"Name"`, 1),
			strings.Replace(long, `"GroupId"`, `"GroupId":"x","GroupId"`, 1), strings.Replace(long,
				"leckie", `leckie":[{"Member_Account":"x`, 1))
	}
	return netPieces("and accounts", texts...)
}

// netMessages is lists of message elements.
func netMessages() []string {
	const text = `{"MsgContent":{"Text":"hi"},"MsgType":"TIMTextElem"}`
	const turned = `{"MsgType":"TIMCustomElem",` +
		`"MsgContent":{"Data":"{\"a\":[1]}","Desc":"","Index":6}}`
	lists := []string{`[]`, `[` + text + `]`, `[` + turned + `]`, `[` + text + `,` + turned + `]`,
		`null`, `{}`,
		`"x"`, `[` + text + `,]`, `[` + text + `}`, `[ ` + text + `]`,
		`[` + text + ` ,` + text + `]`,
		`[` + strings.Repeat(text+`,`, 20) + turned + `]`, `[` + strings.Repeat(turned+`,`,
			1000) + text + `]`,
		`[` + text + `],"MsgBody":[` + turned + `]`, `[` + text + `],"msgbody":[]`,
		`[` + text + `],"GroupId":"x"`,
		`[` + text + `],"MsgId":"m","OnlineOnlyFlag":0,` +
			`"CloudCustomData":"{\"t\":1}","MsgPriority":"High"`,
		`[` + text + `],"TopicId":"t","EventTime":"7",` +
			`"GroupAtInfo":[{"GroupAtAllFlag":0,"GroupAt_Account":"x"}]`}
	for _, odd := range []string{`null`, `7`, `"x"`, `[]`, `{}`, `{"MsgType":"x"}`,
		`{"MsgContent":{}}`,
		`{"MsgContent":null,"MsgType":"x"}`, `{"MsgContent":[],"MsgType":"x"}`,
		`{"MsgContent":"{}","MsgType":"x"}`,
		`{"MsgContent":{},"MsgType":null}`, `{"MsgContent":{},"MsgType":""}`,
		`{"MsgContent":{},"MsgType":7}`,
		`{"MsgContent":{},"MsgType":"x","MsgType":"y"}`,
		`{"MsgContent":{},"MsgContent":{},"MsgType":"x"}`,
		`{"MsgContent":{},"msgcontent":{},"MsgType":"x"}`, `{"MsgContent":{},"Msg\u0054ype":"x"}`,
		`{"MsgContent":{},"MsgType":"x","msgtype":"y"}`,
		`{"MsgContent":{},"MsgType":"x","New":{"a":{"b":1}}}`,
		`{"New":1,"MsgContent":{},"MsgType":"x"}`,
		`{"MsgContent":{},"New":1,"New":1,"MsgType":"x"}`,
		`{"MsgContent":{"a":1,"a":2},"MsgType":"x"}`,
		`{"MsgContent":{"a":{"b":[{}]}},"MsgType":"x"}`,
		`{"MsgContent":{"MsgType":"y"},"MsgType":"x"}`,
		`{"MsgContent":{"a":"}],\"GroupId\":\"x\""},"MsgType":"x"}`,
		`{"MsgContent":{"Text":"\"},\"MsgType\":\"y"},"MsgType":"x"}`,
		`{"MsgContent":{"a":tru},"MsgType":"x"}`,
		`{"MsgContent":{"Text":"\ud83d\ude00"},"MsgType":"x"}`,
		`{"MsgContent":{"Text":"\ud83d"},"MsgType":"x"}`,
		"{\"MsgContent\":{\"Text\":\"\xff\"},\"MsgType\":\"x\"}",
		"{\"MsgContent\":{\"Text\":\"\n\"},\"MsgType\":\"x\"}",
		`{"MsgContent":{ "a":1},"MsgType":"x"}`, `{"MsgContent":{},"MsgType": "x"}`,
		`{"MsgContent":{"a":1.50},"MsgType":"x"}`,
		`{"MsgContent":{"a":-0.1e+7,"b":true,"c":null,"":[]},"MsgType":"群"}`,
		`{"MsgContent":{},"MsgType":"\u0041"}`,
		`{"MsgContent":{"ImageInfoArray":[{"Size":7,"URL":"http://x"}],"UUID":"u"},"MsgType":"x"}`,
		`{"MsgContent":{"a":1},"MsgType":"x"`, `{"MsgContent":{"a":1}},"MsgType":"x"}`} {
		lists = append(lists, `[`+odd+`]`, `[`+text+`,`+odd+`,`+turned+`]`)
	}
	return lists
}
