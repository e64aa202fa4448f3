package main

import (
	"bytes"
	"encoding/json"
	"strings"
)

// folding is a model, not a parser of anybody's: it does what fastjson documents of its beans. A
// name that matches no property as it is spelt is looked up again without its case, underscores,
// hyphens, and spaces.
func folding(body []byte, firstWins bool) found {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil
	}
	f := found{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil
		}
		var value any
		if decoder.Decode(&value) != nil {
			return nil
		}
		name, _ := token.(string)
		field := property(name)
		read, ok := text(value)
		if _, has := f[field]; field == "" || !ok || has && firstWins {
			continue
		}
		f[field] = read
	}
	return f
}

var folds = strings.NewReplacer("_", "", "-", "", " ", "")

func fold(name string) string { return strings.ToLower(folds.Replace(name)) }

var properties map[string]string

func property(name string) string {
	if properties == nil {
		properties = map[string]string{}
		for _, field := range fields {
			properties[fold(field)] = field
		}
	}
	return properties[fold(name)]
}
