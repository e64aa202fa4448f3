package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const app = "1400000000"

// A request in pieces, so that one can be changed, or left out, without a parser.
type request struct {
	command string
	query   []string // what stands between the ampersands
	types   []string // the Content-Type lines
	before  string   // what stands in front of the object
	members []member
	after   string
	space   string // between the object's tokens
}

// member is a name and a value as they are written: a name has its quotes.
type member struct{ name, value string }

func (q *request) clone() *request {
	c := *q
	c.query = append([]string(nil), q.query...)
	c.types = append([]string(nil), q.types...)
	c.members = append([]member(nil), q.members...)
	return &c
}

func (q *request) target() string { return "/callback?" + strings.Join(q.query, "&") }

func (q *request) body() string {
	pieces := make([]string, len(q.members))
	for i, m := range q.members {
		pieces[i] = q.space + m.name + q.space + ":" + q.space + m.value
	}
	return q.before + "{" + strings.Join(pieces, q.space+",") + q.space + "}" + q.after
}

// wire is the request as it is sent.
func (q *request) wire() string {
	body := q.body()
	text := "POST " + q.target() + " HTTP/1.1\r\nHost: chat.example\r\n"
	for _, line := range q.types {
		text += "Content-Type: " + line + "\r\n"
	}
	return text + "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

// at returns where a member stands, -1 for nowhere.
func (q *request) at(field string) int {
	for i, m := range q.members {
		if m.name == `"`+field+`"` {
			return i
		}
	}
	return -1
}

func (q *request) drop(field string) {
	if i := q.at(field); i >= 0 {
		q.members = append(append([]member(nil), q.members[:i]...), q.members[i+1:]...)
	}
}

// put adds a member at a place, from 0 for the front.
func (q *request) put(place int, m member) {
	members := append([]member(nil), q.members[:place]...)
	q.members = append(append(members, m), q.members[place:]...)
}

func (q *request) putPiece(place int, piece string) {
	pieces := append([]string(nil), q.query[:place]...)
	q.query = append(append(pieces, piece), q.query[place:]...)
}

// corpus reads the well-formed callbacks of testdata: a body for each command, and whole requests.
func corpus(dir string) ([]*request, error) {
	var found []*request
	files, _ := filepath.Glob(filepath.Join(dir, "commands", "*.json")) // the pattern is right
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		command := strings.TrimSuffix(filepath.Base(file), ".json")
		query := "SdkAppid=" + app + "&CallbackCommand=" + command + "&contenttype=json&ClientIP=203.0.113.7&OptPlatform=RESTAPI"
		q, err := parse(command, query, text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		found = append(found, q)
	}
	files, _ = filepath.Glob(filepath.Join(dir, "requests", "*.http"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		head, body, _ := bytes.Cut(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\n\n"))
		target := strings.Fields(string(head))[1]
		_, query, _ := strings.Cut(target, "?")
		_, command, _ := strings.Cut(query, "CallbackCommand=")
		command, _, _ = strings.Cut(command, "&")
		if len(body) > 4096 {
			continue // each reader would read the same five hundred members again and again
		}
		q, err := parse(command, query, body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		found = append(found, q)
	}
	if found == nil {
		return nil, fmt.Errorf("no callbacks in %s", dir)
	}
	for _, q := range found {
		c := q.clone()
		c.types = []string{"application/json"}
		found = append(found, c)
	}
	return found, nil
}

func parse(command, query string, body []byte) (*request, error) {
	q := &request{command: command, query: strings.Split(query, "&")}
	decoder := json.NewDecoder(bytes.NewReader(body))
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		q.members = append(q.members, member{strconv.Quote(name.(string)), string(compact(value))})
	}
	return q, nil
}
