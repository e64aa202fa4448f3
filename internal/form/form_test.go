package form

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/internal/header"
	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/internal/samples"
)

// Forms: what is learned from a body that is right fits it, is read in one pass, and fits no body
// that is wrong.

// everySource is the headers of a gate that sets all there are, and where their values come from.
func everySource() (headers, sources []string) {
	sources = protocol.Sources()
	for i := range sources {
		headers = append(headers, "X-"+strconv.Itoa(i))
	}
	return headers, sources
}

// learnFrom is the form of a body; nil if there is none.
func learnFrom(command, body string) *Form {
	names, sources := everySource()
	return Of(protocol.SchemaOf(command), WithoutAccounts([]byte(body)), names, sources)
}

// captures is what a form finds in a body; nil if it does not match.
func captures(f *Form, body string) []string {
	short := WithoutAccounts([]byte(body))
	found := f.Pattern.FindStringSubmatch(string(short))
	if found == nil || !json.Valid(short) {
		return nil
	}
	return found
}

// headersOf is the headers that a form makes of what it found: what each has, or the code for which
// the exact handler has to decide.
func headersOf(f *Form, found []string) map[string]string {
	headers := map[string]string{}
	for _, v := range f.Values {
		value := found[v.Group]
		if strings.Trim(value, header.Plain) != "" || len(value) > protocol.MaxValue || strings.Contains(value, `\`) {
			decoded, _, refusal := protocol.FieldValue(v.Field, v.Path, json.RawMessage(`"`+value+`"`))
			value = decoded
			if refusal != nil {
				value = strconv.Itoa(refusal.Code)
			}
		}
		headers[v.Header] = value
	}
	return headers
}

// exactHeadersOf is the same by protocol.Check and protocol.Value, and why the body is refused.
func exactHeadersOf(command, body string) (map[string]string, *protocol.Refusal) {
	names, sources := everySource()
	policy := &protocol.Policy{Apps: map[string]bool{samples.App: true}, Commands: map[string]bool{command: true}, MaxBody: protocol.MaxBody}
	target := samples.Target(command)
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	event, refusal := protocol.Check(policy, r.URL.RawQuery, r)
	if refusal != nil {
		return nil, refusal
	}
	headers := map[string]string{}
	for i, source := range sources {
		if protocol.IsBeside(source) {
			continue
		}
		value, found, unfit := protocol.Value(event, source)
		if unfit != nil {
			headers[names[i]] = strconv.Itoa(unfit.Code)
		} else if found {
			headers[names[i]] = value
		}
	}
	return headers, nil
}

// assertMatch holds what a form makes of a body it matches against the exact way.
func assertMatch(t *testing.T, command string, f *Form, found []string, body string) {
	t.Helper()
	expected, refusal := exactHeadersOf(command, body)
	if refusal != nil {
		assert.Fail(t, command+" matches "+short(body)+" which is refused: "+refusal.Info()+" by "+f.Pattern.String())
		return
	}
	assert.Equal(t, expected, headersOf(f, found), command+": "+short(body))
}

// assertOwn holds a form against the body that it was learned from.
func assertOwn(t *testing.T, command string, f *Form, body string) {
	t.Helper()
	assert.True(t, onePass(f.Pattern), command+": not one-pass: "+short(body)+" by "+f.Pattern.String())
	found := captures(f, body)
	if assert.NotNil(t, found, command+": its own body: "+short(body)) {
		assertMatch(t, command, f, found, body)
	}
}

func short(text string) string {
	if len(text) > 1500 {
		return fmt.Sprintf("%s... (%d bytes)", text[:1500], len(text))
	}
	return text
}

// onePass tells whether package regexp reads a pattern in one pass. It has no name for that
// outside.
func onePass(pattern *regexp.Regexp) bool {
	return !reflect.ValueOf(pattern).Elem().FieldByName("onepass").IsNil()
}

// The test's own way to look into package regexp works.
func TestOnePassIsSeen(t *testing.T) {
	assert.True(t, onePass(regexp.MustCompile(`^a(b|c)*$`)), "which of both tells the next character")
	assert.False(t, onePass(regexp.MustCompile(`^(a*)(a*)$`)), "which of both it does not tell")
}

// The URL is read in one pass.
func TestTargetIsOnePass(t *testing.T) {
	assert.True(t, onePass(Target("")))
	assert.True(t, onePass(Target("/callback")))
}

// A plain character is one that header.Encode leaves alone, and that needs no escape in JSON.
func TestPlain(t *testing.T) {
	pattern := regexp.MustCompile("^" + plain + "$")
	for c := rune(0); c < 0x200; c++ {
		text := string(c)
		expected := header.Encode(text) == text && c != '"' && c != '\\'
		assert.Equal(t, expected, pattern.MatchString(text), strconv.Itoa(int(c)))
		assert.Equal(t, expected, strings.Contains(plainText, text), strconv.Itoa(int(c)))
	}
}

// What is not unsure is sure to become a header, if it is not too long.
func TestUnsure(t *testing.T) {
	for c := rune(0x20); c < 0x3000; c++ { // others need an escape
		text := string(c)
		if c == '"' || c == '\\' {
			continue
		}
		assert.Equal(t, unicode.IsControl(c), strings.Contains(Unsure, text), strconv.Itoa(int(c)))
	}
	assert.Contains(t, Unsure, `\`)
}

// A form of plain values matches no others, one of others matches both.
func TestPlainForms(t *testing.T) {
	ascii := samples.CreatedGroup
	chinese := samples.Replace(ascii, `"Operator_Account":"group_root"`, `"Operator_Account":"王小明"`)
	escaped := samples.Replace(ascii, `"Operator_Account":"group_root"`, `"Operator_Account":"group\/root"`)
	for _, other := range []string{chinese, escaped} {
		names := []string{"X-Operator"}
		sources := []string{"Operator"}
		plainly := Of(protocol.SchemaOf(samples.Command), []byte(ascii), names, sources)
		require.True(t, plainly.Plain)
		assert.True(t, plainly.Pattern.MatchString(ascii))
		assert.False(t, plainly.Pattern.MatchString(other), other)
		otherwise := Of(protocol.SchemaOf(samples.Command), []byte(other), names, sources)
		require.False(t, otherwise.Plain, other)
		assert.True(t, otherwise.Pattern.MatchString(ascii), other)
		assert.True(t, otherwise.Pattern.MatchString(other), other)
	}
	assert.True(t, Of(protocol.SchemaOf(samples.Command), []byte(chinese), nil, nil).Plain, "a value that is no header's does not matter")
}

// bodiesOf is bodies of a command as the vendor may send them: testdata's, and some generated ones.
func bodiesOf(command string, generated int) []string {
	bodies := []string{samples.Body(command)}
	for seed := uint64(0); len(bodies) <= generated; seed++ {
		if body := samples.Generate(seed, command).Body; len(body) < 40000 {
			bodies = append(bodies, body)
		}
	}
	return bodies
}

// knownCommands is the commands that have a schema and a body in testdata.
func knownCommands(t *testing.T) []string {
	var known []string
	for _, command := range samples.Commands() {
		if protocol.SchemaOf(command) != nil {
			known = append(known, command)
		}
	}
	require.NotEmpty(t, known)
	return known
}

func TestLearnedFromSamples(t *testing.T) {
	for _, command := range knownCommands(t) {
		body := samples.Body(command)
		f := learnFrom(command, body)
		if !assert.NotNil(t, f, command+": no form of "+body) {
			continue
		}
		assertOwn(t, command, f, body)
	}
}

// Not all that can be written has a form, but what has is right.
func TestLearnedFromGenerated(t *testing.T) {
	generated := 8
	if interpreted() {
		generated = 2
	}
	all := 0
	learned := 0
	for _, command := range knownCommands(t) {
		for _, body := range bodiesOf(command, generated)[1:] {
			all++
			f := learnFrom(command, body)
			if f == nil {
				continue
			}
			learned++
			assertOwn(t, command, f, body)
		}
	}
	t.Log(learned, "forms of", all, "generated bodies")
	assert.Greater(t, learned*10, all*6, fmt.Sprint(learned, " forms of ", all, " generated bodies"))
}

// anything is JSON of every type, for a member that no schema has.
var anything = []string{
	`null`, `true`, `false`, `0`, `-1`, `1.5e-3`, `""`, `"x"`, `"\u4e00\"群"`, `{}`, `[]`, `[1,"x",null]`, `{"a":[{"b":{}}],"c":"}"}`, `[[[]]]`, `[{"a":1},{"a":2}]`,
}

func TestLearnedWithUnknownMembers(t *testing.T) {
	for i, command := range knownCommands(t) {
		if interpreted() && i%8 != 0 {
			continue // it takes long
		}
		for _, value := range anything {
			body := samples.With(command, "NewInMay", value)
			f := learnFrom(command, body)
			if !assert.NotNil(t, f, command+": no form of "+body) {
				continue
			}
			assertOwn(t, command, f, body)
		}
	}
}

// The elements of a list may each be written as any of those that were learned, and as no other.
func TestUnlikeElements(t *testing.T) {
	const command = "Group.CallbackAfterSendMsg"
	mentions := func(elements string) string {
		return samples.With(command, "GroupAtInfo", "["+elements+"]", "NewInMay", `"x"`)
	}
	const (
		all   = `{"GroupAtAllFlag":1}`
		one   = `{"GroupAtAllFlag":0,"GroupAt_Account":"leckie"}`
		short = `{"GroupAt_Account":"leckie"}`
	)
	f := learnFrom(command, mentions(all+","+one+","+all+",{}"))
	require.NotNil(t, f)
	assert.True(t, onePass(f.Pattern))
	for elements, matches := range map[string]bool{
		all: true, one: true, `{}`: true, one + "," + all + "," + one + ",{}," + one: true,
		"": false, short: false, all + "," + short: false, all + one: false, all + ",": false, "," + all: false, all + ",," + one: false,
		`{"GroupAt_Account":"leckie","GroupAtAllFlag":0}`: false, `{"GroupAtAllFlag":0,"GroupAtAllFlag":0}`: false, `{,"GroupAtAllFlag":0}`: false,
		`{"GroupAtAllFlag":0,"GroupAt_Account":"a","GroupAt_Account":"b"}`: false, `{"GroupAtAllFlag":0,"GroupAt_Account":"a","GroupAtAllFlag":0}`: false,
		`{"GroupAtAllFlag":0,"GroupAt_Account":1}`: false, `{"GroupAtAllFlag":0,}`: false, `{"GroupAtAllFlag":0`: false, `null`: false, `[]`: false,
	} {
		assert.Equal(t, matches, captures(f, mentions(elements)) != nil, elements)
	}
	assert.Nil(t, learnFrom(command, mentions(strings.Repeat(all+",", mostElements)+one)), "no more than some are looked at")
	level := func(value string) string {
		return samples.With("Profile.CallbackPortraitSet", "ProfileItem", `[{"Tag":"a","Value":"b"},{"Tag":"a","Value":`+value+`}]`)
	}
	f = learnFrom("Profile.CallbackPortraitSet", level("3"))
	require.NotNil(t, f)
	for value, matches := range map[string]bool{"-4": true, `""`: true, `"x"`: true, "null": false, "1.5": false, "true": false} {
		assert.Equal(t, matches, captures(f, level(value)) != nil, value)
	}
}

// manyMembers is a body with so many members more, of a value each in turn.
func manyMembers(command string, count int, values []string) string {
	var pairs []string
	for i := 0; i < count; i++ {
		pairs = append(pairs, "NewMember"+strconv.Itoa(i), values[i%len(values)])
	}
	return samples.With(command, pairs...)
}

// What has many members has a form as long as that is read in one pass.
func TestLearnedWithManyMembers(t *testing.T) {
	for _, values := range [][]string{{`"x"`}, {`1`}, {`null`, `"x"`, `1`, `true`}, {`{"a":1}`}, anything} {
		most := 0
		for _, count := range []int{1, 2, 5, 10, 15, 18, 21, 25, 30, 40, 100, 1000} {
			body := manyMembers(samples.Command, count, values)
			f := learnFrom(samples.Command, body)
			if f == nil {
				continue
			}
			most = count
			assertOwn(t, samples.Command, f, body)
		}
		t.Log(most, "members more of", values)
		assert.GreaterOrEqual(t, most, 2, fmt.Sprint(values))
		assert.Less(t, most, 1000, fmt.Sprint(values))
	}
}

// mutants is what may stand in a value's place.
var mutants = []string{
	`null`, `true`, `0`, `-0`, `-1`, `1.5`, `1e3`, `01`, `999999999999999`, `1000000000000000`, `9223372036854775808`, `""`, `"x"`, `"\u0000"`, `"\ud800"`, `"\u00e9"`, `"0"`, `"-1"`,
	`{}`, `[]`, `[1]`, `[null]`, `[""]`, `["a","b"]`, `[{}]`, `[{"a":1}]`, `{"a":1}`, `{"a":1,"a":2}`, `[[[[[[[]]]]]]]`, `{`, `}`, `[}`, `{]`, `"`, `"x`, ``, `nul`, `NaN`, `{"a"}`, `{:}`, `[,]`, `[1,]`,
	`[{"Member_Account":"a"}]`, `[{"Member_Account":"a","Member_Account":"b"}]`, `[{"Member_Account":"a","member_account":"b"}]`, `[{"MsgType":"x","MsgContent":{}}]`,
	`[{"MsgType":"","MsgContent":{}}]`, `[{"MsgType":"x","MsgContent":[]}]`, `[{"MsgType":"x"}]`,
}

// dirt is what may stand anywhere.
var dirt = []string{
	" ", "\n", "\t", "\r\n", ",", ":", `"`, `\`, `\"`, `\u0041`, "{", "}", "[", "]", "\x00", "\x1f", "\x7f", "\xff", "\xc0\x80", "\xed\xa0\x80", "\xe7\xbe", "\ufffd", "\ufeff", "群",
	"x", "0", "-", "null", "{}", "[]", `"x"`, `,"a":1`, `"a":1,`, "/**/", "#",
}

// piece matches a name with its value, as far as they are flat, and values alone.
var piece = regexp.MustCompile(`"([A-Za-z_]+)":("(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null|\[\]|\{\})`)

// mutate changes a body in one place or two.
func mutate(r *rand.Rand, body string) string {
	for n := r.Intn(3); n >= 0; n-- {
		body = mutateOnce(r, body)
	}
	return body
}

func mutateOnce(r *rand.Rand, body string) string {
	if body == "" {
		return body
	}
	anywhere := r.Intn(len(body) + 1)
	members := piece.FindAllStringSubmatchIndex(body, 400)
	kind := r.Intn(10)
	if len(members) == 0 || kind < 2 {
		return body[:anywhere] + dirt[r.Intn(len(dirt))] + body[anywhere:]
	}
	m := members[r.Intn(len(members))]
	whole := body[m[0]:m[1]]
	name := body[m[2]:m[3]]
	value := body[m[4]:m[5]]
	switch kind {
	case 2: // again
		return body[:m[0]] + whole + "," + body[m[0]:]
	case 3: // a twin
		twins := []string{strings.ToLower(name), strings.ToUpper(name), strings.ReplaceAll(name, "_", ""), name + "_", `\u00` + fmt.Sprintf("%02x", name[0]) + name[1:], name + `\u0000`, name + " "}
		twin := `"` + twins[r.Intn(len(twins))] + `":` + value
		if r.Intn(2) == 0 {
			return body[:m[0]] + twin + body[m[1]:]
		}
		return body[:m[0]] + twin + "," + body[m[0]:]
	case 4, 5, 6: // another value
		return body[:m[4]] + mutants[r.Intn(len(mutants))] + body[m[5]:]
	case 7: // away
		return strings.Replace(strings.Replace(body[:m[0]]+"\x01"+body[m[1]:], "\x01,", "", 1), ",\x01", "", 1)
	case 8: // bytes away
		end := anywhere + r.Intn(4)
		if end > len(body) {
			end = len(body)
		}
		return body[:anywhere] + body[end:]
	}
	ends := []string{"x", "{}", " ", "\n", ",", "}", body, "\x00", "//", "\xff"}
	if r.Intn(2) == 0 {
		return ends[r.Intn(len(ends))] + body
	}
	return body + ends[r.Intn(len(ends))]
}

// A form that matches a body says what the exact way says of it. Most of these are wrong.
func TestNoFormMatchesWhatIsRefused(t *testing.T) {
	mutations := 150
	if interpreted() {
		mutations = 5
	}
	r := rand.New(rand.NewSource(1))
	tried := 0
	matched := 0
	refused := 0
	for _, command := range knownCommands(t) {
		bodies := bodiesOf(command, 4)
		bodies = append(bodies, samples.With(command, "NewInMay", `{"a":[{"b":"c"}]}`, "NewInJune", `[1,"x"]`))
		var forms []*Form
		for _, body := range bodies {
			if f := learnFrom(command, body); f != nil {
				forms = append(forms, f)
			}
		}
		for _, body := range bodies {
			for n := 0; n < mutations && len(body) < 20000; n++ {
				mutant := mutate(r, body)
				tried++
				if _, refusal := protocol.CheckBody(command, protocol.SchemaOf(command), []byte(mutant)); refusal != nil {
					refused++
				}
				for _, f := range forms {
					if found := captures(f, mutant); found != nil {
						matched++
						assertMatch(t, command, f, found, mutant)
					}
				}
			}
		}
	}
	t.Log(tried, "mutants,", refused, "refused,", matched, "matches")
	assert.Greater(t, matched, tried/100, "some are still right")
	assert.Greater(t, refused, tried/4, "many are wrong")
}

// interpreted tells whether this runs in the interpreter, which has no names for types.
func interpreted() bool { return reflect.TypeOf(Form{}).Name() == "" }

// What the exact way refuses for how much there is of it matches no form either.
func TestNoFormMatchesTooMuch(t *testing.T) {
	for _, tc := range []struct{ command, learned, name, value string }{
		{"Push.AllMemberPush", `[{"EventType":1}]`, "Events", "[" + strings.Repeat(`{"EventType":1},`, 2000) + `{"EventType":1}]`},
		{"Push.AllMemberPush", `[{"a":1}]`, "Events", "[" + strings.Repeat(`{"a":1},`, 2000) + `{"a":1}]`},
		{"Push.AllMemberPush", `[{}]`, "Events", "[" + strings.Repeat(`{},`, 2000) + `{}]`},
		{"Group.CallbackAfterTopicDestroyed", `["a"]`, "TopicIdList", "[" + strings.Repeat(`"",`, 25000) + `""]`},
		{"Group.CallbackAfterCreateGroup", `[{"Member_Account":"a","Role":1}]`, "MemberList", "[" + strings.Repeat(`{"Member_Account":"a","Role":1},`, 25000) + `{"Member_Account":"a","Role":1}]`},
		{"Group.CallbackAfterCreateGroup", `[{"a":[1]}]`, "New", "[" + strings.Repeat(`{"":1},`, 150000) + `{"":1}]`},
	} {
		f := learnFrom(tc.command, samples.With(tc.command, tc.name, tc.learned))
		if f == nil {
			continue
		}
		body := samples.With(tc.command, tc.name, tc.value)
		_, refusal := protocol.CheckBody(tc.command, protocol.SchemaOf(tc.command), []byte(body))
		require.NotNil(t, refusal, tc.command+" with much in "+tc.name)
		assert.Nil(t, captures(f, body), tc.command+" with much in "+tc.name+": "+refusal.Info())
	}
}
