package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chatgate/chatgate/yaegi/internal/workload"
)

// connections is how many requests are under way at a time.
const connections = 16

// send sends a request again and again on many connections for a while, on each at least once. It
// returns how many answers came, all with the status.
func send(ctx context.Context, address string, request []byte, status int, duration time.Duration) (int, error) {
	var (
		sent     atomic.Int64
		answers  atomic.Int64
		failures = make([]error, connections)
		all      sync.WaitGroup
		end      = time.Now().Add(duration)
	)
	for i := range connections {
		all.Add(1)
		go func() {
			defer all.Done()
			c, err := dial(ctx, address)
			if err != nil {
				failures[i] = err
				return
			}
			defer c.Close()
			for more := true; more; more = ctx.Err() == nil && time.Now().Before(end) {
				if failures[i] = c.exchange(workload.Vary(request, int(sent.Add(1))), status); failures[i] != nil {
					return
				}
				answers.Add(1)
			}
		}()
	}
	all.Wait()
	return int(answers.Load()), cmp.Or(ctx.Err(), cmp.Or(failures...))
}

// A connection is a client that does as little as possible: it shares the machine with what is
// measured.
type connection struct {
	net.Conn
	buffer [4096]byte
}

// patience is how long a request may take.
const patience = 10 * time.Second

func dial(ctx context.Context, address string) (*connection, error) {
	dialer := net.Dialer{Timeout: patience}
	c, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &connection{Conn: c}, nil
}

// exchange sends a request and reads the answer to its end.
func (c *connection) exchange(request []byte, status int) error {
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := c.Write(request); err != nil {
		return err
	}
	for read := 0; ; {
		n, err := c.Read(c.buffer[read:])
		read += n
		if answer := c.buffer[:read]; isComplete(answer) {
			return checkStatus(answer, status)
		}
		if err == nil && read == len(c.buffer) {
			err = errors.New("it is too long")
		}
		if err != nil {
			return fmt.Errorf("no complete answer: %w: %q", err, c.buffer[:read])
		}
	}
}

var (
	emptyLine     = []byte("\r\n\r\n")
	contentLength = []byte("\r\nContent-Length: ")
)

// isComplete tells whether an answer is there to its end, which its Content-Length must tell.
func isComplete(answer []byte) bool {
	headers, body, found := bytes.Cut(answer, emptyLine)
	if !found {
		return false
	}
	_, length, _ := bytes.Cut(headers, contentLength)
	length, _, _ = bytes.Cut(length, emptyLine[:2])
	expected, err := strconv.Atoi(string(length))
	return err == nil && len(body) >= expected
}

func checkStatus(answer []byte, status int) error {
	if expected := "HTTP/1.1 " + strconv.Itoa(status) + " "; !bytes.HasPrefix(answer, []byte(expected)) {
		return fmt.Errorf("expected %s, found %q", expected, answer)
	}
	return nil
}
