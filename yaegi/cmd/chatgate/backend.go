package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/chatgate/chatgate/internal/protocol"
)

// startBackend starts the built-in backend on a free port of this machine, which its Addr tells.
func startBackend(out io.Writer) (*http.Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{Addr: listener.Addr().String(), Handler: &printer{out: out}}
	go func() { _ = server.Serve(listener) }()
	return server, nil
}

// A printer answers every request as Tencent Cloud Chat wants it, and prints it for a person.
type printer struct {
	out   io.Writer
	mutex sync.Mutex // keeps requests apart
}

// What a printer shows of a request.
const (
	maxRead    = 1 << 20 // bytes of the body
	maxMembers = 20      // of the body's object
	maxValue   = 100     // bytes of each
)

func (p *printer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, maxRead))
	rest, _ := io.Copy(io.Discard, r.Body)
	report := fmt.Sprintf("%s  %s %s, %d bytes\n", time.Now().Format(time.TimeOnly), r.Method, r.URL.EscapedPath(), int64(len(body))+rest) +
		describeHeaders(r.Header) + describeBody(body) + "\n"
	p.mutex.Lock()
	defer p.mutex.Unlock()
	_, _ = io.WriteString(p.out, strings.Map(visible, report))
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, protocol.OK)
}

// usual is the headers that say nothing about a callback.
const usual = " Accept Accept-Encoding Content-Length Content-Type User-Agent X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto "

// describeHeaders shows the headers that the gate has set, and any other that is not usual.
func describeHeaders(headers http.Header) string {
	var lines []string
	for name, values := range headers {
		if strings.Contains(usual, " "+name+" ") {
			continue
		}
		value := strings.Join(values, ", ")
		line := "  " + name + ": " + value
		if decoded, err := url.PathUnescape(value); err == nil && decoded != value {
			line += "  (" + decoded + ")"
		}
		lines = append(lines, line+"\n")
	}
	sort.Strings(lines)
	return strings.Join(lines, "")
}

// describeBody shows an object member by member, and the beginning of anything else.
func describeBody(body []byte) string {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if opening, _ := decoder.Token(); opening != json.Delim('{') || !json.Valid(body) {
		return "  " + shorten(strconv.Quote(string(body))) + "\n"
	}
	var lines strings.Builder
	for shown := 0; decoder.More(); shown++ {
		if shown == maxMembers {
			lines.WriteString("  and more\n")
			break
		}
		name, _ := decoder.Token()
		var value json.RawMessage
		_ = decoder.Decode(&value)
		fmt.Fprintf(&lines, "  %q: %s\n", name, shorten(string(value)))
	}
	return lines.String()
}

func shorten(text string) string {
	if len(text) <= maxValue {
		return text
	}
	return strings.ToValidUTF8(text[:maxValue], "") + fmt.Sprintf("... (%d bytes)", len(text))
}

// visible keeps what a client sends from steering the terminal.
func visible(r rune) rune {
	if r == '\n' || unicode.IsPrint(r) {
		return r
	}
	return unicode.ReplacementChar
}
