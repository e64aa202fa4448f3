package main

import (
	"bytes"
	"encoding/json"
	"regexp"
	"sort"

	"github.com/chatgate/chatgate/internal/answer"
	"github.com/chatgate/chatgate/internal/protocol"
)

const dialect = "https://json-schema.org/draft/2020-12/schema"

type object = map[string]any

// addSchemas writes a JSON Schema for each body and each answer, and one OpenAPI document with all.
func addSchemas(_ string, files map[string][]byte) error {
	schemas := object{"Failure": failureSchema()}
	webhooks := object{}
	for _, command := range protocol.Commands() {
		body := bodySchema(command)
		reply := replySchema(command)
		if err := addJSON(files, "docs/schema/commands/"+command+".json", standalone(body)); err != nil {
			return err
		}
		if err := addJSON(files, "docs/schema/replies/"+command+".json", standalone(reply)); err != nil {
			return err
		}
		name := typeName(command)
		schemas[name] = body
		schemas[name+"Reply"] = reply
		webhooks[command] = object{"post": operation(command, name)}
	}
	return addJSON(files, "docs/schema/openapi.json", object{
		"openapi": "3.1.0",
		"info": object{
			"title": "Callbacks of Tencent Cloud Chat", "version": "1",
			"description": "Every callback (webhook) as chatgate checks it. Generated from its table; Tencent does not publish it.",
			"license":     object{"name": "MIT", "identifier": "MIT"},
		},
		"jsonSchemaDialect": dialect,
		"webhooks":          webhooks,
		"components":        object{"schemas": schemas},
	})
}

func addJSON(files map[string][]byte, name string, value any) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(value)
	files[name] = text.Bytes()
	return err
}

// standalone is a schema as a document of its own.
func standalone(schema object) object {
	document := object{"$schema": dialect}
	for name, value := range schema {
		document[name] = value
	}
	return document
}

func bodySchema(command string) object {
	s := objectSchema(command, protocol.SchemaOf(command))
	s["title"] = typeName(command)
	s["description"] = "The body of " + command + "."
	properties, _ := s["properties"].(object)
	named := object{"const": command, "description": "the command"}
	if protocol.SchemaOf(command).Fields["CallbackCommand"].Weight == 0 {
		named = object{"enum": []any{command, nil}, "description": "the command"}
	}
	properties["CallbackCommand"] = named
	return s
}

func objectSchema(parent string, schema *protocol.Schema) object {
	properties := object{}
	var required []string
	for _, f := range schema.InOrder {
		property := fieldSchema(f)
		if f.Weight > 0 {
			required = append(required, f.Name)
		} else {
			property = orNull(property)
		}
		property["description"] = docOf(parent, f.Name)
		properties[f.Name] = property
	}
	s := object{"type": "object", "properties": properties, "additionalProperties": true}
	if required != nil {
		s["required"] = required
	}
	return s
}

// greatest is the largest integer of 63 bits, written as it is.
const greatest = json.Number("9223372036854775807")

func fieldSchema(f *protocol.Field) object {
	switch {
	case f.Command != "":
		return object{"type": "string", "pattern": "^" + regexp.QuoteMeta(f.Command) + "$"}
	case f.IsText() && f.Filled:
		return object{"type": "string", "minLength": 1}
	case f.IsText():
		return object{"type": "string"}
	case f.IsStrings():
		return object{"type": "array", "items": object{"type": "string"}}
	case f.IsSigned():
		return object{"type": "integer", "minimum": "-" + greatest, "maximum": greatest}
	case f.Kind == kindInteger:
		return object{"type": "integer", "minimum": 0, "maximum": greatest}
	case f.Kind == kindMilliseconds:
		return object{"type": []string{"integer", "string"}, "minimum": 0, "maximum": greatest, "pattern": "^0*[0-9]{1,19}$"}
	case f.Kind == kindScalar:
		return object{"type": []string{"string", "number"}}
	case f.Kind == kindAny: // each named: some generators take a schema without a type for an object
		return object{"type": []string{"string", "number", "boolean", "object", "array"}, "additionalProperties": true}
	case f.Kind == kindObject && f.Object == nil:
		return object{"type": "object", "additionalProperties": true}
	case f.Kind == kindObject:
		return objectSchema(f.Name, f.Object)
	case f.Kind == kindList:
		return object{"type": "array", "items": objectSchema(f.Name, f.Object)}
	}
	panic("internal/gen/schemas.go: no schema for " + f.Kind)
}

// orNull lets null stand for a member that is absent.
func orNull(s object) object {
	switch kind := s["type"].(type) {
	case string:
		s["type"] = []string{kind, "null"}
	case []string:
		s["type"] = append(kind, "null")
	}
	return s
}

// replySchema is the schema of an answer that the vendor understands.
func replySchema(command string) object {
	form := answer.Of(command)
	properties := object{
		"ActionStatus": object{"const": "OK"},
		"ErrorCode":    object{"description": "the decision", "anyOf": codes(form)},
		"ErrorInfo":    object{"type": "string", "description": "a text for the client, where ErrorCode reaches it"},
	}
	required := []string{"ActionStatus", "ErrorCode", "ErrorInfo"}
	if form.Message {
		properties["MsgBody"] = object{
			"type": "array", "minItems": 1, "description": "the message to deliver instead",
			"items": objectSchema("MsgBody", protocol.SchemaOf(command).Fields["MsgBody"].Object),
		}
		properties["CloudCustomData"] = object{"type": "string", "description": "the custom data to deliver instead"}
	}
	if form.Data {
		properties["RspData"] = object{"type": "string", "description": "what is handed on"}
	}
	if form.Refused != "" {
		properties[form.Refused] = object{"type": "array", "items": object{"type": "string"}, "description": "the accounts that are refused"}
	}
	if form.Each {
		required = append(required, "ResultItem")
		properties["ResultItem"] = object{
			"type": "array", "description": "the decision for each friend",
			"items": object{
				"type": "object",
				"properties": object{
					"To_Account": object{"type": "string", "minLength": 1},
					"ResultCode": object{"anyOf": []any{object{"const": answer.Allow}, rangeOf(form)}},
					"ResultInfo": object{"type": "string"},
				},
				"required": []string{"To_Account", "ResultCode", "ResultInfo"},
			},
		}
	}
	return object{
		"title": typeName(command) + "Reply", "description": "An answer to " + command + ".",
		"type": "object", "properties": properties, "required": required, "additionalProperties": false,
	}
}

func codes(form answer.Form) []any {
	all := []any{object{"const": answer.Allow, "description": "accepted"}}
	if form.Refuse {
		all = append(all, object{"const": answer.Refuse, "description": "refused"})
	}
	if form.Drop {
		all = append(all, object{"const": answer.Drop, "description": "dropped, the sender sees a success"})
	}
	if form.Last > 0 && !form.Each {
		all = append(all, rangeOf(form))
	}
	return all
}

func rangeOf(form answer.Form) object {
	return object{"type": "integer", "minimum": form.First, "maximum": form.Last, "description": "refused, and the client gets the code"}
}

// failureSchema is the schema of an answer that counts as a failed callback.
func failureSchema() object {
	return object{
		"title": "Failure", "description": "A failed callback, as chatgate answers one.", "type": "object",
		"properties": object{
			"ActionStatus": object{"const": "FAIL"},
			"ErrorCode":    object{"type": "integer", "description": "the reason"},
			"ErrorInfo":    object{"type": "string", "description": "the reason in words"},
		},
		"required": []string{"ActionStatus", "ErrorCode", "ErrorInfo"},
	}
}

// operation is a command as a webhook.
func operation(command, name string) object {
	text := func(schema object, parameter string, required bool, doc string) object {
		return object{"name": parameter, "in": "query", "required": required, "description": doc, "schema": schema}
	}
	return object{
		"operationId": name,
		"summary":     "sent " + summary(command),
		"parameters": []any{
			text(object{"type": "string", "pattern": "^[1-9][0-9]*$"}, "SdkAppid", true, "the app"),
			text(object{"const": command}, "CallbackCommand", true, "the command"),
			text(object{"type": "string"}, "contenttype", false, "json, in any case"),
			text(object{"type": "string"}, "ClientIP", false, "the client's address"),
			text(object{"type": "string"}, "OptPlatform", false, "the client's platform, such as iOS; an open set"),
			text(object{"type": "string", "pattern": "^[0-9a-f]{64}$"}, "Sign", false, "lower-case hex of sha256(token + RequestTime), where authentication is switched on"),
			text(object{"type": "string", "pattern": "^[0-9]{1,19}$"}, "RequestTime", false, "seconds since the epoch, where authentication is switched on"),
		},
		"requestBody": object{"required": true, "content": content(name)},
		"responses": object{
			"200":     object{"description": "the decision", "content": content(name + "Reply")},
			"default": object{"description": "a failed callback", "content": content("Failure")},
		},
	}
}

func content(schema string) object {
	return object{"application/json": object{"schema": object{"$ref": "#/components/schemas/" + schema}}}
}

func summary(command string) string {
	if protocol.SchemaOf(command).Before {
		return "before it happens: the answer decides"
	}
	return "after it has happened"
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
