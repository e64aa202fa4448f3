// Package header is about the headers that the gate sets: Fold finds the aliases of a name, Encode writes a value.
package header

import (
	"net/textproto"
	"net/url"
	"strings"
)

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
