package chatgate

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/internal/protocol"
)

// event is the callback of a command, from its sample.
func event(t *testing.T, command, signed string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/commands/" + command + ".json")
	require.NoError(t, err, command)
	if command == friendCommand {
		text = []byte(friendBody)
	}
	return post("/callback?"+app+"&CallbackCommand="+command+"&contenttype=json"+signed, "Accept-Encoding: gzip\r\n", string(text))
}

// answer is what a backend answers.
func answer(status int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("X-Own", "kept")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func deciding(word string) options {
	return func(c *Config) {
		c.Commands = []string{"*"}
		c.BeforeFailure = word
	}
}

const (
	messageCommand = "Group.CallbackBeforeSendMsg"
	friendCommand  = "Sns.CallbackPrevFriendAdd"
	friendBody     = `{"CallbackCommand":"Sns.CallbackPrevFriendAdd","Requester_Account":"mara","From_Account":"mara","FriendItem":[{"To_Account":"noel"}]}`
	allowed        = `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}` + "\n"
	denied         = `{"ActionStatus":"OK","ErrorInfo":"denied by the gate","ErrorCode":1}` + "\n"
)

// friendsAnswer is what decides on each friend of the sample.
func friendsAnswer(code, info string) string {
	return `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"ResultItem":[{"To_Account":"noel","ResultCode":` + code + `,"ResultInfo":"` + info + `"}]}` + "\n"
}

// Every before-callback gets the answer of its family when the backend fails. No other callback
// does.
func TestDecidedForEveryCommand(t *testing.T) {
	for _, word := range []string{"fail", "allow", "deny"} {
		gate := newGate(t, &backend{answer: answer(500, "oops")}, deciding(word))
		for _, command := range protocol.Commands() {
			var w *httptest.ResponseRecorder
			logged(func() { w = serve(t, gate, event(t, command, "")) })
			schema := protocol.SchemaOf(command)
			said := word + " " + command + ": " + w.Body.String()
			if word == "fail" || !schema.Before {
				assert.Equal(t, 500, w.Code, said)
				assert.Equal(t, "oops", w.Body.String(), said)
				assert.Equal(t, "kept", w.Header().Get("X-Own"), said)
				assert.Empty(t, w.Header().Get("X-Chat-Gate"), said)
				continue
			}
			assert.Equal(t, 200, w.Code, said)
			assert.Equal(t, "application/json", w.Header().Get("Content-Type"), said)
			assert.Empty(t, w.Header().Get("X-Own"), said)
			if word == "allow" && schema.Each {
				assert.Contains(t, w.Body.String(), `","ResultCode":0,"ResultInfo":""}]}`, said)
				assert.Equal(t, "allow", w.Header().Get("X-Chat-Gate"), said)
			} else if word == "allow" {
				assert.Equal(t, allowed, w.Body.String(), said)
				assert.Equal(t, "allow", w.Header().Get("X-Chat-Gate"), said)
			} else if schema.Each {
				assert.Contains(t, w.Body.String(), `"ErrorCode":0,"ResultItem":[{"To_Account":"`, said)
				assert.Contains(t, w.Body.String(), `","ResultCode":38000,"ResultInfo":"denied by the gate"}]}`, said)
				assert.Equal(t, "deny 38000", w.Header().Get("X-Chat-Gate"), said)
			} else {
				assert.Equal(t, denied, w.Body.String(), said)
				assert.Equal(t, "deny 1", w.Header().Get("X-Chat-Gate"), said)
			}
		}
	}
}

// What of a backend's answers is usable: that goes back byte for byte.
func TestUsable(t *testing.T) {
	const ok = `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`
	for _, row := range []struct {
		name    string
		command string
		answer  func(http.ResponseWriter)
		usable  bool
	}{
		{"a reply", messageCommand, answer(200, ok), true},
		{"a refusal", messageCommand, answer(200, " {\"ErrorCode\" : 10101}\r\n"), true},
		{"a changed message", messageCommand, answer(200, `{"ErrorCode":0,"MsgBody":[{"MsgType":"TIMTextElem"}]}`), true},
		{"nothing", messageCommand, answer(200, ""), false},
		{"not even that", messageCommand, func(http.ResponseWriter) {}, false},
		{"a page", messageCommand, answer(200, "<html>Hello</html>"), false},
		{"half a reply", messageCommand, answer(200, ok[:30]), false},
		{"a reply that breaks off", messageCommand, func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, ok)
			panic(http.ErrAbortHandler)
		}, false},
		{"encoded twice", messageCommand, answer(200, `"{\"ErrorCode\":0}"`), false},
		{"a code that is a string", messageCommand, answer(200, `{"ErrorCode":"0"}`), false},
		{"a code that is null", messageCommand, answer(200, `{"ErrorCode":null}`), false},
		{"a code that is true", messageCommand, answer(200, `{"ErrorCode":true}`), false},
		{"a code in another case", messageCommand, answer(200, `{"errorCode":0}`), false},
		{"a list", messageCommand, answer(200, "["+ok+"]"), false},
		{"null", messageCommand, answer(200, "null"), false},
		{"two replies", messageCommand, answer(200, ok+ok), false},
		{"created", messageCommand, answer(201, ok), false},
		{"a reply with a failure's status", messageCommand, answer(500, ok), false},
		{"as long as it may be", messageCommand, answer(200, ok+strings.Repeat(" ", 64<<10-len(ok))), true},
		{"longer", messageCommand, answer(200, ok+strings.Repeat(" ", 64<<10)), false},

		{"a friend let in", friendCommand, answer(200, friendsAnswer("0", "")), true},
		{"a friend refused", friendCommand, answer(200, friendsAnswer("38001", "no")), true},
		{"no friend", friendCommand, answer(200, ok), false},
		{"another friend", friendCommand, answer(200, strings.Replace(friendsAnswer("0", ""), "noel", "olga", 1)), false},
		{"a friend's code that is a string", friendCommand, answer(200, friendsAnswer(`"0"`, "")), false},
		{"friends in an object", friendCommand, answer(200, `{"ErrorCode":0,"ResultItem":{"To_Account":"noel","ResultCode":0}}`), false},
		{"all refused, which the vendor does not read", friendCommand, answer(200, `{"ErrorCode":1}`), false},
	} {
		row := row
		t.Run(row.name, func(t *testing.T) {
			recorded := httptest.NewRecorder()
			if row.usable {
				row.answer(recorded)
			}
			for _, reply := range []string{"upstream", "normalize"} { // which makes no OK of what does not count
				b := &backend{answer: row.answer}
				gate := newGate(t, b, func(c *Config) {
					deciding("deny")(c)
					c.Reply = reply
				})
				var w *httptest.ResponseRecorder
				logged(func() { w = serve(t, gate, event(t, row.command, "")) })
				if row.usable {
					assert.Equal(t, recorded.Body.String(), w.Body.String(), row.name)
					assert.Equal(t, "kept", w.Header().Get("X-Own"), row.name)
					assert.Empty(t, w.Header().Get("X-Chat-Gate"), row.name)
				} else if row.command == friendCommand {
					assert.Equal(t, friendsAnswer("38000", "denied by the gate"), w.Body.String(), row.name)
				} else {
					assert.Equal(t, denied, w.Body.String(), row.name)
				}
				assert.Empty(t, b.got.Header.Get("Accept-Encoding"), row.name)
			}
		})
	}
	w := serve(t, newGate(t, &backend{answer: answer(200, `{"ErrorCode":1}`)}, deciding("allow")), event(t, friendCommand, ""))
	assert.Equal(t, `{"ErrorCode":1}`, w.Body.String(), "nobody allows what the backend refused")
}

// A refusal of the gate's own is decided likewise, if it is certain who sent it.
func TestDecidedRefusals(t *testing.T) {
	now := signedAt(secret, 0)
	broken := func(text string) string {
		return strings.Replace(text, `"CallbackCommand"`, `"CallbackCommanD"`, 1) // of the same length
	}
	for _, row := range []struct {
		name    string
		token   bool
		word    string
		request string
		said    string // X-Chat-Gate
	}{
		{"a message", true, "deny", broken(event(t, messageCommand, now)), "deny 1"},
		{"a message, allowed", true, "allow", broken(event(t, messageCommand, now)), "allow"},
		{"a message, as always", true, "fail", broken(event(t, messageCommand, now)), "refused 40008"},
		{"a friend", true, "deny", broken(event(t, friendCommand, now)), "deny 38000"},
		{"a friend whom nobody can read", true, "deny", strings.Replace(event(t, friendCommand, now), `{"`, `("`, 1), "refused 40006"},
		{"an after-callback", true, "deny", broken(event(t, protocol.AfterCreateGroup, now)), "refused 40008"},
		{"a body that is encoded", true, "deny", strings.Replace(event(t, messageCommand, now), "Accept-Encoding", "Content-Encoding", 1), "deny 1"},
		{"not signed", true, "deny", broken(event(t, messageCommand, "")), "refused 40101"},
		{"signed by another", true, "allow", broken(event(t, messageCommand, signedAt("another", 0))), "refused 40105"},
		{"another app", true, "deny", strings.Replace(event(t, messageCommand, now), app, "SdkAppid=7", 1), "refused 40302"},
		{"no token", false, "deny", broken(event(t, messageCommand, "")), "refused 40008"},
	} {
		row := row
		t.Run(row.name, func(t *testing.T) {
			b := &backend{}
			gate := newGate(t, b, func(c *Config) {
				deciding(row.word)(c)
				if row.token {
					c.Token = []string{secret}
				}
			})
			lines := logged(func() {
				for i := 0; i < 3; i++ {
					w := serve(t, gate, row.request)
					assert.Equal(t, row.said, w.Header().Get("X-Chat-Gate"), row.name)
					assert.Equal(t, strings.HasPrefix(row.said, "refused"), w.Code != 200, row.name)
				}
			})
			assert.Zero(t, b.requests, row.name)
			assert.Equal(t, 1, strings.Count(lines, "\n"), row.name+": a burst is one line")
			verbs := map[string]string{"deny": ": denied instead of refused with 4", "allo": ": allowed instead of refused with 4", "refu": ": refused with 4"}
			assert.Contains(t, lines, verbs[row.said[:4]], row.name)
		})
	}
}

// A backend that takes too long is not waited for, and what it says later goes to nobody.
func TestDeadline(t *testing.T) {
	for _, row := range []struct {
		command, word, reply string
		status               int
		said                 string
	}{
		{protocol.AfterCreateGroup, "deny", "upstream", 504, "failed 50400"},
		{protocol.AfterCreateGroup, "deny", "normalize", 504, "failed 50400"},
		{messageCommand, "fail", "upstream", 504, "failed 50400"},
		{messageCommand, "deny", "upstream", 200, "deny 1"},
		{messageCommand, "allow", "normalize", 200, "allow"},
		{friendCommand, "deny", "normalize", 200, "deny 38000"},
	} {
		name := row.command + " " + row.word + " " + row.reply
		late := true
		cancelled := 0
		slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
			if late {
				<-r.Context().Done()
				cancelled++
			}
			_, _ = io.WriteString(w, friendsAnswer("0", "mine"))
		})
		gate := newGate(t, slow, func(c *Config) {
			deciding(row.word)(c)
			c.Deadline = "50ms"
			c.Reply = row.reply
		})
		var w *httptest.ResponseRecorder
		started := time.Now()
		lines := logged(func() { w = serve(t, gate, event(t, row.command, "")) })
		assert.Less(t, time.Since(started), time.Second, name)
		assert.Equal(t, row.status, w.Code, name)
		assert.Equal(t, row.said, w.Header().Get("X-Chat-Gate"), name)
		assert.NotContains(t, w.Body.String(), "mine", name)
		assert.Equal(t, 1, cancelled, name)
		assert.Contains(t, lines, "with 504, code 50400: the backend took too long: ", name)
		assert.Contains(t, lines, "(command \""+row.command+"\"", name)
		late = false
		w = serve(t, gate, event(t, row.command, ""))
		assert.Equal(t, friendsAnswer("0", "mine"), w.Body.String(), name+": in time")
	}
}

// An answer that is the backend's bears nothing of the gate's, and one of the gate's says which.
func TestAnswersOfTheGate(t *testing.T) {
	gate := newGate(t, &backend{}, func(c *Config) { c.OtherCommands = "acknowledge" })
	for request, said := range map[string]string{
		post("/callback?"+query, "", body):                               "",
		post("/elsewhere", "X-Chat-Gate: mine\r\n", body):                "",
		post("/callback?"+app+"&"+command, "", ""):                       "ok",
		post("/callback?"+app+"&CallbackCommand=Other.Any", "", body):    "refused 40010",
		post("/callback?SdkAppid=7", "", body):                           "refused 40302",
		"CONNECT gate.example:80 HTTP/1.1\r\nHost: gate.example\r\n\r\n": "refused 40500",
	} {
		assert.Equal(t, said, serve(t, gate, request).Header().Get("X-Chat-Gate"), request)
	}
}

// Where neither option is set, nothing stands between the gate and what is behind it.
func TestNothingIsWrapped(t *testing.T) {
	next := &backend{}
	config := CreateConfig()
	config.SdkAppID = []string{"1"}
	config.Token = []string{secret}
	g, err := compile(next, config, "gate@test")
	require.NoError(t, err)
	if !interpreted() { // which can't compare them
		assert.True(t, g.backend == g.next)
	}
	assert.True(t, g.refuser.Decision == nil)
}

// What the options leave as it is, and what they do beside others.
func TestDecidedBesideOtherOptions(t *testing.T) {
	long := answer(200, strings.Repeat("x", 1<<17))
	for _, row := range []struct {
		name    string
		command string
		answer  func(http.ResponseWriter)
		change  options
		status  int
		said    string
	}{
		{"a page, which the console decides on", messageCommand, answer(200, "<html>"), func(c *Config) { c.Deadline = "1m" }, 200, ""},
		{"a failure after the event", protocol.AfterCreateGroup, answer(500, "oops"), func(c *Config) { c.Deadline = "1m" }, 500, ""},
		{"too long, after the event", protocol.AfterCreateGroup, long, func(c *Config) { c.Deadline = "1m" }, 502, "failed 50200"},
		{"too long, where nobody has to look", protocol.AfterCreateGroup, long, func(c *Config) { c.BeforeFailure = "deny" }, 200, ""},
		{"in monitor mode", messageCommand, answer(500, "oops"), func(c *Config) {
			c.Mode = "monitor"
			c.BeforeFailure = "deny"
		}, 200, "deny 1"},
		{"a command that is passed on", messageCommand, answer(500, "oops"), func(c *Config) {
			c.Commands = nil
			c.OtherCommands = "forward"
			c.BeforeFailure = "allow"
		}, 200, "allow"},
	} {
		gate := newGate(t, &backend{answer: row.answer}, func(c *Config) {
			c.Commands = []string{"*"}
			row.change(c)
		})
		var w *httptest.ResponseRecorder
		logged(func() { w = serve(t, gate, event(t, row.command, "")) })
		assert.Equal(t, row.status, w.Code, row.name)
		assert.Equal(t, row.said, w.Header().Get("X-Chat-Gate"), row.name)
	}
}

// Monitor mode forwards a request that is not signed, and decides nothing for it: who sends one
// would read how the chat is moderated.
func TestMonitorDecidesNothingUnsigned(t *testing.T) {
	gate := newGate(t, &backend{answer: answer(500, "oops")}, func(c *Config) {
		c.Commands = []string{"*"}
		c.Token = []string{secret}
		c.BeforeFailure = "deny"
		c.Mode = "monitor"
	})
	signed := event(t, messageCommand, signedAt(secret, 0))
	for _, c := range []struct {
		name, text string
		code       int
		decision   string
	}{
		{"not signed", event(t, messageCommand, ""), 500, ""},
		{"another app", strings.Replace(signed, app, "SdkAppid=1400000001", 1), 500, ""},
		{"signed", signed, 200, "deny 1"},
	} {
		var w *httptest.ResponseRecorder
		logged(func() { w = serve(t, gate, c.text) })
		assert.Equal(t, c.code, w.Code, c.name)
		assert.Equal(t, c.decision, w.Header().Get("X-Chat-Gate"), c.name)
	}
}
