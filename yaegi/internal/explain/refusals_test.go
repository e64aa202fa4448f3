package explain

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/yaegi"
)

var update = flag.Bool("update", false, "write docs/refusals.md anew")

// TestRefusalsPage holds docs/refusals.md against the reasons and the words of the page.
func TestRefusalsPage(t *testing.T) {
	var page strings.Builder
	page.WriteString("# What is refused, and what to do\n\n" +
		"Checks in the order in which a request meets them. The answer is `{\"ActionStatus\":\"FAIL\",\"ErrorCode\":…,\"ErrorInfo\":\"…\"}`; ErrorInfo and the line in\n" +
		"Traefik's log say what exactly was wrong and where. Codes are never given another meaning.\n\n" +
		"| ErrorCode | HTTP status | what was wrong | what to do |\n|---|---|---|---|\n")
	for _, reason := range protocol.Reasons {
		fmt.Fprintf(&page, "| %d | %d | %s | %s |\n", reason.Code, reason.Status, reason.Meaning, remedy(reason))
	}
	fmt.Fprintf(&page, "\nCode %d stands in the log alone, of a callback that is forwarded: %s. Read that field from the body, or take it out of the option `headers`.\n",
		protocol.ValueLeftOut.Code, protocol.ValueLeftOut.Meaning)
	root, err := yaegi.Root()
	require.NoError(t, err)
	file := filepath.Join(root, "docs", "refusals.md")
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(page.String()), 0o644))
	}
	written, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, page.String(), string(written), "run go test ./yaegi/internal/explain -update in yaegi/")
}
