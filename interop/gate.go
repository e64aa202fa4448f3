package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sort"
	"strconv"
	"strings"

	"github.com/chatgate/chatgate"
	"github.com/chatgate/chatgate/internal/protocol"
)

// The fields that readers are asked for, as far as the gate has them. Beans have these names in
// their source, too.
var (
	urlFields  = []string{"SdkAppid", "CallbackCommand", "ClientIP", "OptPlatform"}
	textFields = []string{
		"GroupId", "TopicId", "Operator_Account", "Owner_Account", "From_Account", "To_Account", "Requestor_Account",
		"Member_Account", "OldOwner_Account", "NewOwner_Account", "Type", "Name", "MsgId",
	}
	numberFields = []string{"EventTime", "MsgSeq", "MsgTime", "Random", "ErrorCode", "OptionType"}
)

const headerPrefix = "X-Chat-"

// forwarded is a request as the backend gets it.
type forwarded struct {
	target string
	types  []string // the Content-Type lines
	body   string
	values map[string]string // what the gate's headers say
}

// gate is the compiled plugin, with a header for every field, and a backend that keeps what it
// gets.
type gate struct {
	handler  http.Handler
	fields   map[string]bool            // that have a header
	silent   map[string]map[string]bool // command and field: the gate says nothing of it, so neither that it is absent
	nameless map[string]bool            // commands that a body does not name at its top
	arrived  *forwarded
}

func newGate() (*gate, error) {
	g := &gate{fields: map[string]bool{}, silent: map[string]map[string]bool{}, nameless: map[string]bool{}}
	known := map[string]bool{}
	for _, source := range protocol.Sources() {
		known[source] = true
	}
	config := chatgate.CreateConfig()
	config.SdkAppID = []string{app}
	config.Headers = map[string]string{}
	for _, list := range [][]string{urlFields, textFields, numberFields} {
		for _, field := range list {
			if known[field] {
				g.fields[field] = true
				config.Headers[headerOf(field)] = field
			}
		}
	}
	next := http.HandlerFunc(g.keep)
	var err error
	for _, commands := range [][]string{{"*"}, {"Group.*"}} {
		config.Commands = commands
		if g.handler, err = chatgate.New(context.Background(), next, config, "interop"); err == nil {
			return g, nil
		}
	}
	return nil, err
}

func headerOf(field string) string {
	return http.CanonicalHeaderKey(headerPrefix + strings.ReplaceAll(field, "_", "-"))
}

func (g *gate) keep(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // from memory
	f := &forwarded{target: r.URL.RequestURI(), types: r.Header["Content-Type"], body: string(body), values: map[string]string{}}
	for field := range g.fields {
		if lines := r.Header[headerOf(field)]; lines != nil {
			f.values[field], _ = url.PathUnescape(lines[0])
		}
	}
	g.arrived = f
}

// pass sends a request through the gate. A refusal is told by its ErrorCode, 400 for what is no
// HTTP request at all.
func (g *gate) pass(q *request) (*forwarded, int) {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(q.wire())))
	if err != nil {
		return nil, http.StatusBadRequest
	}
	g.arrived = nil
	w := httptest.NewRecorder()
	g.handler.ServeHTTP(w, r)
	if g.arrived == nil {
		var answer struct{ ErrorCode int }
		_ = json.Unmarshal(w.Body.Bytes(), &answer)
		if answer.ErrorCode == 0 {
			return nil, w.Code // the gate answered by itself
		}
		return nil, answer.ErrorCode
	}
	return g.arrived, 0
}

// learn finds out which fields the gate knows in a command: whether there is a header once the
// field is there.
func (g *gate) learn(command string, base *request) {
	g.silent[command] = map[string]bool{}
	g.nameless[command] = base.at("CallbackCommand") < 0
	for field := range g.fields {
		if isURLField(field) {
			continue
		}
		q := base.clone()
		q.drop(field)
		value := `"known"`
		if isNumberField(field) {
			value = "7"
		}
		q.members = append(q.members, member{strconv.Quote(field), value})
		if f, _ := g.pass(q); f == nil || f.values[field] == "" {
			g.silent[command][field] = true
		}
	}
}

func isURLField(name string) bool    { return contains(urlFields, name) }
func isNumberField(name string) bool { return contains(numberFields, name) }

func contains(list []string, wanted string) bool {
	for _, item := range list {
		if item == wanted {
			return true
		}
	}
	return false
}

func (f *forwarded) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "POST %s\n", f.target)
	for _, line := range f.types {
		fmt.Fprintf(&text, "Content-Type: %s\n", visible(line))
	}
	text.WriteString("\n" + visible(f.body) + "\n")
	return text.String()
}

// visible shows bytes that a terminal would not, as Go spells them. A backslash stays as it is.
func visible(text string) string {
	quoted := strconv.QuoteToGraphic(text)
	quoted = quoted[1 : len(quoted)-1]
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(quoted)
}

// compact is a JSON text without the space between its tokens.
func compact(text []byte) []byte {
	var out bytes.Buffer
	if json.Compact(&out, text) != nil {
		return text
	}
	return out.Bytes()
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
