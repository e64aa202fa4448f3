package callback

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sort"
	"strconv"

	"github.com/chatgate/chatgate/internal/protocol"
)

// FromGate reads an event that the chatgate middleware has let in, with its default headers,
// X-Chat-Group-Id and X-Chat-Operator. Nothing is checked but that the request has those that its
// body calls for, and that they agree with the body. So the backend must be reached through the
// gate alone.
//
// A command that has neither a group nor an operator gets neither header, and is an error: a gate
// that lets it in needs a header of its own for it, such as one from CallbackCommand, and the
// backend Config.GateHeaders.
func FromGate(r *http.Request) (*Event, error) { return behindGate.Parse(r) }

var behindGate = &Receiver{
	policy: &protocol.Policy{MaxBody: protocol.MaxBody},
	gate:   map[string]string{"X-Chat-Group-Id": "GroupId", "X-Chat-Operator": "Operator"},
}

// parseGate reads an event from the gate's headers, whose sources are given, and the body.
func parseGate(sources map[string]string, limit int64, r *http.Request) (*Event, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	command := query.Get("CallbackCommand")
	if err != nil {
		return nil, newError(protocol.QueryMalformed, "expected name=value pairs separated by &", command)
	}
	names := make([]string, 0, len(sources))
	there := 0
	for name := range sources {
		names = append(names, name)
		there += len(r.Header[name])
	}
	sort.Strings(names)
	if there == 0 {
		return nil, newError(notFromGate, "found none of its headers", command)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, limit))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, newError(protocol.BodyTooLarge, "expected at most "+strconv.FormatInt(limit, 10)+" bytes", command)
	} else if err != nil {
		return nil, newError(protocol.BodyBroken, err.Error(), command)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	event, err := newEvent(query, body)
	if err != nil || event.fields == nil {
		return nil, newError(protocol.BodyNotJSON, "expected the body of a callback", command)
	}
	event.GroupID = event.text("GroupId")
	event.Operator = event.operator()
	if protocol.SchemaOf(command) == nil {
		return event, nil // the gate knows the command, and that it does so it says with its headers
	}
	for _, name := range names {
		if err := checkHeader(event, query, name, sources[name], r.Header[name]); err != nil {
			return nil, err
		}
	}
	return event, nil
}

// checkHeader tells what is wrong with one of the gate's headers.
func checkHeader(event *Event, query url.Values, name, source string, values []string) error {
	expected, strict := sourceText(event, query, source)
	if len(values) == 0 {
		if expected == "" || !strict {
			return nil
		}
		return newError(notFromGate, name, event.Command)
	}
	if value, err := url.PathUnescape(values[0]); err != nil || len(values) > 1 || value != expected {
		return newError(gateDisagrees, name+": expected "+protocol.Quote(expected), event.Command)
	}
	return nil
}

// sourceText returns what a source has in an event, and whether its header must be there: that of a
// text which users write at length may be left out.
func sourceText(event *Event, query url.Values, source string) (string, bool) {
	switch source {
	case "Operator":
		return event.Operator, true
	case "EventId":
		return event.ID, true
	case "SdkAppid", "ClientIP", "OptPlatform":
		return query.Get(source), true
	case "CallbackCommand":
		return event.Command, true
	}
	f := protocol.SchemaOf(event.Command).FieldAt(source)
	if f == nil {
		return "", false
	}
	return event.text(source), f.Kind != kindOfTexts
}

// kindOfTexts is the kind of a field that users write at length.
var kindOfTexts = protocol.SchemaOf(CommandGroupAfterCreateGroup).FieldAt("Name").Kind
