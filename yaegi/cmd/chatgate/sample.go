package main

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

// groupCreated is short enough for a terminal.
const groupCreated = `{"CallbackCommand":"Group.CallbackAfterCreateGroup","EventTime":0,"GroupId":"@TGS#2J4SZEAEL",` +
	`"MemberList":[{"Member_Account":"alice"},{"Member_Account":"bob"}],"Name":"Weekend hike","Operator_Account":"alice",` +
	`"Owner_Account":"alice","Type":"Public"}`

// sampleBody is a well-formed body of a command. That of any other than a created group is the one in the repository's testdata.
func sampleBody(command string) ([]byte, error) {
	if command == protocol.AfterCreateGroup {
		return []byte(groupCreated), nil
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

var eventTimes = regexp.MustCompile(`"EventTime":\d+`)

// stamp puts an EventTime in the place of a body's own, if it has one.
func stamp(body []byte, eventTime time.Time) []byte {
	return eventTimes.ReplaceAll(body, strconv.AppendInt([]byte(`"EventTime":`), eventTime.UnixMilli(), 10))
}

// withParameters is a callback URL with what Tencent Cloud Chat appends to it.
func withParameters(target, app, command string) string {
	separator := "?"
	if strings.Contains(target, "?") {
		separator = "&"
	}
	return target + separator + "SdkAppid=" + url.QueryEscape(app) + "&CallbackCommand=" + url.QueryEscape(command) +
		"&contenttype=json&ClientIP=127.0.0.1&OptPlatform=RESTAPI"
}

// tokenVariable is the environment variable that holds the authentication token.
const tokenVariable = "CHATGATE_TOKEN"

// curl is a line for a shell that sends a callback. The URL is its last word.
func curl(target string, body []byte) string {
	return `curl -i -w '\n' -H 'Content-Type: application/json' -d ` + quote(string(body)) + " " + quote(target)
}

// signed makes a line for a shell sign its URL, with the token in the environment and the time when it is run.
func signed(line string) string {
	return "t=$(date +%s); " + line + `"&RequestTime=$t&Sign=$(printf %s "$` + tokenVariable + `$t" | sha256sum | cut -c1-64)"`
}

// quote makes a text one word for a POSIX shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
