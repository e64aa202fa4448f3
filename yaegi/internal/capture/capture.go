// Package capture reads requests that somebody has captured: raw, in a HAR, or as lines of
// Traefik's access log in JSON.
package capture

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"time"
)

// A Request is a request that was captured.
type Request struct {
	Name    string // where in the file it stands
	Method  string
	Target  string
	Header  http.Header
	Body    []byte
	Size    int64     // of the body, -1 if nothing tells
	Time    time.Time // when it came; zero if nothing tells
	Partial string    // what a log does not keep of it: "body", or "query and body"
	Status  int       // with which it was answered; 0 if nothing tells
}

// HTTP is the request for a handler.
func (c *Request) HTTP() (*http.Request, error) {
	target, err := url.Parse(c.Target)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	r := &http.Request{Method: c.Method, URL: target, Header: c.Header.Clone(), Host: target.Host, ContentLength: c.Size}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	return r, nil
}

var errUnknown = errors.New("expected a raw HTTP request, a HAR, or lines of Traefik's access log in JSON")

// Read reads a capture, in whichever of its forms it is.
func Read(content []byte) ([]Request, error) {
	if trimmed := bytes.TrimSpace(content); !bytes.HasPrefix(trimmed, []byte("{")) {
		return readRaw(content)
	}
	var archive struct {
		Log *struct{ Entries []entry }
	}
	if json.Unmarshal(content, &archive) == nil && archive.Log != nil {
		return readEntries(archive.Log.Entries)
	}
	return readLog(content)
}

// readRaw reads a request as it goes over the wire. Its Date, if it has one, tells when.
func readRaw(content []byte) ([]Request, error) {
	reader := bufio.NewReader(bytes.NewReader(content))
	r, err := http.ReadRequest(reader)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnknown, err)
	}
	c := Request{Name: "request", Method: r.Method, Target: r.RequestURI, Header: r.Header, Size: r.ContentLength}
	switch {
	case r.ContentLength < 0: // chunked
		c.Body, _ = io.ReadAll(r.Body)
	case r.Header.Get("Content-Length") == "":
		c.Body, _ = io.ReadAll(reader)
		c.Size = int64(len(c.Body))
	default:
		c.Body, _ = io.ReadAll(io.LimitReader(reader, r.ContentLength))
	}
	c.Time, _ = http.ParseTime(r.Header.Get("Date"))
	return []Request{c}, nil
}

// An entry is one of a HAR's.
type entry struct {
	StartedDateTime time.Time
	Request         struct {
		Method  string
		URL     string
		Headers []struct{ Name, Value string }
		// PostData has an encoding where the text is not that of the body; browsers put it there,
		// the standard knows it of answers only.
		PostData *struct{ Text, Encoding string }
	}
	Response struct{ Status int }
}

func readEntries(entries []entry) ([]Request, error) {
	if len(entries) == 0 {
		return nil, errors.New("the HAR has no entry")
	}
	var requests []Request
	for i, e := range entries {
		c := Request{
			Name: fmt.Sprintf("entry %d", i+1), Method: e.Request.Method, Target: e.Request.URL, Header: http.Header{},
			Time: e.StartedDateTime, Status: e.Response.Status,
		}
		for _, h := range e.Request.Headers {
			if !strings.HasPrefix(h.Name, ":") {
				c.Header.Add(h.Name, h.Value)
			}
		}
		if post := e.Request.PostData; post != nil {
			c.Body = []byte(post.Text)
			if post.Encoding == "base64" {
				decoded, err := base64.StdEncoding.DecodeString(post.Text)
				if err != nil {
					return nil, fmt.Errorf("%s: postData: %w", c.Name, err)
				}
				c.Body = decoded
			}
		}
		c.Size = int64(len(c.Body))
		requests = append(requests, c)
	}
	return requests, nil
}

// A line is one of Traefik's access log.
type line struct {
	RequestMethod      string
	RequestPath        string
	RequestContentSize int64
	StartUTC           time.Time
	Time               time.Time
	DownstreamStatus   int
}

// readLog reads lines of an access log. They have no body, and the query only where the log keeps
// it.
func readLog(content []byte) ([]Request, error) {
	var requests []Request
	for i, text := range bytes.Split(content, []byte("\n")) {
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		name := fmt.Sprintf("line %d", i+1)
		var l line
		var fields map[string]any
		if err := errors.Join(json.Unmarshal(text, &l), json.Unmarshal(text, &fields)); err != nil {
			return nil, fmt.Errorf("%s: %w: %w", name, errUnknown, err)
		}
		if l.RequestMethod == "" || l.RequestPath == "" {
			return nil, fmt.Errorf("%s: %w; this line has no RequestMethod or no RequestPath", name, errUnknown)
		}
		c := Request{
			Name: name, Method: l.RequestMethod, Target: l.RequestPath, Header: http.Header{},
			Size: l.RequestContentSize, Time: l.StartUTC, Partial: "body", Status: l.DownstreamStatus,
		}
		if c.Time.IsZero() {
			c.Time = l.Time
		}
		if !strings.Contains(c.Target, "?") {
			c.Partial = "query and body"
		}
		for field, value := range fields {
			if header, is := strings.CutPrefix(field, "request_"); is {
				if text, is := value.(string); is {
					c.Header.Set(textproto.CanonicalMIMEHeaderKey(header), text)
				}
			}
		}
		requests = append(requests, c)
	}
	return requests, nil
}
