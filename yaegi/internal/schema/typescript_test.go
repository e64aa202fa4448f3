package schema

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/callback"
	"github.com/chatgate/chatgate/yaegi"
)

// Types for TypeScript, made from the schemas, fit every sample, and no sample that lacks a member.
// The test needs node, npm and the npm registry; CHATGATE_NODE=required makes a lack of them a
// fault.
func TestTypeScript(t *testing.T) {
	root, err := yaegi.Root()
	require.NoError(t, err)
	dir := t.TempDir()
	for _, file := range []string{"package.json", "package-lock.json", "types.mjs"} {
		text, err := os.ReadFile(filepath.Join("typescript", file))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), text, fs.FileMode(0o600)))
	}
	if output, err := run(dir, "npm", "ci", "--no-audit", "--no-fund"); err != nil {
		if os.Getenv("CHATGATE_NODE") == "required" {
			require.NoError(t, err, output)
		}
		t.Skip("there is no npm, or it reaches no registry: " + err.Error())
	}
	types := filepath.Join(dir, "types")
	require.NoError(t, os.Mkdir(types, 0o700))
	output, err := run(dir, "node", "types.mjs", directory(t), filepath.Join(root, "testdata", "commands"), types)
	require.NoError(t, err, output)
	output, err = run(dir, filepath.Join("node_modules", ".bin", "tsc"), "--noEmit", "--strict", "--target", "es2022", "--skipLibCheck", filepath.Join("types", "samples.ts"))
	require.NoError(t, err, output)
	program, err := os.ReadFile(filepath.Join(types, "samples.ts"))
	require.NoError(t, err)
	assert.Equal(t, 2*len(callback.Commands()), strings.Count(string(program), "export const a")+strings.Count(string(program), "export const b"))
}

func run(dir, name string, arguments ...string) (string, error) {
	command := exec.Command(name, arguments...)
	command.Dir = dir
	output, err := command.CombinedOutput()
	return string(output), err
}
