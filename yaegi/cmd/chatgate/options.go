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

// readOptions reads the plugin's options from a file, or takes the command's own where there is none. It returns them as a dynamic
// configuration has them, and as the plugin understands them.
func readOptions(file string) (map[string]any, *chatgate.Config, error) {
	options := map[string]any{"sdkAppId": "1400000000", "path": "/callback"}
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

// parseOptions finds the plugin's options in YAML: in the first section "plugin", and without one they are the first document.
func parseOptions(content []byte) (map[string]any, error) {
	var found *yaml.Node
	for decoder := yaml.NewDecoder(bytes.NewReader(content)); ; {
		var document yaml.Node
		if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if section := pluginSection(&document); section != nil {
			found = section
			break
		}
		if found == nil {
			found = &document
		}
	}
	if found == nil {
		return nil, errors.New("the file is empty")
	}
	var options map[string]any
	return options, found.Decode(&options)
}

// pluginSection returns what stands below the first alias in the first section "plugin", or nil.
func pluginSection(node *yaml.Node) *yaml.Node {
	for i, child := range node.Content {
		isValue := node.Kind == yaml.MappingNode && i%2 == 1
		if isValue && node.Content[i-1].Value == "plugin" && child.Kind == yaml.MappingNode && len(child.Content) > 1 {
			return child.Content[1]
		}
		if section := pluginSection(child); section != nil {
			return section
		}
	}
	return nil
}
