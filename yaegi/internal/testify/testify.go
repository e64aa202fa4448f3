// Package testify hands testify to the interpreter compiled: it can't be interpreted, its
// dependencies want unsafe.
package testify

import "reflect"

//go:generate go run github.com/traefik/yaegi/cmd/yaegi extract -name testify github.com/stretchr/testify/assert github.com/stretchr/testify/require

// Symbols is what the interpreter imports by the packages' names.
var Symbols = map[string]map[string]reflect.Value{}
