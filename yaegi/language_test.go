package yaegi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOneAssignmentALine: the interpreter loses values of parallel assignments. It ran
//
//	g.path, g.cleaned = value, cleanPath(value)
//
// as if value were empty; a, _, _ = f() for an a that is an element or a field loses what f
// returned; for _, a = range b leaves a as it was. Declarations are safe.
func TestOneAssignmentALine(t *testing.T) {
	files := goCommand(t, "list", "-f", "{{$d := .Dir}}{{range .GoFiles}}{{$d}}/{{.}}\n{{end}}", "./internal/...", ".")
	set := token.NewFileSet()
	for _, file := range strings.Fields(files) {
		parsed, err := parser.ParseFile(set, file, nil, 0)
		require.NoError(t, err)
		ast.Inspect(parsed, func(node ast.Node) bool {
			if loop, ok := node.(*ast.RangeStmt); ok {
				assert.NotEqual(t, token.ASSIGN, loop.Tok, "%s ranges over a variable of before", set.Position(loop.Pos()))
			}
			assignment, ok := node.(*ast.AssignStmt)
			if !ok || len(assignment.Lhs) == 1 {
				return true
			}
			at := set.Position(assignment.Pos())
			assert.Len(t, assignment.Rhs, 1, "%s assigns several values at once", at)
			for _, target := range assignment.Lhs {
				assert.IsType(t, &ast.Ident{}, target, "%s assigns one of several results to a field or an element", at)
			}
			return true
		})
	}
}
