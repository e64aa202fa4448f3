package protocol

import (
	"net/url"
	"sort"
	"strings"
)

// The parameters that Tencent Cloud Chat appends to the callback URL ("Webhook protocol"). Other parameters are the operator's own.
var parameters = map[string]bool{
	"SdkAppid": true, "CallbackCommand": true, "contenttype": true, "ClientIP": true, "OptPlatform": true,
	"Sign": true, "RequestTime": true,
}

// sourceParameters are those that Value can return. Whoever sees the others could send callbacks for a minute.
var sourceParameters = map[string]bool{"SdkAppid": true, "CallbackCommand": true, "ClientIP": true, "OptPlatform": true}

// parametersByFold finds a parameter by its folded name.
var parametersByFold = foldedNames(parameters)

// parseQuery reads the URL's query, refusing whatever another parser could read in another way.
func parseQuery(raw string) (url.Values, *Refusal) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return query, malformed(raw, err)
	}
	for name, values := range query {
		if !parameters[name] {
			if refusal := checkStranger(name); refusal != nil {
				return query, refusal
			}
		} else if len(values) > 1 {
			return query, refuse(ParameterRepeated, name+" must be there once")
		}
	}
	return query, nil
}

// malformed names the fault without showing the query, which holds the signature.
func malformed(raw string, err error) *Refusal {
	if escape, ok := err.(url.EscapeError); ok { //nolint:errorlint // errors.As on a local variable costs more and finds the same
		return refuse(QueryMalformed, "a percent sign must be followed by two hexadecimal digits, found "+Quote(string(escape)))
	}
	if strings.Contains(raw, ";") {
		return refuse(QueryMalformed, "a semicolon must be written as %3B, parameters are separated by &")
	}
	return refuse(QueryMalformed, "expected name=value pairs separated by &")
}

// checkStranger refuses a parameter that a lenient parser takes for one of ours: in another case (ASP.NET), as an array (PHP, Rails),
// with leading space or cut at a NUL (PHP).
func checkStranger(name string) *Refusal {
	seen := name
	if cut := strings.IndexAny(seen, "[\x00"); cut >= 0 {
		seen = seen[:cut]
	}
	if twin, ok := parametersByFold[fold(strings.TrimSpace(seen))]; ok {
		return refuse(ParameterRepeated, Quote(name)+" can be taken for "+twin+", which must be spelt exactly so")
	}
	return nil
}

// fold maps names to one spelling where a parser that ignores case takes them for the same. Upper case first: that takes in
// U+017F (long s) and U+0131 (dotless i), lower case U+212A (Kelvin) and U+0130.
func fold(name string) string { return strings.ToLower(strings.ToUpper(name)) }

// foldedNames maps every name's folded spelling to the name.
func foldedNames(names map[string]bool) map[string]string {
	folded := map[string]string{}
	for name := range names {
		folded[fold(name)] = name
	}
	return folded
}

func sortedNames(names map[string]bool) []string {
	sorted := make([]string, 0, len(names))
	for name := range names {
		sorted = append(sorted, name)
	}
	sort.Strings(sorted)
	return sorted
}
