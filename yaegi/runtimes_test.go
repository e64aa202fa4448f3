package yaegi

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate"
	"github.com/chatgate/chatgate/internal/protocol"
)

// runtimeOptions are the configurations under which compiled and interpreted are compared.
var runtimeOptions = []map[string]any{
	{"sdkAppId": 1400000000, "path": "/callback"},
	{"sdkAppId": "1400000000, 7", "commands": "Group.*", "otherCommands": "forward", "maxBodyBytes": 3000, "headers": map[string]any{
		"X-App": "SdkAppid", "X-Client": "ClientIP", "X-Event": "EventId", "X-Name": "Name", "X-Operator": "Operator", "X-Time": "EventTime", "X-Topic": "TopicId"}},
	{"sdkAppId": []any{1400000000}, "token": "xxxxyyyy", "otherCommands": "acknowledge", "mode": "monitor", "reply": "normalize"},
}

// FuzzRuntimes sends every request to the compiled plugin and to the interpreted one: what the
// backend sees and what the client gets must be the same.
func FuzzRuntimes(f *testing.F) {
	const query = "SdkAppid=1400000000&CallbackCommand="
	files, err := filepath.Glob(filepath.Join(repositoryOf(f), "testdata", "commands", "*.json"))
	require.NoError(f, err)
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(f, err)
		command := strings.TrimSuffix(filepath.Base(file), ".json")
		f.Add("/callback?"+query+command, "", string(body))
		f.Add("//callback/?a=1&"+query+command+"&sdkappid=1", "X_App: 1\r\nConnection: X-App\r\n", "{\"New\":[1,2.5e3,null],"+string(body[1:]))
		f.Add("/?"+query+command+"&Sign=00&RequestTime=1", "X-Name: 1\r\nContent-Encoding: br\r\n", strings.Replace(string(body), "Account", `A\u0063count`, 1))
	}
	f.Add("/callback?"+query+"Push.AllMemberPush&contenttype=JSON", "", `{"Events":[]}`)
	f.Add("/callback", "", "{}")
	interpreted, err := Load(repositoryOf(f), io.Discard)
	require.NoError(f, err)
	var seen string
	backend := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		seen += fmt.Sprintln(r.Method, r.RequestURI, r.Header, len(r.Trailer), r.ContentLength, r.TransferEncoding, string(body), err)
		w.WriteHeader(http.StatusAccepted)
	})
	var pairs [][2]http.Handler
	for _, options := range runtimeOptions {
		config := chatgate.CreateConfig()
		_, err := Decode(options, config)
		require.NoError(f, err)
		compiled, err := chatgate.New(context.Background(), backend, config, "gate")
		require.NoError(f, err)
		handler, err := interpreted.New(context.Background(), backend, options, "gate")
		require.NoError(f, err)
		pairs = append(pairs, [2]http.Handler{compiled, handler})
	}
	f.Fuzz(func(t *testing.T, target, headers, body string) {
		request := "POST " + target + " HTTP/1.1\r\nHost: h\r\n" + headers + "Content-Length: " + fmt.Sprint(len(body)) + "\r\n\r\n" + body
		for i, pair := range pairs {
			var outcomes [2]string
			for k, handler := range pair {
				r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(request)))
				if err != nil {
					return // no server lets it in
				}
				seen = ""
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				outcomes[k] = seen + answered(w)
			}
			assert.Equal(t, outcomes[0], outcomes[1], "configuration %d: compiled, and interpreted: %q", i, request)
		}
	})
}

// answered is an answer without the sentence for people where that names one of several twins:
// which one, the order of a map decides.
func answered(w *httptest.ResponseRecorder) string {
	text := fmt.Sprintln(w.Code, w.Header(), w.Body)
	for _, reason := range []*protocol.Reason{protocol.ParameterRepeated, protocol.MemberMisspelt} {
		text = regexp.MustCompile(reason.Meaning+":.*").ReplaceAllString(text, reason.Meaning)
	}
	return text
}

func repositoryOf(t testing.TB) string {
	root, err := Root()
	require.NoError(t, err)
	return root
}
