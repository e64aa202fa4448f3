// Command docs writes the generated parts of docs/protocol.md: the list of commands and a table of
// fields for each, from what the gate itself checks. The rest of the page is written by hand.
//
//	make docs
//
// A generated part stands between <!-- fields of Group.CallbackAfterGroupFull -->, or
// <!-- commands -->, and <!-- end -->.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/yaegi"
)

func main() {
	if err := update(); err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(1)
	}
}

// update renders the page in place.
func update() error {
	root, err := yaegi.Root()
	if err != nil {
		return err
	}
	name := filepath.Join(root, "docs", "protocol.md")
	page, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	rendered, err := render(string(page))
	if err != nil {
		return err
	}
	return os.WriteFile(name, []byte(rendered), 0o644) //nolint:gosec // a page to be read by all
}

// part matches a generated part: its name, and what stands in it.
var part = regexp.MustCompile(`(?s)(<!-- (commands|fields of ([\w.]+)) -->\n).*?(<!-- end -->\n)`)

// render replaces every generated part of a page. Each command must have one, below its heading.
func render(page string) (string, error) {
	missing := map[string]bool{}
	for _, command := range protocol.Commands() {
		missing[command] = true
	}
	var faults []error
	rendered := part.ReplaceAllStringFunc(page, func(found string) string {
		groups := part.FindStringSubmatch(found)
		if groups[2] == "commands" {
			return groups[1] + commands() + groups[4]
		}
		command := groups[3]
		schema := protocol.SchemaOf(command)
		if schema == nil {
			faults = append(faults, fmt.Errorf("no such command: %s", command))
			return found
		}
		if !missing[command] {
			faults = append(faults, fmt.Errorf("%s has two tables", command))
		}
		if !strings.Contains(page, "\n### "+command+"\n") {
			faults = append(faults, fmt.Errorf("%s has no heading", command))
		}
		delete(missing, command)
		return groups[1] + fields(schema) + groups[4]
	})
	for _, command := range protocol.Commands() {
		if missing[command] {
			faults = append(faults, fmt.Errorf("%s is missing: write a section with <!-- fields of %[1]s -->", command))
		}
	}
	return rendered, errors.Join(faults...)
}

// commands is the list of all commands.
func commands() string {
	var text strings.Builder
	text.WriteString("| command | when | who acted |\n|---|---|---|\n")
	for _, command := range protocol.Commands() {
		schema := protocol.SchemaOf(command)
		fmt.Fprintf(&text, "| [%s](#%s) | %s | %s |\n", command, anchor(command), when(schema), actors(schema))
	}
	return text.String()
}

// anchor is how GitHub names a heading.
func anchor(heading string) string { return strings.ToLower(strings.ReplaceAll(heading, ".", "")) }

func when(schema *protocol.Schema) string {
	switch {
	case schema.Each:
		return "before, for each friend"
	case schema.Before:
		return "before"
	}
	return "after"
}

func actors(schema *protocol.Schema) string {
	if len(schema.Actors) == 0 {
		return "not told"
	}
	return "`" + strings.Join(schema.Actors, "`, else `") + "`"
}

// fields is the table of a command's fields, those of lists and objects included.
func fields(schema *protocol.Schema) string {
	var text strings.Builder
	text.WriteString("| field | JSON type | in the body |\n|---|---|---|\n")
	rows(&text, schema, "")
	return text.String()
}

func rows(text *strings.Builder, schema *protocol.Schema, path string) {
	for _, field := range schema.InOrder {
		fmt.Fprintf(text, "| `%s%s` | %s | %s |\n", path, field.Name, typeOf(field), presence(field))
		if field.Object == nil {
			continue
		}
		separator := "."
		if strings.Contains(field.Kind, "array") {
			separator = "[]."
		}
		rows(text, field.Object, path+field.Name+separator)
	}
}

func presence(field *protocol.Field) string {
	switch {
	case field.Weight == 0:
		return "optional"
	case field.Filled && field.IsText():
		return "always, not empty"
	}
	return "always"
}

// typeOf is the type in fewer words than an ErrorInfo needs.
func typeOf(field *protocol.Field) string {
	kind := strings.TrimPrefix(strings.TrimPrefix(field.Kind, "a "), "an ")
	switch {
	case strings.HasPrefix(kind, "integer from -"):
		return "integer, may be negative"
	case strings.HasPrefix(kind, "integer from 0"):
		return "integer"
	case strings.HasPrefix(kind, "string that names"):
		return "string (names something)"
	case field.Command != "":
		return "string, the URL's command"
	}
	return kind
}
