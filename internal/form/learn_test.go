package form

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/internal/samples"
)

// What is learned, and forgotten.

// createdForms is the forms of a created group before any is learned.
func createdForms(patience time.Duration) *Forms {
	return NewForms(samples.Command, protocol.SchemaOf(samples.Command), []string{"X-Group"}, []string{"GroupId"}, patience)
}

func inTurn(forms *Forms) []*Form { return forms.InTurn.Load().([]*Form) }

// The latest forms are kept, and no more than some.
func TestMostForms(t *testing.T) {
	forms := createdForms(0)
	for i := 1; i <= 3*mostForms; i++ {
		body := samples.Replace(samples.CreatedGroup, `"Name"`, `"New`+strconv.Itoa(i)+`":1,"Name"`)
		Learn(forms, []byte(body))
		kept := i
		if kept > mostForms {
			kept = mostForms
		}
		learned := inTurn(forms)
		require.Len(t, learned, kept, fmt.Sprint("after ", i))
		assert.True(t, learned[0].Pattern.MatchString(body), fmt.Sprint("the latest first, after ", i))
	}
	assert.False(t, inTurn(forms)[mostForms-1].Pattern.MatchString(samples.CreatedGroup), "another form")
}

// What is refused teaches nothing.
func TestLearnedFromWhatIsRight(t *testing.T) {
	forms := createdForms(0)
	for _, body := range []string{
		"", "{}", "null", "[]", samples.CreatedGroup[1:], samples.CreatedGroup + "x", " " + samples.CreatedGroup,
		samples.Replace(samples.CreatedGroup, `"GroupId":"@TGS#2J4SZEAEL"`, `"GroupId":""`),
		samples.Replace(samples.CreatedGroup, `"GroupId"`, `"groupid"`),
		samples.Replace(samples.CreatedGroup, `"Name"`, `"Name":"","Name"`),
		samples.Replace(samples.CreatedGroup, "AfterCreateGroup", "AfterGroupFull"),
		samples.Replace(samples.CreatedGroup, "MyFirstGroup", "\xff"),
		samples.Replace(samples.CreatedGroup, `,"Name"`, `, "Name"`),
	} {
		Learn(forms, []byte(body))
		assert.Empty(t, inTurn(forms), body)
	}
	Learn(forms, []byte(samples.CreatedGroup))
	assert.Len(t, inTurn(forms), 1, "the right one")
	other := NewForms("Push.TagPush", protocol.Unknown, nil, nil, 0)
	Learn(other, []byte("{}"))
	assert.Empty(t, inTurn(other), "the console's check of the URL is no callback")
	Learn(other, []byte(`{"Info":{}}`))
	assert.Len(t, inTurn(other), 1, "a command that is passed on")
}

// Between two forms some time passes.
func TestPatience(t *testing.T) {
	for patience, learned := range map[time.Duration]int{time.Hour: 1, 0: 3} {
		forms := createdForms(patience)
		for i := 0; i < 3; i++ {
			body := samples.Replace(samples.CreatedGroup, `"Name"`, `"New`+strconv.Itoa(i)+`":1,"Name"`)
			Learn(forms, []byte(body))
		}
		assert.Len(t, inTurn(forms), learned, patience.String())
	}
	forms := createdForms(0)
	body := samples.Replace(samples.CreatedGroup, "MyFirstGroup", strings.Repeat("x", learnable))
	Learn(forms, []byte(body))
	assert.Empty(t, inTurn(forms), "too long a body")
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
		forms := createdForms(0)
		Learn(forms, []byte(body))
		assert.Empty(t, inTurn(forms), body[:100])
	}
}

// A body whose form is known already, and whose values can be no header, has nothing forgotten.
func TestNothingIsLearnedTwice(t *testing.T) {
	forms := createdForms(0)
	for i := 0; i < 2*mostForms; i++ {
		Learn(forms, []byte(samples.CreatedGroup))
	}
	assert.Len(t, inTurn(forms), 1)
}

// The forms whose values need no second look are tried first, whenever they were learned.
func TestPlainFormsFirst(t *testing.T) {
	forms := createdForms(0)
	Learn(forms, []byte(samples.CreatedGroup))
	for i := 0; i < mostForms; i++ {
		assert.True(t, inTurn(forms)[0].Plain, strconv.Itoa(i))
		body := samples.Replace(samples.CreatedGroup, `"Name"`, `"New`+strconv.Itoa(i)+`":1,"Name"`)
		Learn(forms, []byte(samples.Replace(body, "@TGS#", "群")))
	}
	assert.False(t, inTurn(forms)[0].Plain, "but they are forgotten in their turn")
}

// No more is put together than a form can have.
func TestPartsAreBounded(t *testing.T) {
	object := []byte(`{"a":1,"b":2,"c":3,"d":4}`)
	w := &writer{groups: map[string]int{}, left: mostParts}
	assert.Len(t, memberPatterns(w, protocol.Unknown, "", object), 5, "four members, and the end")
	w = &writer{groups: map[string]int{}, left: 30}
	assert.Nil(t, memberPatterns(w, protocol.Unknown, "", object))
	assert.Negative(t, w.left)
	assert.Len(t, membersOf(object, 3), 3)
	assert.Len(t, membersOf([]byte(`[1,2,3,4]`), 3), 3)
	var members []string
	for i := 0; i < 500; i++ {
		members = append(members, `"New`+strconv.Itoa(i)+`":{}`)
	}
	body := "{" + strings.Join(members, ",") + "}"
	assert.Nil(t, Of(protocol.Unknown, []byte(body), nil, nil))
}
