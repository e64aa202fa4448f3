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
		Next:    http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("By", "next") }),
		Refuser: &reply.Refuser{Journal: journal.New("test"), Guard: guard},
		Exact:   http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("By", "the exact handler") }),
	}
}

// verdictOn is the verdict on a URL; nil: the exact handler has to decide.
func verdictOn(c *Config, m *memory, uri, key string) *route {
	r := httptest.NewRequest(http.MethodPost, uri, strings.NewReader(""))
	r.RequestURI = uri
	settle(c, httptest.NewRecorder(), r, m, m.verdicts.Load().(*verdicts), key)
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
		assert.True(t, to == routeOf(c, m, samples.App, command), command+" is remembered")
	}
	assert.True(t, routeOf(c, m, samples.App, samples.Command).known, "a command that is checked")
}

// Verdicts are many, and refusals are few of them, whoever makes up URLs.
func TestMostVerdicts(t *testing.T) {
	log.SetOutput(io.Discard)
	defer log.SetOutput(os.Stderr)
	c := newConfig()
	m := newMemory()
	for i := 0; i < 3*mostVerdicts; i++ {
		app := strconv.Itoa(7000 + i)
		to := verdictOn(c, m, "/?SdkAppid="+app+"&CallbackCommand=A.B", app+"\nA.B")
		assert.Equal(t, i < mostRefused, to != nil && to.refusal != nil, app)
		c.Policy.Apps[app] = true
		assert.NotNil(t, verdictOn(c, m, "/?SdkAppid="+app+"&CallbackCommand="+samples.Command, app+"\n"+samples.Command), app+": the latest is always remembered")
	}
	seen := m.verdicts.Load().(*verdicts)
	assert.Len(t, seen.routes, mostVerdicts)
	assert.Equal(t, int64(7), seen.second)
}

// A URL that is let in and not in the vendor's form is not remembered: it may be another each time.
func TestUnusualURLs(t *testing.T) {
	log.SetOutput(io.Discard)
	defer log.SetOutput(os.Stderr)
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

// A verdict on a signature is good for the very second.
func TestVerdictsOfASecond(t *testing.T) {
	log.SetOutput(io.Discard)
	defer log.SetOutput(os.Stderr)
	c := newConfig()
	tokens := []string{token}
	asked := 0
	c.Policy.Window = protocol.SignWindow
	c.Policy.Tokens = func() []string {
		asked++
		return tokens
	}
	handler := New(c)
	requestTime := strconv.FormatInt(time.Now().Unix(), 10)
	for _, sign := range []string{protocol.Sign(token, requestTime), protocol.Sign("another", requestTime)} {
		asked = 0
		seconds := map[int64]bool{}
		for i := 0; i < 50; i++ {
			r := httptest.NewRequest(http.MethodPost, "/?SdkAppid="+samples.App+"&CallbackCommand=A.B&contenttype=json&Sign="+sign+"&RequestTime="+requestTime, strings.NewReader("x"))
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if sign == protocol.Sign(token, requestTime) {
				assert.Equal(t, "the exact handler", w.Header().Get("By"), "its body decides")
			} else {
				assert.Equal(t, "refused 40105", w.Header().Get("X-Chat-Gate"))
			}
			seconds[time.Now().Unix()] = true
			time.Sleep(25 * time.Millisecond)
		}
		assert.Greater(t, len(seconds), 1, "or this shows nothing")
		assert.GreaterOrEqual(t, asked, 2, "each second anew")
		assert.LessOrEqual(t, asked, len(seconds)+1, "and once in each")
	}
	seen := &verdicts{second: time.Now().Unix()}
	m := newMemory()
	m.verdicts.Store(seen)
	assert.Empty(t, renew(m).routes)
}

// Within its second a token that is no longer there still counts, and after it no more.
func TestTokenThatIsGone(t *testing.T) {
	log.SetOutput(io.Discard)
	defer log.SetOutput(os.Stderr)
	c := newConfig()
	tokens := []string{token}
	c.Policy.Window = protocol.SignWindow
	c.Policy.Tokens = func() []string { return tokens }
	handler := New(c)
	requestTime := strconv.FormatInt(time.Now().Unix(), 10)
	said := func() string {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/?SdkAppid="+samples.App+"&CallbackCommand=A.B&contenttype=json&Sign="+
			protocol.Sign(token, requestTime)+"&RequestTime="+requestTime, strings.NewReader("x")))
		return w.Header().Get("X-Chat-Gate")
	}
	assert.Empty(t, said())
	tokens = []string{"another"}
	time.Sleep(1100 * time.Millisecond)
	assert.Equal(t, "refused 40105", said())
}
