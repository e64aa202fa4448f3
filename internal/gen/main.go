// Command gen writes what follows from the protocol's table: the typed events of package callback,
// the bodies of package callbacktest, and the schemas in docs/schema.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	root, err := repository()
	if err == nil {
		err = writeAll(root)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func writeAll(root string) error {
	files, err := generate(root)
	if err != nil {
		return err
	}
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// repository finds the root of the checkout above the working directory.
func repository() (string, error) {
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, missing := os.Stat(filepath.Join(dir, ".traefik.yml")); missing == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("found no checkout above the working directory")
		}
	}
	return "", err
}

// generate returns every generated file by its path in the repository.
func generate(root string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, step := range []func(string, map[string][]byte) error{addEvents, addBodies, addSchemas} {
		if err := step(root, files); err != nil {
			return nil, err
		}
	}
	return files, nil
}
