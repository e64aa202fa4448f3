package samples

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Headers is a gate's option headers: one for each source. Its names do not matter.
func Headers(sources []string) map[string]string {
	headers := map[string]string{}
	for i, source := range sources {
		headers["X-Source-"+strconv.Itoa(i)] = source
	}
	return headers
}

// Strict tells whether a source names who or what a callback is about. Where it can't be a header,
// the callback is refused; of any other, the header is left out.
func Strict(source string) bool {
	return source == "Operator" || identifies(source[strings.LastIndex(source, ".")+1:])
}

// Unfit tells whether a text need not become a header: it is too long, or not what every server
// takes.
func Unfit(text string) bool {
	return len(text) > 1024 || !utf8.ValidString(text) || strings.Contains(text, "\x00")
}

// Fault says what is wrong with the headers with which a callback was forwarded, if there is
// anything.
func Fault(c *Callback, headers map[string]string, got http.Header) string {
	for name, source := range headers {
		text, filled := c.Values[source]
		values := got[name]
		if len(values) == 0 {
			if filled && (Strict(source) || !Unfit(text)) {
				return "no header for " + source + ", which is " + strconv.QuoteToASCII(text)
			}
			continue
		}
		found, err := url.PathUnescape(values[0])
		if err != nil || len(values) > 1 || !filled || found != text {
			return "a header for " + source + ", which is " + strconv.QuoteToASCII(text) + ": " + strconv.QuoteToASCII(strings.Join(values, " and "))
		}
	}
	return ""
}
