package journal

import (
	"bytes"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chatgate/chatgate/internal/protocol"
)

// written returns the lines that go to the log meanwhile.
func written(write func()) []string {
	var output bytes.Buffer
	log.SetOutput(&output)
	defer log.SetOutput(os.Stderr)
	write()
	text := strings.TrimSuffix(output.String(), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func request(target string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, target, nil)
	r.RemoteAddr = "203.0.113.7:4711"
	return r
}

func refusal(reason *protocol.Reason) *protocol.Refusal {
	return &protocol.Refusal{Reason: reason, Detail: "GroupId: expected a string, found none", Command: "Group.CallbackAfterGroupFull"}
}

// later makes it later.
func later(j *Journal, passed time.Duration) {
	for _, b := range j.bursts {
		b.since = b.since.Add(-passed)
	}
	j.swept = j.swept.Add(-passed)
}

func TestLineOfARefusal(t *testing.T) {
	lines := written(func() {
		Note(New("gate@file"), "refused", refusal(protocol.FieldMissing), request("/callback?SdkAppid=1400000000&CallbackCommand=x&Sign=0a1b2c"))
	})
	if assert.Len(t, lines, 1) {
		for _, part := range []string{
			"gate@file", "refused", "400", "40011", "a required field is missing", "GroupId: expected a string, found none", "Group.CallbackAfterGroupFull", "1400000000", "203.0.113.7:4711",
		} {
			assert.Contains(t, lines[0], part)
		}
		assert.NotContains(t, lines[0], "0a1b2c", "who reads the log can't send callbacks")
	}
}

// Whoever writes says what became of the request.
func TestVerbOfALine(t *testing.T) {
	lines := written(func() { Note(New("gate"), "would refuse", refusal(protocol.FieldMissing), request("/callback")) })
	if assert.Len(t, lines, 1) {
		assert.Contains(t, lines[0], "chatgate gate: would refuse with 400, code 40011: ")
		assert.NotContains(t, lines[0], "refused")
	}
}

func TestLinesAreEscaped(t *testing.T) {
	const nasty = "a%0D%0Ab%00%1B%5B2J%E2%80%A8%FF"
	for _, target := range []string{
		"/callback?SdkAppid=" + nasty, "/callback?CallbackCommand=" + nasty, "/callback?SdkAppid=" + strings.Repeat(nasty, 500) + "&CallbackCommand=" + strings.Repeat(nasty, 500), "/callback?%zz;" + nasty,
	} {
		r := request(target)
		r.RemoteAddr = "a\r\nb\x1b"
		lines := written(func() { Note(New("gate"), "refused", refusal(protocol.AppNotAllowed), r) })
		if assert.Len(t, lines, 1, target) {
			assert.Equal(t, -1, strings.IndexFunc(lines[0], func(c rune) bool { return c < ' ' || c > '~' }), target+": printable ASCII: "+lines[0])
			assert.Less(t, len(lines[0]), 800, target)
		}
	}
}

func TestBurstBecomesALineAndACount(t *testing.T) {
	j := New("gate")
	note := func(n int, reason *protocol.Reason) func() {
		return func() {
			for i := 0; i < n; i++ {
				Note(j, "refused", refusal(reason), request("/callback"))
			}
		}
	}
	assert.Len(t, written(note(1000, protocol.SignWrong)), 1, "a burst is one line")
	assert.Len(t, written(note(50, protocol.BodyNotJSON)), 1, "another code is a burst of its own")
	assert.Empty(t, written(note(10, protocol.SignWrong)), "still the burst")

	later(j, Burst/2)
	assert.Empty(t, written(note(10, protocol.SignWrong)), "half of the time, still the burst")
	later(j, Burst/2)
	lines := written(note(1, protocol.SignWrong))
	if assert.Len(t, lines, 3, "two counts and a line") {
		counts := lines[0] + lines[1]
		assert.Contains(t, counts, " 1019 ", "as many as were not written: "+counts)
		assert.Contains(t, counts, "40105", counts)
		assert.Contains(t, counts, " 49 ", counts)
		assert.Contains(t, counts, "40006", counts)
		assert.Contains(t, lines[2], "refused with", "the line comes last")
	}

	later(j, Burst)
	lines = written(note(1, protocol.SignWrong))
	if assert.Len(t, lines, 1, "a single refusal has no count") {
		assert.Contains(t, lines[0], "refused with")
	}
}

// Whoever makes commands up fills neither the log nor the memory, and what happens to the known
// ones is still written.
func TestBurstsOfManyCommands(t *testing.T) {
	j := New("gate")
	of := func(command string) *protocol.Refusal {
		return &protocol.Refusal{Reason: protocol.CommandNotAllowed, Detail: "d", Command: command}
	}
	note := func(command string) { Note(j, "refused", of(command), request("/callback")) }
	assert.Len(t, written(func() { note("Group.CallbackAfterGroupFull") }), 1)
	lines := written(func() {
		for i := 0; i < 10*maxBursts; i++ {
			note("made up " + strconv.Itoa(i) + strings.Repeat("x", 10000))
		}
	})
	assert.Len(t, lines, maxBursts, "a line for each that is told apart, and one for the others")
	assert.LessOrEqual(t, len(j.bursts), maxBursts+1)
	for key := range j.bursts {
		assert.LessOrEqual(t, len(key), len(protocol.CommandNotAllowed.Meaning)+maxCommand)
	}
	assert.Empty(t, written(func() { note("made up 0" + strings.Repeat("x", 10000)) }), "a long command is told by its beginning")
	later(j, Burst)
	counts := written(func() { note("Group.CallbackAfterGroupFull") })
	all := strings.Join(counts, "\n")
	assert.Len(t, counts, 3, "counts of the others and of the one that was repeated, and a line: "+all)
	assert.Contains(t, all, strconv.Itoa(9*maxBursts)+" more with code 40303 for other commands")
	assert.Contains(t, all, "1 more with code 40303 for command \"made up 0xxx")
}

// However many commands are made up, those that are known have lines and counts of their own; and
// room is made when bursts are over.
func TestKnownCommandsAmongMadeUpOnes(t *testing.T) {
	j := New("gate")
	note := func(command string) {
		Note(j, "refused", &protocol.Refusal{Reason: protocol.CommandNotAllowed, Detail: "d", Command: command}, request("/callback"))
	}
	written(func() {
		for i := 0; i < 2*maxBursts; i++ {
			note("made up " + strconv.Itoa(i))
		}
	})
	for _, command := range protocol.Commands() {
		assert.Len(t, written(func() { note(command) }), 1, command+" has a line of its own")
		assert.Empty(t, written(func() { note(command) }), command+": the second is counted")
	}
	assert.Empty(t, written(func() { note("Live.Created") }), "there is no room for one that is not known")
	later(j, Burst)
	lines := strings.Join(written(func() { note("Live.Created") }), "\n")
	assert.Contains(t, lines, `1 more with code 40303 for command "Group.CallbackAfterGroupFull"`)
	assert.Contains(t, lines, `(command "Live.Created",`, "there is room again, for its line")
	assert.Empty(t, written(func() { note("Live.Created") }), "and its count")
	later(j, Burst)
	assert.Contains(t, strings.Join(written(func() { note("Live.Created") }), "\n"), `1 more with code 40303 for command "Live.Created"`)
}

func TestJournalsAreApart(t *testing.T) {
	assert.Len(t, written(func() {
		Note(New("first"), "refused", refusal(protocol.SignWrong), request("/callback"))
		Note(New("second"), "refused", refusal(protocol.SignWrong), request("/callback"))
	}), 2, "each middleware has bursts of its own")
}

func TestWarn(t *testing.T) {
	assert.Equal(t, []string{"chatgate gate: tokenFile: it is gone"}, written(func() { Warn(New("gate"), "tokenFile: it is gone") }))
}

// Refusals come at the same time, and each is written down or counted.
func TestNotesOfMany(t *testing.T) {
	const sources, each = 8, 50
	j := New("gate")
	lines := written(func() {
		var group sync.WaitGroup
		for i := 0; i < sources; i++ {
			group.Add(1)
			go func() {
				defer group.Done()
				for k := 0; k < each; k++ {
					Note(j, "refused", refusal(protocol.SignWrong), request("/callback"))
				}
			}()
		}
		group.Wait()
	})
	assert.Len(t, lines, 1, "a burst is one line")
	later(j, Burst)
	counted := written(func() { Note(j, "refused", refusal(protocol.SignWrong), request("/callback")) })
	if assert.Len(t, counted, 2, "a count and a line") {
		assert.Contains(t, counted[0], " "+strconv.Itoa(sources*each-1)+" ", "none is left out: "+counted[0])
	}
}
