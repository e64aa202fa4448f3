package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"

	"github.com/chatgate/chatgate/internal/protocol"
)

// asBackend is the argument that makes this program the backend behind Traefik, as its own process.
const asBackend = "backend"

// startBackend starts this program once more, as the backend. It lives until stop closes its input,
// or this process is gone.
func startBackend(ctx context.Context) (address string, stop func(), err error) {
	program, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	backend := exec.CommandContext(ctx, program, asBackend)
	backend.Stderr = os.Stderr
	input, err := backend.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	output, err := backend.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := backend.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = input.Close()
		_ = backend.Wait()
	}
	address, err = bufio.NewReader(output).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("the backend does not start: %w", err)
	}
	return strings.TrimSpace(address), stop, nil
}

// serveBackend prints its address and accepts every callback, until its input ends.
func serveBackend() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(listener.Addr())
	go func() {
		_ = http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, protocol.OK)
		}))
	}()
	_, _ = io.Copy(io.Discard, os.Stdin)
}
