package doctor

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A configuration is all files together, as Traefik sees them.
type configuration struct {
	static  *node // nil where no file has any
	dynamic *node
}

// static's sections at the top; all others of Traefik's are dynamic.
var staticSections = []string{
	"entryPoints", "providers", "api", "accessLog", "experimental", "log", "metrics", "tracing", "ping", "global",
	"certificatesResolvers", "serversTransport",
}

var dynamicSections = []string{"http", "tcp", "udp", "tls"}

// read reads files, and the YAML files of folders.
func read(names []string) (*configuration, error) {
	c := &configuration{dynamic: &node{}}
	for _, name := range names {
		files := []string{name}
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			yml, _ := filepath.Glob(filepath.Join(name, "*.yml"))
			long, _ := filepath.Glob(filepath.Join(name, "*.yaml"))
			files = append(yml, long...)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err == nil {
				err = c.add(file, content)
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return c, nil
}

func (c *configuration) add(file string, content []byte) error {
	known := false
	for decoder := yaml.NewDecoder(bytes.NewReader(content)); ; {
		var document yaml.Node
		if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		if len(document.Content) > 0 {
			known = c.addDocument(fromYAML("", file, 1, document.Content[0])) || known
		}
	}
	if !known {
		return errors.New("expected a configuration of Traefik's in YAML, static or dynamic, a Compose file, or Kubernetes resources")
	}
	return nil
}

// addDocument tells whether it knows what a document is.
func (c *configuration) addDocument(document *node) bool {
	if document.get("apiVersion") != nil && document.get("kind") != nil {
		c.addResource(document)
		return true
	}
	known := false
	for _, section := range staticSections {
		if found := document.get(section); found != nil {
			c.addStatic(found)
			known = true
		}
	}
	for _, section := range dynamicSections {
		if found := document.get(section); found != nil {
			c.dynamic.merge(&node{nodes: []*node{found}})
			known = true
		}
	}
	if services := document.get("services"); services != nil && !known {
		for _, service := range services.nodes {
			c.addContainer(service)
		}
		return true
	}
	return known
}

func (c *configuration) addStatic(section *node) {
	if c.static == nil {
		c.static = &node{}
	}
	c.static.merge(&node{nodes: []*node{section}})
}

// addContainer takes Traefik's flags and labels from a service in a Compose file.
func (c *configuration) addContainer(service *node) {
	flags := &node{}
	for _, argument := range service.get("command").children() {
		if path, value, found := strings.Cut(strings.TrimPrefix(argument.value, "--"), "="); strings.HasPrefix(argument.value, "--") {
			if !found {
				value = "true"
			}
			flags.put(path, value, argument.file, argument.line)
		}
	}
	for _, section := range staticSections {
		if found := flags.get(section); found != nil {
			c.addStatic(found)
		}
	}
	labels := &node{}
	for _, label := range service.get("labels").children() {
		path, value := label.name, label.value
		if path == "" {
			path, value, _ = strings.Cut(label.value, "=")
		}
		if path, is := strings.CutPrefix(path, "traefik."); is {
			labels.put(path, value, label.file, label.line)
		}
	}
	// A router without a service has the container's only one.
	if services := labels.get("http", "services").children(); len(services) == 1 {
		for _, router := range labels.get("http", "routers").children() {
			if router.get("service") == nil {
				router.put("service", services[0].name, router.file, router.line)
			}
		}
	}
	if http := labels.get("http"); http != nil {
		c.dynamic.merge(&node{nodes: []*node{http}})
	}
}

// addResource takes a resource of Kubernetes as what Traefik makes of it.
func (c *configuration) addResource(resource *node) {
	name := resource.get("metadata", "name").text()
	spec := resource.get("spec")
	switch resource.get("kind").text() {
	case "Middleware":
		if spec != nil {
			c.enter("middlewares", &node{name: name, file: spec.file, line: spec.line, nodes: spec.nodes})
		}
	case "IngressRoute":
		for i, route := range spec.get("routes").children() {
			router := &node{name: fmt.Sprintf("%s, route %d", name, i+1), file: route.file, line: route.line, nodes: route.nodes}
			router.nodes = append([]*node{}, route.nodes...)
			if entryPoints := spec.get("entryPoints"); entryPoints != nil {
				router.nodes = append(router.nodes, entryPoints)
			}
			c.enter("routers", router)
		}
	}
}

func (c *configuration) enter(kind string, n *node) {
	for _, name := range []string{kind, "http"} {
		n = &node{name: name, file: n.file, line: n.line, nodes: []*node{n}}
	}
	c.dynamic.merge(&node{nodes: []*node{n}})
}
