package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/chatgate/chatgate/yaegi"
	"github.com/chatgate/chatgate/yaegi/internal/explain"
	"github.com/chatgate/chatgate/yaegi/internal/inspect"
)

const runHelp = `chatgate run [flags]

Runs the gate, interpreted as in Traefik, in front of a backend, and says what to send to it. A page beside it shows what came, what was
checked and what the backend saw. Ctrl-C ends it.

`

func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:8080", "`address` to listen on; port 0 takes any that is free")
	upstream := flags.String("upstream", "", "`URL` of your backend, such as http://127.0.0.1:9000\n"+
		"(default: a built-in one, which prints what reaches it and answers OK)")
	file := flags.String("config", "", "YAML `file` with the plugin's options, or with a section \"plugin\" that has them: Traefik's\n"+
		"dynamic configuration, a Kubernetes Middleware (default: sdkAppId 1400000000, path /callback, commands \"*\")")
	page := flags.String("inspect", "127.0.0.1:4040", "`address` of the page, on this machine; empty: no page")
	asJSON := flags.Bool("json", false, "print one line of JSON for each callback, without its signature, and nothing else")
	if err := parseFlags(flags, arguments, runHelp, stdout); err != nil {
		return err
	}
	var pageAddress *net.TCPAddr
	if *page != "" {
		var err error
		if pageAddress, err = inspect.Resolve(*page); err != nil {
			return usageError{fmt.Errorf("-inspect: %w", err)}
		}
	}
	target, err := parseUpstream(*upstream)
	if err != nil {
		return err
	}
	options, config, err := readOptions(*file)
	if err != nil {
		return err
	}
	twin, err := explain.New(options)
	if err != nil {
		return err
	}
	say := stdout
	observer := inspect.NewObserver(twin)
	if *asJSON {
		say = stderr
		observer.Each = printJSON(stdout)
	}
	if target == nil {
		printed := stdout
		if *asJSON {
			printed = io.Discard
		}
		backend, err := startBackend(printed)
		if err != nil {
			return err
		}
		defer backend.Close()
		target = &url.URL{Scheme: "http", Host: backend.Addr}
	}
	errorLog := log.New(stderr, "chatgate: ", 0)
	gate, err := loadGate(ctx, observer.Backend(newProxy(target, observer.Transport(http.DefaultTransport), errorLog)), options, stderr)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return fmt.Errorf("-listen: %w; give another address", err)
	}
	if pageAddress != nil {
		server, err := startPage(say, pageAddress, inspect.NewServer(observer, "http://"+dialable(listener.Addr())))
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		defer server.Close()
	}
	if err := greet(say, config, twin.LetIn(), listener.Addr()); err != nil {
		return err
	}
	return serve(ctx, &http.Server{Handler: observer.Watch(gate), ErrorLog: errorLog}, listener)
}

// startPage serves the page, and says where.
func startPage(out io.Writer, address *net.TCPAddr, page http.Handler) (*http.Server, error) {
	listener, err := net.Listen("tcp", address.String())
	if err != nil {
		return nil, fmt.Errorf("-inspect: %w; give another address, or an empty one for no page", err)
	}
	fmt.Fprintf(out, "Every callback, and what was checked: http://%s\n\n", listener.Addr())
	server := &http.Server{Handler: page, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(listener) }()
	return server, nil
}

// printJSON prints a line for each exchange.
func printJSON(out io.Writer) func(*inspect.Exchange) {
	var mutex sync.Mutex
	encoder := json.NewEncoder(out)
	return func(x *inspect.Exchange) {
		mutex.Lock()
		defer mutex.Unlock()
		_ = encoder.Encode(inspect.Line(x))
	}
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

// newProxy passes requests on as Traefik does: the client's Host, path and query, in the very form
// in which they came.
func newProxy(target *url.URL, transport http.RoundTripper, errorLog *log.Logger) http.Handler {
	return &httputil.ReverseProxy{
		Transport: transport,
		ErrorLog:  errorLog,
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
