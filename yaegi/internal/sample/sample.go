// Package sample makes callbacks as Tencent Cloud Chat sends them, for the sender, the page, and a
// shell.
package sample

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/yaegi"
)

// GroupCreated is short enough for a terminal.
const GroupCreated = `{"CallbackCommand":"Group.CallbackAfterCreateGroup","EventTime":0,"GroupId":"@TGS#2J4SZEAEL",` +
	`"MemberList":[{"Member_Account":"alice"},{"Member_Account":"bob"}],"Name":"Weekend hike","Operator_Account":"alice",` +
	`"Owner_Account":"alice","Type":"Public"}`

// Body is a well-formed body of a command. That of any other than a created group is the one in the
// repository's testdata.
func Body(command string) ([]byte, error) {
	if command == protocol.AfterCreateGroup {
		return []byte(GroupCreated), nil
	}
	if !slices.Contains(protocol.Commands(), command) {
		return nil, fmt.Errorf("no body is known for the command %q", command)
	}
	root, err := yaegi.Root()
	if err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(root, "testdata", "commands", command+".json"))
}

var eventTimes = regexp.MustCompile(`"EventTime":(?:0|\d{13})\b`) // not those of pushes, in seconds

// Stamp puts an EventTime in the place of a body's own, if it has one.
func Stamp(body []byte, eventTime time.Time) []byte {
	return eventTimes.ReplaceAll(body, strconv.AppendInt([]byte(`"EventTime":`), eventTime.UnixMilli(), 10))
}

// URL is a callback URL with what Tencent Cloud Chat appends to it.
func URL(target, app, command string) string {
	return Append(target, "SdkAppid="+url.QueryEscape(app)+"&CallbackCommand="+url.QueryEscape(command)+
		"&contenttype=json&ClientIP=127.0.0.1&OptPlatform=RESTAPI")
}

// Append adds parameters to a URL.
func Append(target, parameters string) string {
	separator := "?"
	if strings.HasSuffix(target, "?") {
		separator = ""
	} else if strings.Contains(target, "?") {
		separator = "&"
	}
	return target + separator + parameters
}

// TokenVariable is the environment variable that holds the authentication token.
const TokenVariable = "CHATGATE_TOKEN"

// Curl is a line for a shell that sends a callback. The URL is its last word.
func Curl(target string, body []byte) string {
	return `curl -i -w '\n' -H 'Content-Type: application/json' -d ` + Quote(string(body)) + " " + Quote(target)
}

// Signed makes a line for a shell sign its URL, which has parameters, with the token in the
// environment and the time when it is run.
func Signed(line string) string {
	return "t=$(date +%s); " + line + `"&RequestTime=$t&Sign=$(printf %s "$` + TokenVariable + `$t" | sha256sum | cut -c1-64)"`
}

// Quote makes a text one word for a POSIX shell.
func Quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
