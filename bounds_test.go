package chatgate

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chatgate/chatgate/internal/samples"
)

// The fast path keeps the bound on unknown members, too: each takes the interpreter some 10 µs.
func TestUnknownMembersAreBounded(t *testing.T) {
	for _, command := range []string{"Push.AllMemberPush", "Group.CallbackOfTomorrow"} {
		for members, status := range map[int]int{200: 200, 201: 400, 100000: 400} {
			more := strings.Builder{}
			for i := 0; i < members; i++ {
				more.WriteString(`,"s` + strconv.Itoa(i) + `":1`)
			}
			text := `{"Events":[]` + more.String() + "}"
			if command != "Push.AllMemberPush" {
				text = "{" + more.String()[1:] + "}"
			}
			gate := newGate(t, &backend{}, func(c *Config) {
				c.Commands = []string{"*"}
				c.OtherCommands = "forward"
			})
			for i := 0; i < 3; i++ {
				w := serve(t, gate, post(samples.Target(command), "", text))
				assert.Equal(t, status, w.Code, command+" with "+strconv.Itoa(members)+" unknown members")
			}
		}
	}
}
