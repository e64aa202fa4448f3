package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/chatgate/chatgate"
	"github.com/chatgate/chatgate/callback"
	"github.com/chatgate/chatgate/yaegi"
)

const runHelp = `chatgate run [flags]

Runs the gate, interpreted as in Traefik, in front of a backend, and says what to send to it. Ctrl-C ends it.

`

func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:8080", "`address` to listen on; port 0 takes any that is free")
	upstream := flags.String("upstream", "", "`URL` of your backend, such as http://127.0.0.1:9000\n"+
		"(default: a built-in one, which prints what reaches it and answers OK)")
	file := flags.String("config", "", "YAML `file` with the plugin's options, or with a section \"plugin\" that has them: Traefik's\n"+
		"dynamic configuration, a Kubernetes Middleware (default: sdkAppId 1400000000, path /callback)")
	if err := parseFlags(flags, arguments, runHelp, stdout); err != nil {
		return err
	}
	target, err := parseUpstream(*upstream)
	if err != nil {
		return err
	}
	options, config, err := readOptions(*file)
	if err != nil {
		return err
	}
	if target == nil {
		backend, err := startBackend(stdout)
		if err != nil {
			return err
		}
		defer backend.Close()
		target = &url.URL{Scheme: "http", Host: backend.Addr}
	}
	errorLog := log.New(stderr, "chatgate: ", 0)
	gate, err := loadGate(ctx, newProxy(target, errorLog), options, stderr)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	if err := greet(stdout, config, "http://"+dialable(listener.Addr())); err != nil {
		return err
	}
	return serve(ctx, &http.Server{Handler: gate, ErrorLog: errorLog}, listener)
}

// parseUpstream reads the flag -upstream, nil where it is empty.
func parseUpstream(value string) (*url.URL, error) {
	if value == "" {
		return nil, nil
	}
	target, err := url.Parse(value)
	if err != nil || target.Scheme != "http" && target.Scheme != "https" || target.Host == "" || strings.Trim(target.Path, "/") != "" {
		return nil, usageError{errors.New("-upstream: expected a URL such as http://127.0.0.1:9000, without a path: Traefik keeps the callback's")}
	}
	return target, nil
}

// newProxy passes requests on as Traefik does: the client's Host, path and query, in the very form in which they came.
func newProxy(target *url.URL, errorLog *log.Logger) http.Handler {
	return &httputil.ReverseProxy{
		ErrorLog: errorLog,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host
			r.Out.URL.RawQuery = strings.ReplaceAll(r.In.URL.RawQuery, ";", "&")
			r.Out.Host = r.In.Host
			r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
			r.SetXForwarded()
		},
	}
}

// loadGate interprets the plugin and makes a middleware of it.
func loadGate(ctx context.Context, next http.Handler, options map[string]any, log io.Writer) (http.Handler, error) {
	root, err := yaegi.Root()
	if err != nil {
		return nil, err
	}
	plugin, err := yaegi.Load(root, log)
	if err != nil {
		return nil, err
	}
	return plugin.New(ctx, next, options, "local")
}

// dialable is an address that a client on this machine can use.
func dialable(address net.Addr) string {
	if tcp, ok := address.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
	}
	return address.String()
}

// greet says what to paste into another terminal.
func greet(out io.Writer, config *chatgate.Config, address string) error {
	apps, command := trimmed(config.SdkAppID), commandLetIn(trimmed(config.Commands))
	body, err := sampleBody(command)
	if err != nil {
		return err
	}
	path := "/"
	if config.Path != "" {
		path = (&url.URL{Path: config.Path}).EscapedPath()
	}
	passing, hint := curl(withParameters(address+path, apps[0], command), stamp(body, time.Now())), ""
	if len(config.Token) > 0 || config.TokenFile != "" {
		passing, hint = signed(passing), ", with one of the gate's tokens in the variable "+tokenVariable
	}
	refusal := "is refused"
	if config.Mode == "monitor" {
		refusal = "would be refused, were it not for the mode monitor"
	}
	_, err = fmt.Fprintf(out, `The gate, interpreted as in Traefik, listens on %s. Ctrl-C ends it.

Paste into another terminal. This callback passes%s:

%s

This one %s, because its app is not let in:

%s

`, address, hint, passing, refusal, curl(withParameters(address+path, strangerTo(apps), command), []byte("{}")))
	return err
}

// trimmed is a list as the plugin understands it: Traefik splits a text at its commas, and leaves the spaces.
func trimmed(values []string) []string {
	trimmed := []string{}
	for _, value := range values {
		trimmed = append(trimmed, strings.TrimSpace(value))
	}
	return trimmed
}

// commandLetIn is a command that the gate checks and forwards, the plugin's default if that is among them.
func commandLetIn(commands []string) string {
	if len(commands) == 0 || slices.Contains(commands, "Group.*") || slices.Contains(commands, callback.AfterCreateGroup) {
		return callback.AfterCreateGroup
	}
	return commands[0]
}

// strangerTo is an app that is not among those that the gate lets in.
func strangerTo(apps []string) string {
	app := "1"
	for slices.Contains(apps, app) {
		app += "0"
	}
	return app
}

// serve serves until the context ends, and then gives requests under way a moment to finish.
func serve(ctx context.Context, server *http.Server, listener net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	moment, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if errors.Is(server.Shutdown(moment), context.DeadlineExceeded) {
		return server.Close()
	}
	return nil
}
