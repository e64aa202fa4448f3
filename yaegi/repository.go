package yaegi

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"go.yaml.in/yaml/v3"
)

// Module is the import path of the repository.
const Module = "github.com/chatgate/chatgate"

// manifestFile stands at the top of the repository.
const manifestFile = ".traefik.yml"

// Root returns the directory of the repository: the one around the working directory or, failing
// that, the one that this program was built from.
func Root() (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	_, source, _, _ := runtime.Caller(0)
	for _, dir := range []string{here, filepath.Dir(source)} {
		for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, manifestFile)); err == nil {
				return dir, nil
			}
		}
	}
	return "", errors.New("found no checkout of " + Module + ": run this inside one")
}

// A Manifest is what a plugin tells Traefik and its catalogue of itself.
type Manifest struct {
	DisplayName string         `yaml:"displayName"`
	Type        string         `yaml:"type"`
	IconPath    string         `yaml:"iconPath"`
	Import      string         `yaml:"import"`
	BasePkg     string         `yaml:"basePkg"`
	Summary     string         `yaml:"summary"`
	TestData    map[string]any `yaml:"testData"`
}

// ReadManifest reads the manifest of the plugin in a directory. A field that Manifest does not have
// is an error.
func ReadManifest(dir string) (*Manifest, error) {
	file, err := os.Open(filepath.Join(dir, manifestFile))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	manifest := &Manifest{}
	if err := decoder.Decode(manifest); err != nil {
		return nil, fmt.Errorf("%s: %w", file.Name(), err)
	}
	return manifest, nil
}
