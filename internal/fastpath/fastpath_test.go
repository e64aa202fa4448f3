package fastpath

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/internal/form"
	"github.com/chatgate/chatgate/internal/header"
	"github.com/chatgate/chatgate/internal/journal"
	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/internal/reply"
	"github.com/chatgate/chatgate/internal/samples"
)

// What the fast path remembers of URLs.

const token = "e10adc3949ba59ab"

// newConfig is what New gets, with a command that is checked and others that are passed on.
func newConfig() *Config {
	guard := header.NewGuard([]string{"X-Group"})
	return &Config{
		Policy: &protocol.Policy{
			Apps: map[string]bool{samples.App: true}, Commands: map[string]bool{samples.Command: true}, Others: true, MaxBody: protocol.MaxBody,
		},
		Headers: []string{"X-Group"}, Sources: []string{"GroupId"}, Guard: guard,
		Refuser: &reply.Refuser{Journal: journal.New("test"), Guard: guard},
		Exact:   http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}),
	}
}

// quiet keeps what is refused out of the log, until what it returns is called.
func quiet() func() {
	log.SetOutput(io.Discard)
	return func() { log.SetOutput(os.Stderr) }
}

// verdictOn is the verdict on a URL; nil: the exact handler has to decide.
func verdictOn(c *Config, m *memory, uri, key string) *route {
	r := httptest.NewRequest(http.MethodPost, uri, strings.NewReader(""))
	r.RequestURI = uri
	current := m.verdicts.Load().(*verdicts)
	settle(c, httptest.NewRecorder(), r, m, current, key, current.routes[key])
	return m.verdicts.Load().(*verdicts).routes[key]
}

func newMemory() *memory {
	m := &memory{}
	m.verdicts.Store(&verdicts{second: 7})
	return m
}

// Of commands that nobody has named some have a route, of the others every one.
func TestMostOthers(t *testing.T) {
	c := newConfig()
	m := newMemory()
	for i := 0; i < 3*mostOthers; i++ {
		command := "Live.Callback" + strconv.Itoa(i)
		to := routeOf(c, m, samples.App, command)
		if i >= mostOthers {
			assert.Nil(t, to, command)
			continue
		}
		require.NotNil(t, to, command)
		assert.Equal(t, command, to.command)
		assert.False(t, to.known, command)
		assert.True(t, to.forms == routeOf(c, m, "7", command).forms, command+" has the same forms for every app")
	}
	assert.True(t, routeOf(c, m, samples.App, samples.Command).known, "a command that is checked")
}

// Verdicts are many, and the latest is one of them.
func TestMostVerdicts(t *testing.T) {
	c := newConfig()
	m := newMemory()
	for i := 1; i <= 3*mostVerdicts; i++ {
		app := strconv.Itoa(7000 + i)
		c.Policy.Apps[app] = true
		assert.NotNil(t, verdictOn(c, m, "/", app+"\n"+samples.Command), app)
		if i < mostVerdicts {
			assert.Len(t, m.verdicts.Load().(*verdicts).routes, i)
		} else {
			assert.Len(t, m.verdicts.Load().(*verdicts).routes, mostVerdicts)
		}
	}
}

// Refusals are few of them, whoever makes up URLs.
func TestMostRefused(t *testing.T) {
	defer quiet()()
	c := newConfig()
	m := newMemory()
	for i := 0; i < 10*mostRefused; i++ {
		verdictOn(c, m, "/", strconv.Itoa(7000+i)+"\nA.B")
		assert.LessOrEqual(t, len(m.verdicts.Load().(*verdicts).routes), mostRefused)
	}
}

// After many refusals others are remembered, in another second.
func TestLaterRefusals(t *testing.T) {
	defer quiet()()
	c := newConfig()
	m := newMemory()
	refused := func(app int) bool { return verdictOn(c, m, "/", strconv.Itoa(app)+"\nA.B") != nil }
	for app := 1; app <= mostRefused; app++ {
		require.True(t, refused(app))
	}
	assert.False(t, refused(100), "one too many: all are forgotten")
	assert.True(t, refused(100), "and remembered from now on")
	for app := 1; app < mostRefused; app++ {
		assert.True(t, refused(app))
	}
	begun := m.verdicts.Load().(*verdicts).second
	for app := 200; app < 300; app++ {
		remembered := refused(app)
		if time.Now().Unix() == begun {
			assert.False(t, remembered, "in the same second no more are")
		}
	}
}

// A URL that is let in and not in the vendor's form is not remembered: it may be another each time.
func TestUnusualURLs(t *testing.T) {
	defer quiet()()
	c := newConfig()
	m := newMemory()
	for uri, remembered := range map[string]bool{
		"/?CallbackCommand=A.B&SdkAppid=" + samples.App: false,
		"/?CallbackCommand=A.B&SdkAppid=7":              true,
		"/?SdkAppid=" + samples.App:                     false,
		"/?SdkAppid=7&SdkAppid=8":                       false,
		"/%20?CallbackCommand=A.B&SdkAppid=7":           false,
	} {
		assert.Equal(t, remembered, verdictOn(c, m, uri, uri) != nil, uri)
	}
}

// What is refused, and the console's check of the URL, keep no right body from being learned; nor
// does what is answered otherwise.
func TestLearnedFromWhatIsLetIn(t *testing.T) {
	c := newConfig()
	c.Patience = time.Hour
	said := ""
	c.Exact = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if said != "" {
			protocol.Mark(w, said)
		}
	})
	for _, answer := range []string{"", "ok", "failed 50200"} {
		to := routeOf(c, newMemory(), samples.App, samples.Command)
		for _, sent := range []struct{ answer, body string }{{"refused 40006", "x"}, {"refused 40012", samples.CreatedGroup}, {"ok", "{}"}, {"ok", " { } "}, {"ok", ""}} {
			said = sent.answer
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(""))
			leave(c, to, httptest.NewRecorder(), r, []byte(sent.body), nil)
			assert.Empty(t, to.forms.InTurn.Load().([]*form.Form), sent.answer+" to "+sent.body)
		}
		said = answer
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(""))
		leave(c, to, httptest.NewRecorder(), r, []byte(samples.CreatedGroup), nil)
		assert.Len(t, to.forms.InTurn.Load().([]*form.Form), 1, answer)
	}
}

// signedGate is what New makes of a gate that asks for a signature, and its tokens.
func signedGate() (http.Handler, *[]string) {
	c := newConfig()
	tokens := &[]string{token}
	c.Policy.Window = protocol.SignWindow
	c.Policy.Tokens = func() []string { return *tokens }
	c.Exact = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, refusal := protocol.Check(c.Policy, r.URL.RawQuery, r)
		protocol.Refuse(w, refusal) // there is one: no body here is right
	})
	return New(c), tokens
}

// saidTo is what is answered to a callback that is signed so, and whose body is wrong.
func saidTo(gate http.Handler, sign, requestTime string) string {
	target := "/?SdkAppid=" + samples.App + "&CallbackCommand=A.B&contenttype=json&Sign=" + sign + "&RequestTime=" + requestTime
	w := httptest.NewRecorder()
	gate.ServeHTTP(w, httptest.NewRequest(http.MethodPost, target, strings.NewReader("x")))
	return w.Header().Get("X-Chat-Gate")
}

// A verdict on a signature is good for its second: after it a token that is no longer there counts
// no more, and a new one does.
func TestTokensThatChange(t *testing.T) {
	defer quiet()()
	gate, tokens := signedGate()
	requestTime := strconv.FormatInt(time.Now().Unix(), 10)
	for i := 0; i < 3; i++ {
		assert.Equal(t, "refused 40006", saidTo(gate, protocol.Sign(token, requestTime), requestTime))
		assert.Equal(t, "refused 40105", saidTo(gate, protocol.Sign("another", requestTime), requestTime))
	}
	*tokens = []string{"another"}
	time.Sleep(1100 * time.Millisecond)
	assert.Equal(t, "refused 40105", saidTo(gate, protocol.Sign(token, requestTime), requestTime))
	assert.Equal(t, "refused 40006", saidTo(gate, protocol.Sign("another", requestTime), requestTime))
}

// What becomes too old is refused in the second in which it does.
func TestSignatureThatBecomesOld(t *testing.T) {
	defer quiet()()
	gate, _ := signedGate()
	limit := int64(protocol.SignWindow / time.Second)
	requestTime := time.Now().Unix() - limit + 1
	for {
		before := time.Now().Unix()
		said := saidTo(gate, protocol.Sign(token, strconv.FormatInt(requestTime, 10)), strconv.FormatInt(requestTime, 10))
		if after := time.Now().Unix(); before-requestTime > limit {
			assert.Equal(t, "refused 40103", said)
			return
		} else if after-requestTime <= limit {
			assert.Equal(t, "refused 40006", said)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
