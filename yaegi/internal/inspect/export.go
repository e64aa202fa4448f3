package inspect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/chatgate/chatgate/yaegi/internal/sample"
)

// exports is the forms in which an exchange can be taken away, by name.
var exports = map[string]func(s *Server, x *Exchange) []byte{
	"curl": func(s *Server, x *Exchange) []byte {
		return []byte(curl(s.gateURL, s.observer.gate.Signed(), x) + "\n")
	},
	"http": func(_ *Server, x *Exchange) []byte { return raw(x) },
	"json": func(_ *Server, x *Exchange) []byte {
		text, _ := json.MarshalIndent(describe(x), "", "  ")
		return append(text, '\n')
	},
}

// fileNames is the end of the file's name for each form.
var fileNames = map[string]string{"curl": "sh", "http": "http", "json": "json"}

// origin is what stands in front of the path in the absolute form of a request's target.
var origin = regexp.MustCompile(`(?i)^https?://[^/?]*`)

// curl is a line for a shell that sends the same request, signed anew where the gate asks for it.
func curl(gateURL string, signed bool, x *Exchange) string {
	line := "curl -i -g --path-as-is -w '\\n' -X " + sample.Quote(x.Request.Method)
	for _, field := range fieldsOf(sendable(x.Request.Header)) {
		line += " -H " + sample.Quote(field.Name+": "+field.Value)
	}
	if len(x.Request.Body) > 0 {
		line += " --data-binary " + shellBody(x.Request.Body)
	}
	target := gateURL + origin.ReplaceAllString(WithoutSignature(x.Request.Target), "")
	line += " " + sample.Quote(target)
	if signed && strings.Contains(target, "?") {
		line = sample.Signed(line)
	}
	return line
}

// shellBody is a body as an argument. What no text can hold stands in the escapes of $'…', which
// bash and zsh know.
func shellBody(body []byte) string {
	unfit := func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == '\ufffd' }
	if !bytes.HasPrefix(body, []byte("@")) && !bytes.ContainsFunc(body, unfit) {
		return sample.Quote(string(body))
	}
	var text strings.Builder
	text.WriteString("$'")
	for _, b := range body {
		if b < ' ' || b > '~' || b == '\'' || b == '\\' || b == '@' {
			fmt.Fprintf(&text, `\x%02x`, b)
		} else {
			text.WriteByte(b)
		}
	}
	return text.String() + "'"
}

// raw is the request as it came, in a file that "chatgate check" reads. Its Date says when it was
// captured.
func raw(x *Exchange) []byte {
	var text bytes.Buffer
	fmt.Fprintf(&text, "%s %s HTTP/1.1\r\nHost: %s\r\n", x.Request.Method, x.Request.Target, x.Request.Host)
	header := x.Request.Header.Clone()
	for _, name := range []string{"Connection", "Content-Length", "Transfer-Encoding", "Date"} {
		header.Del(name)
	}
	header.Set("Date", x.Time.UTC().Format(http.TimeFormat))
	header.Set("Content-Length", fmt.Sprint(len(x.Request.Body)))
	_ = header.Write(&text)
	text.WriteString("\r\n")
	text.Write(x.Request.Body)
	return text.Bytes()
}

// hopByHop is the headers that are of one connection, or that a client makes itself.
var hopByHop = []string{
	"Accept-Encoding", "Connection", "Content-Length", "Expect", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
	"Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// sendable is the headers of a request that can be sent again.
func sendable(h http.Header) http.Header {
	h = h.Clone()
	for _, name := range hopByHop {
		h.Del(name)
	}
	return h
}
