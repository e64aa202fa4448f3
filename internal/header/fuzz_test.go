package header

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzHeader looks for a name that slips past Fold, and a value that a decoder does not give back.
func FuzzHeader(f *testing.F) {
	for _, name := range []string{"X-Chat-Group-Id", "x_chat.group~id", "X-Chat-GroupId", "", "K\u212a", tokenSeparators} {
		for _, value := range []string{"", "plain", "100% %41", "a\r\nb: c", "群🏔", "\x00\x7f\xff\xed\xa0\x80", allowed, "@TGS#_@TGS#c P,4"} {
			f.Add(name, value)
		}
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		found := Encode(value)
		if expected := encoded(value); found != expected {
			t.Errorf("Encode(%q) is %q, expected %q", value, found, expected)
		}
		if decoded, err := url.PathUnescape(found); err != nil || decoded != value {
			t.Errorf("Encode(%q) is %q, which decodes to %q, %v", value, found, decoded, err)
		}
		if !isToken(name) {
			return // no server lets it in
		}
		if Fold(name) != Fold(variable(name)) || variable(Fold(name)) != variable(name) {
			t.Errorf("Fold(%q) is %q, that of its CGI variable is %q", name, Fold(name), Fold(variable(name)))
		}
	})
}

// isToken tells whether a name can be that of a header (RFC 9110, section 5.6.2).
func isToken(name string) bool {
	return strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"+tokenSeparators) == ""
}

// variable is the name that a server of the CGI family gives a header, byte by byte.
func variable(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z':
			b.WriteByte(c - 'a' + 'A')
		case 'A' <= c && c <= 'Z' || '0' <= c && c <= '9':
			b.WriteByte(c)
		default:
			b.WriteByte('_')
		}
	}
	return b.String()
}
