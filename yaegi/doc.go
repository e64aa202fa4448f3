// Package yaegi runs the plugin the way Traefik does: from its sources, interpreted by yaegi
// v0.16.1. The module around it holds all that needs the interpreter, so that the plugin's own
// go.mod need not name it: Traefik's catalogue refuses a plugin that does.
//
// TestInterpreted runs the plugin's own tests interpreted. So they must keep, as the plugin itself,
// to what the interpreter gets right. All of this was tried.
//
// Wrong values without an error, in the plugin as in tests:
//
//   - a, b = x, f() loses x: where one value is a call, a literal or a builtin, write one
//     assignment a line. Definitions with := are right.
//   - m[k], err = f() loses the map's entry.
//   - return x, len(s) returns something else, or panics: no builtin but in the first place. So
//     does a swap of named results.
//   - return f() loses all results but the first if f's first is converted to an interface: name
//     them, and return them one by one.
//   - v, ok := m[k] and v, ok := x.(T) leave the value before in v where ok is false, from the
//     loop's turn before: look at ok first.
//   - Package variables are initialised in the order of files and lines. What another needs through
//     a function must stand before it.
//   - Closures share the variables of a loop. A copy (tc := tc) helps one that is called in the
//     same turn, or kept in a variable, but none that is deferred or handed to compiled code which
//     calls it later, such as t.Cleanup, or t.Run with t.Parallel in it. Call a function that makes
//     the closure.
//   - Types are compared without their names: kind(1) equals 1 for assert.Equal.
//
// Panics:
//
//   - a method that compiled code calls, with a parameter that has no name: Read([]byte) instead of
//     Read(_ []byte).
//   - http.Server{Handler: &own{}}: put an own type into a variable of the interface's type first.
//   - an own type that embeds an interface and is used as that interface.
//
// In tests: no TestMain, no generics, no range over an integer, no min and max, no slices.Sort, no
// os/exec. t.Setenv does not reach the interpreter's os.Getenv. A failing line is not named, so the
// message must tell the case. A file that can't keep to this has the line //go:build !yaegi, and
// runs compiled only.
package yaegi
