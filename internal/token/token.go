// Package token keeps the authentication tokens, those of the configuration and those of a file
// that may change at any time.
package token

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
)

// Recheck is how long the tokens of a file are used before it is read again, at a request.
const Recheck = 2 * time.Second

// lastGood is the tokens that each file had when it was last in order. It outlives a change of
// Traefik's configuration.
var lastGood sync.Map

// Tokens returns the tokens that may have signed.
type Tokens struct {
	more     []string
	file     string
	warn     func(string)
	next     atomic.Int64 // when the file is read again, nanoseconds since the epoch
	current  atomic.Value // []string
	reading  sync.Mutex
	lastWarn string
}

// Fixed returns tokens that never change.
func Fixed(tokens []string) func() []string { return func() []string { return tokens } }

// FromFile returns the tokens of a file with one token a line, and some more. warn is told, once,
// when the file can't be used any more; the last good tokens are kept then. No error and no warning
// holds a token.
func FromFile(file string, more []string, warn func(string)) (func() []string, error) {
	t, err := watch(file, more, warn)
	if err != nil {
		return nil, err
	}
	return t.Current, nil
}

// watch reads a file for the first time.
func watch(file string, more []string, warn func(string)) (*Tokens, error) {
	t := &Tokens{more: more, file: file, warn: warn}
	t.next.Store(time.Now().Add(Recheck).UnixNano())
	read, err := readFile(file)
	if err != nil {
		// Traefik makes every middleware anew at each change of its configuration: that must not
		// cost us the tokens we had.
		last, ok := lastGood.Load(file)
		if !ok {
			return nil, err
		}
		t.complain(err)
		read, _ = last.([]string)
	}
	lastGood.Store(file, read)
	t.current.Store(join(read, more))
	return t, nil
}

// Current returns the tokens as they are now. It may be called by many goroutines.
func (t *Tokens) Current() []string {
	if next := t.next.Load(); time.Now().UnixNano() >= next && t.next.CompareAndSwap(next, time.Now().Add(Recheck).UnixNano()) {
		t.reload()
	}
	tokens, _ := t.current.Load().([]string)
	return tokens
}

func (t *Tokens) reload() {
	t.reading.Lock()
	defer t.reading.Unlock()
	read, err := readFile(t.file)
	if err != nil {
		t.complain(err)
		return
	}
	t.lastWarn = ""
	lastGood.Store(t.file, read)
	t.current.Store(join(read, t.more))
}

// complain warns of what is wrong with the file, once.
func (t *Tokens) complain(err error) {
	if text := err.Error(); text != t.lastWarn {
		t.warn("tokenFile: " + text + "; the last good tokens stay in force")
		t.lastWarn = text
	}
}

func join(read, more []string) []string { return append(append([]string{}, read...), more...) }

// readFile reads one token a line.
func readFile(name string) ([]string, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var tokens []string
	text := strings.TrimPrefix(string(content), "\ufeff") // as some editors begin a file
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if line == "" {
			continue
		}
		if err := Valid(line); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", name, i+1, err)
		}
		tokens = append(tokens, line)
	}
	if len(tokens) == 0 {
		return nil, errors.New(name + " holds no token")
	}
	return tokens, nil
}

// Valid tells what is wrong with a token, without showing it.
func Valid(token string) error {
	switch {
	case token == "":
		return errors.New("a token is empty")
	case strings.TrimSpace(token) != token:
		return errors.New("a token has a space at an end")
	case strings.IndexFunc(token, unicode.IsControl) >= 0:
		return errors.New("a token has a control character in it")
	}
	return nil
}
