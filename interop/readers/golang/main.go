// Command golang is Go's parsers of JSON and of URLs, and a model of a parser that folds names.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/buger/jsonparser"
	goccy "github.com/goccy/go-json"
	jsoniter "github.com/json-iterator/go"
	segmentio "github.com/segmentio/encoding/json"
	"github.com/tidwall/gjson"
	"github.com/valyala/fastjson"
)

// Callback is what an application declares: names match in any case.
type Callback struct {
	CallbackCommand  *string
	GroupId          *string //nolint:revive // as the vendor writes it
	TopicId          *string //nolint:revive // as the vendor writes it
	Operator_Account *string //nolint:revive // as the vendor writes it
	Owner_Account    *string //nolint:revive // as the vendor writes it
	From_Account     *string //nolint:revive // as the vendor writes it
	Type             *string
	Name             *string
}

const known = "|CallbackCommand,GroupId,TopicId,Operator_Account,Owner_Account,From_Account,Type,Name"

type found = map[string]string

func (c *Callback) found() found {
	f := found{}
	for name, value := range map[string]*string{
		"CallbackCommand": c.CallbackCommand, "GroupId": c.GroupId, "TopicId": c.TopicId, "Operator_Account": c.Operator_Account,
		"Owner_Account": c.Owner_Account, "From_Account": c.From_Account, "Type": c.Type, "Name": c.Name,
	} {
		if value != nil {
			f[name] = *value
		}
	}
	return f
}

var fields []string

// text is a scalar as text, false for null.
func text(value any) (string, bool) {
	switch v := value.(type) {
	case nil:
		return "", false
	case string:
		return v, true
	case float64:
		if v == math.Floor(v) && math.Abs(v) < 1e300 {
			return strconv.FormatFloat(v, 'f', 0, 64), true
		}
		return strconv.FormatFloat(v, 'g', -1, 64), true
	case bool, json.Number:
		return fmt.Sprint(v), true
	}
	return fmt.Sprintf("<%T>", value), true
}

func ofMap(object map[string]any) found {
	if object == nil {
		return nil
	}
	f := found{}
	for _, field := range fields {
		if value, ok := text(object[field]); ok {
			f[field] = value
		}
	}
	return f
}

type unmarshal func([]byte, any) error

func intoMap(parse unmarshal) func([]byte) found {
	return func(body []byte) found {
		var object map[string]any
		if parse(body, &object) != nil {
			return nil
		}
		return ofMap(object)
	}
}

func intoStruct(parse unmarshal) func([]byte) found {
	return func(body []byte) found {
		var callback Callback
		if parse(body, &callback) != nil {
			return nil
		}
		return callback.found()
	}
}

func numbers(body []byte, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	return decoder.Decode(v)
}

func ofGJSON(body []byte) found {
	if !gjson.ValidBytes(body) {
		return nil
	}
	f := found{}
	for _, field := range fields {
		if value := gjson.GetBytes(body, field); value.Exists() && value.Type != gjson.Null {
			f[field] = value.String()
			if value.Type == gjson.Number {
				f[field] = value.Raw
			}
		}
	}
	return f
}

func ofJSONParser(body []byte) found {
	f := found{}
	for _, field := range fields {
		value, kind, _, err := jsonparser.Get(body, field)
		if errors.Is(err, jsonparser.KeyPathNotFoundError) {
			continue
		} else if err != nil {
			return nil
		}
		switch kind {
		case jsonparser.Null:
		case jsonparser.String:
			if f[field], err = jsonparser.ParseString(value); err != nil {
				return nil
			}
		default:
			f[field] = string(value)
		}
	}
	return f
}

func ofFastJSON(body []byte) found {
	object, err := fastjson.ParseBytes(body)
	if err != nil || object.Type() != fastjson.TypeObject {
		return nil
	}
	f := found{}
	for _, field := range fields {
		switch value := object.Get(field); {
		case value == nil || value.Type() == fastjson.TypeNull:
		case value.Type() == fastjson.TypeString:
			f[field] = string(value.GetStringBytes())
		default:
			f[field] = value.String()
		}
	}
	return f
}

var bodies = map[string]func([]byte) found{
	"encoding/json map":                 intoMap(json.Unmarshal),
	"encoding/json map of numbers":      intoMap(numbers),
	"encoding/json struct" + known:      intoStruct(json.Unmarshal),
	"json-iterator map":                 intoMap(jsoniter.ConfigCompatibleWithStandardLibrary.Unmarshal),
	"json-iterator struct" + known:      intoStruct(jsoniter.ConfigCompatibleWithStandardLibrary.Unmarshal),
	"json-iterator fastest" + known:     intoStruct(jsoniter.ConfigFastest.Unmarshal),
	"goccy/go-json map":                 intoMap(goccy.Unmarshal),
	"goccy/go-json struct" + known:      intoStruct(goccy.Unmarshal),
	"segmentio/encoding map":            intoMap(segmentio.Unmarshal),
	"segmentio/encoding struct" + known: intoStruct(segmentio.Unmarshal),
	"gjson":                             ofGJSON,
	"jsonparser":                        ofJSONParser,
	"valyala/fastjson":                  ofFastJSON,
	"model: folds names, first wins":    func(body []byte) found { return folding(body, true) },
	"model: folds names, last wins":     func(body []byte) found { return folding(body, false) },
}

func parsed(raw string) found {
	values, _ := url.ParseQuery(raw) // what it makes of the rest
	f := found{}
	for _, field := range fields {
		if values.Has(field) {
			f[field] = values.Get(field)
		}
	}
	return f
}

var targets = map[string]func(string) found{
	"net/url ParseQuery": func(target string) found {
		_, raw, _ := strings.Cut(target, "?")
		return parsed(raw)
	},
	"net/url Parse": func(target string) found {
		u, err := url.Parse(target)
		if err != nil {
			return nil
		}
		return parsed(u.RawQuery)
	},
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<16)
	out := bufio.NewWriterSize(os.Stdout, 1<<16)
	line, _ := in.ReadBytes('\n')
	_ = json.Unmarshal(line, &fields)
	hello := map[string]string{}
	for name := range bodies {
		reader, limit, limited := strings.Cut(name, "|")
		hello[reader] = "body"
		if limited {
			hello[reader] += ":" + limit
		}
	}
	for name := range targets {
		hello[name] = "query"
	}
	tell(out, hello)
	_ = out.Flush()
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		if len(line) == 1 {
			_ = out.Flush()
			continue
		}
		var request struct{ Ask, T, B string }
		_ = json.Unmarshal(line, &request)
		body, _ := base64.StdEncoding.DecodeString(request.B)
		target, _ := base64.StdEncoding.DecodeString(request.T)
		told := map[string]found{}
		if strings.Contains(request.Ask, "b") {
			for name, read := range bodies {
				reader, _, _ := strings.Cut(name, "|")
				told[reader] = safely(func() found { return read(append([]byte(nil), body...)) })
			}
		}
		if strings.Contains(request.Ask, "q") {
			for name, read := range targets {
				told[name] = read(string(target))
			}
		}
		tell(out, told)
	}
}

// safely takes a panic for a refusal, as a server does.
func safely(read func() found) (f found) {
	defer func() {
		if recover() != nil {
			f = nil
		}
	}()
	return read()
}

func tell(out *bufio.Writer, value any) {
	line, _ := json.Marshal(value)
	_, _ = out.Write(append(line, '\n'))
}
