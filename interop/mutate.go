package main

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf16"
)

func itoa(n int) string { return strconv.Itoa(n) }

// mutation is one change of a request. The same seed makes the same change.
type mutation struct {
	label string
	apply func(*rand.Rand, *request)
}

// step is a mutation as it was drawn.
type step struct {
	*mutation
	seed uint64
}

// trial is a request of the corpus and what is done to it, in order.
type trial struct {
	base  *request
	steps []step
}

func (t *trial) request() *request {
	q := t.base.clone()
	for _, s := range t.steps {
		if len(q.members) == 0 { // each change needs something to change
			q.members = []member{{`"x"`, `1`}}
		}
		if len(q.query) == 0 {
			q.query = []string{"x=1"}
		}
		s.apply(rand.New(rand.NewPCG(s.seed, 1)), q)
	}
	return q
}

func (t *trial) labels() string {
	names := make([]string, len(t.steps))
	for i, s := range t.steps {
		names[i] = s.label
	}
	return strings.Join(names, ", ")
}

// draw makes up the trial of a number. It depends on nothing but the seed and the number.
func draw(bases []*request, seed, number uint64) *trial {
	r := rand.New(rand.NewPCG(seed, number))
	t := &trial{base: bases[r.IntN(len(bases))]}
	count := 1
	if r.IntN(2) == 0 {
		count += 1 + r.IntN(3)/2
	}
	for range count {
		t.steps = append(t.steps, step{&mutations[r.IntN(len(mutations))], r.Uint64()})
	}
	return t
}

var mutations = []mutation{
	{"a twin in another case", func(r *rand.Rand, q *request) { twin(r, q, otherCase) }},
	{"a twin with separators", func(r *rand.Rand, q *request) { twin(r, q, separated) }},
	{"a twin in another style", func(r *rand.Rand, q *request) { twin(r, q, styled) }},
	{"a twin with a control character", func(r *rand.Rand, q *request) { twin(r, q, controlled) }},
	{"a twin with an odd character", func(r *rand.Rand, q *request) { twin(r, q, odd) }},
	{"a twin with escapes", func(r *rand.Rand, q *request) { twin(r, q, escaped) }},
	{"a twin with half a surrogate", func(r *rand.Rand, q *request) { twin(r, q, surrogate) }},
	{"a twin cut or doubled", func(r *rand.Rand, q *request) { twin(r, q, cutOrDoubled) }},
	{"a twin in other letters", func(r *rand.Rand, q *request) { twin(r, q, lookalike) }},
	{"a twin with brackets or dots", func(r *rand.Rand, q *request) { twin(r, q, bracketed) }},
	{"a twin in another encoding", func(r *rand.Rand, q *request) { twin(r, q, encoded) }},
	{"a member twice", func(r *rand.Rand, q *request) { twin(r, q, func(_ *rand.Rand, name string) string { return name }) }},
	{"two changes of a twin", func(r *rand.Rand, q *request) {
		twin(r, q, func(r *rand.Rand, name string) string {
			return pick(r, separated, controlled, odd, cutOrDoubled)(r, pick(r, otherCase, separated, styled)(r, name))
		})
	}},
	{"a prototype", prototype},
	{"a member nested", nested},
	{"a wrapper", wrapper},
	{"an element's name", elementName},
	{"a member of another command", foreignField},
	{"another order", func(r *rand.Rand, q *request) {
		r.Shuffle(len(q.members), func(i, k int) { q.members[i], q.members[k] = q.members[k], q.members[i] })
	}},
	{"a member left out", func(r *rand.Rand, q *request) { q.drop(someField(r, q)) }},
	{"an odd text", func(r *rand.Rand, q *request) { setText(r, q, oddText(r)) }},
	{"an odd text of another member", func(r *rand.Rand, q *request) { q.put(r.IntN(len(q.members)+1), member{`"x"`, oddText(r)}) }},
	{"an injected text", func(r *rand.Rand, q *request) { setText(r, q, injected(r)) }},
	{"an injected text of another member", func(r *rand.Rand, q *request) { q.put(r.IntN(len(q.members)+1), member{`"x"`, injected(r)}) }},
	{"a value of another type", func(r *rand.Rand, q *request) { setText(r, q, pick(r, otherTypes...)) }},
	{"a number", func(r *rand.Rand, q *request) { setNumber(r, q, number(r)) }},
	{"white space", func(r *rand.Rand, q *request) {
		q.space = pick(r, " ", "\n", "\t", "\r\n", "  ", "\v", "\f", "\u00a0", "\u2028", "/**/", "\x00", "\ufeff")
	}},
	{"text in front", func(r *rand.Rand, q *request) {
		q.before = pick(r, "\ufeff", " ", "\n", "\x00", "x=", ")]}',\n", "[", "null", "//\n", "/**/", "{}", "\x1e", "\xff\xfe", "&GroupId=evil&")
	}},
	{"text behind", func(r *rand.Rand, q *request) {
		q.after = pick(r, " ", "\n", "\x00", "\x00{\"GroupId\":\"evil\"}", "{\"GroupId\":\"evil\"}", "\n{\"GroupId\":\"evil\"}", "]", ",", "//", "null", "\ufeff", "\x1a", "&GroupId=evil")
	}},
	{"loose syntax", loose},
	{"a content type", contentType},
	{"a charset", func(r *rand.Rand, q *request) { q.types = []string{jsonType(r) + "; charset=" + charset(r)} }},
	{"a charset and a name in it", charsetName},
	{"a form", form},
	{"a multipart form", multipart},
	{"two content types", func(r *rand.Rand, q *request) { q.types = []string{someType(r), someType(r)} }},
	{"a parameter with brackets", func(r *rand.Rand, q *request) { parameter(r, q, queryBrackets) }},
	{"a parameter in another case", func(r *rand.Rand, q *request) { parameter(r, q, otherCase) }},
	{"a parameter with separators", func(r *rand.Rand, q *request) { parameter(r, q, separated) }},
	{"a parameter with an odd character", func(r *rand.Rand, q *request) { parameter(r, q, queryOdd) }},
	{"a parameter with escapes", func(r *rand.Rand, q *request) { parameter(r, q, queryEscaped) }},
	{"a parameter cut or doubled", func(r *rand.Rand, q *request) { parameter(r, q, cutOrDoubled) }},
	{"a parameter in other letters", func(r *rand.Rand, q *request) {
		parameter(r, q, func(r *rand.Rand, name string) string { return url.QueryEscape(lookalike(r, name)) })
	}},
	{"a field as a parameter", func(r *rand.Rand, q *request) { q.putPiece(r.IntN(len(q.query)+1), someField(r, q)+"=evil") }},
	{"an odd piece", func(r *rand.Rand, q *request) {
		q.putPiece(r.IntN(len(q.query)+1), pick(r, "", "?", "#", "=", "==", "&", "a", "=a", "[]", "[", "]", "[]=1", "__proto__[SdkAppid]=666",
			"constructor[prototype][SdkAppid]=666", "a=;SdkAppid=666", "a=%00", "a=%zz", "a=%", "_method=GET", "format=xml", "utf8=%E2%9C%93", "\ufeff"))
	}},
	{"many parameters", func(r *rand.Rand, q *request) {
		many := strings.Repeat(pick(r, "a", "a=", "a=1", "a[]=1", "", "a%d=")+"&", pick(r, 5, 20, 50, 90, 97, 97, 98, 99, 200, pick(r, 999, 1000, 1001)))
		q.putPiece(r.IntN(len(q.query)+1), strings.TrimSuffix(many, "&"))
	}},
	{"a parameter's value", parameterValue},
	{"parameters in another order", func(r *rand.Rand, q *request) {
		r.Shuffle(len(q.query), func(i, k int) { q.query[i], q.query[k] = q.query[k], q.query[i] })
	}},
	{"a parameter joined otherwise", func(r *rand.Rand, q *request) {
		i := r.IntN(len(q.query))
		q.query[i] += pick(r, ";", "%26", "&amp;", "%3B", "|", ",", "\\u0026", "%0A", "?", "#") + "SdkAppid=666"
	}},
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// evil is a value that nobody may read as a field's.
func evil(field string) string {
	if isNumberField(field) {
		return "666"
	}
	return `"evil"`
}

// someField is a name of ours, most often one that is there.
func someField(r *rand.Rand, q *request) string {
	switch r.IntN(6) {
	case 0:
		return pick(r, textFields...)
	case 1:
		return pick(r, numberFields...)
	case 2:
		return "GroupId"
	case 3:
		return "CallbackCommand"
	}
	if name := strings.Trim(pick(r, q.members...).name, `"`); name != "" {
		return name
	}
	return "GroupId"
}

// twin adds a member whose name is made of a field's. At times the field itself goes.
func twin(r *rand.Rand, q *request, change func(*rand.Rand, string) string) {
	field := someField(r, q)
	value := evil(field)
	if r.IntN(8) == 0 {
		value = pick(r, `null`, `""`, `{"GroupId":"evil"}`, `["evil"]`, `[{"Member_Account":"evil"}]`, `0`, `true`)
	}
	if field != "CallbackCommand" && r.IntN(4) == 0 {
		q.drop(field)
	}
	place := pick(r, 0, len(q.members), r.IntN(len(q.members)+1))
	q.put(place, member{`"` + change(r, field) + `"`, value})
}

func otherCase(r *rand.Rand, name string) string {
	switch r.IntN(5) {
	case 0:
		return strings.ToLower(name)
	case 1:
		return strings.ToUpper(name)
	case 2:
		return strings.ToLower(name[:1]) + name[1:]
	}
	i := r.IntN(len(name))
	letter := name[i : i+1]
	if upper := strings.ToUpper(letter); upper != letter {
		return name[:i] + upper + name[i+1:]
	}
	return name[:i] + strings.ToLower(letter) + name[i+1:]
}

// separated puts a separator in, takes one out, or changes one.
func separated(r *rand.Rand, name string) string {
	separator := pick(r, "_", "-", " ", ".", "__", "--", ":", "/", "$", "+", "~")
	if strings.Contains(name, "_") {
		switch r.IntN(3) {
		case 0:
			return strings.ReplaceAll(name, "_", "")
		case 1:
			return strings.ReplaceAll(name, "_", separator)
		}
	}
	return insert(r, name, separator)
}

// insert puts a piece into a name: in front, behind, or between.
func insert(r *rand.Rand, name, piece string) string {
	at := pick(r, 0, len(name), r.IntN(len(name)+1))
	for at < len(name) && name[at]&0xc0 == 0x80 {
		at++
	}
	return name[:at] + piece + name[at:]
}

// styled writes a name as other conventions do.
func styled(r *rand.Rand, name string) string {
	var words []string
	word := ""
	for _, c := range strings.ReplaceAll(name, "_", "") {
		if word != "" && 'A' <= c && c <= 'Z' {
			words = append(words, word)
			word = ""
		}
		word += string(c)
	}
	words = append(words, word)
	joined := strings.Join(words, pick(r, "_", "-", " ", "", ".", "__"))
	switch r.IntN(3) {
	case 0:
		return strings.ToLower(joined)
	case 1:
		return strings.ToUpper(joined)
	}
	return joined
}

// controlled puts in a control character, as an escape or, where JSON has it so, as it is.
func controlled(r *rand.Rand, name string) string {
	character := r.IntN(0x21)
	if r.IntN(3) == 0 {
		character = 0
	}
	if character == 0x20 {
		character = 0x7f
	}
	text := fmt.Sprintf(`\u%04x`, character)
	switch {
	case character == 0x7f && r.IntN(2) == 0:
		text = "\x7f"
	case r.IntN(8) == 0:
		text = string(rune(character))
	case strings.ContainsRune("\b\f\n\r\t", rune(character)) && r.IntN(2) == 0:
		text = map[int]string{8: `\b`, 9: `\t`, 10: `\n`, 12: `\f`, 13: `\r`}[character]
	}
	return insert(r, name, text+pick(r, "", "", "x", "GroupId"))
}

func odd(r *rand.Rand, name string) string {
	return insert(r, name, pick(r, "\ufeff", "\u200b", "\u200d", "\u00ad", "\u00a0", "\u2028", "\u0301", "\u202e", "\ufffd", "\uffff", "\u0085", "\U0001f600",
		`\"`, `\\`, `\/`, `'`, "`", "#", "?", "&", "=", "%", "%00", ";", ",", "*", "@", "!", "<", ">", "(", ")", "|", "^", "0", "1", `\u0030`, "\\u0020"))
}

// escaped writes a character, or all, as escapes.
func escaped(r *rand.Rand, name string) string {
	format := pick(r, `\u%04x`, `\u%04X`, `\u%04x`, `\x%02x`, `\u{%x}`, `\U%08x`, `\%03o`, `\\u%04x`, `&#%d;`, `%%%02x`)
	if r.IntN(4) == 0 {
		all := ""
		for _, c := range name {
			all += fmt.Sprintf(format, c)
		}
		return all
	}
	i := r.IntN(len(name))
	return name[:i] + fmt.Sprintf(format, name[i]) + name[i+1:]
}

func surrogate(r *rand.Rand, name string) string {
	return insert(r, name, pick(r, `\ud800`, `\udc00`, `\udfff`, `\ud83d`, `\ud800\u0047`, `\udc00\ud800`, "\xed\xa0\x80", "\xff", "\xc0\x80", "\xc1\x87"))
}

func cutOrDoubled(r *rand.Rand, name string) string {
	switch r.IntN(6) {
	case 0:
		return name[:len(name)-1]
	case 1:
		return name[1:]
	case 2:
		return name + name
	case 3:
		return name + pick(r, "s", "x", "1", "0", "Id", "Id_")
	case 4:
		return pick(r, "x", "the", "get", "set", "is", "m_", "f", "0", "@", "$") + name
	}
	i := r.IntN(len(name))
	return name[:i] + name[i:i+1] + name[i:]
}

// lookalike changes a letter into one that folds to it, or looks like it.
func lookalike(r *rand.Rand, name string) string {
	others := map[string][]string{
		"k": {"\u212a", "\uff4b"}, "K": {"\u212a"}, "s": {"\u017f", "\uff53", "\u0455"}, "S": {"\u017f"},
		"i": {"\u0131", "\u0130", "\u0456"}, "I": {"\u0130", "\u0131", "\u0399"}, "d": {"\uff44"}, "o": {"\u043e", "\u00ba", "\u03bf"},
		"e": {"\u0435", "\u00e9", "e\u0301"}, "a": {"\u0430", "\u00aa"}, "G": {"\uff27"}, "p": {"\u0440"}, "_": {"\u203f", "\uff3f", "\u2010"},
		"A": {"\u0391", "\u0410", "\uff21"}, "T": {"\u03a4"}, "N": {"\uff2e"}, "m": {"\uff4d"}, "M": {"\u2133"}, "n": {"\u207f"}, "t": {"\uff54"},
	}
	for range 20 {
		i := r.IntN(len(name))
		if found := others[name[i:i+1]]; found != nil {
			return name[:i] + pick(r, found...) + name[i+1:]
		}
	}
	return name + "\u0301"
}

func bracketed(r *rand.Rand, name string) string {
	return fmt.Sprintf(pick(r, "%s[]", "[%s]", "%s[0]", "]%s", "[%s", "%s]", "$.%s", "x.%s", "%s.x", "$%s", "@%s", "'%s'", "x[%s]", "/%s", "#%s", "$%s$", "{%s}", "${%s}", "<%s>", "%s:", "%s="), name)
}

func encoded(r *rand.Rand, name string) string {
	i := r.IntN(len(name))
	switch r.IntN(3) {
	case 0:
		return name[:i] + utf7(name[i]) + name[i+1:]
	case 1:
		return url.QueryEscape(name[:i]) + fmt.Sprintf("%%%02x", name[i]) + name[i+1:]
	}
	wide := ""
	for _, unit := range utf16.Encode([]rune(name)) {
		wide += string(rune(unit>>8)) + string(rune(unit&0xff))
	}
	return strings.ReplaceAll(wide, "\x00", `\u0000`)
}

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// utf7 writes a character as UTF-7 may.
func utf7(c byte) string {
	bits := uint32(c) << 2 // 16 bits, and two of padding
	return "+" + string(base64Digits[bits>>12&63]) + string(base64Digits[bits>>6&63]) + string(base64Digits[bits&63]) + "-"
}

func prototype(r *rand.Rand, q *request) {
	field := someField(r, q)
	if r.IntN(2) == 0 && field != "CallbackCommand" {
		q.drop(field)
	}
	value := `{"` + field + `":` + evil(field) + `}`
	name := pick(r, "__proto__", "constructor", "prototype", "__class__", "@type", "$type", "json_class", "^o", "$ref", "__jsonclass__", "@class", "class")
	if name == "constructor" {
		value = `{"prototype":` + value + `}`
	}
	if strings.HasPrefix(name, "@") || name == "json_class" || name == "^o" || name == "$type" {
		value = pick(r, value, `"java.util.HashMap"`, `"Object"`, `"String"`)
	}
	q.put(r.IntN(len(q.members)+1), member{`"` + name + `"`, value})
}

// wrapper is a member that frameworks look into.
func wrapper(r *rand.Rand, q *request) {
	field := someField(r, q)
	if r.IntN(2) == 0 && field != "CallbackCommand" {
		q.drop(field)
	}
	name := pick(r, "_json", "data", "body", "params", "root", "callback", "", "value", "_", "event", "*", "d", "JSON")
	q.put(r.IntN(len(q.members)+1), member{`"` + name + `"`, `{"` + field + `":` + evil(field) + `}`})
}

func nested(r *rand.Rand, q *request) {
	field := someField(r, q)
	inner := `{"` + field + `":` + evil(field) + `}`
	value := pick(r, inner, "["+inner+"]", `{"x":`+inner+`}`, `[[`+inner+`]]`, strconv.Quote(inner), strings.Repeat("[", 100)+inner+strings.Repeat("]", 100))
	q.put(r.IntN(len(q.members)+1), member{pick(r, `"x"`, `"MemberList"`, `"MsgBody"`, `"CloudCustomData"`, `"GroupIdx"`), value})
}

// elementName puts a member into the elements of a list.
func elementName(r *rand.Rand, q *request) {
	field := someField(r, q)
	for i, m := range q.members {
		if strings.HasPrefix(m.value, "[{") {
			q.members[i].value = "[{" + `"` + pick(r, otherCase, separated, controlled)(r, field) + `":` + evil(field) + "," + m.value[2:]
		}
	}
}

// foreignField adds a field that another command has.
func foreignField(r *rand.Rand, q *request) {
	field := pick(r, pick(r, textFields, numberFields)...)
	if q.at(field) < 0 {
		q.put(r.IntN(len(q.members)+1), member{`"` + field + `"`, evil(field)})
	}
}

func oddText(r *rand.Rand) string {
	piece := pick(r, `\u0000`, `\u0001`, `\u001f`, `\u007f`, "\x7f", `\n`, `\r\n`, `\t`, `\b`, `\f`, `\/`, `\\`, `\"`, `\u0022`, `\u005c`, `\u002f`,
		`\u00e9`, `é`, `e\u0301`, "\ufeff", `\ufeff`, "\u2028", `\u2029`, "\uffff", `\uffff`, "\ufffd", `\ud83d\ude00`, "\U0001f600", `\uD83D\uDE00`,
		`\ud800`, `\ud83dx`, `\udc00`, "\U0010ffff", "\u0085", "\u00a0", " ", "  ", "+", "%20", "%", "%u0041", "&amp;", "&", "=", "<b>", "$", "#", "?", ";", "'", "`",
		"\\x41", "\\'", "\\0", "\\u{41}", "\u200b", "\u202e", `\u0080`, `\u00ff`, "\xff", "\xc0\x80", "\xed\xa0\x80", `\u0030`, "0", "null", "undefined", "NaN", "true",
		"组", "ÿ", "ß", "ı", `\u0130`, "\u1f600")
	switch r.IntN(5) {
	case 0:
		return `"` + piece + `"`
	case 1:
		return `"` + piece + `good"`
	case 2:
		return `"good` + piece + `"`
	case 3:
		return `"go` + piece + piece + `od"`
	}
	return `"go` + piece + `od"`
}

// injected is a text that would be members to a parser that ends it too early, or that takes it for
// a form.
func injected(r *rand.Rand) string {
	return `"` + pick(r, `\u0022,\u0022GroupId\u0022:\u0022evil`, `\",\"GroupId\":\"evil`, `\\\",\"GroupId\":\"evil`, `&GroupId=evil&y=`, `&SdkAppid=666&`, `;GroupId=evil;`,
		`\n&GroupId=evil&`, `\r\n\r\nGroupId=evil`, `+ACIALAAiAEcAcgBvAHUAcABJAGQAIgA6ACIAZQB2AGkAbA-`, `\\u0022,\\u0022GroupId\\u0022:\\u0022evil`, `\u0000\",\"GroupId\":\"evil`,
		`\\x22,\\x22GroupId\\x22:\\x22evil`, `*/,GroupId:1,/*`, `GroupId=evil`, `=&GroupId=evil&`, `"+"`, `\u2028GroupId`) + `"`
}

// setText changes the value of one of our fields that is a text.
func setText(r *rand.Rand, q *request, value string) {
	for range 20 {
		i := r.IntN(len(q.members))
		name := strings.Trim(q.members[i].name, `"`)
		if contains(textFields, name) {
			q.members[i].value = value
			return
		}
	}
	q.put(r.IntN(len(q.members)+1), member{`"` + pick(r, textFields...) + `"`, value})
}

var otherTypes = []string{`null`, `true`, `false`, `{}`, `[]`, `0`, `1`, `-1`, `1.5`, `""`, `{"x":1}`, `["good"]`, `[null]`, `12345678901234567890`, `1e400`, `NaN`, `Infinity`, `undefined`, `0x10`, `'good'`}

func number(r *rand.Rand) string {
	switch r.IntN(4) {
	case 0:
		return strconv.FormatUint(r.Uint64()>>r.IntN(60), 10)
	case 1:
		return `"` + strconv.FormatUint(r.Uint64()>>r.IntN(60), 10) + `"`
	}
	return pick(r, "0", "-0", "1.0", "1e3", "1E3", "1e-3", "0.1", "-1", "1e400", "1e-400", "9007199254740991", "9007199254740992", "9007199254740993", "9223372036854775807",
		"9223372036854775808", "18446744073709551615", "4294967295", "4294967296", "2147483648", "00", "01", "+1", "1.", ".5", "0x10", "1_000", "1e1000000000", "123456789012345678901234567890",
		"0.1000000000000000055", "100000000000000000000", "1.7976931348623157e308", "5e-324", "0.30000000000000004", `"01"`, `"1.0"`, `" 1"`, `"1 "`, `"0x10"`, `"1e3"`, `"+1"`, `"-1"`, `"\u0031"`, `"1\u0000"`, `"９"`, `""`, "null", "true", `["1"]`)
}

func setNumber(r *rand.Rand, q *request, value string) {
	field := pick(r, numberFields...)
	for range 20 {
		name := strings.Trim(pick(r, q.members...).name, `"`)
		if isNumberField(name) {
			field = name
		}
	}
	if i := q.at(field); i >= 0 {
		q.members[i].value = value
	} else {
		q.put(r.IntN(len(q.members)+1), member{`"` + field + `"`, value})
	}
}

// loose writes what some parsers take for JSON.
func loose(r *rand.Rand, q *request) {
	field := someField(r, q)
	value := evil(field)
	name := pick(r, `'`+field+`'`, field, `"`+field+`"/**/`, `/*"x":1,*/"`+field+`"`, `"x":1,,"`+field+`"`, `,"`+field+`"`, `"`+field+`"=1,"y"`, `"x":1//`+"\n"+`,"`+field+`"`, `"x":1;"`+field+`"`,
		`"x":1 "`+field+`"`, `#x`+"\n"+`"`+field+`"`, `"Group""Id"`, `"Gro`+"\n"+`upId"`, `"Group\`+"\n"+`Id"`, `1`, `null`, `true`)
	q.put(r.IntN(len(q.members)+1), member{name, value})
}

func charset(r *rand.Rand) string {
	return pick(r, "utf-8", "UTF-8", "utf8", "utf-7", "utf7", "unicode-1-1-utf-7", "utf-7-imap", "utf-16", "utf-16le", "utf-16be", "utf-32", "ucs2", "ucs-2", "unicode_escape", "raw_unicode_escape", "iso-8859-1",
		"latin1", "us-ascii", "gbk", "gb18030", "gb2312", "big5", "hz", "hz-gb-2312", "shift_jis", "euc-jp", "iso-2022-jp", "iso-2022-kr", "windows-1252", "koi8-r", "cp037", "ibm037", "cp500", "ebcdic-cp-us", "idna", "punycode",
		"rot13", "base64", "hex", "quopri", "uu", "zlib", "bz2", "utf-8-sig", "cesu-8", "x-unknown", "", `"utf-7"`, "'utf-7'", "utf-8; charset=utf-7", "binary", "undefined", "mbcs", "macroman", "johab", "utf8mb4", "x-user-defined", "SCSU", "BOCU-1")
}

func jsonType(r *rand.Rand) string {
	return pick(r, "application/json", "Application/JSON", "text/json", "application/vnd.api+json", "text/plain", "application/problem+json", "application/x-json", "application/jsonrequest")
}

func someType(r *rand.Rand) string {
	return pick(r, "application/json", "application/json; charset=utf-8", "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-7", "multipart/form-data; boundary=b", "multipart/form-data",
		"text/plain", "text/json", "application/xml", "text/xml", "application/x-yaml", "application/x-msgpack", "application/octet-stream", "application/graphql", "application/x-ndjson", "*/*", "json", "", ";", "application/json;",
		"application/json; charset", "application/json, application/x-www-form-urlencoded", "application/x-www-form-urlencoded, application/json", "application/json\tx", "APPLICATION/X-WWW-FORM-URLENCODED", "multipart/mixed; boundary=b", "application/x-url-encoded",
		"application/json; boundary=b", "application/x-www-form-urlencoded;charset=utf-16", "application/cbor", "application/bson", "application/csp-report", "application/json; q=\"", "application/json ; charset = utf-7", "application/json;charset=utf-8,charset=utf-7")
}

func contentType(r *rand.Rand, q *request) { q.types = []string{someType(r)} }

func charsetName(r *rand.Rand, q *request) {
	field := someField(r, q)
	i := r.IntN(len(field))
	name := field
	c := charset(r)
	switch {
	case strings.Contains(c, "escape"):
		name = field[:i] + fmt.Sprintf(`\\u%04x`, field[i]) + field[i+1:]
	case strings.Contains(c, "imap"):
		name = field[:i] + strings.Replace(utf7(field[i]), "+", "&", 1) + field[i+1:]
	default:
		name = pick(r, field[:i]+utf7(field[i])+field[i+1:], field+"~{", "~{~}"+field, "\u001b(B"+field, field+"\u00ad", "\u00ef"+field)
		name = strings.ReplaceAll(name, "\u001b", `\u001b`)
	}
	q.types = []string{jsonType(r) + "; charset=" + c}
	q.put(r.IntN(len(q.members)+1), member{`"` + name + `"`, evil(field)})
}

func form(r *rand.Rand, q *request) {
	field := pick(r, someField(r, q), pick(r, urlFields...))
	q.types = []string{pick(r, "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-8", "application/x-www-form-urlencoded; charset=utf-16le", "application/x-www-form-urlencoded; charset=utf-7",
		"Application/X-WWW-Form-Urlencoded", " application/x-www-form-urlencoded")}
	piece := pick(r, "&", ";", "&", "&&", `\u0026`, "\\n&") + pick(r, field, url.QueryEscape(field), field+"[]", "["+field+"]", strings.ToLower(field)) + "=evil&"
	if r.IntN(2) == 0 {
		q.put(r.IntN(len(q.members)+1), member{`"` + piece + `"`, `1`})
	} else {
		q.put(r.IntN(len(q.members)+1), member{`"x"`, `"` + piece + `"`})
	}
}

// multipart writes a form's part into white space, where JSON lets it be as little as a line break.
func multipart(r *rand.Rand, q *request) {
	field := pick(r, someField(r, q), pick(r, urlFields...))
	boundary := pick(r, "b", `"{"`, `"\"x\":[\""`, "x", `"\""`)
	q.types = []string{pick(r, "multipart/form-data; boundary=", "multipart/mixed; boundary=", "multipart/form-data; charset=utf-8; boundary=") + boundary}
	part := `--b` + pick(r, `\r\n`, "\r\n", `\n`) + `Content-Disposition: form-data; name=\"` + field + `\"\r\n\r\nevil\r\n--b--`
	q.before = pick(r, "", "\r\n", "\n")
	q.put(r.IntN(len(q.members)+1), member{`"x"`, `"` + part + `"`})
}

func queryBrackets(r *rand.Rand, name string) string {
	open, closing := pick(r, "[", "%5B", "%5b"), pick(r, "]", "%5D", "%5d")
	format := pick(r, "%[2]s%[1]s%[3]s", "%[3]s%[1]s", "%[2]s%[1]s", "%[2]s%[2]s%[1]s", "%[2]s%[3]s%[2]s%[1]s", "%[2]s%[3]s%[1]s", "%[1]s%[2]s%[3]s", "%[1]s%[3]s", "%[1]s%[2]s", "%[1]s%[2]s0%[3]s",
		"%[2]s%[2]s%[1]s%[3]s%[3]s", "x%[2]s%[1]s%[3]s", "%[3]s%[2]s%[1]s%[3]s", "%[3]s%[3]s%[1]s", "%[2]s%[3]s%[2]s%[1]s%[3]s", "%[2]s%[1]s%[3]s%[2]s%[3]s", "%[2]sx%[3]s%[1]s", "%[2]s0%[3]s%[1]s", "%[3]s%[2]s%[1]s", "+%[2]s%[1]s", "%%20%[2]s%[1]s%[3]s", "_%[2]s%[1]s", "%[2]s%%00%[3]s%[1]s")
	return strings.Split(fmt.Sprintf(format, name, open, closing), "%!(")[0]
}

func queryOdd(r *rand.Rand, name string) string {
	return insert(r, name, pick(r, "%00", "%20", "+", "%0A", "%0D", "%09", "%0B", "%0C", "%7F", "%1F", "%FF", "%C0%80", "%C2%A0", "%EF%BB%BF", "%E2%80%8B", "%C2%AD", "?", "#", "%3F", "%23", "??", "&", ";", "%3B", "%26",
		"%3D", ".", "%2E", "_", "-", "$", "@", "!", "*", "(", "'", "\"", "%22", "\\", "%5C", "/", "%2F", ",", ":", "|", "`", "^", "{", "}", "%", "%25", "%2500", "amp;", "~", "\x7f", "\u00e9", "\ufeff", "?#", "#?"))
}

func queryEscaped(r *rand.Rand, name string) string {
	i := r.IntN(len(name))
	return name[:i] + fmt.Sprintf(pick(r, "%%%02x", "%%%02X", "%%25%02x", "%%u%04x", "\\u%04x", "&#%d;", "\\x%02x", "%%00%%%02x", "%%C1%%%02x"), name[i]) + name[i+1:]
}

// parameter adds a parameter whose name is made of one of ours. At times that one goes.
func parameter(r *rand.Rand, q *request, change func(*rand.Rand, string) string) {
	field := pick(r, "SdkAppid", "SdkAppid", "CallbackCommand", "ClientIP", "OptPlatform", "contenttype", "GroupId")
	if r.IntN(6) == 0 {
		for i, piece := range q.query {
			if strings.HasPrefix(piece, field+"=") {
				q.query = append(append([]string(nil), q.query[:i]...), q.query[i+1:]...)
				break
			}
		}
	}
	piece := change(r, field) + pick(r, "=666", "=666", "=666", "", "=", "[]=666", "=666=", "==666")
	q.putPiece(pick(r, 0, len(q.query), r.IntN(len(q.query)+1)), piece)
}

func parameterValue(r *rand.Rand, q *request) {
	i := r.IntN(len(q.query))
	name, value, _ := strings.Cut(q.query[i], "=")
	extra := pick(r, "%00", "+", "%20", "%2B", "%FF", "%C0%80", "%E7%BB%84", "%EF%BB%BF", "%0A", "%0D%0A", "%09", "%7F", "%25", "%2500", "%26SdkAppid%3D666", "%23", "#", "?", "=", "==", "\"", "'", ",", "|", "%ED%A0%80", "\u7ec4", "%u7ec4", "%1F", "[", "]", "\\", "%5C", ";", "%3B", ":", "%C2%A0", "é", "%e9", "%F0%9F%98%80")
	q.query[i] = name + "=" + pick(r, value+extra, extra+value, extra, value+extra+"x")
}
