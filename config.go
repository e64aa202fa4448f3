package chatgate

import (
	"errors"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/chatgate/chatgate/internal/header"
	"github.com/chatgate/chatgate/internal/journal"
	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/internal/reply"
	"github.com/chatgate/chatgate/internal/token"
)

const maxMaxBodyBytes = 64 << 20

// faults collects what is wrong with a configuration.
type faults []string

// add notes an option, the value it has and what is allowed.
func (f *faults) add(option, value, allowed string) {
	*f = append(*f, option+": "+strconv.Quote(value)+" is not allowed, expected "+allowed)
}

// compile turns a Config into a gate, or into one error that names every fault.
func compile(next http.Handler, config *Config, name string) (*gate, error) {
	var f faults
	g := &gate{next: next, backend: next, journal: journal.New(name)}
	g.refuser = &reply.Refuser{Journal: g.journal, Undecided: next}
	warn := func(text string) { journal.Warn(g.journal, text) }
	g.policy = &protocol.Policy{
		Apps:     compileApps(config.SdkAppID, &f),
		Commands: compileCommands(config.Commands, &f),
		Window:   compileWindow(config.SignWindow, &f),
		Tokens:   compileTokens(config.Token, config.TokenFile, warn, &f),
		URLCheck: config.ConsoleCheck,
		MaxBody:  config.MaxBodyBytes,
	}
	if config.MaxBodyBytes < 1 || config.MaxBodyBytes > maxMaxBodyBytes {
		f.add("maxBodyBytes", strconv.FormatInt(config.MaxBodyBytes, 10), "1 to "+strconv.Itoa(maxMaxBodyBytes))
	}
	compilePath(g, config.Path, &f)
	compileHeaders(g, config.Headers, &f)
	others := oneOf("otherCommands", config.OtherCommands, []string{"reject", "forward", "acknowledge"}, &f)
	g.policy.Others = others != "reject"
	g.acknowledge = others == "acknowledge"
	g.refuser.Monitor = oneOf("mode", config.Mode, []string{"enforce", "monitor"}, &f) == "monitor"
	decision := &reply.Decision{
		Before:   oneOf("beforeFailure", config.BeforeFailure, []string{reply.Fail, reply.Allow, reply.Deny}, &f),
		Deadline: compileDeadline(config.Deadline, &f),
		Warn:     warn,
		Journal:  g.journal,
	}
	if decision.Before != reply.Fail || decision.Deadline > 0 {
		g.backend = reply.Decide(decision, next)
	}
	if decision.Before != reply.Fail && g.policy.Tokens != nil {
		g.refuser.Decision = decision // without a token, nobody knows whose callback it is
	}
	if oneOf("reply", config.Reply, []string{"upstream", "normalize"}, &f) == "normalize" {
		g.backend = reply.Normalize(g.backend, warn)
		g.refuser.Undecided = reply.Normalize(next, warn)
	}
	if len(f) > 0 {
		return nil, errors.New("chatgate " + name + ": " + strings.Join(f, "; "))
	}
	g.guard = header.NewGuard(g.names)
	g.refuser.Guard = g.guard
	g.refuser.Backend = g.backend
	return g, nil
}

func compileApps(values []string, f *faults) map[string]bool {
	apps := map[string]bool{}
	for _, value := range values {
		app := strings.TrimSpace(value)
		if app == "" || len(app) > 19 || strings.Trim(app, "0123456789") != "" || app[0] == '0' {
			f.add("sdkAppId", value, "a decimal SdkAppid such as 1400000000")
		}
		apps[app] = true
	}
	if len(apps) == 0 {
		f.add("sdkAppId", "", "at least one SdkAppid, as the console shows it")
	}
	return apps
}

func compileCommands(values []string, f *faults) map[string]bool {
	if len(values) == 0 {
		values = []string{protocol.AfterCreateGroup}
	}
	known := protocol.Commands()
	commands := map[string]bool{}
	for _, value := range values {
		wanted := strings.TrimSpace(value)
		found := false
		for _, command := range known {
			family, _, _ := strings.Cut(command, ".")
			if wanted == command || wanted == family+".*" || wanted == "*" {
				commands[command] = true
				found = true
			}
		}
		if !found {
			f.add("commands", value, "*, a family such as Group.*, or any of "+strings.Join(known, ", "))
		}
	}
	return commands
}

func compileWindow(value string, f *faults) time.Duration {
	window, err := time.ParseDuration(value)
	if err != nil || window < time.Second || window > time.Hour {
		f.add("signWindow", value, "a duration from 1s to 1h, such as 60s")
	}
	return window
}

func compileDeadline(value string, f *faults) time.Duration {
	deadline, err := time.ParseDuration(value)
	if err != nil || deadline != 0 && (deadline < 10*time.Millisecond || deadline > time.Minute) {
		f.add("deadline", value, "0s for none, or a duration from 10ms to 1m, such as 1.5s")
	}
	return deadline
}

// compileTokens returns what the policy asks for the tokens, nil where none is set. No fault shows
// a token.
func compileTokens(values []string, file string, warn func(string), f *faults) func() []string {
	if len(values) == 0 && file == "" {
		return nil
	}
	for i, value := range values {
		if err := token.Valid(value); err != nil {
			*f = append(*f, "token: entry "+strconv.Itoa(i+1)+": "+err.Error()+"; expected the token as the console has it")
		}
	}
	if file == "" {
		return token.Fixed(values)
	}
	tokens, err := token.FromFile(file, values, warn)
	if err != nil {
		*f = append(*f, "tokenFile: "+err.Error()+"; expected a file with one token a line")
	}
	return tokens
}

func compilePath(g *gate, value string, f *faults) {
	if value != "" && value[0] != '/' || strings.ContainsAny(value, "?#%;\\") || !utf8.ValidString(value) {
		f.add("path", value, "a path as it is after decoding, such as /callback")
	}
	g.path = value
	g.cleaned = cleanPath(value)
}

// framing is the headers that HTTP itself, or Traefik, needs: nobody can own them.
const framing = " connection content-encoding content-length content-type expect forwarded host keep-alive proxy-authenticate" +
	" proxy-authorization proxy-connection te trailer transfer-encoding upgrade x-real-ip "

func compileHeaders(g *gate, values map[string]string, f *faults) {
	if len(values) == 0 {
		values = map[string]string{"X-Chat-Group-Id": "GroupId", "X-Chat-Operator": "Operator"}
	}
	allowed := protocol.Sources()
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	sort.Strings(names)
	taken := map[string]string{}
	for _, name := range names {
		source := values[name]
		folded := header.Fold(name)
		if !header.IsName(name) || strings.Contains(framing, " "+folded+" ") || strings.HasPrefix(folded, "x-forwarded-") {
			f.add("headers", name, "a name of letters, digits and hyphens that neither HTTP nor Traefik needs itself")
		}
		if known, ok := taken[folded]; ok {
			f.add("headers", name, "one header only, it is the same as "+known)
		}
		taken[folded] = name
		oneOf("headers."+name, source, allowed, f)
		g.names = append(g.names, header.Canonical(name))
		g.sources = append(g.sources, source)
	}
}

// oneOf checks an option that takes one of some words.
func oneOf(option, value string, words []string, f *faults) string {
	for _, word := range words {
		if value == word {
			return value
		}
	}
	f.add(option, value, "any of "+strings.Join(words, ", "))
	return value
}
