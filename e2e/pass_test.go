package e2e

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is not a callback passes untouched.
func TestOtherRequestsPassUntouched(t *testing.T) {
	g := start(t, "dynamic.yml")
	for _, r := range []struct {
		name, request string
		line          string // the request line at the backend
	}{
		{"GET", "GET /callback?a=1 HTTP/1.1\nHost: chat.example\nX-Own: kept\n\n", "GET /callback?a=1 HTTP/1.1"},
		{"HEAD", "HEAD /callback HTTP/1.1\nHost: chat.example\nX-Own: kept\n\n", "HEAD /callback HTTP/1.1"},
		{"OPTIONS", "OPTIONS /callback HTTP/1.1\nHost: chat.example\nX-Own: kept\n\n", "OPTIONS /callback HTTP/1.1"},
		{"PUT", "PUT /callback HTTP/1.1\nHost: chat.example\nX-Own: kept\nContent-Length: 8\n\nnot JSON", "PUT /callback HTTP/1.1"},
		{"another path", post("/other", "X-Own: kept\n", "not JSON"), "POST /other HTTP/1.1"},
		{"the root", post("/", "X-Own: kept\n", "not JSON"), "POST / HTTP/1.1"},
		{"below the path", post("/callback/more", "X-Own: kept\n", "not JSON"), "POST /callback/more HTTP/1.1"},
		{"a path that begins alike", post("/callbacks", "X-Own: kept\n", "not JSON"), "POST /callbacks HTTP/1.1"},
		{"a callback's URL and body", post("/other?"+query, "X-Own: kept\n", body), "POST /other?" + query + " HTTP/1.1"},
		{"a long body", post("/other", "X-Own: kept\n", padded(2<<20)), "POST /other HTTP/1.1"},
		{"a broken query", post("/other?a=%zz&SdkAppid=1&SdkAppid=2", "X-Own: kept\n", ""), "POST /other?a=%zz&SdkAppid=1&SdkAppid=2 HTTP/1.1"},
		{"an encoded path", post("/other/%E7%BE%A4%20x", "X-Own: kept\n", ""), "POST /other/%E7%BE%A4%20x HTTP/1.1"},
		{"an encoded body", post("/other", "X-Own: kept\nContent-Encoding: gzip\n", "\x1f\x8b\x00"), "POST /other HTTP/1.1"},
		{"chunks", chunked("POST", "/other", "X-Own: kept\n", "not JSON", ""), "POST /other HTTP/1.1"},
	} {
		r := r
		t.Run(r.name, func(t *testing.T) {
			assert.Equal(t, 200, g.send(t, r.request).status)
			arrived := g.take()
			require.Len(t, arrived, 1)
			assert.Equal(t, r.line, arrived[0].line)
			assert.Equal(t, hash(bodyOf(r.request)), hash(arrived[0].body), "the body's bytes")
			assert.Equal(t, []string{"kept"}, arrived[0].values("X-Own"))
			assert.Equal(t, r.name == "chunks", arrived[0].chunked, "chunked")
			assert.Equal(t, r.name == "an encoded body", arrived[0].values("Content-Encoding") != nil)
			assert.Empty(t, arrived[0].gates())
		})
	}
}

// Whatever a backend's router may take for the callback's path is checked: a foreign app is refused
// there.
func TestNoSpellingOfThePathSlipsPast(t *testing.T) {
	g := start(t, "dynamic.yml")
	var rows []row
	for _, path := range []string{
		"/callback", "//callback", "///callback", "/./callback", "/x/../callback", "/../callback", "/callback/", "/callback//", "/callback/.",
		"/callback/x/..", "/%2e/callback", "/x/%2E%2e/callback", "/%63allback", "/%63%61%6C%6c%62%61%63%6B", "/callbac%6b/", "/CALLBACK", "/Callback",
		"/callback;jsessionid=1", "/callback;", "/callback%3Bx", "/callback%2F", "/%2Fcallback", "/x%2f..%2fcallback", `/%5Ccallback`,
		"http://chat.example/callback", "http://other.example//callback",
	} {
		foreign := withQuery("1400000000", "1500000000")
		rows = append(rows,
			row{name: path + ", a foreign app", request: post(path+"?"+foreign, "", body), code: 40302},
			row{name: path + ", right", request: post(path+"?"+query, "", body), gates: checked},
		)
	}
	rows = append(rows,
		row{name: "the method in lower case", request: replace(post("/callback?", "", body), "POST", "post"), code: 40301},
		row{name: "the method in mixed case", request: replace(post("/callback?", "", body), "POST", "Post"), code: 40301},
		row{name: "another Host", request: replace(post("/callback?", "", body), "chat.example", "other.example:1"), code: 40301},
		row{name: "HTTP/1.0", request: replace(post("/callback?", "", body), "HTTP/1.1", "HTTP/1.0"), code: 40301},
	)
	g.hold(t, rows)
}

// A backend that decodes twice, or stops at a byte that others read on from, has another path than
// the gate. It gets the request, as any that is not a callback, but none of the gate's headers.
func TestPathsThatOnlyALaxBackendTakesForTheCallbackCarryNothing(t *testing.T) {
	g := start(t, "dynamic.yml")
	var rows []row
	for _, path := range []string{"/%2563allback", "/callback%00", "/callback%3F", "/callback%23", "/callback%20", "/callback%0A", "/callback."} {
		rows = append(rows, row{name: path, request: post(path+"?"+query, "X-Chat-Group-Id: forged\n", body)})
	}
	g.hold(t, rows)
}

// Traefik itself refuses these.
func TestMalformedPathsReachNobody(t *testing.T) {
	g := start(t, "dynamic.yml")
	for _, target := range []string{"/callback#", "/callback/%zz", "callback", "*", "/call back", "/callback\x00"} {
		reply := g.send(t, post(target, "", body))
		assert.Equal(t, 4, reply.status/100, "%s: %d", target, reply.status)
		assert.Empty(t, g.take(), target)
	}
}
