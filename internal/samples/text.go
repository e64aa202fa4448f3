package samples

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Half of a surrogate pair has no UTF-8. Texts here hold it as the three bytes that UTF-8 would
// have for it, so that a text is Unicode if and only if utf8.ValidString says so.
const (
	highHalf = "\xed\xa0\xbd" // U+D83D
	lowHalf  = "\xed\xb8\x80" // U+DE00
)

// pieces is what users write, and what may break a parser. No piece ends in half of a surrogate
// pair: the next might make it whole.
var pieces = []string{
	"{", "[", "}", "]", `"`, `\`, "/", ":", ",", "%", `{"`, `"}`, `[{`, `}]`, "{}", "[]", `\"`, `\\"`, `\u0041`, `\ud83d`,
	`{"kind":"poll","of":[1,2,{"a":null}]}`, `{\"kind\":\"{\\\"x\\\":1}\"}`,
	`"GroupId":"x"`, `","GroupId":"@TGS#other","`, `"},{"Member_Account":"`, `":[{"Member_Account":"`, `"}]`, `"}],"`,
	`"CallbackCommand":"Group.CallbackAfterGroupFull"`, `{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}`,
	"\x00", "\x01", "\b\f\n\r\t", "\x1f", "\x7f", "\r\nX-Chat-Operator: forged\r\n", "\u0085", "\u00a0", "\u2028", "\u2029",
	"\ufffd", "\ufeff", "\ufffe", "\uffff", "\U0010ffff", "\u200b", "\u202e", "%00", "%0d%0a", "%E4", "%u4e00", "+", "&", ";", "=", "<script>", "&lt;", "'", "`",
	highHalf + ".", lowHalf + ".", lowHalf + highHalf + ".", highHalf + highHalf + ".",
	"hello", "周末登山队", "🏔️", "👩‍👩‍👧", "שלום", "مرحبا", "e\u0301", "\u017f", "\u212a", "\u0131", "\u0130", "ß", "ﬁ", " ", "  ", "null", "true", "-1e3", "0",
}

// printable is what a UserID or a GroupID may hold.
var printable = []string{
	"{", "[", "}", "]", `"`, `\`, "/", ":", ",", "%", "%41", `"}`, `{"`, `"},{"Member_Account":"`, "'", "`", "<", ">", "&", "=", "+", ";", "?", "#", "~",
	" ", "@TGS#", "@RBT#", "@TOA#_", "lena.hoff", "ravi_k", "7c1f0a52", "a", "Z", "0", "王", "小明", "山", "Ж", "é", "ש", "م", "🏔", "😀", "\ufffd",
}

// letters is identifiers as most apps have them.
var letters = []string{"lena.hoff", "ravi_k", "u", "_", "-", "7", "10086", "王小明"}

// freeText is a text of at most so many bytes.
func freeText(g *generator, limit int) string {
	kinds := 8
	if g.size == longest {
		kinds = 5
	}
	switch g.rand.Intn(kinds) {
	case 0:
		return ""
	case 1:
		return fill(pick(g, pieces), g.atMost(limit)) // one piece, again and again
	case 2:
		return fill(pick(g, pieces)+pick(g, pieces)+pick(g, pieces), g.atMost(limit))
	case 3:
		return nested(g, limit)
	}
	text := ""
	for n := g.rand.Intn(12); n >= 0; n-- {
		text += pick(g, pieces)
	}
	return cut(text, limit)
}

// nested is JSON in JSON in JSON, as custom data is.
func nested(g *generator, limit int) string {
	text := fill(pick(g, pieces), g.rand.Intn(20)+1)
	for {
		next := `{"v":` + quote(raw, text) + `}`
		if len(next) > g.atMost(limit) || len(next) > limit/2 {
			return cut(text, limit)
		}
		text = next
	}
}

// identifier names a person, a group, a topic, an account. It holds no control character and is
// Unicode.
func identifier(g *generator, limit int) string {
	from := printable
	if g.rand.Intn(2) == 0 {
		from = letters
	}
	text := pick(g, from)
	for n := g.rand.Intn(6); n > 0; n-- {
		text += pick(g, from)
	}
	return cut(text, limit)
}

// fill repeats a piece up to a length.
func fill(piece string, length int) string {
	if piece == "" || len(piece) > length {
		return cut(piece, length)
	}
	return strings.Repeat(piece, length/len(piece))
}

// cut takes so many bytes of a text at most, and no half of a character.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}

func pick(g *generator, from []string) string { return from[g.rand.Intn(len(from))] }

// The ways in which serializers write a string: what has to be escaped and nothing else; the
// slash, too; all but ASCII, in lower or in upper case; each of the others in turn.
const (
	raw = iota
	slashed
	ascii
	upper
	mixed
	styles
)

// quote writes a text as a JSON string.
func quote(style int, text string) string {
	if style < ascii && !strings.Contains(text, "\xed") {
		return `"` + escapers[style].Replace(text) + `"`
	}
	quoted := strings.Builder{}
	for i := 0; i < len(text); {
		c, size := utf8.DecodeRuneInString(text[i:])
		if c == utf8.RuneError && size == 1 {
			c = rune(0xd000) | rune(text[i+1]&0x3f)<<6 | rune(text[i+2]&0x3f)
			size = 3
			quoted.WriteString(escape(style, c))
		} else if c < utf8.RuneSelf || style < ascii {
			quoted.WriteString(escapers[style].Replace(text[i : i+size]))
		} else if c > 0xffff {
			c -= 0x10000
			quoted.WriteString(escape(style, 0xd800|c>>10) + escape(style, 0xdc00|c&0x3ff))
		} else {
			quoted.WriteString(escape(style, c))
		}
		i += size
	}
	return `"` + quoted.String() + `"`
}

func escape(style int, c rune) string {
	if style == upper {
		return fmt.Sprintf(`\u%04X`, c)
	}
	return fmt.Sprintf(`\u%04x`, c)
}

// escapers is of each style what ASCII becomes.
var escapers = []*strings.Replacer{
	escaper(false, "%04x"), escaper(true, "%04x"), escaper(true, "%04x"), escaper(false, "%04X"),
}

func escaper(slash bool, format string) *strings.Replacer {
	pairs := []string{`"`, `\"`, `\`, `\\`, "\b", `\b`, "\f", `\f`, "\n", `\n`, "\r", `\r`, "\t", `\t`}
	if slash {
		pairs = append(pairs, "/", `\/`)
	}
	for c := 0; c < 0x20; c++ {
		if !strings.ContainsRune("\b\f\n\r\t", rune(c)) {
			pairs = append(pairs, string(rune(c)), fmt.Sprintf(`\u`+format, c))
		}
	}
	return strings.NewReplacer(pairs...)
}
