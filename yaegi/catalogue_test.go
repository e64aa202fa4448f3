package yaegi

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate"
)

// patience is how long the catalogue's analyser waits for a plugin to start.
const patience = 10 * time.Second

// TestCatalogueStartsThePlugin does what the analyser does with every tagged version.
func TestCatalogueStartsThePlugin(t *testing.T) {
	start := time.Now()
	root := repository(t)
	manifest, err := ReadManifest(root)
	require.NoError(t, err)
	assert.NotEmpty(t, manifest.DisplayName, "displayName")
	assert.Equal(t, "middleware", manifest.Type, "type")
	assert.Equal(t, Module, manifest.Import, "import")
	assert.NotEmpty(t, manifest.Summary, "summary")
	assert.FileExists(t, filepath.Join(root, manifest.IconPath), "iconPath")
	unknown, err := Decode(manifest.TestData, chatgate.CreateConfig())
	require.NoError(t, err)
	assert.Empty(t, unknown, "options in testData that the plugin does not have")

	var log bytes.Buffer
	plugin, err := Load(root, &log)
	require.NoError(t, err)
	handler, err := plugin.New(context.Background(), http.NotFoundHandler(), manifest.TestData, "catalogue")
	require.NoError(t, err)
	assert.NotNil(t, handler)
	assert.Less(t, time.Since(start), patience)
	assert.Empty(t, log.String(), "a configuration that is worth copying gives no reason to complain")
}

// TestBadConfigurationSaysWhy guards an error's way out of the interpreter: one that New passes on
// from another function is lost there, and Traefik then says no more than "invalid handler type".
func TestBadConfigurationSaysWhy(t *testing.T) {
	plugin, err := Load(repository(t), os.Stderr)
	require.NoError(t, err)
	_, err = plugin.New(context.Background(), http.NotFoundHandler(), map[string]any{"sdkAppId": "app", "mode": "lax"}, "gate")
	require.Error(t, err)
	assert.Contains(t, err.Error(), "sdkAppId")
	assert.Contains(t, err.Error(), "mode")
}

// TestPluginDependsOnNothing: the analyser refuses a go.mod that names the interpreter or Traefik,
// and the interpreter finds nothing but the standard library and the plugin itself.
func TestPluginDependsOnNothing(t *testing.T) {
	for _, module := range requiredModules(t) {
		assert.False(t, strings.HasPrefix(module, "github.com/traefik/"), "go.mod or vendor/modules.txt has %s", module)
	}
	imports := goCommand(t, "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".")
	for _, name := range strings.Fields(imports) {
		assert.True(t, name == Module || strings.HasPrefix(name, Module+"/"), "the plugin imports %s", name)
	}
}

// requiredModules lists the modules that the plugin's go.mod and its vendor folder name, for the
// plugin or its tests, directly or not.
func requiredModules(t *testing.T) []string {
	var mod struct{ Require []struct{ Path string } }
	require.NoError(t, json.Unmarshal([]byte(goCommand(t, "mod", "edit", "-json")), &mod))
	var modules []string
	for _, requirement := range mod.Require {
		modules = append(modules, requirement.Path)
	}
	vendored, err := os.ReadFile(filepath.Join(repository(t), "vendor", "modules.txt"))
	require.NoError(t, err)
	for _, line := range strings.Split(string(vendored), "\n") {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "#" {
			modules = append(modules, fields[1])
		}
	}
	require.NotEmpty(t, modules, "testify at least")
	return modules
}

// goCommand runs go in the repository.
func goCommand(t *testing.T, arguments ...string) string {
	command := exec.Command("go", arguments...)
	command.Dir = repository(t)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	output, err := command.Output()
	require.NoError(t, err, complaint.String())
	return string(output)
}

func repository(t *testing.T) string {
	root, err := Root()
	require.NoError(t, err)
	return root
}
