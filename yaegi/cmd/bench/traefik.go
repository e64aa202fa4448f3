package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/chatgate/chatgate/yaegi"
	"github.com/chatgate/chatgate/yaegi/internal/workload"
)

// measureTraefik returns, for each passage, the microseconds of CPU time that Traefik spends on a callback, a figure a round.
func measureTraefik(ctx context.Context, g *gateway, rounds int, duration time.Duration, progress io.Writer) (map[passage]series, error) {
	cpu := map[passage]series{}
	for round := range rounds + 1 {
		if round == 0 {
			fmt.Fprintln(progress, "Traefik: warming up")
		} else {
			fmt.Fprintf(progress, "Traefik: round %d of %d\n", round, rounds)
		}
		for i := range passages {
			p := passages[(i+round)%len(passages)] // so that none always comes after the same
			cost, err := g.cost(ctx, p, duration)
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w\n%s", p.callback, p.route, err, g.log())
			}
			if round > 0 {
				cpu[p] = append(cpu[p], cost)
			}
		}
	}
	return cpu, nil
}

// cost measures one passage once.
func (g *gateway) cost(ctx context.Context, p passage, duration time.Duration) (float64, error) {
	request, status := p.request()
	before, err := g.cpuTime()
	if err != nil {
		return 0, err
	}
	answers, err := send(ctx, g.address, request, status, duration)
	if err != nil {
		return 0, err
	}
	after, err := g.cpuTime()
	return float64((after - before).Microseconds()) / float64(answers), err
}

// request is the bytes of a passage's request, and the status of its answer.
func (p passage) request() ([]byte, int) {
	c := callbackNamed(p.callback)
	body, status := c.Body(), c.Status
	switch p.route {
	case noMiddleware, buffering:
		status = http.StatusOK
	case ipAllowList:
		status = http.StatusForbidden
	}
	return []byte("POST " + c.Target() + " HTTP/1.1\r\nHost: " + string(p.route) + "\r\nUser-Agent: bench\r\nAccept: */*\r\n" +
		"Content-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body), status
}

// findTraefik returns the path of Traefik, or why there is nothing to measure.
func findTraefik() (binary, why string) {
	if runtime.GOOS != "linux" {
		return "", "the CPU time of a process is read from /proc, as only Linux has it"
	}
	name := os.Getenv("TRAEFIK_BIN")
	if name == "" {
		name = "traefik"
	}
	binary, err := exec.LookPath(name)
	if err == nil {
		binary, err = filepath.Abs(binary)
	}
	if err != nil {
		return "", fmt.Sprintf("there is no Traefik: %v. Set TRAEFIK_BIN to its path, or put it on the PATH; "+
			"binaries are at https://github.com/traefik/traefik/releases", err)
	}
	return binary, ""
}

// A gateway is a running Traefik with the gate, and a backend behind it.
type gateway struct {
	address string
	version string
	dir     string // with its configuration and log
	process *exec.Cmd
	stop    func()
}

const staticConfiguration = `
entryPoints: {web: {address: "%s"}}
providers: {file: {filename: dynamic.yml, watch: false}}
experimental: {localPlugins: {chatgate: {moduleName: %s}}}
global: {checkNewVersion: false, sendAnonymousUsage: false}
`

const dynamicConfiguration = `
http:
  routers:
    none: {rule: Host("none"), service: backend}
    buffering: {rule: Host("buffering"), service: backend, middlewares: [buffering]}
    ip-allow-list: {rule: Host("ip-allow-list"), service: backend, middlewares: [ip-allow-list]}
    gate: {rule: Host("gate"), service: backend, middlewares: [gate]}
    gate-with-token: {rule: Host("gate-with-token"), service: backend, middlewares: [gate-with-token]}
  middlewares:
    buffering: {buffering: {maxRequestBodyBytes: 1048576}}
    ip-allow-list: {ipAllowList: {sourceRange: [192.0.2.1]}}
    gate: {plugin: {chatgate: %s}}
    gate-with-token: {plugin: {chatgate: %s}}
  services:
    backend: {loadBalancer: {servers: [{url: "http://%s"}]}}
`

// startGateway starts a backend and Traefik, and waits until every passage is answered as it should be. stop ends both.
func startGateway(ctx context.Context, root, binary string) (*gateway, error) {
	version, err := readVersion(ctx, binary)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "chatgate-traefik-*")
	if err != nil {
		return nil, err
	}
	backend, stopBackend, err := startBackend(ctx)
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	g := &gateway{version: version, dir: dir}
	stopTraefik := func() {}
	g.stop = func() {
		stopTraefik()
		stopBackend()
		_ = os.RemoveAll(dir)
	}
	if err := g.configure(root, backend); err != nil {
		g.stop()
		return nil, err
	}
	stopTraefik, err = g.start(ctx, binary)
	if err == nil {
		err = g.awaitReady(ctx)
	}
	if err != nil {
		err = fmt.Errorf("traefik does not get ready: %w\n%s", err, g.log())
		g.stop()
		return nil, err
	}
	return g, nil
}

var versionLine = regexp.MustCompile(`(?m)^Version: +(\S+)$`)

func readVersion(ctx context.Context, binary string) (string, error) {
	text, err := exec.CommandContext(ctx, binary, "version").Output()
	found := versionLine.FindSubmatch(text)
	if err == nil && found == nil {
		err = errors.New("it tells none")
	}
	if err != nil {
		return "", fmt.Errorf("%s version: %w", binary, err)
	}
	return string(found[1]), nil
}

// configure writes the configuration, and puts the plugin where Traefik looks for it.
func (g *gateway) configure(root, backend string) error {
	address, err := freeAddress()
	if err != nil {
		return err
	}
	g.address = address
	plugin := filepath.Join(g.dir, "plugins-local", "src", filepath.FromSlash(yaegi.Module))
	static := fmt.Sprintf(staticConfiguration, address, yaegi.Module)
	dynamic := fmt.Sprintf(dynamicConfiguration, options(workload.Callback{}), options(workload.Callback{Token: workload.Token}), backend)
	return errors.Join(
		os.WriteFile(filepath.Join(g.dir, "traefik.yml"), []byte(static), 0o600),
		os.WriteFile(filepath.Join(g.dir, "dynamic.yml"), []byte(dynamic), 0o600),
		os.MkdirAll(filepath.Dir(plugin), 0o700),
		os.Symlink(root, plugin),
	)
}

// options is the gate's options in JSON, which is YAML too.
func options(c workload.Callback) string {
	text, _ := json.Marshal(c.Options()) // texts always can
	return string(text)
}

// freeAddress finds a port for Traefik, which does not tell which one it took when it may choose.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

func (g *gateway) start(ctx context.Context, binary string) (stop func(), err error) {
	output, err := os.Create(filepath.Join(g.dir, "log"))
	if err != nil {
		return nil, err
	}
	defer output.Close()
	g.process = exec.CommandContext(ctx, binary, "--configFile=traefik.yml")
	g.process.Dir, g.process.Stdout, g.process.Stderr = g.dir, output, output
	if err := g.process.Start(); err != nil {
		return nil, err
	}
	return func() {
		_ = g.process.Process.Kill()
		_ = g.process.Wait()
	}, nil
}

// awaitReady waits until every passage is answered as it should be.
func (g *gateway) awaitReady(ctx context.Context) error {
	deadline := time.Now().Add(30 * time.Second)
	for _, p := range passages {
		request, status := p.request()
		_, err := send(ctx, g.address, request, status, time.Millisecond)
		for ; err != nil; _, err = send(ctx, g.address, request, status, time.Millisecond) {
			if ctx.Err() != nil || time.Now().After(deadline) {
				return fmt.Errorf("%s, %s: %w", p.callback, p.route, err)
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	return nil
}

// log is what Traefik said.
func (g *gateway) log() string {
	text, _ := os.ReadFile(filepath.Join(g.dir, "log"))
	return string(text)
}

// cpuTime is what Traefik has spent since it started, in user and in system mode.
func (g *gateway) cpuTime() (time.Duration, error) {
	file := fmt.Sprintf("/proc/%d/stat", g.process.Process.Pid)
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the end of the name, which is the second field
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("%s: expected at least 15 fields, found %q", file, text)
	}
	user, userErr := strconv.Atoi(fields[11])
	system, systemErr := strconv.Atoi(fields[12])
	const tick = 10 * time.Millisecond // USER_HZ is 100 on every architecture that Go knows
	return time.Duration(user+system) * tick, errors.Join(userErr, systemErr)
}
