package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/yaegi"
)

// TestPageIsCurrent: the page has every command, and each table is what the gate checks.
func TestPageIsCurrent(t *testing.T) {
	page := protocolPage(t)
	rendered, err := render(page)
	require.NoError(t, err)
	assert.Equal(t, page, rendered, "docs/protocol.md is out of date: make docs")
}

// TestPageKnowsItsCommands: each heading that looks like a command is one that the gate knows.
func TestPageKnowsItsCommands(t *testing.T) {
	headings := regexp.MustCompile(`(?m)^### (\w+\.\w+)$`).FindAllStringSubmatch(protocolPage(t), -1)
	var named []string
	for _, heading := range headings {
		named = append(named, heading[1])
	}
	assert.ElementsMatch(t, protocol.Commands(), named)
}

func TestRenderSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ name, page, want string }{
		{"a command without a section", "nothing\n", "Alert.RequestOverLimit is missing"},
		{
			"a table without a heading",
			"<!-- fields of Alert.RequestOverLimit -->\n<!-- end -->\n",
			"Alert.RequestOverLimit has no heading",
		},
		{"a table of a command that does not exist", "<!-- fields of A.B -->\n<!-- end -->\n", "no such command: A.B"},
		{
			"two tables of one command",
			"\n### Alert.RequestOverLimit\n<!-- fields of Alert.RequestOverLimit -->\n<!-- end -->\n" +
				"<!-- fields of Alert.RequestOverLimit -->\n<!-- end -->\n",
			"Alert.RequestOverLimit has two tables",
		},
	} {
		_, err := render(c.page)
		assert.ErrorContains(t, err, c.want, c.name)
	}
}

func protocolPage(t *testing.T) string {
	root, err := yaegi.Root()
	require.NoError(t, err)
	page, err := os.ReadFile(filepath.Join(root, "docs", "protocol.md"))
	require.NoError(t, err)
	return string(page)
}
