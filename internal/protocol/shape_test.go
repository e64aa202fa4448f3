//go:build !yaegi

package protocol

import (
	"reflect"
	"regexp"
	"regexp/syntax"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// No pattern is tried on a text that package regexp would be slow at. That it does not tell, so this looks inside.
func TestPatternsAreQuick(t *testing.T) {
	shapes := map[int64]int{}
	for _, command := range Commands() {
		for _, sources := range [][]string{{"GroupId", "Operator"}, glancedSources(), nil} {
			s := newShape(schemas[command], sources, sources, nil)
			if s == nil {
				continue
			}
			shapes[s.longest]++
			oneWay := !reflect.ValueOf(s.pattern).Elem().FieldByName("onepass").IsNil()
			assert.Equal(t, oneWay, s.longest == longestOneWay, command+": leaves one way to go on")
			if !oneWay {
				assert.LessOrEqual(t, steps(t, s.pattern), 500, command+": steps of the pattern")
				assert.LessOrEqual(t, steps(t, s.pattern)*(longestManyWays+1), 256<<10, command+": steps times text")
			}
		}
	}
	g := &Glance{Policy: signedBy(SignWindow), Path: "/callback"}
	assert.LessOrEqual(t, steps(t, g.prepare()), 500, "steps of the pattern of a URL")
	assert.Greater(t, shapes[longestOneWay], 20)
	assert.Greater(t, shapes[longestManyWays], 10)
}

// steps is how long a pattern is.
func steps(t *testing.T, pattern *regexp.Regexp) int {
	parsed, err := syntax.Parse(pattern.String(), syntax.Perl)
	require.NoError(t, err)
	program, err := syntax.Compile(parsed.Simplify())
	require.NoError(t, err)
	return len(program.Inst)
}
