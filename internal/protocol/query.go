package protocol

import (
	"net/url"
	"strconv"
	"strings"
)

// parameters are those that Tencent Cloud Chat appends to the callback URL ("Webhook protocol"),
// and those that it was seen to. Others are foreign: the operator's own.
var parameters = map[string]bool{
	"SdkAppid": true, "CallbackCommand": true, "contenttype": true, "ClientIP": true, "OptPlatform": true,
	"Sign": true, "RequestTime": true,
	"RequestID": true, "RequestId": true, // in captures of 2022, in no documentation
}

// sourceParameters are those that Value can return. Whoever sees the others could send callbacks
// for a minute.
var sourceParameters = map[string]bool{"SdkAppid": true, "CallbackCommand": true, "ClientIP": true, "OptPlatform": true}

// A Target is what the URL says of a callback, as it came; empty is what it does not say.
type Target struct {
	App         string // SdkAppid
	Command     string // CallbackCommand
	Format      string // contenttype
	Sign        string
	RequestTime string // Unix seconds
}

// TargetOf is the target of a URL with this query.
func TargetOf(query url.Values) *Target {
	return &Target{
		App: query.Get("SdkAppid"), Command: query.Get("CallbackCommand"), Format: query.Get("contenttype"),
		Sign: query.Get("Sign"), RequestTime: query.Get("RequestTime"),
	}
}

// maxParameters is how many parameters a URL may have: some readers see none beyond their own
// limit, of 1000 in most.
const maxParameters = 100

// MaxQuery is how many bytes a query may have: some 400 are the vendor's, and many servers refuse a
// longer URL.
const MaxQuery = 8192

// ParseQuery reads a URL's query, refusing whatever another parser could read in another way.
func ParseQuery(raw string) (url.Values, *Refusal) {
	if len(raw) > MaxQuery || strings.Count(raw, "&") >= maxParameters {
		return nil, tooMuch(raw)
	}
	query, err := url.ParseQuery(raw)
	if err != nil || strings.ContainsAny(raw, "#"+unwritten) {
		return query, malformed(raw, err)
	}
	literal := strings.Trim(raw, printableASCII) == "" && !strings.ContainsAny(raw, "%+")
	for name, values := range query {
		if literal && len(values) == 1 && parameters[name] {
			continue
		}
		if checkParameter(name, values) != nil {
			return query, firstParameterFault(query)
		}
	}
	return query, nil
}

// firstParameterFault finds the fault of the parameter whose name comes first, so that a URL with
// several is always refused for the same.
func firstParameterFault(query url.Values) *Refusal {
	names := map[string]bool{}
	for name := range query {
		names[name] = true
	}
	for _, name := range sortedNames(names) {
		if refusal := checkParameter(name, query[name]); refusal != nil {
			return refusal
		}
	}
	return nil
}

func checkParameter(name string, values []string) *Refusal {
	if !parameters[name] {
		return checkForeign(name)
	}
	if len(values) > 1 {
		return refuse(ParameterRepeated, name+" must be there once")
	}
	if strings.Trim(values[0], printableASCII) != "" {
		return refuse(QueryMalformed, name+": expected printable ASCII without spaces, found another character") // not shown, it may be Sign
	}
	return nil
}

// printableASCII is what the vendor's values consist of. Other characters, and the space, are read
// in several ways.
const printableASCII = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"

// unwritten is what stands in no URL as it is, but can come over HTTP/2.
const unwritten = " \x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f"

func tooMuch(raw string) *Refusal {
	if len(raw) > MaxQuery {
		return refuse(QueryMalformed, "expected at most "+strconv.Itoa(MaxQuery)+" bytes")
	}
	return refuse(QueryMalformed, "expected at most "+strconv.Itoa(maxParameters)+" parameters")
}

// malformed names the fault without showing the query, which holds the signature.
func malformed(raw string, err error) *Refusal {
	if escape, ok := err.(url.EscapeError); ok { //nolint:errorlint // it is never wrapped
		return refuse(QueryMalformed, "a percent sign must be followed by two hexadecimal digits, found "+Quote(string(escape)))
	}
	if strings.ContainsAny(raw, unwritten) {
		return refuse(QueryMalformed, "a space or a control character must be percent-encoded")
	}
	if strings.Contains(raw, "#") {
		return refuse(QueryMalformed, "a number sign must be written as %23: there many readers stop")
	}
	if strings.Contains(raw, ";") {
		return refuse(QueryMalformed, "a semicolon must be written as %3B, parameters are separated by &")
	}
	return refuse(QueryMalformed, "expected name=value pairs separated by &")
}

// foldedParameters finds one of the vendor's parameters by its folded name.
var foldedParameters = map[string]string{
	"sdkappid": "SdkAppid", "callbackcommand": "CallbackCommand", "contenttype": "contenttype", "clientip": "ClientIP",
	"optplatform": "OptPlatform", "sign": "Sign", "requesttime": "RequestTime",
}

// checkForeign refuses a foreign parameter that a lenient parser takes for one of the vendor's: in
// another case (ASP.NET), as an array or in brackets (PHP, Rack, qs), behind a space (PHP), a dot
// (qs), a byte order mark, or the question mark of a URL.
func checkForeign(name string) *Refusal {
	pieces := strings.Join(strings.Fields(separators.Replace(name)), "\n")
	for _, piece := range strings.Split(fold(pieces), "\n") {
		if known := foldedParameters[piece]; known != "" {
			return refuse(ParameterRepeated, Quote(name)+" can be taken for "+known+", which must be spelt exactly so")
		}
	}
	if strings.ContainsAny(name, unwritten[1:]) {
		return refuse(QueryMalformed, "a parameter's name has a control character: "+Quote(name))
	}
	return nil
}

var separators = strings.NewReplacer("[", " ", "]", " ", "?", " ", "#", " ", ".", " ", "\x00", " ", "\ufeff", " ")
