// Package token keeps the authentication tokens, those of the configuration and those of a file that may change at any time.
package token

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// Recheck is how long the tokens of a file are used before it is read again, at a request.
const Recheck = 2 * time.Second

// Tokens returns the tokens that may have signed.
type Tokens struct {
	fixed    []string
	file     string
	warn     func(string)
	next     atomic.Int64 // when the file is read again, nanoseconds since the epoch
	current  atomic.Value // []string
	lastWarn string
}

// New takes fixed tokens and, where it is not empty, the name of a file with one token a line. warn is told, once, when the file can't
// be used; the last good tokens are kept then. No error and no warning holds a token.
func New(fixed []string, file string, warn func(string)) (*Tokens, error) {
	t := &Tokens{fixed: fixed, file: file, warn: warn}
	t.current.Store(fixed)
	if file == "" {
		return t, nil
	}
	t.next.Store(time.Now().Add(Recheck).UnixNano())
	read, err := readFile(file)
	if err != nil {
		return nil, err
	}
	t.current.Store(append(read, fixed...))
	return t, nil
}

// Current returns the tokens as they are now. It may be called by many goroutines.
func (t *Tokens) Current() []string {
	if t.file != "" {
		now, next := time.Now(), t.next.Load()
		if now.UnixNano() >= next && t.next.CompareAndSwap(next, now.Add(Recheck).UnixNano()) {
			t.reload()
		}
	}
	tokens, _ := t.current.Load().([]string)
	return tokens
}

func (t *Tokens) reload() {
	read, err := readFile(t.file)
	if err != nil {
		if text := err.Error(); text != t.lastWarn {
			t.warn("tokenFile: " + text + "; the last good tokens stay in force")
			t.lastWarn = text
		}
		return
	}
	t.lastWarn = ""
	t.current.Store(append(read, t.fixed...))
}

// readFile reads one token a line.
func readFile(name string) ([]string, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var tokens []string
	for i, line := range strings.Split(strings.ReplaceAll(string(content), "\r\n", "\n"), "\n") {
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
	case strings.IndexFunc(token, isControl) >= 0:
		return errors.New("a token has a control character in it")
	}
	return nil
}

func isControl(c rune) bool { return c < ' ' || c == 0x7f }
