package yaegi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/mitchellh/mapstructure"
	"github.com/traefik/yaegi/interp"
	"github.com/traefik/yaegi/stdlib"
)

// A Plugin is the plugin in an interpreter of its own, as Traefik has one for each plugin in its
// static configuration.
type Plugin struct {
	createConfig reflect.Value
	newHandler   reflect.Value
}

// Load interprets the plugin in a directory, as newInterpreter and newYaegiMiddlewareBuilder in
// Traefik's pkg/plugins do. What the plugin prints and logs goes to output.
func Load(dir string, output io.Writer) (*Plugin, error) {
	manifest, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	goPath, remove, err := makeGoPath(map[string]string{manifest.Import: dir})
	if err != nil {
		return nil, err
	}
	defer remove()
	i, err := newInterpreter(interp.Options{GoPath: goPath, Stdout: output, Stderr: output})
	if err != nil {
		return nil, err
	}
	if _, err := i.Eval(`import "` + manifest.Import + `"`); err != nil {
		return nil, err
	}
	name := manifest.BasePkg
	if name == "" {
		name = strings.ReplaceAll(path.Base(manifest.Import), "-", "_")
	}
	p := &Plugin{}
	if p.newHandler, err = i.Eval(name + ".New"); err != nil {
		return nil, err
	}
	if p.createConfig, err = i.Eval(name + ".CreateConfig"); err != nil {
		return nil, err
	}
	return p, nil
}

// makeGoPath makes a temporary GOPATH, where the interpreter looks sources up, with a link to a
// directory for each import path.
func makeGoPath(links map[string]string) (goPath string, remove func(), err error) {
	goPath, err = os.MkdirTemp("", "chatgate-gopath-*")
	if err != nil {
		return "", nil, err
	}
	remove = func() { _ = os.RemoveAll(goPath) }
	for importPath, dir := range links {
		link := sourceDir(goPath, importPath)
		if err := errors.Join(os.MkdirAll(filepath.Dir(link), 0o755), os.Symlink(dir, link)); err != nil {
			remove()
			return "", nil, err
		}
	}
	return goPath, remove, nil
}

func sourceDir(goPath, importPath string) string {
	return filepath.Join(goPath, "src", filepath.FromSlash(importPath))
}

// newInterpreter makes an interpreter with what a plugin has in Traefik: the environment, and the
// standard library without unsafe and syscall.
func newInterpreter(options interp.Options) (*interp.Interpreter, error) {
	options.Env = os.Environ()
	i := interp.New(options)
	return i, i.Use(stdlib.Symbols)
}

// New makes a middleware of the plugin, from the options that a dynamic configuration has for it.
func (p *Plugin) New(ctx context.Context, next http.Handler, options map[string]any, name string) (http.Handler, error) {
	config := p.createConfig.Call(nil)[0]
	if _, err := Decode(options, config.Interface()); err != nil {
		return nil, err
	}
	results := p.newHandler.Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(next), config, reflect.ValueOf(name)})
	if err, failed := results[1].Interface().(error); failed {
		return nil, err
	}
	handler, ok := results[0].Interface().(http.Handler)
	if !ok {
		return nil, fmt.Errorf("invalid handler type: %T", results[0].Interface())
	}
	return handler, nil
}

// Decode decodes options into config, a pointer to a Config, as Traefik does: weakly, and splitting
// a text at its commas where a list is wanted. It returns the options that config has no field for;
// Traefik ignores them.
func Decode(options map[string]any, config any) (unknown []string, err error) {
	var metadata mapstructure.Metadata
	decoder, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
		DecodeHook:       mapstructure.StringToSliceHookFunc(","),
		WeaklyTypedInput: true,
		Metadata:         &metadata,
		Result:           config,
	})
	if err != nil {
		return nil, err
	}
	err = decoder.Decode(options)
	return metadata.Unused, err
}
