package callback

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"
)

// A Glancer recognises a callback that is written as the vendor writes it: parameters and members in its order, compact, no name spelt
// with escapes. That is nearly every one. It is certain or it says nothing: whatever it does not recognise, Check decides.
//
// It exists for the interpreter, which makes us pay for every step, but runs a compiled regular expression at full speed. A function
// costs it an allocation for each local and intermediate value, reached or not: so a callback that is right meets GlanceURL and
// GlanceBody alone, one that is refused by its URL only the first, and what is rare has functions of its own.
type Glancer struct {
	url     *regexp.Regexp
	apps    map[string]bool
	signed  *Policy           // of signatures; nil: none is asked for
	shapes  map[string]*shape // by command
	longest int64             // what is read at once, in bytes
}

// glanced is the longest body that is matched, in bytes, after a long list of accounts has been cut out of it. So no value is longer.
const glanced = 1024

// Patterns of the URL's query.
const (
	noText            = `[^\x00-\x{10FFFF}]` // matches nothing: it stands where the commands come
	parametersPattern = `\?SdkAppid=(?P<SdkAppid>[0-9]{1,19})&CallbackCommand=(?P<CallbackCommand>` + noText + `)&contenttype=json` +
		`(?:&ClientIP=(?P<ClientIP>[0-9A-Fa-f.:]{2,45}))?(?:&OptPlatform=(?P<OptPlatform>[A-Za-z]{1,32}))?`
	proofPattern = `(?:&Sign=(?P<Sign>[0-9a-f]{64})&RequestTime=(?P<RequestTime>[0-9]{1,19}))`
)

// Where in what these patterns capture the parameters stand.
const (
	appGroup     = 1
	commandGroup = 2
	signGroup    = 5
	timeGroup    = 6
)

// NewGlancer prepares a glance at a policy's callbacks to a path, or to any if it is empty. names and sources are the headers to set, in
// canonical form, and where the value of each comes from.
func NewGlancer(p *Policy, path string, names, sources []string) *Glancer {
	g := &Glancer{apps: p.Apps, shapes: map[string]*shape{}, longest: atOnce}
	if p.MaxBody < g.longest {
		g.longest = p.MaxBody
	}
	commands := noText
	captured := regexp.MustCompile(parametersPattern + proofPattern).SubexpNames()
	for _, command := range sortedNames(p.Commands) {
		if s := newShape(schemas[command], names, sources, captured); s != nil {
			g.shapes[command] = s
			commands += "|" + regexp.QuoteMeta(command)
		}
	}
	pattern := `/[^?]*`
	if path != "" {
		pattern = regexp.QuoteMeta(path)
	}
	pattern += strings.Replace(parametersPattern, noText, commands, 1) + proofPattern
	if p.Tokens == nil {
		pattern += "?"
	} else {
		g.signed = p
	}
	g.url = regexp.MustCompile("^" + pattern + "$")
	return g
}

// GlanceURL looks at the method and the URL. It returns what GlanceBody needs where it recognises them, and nil where it doesn't. The
// refusal is the very one that Check would come to.
func GlanceURL(g *Glancer, r *http.Request) ([]string, *Refusal) {
	if r.Method != http.MethodPost {
		return nil, nil
	}
	seen := g.url.FindStringSubmatch(r.RequestURI)
	if seen == nil {
		return nil, nil
	}
	if !g.apps[seen[appGroup]] {
		return nil, refuseApp(seen)
	}
	if g.signed != nil {
		return seen, verify(g.signed, seen[signGroup], seen[timeGroup], seen[commandGroup])
	}
	return seen, nil
}

func refuseApp(seen []string) *Refusal {
	return &Refusal{AppNotAllowed, `SdkAppid "` + seen[appGroup] + `"` + notAmong, seen[commandGroup]} // digits need no Quote
}

// GlanceBody looks at the body of a request whose URL was recognised, and sets the headers if it is right. Else it reports false and
// changes nothing but that the body can be read again.
func GlanceBody(g *Glancer, r *http.Request, seen []string) bool {
	length := r.ContentLength
	if length < 0 || length > g.longest || r.Header["Content-Encoding"] != nil {
		return false
	}
	body := make([]byte, length+1) // one more, to see that it ends there
	n, err := io.ReadFull(r.Body, body)
	body = body[:n]
	if err != io.ErrUnexpectedEOF || int64(n) != length {
		unread(r, body, err)
		return false
	}
	fresh, _ := http.NewRequest(http.MethodPost, "/", bytes.NewReader(body)) //nolint:noctx // what restore does, without the price of a call
	r.Body = fresh.Body
	r.GetBody = fresh.GetBody

	if n > glanced {
		body = shortened(body)
	}
	s := g.shapes[seen[commandGroup]]
	found := s.pattern.FindStringSubmatch(string(body))
	if found == nil {
		found = lookCloser(s, body)
	}
	if found == nil {
		return false
	}
	if s.fromURL {
		found = append(found, seen...)
	}
	for i, k := range s.at {
		if found[k] != "" {
			r.Header[s.headers[i]] = []string{found[k]}
		}
	}
	return true
}

// shortened leaves out most of a long list of accounts. It returns nothing where that is not enough.
func shortened(body []byte) []byte {
	short := cutAccounts(body)
	if len(short) > glanced {
		return nil
	}
	return short
}

// lookCloser leaves out the members that the schema does not know.
func lookCloser(s *shape, body []byte) []string {
	return s.pattern.FindStringSubmatch(withoutStrangers(s, string(body)))
}

// withoutStrangers takes the members that the schema does not know out of a well-formed body, each once. If what remains has the shape,
// the body had each of its members once: the remainder has known ones only, so what was taken out of it stood beside them.
func withoutStrangers(s *shape, body string) string {
	var found members
	if !utf8.ValidString(body) || json.Unmarshal([]byte(body), &found) != nil {
		return ""
	}
	for name, value := range found {
		if s.schema.known[name] {
			continue
		}
		if s.schema.byFold[fold(name)] != "" {
			return ""
		}
		body = strings.Replace(body, `,"`+name+`":`+string(value), "", 1)
	}
	return body
}
