package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A setup is a Traefik with other configurations than those that start takes: with several targets,
// or with failures that are meant to be seen, so that the access log is a file of its own, in which
// a 5xx is no fault of the test's.
type setup struct {
	static  string            // the text of the static configuration, which names exampleAddress
	dynamic string            // the text of the dynamic one
	replace map[string]string // what to put in place of what in both: addresses
}

// startSetup runs Traefik until the test ends. Its own backend is where dynamic.yml has it, unless
// something else was put there.
func startSetup(t *testing.T, s setup) *gateway {
	t.Helper()
	g := &gateway{backend: listen(t), addr: freeAddress(t), dir: t.TempDir()}
	pairs := []string{exampleAddress, `"` + g.addr + `"`, exampleTokens, g.tokenFile()}
	for old, fresh := range s.replace {
		pairs = append(pairs, old, fresh)
	}
	pairs = append(pairs, exampleBackend, g.backend.url()) // the last: what comes first wins
	replacer := strings.NewReplacer(pairs...)
	static := s.static
	if static == "" {
		static = staticExample(t)
	}
	if !strings.Contains(static, "filePath:") {
		static = replace(static, "accessLog:\n", "accessLog:\n  filePath: access.log\n")
	}
	require.Contains(t, static, exampleAddress, "the example's entry point")
	g.dynamic = replacer.Replace(s.dynamic)
	g.write(t, "traefik.yml", replacer.Replace(static))
	g.write(t, "dynamic.yml", g.dynamic)
	if strings.Contains(s.dynamic, exampleTokens) {
		g.write(t, "chatgate-tokens", oldToken+"\n")
	}
	copyPlugin(t, filepath.Join(g.dir, "plugins-local", "src", "github.com", "chatgate", "chatgate"))
	g.run(t)
	return g
}

// accessLog is what Traefik has written into the access log so far.
func (g *gateway) accessLog(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(g.dir, "access.log"))
	require.NoError(t, err)
	return string(text)
}

// needsTraefik leaves a test out in short mode.
func needsTraefik(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("end-to-end tests are left out in short mode")
	}
}
