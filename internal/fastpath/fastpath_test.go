package fastpath

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/internal/form"
	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/internal/samples"
)

// What the fast path learns, and forgets.

// newConfig is what New gets, with commands that are known and others that are passed on.
func newConfig(patience time.Duration) *Config {
	return &Config{
		Policy: &protocol.Policy{
			Apps: map[string]bool{samples.App: true}, Commands: map[string]bool{samples.Command: true}, Others: true, MaxBody: protocol.MaxBody,
		},
		Headers: []string{"X-Group"}, Sources: []string{"GroupId"}, Patience: patience,
		Exact: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}),
	}
}

func createdRoute() *route {
	return &route{command: samples.Command, schema: protocol.SchemaOf(samples.Command), known: true}
}

func formsOf(to *route) []*form.Form {
	forms, _ := to.forms.Load().([]*form.Form)
	return forms
}

// A route keeps its latest forms, and no more than some.
func TestMostForms(t *testing.T) {
	c := newConfig(0)
	to := createdRoute()
	for i := 1; i <= 3*mostForms; i++ {
		body := samples.Replace(samples.CreatedGroup, `"Name"`, `"New`+strconv.Itoa(i)+`":1,"Name"`)
		learn(c, to, []byte(body))
		kept := i
		if kept > mostForms {
			kept = mostForms
		}
		forms := formsOf(to)
		require.Len(t, forms, kept, fmt.Sprint("after ", i))
		assert.True(t, forms[0].Pattern.MatchString(body), fmt.Sprint("the latest first, after ", i))
	}
	assert.False(t, formsOf(to)[mostForms-1].Pattern.MatchString(samples.CreatedGroup), "another form")
}

// What is refused teaches nothing.
func TestLearnedFromWhatIsRight(t *testing.T) {
	c := newConfig(0)
	to := createdRoute()
	for _, body := range []string{
		"", "{}", "null", "[]", samples.CreatedGroup[1:], samples.CreatedGroup + "x", " " + samples.CreatedGroup,
		samples.Replace(samples.CreatedGroup, `"GroupId":"@TGS#2J4SZEAEL"`, `"GroupId":""`),
		samples.Replace(samples.CreatedGroup, `"GroupId"`, `"groupid"`),
		samples.Replace(samples.CreatedGroup, `"Name"`, `"Name":"","Name"`),
		samples.Replace(samples.CreatedGroup, "AfterCreateGroup", "AfterGroupFull"),
		samples.Replace(samples.CreatedGroup, "MyFirstGroup", "\xff"),
		samples.Replace(samples.CreatedGroup, `,"Name"`, `, "Name"`),
	} {
		learn(c, to, []byte(body))
		assert.Empty(t, formsOf(to), body)
	}
	learn(c, to, []byte(samples.CreatedGroup))
	assert.Len(t, formsOf(to), 1, "the right one")
	other := &route{command: "Push.TagPush", schema: protocol.Unknown}
	learn(c, other, []byte("{}"))
	assert.Empty(t, formsOf(other), "the console's check of the URL is no callback")
	learn(c, other, []byte(`{"Info":{}}`))
	assert.Len(t, formsOf(other), 1, "a command that is passed on")
}

// Between two forms some time passes.
func TestPatience(t *testing.T) {
	for patience, learned := range map[time.Duration]int{time.Hour: 1, 0: 3} {
		c := newConfig(patience)
		to := createdRoute()
		for i := 0; i < 3; i++ {
			sent := samples.Replace(samples.CreatedGroup, `"Name"`, `"New`+strconv.Itoa(i)+`":1,"Name"`)
			body := []byte(sent)
			leave(c, to, httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", strings.NewReader("")), body, nil)
		}
		assert.Len(t, formsOf(to), learned, patience.String())
	}
	c := newConfig(0)
	to := createdRoute()
	body := []byte(samples.Replace(samples.CreatedGroup, "MyFirstGroup", strings.Repeat("x", learnable)))
	leave(c, to, httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", strings.NewReader("")), body, nil)
	assert.Empty(t, formsOf(to), "too long a body")
}

// Of commands that nobody has named some have a route, of the others every one.
func TestMostOthers(t *testing.T) {
	c := newConfig(0)
	all := &routes{}
	for i := 0; i < 3*mostOthers; i++ {
		command := "Live.Callback" + strconv.Itoa(i)
		to := routeOf(c, samples.App, command, all)
		if i >= mostOthers {
			assert.Nil(t, to, command)
			continue
		}
		require.NotNil(t, to, command)
		assert.Equal(t, command, to.command)
		assert.False(t, to.known, command)
		assert.True(t, to == routeOf(c, samples.App, command, all), command+" is remembered")
	}
	assert.True(t, routeOf(c, samples.App, samples.Command, all).known, "a command that is checked")
}

// What would take long to learn is not learned: a list of unknown objects makes a pattern of a
// thousand bytes each, and who can send a body can send it every second.
func TestLearningIsCheap(t *testing.T) {
	unknown := strings.Builder{}
	for i := 0; i < 990; i++ {
		unknown.WriteString(`,"a` + strconv.Itoa(i) + `":{}`)
	}
	for _, body := range []string{
		samples.Replace(samples.CreatedGroup, `"Type"`, unknown.String()[1:]+`,"Type"`),
		samples.Replace(samples.CreatedGroup, `"bob"`, `"bob"`+unknown.String()[:7000]),
	} {
		c := newConfig(0)
		to := createdRoute()
		learn(c, to, []byte(body))
		assert.Empty(t, formsOf(to), body[:100])
	}
}

// A body whose form is known already, and whose values can be no header, has nothing forgotten.
func TestNothingIsLearnedTwice(t *testing.T) {
	c := newConfig(0)
	to := createdRoute()
	for i := 0; i < 2*mostForms; i++ {
		learn(c, to, []byte(samples.CreatedGroup))
	}
	assert.Len(t, formsOf(to), 1)
}

// The forms whose values need no second look are tried first, whenever they were learned.
func TestPlainFormsFirst(t *testing.T) {
	c := newConfig(0)
	to := createdRoute()
	learn(c, to, []byte(samples.CreatedGroup))
	for i := 0; i < mostForms; i++ {
		assert.True(t, formsOf(to)[0].Plain, strconv.Itoa(i))
		body := samples.Replace(samples.CreatedGroup, `"Name"`, `"New`+strconv.Itoa(i)+`":1,"Name"`)
		learn(c, to, []byte(samples.Replace(body, "@TGS#", "群")))
	}
	assert.False(t, formsOf(to)[0].Plain, "but they are forgotten in their turn")
}

// A signature that was verified is good for the very second.
func TestProvenKey(t *testing.T) {
	proven := &atomic.Value{}
	assert.Empty(t, provenKey(proven, "app command\nsign time"), "nothing is verified yet")
	second := time.Now().Unix()
	for age, expected := range map[int64]string{-1: "", 1: "", 60: ""} {
		proven.Store(map[string]int64{"sign time": second - 100*age})
		assert.Equal(t, expected, provenKey(proven, "app command\nsign time"), strconv.FormatInt(age, 10))
	}
	for i := 0; i < 100; i++ { // a second may end in between
		proven.Store(map[string]int64{"sign time": time.Now().Unix()})
		if provenKey(proven, "app command\nsign time") == "app command" {
			assert.Empty(t, provenKey(proven, "app command\nsign2 time"))
			return
		}
	}
	assert.Fail(t, "the second is the same")
}
