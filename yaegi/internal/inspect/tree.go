package inspect

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// A Node is a JSON value as it came: members in their order, repeated ones too, numbers to the
// digit.
type Node struct {
	Name  *string `json:"name,omitempty"` // of a member
	Kind  string  `json:"kind"`           // object, array, string, number, or literal
	Text  string  `json:"text,omitempty"`
	Nodes []*Node `json:"nodes,omitempty"`
	Cut   bool    `json:"cut,omitempty"`  // there are more
	JSON  *Node   `json:"json,omitempty"` // what a string holds, where that is JSON
}

const (
	maxNodes = 20000 // of a tree
	maxDepth = 100
)

var errDeep = errors.New("too deep")

// tree reads a body, and returns nil where it is not one JSON value.
func tree(body []byte) *Node {
	left := maxNodes
	return parse(body, &left, maxDepth)
}

func parse(text []byte, left *int, depth int) *Node {
	if !json.Valid(text) {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	node, err := read(decoder, left, depth)
	if err != nil {
		return nil
	}
	return node
}

func read(decoder *json.Decoder, left *int, depth int) (*Node, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	*left--
	switch value := token.(type) {
	case json.Delim:
		return readAll(decoder, value, left, depth-1)
	case string:
		node := &Node{Kind: "string", Text: value}
		if len(value) > 1 && (value[0] == '{' || value[0] == '[') && depth > 1 {
			node.JSON = parse([]byte(value), left, depth-1)
		}
		return node, nil
	case json.Number:
		return &Node{Kind: "number", Text: value.String()}, nil
	case bool:
		if value {
			return &Node{Kind: "literal", Text: "true"}, nil
		}
		return &Node{Kind: "literal", Text: "false"}, nil
	}
	return &Node{Kind: "literal", Text: "null"}, nil
}

// readAll reads what an object or an array holds.
func readAll(decoder *json.Decoder, opening json.Delim, left *int, depth int) (*Node, error) {
	if depth <= 0 {
		return nil, errDeep
	}
	node := &Node{Kind: "array"}
	if opening == '{' {
		node.Kind = "object"
	}
	for decoder.More() {
		var name *string
		if opening == '{' {
			token, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			text, _ := token.(string)
			name = &text
		}
		child, err := read(decoder, left, depth)
		if err != nil {
			return nil, err
		}
		child.Name = name
		if *left < 0 {
			node.Cut = true
			continue
		}
		node.Nodes = append(node.Nodes, child)
	}
	_, err := decoder.Token()
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return node, err
}
