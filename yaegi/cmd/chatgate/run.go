package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

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
	if err := greet(stdout, config, listener.Addr()); err != nil {
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
