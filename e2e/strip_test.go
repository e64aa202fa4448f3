package e2e

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// No header that the gate sets reaches the backend from outside. Each attempt is made on a
// callback, which has the gate's own headers at the backend, and on a request that is none, which
// has no such header at all.
func TestNobodyElseCanSetTheGatesHeaders(t *testing.T) {
	g := start(t, "dynamic.yml")
	attempts := []struct{ name, header string }{
		{"under its own name", "X-Chat-Group-Id: forged\n"},
		{"under both names", "X-Chat-Group-Id: forged\nX-Chat-Operator: forged\n"},
		{"twice", "X-Chat-Group-Id: forged\nX-Chat-Group-Id: again\n"},
		{"in odd case", "x-cHAT-gROUP-iD: forged\n"},
		{"with underscores", "X_Chat_Group_Id: forged\n"},
		{"with underscores, in lower case", "x_chat_operator: forged\n"},
		{"with dots", "X.Chat.Group.Id: forged\n"},
		{"with mixed separators", "X-Chat_Group.Id: forged\n"},
		{"with every separator there is", "X!Chat#Group$Id: 1\nX%Chat&Group'Id: 2\nX*Chat+Group^Id: 3\nX`Chat|Group~Id: 4\n"},
		{"empty", "X-Chat-Group-Id:\n"},
		{"as something to take away at the next hop", "Connection: X-Chat-Group-Id, X-Chat-Operator\n"},
		{"as something to take away, over several lines", "Connection: keep-alive\nConnection: x-chat-group-id\nConnection: x-chat-operator,close\n"},
		{"as something to take away with an upgrade", "Connection: Upgrade, X-Chat-Group-Id, X-Chat-Operator\nUpgrade: websocket\n"},
		{"as something to take away with an upgrade to HTTP/2", "Connection: Upgrade, HTTP2-Settings, X-Chat-Group-Id\nUpgrade: h2c\nHTTP2-Settings: AAMAAABk\n"},
		{"as a proxy's connection", "Proxy-Connection: X-Chat-Group-Id\nKeep-Alive: X-Chat-Group-Id\n"},
	}
	var rows []row
	for _, a := range attempts {
		rows = append(rows,
			row{name: a.name + ", on a callback", request: callback(a.header, body), gates: checked},
			row{name: a.name + ", on another path", request: post("/elsewhere", a.header, body)},
			row{name: a.name + ", with GET", request: "GET /callback?" + query + " HTTP/1.1\nHost: chat.example\n" + a.header + "\n"},
		)
	}
	g.hold(t, rows)
}

func TestNobodyElseCanSetTheGatesHeadersInATrailer(t *testing.T) {
	g := start(t, "dynamic.yml")
	attempts := []struct{ name, header, trailer string }{
		{"declared", "Trailer: X-Chat-Group-Id, X-Chat-Operator\n", "X-Chat-Group-Id: forged\nX-Chat-Operator: forged\n"},
		{"not declared", "", "X-Chat-Group-Id: forged\n"},
		{"beside a declared one", "Trailer: X-Checksum\n", "X-Checksum: 1\nX-Chat-Group-Id: forged\n"},
		{"under an alias, declared", "Trailer: X_Chat_Group_Id\n", "X_Chat_Group_Id: forged\n"},
		{"under an alias, beside a declared one", "Trailer: X-Checksum\n", "X.Chat.Group.Id: forged\n"},
		{"declared and not sent", "Trailer: X-Chat-Group-Id\n", ""},
	}
	var rows []row
	for _, a := range attempts {
		rows = append(rows,
			row{name: a.name + ", on a callback", request: chunked("POST", "/callback?"+query, a.header, body, a.trailer), gates: checked},
			row{name: a.name + ", on another path", request: chunked("POST", "/elsewhere", a.header, body, a.trailer)},
			row{name: a.name + ", with PUT", request: chunked("PUT", "/callback?"+query, a.header, body, a.trailer)},
		)
	}
	g.hold(t, rows)
}

// This shows that it is the gate that takes the headers away: Traefik hands on all that look alike.
func TestOtherHeadersStay(t *testing.T) {
	g := start(t, "dynamic.yml")
	header := []string{"X-Chat-Group: 1", "X_chat_group_idx: 2", "X.chat: 3", "Xchatgroupid: 4", "X-Chat-Group-Id-: 5"}
	for _, target := range []string{"/callback?" + query, "/elsewhere"} {
		reply := g.send(t, post(target, join(header), body))
		assert.Equal(t, 200, reply.status)
		arrived := g.take()
		require.Len(t, arrived, 1)
		assert.Subset(t, arrived[0].header, header, target)
	}
}

func join(lines []string) string {
	joined := ""
	for _, line := range lines {
		joined += line + "\n"
	}
	return joined
}
