package yaegi

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/traefik/yaegi/interp"

	"github.com/chatgate/chatgate/yaegi/internal/testify"
)

// TestInterpreted runs the tests of every package of the repository interpreted: the very functions
// that `go test ./...` compiles there.
// The package comment says what they must do without.
func TestInterpreted(t *testing.T) {
	root := repository(t)
	packages := testedPackages(t, root)
	require.NotEmpty(t, packages, "no package of the repository has tests")
	for _, p := range packages {
		below, err := filepath.Rel(root, p.Dir)
		require.NoError(t, err)
		name := below
		if name == "." {
			name = p.Name
		}
		t.Run(name, func(t *testing.T) {
			chdir(t, p.Dir)
			inside, outside := testNames(t, p.Dir, p.TestGoFiles), testNames(t, p.Dir, p.XTestGoFiles)
			require.NotEmpty(t, slices.Concat(inside, outside), "the test files of this package leave nothing to interpret")
			interpret(t, root, path.Join(Module, below), slices.Concat(p.GoFiles, p.TestGoFiles), inside)
			interpret(t, root, path.Join(Module+"_test", below), p.XTestGoFiles, outside)
		})
	}
}

// testedPackages finds the packages of the repository that have tests. It leaves out other modules,
// e2e, which tests a Traefik from outside, and callback, examples and gen, which the plugin does
// not import.
func testedPackages(t *testing.T, root string) []*build.Package {
	context := build.Default
	context.BuildTags = []string{"yaegi"}
	var packages []*build.Package
	require.NoError(t, filepath.WalkDir(root, func(dir string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if dir != root && isLeftOut(dir) {
			return filepath.SkipDir
		}
		if tests, _ := filepath.Glob(filepath.Join(dir, "*_test.go")); len(tests) == 0 {
			return nil
		}
		p, err := context.ImportDir(dir, 0)
		packages = append(packages, p)
		return err
	}))
	return packages
}

func isLeftOut(dir string) bool {
	name := filepath.Base(dir)
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil || strings.ContainsAny(name[:1], "._") || slices.Contains([]string{"vendor", "testdata", "e2e", "callback", "examples", "gen"}, name)
}

// testNames lists the tests that files declare, as they stand there: what the interpreter does not
// know of must not go unnoticed.
func testNames(t *testing.T, dir string, files []string) []string {
	var names []string
	for _, file := range files {
		syntax, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, file), nil, 0)
		require.NoError(t, err)
		for _, declaration := range syntax.Decls {
			f, ok := declaration.(*ast.FuncDecl)
			if ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}

// interpret runs the tests of a test package, of which the interpreter sees some files only.
func interpret(t *testing.T, root, importPath string, files, tests []string) {
	if len(tests) == 0 {
		return
	}
	goPath, remove, err := makeGoPath(map[string]string{Module: root, Module + "_test": root})
	require.NoError(t, err)
	i, err := newInterpreter(interp.Options{
		GoPath: goPath, Stdout: os.Stdout, Stderr: os.Stderr,
		SourcecodeFilesystem: testFiles{dir: sourceDir(goPath, importPath), names: files},
	})
	require.NoError(t, err)
	require.NoError(t, i.Use(testify.Symbols))
	err = i.EvalTest(importPath)
	remove() // now, since a test that panics ends everything
	if err != nil {
		t.Fatal(strings.ReplaceAll(err.Error(), sourceDir(goPath, Module), root))
	}
	symbols := i.Symbols(importPath)[importPath]
	for _, name := range tests {
		symbol := symbols[name]
		require.True(t, symbol.IsValid(), "the interpreter has no %s", name)
		test, ok := symbol.Interface().(func(*testing.T))
		require.True(t, ok, "%s is no test but a %s", name, symbol.Type())
		t.Run(name, test)
	}
}

// testFiles is the file system, of a directory in it only the files of one test package: the
// interpreter itself looks at no build constraint, and puts a package and its external tests into
// one.
type testFiles struct {
	dir   string
	names []string
}

func (f testFiles) Open(name string) (fs.File, error) { return os.Open(name) }

func (f testFiles) ReadDir(dir string) ([]fs.DirEntry, error) {
	entries, err := os.ReadDir(dir)
	if dir == f.dir {
		entries = slices.DeleteFunc(entries, func(entry fs.DirEntry) bool { return !slices.Contains(f.names, entry.Name()) })
	}
	return entries, err
}

// chdir makes a directory the working directory of a test and of its subtests, as it is for a
// package's tests in `go test`.
func chdir(t *testing.T, dir string) {
	before, err := os.Getwd()
	require.NoError(t, err)
	require.NoError(t, os.Chdir(dir))
	t.Cleanup(func() { _ = os.Chdir(before) })
}
