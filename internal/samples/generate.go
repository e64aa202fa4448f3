package samples

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math/rand"
	"net/url"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
)

// A Callback is a genuine one. Values is what each source has that it can fill: fields, with a dot
// between an object's name and its member's, parameters, "Operator" and "EventId". A text in it is
// Unicode unless the body has half of a surrogate pair there.
type Callback struct {
	Command string
	Body    string
	Values  map[string]string

	parameters []string
	place      int // where the signature stands among them
}

// Target is the path and query.
func (c *Callback) Target() string { return Path + "?" + strings.Join(c.parameters, "&") }

// SignedTarget is the same with a signature somewhere among the parameters.
func (c *Callback) SignedTarget(token string, at time.Time) string {
	parameters := append([]string{}, c.parameters[:c.place]...)
	parameters = append(parameters, signature(token, at)...)
	parameters = append(parameters, c.parameters[c.place:]...)
	return Path + "?" + strings.Join(parameters, "&")
}

// The sizes of a callback: what most are like, some, and what the vendor's limits allow.
const (
	common = iota
	long
	longest
)

// The orders of an object's members.
const (
	alphabetical = iota
	documented
	shuffled
)

type generator struct {
	rand    *rand.Rand
	command string
	size    int
	style   int
	order   int
	lists   int    // how deep in lists
	path    string // of the object that is being written
	left    int    // bytes of text that the message may still have
	values  map[string]string
}

// Generate writes a callback as the vendor's serializer would: compact, names without escapes, and
// every field that users of an app decide filled with what they can come up with. A seed always
// gives the same.
func Generate(seed uint64, command string) *Callback {
	g := &generator{rand: rand.New(rand.NewSource(int64(seed))), command: command, values: map[string]string{}}
	g.size = []int{common, common, common, common, common, long, long, longest}[g.rand.Intn(8)]
	g.style = g.rand.Intn(styles)
	g.order = documented
	if strings.HasPrefix(command, "Group.") {
		g.order = alphabetical
	}
	if g.rand.Intn(4) == 0 {
		g.order = shuffled
	}
	c := &Callback{Command: command, Values: g.values}
	c.parameters = queryOf(g, command)
	c.place = g.rand.Intn(len(c.parameters) + 1)
	c.Body = write(g, missing(g, command, variant(g, command, members(Body(command)))))
	sum := sha256.Sum256([]byte(App + "\n" + command + "\n" + c.Body))
	g.values["EventId"] = hex.EncodeToString(sum[:])
	nameOperator(command, g.values)
	return c
}

// Of is the callback that has a body, with the parameters of Target.
func Of(command, body string) *Callback {
	c := &Callback{Command: command, Body: body, Values: map[string]string{}}
	for _, parameter := range strings.Split(strings.TrimPrefix(Target(command), Path+"?"), "&") {
		name, value, _ := strings.Cut(parameter, "=")
		c.parameters = append(c.parameters, parameter)
		c.Values[name] = value
	}
	addScalars(c.Values, "", body)
	sum := sha256.Sum256([]byte(App + "\n" + command + "\n" + body))
	c.Values["EventId"] = hex.EncodeToString(sum[:])
	nameOperator(command, c.Values)
	return c
}

func addScalars(values map[string]string, path, object string) {
	for _, m := range members(object) {
		switch m.value[0] {
		case '"':
			values[path+m.name] = unquote(m.value)
		case '{':
			addScalars(values, path+m.name+".", m.value)
		case '[', 'n', 't', 'f':
		default:
			values[path+m.name] = m.value
		}
	}
}

// halves matches a JSON string's escapes: pairs of surrogates, halves of one, and others.
var halves = regexp.MustCompile(`\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u[dD][89a-fA-F]..|\\.`)

// unquote reads a JSON string. Half of a surrogate pair is no Unicode in it.
func unquote(quoted string) string {
	var text string
	if err := json.Unmarshal([]byte(quoted), &text); err != nil {
		panic(quoted)
	}
	for _, escape := range halves.FindAllString(quoted, -1) {
		if len(escape) == len(`\ud800`) {
			return text + highHalf
		}
	}
	return text
}

// nameOperator adds who acted to the values of a callback.
func nameOperator(command string, values map[string]string) {
	for i := len(actors) - 1; i >= 0; i-- {
		if actor := values[actors[i]]; actor != "" && !strings.Contains(bystanders[command], actors[i]) {
			values["Operator"] = actor
		}
	}
}

// actors is the fields that say who acted, whatever the command: the first that is there and not
// empty.
var actors = []string{
	"Operator_Account", "Requestor_Account", "Requester_Account", "Report_Account", "Admin_Account", "From_Account", "Owner_Account", "Info.To_Account",
}

// bystanders is the fields among those that name somebody else than who acted.
var bystanders = map[string]string{
	"Profile.CallbackPortraitSet":                           "From_Account", // whose profile it is
	"Sns.CallbackPrevFriendAdd":                             "From_Account", // whose list grows
	"Sns.CallbackPrevFriendResponse":                        "From_Account",
	"OfficialAccount.CallbackAfterOfficialAccountDestroyed": "Owner_Account",
}

// queryOf is the parameters in any order, some of them optional, and perhaps the operator's own.
func queryOf(g *generator, command string) []string {
	parameters := []string{"SdkAppid=" + App, "CallbackCommand=" + command}
	g.values["SdkAppid"] = App
	g.values["CallbackCommand"] = command
	for _, name := range []string{"ClientIP", "OptPlatform"} {
		if g.rand.Intn(4) > 0 {
			value := pick(g, optional[name])
			parameters = append(parameters, name+"="+value)
			plain, _ := url.QueryUnescape(value)
			g.values[name] = plain
		}
	}
	for _, name := range []string{"contenttype", "tenant", "a b"} {
		if g.rand.Intn(2) == 0 {
			parameters = append(parameters, url.QueryEscape(name)+"="+pick(g, optional[name]))
		}
	}
	if g.rand.Intn(2) == 0 {
		return parameters
	}
	var inAnyOrder []string
	for _, i := range g.rand.Perm(len(parameters)) {
		inAnyOrder = append(inAnyOrder, parameters[i])
	}
	return inAnyOrder
}

var optional = map[string][]string{
	"ClientIP":    {"203.0.113.7", "2001:db8::7", "2001%3Adb8%3A%3A7", "::ffff:203.0.113.7", ""},
	"OptPlatform": {"RESTAPI", "Web", "Android", "iOS", "IOS", "Windows", "Mac", "iPad", "Unknown", "OpenHarmony"},
	"contenttype": {"json", "JSON", ""},
	"tenant":      {"7", "", "%E7%BE%A4", "a+b", "a/b?c"},
	"a b":         {"%22%7B", "%25"},
}

type member struct{ name, value string }

// members reads an object of testdata, in its order.
func members(object string) []member {
	decoder := json.NewDecoder(strings.NewReader(object))
	_, _ = decoder.Token()
	var found []member
	for decoder.More() {
		token, _ := decoder.Token()
		name, _ := token.(string)
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			panic(object)
		}
		found = append(found, member{name, string(value)})
	}
	return found
}

// variant changes what the vendor's pages have in several ways.
func variant(g *generator, command string, found []member) []member {
	for i := range found {
		switch found[i].name {
		case "CreatedGroupNum":
			found[i].name = pick(g, []string{"CreatedGroupNum", "CreateGroupNum"})
			found[i].value = pick(g, []string{found[i].value, "17", "{}"})
		case "Member_Account":
			found[i].name = pick(g, []string{"Member_Account", "Modified_Account"})
		case "OptionType":
			found[i].value = pick(g, []string{`"set"`, `"modify"`, `"clear"`, `"delete"`, "1"})
		}
	}
	if command == "Group.CallbackAfterGroupDestroyed" && g.rand.Intn(2) == 0 {
		found = append(found, member{"Operator_Account", `"administrator"`})
	}
	return found
}

// missing leaves out, or makes null, what need not be there.
func missing(g *generator, command string, found []member) []member {
	var rest []member
	for _, m := range found {
		if !required(command, m.name) {
			switch g.rand.Intn(8) {
			case 0:
				continue
			case 1:
				m.value = "null"
			}
		}
		rest = append(rest, m)
	}
	return rest
}

// write writes an object after a sample's members, with some that nobody knows.
func write(g *generator, found []member) string {
	var written []member
	for _, m := range found {
		written = append(written, member{m.name, valueOf(g, m.name, m.value)})
	}
	for n := g.rand.Intn(8) - 5; n > 0; n-- {
		name := pick(g, []string{"New", "RequestTag", "FriendShip", "SupportMessageExtension", "Zone"}) + "_" + strconv.Itoa(n)
		written = append([]member{{name, anyValue(g, 3)}}, written...)
	}
	if g.order == alphabetical {
		sort.Slice(written, func(i, k int) bool { return written[i].name < written[k].name })
	}
	places := g.rand.Perm(len(written))
	texts := make([]string, len(written))
	for i, m := range written {
		if g.order == shuffled {
			m = written[places[i]]
		}
		texts[i] = `"` + m.name + `":` + m.value
	}
	return "{" + strings.Join(texts, ",") + "}"
}

// valueOf writes a value of a member, of the type that a sample of it has.
func valueOf(g *generator, name, sample string) string {
	switch {
	case sample == "null":
		return sample
	case name == "MsgBody":
		return messages(g)
	case sample[0] == '[':
		return listOf(g, name, sample)
	case sample[0] == '{':
		before := g.path
		g.path += name + "."
		text := write(g, members(sample))
		g.path = before
		return text
	}
	text, written := scalarOf(g, name, sample)
	if g.lists == 0 {
		g.values[g.path+name] = text
	}
	return written
}

// scalarOf returns a text or a number, and how it is written.
func scalarOf(g *generator, name, sample string) (string, string) {
	if sample[0] != '"' {
		number := numberOf(g, name, sample)
		if name == "EventTime" && g.lists == 0 && g.rand.Intn(3) == 0 {
			return number, `"` + number + `"`
		}
		return number, number
	}
	text := ""
	if limit := limits[name]; limit > 0 {
		text = textOf(g, limit)
	} else if identifies(name) {
		text = identifier(g, identifierLimit)
		if (name == "TopicId" || name == "Admin_Account") && !required(g.command, name) && g.rand.Intn(3) == 0 {
			text = ""
		}
	} else if err := json.Unmarshal([]byte(sample), &text); err != nil {
		panic(sample)
	}
	return text, quote(style(g), text)
}

// textOf is a free text. Those of a message share its limit; a merged history is as long as it is.
func textOf(g *generator, limit int) string {
	if g.lists > 1 {
		return freeText(g, g.atMost(inner))
	}
	if g.lists == 1 && limit > g.left {
		limit = g.left
	}
	text := freeText(g, g.atMost(limit))
	g.left -= len(text)
	return text
}

// numberOf is a number in its range.
func numberOf(g *generator, name, sample string) string {
	switch {
	case g.rand.Intn(2) == 0:
		return sample
	case name == "UnreadMsgNum":
		return strconv.Itoa(g.rand.Intn(100) - 1)
	case name == "Random" || name == "MsgRandom":
		return strconv.FormatInt(g.rand.Int63n(1<<32), 10)
	case name == "MsgSeq" || name == "Seq" || name == "Quota" || name == "QuotaUsed" || name == "ErrorCode":
		return strconv.FormatInt(g.rand.Int63n(1<<31), 10)
	}
	return sample
}

// listOf writes a list after the first element of a sample. One that is long repeats its elements.
func listOf(g *generator, name, sample string) string {
	var elements []json.RawMessage
	if json.Unmarshal([]byte(sample), &elements) != nil || len(elements) == 0 {
		panic(sample)
	}
	before := g.left
	g.left = listText[name]
	if g.left == 0 {
		g.left = messageText
	}
	g.lists++
	most := counts[name]
	if most == 0 {
		panic("fields.go: counts does not say how many " + name + " has")
	}
	if name == "MemberList" && g.command == "Group.CallbackAfterGroupDestroyed" {
		most = destroyed
	}
	count := 1 + g.rand.Intn(3)
	if g.size != common && g.lists < 4 {
		count = g.atMost(most)
	}
	var texts []string
	for len(texts) < count && len(texts) < 16 {
		texts = append(texts, valueOf(g, name, string(elements[g.rand.Intn(len(elements))])))
	}
	g.lists--
	g.left = before
	return "[" + again(texts, count) + "]"
}

// again joins texts, from the first on again until there are so many.
func again(texts []string, count int) string {
	all := strings.Join(texts, ",")
	rest := strings.Join(texts[:count%len(texts)], ",")
	if rest != "" {
		rest = "," + rest
	}
	return all + strings.Repeat(","+all, count/len(texts)-1) + rest
}

// messages writes the elements of a message.
func messages(g *generator) string {
	if g.lists == 0 {
		g.left = messageText
	}
	g.lists++
	kinds := len(contents)
	if g.lists > 3 {
		kinds-- // no merged history in one in one
	}
	var texts []string
	for n := g.rand.Intn(6) / 3; n >= 0; n-- {
		content := contents[g.rand.Intn(kinds)]
		texts = append(texts, write(g, members(content)))
	}
	g.lists--
	return "[" + strings.Join(texts, ",") + "]"
}

// anyValue is a value of a member that nobody knows.
func anyValue(g *generator, depth int) string {
	switch g.rand.Intn(10) {
	case 0:
		return pick(g, []string{"null", "true", "false", "{}", "[]", `""`})
	case 1:
		return pick(g, []string{"0", "-1", "1.5", "-1.5e-3", "1e400", "-0", "18446744073709551616", "0.1E+2"})
	case 2:
		if depth > 0 {
			return "[" + anyValue(g, depth-1) + "," + anyValue(g, depth-1) + "]"
		}
	case 3:
		if depth > 0 {
			return `{"groupid":` + anyValue(g, depth-1) + `,"GroupId":` + anyValue(g, depth-1) + `,"Member_Account":"x"}`
		}
	case 4:
		return strings.Repeat("[", 50) + strings.Repeat("]", 50)
	}
	return quote(style(g), freeText(g, 200))
}

// style is how the next string is written.
func style(g *generator) int {
	if g.style == mixed {
		return g.rand.Intn(mixed)
	}
	return g.style
}

// atMost is how much of a limit is made use of.
func (g *generator) atMost(limit int) int {
	if g.size == longest || limit <= 1 {
		return limit
	}
	most := 100
	if g.size == long {
		most = 3000
	}
	if most > limit {
		most = limit
	}
	return 1 + g.rand.Intn(most)
}
