package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"time"

	"github.com/chatgate/chatgate/yaegi"
)

// findTraefik returns the path of Traefik, or why there is nothing to measure.
func findTraefik() (binary, why string) {
	if runtime.GOOS != "linux" {
		return "", "the CPU time of a process is read from /proc, as only Linux has it"
	}
	name := "traefik"
	if names := filepath.SplitList(os.Getenv("TRAEFIK_BIN")); len(names) > 0 {
		name = names[len(names)-1] // of several, the last, which is the newest
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

// A gateway is a running Traefik with a router for each passage, and a backend behind it.
type gateway struct {
	passages []*passage
	address  string
	version  string
	dir      string // with its configuration and log
	process  *exec.Cmd
	stop     func() // ends both
}

const staticConfiguration = `
entryPoints: {web: {address: "%s"}}
providers: {file: {filename: dynamic.yml, watch: false}}
experimental: {localPlugins: {chatgate: {moduleName: %s}, empty: {moduleName: empty.example/empty}}}
global: {checkNewVersion: false, sendAnonymousUsage: false}
`

// dynamicConfiguration is JSON, which is YAML too. Traefik tries its routers one by one, by their
// priority: so passages that are compared stand side by side, and their rule is the cheapest, about
// a header that every request has.
func dynamicConfiguration(passages []*passage, backend string) []byte {
	routers, middlewares := map[string]any{}, map[string]any{}
	for i, p := range passages {
		router := map[string]any{"rule": "Header(`User-Agent`, `" + p.router + "`)", "priority": len(passages) - i, "service": "backend"}
		if p.config != nil {
			middlewares[p.router] = p.config
			router["middlewares"] = []string{p.router}
		}
		routers[p.router] = router
	}
	servers := []map[string]string{{"url": "http://" + backend}}
	services := map[string]any{"backend": map[string]any{"loadBalancer": map[string]any{"servers": servers}}}
	text, _ := json.Marshal(map[string]any{ // texts and numbers always can be marshalled
		"http": map[string]any{"routers": routers, "middlewares": middlewares, "services": services},
	})
	return text
}

// startGateway starts a backend and Traefik, and waits until every passage is answered as it should
// be.
func startGateway(ctx context.Context, root, binary string, passages []*passage) (*gateway, error) {
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
	process := exec.CommandContext(ctx, binary, "--configFile=traefik.yml")
	g := &gateway{passages: passages, version: version, dir: dir, process: process}
	g.stop = func() {
		if g.process.Process != nil {
			_ = g.process.Process.Kill()
			_ = g.process.Wait()
		}
		stopBackend()
		_ = os.RemoveAll(dir)
	}
	err = g.configure(root, backend)
	if err == nil {
		err = g.start(ctx)
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
	plugins := filepath.Join(g.dir, "plugins-local", "src")
	plugin := filepath.Join(plugins, filepath.FromSlash(yaegi.Module))
	empty := filepath.Join(plugins, "empty.example", "empty")
	static := fmt.Sprintf(staticConfiguration, address, yaegi.Module)
	return errors.Join(
		os.WriteFile(filepath.Join(g.dir, "traefik.yml"), []byte(static), 0o600),
		os.WriteFile(filepath.Join(g.dir, "dynamic.yml"), dynamicConfiguration(g.passages, backend), 0o600),
		os.MkdirAll(filepath.Dir(plugin), 0o700),
		os.Symlink(root, plugin),
		os.MkdirAll(filepath.Dir(empty), 0o700),
		os.Symlink(filepath.Join(root, "yaegi", "cmd", "bench", "testdata", "empty"), empty),
	)
}

// freeAddress finds a port for Traefik, which does not tell which one it took when it may choose.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// start starts Traefik, and waits until every passage is answered as it should be.
func (g *gateway) start(ctx context.Context) error {
	output, err := os.Create(filepath.Join(g.dir, "log"))
	if err != nil {
		return err
	}
	defer output.Close()
	g.process.Dir, g.process.Stdout, g.process.Stderr = g.dir, output, output
	if err := g.process.Start(); err != nil {
		return err
	}
	deadline := time.Now().Add(30 * time.Second)
	for _, p := range g.passages {
		for {
			_, err := send(ctx, g.address, p.request(), p.status, 0)
			if err == nil {
				break
			}
			if ctx.Err() != nil || time.Now().After(deadline) {
				return fmt.Errorf("%s, %s: %w", p.Name, p.middleware, err)
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
