// Package samples is what tests, benchmarks and the interop driver send: callbacks as Tencent
// Cloud Chat writes them. Body is one genuine body of each command, Generate any number of others.
//
// The package has its own notion of the protocol, so that a slip in the gate's does not stand here
// too.
package samples

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// A created group's callback, and its parts.
const (
	App     = "1400000000"
	Command = "Group.CallbackAfterCreateGroup"
	Path    = "/callback"
	Query   = "SdkAppid=" + App + "&CallbackCommand=" + Command + rest

	// CreatedGroup has a member that no page of the vendor's names, as captured bodies have.
	CreatedGroup = `{"CallbackCommand":"` + Command + `","EventTime":1670574414123,"GroupId":"@TGS#2J4SZEAEL",` +
		`"InviteOption":"FreeAccess","MemberList":[` + twoMembers + `],"Name":"MyFirstGroup",` +
		`"Operator_Account":"group_root","Owner_Account":"leckie","Type":"Public"}`

	twoMembers = `{"Member_Account":"bob"},{"Member_Account":"peter"}`
	rest       = "&contenttype=json&ClientIP=203.0.113.7&OptPlatform=RESTAPI"
)

// CreatedGroupOf is the created group with some members, none of them twice.
func CreatedGroupOf(members int) string {
	accounts := make([]string, members)
	for i := range accounts {
		accounts[i] = fmt.Sprintf(`{"Member_Account":"member%06d"}`, i)
	}
	return Replace(CreatedGroup, twoMembers, strings.Join(accounts, ","))
}

// Replace changes a sample in one place. A piece that is not there exactly once is a fault of the
// test.
func Replace(sample, piece, replacement string) string {
	if strings.Count(sample, piece) != 1 {
		panic("not once in " + sample + ": " + piece)
	}
	return strings.Replace(sample, piece, replacement, 1)
}

// Commands lists the commands that have a body in testdata, in alphabetical order.
func Commands() []string {
	files, err := os.ReadDir(directory())
	if err != nil {
		panic(err)
	}
	var commands []string
	for _, file := range files {
		commands = append(commands, strings.TrimSuffix(file.Name(), ".json"))
	}
	return commands
}

// Body is the body of a command in testdata.
func Body(command string) string {
	body, err := os.ReadFile(filepath.Join(directory(), command+".json"))
	if err != nil {
		panic(err)
	}
	return string(body)
}

// Checked is the option commands of a gate that checks all that it knows.
const Checked = "*"

// CheckedCommands lists the commands that such a gate checks.
func CheckedCommands() []string {
	var checked []string
	for _, command := range Commands() {
		if matches, _ := path.Match(Checked, command); matches {
			checked = append(checked, command)
		}
	}
	return checked
}

// With is a command's body in testdata with other members. Each pair is a name, which may be new,
// and its value as JSON, empty for a member that is not there.
func With(command string, pairs ...string) string {
	found := members(Body(command))
	for i := 0; i < len(pairs); i += 2 {
		var rest []member
		there := false
		for _, m := range found {
			if m.name == pairs[i] {
				m.value = pairs[i+1]
				there = true
			}
			if m.value != "" {
				rest = append(rest, m)
			}
		}
		if !there && pairs[i+1] != "" {
			rest = append(rest, member{pairs[i], pairs[i+1]})
		}
		found = rest
	}
	texts := make([]string, len(found))
	for i, m := range found {
		texts[i] = `"` + m.name + `":` + m.value
	}
	return "{" + strings.Join(texts, ",") + "}"
}

// Quote writes a text as a JSON string, with no more escapes than it needs.
func Quote(text string) string { return quote(raw, text) }

// Sample is the callback of a command in testdata, with what each source has.
func Sample(command string) *Callback { return Of(command, Body(command)) }

// directory finds testdata/commands above the working directory or, failing that, above this file:
// the interpreter runs from elsewhere than go test, and does not know this file's place.
func directory() string {
	here, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	_, source, _, _ := runtime.Caller(0)
	for _, dir := range []string{here, filepath.Dir(source)} {
		for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
			found := filepath.Join(dir, "testdata", "commands")
			if _, err := os.Stat(found); err == nil {
				return found
			}
		}
	}
	panic("found no testdata/commands: run this inside a checkout")
}

// Target is the path and query of a command's callback, as the vendor writes them.
func Target(command string) string {
	return Path + "?SdkAppid=" + App + "&CallbackCommand=" + command + rest
}

// SignedTarget is the same with a signature that is good for some time around at.
func SignedTarget(command, token string, at time.Time) string {
	return Target(command) + "&" + strings.Join(signature(token, at), "&")
}

// Sign is lower-case hex of sha256(token + requestTime).
func Sign(token, requestTime string) string {
	sum := sha256.Sum256([]byte(token + requestTime))
	return hex.EncodeToString(sum[:])
}

func signature(token string, at time.Time) []string {
	requestTime := strconv.FormatInt(at.Unix(), 10)
	return []string{"Sign=" + Sign(token, requestTime), "RequestTime=" + requestTime}
}
