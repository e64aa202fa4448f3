package inspect

import (
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/chatgate/chatgate/yaegi/internal/explain"
)

// A summary is an exchange as the list shows it.
type summary struct {
	ID   int64     `json:"id"`
	Time time.Time `json:"time"`
	Took int64     `json:"took"` // microseconds
	explain.Account
	Status int `json:"status"`
}

// A detail is an exchange opened.
type detail struct {
	summary
	Checks     []explain.Check `json:"checks"`
	Request    message         `json:"request"`
	Parameters []Field         `json:"parameters"`
	Tree       *Node           `json:"tree,omitempty"`
	Set        []Field         `json:"set"`
	Stripped   []Field         `json:"stripped"`
	Backend    *backend        `json:"backend,omitempty"`
	Answer     message         `json:"answer"`
}

// A message is a request's or an answer's.
type message struct {
	Line   string  `json:"line"`
	Remote string  `json:"remote,omitempty"`
	Fields []Field `json:"headers"`
	Body   string  `json:"body"`
	Binary []byte  `json:"binary,omitempty"` // the body, where it is not UTF-8
	Size   int64   `json:"size"`
	Cut    bool    `json:"cut,omitempty"` // Body is not all of it
}

type backend struct {
	Request message `json:"request"`
	Same    bool    `json:"same"`
	Answer  message `json:"answer"`
	Status  int     `json:"status"`
	Took    int64   `json:"took"` // microseconds
	Error   string  `json:"error,omitempty"`
}

func summarize(x *Exchange) summary {
	return summary{ID: x.ID, Time: x.Time, Took: x.Took.Microseconds(), Account: x.Account, Status: x.Status}
}

func describe(x *Exchange) detail {
	d := detail{
		summary: summarize(x), Checks: x.Account.Checks(), Tree: tree(x.Request.Body), Set: x.Set, Stripped: x.Stripped,
		Request:    formOf(x.Request, x.Request.Method+" "+x.Request.Target+" "+x.Request.Proto),
		Parameters: parameters(x.Request.Target),
		Answer:     formOf(x.Answer, statusLine(x.Status)),
	}
	if v := x.Visit; v != nil {
		d.Backend = &backend{
			Request: formOf(v.Request, v.Request.Method+" "+v.Request.Target), Same: v.Same,
			Answer: formOf(v.Answer, statusLine(v.Status)), Status: v.Status, Took: v.Took.Microseconds(), Error: v.Error,
		}
	}
	return d
}

// formOf puts a message into the form for the page. Host stands first, as on the wire.
func formOf(m Message, line string) message {
	f := message{Line: line, Remote: m.Remote, Fields: fieldsOf(m.Header), Body: string(m.Body), Size: m.Size, Cut: int64(len(m.Body)) < m.Size}
	if m.Host != "" {
		f.Fields = append([]Field{{"Host", m.Host}}, f.Fields...)
	}
	if !utf8.Valid(m.Body) {
		f.Binary = m.Body
	}
	return f
}

func fieldsOf(h http.Header) []Field {
	fields := difference(nil, h)
	if fields == nil {
		return []Field{}
	}
	return fields
}

func statusLine(status int) string {
	if status == 0 {
		return "no answer"
	}
	return strings.TrimSpace(http.StatusText(status))
}

// parameters lists the parameters of a target, decoded, in the order in which they came.
func parameters(target string) []Field {
	fields := []Field{}
	_, query, _ := strings.Cut(target, "?")
	for _, pair := range strings.Split(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if pair != "" {
			fields = append(fields, Field{unescape(name), unescape(value)})
		}
	}
	return fields
}

func unescape(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// Line is an exchange for a program: all of it, on one line of JSON. The signature is left out,
// since lines are kept.
func Line(x *Exchange) any {
	unsigned := *x
	unsigned.Request.Target = WithoutSignature(x.Request.Target)
	if x.Visit != nil {
		visit := *x.Visit
		visit.Request.Target = WithoutSignature(visit.Request.Target)
		unsigned.Visit = &visit
	}
	d := describe(&unsigned)
	d.Tree = nil
	d.Checks = nil
	return d
}

// WithoutSignature takes Sign and RequestTime out of a URL.
func WithoutSignature(target string) string {
	path, query, has := strings.Cut(target, "?")
	if !has {
		return target
	}
	kept := []string{}
	for _, pair := range strings.Split(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if name = unescape(name); name != "Sign" && name != "RequestTime" {
			kept = append(kept, pair)
		}
	}
	return path + "?" + strings.Join(kept, "&")
}
