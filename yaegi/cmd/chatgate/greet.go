package main

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/chatgate/chatgate"
	"github.com/chatgate/chatgate/yaegi/internal/sample"
)

const greeting = `The gate, interpreted as in Traefik, listens on %s. Ctrl-C ends it.

Paste into another terminal. This callback passes%s:

%s

This one %s, because its app is not let in:

%s

`

// greet says what to paste into another terminal. The command is one that the gate lets in.
func greet(out io.Writer, config *chatgate.Config, command string, listening net.Addr) error {
	apps := trimmed(config.SdkAppID)
	body, err := sample.Body(command)
	if err != nil {
		return err
	}
	address := "http://" + dialable(listening)
	target := address + (&url.URL{Path: config.Path}).EscapedPath()
	passing := sample.Curl(sample.URL(target, apps[0], command), sample.Stamp(body, time.Now()))
	refused := sample.Curl(sample.URL(target, otherThan(apps), command), []byte("{}"))
	hint, verdict := "", "is refused"
	if len(config.Token) > 0 || config.TokenFile != "" {
		passing = sample.Signed(passing)
		hint = ", with one of the gate's tokens in the variable " + sample.TokenVariable
	}
	if config.Mode == "monitor" {
		verdict = "would be refused, were it not for the mode monitor"
	}
	_, err = fmt.Fprintf(out, greeting, address, hint, passing, verdict, refused)
	return err
}

// trimmed is a list as the plugin understands it: Traefik splits a text at its commas, and leaves
// the spaces.
func trimmed(values []string) []string {
	trimmed := []string{}
	for _, value := range values {
		trimmed = append(trimmed, strings.TrimSpace(value))
	}
	return trimmed
}

// otherThan is an app that is not among those that the gate lets in.
func otherThan(apps []string) string {
	app := "1"
	for slices.Contains(apps, app) {
		app += "0"
	}
	return app
}

// dialable is an address that a client on this machine can use.
func dialable(address net.Addr) string {
	if tcp, ok := address.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
	}
	return address.String()
}
