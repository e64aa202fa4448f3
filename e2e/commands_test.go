package e2e

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	protocol "github.com/chatgate/chatgate/internal/protocol"
)

// Every command that the gate knows passes with the headers that fit it, and is refused without a field that it needs.
func TestEveryCommand(t *testing.T) {
	g := startWith(t, replace(readExample(t, "dynamic.yml"), "path: /callback", `path: /callback
          commands: "Group.*"
          headers: {X-Group: GroupId, X-Who: Operator, X-Topic: TopicId}`))
	// Who acted, first choice first.
	actors := []string{"From_Account", "Operator_Account", "Requestor_Account", "Owner_Account"}
	for _, command := range protocol.Commands() {
		t.Run(command, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("..", "testdata", "commands", command+".json"))
			require.NoError(t, err)
			var fields map[string]any
			require.NoError(t, json.Unmarshal(text, &fields))
			target := "/callback?SdkAppid=1400000000&CallbackCommand=" + command

			reply := g.send(t, post(target, "X-Who: forged\nX-Group: forged\nX_Topic: forged\n", string(text)))
			require.Equal(t, 200, reply.status, reply.body)
			arrived := g.take()
			require.Len(t, arrived, 1)
			assert.Equal(t, string(text), arrived[0].body)
			assert.Equal(t, plainValues(fields, "GroupId"), decoded(t, arrived[0].values("X-Group")), "the group")
			assert.Equal(t, plainValues(fields, "TopicId"), decoded(t, arrived[0].values("X-Topic")), "the topic")
			assert.Equal(t, plainValues(fields, actors...), decoded(t, arrived[0].values("X-Who")), "who acted")

			g.send(t, post(target, "", replace(string(text), `"`+command+`"`, `"Group.CallbackOther"`))).isRefusal(t, 40010)
			for _, needed := range []string{"GroupId", "From_Account", "Requestor_Account"} {
				if fields[needed] != nil {
					g.send(t, post(target, "", replace(string(text), `"`+needed+`":`, `"Other":`))).isRefusal(t, 40011)
					g.send(t, post(target, "", replace(string(text), `"`+needed+`":`, `"`+needed+`":[],"Other":`))).isRefusal(t, 40012)
				}
			}
			assert.Empty(t, g.take(), "what is refused reaches nobody")
		})
	}
}

// plainValues is the first of some fields that is there.
func plainValues(fields map[string]any, names ...string) []string {
	for _, name := range names {
		if value, ok := fields[name].(string); ok && value != "" {
			return []string{value}
		}
	}
	return nil
}

func decoded(t *testing.T, values []string) []string {
	var texts []string
	for _, value := range values {
		text, err := url.PathUnescape(value)
		require.NoError(t, err)
		texts = append(texts, text)
	}
	return texts
}
