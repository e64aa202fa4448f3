package e2e

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// seen is a request as it arrived at the backend, to the byte.
type seen struct {
	line    string   // the request line
	header  []string // the header's lines as they came
	body    string
	chunked bool
	trailer []string // the lines after a chunked body
	cut     bool     // the connection ended before the request did
}

// values returns the values of a header.
func (s seen) values(name string) []string {
	var values []string
	for _, line := range s.header {
		if key, value, _ := strings.Cut(line, ":"); strings.EqualFold(key, name) {
			values = append(values, strings.TrimSpace(value))
		}
	}
	return values
}

// gates returns the lines of header and trailer that are the gate's, or that any server could take
// for the gate's: all that reads X-Chat when nothing but letters and digits counts.
func (s seen) gates() []string {
	var lines []string
	for _, line := range append(append([]string{}, s.header...), s.trailer...) {
		key, _, _ := strings.Cut(line, ":")
		if strings.HasPrefix(onlyLetters(key), "xchat") {
			lines = append(lines, line)
		}
	}
	return lines
}

func onlyLetters(name string) string {
	return strings.Map(func(c rune) rune {
		if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' {
			return c
		}
		return -1
	}, strings.ToLower(name))
}

// A backend records every request, and answers that the callback is accepted. Its answer echoes the
// gate's headers, each under its name after "Echo-", and a hash of the body as Echo-Body, so that a
// client can hold each answer against its own request.
type backend struct {
	listener net.Listener
	serving  sync.WaitGroup

	mutex    sync.Mutex
	requests []seen
	open     map[net.Conn]bool
}

// listen starts a backend that ends with the test. It reads HTTP/1.1 by hand: a server of the
// standard library would hide how names are spelt and how the body is framed.
func listen(t *testing.T) *backend {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	b := &backend{listener: listener, open: map[net.Conn]bool{}}
	b.serving.Add(1)
	go b.accept()
	t.Cleanup(b.close)
	return b
}

func (b *backend) url() string { return "http://" + b.listener.Addr().String() }

// take returns what arrived since the last call.
func (b *backend) take() []seen {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	taken := b.requests
	b.requests = nil
	return taken
}

func (b *backend) accept() {
	defer b.serving.Done()
	for {
		conn, err := b.listener.Accept()
		if err != nil {
			return
		}
		b.mutex.Lock()
		b.open[conn] = true
		b.mutex.Unlock()
		b.serving.Add(1)
		go b.serve(conn)
	}
}

func (b *backend) serve(conn net.Conn) {
	defer b.serving.Done()
	defer conn.Close()
	reader := bufio.NewReader(conn)
	for {
		request, err := readRequest(reader)
		request.cut = err != nil
		b.mutex.Lock()
		if request.line != "" {
			b.requests = append(b.requests, request)
		}
		if err != nil {
			delete(b.open, conn)
		}
		b.mutex.Unlock()
		if err != nil {
			return
		}
		if _, err := io.WriteString(conn, accepted(request)); err != nil {
			return
		}
	}
}

func (b *backend) close() {
	_ = b.listener.Close()
	b.mutex.Lock()
	for conn := range b.open {
		_ = conn.Close()
	}
	b.mutex.Unlock()
	b.serving.Wait()
}

// okReply is what a backend answers to accept a callback, and the gate to the console's check.
const okReply = `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`

func accepted(request seen) string {
	var answer strings.Builder
	answer.WriteString("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(okReply)) + "\r\n")
	for _, line := range request.gates() {
		answer.WriteString("Echo-" + line + "\r\n")
	}
	answer.WriteString("Echo-Body: " + hash(request.body) + "\r\n\r\n" + okReply)
	return answer.String()
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func readRequest(r *bufio.Reader) (seen, error) {
	var request seen
	head, err := readLines(r)
	if err != nil {
		return request, err
	}
	request.line, request.header = head[0], head[1:]
	if lengths := request.values("Content-Length"); lengths != nil {
		length, _ := strconv.Atoi(lengths[0])
		body := make([]byte, length)
		n, err := io.ReadFull(r, body)
		request.body = string(body[:n])
		return request, err
	}
	if request.chunked = request.values("Transfer-Encoding") != nil; !request.chunked {
		return request, nil
	}
	body, err := io.ReadAll(httputil.NewChunkedReader(r))
	request.body = string(body)
	if err != nil {
		return request, err
	}
	request.trailer, err = readLines(r)
	return request, err
}

// readLines reads until an empty line.
func readLines(r *bufio.Reader) ([]string, error) {
	var lines []string
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return nil, err
		}
		line = strings.TrimSuffix(line, "\r\n")
		if line == "" {
			return lines, nil
		}
		lines = append(lines, line)
	}
}
