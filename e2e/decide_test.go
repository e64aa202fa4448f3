package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A decision is what the vendor takes an answer for.
type decision string

const (
	allowed    decision = "allowed"
	denied     decision = "denied"
	failed     decision = "failed" // and the console decides
	unanswered decision = "unanswered"
)

// families has a before-callback of each kind of reply.
var families = []struct{ name, command string }{
	{"Group", "Group.CallbackBeforeSendMsg"},
	{"C2C", "C2C.CallbackBeforeSendMsg"},
	{"OfficialAccount", "OfficialAccount.CallbackBeforeSendMsg"},
	{"Sns", "Sns.CallbackPrevFriendAdd"},
}

func sampleOf(t *testing.T, command string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "testdata", "commands", command+".json"))
	require.NoError(t, err)
	return string(text)
}

// friend is the one whom the sample of the Sns family names.
const friend = "王小明"

// letsIn is the reply that allows in the family of a request.
func letsIn(r *http.Request) string {
	if strings.HasPrefix(r.URL.Query().Get("CallbackCommand"), "Sns.") {
		return `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ResultItem":[{"To_Account":"` + friend + `","ResultCode":0,"ResultInfo":""}]}`
	}
	return okReply
}

// readDecision is what the vendor's documents say of an answer in a family.
func readDecision(family string, status int, text string) decision {
	var answer struct {
		ErrorCode  *int
		ResultItem []struct {
			To_Account string
			ResultCode *int
		}
	}
	if status != http.StatusOK || json.Unmarshal([]byte(text), &answer) != nil || answer.ErrorCode == nil {
		return failed
	}
	code := answer.ErrorCode
	if family == "Sns" {
		if len(answer.ResultItem) != 1 || answer.ResultItem[0].To_Account != friend {
			return failed
		}
		code = answer.ResultItem[0].ResultCode
	}
	if *code == 0 {
		return allowed
	}
	return denied
}

// A badTime is what happens to a backend that moderates.
type badTime struct {
	name   string
	events int
	answer http.HandlerFunc
	kill   bool // it, in the middle
}

func badTimes() []badTime {
	letIn := func(w http.ResponseWriter, r *http.Request) { says(200, "application/json", letsIn(r))(w, r) }
	return []badTime{
		{name: "is well", events: 400, answer: letIn},
		{name: "hangs", events: 64, answer: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		{name: "hangs in the middle of a reply", events: 64, answer: func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, okReply[:20])
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}},
		{name: "answers 500", events: 400, answer: says(500, "text/html", "<h1>Oops</h1>")},
		{name: "answers HTML", events: 400, answer: says(200, "text/html", "<html>Back in a minute</html>")},
		{name: "answers half a reply", events: 400, answer: func(w http.ResponseWriter, r *http.Request) {
			says(200, "application/json", letsIn(r)[:30])(w, r)
		}},
		{name: "breaks off in a reply", events: 400, answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, letsIn(r))
			_ = http.NewResponseController(w).Flush()
			reset(w)
		}},
		{name: "encodes its reply twice", events: 400, answer: func(w http.ResponseWriter, r *http.Request) {
			text, _ := json.Marshal(letsIn(r))
			says(200, "application/json", string(text))(w, r)
		}},
		{name: "is killed", events: 400, answer: letIn, kill: true},
	}
}

// What becomes of events when a backend fails that decides on them: as always, and with
// moderation.yml, whichever way it decides.
//
//	go test ./e2e -run TestModeration -v    prints the table
func TestModeration(t *testing.T) {
	var rows []string
	cells := map[string]string{}
	for _, c := range []struct {
		name    string
		change  func(string) string
		decides decision
	}{
		{"neither option", func(s string) string {
			return regexp.MustCompile(`(?m)^ +(beforeFailure|deadline):.*\n`).ReplaceAllString(s, "")
		}, failed},
		{"allow, 1.5s", func(s string) string { return replace(s, "beforeFailure: deny", "beforeFailure: allow") }, allowed},
		{"deny, 1.5s", func(s string) string { return s }, denied},
	} {
		t.Run(c.name, func(t *testing.T) {
			needsTraefik(t)
			o := newOdd(t)
			g := startSetup(t, setup{dynamic: c.change(readExample(t, "moderation.yml")), replace: map[string]string{exampleBackend: o.URL}})
			for _, s := range badTimes() {
				t.Run(s.name, func(t *testing.T) {
					o.answer.Store(s.answer)
					counts := moderate(t, g, s, o)
					for _, f := range families {
						n := counts[f.name]
						row := "| " + s.name + " | " + f.name
						if cells[row] == "" {
							rows = append(rows, row)
						}
						cells[row] += fmt.Sprintf(" | %d · %d · %d · %d", n[allowed], n[denied], n[failed], n[unanswered])
						switch {
						case s.name == "is well":
							assert.Equal(t, map[decision]int{allowed: s.events / 4}, n)
						case s.kill:
							assert.Equal(t, s.events/4, n[allowed]+n[denied]+n[failed])
							assert.Positive(t, n[c.decides])
							if c.decides != failed {
								assert.Zero(t, n[failed])
							}
						case c.decides == failed && s.name == "hangs":
							assert.Equal(t, map[decision]int{unanswered: s.events / 4}, n, "which the options are for")
						case c.decides == failed:
							assert.Zero(t, n[allowed]+n[denied])
						default:
							assert.Equal(t, map[decision]int{c.decides: s.events / 4}, n)
						}
					}
				})
			}
			lines := strings.Join(g.gateLines(t), "\n")
			verb := map[decision]string{allowed: "allowed instead of failed", denied: "denied instead of failed", failed: "refused"}[c.decides]
			if c.decides == failed {
				assert.NotContains(t, lines, "instead of")
				return
			}
			for _, f := range families {
				for _, cause := range []string{"the backend took too long", "the backend answered 500 Internal Server Error", "the backend answered 502 Bad Gateway"} {
					found := 0
					for _, line := range g.gateLines(t) {
						if strings.Contains(line, verb) && strings.Contains(line, cause) && strings.Contains(line, f.command) {
							found++
						}
					}
					assert.Positive(t, found, f.command+": "+cause)
					assert.LessOrEqual(t, found, 8, "a burst is one line")
				}
			}
		})
	}
	table := "\nallowed · denied · failed · not answered in 2 s\n\n| a backend that | family | neither option | allow, 1.5s | deny, 1.5s |\n|---|---|---|---|---|\n"
	for _, row := range rows {
		table += row + cells[row] + " |\n"
	}
	t.Log(table)
}

// moderate sends signed before-callbacks of every family, from many clients at once, and counts
// what the vendor would do.
func moderate(t *testing.T, g *gateway, s badTime, o *odd) map[string]map[decision]int {
	t.Helper()
	const clients = 16
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: patience}
	counts := map[string]map[decision]int{}
	bodies := map[string]string{}
	for _, f := range families {
		counts[f.name] = map[decision]int{}
		bodies[f.name] = sampleOf(t, f.command)
	}
	var mutex sync.Mutex
	var next atomic.Int64
	var running sync.WaitGroup
	for range clients {
		running.Add(1)
		go func() {
			defer running.Done()
			for i := next.Add(1) - 1; i < int64(s.events); i = next.Add(1) - 1 {
				if s.kill && i == int64(s.events/2) {
					_ = o.Listener.Close()
					o.CloseClientConnections()
				}
				f := families[i%int64(len(families))]
				d := ask(client, g, f.name, f.command, bodies[f.name])
				mutex.Lock()
				counts[f.name][d]++
				mutex.Unlock()
			}
		}()
	}
	running.Wait()
	return counts
}

func ask(client *http.Client, g *gateway, family, command, body string) decision {
	response, err := client.Post("http://"+g.addr+"/callback?SdkAppid=1400000000&CallbackCommand="+command+"&contenttype=json"+signed(oldToken),
		"application/json", strings.NewReader(body))
	if err != nil {
		return noAnswer(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return noAnswer(err)
	}
	return readDecision(family, response.StatusCode, string(text))
}

func noAnswer(err error) decision {
	if timeout, ok := err.(interface{ Timeout() bool }); ok && timeout.Timeout() {
		return unanswered
	}
	return failed
}

// After-callbacks get a FAIL in time, and what the deadline has ended is tried no more.
func TestDeadlineWithRetry(t *testing.T) {
	needsTraefik(t)
	needs(t, [3]int{3, 7, 0})
	o := newOdd(t)
	dynamic := replace(readExample(t, "moderation.yml"), "deadline: 1.5s", "deadline: 400ms")
	dynamic = replace(dynamic, "      loadBalancer:\n", "      middlewares: [retry]\n      loadBalancer:\n")
	dynamic = replace(dynamic, "  middlewares:\n    chatgate:\n", "  middlewares:\n    retry:\n      retry:\n        attempts: 1000\n        status: 500-599\n"+
		"        retryNonIdempotentMethod: true\n        initialInterval: 10ms\n    chatgate:\n")
	g := startSetup(t, setup{dynamic: dynamic, replace: map[string]string{exampleBackend: o.URL}})
	for _, r := range []struct {
		name   string
		answer http.HandlerFunc
	}{
		{"answers 500", says(500, "", "")},
		{"hangs", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
	} {
		t.Run(r.name, func(t *testing.T) {
			o.answer.Store(r.answer)
			before := o.seen.Load()
			started := time.Now()
			reply := g.send(t, post("/callback?"+query+signed(oldToken), "", body))
			assert.Less(t, time.Since(started), time.Second)
			assert.Contains(t, reply.isRefusal(t, 50400), "the backend took too long")
			assert.Equal(t, "failed 50400", reply.header.Get("X-Chat-Gate"))
			time.Sleep(50 * time.Millisecond) // what was sent may arrive yet
			tries := o.seen.Load()
			assert.Greater(t, tries, before)
			time.Sleep(time.Second)
			assert.Equal(t, tries, o.seen.Load(), "nothing is sent after the answer")
		})
	}
}

// A late answer is nobody's: of many callbacks every other one takes too long, and each gets its
// own.
func TestLateAnswersAreNotMixed(t *testing.T) {
	needsTraefik(t)
	o := newOdd(t)
	o.answer.Store(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if o.seen.Load()%2 == 0 {
			time.Sleep(250 * time.Millisecond) // whoever has gone
		}
		says(200, "application/json", `{"ErrorCode":0,"ErrorInfo":"`+r.Header.Get("X-Own-Number")+`"}`)(w, r)
	}))
	dynamic := replace(readExample(t, "moderation.yml"), "deadline: 1.5s", "deadline: 200ms")
	g := startSetup(t, setup{dynamic: dynamic, replace: map[string]string{exampleBackend: o.URL}})
	text := sampleOf(t, families[0].command)
	var number, own, late atomic.Int64
	atOnce(t, 8, func() {
		for range 40 {
			mine := fmt.Sprint("n", number.Add(1))
			reply := g.send(t, post("/callback?SdkAppid=1400000000&CallbackCommand="+families[0].command+signed(oldToken), "X-Own-Number: "+mine+"\n", text))
			if reply.header.Get("X-Chat-Gate") == "deny 1" {
				late.Add(1)
				assert.NotContains(t, reply.body, `"n`)
				continue
			}
			own.Add(1)
			assert.Equal(t, `{"ErrorCode":0,"ErrorInfo":"`+mine+`"}`, reply.body)
		}
	})
	assert.Equal(t, int64(320), own.Load()+late.Load())
	assert.Positive(t, own.Load())
	assert.Positive(t, late.Load())
	t.Logf("%d in time, %d late", own.Load(), late.Load())
}

// What metrics-static.yml keeps of the gate's answers: the header in the access log, and Traefik's
// own counts.
func TestWhatAnOperatorCounts(t *testing.T) {
	needsTraefik(t)
	needs(t, [3]int{3, 7, 3})
	o := newOdd(t)
	metrics := freeAddress(t)
	static := replace(readExample(t, "metrics-static.yml"), `"127.0.0.1:8082"`, `"`+metrics+`"`)
	g := startSetup(t, setup{static: static, dynamic: readExample(t, "moderation.yml"), replace: map[string]string{exampleBackend: o.URL}})
	message := sampleOf(t, families[0].command)
	target := "/callback?SdkAppid=1400000000&CallbackCommand=" + families[0].command + signed(oldToken)
	o.answer.Store(says(200, "application/json", okReply))
	g.send(t, post(target, "X-Chat-Gate: allow\n", message)) // which the client says
	o.answer.Store(says(500, "", ""))
	g.send(t, post(target, "", message))
	g.send(t, post(target, "", replace(message, `"MsgBody"`, `"msgBody"`)))
	g.send(t, post("/callback?SdkAppid=1400000000&CallbackCommand="+families[0].command, "", message))
	g.send(t, post("/callback?"+query+signed(oldToken), "", body)) // an after-callback
	g.send(t, post("/callback?SdkAppid=1400000000"+signed(oldToken), "", ""))
	want := []string{"", "deny 1", "deny 1", "refused 40101", "", "ok"}
	require.Eventually(t, func() bool {
		return slices.Equal(want, saidIn(t, g.accessLog(t)))
	}, 5*time.Second, 50*time.Millisecond, "%q", saidIn(t, g.accessLog(t)))
	assert.Contains(t, g.accessLog(t), `"request_X-Chat-Gate":"allow"`, "apart from what the gate said")

	response, err := http.Get("http://" + metrics + "/metrics")
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Regexp(t, `traefik_router_requests_total\{code="401",method="POST",protocol="http",router="chat@file",[^}]*\} 1\n`, string(text))
	assert.Regexp(t, `traefik_router_requests_total\{code="500",method="POST",protocol="http",router="chat@file",[^}]*\} 1\n`, string(text))
	for _, name := range regexp.MustCompile(`traefik_\w+`).FindAllString(readExample(t, "metrics-alerts.rules"), -1) {
		assert.Contains(t, string(text), "\n"+name+"{", "a metric of the rules")
	}
	assert.Contains(t, string(text), `le="1.2"`)
}

// saidIn is the gate's header of the callbacks in an access log.
func saidIn(t *testing.T, log string) []string {
	t.Helper()
	var said []string
	for _, line := range strings.Split(strings.TrimSpace(log), "\n") {
		var fields map[string]any
		if json.Unmarshal([]byte(line), &fields) == nil && fields["RequestMethod"] == "POST" {
			text, _ := fields["downstream_X-Chat-Gate"].(string)
			said = append(said, text)
		}
	}
	return said
}
