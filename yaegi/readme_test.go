package yaegi

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/chatgate/chatgate"
	"github.com/chatgate/chatgate/internal/protocol"
)

// TestReadmeOptions holds the readme's table of options against Config and its defaults.
func TestReadmeOptions(t *testing.T) {
	rows := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| ?(.*?) ?\\|").FindAllStringSubmatch(readme(t), -1) {
		rows[strings.ToLower(row[1])] = strings.Trim(row[2], " `")
	}
	// Defaults of lists and maps are applied in New, so CreateConfig does not show them.
	applied := map[string]string{"commands": protocol.AfterCreateGroup, "headers": "X-Chat-Group-Id: GroupId`, `X-Chat-Operator: Operator"}
	defaults := reflect.ValueOf(chatgate.CreateConfig()).Elem()
	for i := 0; i < defaults.NumField(); i++ {
		option := strings.ToLower(defaults.Type().Field(i).Name)
		want := applied[option]
		if kind := defaults.Field(i).Kind(); kind != reflect.Slice && kind != reflect.Map {
			want = fmt.Sprint(defaults.Field(i).Interface())
		}
		found, ok := rows[option]
		assert.True(t, ok, "the readme has no row for %s", option)
		assert.Equal(t, want, found, "the default of %s", option)
		delete(rows, option)
	}
	assert.Empty(t, rows, "options that do not exist")
}

// TestReadmeIsShort: a newcomer reads it in some minutes. Bars of tables are no words.
func TestReadmeIsShort(t *testing.T) {
	assert.Less(t, len(strings.Fields(strings.ReplaceAll(readme(t), "|", " "))), 1500, "words, those of code included")
}

// TestReadmeNames: files that the readme links to exist, and so do the targets of its make
// commands.
func TestReadmeNames(t *testing.T) {
	text := readme(t)
	makefile, err := os.ReadFile(filepath.Join(repository(t), "Makefile"))
	require.NoError(t, err)
	for _, link := range regexp.MustCompile(`\]\(([\w./-]+)\)`).FindAllStringSubmatch(text, -1) {
		assert.FileExists(t, filepath.Join(repository(t), link[1]))
	}
	for _, command := range regexp.MustCompile("(?m)(?:^|`)make (\\w+)").FindAllStringSubmatch(text, -1) {
		assert.Contains(t, string(makefile), "\n"+command[1]+":", "make %s", command[1])
	}
	assert.Contains(t, text, "all "+strconv.Itoa(len(protocol.Commands()))+" that the gate knows")
	page, err := os.ReadFile(filepath.Join(repository(t), "docs", "protocol.md"))
	require.NoError(t, err)
	for _, count := range regexp.MustCompile(`(\d+) commands`).FindAllStringSubmatch(text+string(page), -1) {
		assert.Equal(t, strconv.Itoa(len(protocol.Commands())), count[1], "readme.md and docs/protocol.md say how many commands there are")
	}
}

// TestOldTraefiks: what Traefik 3.6 does not start with names a Traefik that does.
func TestOldTraefiks(t *testing.T) {
	for name, text := range configurations(t) {
		if strings.Contains(string(text), "queryParameters") {
			assert.Regexp(t, `3\.7\.\d+`, string(text), name)
		}
	}
}

// TestEveryConfigurationStarts starts the plugin, interpreted, with every configuration that the
// readme and the examples show, and holds their options against those that exist: Traefik ignores
// one that it does not know.
func TestEveryConfigurationStarts(t *testing.T) {
	plugin, err := Load(repository(t), os.Stderr)
	require.NoError(t, err)
	tokens := filepath.Join(t.TempDir(), "tokens")
	require.NoError(t, os.WriteFile(tokens, []byte("xxxxyyyy\n"), 0o600))
	started := 0
	for name, text := range configurations(t) {
		for _, options := range pluginSections(text) {
			unknown, err := Decode(options, chatgate.CreateConfig())
			require.NoError(t, err, name)
			assert.Empty(t, unknown, "%s: options that do not exist", name)
			if options["tokenFile"] != nil {
				options["tokenFile"] = tokens
			}
			_, err = plugin.New(context.Background(), http.NotFoundHandler(), options, name)
			assert.NoError(t, err, name)
			started++
		}
	}
	assert.GreaterOrEqual(t, started, 7, "configurations of the plugin")
}

// configurations are the YAML files of examples/ and the YAML blocks of the readme.
func configurations(t *testing.T) map[string][]byte {
	found := map[string][]byte{}
	files, err := filepath.Glob(filepath.Join(repository(t), "examples", "*.yml"))
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		found[filepath.Base(file)] = text
	}
	for i, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(readme(t), -1) {
		found[fmt.Sprint("readme, block ", i+1)] = []byte(block[1])
	}
	return found
}

// pluginSections finds the options below "plugin.chatgate", whether that is spelt as nested maps or
// as labels.
func pluginSections(text []byte) []map[string]any {
	var found []map[string]any
	labels := map[string]any{}
	var walk func(value any)
	walk = func(value any) {
		list, _ := value.([]any)
		for _, item := range list {
			walk(item)
		}
		members, _ := value.(map[string]any)
		for key, member := range members {
			if _, option, ok := strings.Cut(key, ".plugin.chatgate."); ok {
				labels[option] = member
			}
			if plugin, ok := member.(map[string]any); ok && key == "plugin" {
				options, _ := plugin["chatgate"].(map[string]any)
				found = append(found, options)
			}
			walk(member)
		}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var document any
		if decoder.Decode(&document) != nil {
			break
		}
		walk(document)
	}
	if len(labels) > 0 {
		found = append(found, labels)
	}
	return found
}

func readme(t *testing.T) string {
	text, err := os.ReadFile(filepath.Join(repository(t), "readme.md"))
	require.NoError(t, err)
	return string(text)
}
