package protocol

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
)

// A Reason is why a callback is refused. Its Code is stable: it is never given another meaning, so
// an operator can search for it. Codes are the HTTP status times a hundred and a running number,
// which keeps them clear of those that tell Tencent Cloud Chat what to do with a before-callback:
// 0, 1, 2, 10100 to 10200, 38000 to 39000 (friends) and 120001 to 130000 (console guide, "Callback
// response").
type Reason struct {
	Status  int    // the HTTP status of the answer
	Code    int    // ErrorCode of the answer
	Meaning string // a short sentence, the beginning of ErrorInfo
}

// The reasons, cheapest check first.
var (
	QueryMalformed    = &Reason{400, 40001, "the query string is malformed"}
	ParameterRepeated = &Reason{400, 40002, "a URL parameter is there more than once"}
	AppMissing        = &Reason{403, 40301, "the URL has no SdkAppid"}
	AppNotAllowed     = &Reason{403, 40302, "this app is not let in"}
	CommandMissing    = &Reason{400, 40003, "the URL has no CallbackCommand"}
	CommandNotAllowed = &Reason{403, 40303, "this command is not let in"}
	FormatNotJSON     = &Reason{415, 41501, "contenttype is not json"}
	SignMissing       = &Reason{401, 40101, "the callback is not signed"}
	TimeMalformed     = &Reason{401, 40102, "RequestTime is malformed"}
	TimeStale         = &Reason{401, 40103, "RequestTime is too old"}
	TimeAhead         = &Reason{401, 40104, "RequestTime is in the future"}
	SignWrong         = &Reason{401, 40105, "Sign is wrong"}
	BodyEncoded       = &Reason{415, 41502, "the body has a Content-Encoding"}
	BodyTooLarge      = &Reason{413, 41301, "the body is too large"}
	BodyBroken        = &Reason{400, 40004, "the body could not be read to its end"}
	BodyNotUTF8       = &Reason{400, 40005, "the body is not UTF-8"}
	BodyNotJSON       = &Reason{400, 40006, "the body is not one JSON object"}
	MemberRepeated    = &Reason{400, 40007, "a member is there more than once"}
	MemberMisspelt    = &Reason{400, 40008, "a member's name is spelt in another way"}
	TooManyMembers    = &Reason{400, 40009, "the body has too many members"}
	CommandMismatch   = &Reason{400, 40010, "URL and body name different commands"}
	FieldMissing      = &Reason{400, 40011, "a required field is missing"}
	FieldInvalid      = &Reason{400, 40012, "a field is not what it should be"}
	ValueUnfit        = &Reason{400, 40013, "a field can not become a header"}
)

// ValueLeftOut is why a header is missing from a callback that is let in. It refuses nothing.
var ValueLeftOut = &Reason{200, 20001, "a field can not become a header, which is left out"}

// What is wrong with a backend's answer, where an option of the gate's asks.
var (
	BackendLate = &Reason{504, 50400, "the backend took too long"}
	NoReply     = &Reason{502, 50200, "the backend's answer is no reply"}
)

// Reasons lists every reason there is, in the order in which a request meets them.
var Reasons = []*Reason{
	QueryMalformed, ParameterRepeated, AppMissing, AppNotAllowed, CommandMissing, CommandNotAllowed, FormatNotJSON,
	SignMissing, TimeMalformed, TimeStale, TimeAhead, SignWrong,
	BodyEncoded, BodyTooLarge, BodyBroken, BodyNotUTF8, BodyNotJSON, MemberRepeated, MemberMisspelt, TooManyMembers,
	CommandMismatch, FieldMissing, FieldInvalid, ValueUnfit,
}

// A Refusal is the verdict on a callback that must not pass: the reason, and what exactly was wrong
// and where. Detail never holds a token, a signature or the body, and at most a short, escaped
// piece of what came.
type Refusal struct {
	*Reason
	Detail  string
	Command string // CallbackCommand of the URL, as it came; empty if there is none
}

func refuse(reason *Reason, detail string) *Refusal { return &Refusal{Reason: reason, Detail: detail} }

// Info is the sentence for the operator: what was wrong, where, what was expected and what was
// found.
func (r *Refusal) Info() string { return r.Meaning + ": " + r.Detail }

// OK is the answer that accepts a callback: all three members are required (console guide,
// "Callback response").
const OK = `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`

// ContentType is that of a callback which is right, whatever it came as: there are readers to which
// JSON without a charset is Latin-1 (servlets).
const ContentType = "application/json; charset=utf-8"

// SignedBefore tells whether a refusal for this reason comes after app and signature were found
// right.
func SignedBefore(reason *Reason) bool {
	signed := false
	for _, r := range Reasons {
		if r == reason {
			return signed
		}
		signed = signed || r == SignWrong
	}
	return false
}

// Accept answers a callback with OK.
func Accept(w http.ResponseWriter) {
	Mark(w, "ok")
	_, _ = io.WriteString(w, OK)
}

// Refuse answers a callback with FAIL, in the vendor's form: the reason's status and code, and
// Info.
func Refuse(w http.ResponseWriter, refusal *Refusal) { answerFail(w, "refused ", refusal) }

// Fail is Refuse where it was not the gate that found a fault with the callback, but the backend
// that failed.
func Fail(w http.ResponseWriter, refusal *Refusal) { answerFail(w, "failed ", refusal) }

// Mark puts on an answer that it is the gate's own, and what it says: "ok", "refused 40105" and the
// like. It says nothing that the answer itself does not.
func Mark(w http.ResponseWriter, said string) {
	w.Header()["Content-Type"] = []string{"application/json"}
	w.Header()["X-Chat-Gate"] = []string{said}
}

func answerFail(w http.ResponseWriter, verb string, refusal *Refusal) {
	Mark(w, verb+strconv.Itoa(refusal.Code))
	w.WriteHeader(refusal.Status)
	_ = json.NewEncoder(w).Encode(fail{"FAIL", refusal.Code, refusal.Meaning + ": " + refusal.Detail})
}

type fail struct {
	ActionStatus string
	ErrorCode    int
	ErrorInfo    string
}

// quoteLimit is how many bytes of a foreign text an ErrorInfo or a log line may show.
const quoteLimit = 48

// Quote shows a short piece of a foreign text in ASCII, so that it can neither break a line nor
// flood it.
func Quote(s string) string {
	if len(s) > quoteLimit {
		return strconv.QuoteToASCII(s[:quoteLimit]) + "..."
	}
	return strconv.QuoteToASCII(s)
}
