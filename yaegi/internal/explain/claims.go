package explain

import (
	"encoding/json"
	"net/url"
)

// Members that name a conversation, and who acted, in whatever family of commands. The first that
// is there counts.
var (
	groupMembers    = []string{"GroupId", "GroupID", "Official_Account", "Peer_Account", "To_Account"}
	operatorMembers = []string{
		"Operator_Account", "Requestor_Account", "Requester_Account", "Report_Account", "From_Account", "Owner_Account", "Admin_Account",
	}
)

// claims is what a request says of itself, read leniently: for a list, not for a decision.
func claims(o Observation) Account {
	query, _ := url.ParseQuery(o.URL.RawQuery)
	a := Account{Command: query.Get("CallbackCommand"), App: query.Get("SdkAppid")}
	var body map[string]json.RawMessage
	if json.Unmarshal(o.Body, &body) == nil {
		a.Group = firstText(body, groupMembers)
		a.Operator = firstText(body, operatorMembers)
		if a.Command == "" {
			a.Command = firstText(body, []string{"CallbackCommand"})
		}
	}
	return a
}

// maxClaim is how many bytes of a claim are kept.
const maxClaim = 256

func firstText(body map[string]json.RawMessage, names []string) string {
	for _, name := range names {
		var text string
		if json.Unmarshal(body[name], &text) == nil && text != "" {
			return text[:min(len(text), maxClaim)]
		}
	}
	return ""
}

// failure reads an answer of FAIL.
func failure(answer []byte) (code int, info string) {
	var form struct {
		ActionStatus string
		ErrorCode    int
		ErrorInfo    string
	}
	if json.Unmarshal(answer, &form) != nil || form.ActionStatus != "FAIL" {
		return 0, ""
	}
	return form.ErrorCode, form.ErrorInfo
}
