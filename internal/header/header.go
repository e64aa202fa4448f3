// Package header keeps a set of request headers the gate's own: Strip takes them away from strangers, Encode writes their values.
package header

import (
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
)

// A Set is the names of the headers that nobody outside may set.
type Set struct {
	folded  map[string]bool
	lengths map[int]bool
}

// NewSet makes a set of header names.
func NewSet(names []string) *Set {
	s := &Set{folded: map[string]bool{}, lengths: map[int]bool{}}
	for _, name := range names {
		s.folded[Fold(name)] = true
		s.lengths[len(name)] = true
	}
	return s
}

// Strip deletes every header of the set, and every alias of one. An alias has the same length, which rules out nearly all others.
func Strip(s *Set, headers http.Header) {
	for name := range headers {
		if s.lengths[len(name)] && s.folded[Fold(name)] {
			delete(headers, name)
		}
	}
}

// Fold maps all names to one that a server of the CGI family maps to one variable: it ignores case, and writes every character but a
// letter or a digit as an underscore (RFC 3875, section 4.1.18, and the servers' own additions).
func Fold(name string) string { return strings.ToLower(separators.Replace(name)) }

// separators replaces by a hyphen whatever else a header's name may have between letters and digits (RFC 9110, section 5.6.2).
var separators = strings.NewReplacer(strings.Split("_,-,.,-,!,-,#,-,$,-,%,-,&,-,',-,*,-,+,-,^,-,`,-,|,-,~,-", ",")...)

// IsName tells whether a name can be a gate's header: letters, digits and hyphens, in the form in which Go's server keeps it.
func IsName(name string) bool {
	return strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == "" && name != ""
}

// Canonical is the form in which Go's server keeps a header's name.
func Canonical(name string) string { return textproto.CanonicalMIMEHeaderKey(name) }

// plain is the printable ASCII characters that stand for themselves in a value: all but the space and the percent sign.
const plain = "!\"#$&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"

// unescapePlain undoes what url.PathEscape escapes too much. Every percent sign in its output begins an escape, so this is exact.
var unescapePlain = plainReplacer()

func plainReplacer() *strings.Replacer {
	var pairs []string
	for _, c := range strings.Split(plain, "") {
		if escaped := url.PathEscape(c); escaped != c {
			pairs = append(pairs, escaped, c)
		}
	}
	return strings.NewReplacer(pairs...)
}

// Encode writes a text as a header's value: printable ASCII as it is, but the percent sign, the space and every other byte of its UTF-8
// percent-encoded, in upper-case hex. url.PathUnescape, and any other percent-decoder that leaves "+" alone, gives the text back.
func Encode(value string) string {
	if strings.TrimLeft(value, plain) == "" {
		return value
	}
	return unescapePlain.Replace(url.PathEscape(value))
}
