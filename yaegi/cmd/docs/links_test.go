package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/yaegi"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	code    = regexp.MustCompile("(?s)```.*?```")
	notWord = regexp.MustCompile("[^a-z0-9 _-]")
)

// TestLinks: what a page of the repository links to in the repository is there, and so is the
// heading.
func TestLinks(t *testing.T) {
	root, err := yaegi.Root()
	require.NoError(t, err)
	pages := 0
	require.NoError(t, filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		} else if entry.IsDir() && (entry.Name() == "vendor" || entry.Name() == ".git") {
			return filepath.SkipDir
		}
		if filepath.Ext(name) != ".md" {
			return nil
		}
		pages++
		for _, found := range link.FindAllStringSubmatch(code.ReplaceAllString(text(t, name), ""), -1) {
			if strings.Contains(found[1], "://") {
				continue
			}
			file, anchor, anchored := strings.Cut(found[1], "#")
			target := name
			if file != "" {
				target = filepath.Join(filepath.Dir(name), file)
			}
			if _, err := os.Stat(target); err != nil {
				assert.NoError(t, err, "%s links to %s", name, found[1])
			} else if anchored {
				assert.Contains(t, anchors(text(t, target)), anchor, "%s links to %s", name, found[1])
			}
		}
		return nil
	}))
	assert.Greater(t, pages, 10)
}

// anchors is what GitHub names the headings of a page.
func anchors(page string) []string {
	var names []string
	for _, found := range heading.FindAllStringSubmatch(code.ReplaceAllString(page, ""), -1) {
		name := notWord.ReplaceAllString(strings.ToLower(found[1]), "")
		names = append(names, strings.ReplaceAll(name, " ", "-"))
	}
	return names
}

func text(t *testing.T, name string) string {
	page, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(page)
}
