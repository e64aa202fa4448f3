package explain

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/chatgate/chatgate/internal/protocol"
)

// An Outcome is what came of one check.
type Outcome string

// The outcomes of a check.
const (
	Passed    Outcome = "passed"
	Failed    Outcome = "failed"
	NotNeeded Outcome = "not needed"
	NotRun    Outcome = "not run"
)

// A Check is one of the gate's checks, and its outcome for one callback.
type Check struct {
	Code    int     `json:"code"`
	Stage   string  `json:"stage"`
	Title   string  `json:"title"`
	Outcome Outcome `json:"outcome"`
	Note    string  `json:"note,omitempty"`
}

// The stages of the checks.
const (
	stageURL    = "URL"
	stageSign   = "Signature"
	stageBody   = "Body"
	stageFields = "Fields"
	stageHeader = "Headers"
)

// words is what is said of a check: what is right, and what to do where it is not.
type words struct{ stage, title, remedy string }

// checks has the words for each reason, by its code.
var checks = map[int]words{
	40001: {stageURL, "the query string is well-formed",
		"Send the URL as Tencent Cloud Chat makes it. If something between it and the gate rewrites the query, have it leave the query alone."},
	40002: {stageURL, "each parameter is there once, in its own spelling",
		"Take Tencent Cloud Chat's parameters (SdkAppid, CallbackCommand, …) out of the URL in the console: it appends them itself."},
	40301: {stageURL, "the URL has an SdkAppid",
		"Nothing to do for a request of somebody else's. If it is your own, append SdkAppid: something between it and the gate may have cut the query."},
	40302: {stageURL, "the app is let in",
		"If this is your app, add it to the option sdkAppId. If not, nothing: the gate has kept somebody else's callback out."},
	40003: {stageURL, "the URL has a CallbackCommand",
		"Append CallbackCommand to the URL, as Tencent Cloud Chat does. Something between it and the gate may have cut the query."},
	40303: {stageURL, "the command is let in",
		"Add the command to the option commands, or set otherCommands to forward or acknowledge, or switch this callback off in the console."},
	41501: {stageURL, "contenttype is json",
		"Leave contenttype out of the URL, or write json."},
	40101: {stageSign, "the callback is signed",
		"Switch authentication on in the console, with the token that the option token has. For a test, sign: make send does it with CHATGATE_TOKEN."},
	40102: {stageSign, "RequestTime is well-formed",
		"Send RequestTime as Unix seconds, in digits only."},
	40103: {stageSign, "RequestTime is not too old",
		"Set the clock of this machine (NTP). A request that was captured and sent again is too old by design: sign it anew."},
	40104: {stageSign, "RequestTime is not in the future",
		"Set the clock of this machine (NTP), or of the machine that signs. RequestTime is in seconds, not milliseconds."},
	40105: {stageSign, "Sign is right",
		"Compare the option token with the console's, letter by letter: no space, no line break, quotes around it in YAML. " +
			"A new token is in use some two minutes after it was saved: keep the old one in the list until then."},
	41502: {stageBody, "the body has no Content-Encoding",
		"Send the body as it is, not compressed. Tencent Cloud Chat does not compress; look for a proxy in front that does."},
	41301: {stageBody, "the body is not too large",
		"If the callback is genuine, raise the option maxBodyBytes."},
	40004: {stageBody, "the body can be read to its end",
		"Look for who broke off: the sender, or a proxy or a time limit in front of the gate. Its Content-Length may be wrong."},
	40005: {stageBody, "the body is UTF-8",
		"Send UTF-8. The vendor does; look for something in front that converts the text."},
	40006: {stageBody, "the body is one JSON object",
		"Send one JSON object and nothing after it. Paste the body into a JSON validator to see where it breaks."},
	40007: {stageBody, "each member is there once",
		"Send each member once. Two parsers would read two different values, so the gate lets neither decide."},
	40008: {stageBody, "each member is spelt as the vendor spells it",
		"Spell the member as the vendor does, in its case and without escapes: some parsers would take another spelling for it."},
	40009: {stageBody, "the body has a sane number of members",
		"Send what the vendor sends; the ErrorInfo names the bound that it would break. If a genuine callback has more, report it as a fault of the gate's."},
	40010: {stageFields, "URL and body name the same command",
		"Send the body that belongs to the URL's CallbackCommand."},
	40011: {stageFields, "every required field is there",
		"Add the field. If Tencent Cloud Chat itself left it out, report it as a fault of the gate's, and set mode to monitor meanwhile."},
	40012: {stageFields, "every field is of its type",
		"Send the field as expected. If Tencent Cloud Chat itself sent it so, report it as a fault of the gate's, and set mode to monitor meanwhile."},
	40013: {stageHeader, "every header's value fits",
		"Take the field out of the option headers, and read it from the body."},
}

// remedy says what to do about a refusal.
func remedy(reason *protocol.Reason) string { return checks[reason.Code].remedy }

// Checks lists every check in the order in which a request meets them, with its outcome. It is
// empty where nothing was checked.
func (a Account) Checks() []Check {
	list := []Check{}
	if a.Verdict == Unchecked || a.Verdict == Refused && a.Refusal == nil {
		return list
	}
	done := false
	for _, reason := range protocol.Reasons {
		w := checks[reason.Code]
		c := Check{Code: reason.Code, Stage: w.stage, Title: w.title, Outcome: Passed}
		switch {
		case a.Refusal != nil && a.Refusal.Code == reason.Code:
			c.Outcome = Failed
			done = true
		case done:
			c.Outcome = NotRun
		case w.stage == stageSign && !a.signed:
			c.Outcome = NotNeeded
			c.Note = "no token is set"
		case a.unneeded(reason, w.stage):
			c.Outcome = NotNeeded
			c.Note = "the command is not among the gate's commands"
		}
		list = append(list, c)
	}
	return list
}

// ChecksOfURL lists the checks like Checks, where the body is not known.
func (a Account) ChecksOfURL() []Check {
	list := a.Checks()
	for i, c := range list {
		if c.Stage != stageURL && c.Stage != stageSign {
			list[i].Outcome = NotRun
			list[i].Note = "the capture has no body"
		}
	}
	return list
}

// unneeded tells whether a check is left out for a command that is not checked field by field.
func (a Account) unneeded(reason *protocol.Reason, stage string) bool {
	return !a.checked && a.Command != "" && (stage == stageHeader || stage == stageFields && reason != protocol.CommandMismatch)
}

// Decided tells whether the URL alone decides on a refusal, and so the body does not matter.
func (r *Refusal) Decided() bool {
	stage := checks[r.Code].stage
	return stage == stageURL || stage == stageSign || r.Code == protocol.BodyTooLarge.Code || r.Code == protocol.BodyEncoded.Code
}

var contrast = regexp.MustCompile(`(?s)^(?:(.{1,80}?): )?expected (.+?), found (.+?)(?:; (.+))?$`)

// contrast says what was expected and what was found.
func (g *Gate) contrast(a Account, o Observation, r *Refusal) (expected, found string) {
	switch r.Code {
	case protocol.AppNotAllowed.Code:
		return "SdkAppid " + strings.Join(g.Apps(), " or "), "SdkAppid " + protocol.Quote(a.App)
	case protocol.CommandNotAllowed.Code:
		return strings.Join(g.commands(), ", "), protocol.Quote(a.Command)
	case protocol.SignMissing.Code:
		return "the parameters Sign and RequestTime", g.present(o.URL)
	case protocol.SignWrong.Code:
		return "the lower-case hex of sha256(token + RequestTime), with one of the gate's tokens", "a Sign that none of them makes with this RequestTime"
	case protocol.CommandMismatch.Code:
		var bodys string
		if _, bodys, _ = strings.Cut(r.Detail, ", the body "); bodys == "" {
			bodys = r.Detail
		}
		return "CallbackCommand " + protocol.Quote(a.Command) + ", as in the URL", "CallbackCommand " + bodys + " in the body"
	}
	if parts := contrast.FindStringSubmatch(r.Detail); parts != nil {
		expected, found = parts[2], parts[3]
		if parts[1] != "" {
			expected = parts[1] + ": " + expected
		}
		if value := member(o.Body, parts[1]); value != "" && r.Code == protocol.FieldInvalid.Code {
			found = parts[1] + ": " + value // which tells 42 from "42"
		}
		if r.Code == protocol.TimeStale.Code || r.Code == protocol.TimeAhead.Code {
			found += distance(found, o.At)
		}
		return expected, found
	}
	if wanted, is := strings.CutPrefix(r.Detail, "expected "); is {
		return wanted, "none"
	}
	found = strings.Replace(r.Detail, " must be there once", " more than once", 1)
	return nouns[r.Code], strings.TrimPrefix(found, "found ") + near(o.Body, r.Detail)
}

// nouns is what is expected, where the detail of a refusal says only what was found.
var nouns = map[int]string{
	40001: "name=value pairs separated by &, each percent sign with two hexadecimal digits",
	40002: "each of Tencent Cloud Chat's parameters once, spelt exactly so",
	40004: "as many bytes as Content-Length says",
	40005: "UTF-8",
	40006: "one JSON object",
	40007: "each member once",
	40008: "each known member spelt exactly so",
	40009: "no more members than a callback has",
	40012: "every known field of its type",
	40013: "text that fits into a header",
}

// commands is the option commands, or its default.
func (g *Gate) commands() []string {
	if len(g.Config.Commands) == 0 {
		return []string{protocol.AfterCreateGroup}
	}
	return g.Config.Commands
}

// present says which of the parameters of a signature a URL has.
func (g *Gate) present(u *url.URL) string {
	query, _ := url.ParseQuery(u.RawQuery)
	switch {
	case query.Get("Sign") != "":
		return "Sign only"
	case query.Get("RequestTime") != "":
		return "RequestTime only"
	}
	return "neither"
}

// maxValue is how many bytes of a member's value are shown.
const maxValue = 64

// member is the beginning of a member's value as it came, empty where there is none.
func member(body []byte, name string) string {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(body, &members)
	value := string(members[name])
	if len(value) <= maxValue {
		return value
	}
	return strings.ToValidUTF8(value[:maxValue], "") + "…"
}

// distance says how far a RequestTime is from when it came, for people.
func distance(quoted string, at time.Time) string {
	if at.IsZero() {
		at = time.Now()
	}
	text, _ := strconv.Unquote(quoted)
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds > 1<<40 {
		return ""
	}
	moment := time.Unix(seconds, 0)
	age := at.Sub(moment).Round(time.Second)
	if age < 0 {
		return fmt.Sprintf(", which is %s, %s ahead", moment.UTC().Format(time.RFC3339), -age)
	}
	return fmt.Sprintf(", which is %s, %s ago", moment.UTC().Format(time.RFC3339), age)
}

var nearByte = regexp.MustCompile(`near byte (\d+)`)

// near shows the text around the byte that a detail names.
func near(body []byte, detail string) string {
	parts := nearByte.FindStringSubmatch(detail)
	if parts == nil {
		return ""
	}
	at, _ := strconv.Atoi(parts[1])
	if at > len(body) {
		return ""
	}
	return ", after " + protocol.Quote(string(body[max(0, at-24):at]))
}
