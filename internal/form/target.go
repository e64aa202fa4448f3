package form

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/chatgate/chatgate/internal/protocol"
)

// Target matches the URL in the orders in which the vendor documents its parameters, and in which
// they were seen, behind foreign ones that nobody can take for one of them. Any other URL has to be
// looked at parameter by parameter. One character decides which parameter follows: so package
// regexp reads it in one pass.
func Target(path string) *regexp.Regexp {
	const (
		foreign = `(?:[ABD-NPQT-Zabd-npqt-z][0-9A-Za-z]*=[0-9A-Za-z._~-]*&){0,8}` // far fewer than are refused
		client  = `ClientIP=[0-9A-Fa-f.:]*&OptPlatform=[A-Za-z]*`
		request = `I[Dd]=[0-9A-Za-z-]*` // RequestID
	)
	if path == "" {
		path = `/[^?%]*`
	} else {
		path = regexp.QuoteMeta(path)
	}
	documented := `SdkAppid=(?P<app1>[0-9]{1,19})&CallbackCommand=(?P<command1>[0-9A-Za-z.]+)&contenttype=json` +
		`(?:&(?:` + client + `(?:&(?:` + signature("1") + `|Request` + request + `(?:&(?:` + signature("2") + `))?))?|` + signature("3") + `))?`
	sorted := `CallbackCommand=(?P<command2>[0-9A-Za-z.]+)&(?:` + client + `&)?` +
		`(?:Request(?:` + request + `&(?:RequestTime=(?P<time4>[0-9]+)&)?|Time=(?P<time5>[0-9]+)&))?` +
		`SdkAppid=(?P<app2>[0-9]{1,19})&(?:Sign=(?P<sign4>[0-9a-f]+)&)?contenttype=json`
	return regexp.MustCompile(`^` + path + `\?` + foreign + `(?:` + documented + `|` + sorted + `)$`)
}

// signature matches Sign and RequestTime in either order, in groups of their own.
func signature(number string) string {
	return `Sign=(?P<sign` + number + `>[0-9a-f]+)&RequestTime=(?P<time` + number + `>[0-9]+)|` +
		`RequestTime=(?P<time` + number + `b>[0-9]+)&Sign=(?P<sign` + number + `b>[0-9a-f]+)`
}

// Template puts app and command on lines of their own, as Target found them, and Sign and
// RequestTime where they matter. Read reads them.
func Template(target *regexp.Regexp, signed bool) string {
	template := groups(target, "app") + "\n" + groups(target, "command")
	if signed {
		template += "\n" + groups(target, "sign") + "\n" + groups(target, "time")
	}
	return template
}

// groups puts together what the groups whose names begin so have captured: all but one are empty.
// They go by their numbers, which package regexp need not look for.
func groups(pattern *regexp.Regexp, prefix string) string {
	text := ""
	for i, name := range pattern.SubexpNames() {
		if strings.HasPrefix(name, prefix) {
			text += "${" + strconv.Itoa(i) + "}"
		}
	}
	return text
}

// Read is the target of which Template made this, nil for a URL that Target does not match.
func Read(made string) *protocol.Target {
	pieces := strings.Split(made+"\n\n", "\n")
	if len(pieces) < 4 {
		return nil
	}
	return &protocol.Target{App: pieces[0], Command: pieces[1], Format: "json", Sign: pieces[2], RequestTime: pieces[3]}
}
