package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/chatgate/chatgate/yaegi/internal/capture"
	"github.com/chatgate/chatgate/yaegi/internal/explain"
)

const checkHelp = `chatgate check -config FILE (-request FILE | -url URL -body FILE) [flags]

Says offline whether the gate would let a captured callback in, check by check. It asks the plugin itself, with the options in the file.

A capture is a raw HTTP request, a HAR, or lines of Traefik's access log in JSON. A log has no body: it tells what the URL alone decides.

The exit code is 0 if all are let in; 1 if one is refused, or is no callback; 2 for a mistake on the command line, a file that can't be
read, and a capture that has too little in it.

`

func check(_ context.Context, arguments []string, stdin io.Reader, stdout io.Writer) error {
	flags := flag.NewFlagSet("check", flag.ContinueOnError)
	config := flags.String("config", "", "YAML `file` with the plugin's options: Traefik's dynamic configuration, a Kubernetes Middleware, or the\n"+
		"options alone")
	middleware := flags.String("middleware", "", "`name` of the middleware, where the file has several gates")
	tokenFile := flags.String("token-file", "", "`file` with one token a line, in place of the configuration's tokens")
	request := flags.String("request", "", "`file` with what was captured; - reads the standard input")
	target := flags.String("url", "", "`URL` of the callback, with all its parameters")
	bodyFile := flags.String("body", "", "`file` with its body")
	at := flags.String("at", "", "`time` when it came, in RFC 3339 or Unix seconds, for RequestTime (default: what the capture says, else now)")
	asJSON := flags.Bool("json", false, "print one line of JSON for each callback")
	if err := parseFlags(flags, arguments, checkHelp, stdout); err != nil {
		return err
	}
	if *config == "" {
		return usageError{errors.New("-config: expected the file with the plugin's options")}
	}
	if (*request == "") == (*target == "") {
		return usageError{errors.New("expected either -request, or -url and -body")}
	}
	moment, err := parseTime(*at)
	if err != nil {
		return err
	}
	gate, err := loadTwin(*config, *middleware, *tokenFile)
	if err != nil {
		return noVerdict{err}
	}
	captured, err := readCapture(*request, *target, *bodyFile, stdin)
	if err != nil {
		return noVerdict{err}
	}
	return checkAll(gate, captured, moment, stdout, *asJSON)
}

// A noVerdict is why nothing can be said about a callback.
type noVerdict struct{ error }

func parseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	var seconds int64
	if _, err := fmt.Sscanf(text+"\n", "%d\n", &seconds); err == nil {
		return time.Unix(seconds, 0), nil
	}
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return moment, usageError{fmt.Errorf("-at: expected a time such as 2026-01-31T12:00:00Z or 1769860800, found %q", text)}
	}
	return moment, nil
}

// loadTwin makes a gate of the options in a file.
func loadTwin(file, middleware, tokenFile string) (*explain.Gate, error) {
	options, err := readGate(file, middleware)
	if err != nil {
		return nil, err
	}
	if tokenFile != "" {
		for name := range options {
			if strings.EqualFold(name, "token") || strings.EqualFold(name, "tokenFile") {
				delete(options, name)
			}
		}
		options["tokenFile"] = tokenFile
	}
	gate, err := explain.New(options)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, token := range gate.Config.Token {
		if strings.HasPrefix(token, "urn:k8s:secret:") {
			return nil, fmt.Errorf("%s: token: %s stands for a Secret; give its value with -token-file", file, token)
		}
	}
	return gate, nil
}

func readCapture(request, target, bodyFile string, stdin io.Reader) ([]capture.Request, error) {
	if target != "" {
		c := capture.Request{Name: "request", Method: http.MethodPost, Target: target, Header: http.Header{}}
		var err error
		if bodyFile != "" {
			c.Body, err = os.ReadFile(bodyFile)
		}
		c.Size = int64(len(c.Body))
		return []capture.Request{c}, err
	}
	var content []byte
	var err error
	if request == "-" {
		content, err = io.ReadAll(stdin)
	} else {
		content, err = os.ReadFile(request)
	}
	if err != nil {
		return nil, err
	}
	captured, err := capture.Read(content)
	if err != nil {
		err = fmt.Errorf("%s: %w", request, err)
	}
	return captured, err
}

// A finding is what is said of one captured request.
type finding struct {
	Name string `json:"name"`
	explain.Account
	Known  bool            `json:"known"` // the capture has enough in it for the verdict
	Lacks  string          `json:"lacks,omitempty"`
	Status int             `json:"status,omitempty"` // what the capture says it was answered with
	Checks []explain.Check `json:"checks"`
	Set    http.Header     `json:"set,omitempty"`
}

func checkAll(gate *explain.Gate, captured []capture.Request, at time.Time, out io.Writer, asJSON bool) error {
	refused, unknown := 0, 0
	for _, c := range captured {
		f, err := checkOne(gate, c, at)
		if err != nil {
			return noVerdict{err}
		}
		switch {
		case !f.Known:
			unknown++
		case f.Verdict != explain.Forwarded && f.Verdict != explain.Answered:
			refused++
		}
		if asJSON {
			_ = json.NewEncoder(out).Encode(f)
		} else {
			printFinding(out, f, len(captured) == 1)
		}
	}
	switch {
	case refused > 0:
		return fmt.Errorf("%d of %d not let in", refused, len(captured))
	case unknown > 0:
		return noVerdict{fmt.Errorf("no verdict on %d of %d: the capture has too little in it", unknown, len(captured))}
	}
	return nil
}

func checkOne(gate *explain.Gate, c capture.Request, at time.Time) (finding, error) {
	if at.IsZero() {
		at = c.Time
	}
	if at.IsZero() {
		at = time.Now()
	}
	r, err := c.HTTP()
	if err != nil {
		return finding{}, err
	}
	body := c.Body
	if c.Partial != "" {
		body = unknownBody(c.Size)
	}
	before := r.Header.Clone()
	o, after := gate.RunAt(r, body, at)
	f := finding{Name: c.Name, Account: gate.Explain(o), Known: true, Status: c.Status}
	if gate.Config.Mode == "monitor" && f.Verdict == explain.Refused {
		f.Verdict = explain.WouldRefuse
	}
	f.Checks = f.Account.Checks()
	if c.Partial != "" && f.Verdict != explain.Unchecked {
		f.Known = f.Refusal != nil && f.Refusal.Decided() && c.Partial == "body"
		if !f.Known {
			f.Lacks, f.Refusal, f.Verdict = c.Partial, nil, ""
			f.Checks = f.Account.ChecksOfURL()
			if c.Partial != "body" {
				f.Checks = []explain.Check{}
			}
		}
	}
	if f.Known && f.Verdict == explain.Forwarded {
		f.Set = setBy(before, after)
	}
	return f, nil
}

// unknownBody stands for a body of a size: no check of the URL looks at it, and no check of what is
// in a body passes it.
func unknownBody(size int64) []byte {
	const longest = 64<<20 + 1 // any is too long that is longer than the longest limit
	return bytes.Repeat([]byte("?"), int(min(max(size, 1), longest)))
}

// setBy is the headers that after has and before has not.
func setBy(before, after http.Header) http.Header {
	set := http.Header{}
	for name, values := range after {
		if strings.Join(before[name], "\n") != strings.Join(values, "\n") {
			set[name] = values
		}
	}
	return set
}

// printFinding prints a finding for people; one among many that was let in, on one line.
func printFinding(out io.Writer, f finding, alone bool) {
	fmt.Fprintf(out, "%s: %s\n", f.Name, strings.Map(visible, sentence(f)))
	if r := f.Refusal; r != nil {
		printWrapped(out, "expected", r.Expected)
		printWrapped(out, "found", r.Found)
		printWrapped(out, "to do", r.Remedy)
	}
	if f.Status != 0 {
		printWrapped(out, "answered", fmt.Sprintf("%d, says the capture", f.Status))
	}
	if !alone && f.Known && f.Refusal == nil {
		return
	}
	for _, c := range f.Checks {
		note := ""
		if c.Note != "" {
			note = " (" + c.Note + ")"
		}
		printWrapped(out, string(c.Outcome), c.Title+note)
	}
	names := []string{}
	for name := range f.Set {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		printWrapped(out, "sets", name+": "+strings.Join(f.Set[name], ", "))
	}
}

func printWrapped(out io.Writer, word, text string) {
	fmt.Fprintf(out, "  %-10s  %s\n", word, strings.Map(visible, text))
}

// sentence is the verdict in words.
func sentence(f finding) string {
	about := f.Command
	if about == "" {
		about = "no command"
	}
	switch {
	case !f.Known:
		return about + ": no verdict, the capture lacks the " + f.Lacks
	case f.Refusal != nil:
		return fmt.Sprintf("%s: %s with %d, code %d: %s", about, f.Verdict, f.Refusal.Status, f.Refusal.Code, f.Refusal.Meaning)
	case f.Verdict == explain.Unchecked:
		return about + ": not a callback: no POST to the callback path, so it is forwarded unchecked, without the gate's headers"
	}
	return about + ": " + string(f.Verdict)
}
