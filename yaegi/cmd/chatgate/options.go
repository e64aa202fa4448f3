package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/chatgate/chatgate"
	"github.com/chatgate/chatgate/yaegi"
)

// readOptions reads the plugin's options from a file, or takes the command's own where there is
// none. It returns them as a dynamic configuration has them, and as the plugin understands them.
func readOptions(file string) (map[string]any, *chatgate.Config, error) {
	options := map[string]any{"sdkAppId": "1400000000", "path": "/callback", "commands": "*"}
	if file != "" {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, nil, err
		}
		if options, err = parseOptions(content); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	config := chatgate.CreateConfig()
	unknown, err := yaegi.Decode(options, config)
	if err == nil && len(unknown) > 0 {
		err = fmt.Errorf("the plugin has no option %s; Traefik would ignore it without a word", strings.Join(unknown, ", "))
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	return options, config, nil
}

// readGate reads the options of one gate, of which a file may have several.
func readGate(file, middleware string) (map[string]any, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	sections, first, err := findSections(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(sections) == 0 && middleware == "" {
		sections = []section{{options: first}}
	}
	names := []string{}
	for _, s := range sections {
		names = append(names, s.name)
		if s.name == middleware || middleware == "" && len(sections) == 1 {
			options := map[string]any{}
			return options, s.options.Decode(&options)
		}
	}
	if middleware == "" {
		return nil, fmt.Errorf("%s: it has several gates: %s; choose one with -middleware", file, strings.Join(names, ", "))
	}
	return nil, fmt.Errorf("%s: -middleware: it has no gate %q, only %q", file, middleware, names)
}

// parseOptions finds the plugin's options in YAML: in the first section "plugin", and without one
// they are the first document.
func parseOptions(content []byte) (map[string]any, error) {
	sections, first, err := findSections(content)
	if err != nil {
		return nil, err
	}
	if len(sections) > 0 {
		first = sections[0].options
	}
	var options map[string]any
	return options, first.Decode(&options)
}

// A section is what stands below the first alias in a section "plugin".
type section struct {
	name    string // the middleware's
	options *yaml.Node
}

// findSections finds the sections "plugin" in all documents of a file, and its first document.
func findSections(content []byte) (sections []section, first *yaml.Node, err error) {
	for decoder := yaml.NewDecoder(bytes.NewReader(content)); ; {
		var document yaml.Node
		if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, nil, err
		}
		if first == nil {
			first = &document
		}
		sections = append(sections, pluginSections(&document, resourceName(&document))...)
	}
	if first == nil {
		return nil, nil, errors.New("the file is empty")
	}
	return sections, first, nil
}

// pluginSections finds them below a node, which has a name.
func pluginSections(node *yaml.Node, name string) []section {
	var sections []section
	for i, child := range node.Content {
		below := name
		if node.Kind == yaml.MappingNode {
			if i%2 == 0 {
				continue
			}
			key := node.Content[i-1].Value
			if key == "plugin" && child.Kind == yaml.MappingNode && len(child.Content) > 1 {
				sections = append(sections, section{name, child.Content[1]})
				continue
			}
			if key != "spec" {
				below = key
			}
		}
		sections = append(sections, pluginSections(child, below)...)
	}
	return sections
}

// resourceName is the name of a Kubernetes resource.
func resourceName(document *yaml.Node) string {
	var resource struct{ Metadata struct{ Name string } }
	_ = document.Decode(&resource) // any other document has none
	return resource.Metadata.Name
}
