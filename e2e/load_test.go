package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A shot is a request of the load, told apart from all others by its number.
type shot struct {
	method, target, body string
	chunked              bool
	code                 int    // as in a row
	group, operator      string // the values of the gate's headers at the backend, where it sets any
}

// shoot makes the request of a number: good and bad ones by turns, each with headers that are not
// its to set. more is appended to the query of a callback.
func shoot(i int, more string) *shot {
	group, operator := fmt.Sprintf("@TGS#load-%d", i), fmt.Sprintf("用户%d", i)
	mine := strings.NewReplacer("@TGS#2J4SZEAEL", group, `"Operator_Account":"leckie"`, `"Operator_Account":"`+operator+`"`)
	good := shot{
		method: "POST", target: "/callback?" + query + more, body: mine.Replace(body),
		group: group, operator: fmt.Sprintf("%%E7%%94%%A8%%E6%%88%%B7%d", i),
	}
	s := good
	switch i % 10 {
	case 1:
		s.body = mine.Replace(withMembers(100))
	case 2:
		s.chunked = true
	case 3:
		s.body = mine.Replace(with(`"Type"`, `"Unheard":"\u0000","Type"`))
	case 4:
		return &shot{method: "GET", target: "/callback?" + query, body: ""}
	case 5:
		return &shot{method: "POST", target: "/elsewhere", body: good.body, chunked: true}
	case 6:
		return &shot{method: "POST", target: strings.Replace(good.target, "1400000000", "1600000000", 1), body: good.body, code: 40302}
	case 7:
		return &shot{method: "POST", target: good.target, body: strings.Replace(good.body, `"Type"`, `"GroupId":"other","Type"`, 1), code: 40007}
	case 8:
		return &shot{method: "POST", target: good.target, body: good.body[:len(good.body)-1], chunked: true, code: 40006}
	}
	return &s
}

// A load is many clients at once.
type load struct {
	gateway *gateway
	client  *http.Client
	sent    atomic.Int64
	over    atomic.Bool
	mutex   sync.Mutex
	faults  []string
	groups  map[string]int // how often each group of a callback was let in
}

// fire sends shots, numbered from 0, from as many clients, while something else happens, or as long
// as there is a shot, and holds every answer against its own request. It returns how many were
// sent, when each has been answered and every callback that was let in has reached the backend
// once.
func (g *gateway) fire(t *testing.T, clients int, shots func(i int) *shot, meanwhile func()) int {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: clients, DisableCompression: true}
	defer transport.CloseIdleConnections()
	l := &load{gateway: g, client: &http.Client{Transport: transport, Timeout: 20 * time.Second}, groups: map[string]int{}}
	var running sync.WaitGroup
	for c := 0; c < clients; c++ {
		running.Add(1)
		go func() {
			defer running.Done()
			l.run(shots)
		}()
	}
	func() {
		defer running.Wait()
		if meanwhile != nil {
			defer l.over.Store(true)
			meanwhile()
		}
	}()
	l.compare(g.take())
	if len(l.faults) > 10 {
		l.faults = append(l.faults[:10], fmt.Sprintf("and %d more", len(l.faults)-10))
	}
	require.Empty(t, l.faults)
	return int(l.sent.Load())
}

// run is one client.
func (l *load) run(shots func(i int) *shot) {
	for !l.over.Load() {
		i := int(l.sent.Add(1)) - 1
		s := shots(i)
		if s == nil {
			l.sent.Add(-1)
			return
		}
		if fault := l.try(s); fault != "" {
			l.fault(fmt.Sprintf("request %d, %s %s: %s", i, s.method, s.target, fault))
		}
	}
}

// compare finds callbacks of the load that were let in and arrived more or less than once.
func (l *load) compare(arrived []seen) {
	for _, request := range arrived {
		for _, group := range request.values("X-Chat-Group-Id") {
			l.groups[group]--
		}
	}
	for group, count := range l.groups {
		if count != 0 && strings.HasPrefix(group, "@TGS#load-") {
			l.fault(fmt.Sprintf("%s was let in %+d times more than it arrived", group, count))
		}
	}
}

func (l *load) fault(text string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.faults = append(l.faults, text)
}

// try sends one request and says what is wrong with the answer.
func (l *load) try(s *shot) string {
	request, err := http.NewRequest(s.method, "http://"+l.gateway.addr+s.target, strings.NewReader(s.body))
	if err != nil {
		return err.Error()
	}
	if s.chunked {
		request.ContentLength = -1
	}
	request.Header = http.Header{"X-Chat-Group-Id": {"forged"}, "X_chat_operator": {"forged"}}
	response, err := l.client.Do(request)
	if err != nil {
		return "lost: " + err.Error()
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return "half an answer: " + err.Error()
	}
	if s.code != 0 {
		var answer struct{ ErrorCode int }
		_ = json.Unmarshal(text, &answer)
		if response.StatusCode != s.code/100 || answer.ErrorCode != s.code {
			return fmt.Sprintf("expected a refusal with %d, got %s", s.code, describe(response, text))
		}
		return ""
	}
	if response.StatusCode != 200 || response.Header.Get("Echo-Body") != hash(s.body) || string(text) != okReply {
		return "not accepted, or with another body: " + describe(response, text)
	}
	for name, value := range map[string]string{"X-Chat-Group-Id": s.group, "X-Chat-Operator": s.operator, "X_chat_operator": ""} {
		if echo := strings.Join(response.Header[http.CanonicalHeaderKey("Echo-"+name)], ","); echo != value {
			return "expected " + name + " " + value + " at the backend, found " + echo
		}
	}
	if s.group != "" {
		l.mutex.Lock()
		l.groups[s.group]++
		l.mutex.Unlock()
	}
	return ""
}

func describe(response *http.Response, text []byte) string {
	return response.Status + " " + strconv.Quote(string(text))
}

func TestConcurrentLoad(t *testing.T) {
	g := start(t, "dynamic.yml")
	const requests = 5000
	sent := g.fire(t, 32, func(i int) *shot {
		if i >= requests {
			return nil
		}
		return shoot(i, "")
	}, nil)
	assert.Equal(t, requests, sent)
}

// A new configuration takes over while requests are under way, and none of them is lost or checked
// by half of one.
func TestReloadsUnderLoadLoseNothing(t *testing.T) {
	g := start(t, "dynamic.yml")
	sent := g.fire(t, 16, func(i int) *shot { return shoot(i, "") }, func() {
		for n := 0; n < 4; n++ { // each lets in one more app, which shows that it has taken over
			app := strconv.Itoa(1700000000 + n)
			g.write(t, "dynamic.yml", replace(g.dynamic, "sdkAppId: 1400000000", "sdkAppId: 1400000000,"+app))
			g.becomes(t, 200, func() string { return post("/callback?"+withQuery("1400000000", app), "", body) })
		}
	})
	assert.Greater(t, sent, 1000)
	t.Logf("%d requests during 4 reloads", sent)
}

// becomes sends a request again and again until it is answered with a status.
func (g *gateway) becomes(t *testing.T, status int, request func() string) {
	t.Helper()
	last := 0
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if last = g.send(t, request()).status; last == status {
			return
		}
	}
	require.Equal(t, status, last, "after ten seconds")
}
