package schema

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/callback"
	"github.com/chatgate/chatgate/callback/callbacktest"
	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/internal/samples"
	"github.com/chatgate/chatgate/yaegi"
)

func directory(t *testing.T) string {
	root, err := yaegi.Root()
	require.NoError(t, err)
	return filepath.Join(root, "docs", "schema")
}

func compile(t *testing.T, elements ...string) *jsonschema.Schema {
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	schema, err := compiler.Compile(filepath.Join(append([]string{directory(t)}, elements...)...))
	require.NoError(t, err)
	return schema
}

// accepts tells whether a schema accepts a body, as a validator reads it.
func accepts(schema *jsonschema.Schema, body string) bool {
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	return err == nil && schema.Validate(instance) == nil
}

// verdict is what the gate says of a body, nil where it lets it in.
func verdict(command, body string) *protocol.Refusal {
	policy := &protocol.Policy{Apps: map[string]bool{samples.App: true}, Commands: map[string]bool{command: true}, MaxBody: protocol.MaxBody}
	r := httptest.NewRequest(http.MethodPost, samples.Target(command), strings.NewReader(body))
	_, refusal := protocol.Check(policy, r.URL.RawQuery, r)
	return refusal
}

// A schema accepts what the gate lets in, and nothing else, but for what no schema can express.
// Every such difference is one that samples names.
func TestSchemasAgreeWithTheGate(t *testing.T) {
	differences := map[string]int{}
	both := map[bool]int{}
	for i, command := range callback.Commands() {
		schema := compile(t, "commands", command+".json")
		for _, twin := range samples.Twins(command) {
			refusal := verdict(command, twin.Body)
			found := accepts(schema, twin.Body)
			if found == (refusal == nil) {
				both[found]++
				continue
			}
			name := command + ": " + twin.Name
			if !assert.True(t, found, name+": the schema refuses what the gate lets in") {
				continue
			}
			if assert.NotEmpty(t, twin.Beyond, name+": the schema accepts what the gate refuses: "+refusal.Info()) {
				differences[twin.Beyond]++
			}
		}
		assert.True(t, accepts(schema, samples.Body(command)), command)
		for n := 0; n < 20; n++ {
			body := samples.Generate(uint64(1000*i+n), command).Body
			assert.True(t, accepts(schema, body), command+": "+body[:min(len(body), 300)])
		}
	}
	for _, beyond := range []string{
		samples.NumberForm, samples.StringNumber, samples.RepeatedName, samples.OtherCase, samples.OtherName, samples.EscapedName,
	} {
		assert.NotZero(t, differences[beyond], beyond+": is a difference")
		readme, err := os.ReadFile(filepath.Join(directory(t), "README.md"))
		require.NoError(t, err)
		assert.Contains(t, string(readme), beyond, "README.md names the difference")
	}
	t.Logf("%d accepted by both, %d refused by both, differences: %v", both[true], both[false], differences)
}

// The requests of testdata/requests are the vendor's, and the schemas accept them.
func TestSchemasAcceptRequests(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(directory(t), "..", "..", "testdata", "requests", "*.http"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(text)))
		require.NoError(t, err, file)
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err, file)
		assert.True(t, accepts(compile(t, "commands", r.URL.Query().Get("CallbackCommand")+".json"), string(body)), file)
	}
}

// replies is one of each reply that a command may know.
var replies = []callback.Reply{
	callback.OK(), callback.Deny(), callback.Drop(), callback.Tell(10100, "no"), callback.Tell(120001, "no"), callback.Tell(38000, "no"),
	callback.Replace(callback.TextElement("***")), callback.OK().WithCustomData("x"), callback.AllBut("noel"), callback.Respond("x"),
}

// A reply's schema accepts every reply that the command knows, and none that it does not know.
func TestReplySchemas(t *testing.T) {
	receiver, err := callback.NewReceiver(callbacktest.Config())
	require.NoError(t, err)
	all := map[string]bool{}
	known := map[string]map[string]bool{}
	for _, command := range callback.Commands() {
		event, err := receiver.Parse(callbacktest.NewRequest(command, ""))
		require.NoError(t, err)
		known[command] = map[string]bool{}
		for _, reply := range replies {
			w := httptest.NewRecorder()
			if reply.Write(w, event) == nil {
				known[command][w.Body.String()] = true
				all[w.Body.String()] = true
			}
		}
	}
	require.Greater(t, len(all), len(replies))
	for _, command := range callback.Commands() {
		schema := compile(t, "replies", command+".json")
		for answer := range all {
			if strings.HasPrefix(command, "Sns.") && strings.Contains(answer, "ResultItem") && !known[command][answer] {
				continue // of other friends
			}
			assert.Equal(t, known[command][answer], accepts(schema, answer), command+": "+answer)
		}
		for _, wrong := range []string{`{}`, `{"ActionStatus":"OK","ErrorCode":7,"ErrorInfo":""}`, `{"ActionStatus":"FAIL","ErrorCode":0,"ErrorInfo":""}`} {
			assert.False(t, accepts(schema, wrong), command+": "+wrong)
		}
	}
}

// The OpenAPI document has a webhook for each command, and every reference in it leads somewhere.
func TestOpenAPI(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(directory(t), "openapi.json"))
	require.NoError(t, err)
	var document struct {
		OpenAPI    string
		Webhooks   map[string]struct{ Post map[string]any }
		Components struct{ Schemas map[string]any }
	}
	require.NoError(t, json.Unmarshal(text, &document))
	assert.Equal(t, "3.1.0", document.OpenAPI)
	assert.Len(t, document.Webhooks, len(callback.Commands()))
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	for _, command := range callback.Commands() {
		webhook := document.Webhooks[command].Post
		encoded, err := json.Marshal(webhook)
		require.NoError(t, err)
		name, _ := webhook["operationId"].(string)
		references := []string{name, name + "Reply", "Failure"}
		assert.Equal(t, len(references), bytes.Count(encoded, []byte(`"$ref"`)), command)
		for _, reference := range references {
			assert.Contains(t, string(encoded), `"#/components/schemas/`+reference+`"`, command)
		}
		schema, err := compiler.Compile(filepath.Join(directory(t), "openapi.json") + "#/components/schemas/" + name)
		require.NoError(t, err, command)
		assert.True(t, accepts(schema, samples.Body(command)), command)
		reply, err := compiler.Compile(filepath.Join(directory(t), "openapi.json") + "#/components/schemas/" + name + "Reply")
		require.NoError(t, err, command)
		assert.False(t, accepts(reply, `{}`), command)
	}
}
