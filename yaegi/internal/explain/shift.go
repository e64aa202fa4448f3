package explain

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/chatgate/chatgate/internal/protocol"
)

// RunAt puts a request to the plugin as if it were that time. The plugin has a clock of its own, so
// the request is moved in time instead: its RequestTime by the difference, and its Sign to that of
// the same token, where one of the gate's tokens made it. A wrong one stays wrong.
func (g *Gate) RunAt(r *http.Request, body []byte, at time.Time) (Observation, http.Header) {
	now := time.Now()
	if rest := time.Second - time.Duration(now.Nanosecond()); rest < 100*time.Millisecond {
		time.Sleep(rest) // so that the plugin's second is this one
		now = time.Now()
	}
	came, moved := r.URL, *r.URL
	before, after := "", ""
	if shift := now.Unix() - at.Unix(); g.Signed() && shift != 0 {
		moved.RawQuery, before, after = g.shift(r.URL.RawQuery, shift)
	}
	r.URL = &moved
	o, header := g.Run(r, body)
	o.URL, o.At = came, at
	if after != "" {
		o.Answer = bytes.ReplaceAll(o.Answer, []byte(after), []byte(before))
	}
	return o, header
}

// shift moves a signed query in time, and returns its RequestTime before and after; empty where it
// has none that can be moved.
func (g *Gate) shift(query string, seconds int64) (shifted, before, after string) {
	values, err := url.ParseQuery(query)
	before = values.Get("RequestTime")
	number, fault := strconv.ParseInt(before, 10, 64)
	if err != nil || fault != nil || number < 0 || number > 1<<40 || number+seconds < 0 || strings.Trim(before, "0123456789") != "" {
		return query, "", ""
	}
	after = strconv.FormatInt(number+seconds, 10)
	sign := values.Get("Sign")
	for _, token := range g.tokens() {
		if sign == protocol.Sign(token, before) {
			sign = protocol.Sign(token, after)
			break
		}
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, _, _ := strings.Cut(pair, "=")
		switch plain, _ := url.QueryUnescape(name); plain {
		case "RequestTime":
			pairs[i] = name + "=" + after
		case "Sign":
			pairs[i] = name + "=" + url.QueryEscape(sign)
		}
	}
	return strings.Join(pairs, "&"), before, after
}
