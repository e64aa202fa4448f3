package protocol

import (
	"bufio"
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/internal/samples"
)

// testApp is the app of every request in testdata.
const testApp = samples.App

// everything lets in each command of one app, unsigned.
func everything() *Policy {
	policy := &Policy{Apps: map[string]bool{testApp: true}, Commands: map[string]bool{}, Others: true, MaxBody: MaxBody}
	for _, command := range Commands() {
		policy.Commands[command] = true
	}
	return policy
}

// callbackURL is the target of a callback with the parameters that the vendor always sends.
func callbackURL(command string) string {
	return "/callback?SdkAppid=" + testApp + "&CallbackCommand=" + url.QueryEscape(command) + "&contenttype=json"
}

// post is a request as a server gets it.
func post(target, body string) *http.Request {
	return httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
}

// sendBody checks a command's body under a policy that lets everything in.
func sendBody(command, body string) (*Event, *Refusal) {
	return check(everything(), post(callbackURL(command), body))
}

// check checks a request with the query that its URL has.
func check(policy *Policy, r *http.Request) (*Event, *Refusal) {
	return Check(policy, r.URL.RawQuery, r)
}

// verdict words a refusal so that a failed assertion tells the whole of it.
func verdict(refusal *Refusal) string {
	if refusal == nil {
		return "let in"
	}
	return reasonName(refusal.Reason) + ": " + refusal.Detail
}

func reasonName(reason *Reason) string {
	if reason == nil {
		return "let in"
	}
	return strconv.Itoa(reason.Code) + " " + reason.Meaning
}

// assertReason holds a verdict against the reason that is expected, nil for a callback that is let
// in.
func assertReason(t *testing.T, expected *Reason, refusal *Refusal, name string) {
	t.Helper()
	var found *Reason
	if refusal != nil {
		found = refusal.Reason
	}
	assert.Equal(t, reasonName(expected), reasonName(found), name+" -> "+verdict(refusal))
}

// testdata finds the repository's testdata from any directory of it: the interpreter runs these
// tests from elsewhere than go test.
func testdata(t testing.TB, elements ...string) string {
	dir, err := os.Getwd()
	require.NoError(t, err, "working directory")
	for {
		found := filepath.Join(dir, "testdata")
		if _, err := os.Stat(filepath.Join(found, "commands")); err == nil {
			return filepath.Join(found, filepath.Join(elements...))
		}
		if dir == filepath.Dir(dir) {
			require.Fail(t, "no testdata/commands above the working directory")
		}
		dir = filepath.Dir(dir)
	}
}

// readRequest reads testdata/requests/<name>.http as a server reads it from the wire. body is what
// came after the header.
func readRequest(t testing.TB, name string) (r *http.Request, body string) {
	content, err := os.ReadFile(testdata(t, "requests", name+".http"))
	require.NoError(t, err, name)
	r, err = http.ReadRequest(bufio.NewReader(bytes.NewReader(content)))
	require.NoError(t, err, name)
	return r, string(content[len(content)-int(r.ContentLength):])
}
