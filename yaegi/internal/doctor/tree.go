package doctor

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// A node is a part of a configuration, wherever it came from: YAML, a label, or a flag.
type node struct {
	name  string
	file  string
	line  int
	value string // of a scalar
	list  bool   // the nodes are a list's elements
	nodes []*node
}

// fromYAML makes a node of YAML, aliases resolved.
func fromYAML(name, file string, line int, y *yaml.Node) *node {
	n := &node{name: name, file: file, line: line}
	if y.Kind == yaml.AliasNode {
		y = y.Alias
	}
	switch y.Kind {
	case yaml.ScalarNode:
		n.value = y.Value
	case yaml.SequenceNode:
		n.list = true
		for _, element := range y.Content {
			n.nodes = append(n.nodes, fromYAML("", file, element.Line, element))
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(y.Content); i += 2 {
			key := y.Content[i]
			child := fromYAML(key.Value, file, key.Line, y.Content[i+1])
			if key.Value == "<<" {
				n.nodes = append(n.nodes, child.nodes...)
				continue
			}
			n.nodes = append(n.nodes, child)
		}
	}
	return n
}

// get finds a node below; names are compared as Traefik does, without case. It is nil where there
// is none.
func (n *node) get(names ...string) *node {
	for _, name := range names {
		if n = n.child(name); n == nil {
			return nil
		}
	}
	return n
}

func (n *node) child(name string) *node {
	if n == nil || n.list {
		return nil
	}
	for _, child := range n.nodes {
		if strings.EqualFold(child.name, name) {
			return child
		}
	}
	return nil
}

// children is the nodes below, of none for nil.
func (n *node) children() []*node {
	if n == nil {
		return nil
	}
	return n.nodes
}

// text is a scalar's value, empty for nil.
func (n *node) text() string {
	if n == nil {
		return ""
	}
	return n.value
}

// is tells whether a scalar is true.
func (n *node) is() bool { return strings.EqualFold(n.text(), "true") }

// texts is a list of scalars, or a text split at its commas, as a label has it.
func (n *node) texts() []string {
	texts := []string{}
	if n == nil {
		return texts
	}
	if n.value != "" {
		for _, text := range strings.Split(n.value, ",") {
			texts = append(texts, strings.TrimSpace(text))
		}
	}
	for _, element := range n.nodes {
		if element.value != "" {
			texts = append(texts, element.value)
		} else if name := element.get("name"); name != nil { // of a Kubernetes resource
			texts = append(texts, name.value)
		}
	}
	return texts
}

// put adds a value at a path, with dots between its names, as labels and flags have it.
func (n *node) put(path, value, file string, line int) {
	for _, name := range strings.Split(path, ".") {
		next := n.child(name)
		if next == nil {
			next = &node{name: name, file: file, line: line}
			n.nodes = append(n.nodes, next)
		}
		n = next
	}
	n.value = value
}

// merge puts what another node has below this one.
func (n *node) merge(other *node) {
	for _, child := range other.children() {
		if own := n.child(child.name); own != nil && len(own.nodes) > 0 && !own.list {
			own.merge(child)
		} else {
			n.nodes = append(n.nodes, child)
		}
	}
}

// options is a node as a dynamic configuration has it.
func (n *node) options() any {
	switch {
	case n.list:
		list := []any{}
		for _, element := range n.nodes {
			list = append(list, element.options())
		}
		return list
	case len(n.nodes) > 0:
		options := map[string]any{}
		for _, child := range n.nodes {
			options[child.name] = child.options()
		}
		return options
	}
	return n.value
}
