package e2e

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert/yaml"
	"github.com/stretchr/testify/require"
)

// The examples for Docker and Kubernetes need Docker and Kubernetes. What they say to the plugin is
// run here, in a dynamic configuration around the very options of the files.
func TestExamplesThatNeedMore(t *testing.T) {
	for _, e := range []struct {
		file    string
		options map[string]any
	}{
		{"compose.yml", composeOptions(t)},
		{"kubernetes.yml", kubernetesOptions(t)},
	} {
		e := e
		t.Run(e.file, func(t *testing.T) {
			if testing.Short() {
				t.Skip("end-to-end tests are left out in short mode")
			}
			g := startWith(t, around(t, e.options))
			g.hold(t, []row{
				{name: "signed", request: post("/callback?"+query+signed(oldToken), "", body), gates: checked},
				{name: "not signed", request: post("/callback?"+query, "", body), code: 40101},
				{name: "another app", request: post("/callback?"+withQuery("1400000000", "1500000000"), "", body), code: 40302},
				{name: "another path", request: post("/elsewhere", "X-Chat-Group-Id: forged\n", body)},
			})
		})
	}
}

// The shortest examples start as they stand, with every Traefik that is tested. Others may need a
// newer one, and say so.
func TestShortestExamples(t *testing.T) {
	needsTraefik(t)
	g := &gateway{backend: listen(t), addr: freeAddress(t), dir: t.TempDir()}
	g.write(t, "traefik.yml", replace(readExample(t, "traefik.yml"), exampleAddress, `"`+g.addr+`"`))
	g.write(t, "dynamic.yml", replace(readExample(t, "dynamic.yml"), exampleBackend, g.backend.url()))
	copyPlugin(t, filepath.Join(g.dir, "plugins-local", "src", "github.com", "chatgate", "chatgate"))
	g.run(t)
	g.hold(t, []row{
		{name: "a callback", request: post("/callback?"+query, "", body), gates: checked},
		{name: "another app", request: post("/callback?"+withQuery("1400000000", "1500000000"), "", body), code: 40302},
	})
}

// composeOptions reads the labels as Traefik's Docker provider does: every value is a string.
func composeOptions(t *testing.T) map[string]any {
	t.Helper()
	var file struct {
		Services map[string]struct{ Labels map[string]string }
	}
	require.NoError(t, yaml.Unmarshal([]byte(readExample(t, "compose.yml")), &file))
	options := map[string]any{}
	for label, value := range file.Services["chat"].Labels {
		if option := strings.TrimPrefix(label, "traefik.http.middlewares.chatgate.plugin.chatgate."); option != label {
			options[option] = value
		}
	}
	return options
}

// kubernetesOptions reads the Middleware, and puts the Secret's values where Traefik's provider
// does: for "urn:k8s:secret:NAME:KEY".
func kubernetesOptions(t *testing.T) map[string]any {
	t.Helper()
	var secret struct {
		Metadata   struct{ Name string }
		StringData map[string]string `yaml:"stringData"`
	}
	var middleware struct {
		Spec struct{ Plugin map[string]map[string]any }
	}
	documents := strings.Split(readExample(t, "kubernetes.yml"), "\n---\n")
	require.NoError(t, yaml.Unmarshal([]byte(documents[1]), &secret))
	for key, value := range secret.StringData {
		documents[2] = replace(documents[2], "- urn:k8s:secret:"+secret.Metadata.Name+":"+key, "- "+value)
	}
	require.NoError(t, yaml.Unmarshal([]byte(documents[2]), &middleware))
	return middleware.Spec.Plugin["chatgate"]
}

// around is dynamic.yml with other options for the plugin. JSON is YAML, too.
func around(t *testing.T, options map[string]any) string {
	t.Helper()
	var dynamic struct {
		HTTP map[string]any `yaml:"http" json:"http"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(readExample(t, "dynamic.yml")), &dynamic))
	dynamic.HTTP["middlewares"] = map[string]any{"chatgate": map[string]any{"plugin": map[string]any{"chatgate": options}}}
	text, err := json.Marshal(dynamic)
	require.NoError(t, err)
	return string(text)
}
