package token

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// secret begins every token of these tests, so that a text can be searched for any of them.
const secret = "s3cr3t"

func TestFixed(t *testing.T) {
	assert.Equal(t, []string{"a", "b"}, Fixed([]string{"a", "b"})())
	assert.Empty(t, Fixed(nil)())
}

func TestFormsOfTheFile(t *testing.T) {
	for _, tc := range []struct {
		name, content string
		tokens        []string
		fault         string // part of the error; empty for none
	}{
		{"one line", secret + "1", []string{secret + "1"}, ""},
		{"one line, ended", secret + "1\n", []string{secret + "1"}, ""},
		{"two lines", secret + "1\n" + secret + "2\n", []string{secret + "1", secret + "2"}, ""},
		{"lines of Windows", secret + "1\r\n" + secret + "2\r\n", []string{secret + "1", secret + "2"}, ""},
		{"empty lines between", "\n" + secret + "1\n\n\r\n" + secret + "2\n\n", []string{secret + "1", secret + "2"}, ""},
		{"a space inside", secret + " 1", []string{secret + " 1"}, ""},
		{"any other character", secret + "#\"'=群", []string{secret + "#\"'=群"}, ""},
		{"empty", "", nil, "no token"},
		{"only lines", "\n\r\n\n", nil, "no token"},
		{"a space before", " " + secret + "1\n", nil, "line 1"},
		{"a space after", secret + "1\n" + secret + "2 \n", nil, "line 2"},
		{"only a space", secret + "1\n \n", nil, "line 2"},
		{"a tab after", secret + "1\t\n", nil, "line 1"},
		{"a NUL", secret + "1\x00\n", nil, "line 1"},
		{"a tab inside", secret + "\t1\n", nil, "line 1"},
		{"an old line end", secret + "1\r" + secret + "2\n", nil, "line 1"},
		{"a DEL", "\n\n" + secret + "\x7f\n", nil, "line 3"},
	} {
		file := filepath.Join(t.TempDir(), "tokens")
		require.NoError(t, os.WriteFile(file, []byte(tc.content), 0o600), tc.name)
		tokens, err := FromFile(file, []string{"more"}, func(text string) { t.Error(tc.name + ": warned of " + text) })
		if tc.fault != "" {
			if assert.Error(t, err, tc.name) {
				assert.Contains(t, err.Error(), tc.fault, tc.name)
				assert.Contains(t, err.Error(), file, tc.name+": which file")
				assert.NotContains(t, err.Error(), secret, tc.name+": no token")
			}
			continue
		}
		if assert.NoError(t, err, tc.name) {
			assert.Equal(t, append(tc.tokens, "more"), tokens(), tc.name+": those of the file, and some more")
		}
	}
	_, err := FromFile(filepath.Join(t.TempDir(), "gone"), nil, nil)
	assert.Error(t, err, "no file")
	_, err = FromFile(t.TempDir(), nil, nil)
	assert.Error(t, err, "a directory")
}

func TestValid(t *testing.T) {
	for _, token := range []string{"a", "a b", "群", "#", strings.Repeat("x", 1000)} {
		assert.NoError(t, Valid(token), token)
	}
	for _, token := range []string{"", " ", secret + " ", " " + secret, secret + "\n", "\t" + secret, secret + "\u00a0", secret + "\x00" + secret, secret + "\r" + secret, secret + "\x1b", "\x7f" + secret} {
		if err := Valid(token); assert.Error(t, err, token) {
			assert.NotContains(t, err.Error(), secret, token)
		}
	}
}

// watched is a file that changes twice, and what the tokens have to be after each change.
type watched struct {
	name          string
	first, second string // new content; gone or same
	afterFirst    string
	afterSecond   string
	warnings      int

	file   string
	tokens *Tokens
	warned []string
}

const (
	gone = "(gone)"
	same = "(same)"
)

// hold makes sure that the file, which was just read, is read again soon and not at every request,
// and then puts that off.
func hold(t *testing.T, w *watched) {
	t.Helper()
	wait := time.Until(time.Unix(0, w.tokens.next.Load()))
	assert.Greater(t, wait, time.Duration(0), w.name+": the file is not read at every request")
	assert.LessOrEqual(t, wait, Recheck, w.name+": it is read again in time")
	w.tokens.next.Store(time.Now().Add(time.Hour).UnixNano())
}

// pass makes it the time to read the file again.
func pass(w *watched) { w.tokens.next.Store(time.Now().UnixNano()) }

// Two changes of each file.
func TestChangesOfTheFile(t *testing.T) {
	require.LessOrEqual(t, Recheck, 5*time.Second, "a rotation is picked up within seconds")
	dir := t.TempDir()
	files := []*watched{
		{name: "rotated", first: secret + "old\n" + secret + "new\n", second: secret + "new", afterFirst: secret + "old " + secret + "new", afterSecond: secret + "new"},
		{name: "untouched", first: same, second: same, afterFirst: secret + "old", afterSecond: secret + "old"},
		{name: "gone for good", first: gone, second: gone, afterFirst: secret + "old", afterSecond: secret + "old", warnings: 1},
		{name: "gone and back", first: gone, second: secret + "new", afterFirst: secret + "old", afterSecond: secret + "new", warnings: 1},
		{name: "empty for good", first: "", second: same, afterFirst: secret + "old", afterSecond: secret + "old", warnings: 1},
		{name: "empty for a moment", first: "\n", second: secret + "new", afterFirst: secret + "old", afterSecond: secret + "new", warnings: 1},
		{name: "malformed", first: secret + "new \n", second: same, afterFirst: secret + "old", afterSecond: secret + "old", warnings: 1},
		{name: "empty, then gone", first: "", second: gone, afterFirst: secret + "old", afterSecond: secret + "old", warnings: 2},
	}
	goroutines := runtime.NumGoroutine()
	for _, w := range files {
		w := w
		w.file = filepath.Join(dir, strings.ReplaceAll(w.name, " ", "-"))
		change(t, w, secret+"old")
		tokens, err := watch(w.file, []string{"more"}, func(text string) { w.warned = append(w.warned, text) })
		require.NoError(t, err, w.name)
		w.tokens = tokens
		hold(t, w)
		assertTokens(t, secret+"old", w, "at first")
	}
	for _, w := range files {
		change(t, w, w.first)
		assertTokens(t, secret+"old", w, "before the time has passed")
		pass(w)
		assertTokens(t, w.afterFirst, w, "after the first change")
		hold(t, w)
		assertTokens(t, w.afterFirst, w, "asked again")
		change(t, w, w.second)
		assertTokens(t, w.afterFirst, w, "before the time has passed again")
		pass(w)
		assertTokens(t, w.afterSecond, w, "after the second change")
		assert.Len(t, w.warned, w.warnings, w.name+": warned once: "+strings.Join(w.warned, "; "))
		for _, warning := range w.warned {
			assert.Contains(t, warning, w.file, w.name+": which file")
			assert.NotContains(t, warning, secret, w.name+": no token")
		}
	}
	assert.LessOrEqual(t, runtime.NumGoroutine(), goroutines, "a panic in a goroutine would take Traefik down, so there is none")
}

func change(t *testing.T, w *watched, content string) {
	switch content {
	case same:
	case gone:
		_ = os.Remove(w.file)
	default:
		require.NoError(t, os.WriteFile(w.file, []byte(content), 0o600), w.name)
	}
}

func assertTokens(t *testing.T, expected string, w *watched, when string) {
	t.Helper()
	assert.Equal(t, expected+" more", strings.Join(w.tokens.Current(), " "), w.name+", "+when)
}

// Every request asks, and all at once. Under the race detector this shows that they don't meet.
func TestTokensAreAskedForByMany(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens")
	require.NoError(t, os.WriteFile(file, []byte(secret+"1"), 0o600), "a file")
	all := &Tokens{file: file, warn: func(string) {}}
	all.current.Store([]string{secret + "0"}) // and due to be read again at once
	var group sync.WaitGroup
	empty := make(chan int, 8)
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for k := 0; k < 200; k++ {
				if len(all.Current()) == 0 {
					empty <- k
					return
				}
			}
		}()
	}
	group.Wait()
	assert.Empty(t, empty, "there are tokens at any time")
	assert.Equal(t, []string{secret + "1"}, all.Current(), "the file's in the end")
}
