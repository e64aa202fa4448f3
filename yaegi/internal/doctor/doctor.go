// Package doctor finds mistakes in a configuration of Traefik's that the gate can't see from
// inside: what is ignored, what leads past it, and what shows a token or a signature.
package doctor

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"reflect"
	"slices"
	"sort"
	"strings"

	"github.com/chatgate/chatgate"
	"github.com/chatgate/chatgate/yaegi"
)

// A Finding is a mistake, where it is, and the mend.
type Finding struct {
	File string `json:"file"`
	Line int    `json:"line"`
	What string `json:"what"`
	Mend string `json:"mend"`
}

// A doctor examines a configuration.
type doctor struct {
	*configuration
	findings []Finding
	gates    map[string]*node // the plugin's options, by the middleware's name
}

// Examine reads files as one configuration, and returns what is wrong with it.
func Examine(files []string) ([]Finding, error) {
	c, err := read(files)
	if err != nil {
		return nil, err
	}
	d := &doctor{configuration: c, gates: map[string]*node{}}
	d.findGates()
	d.checkOptions()
	d.checkWays()
	d.checkReferences()
	d.checkTokens()
	d.checkRetries()
	d.checkAliases()
	d.checkAccessLog()
	sort.SliceStable(d.findings, func(i, j int) bool {
		a, b := d.findings[i], d.findings[j]
		return a.File < b.File || a.File == b.File && a.Line < b.Line
	})
	return slices.Compact(d.findings), nil
}

func (d *doctor) find(at *node, mend, format string, values ...any) {
	d.findings = append(d.findings, Finding{at.file, at.line, fmt.Sprintf(format, values...), mend})
}

// base is a name without the provider's: chatgate@file is chatgate.
func base(name string) string {
	name, _, _ = strings.Cut(name, "@")
	return name
}

func (d *doctor) http(kind string) []*node { return d.dynamic.get("http", kind).children() }

// findGates finds the middlewares that are this plugin.
func (d *doctor) findGates() {
	declared := map[string]bool{}
	aliases := map[string]bool{}
	for _, kind := range []string{"plugins", "localPlugins"} {
		for _, plugin := range d.static.get("experimental", kind).children() {
			declared[plugin.name] = true
			aliases[plugin.name] = plugin.get("moduleName").text() == yaegi.Module
		}
	}
	for _, middleware := range d.http("middlewares") {
		for _, options := range middleware.get("plugin").children() {
			if aliases[options.name] || !declared[options.name] && strings.EqualFold(options.name, "chatgate") {
				d.gates[middleware.name] = options
			}
			if d.static != nil && !declared[options.name] {
				d.find(options, "declare it in the static configuration, under experimental.plugins or experimental.localPlugins",
					"the plugin %q is not declared, so Traefik disables every router with the middleware %q", options.name, middleware.name)
			}
		}
	}
}

// isGate tells whether a name, or a chain behind it, leads through the gate. Where only the static
// configuration is there, the usual name is taken for it.
func (d *doctor) isGate(name string, depth int) bool {
	if d.gates[base(name)] != nil || len(d.http("middlewares")) == 0 && base(name) == "chatgate" {
		return true
	}
	chain := d.dynamic.get("http", "middlewares").child(base(name)).get("chain", "middlewares")
	return depth > 0 && d.hasGate(chain, depth-1)
}

func (d *doctor) hasGate(list *node, depth int) bool {
	return slices.ContainsFunc(list.texts(), func(name string) bool { return d.isGate(name, depth) })
}

const maxChains = 8

// checkOptions finds options that the plugin does not have, which Traefik ignores, and values that
// it does not take.
func (d *doctor) checkOptions() {
	log.SetOutput(io.Discard) // where the plugin writes
	names := optionNames()
	for name, options := range d.gates {
		given, _ := options.options().(map[string]any)
		config := chatgate.CreateConfig()
		unknown, err := yaegi.Decode(given, config)
		for _, option := range unknown {
			mend := "take it out; the options are " + strings.Join(names, ", ")
			if near := nearest(option, names); near != "" {
				mend = "write " + near
			}
			d.find(at(options, option), mend, "the plugin has no option %q, and Traefik ignores it without a word", option)
		}
		if err == nil {
			if config.TokenFile != "" { // which another machine has
				config.TokenFile = ""
				config.Token = append(config.Token, "a-token")
			}
			_, err = chatgate.New(context.Background(), http.NotFoundHandler(), config, name)
		}
		if err != nil {
			for _, fault := range faults(strings.TrimPrefix(err.Error(), "chatgate "+name+": "), names) {
				option, _, _ := strings.Cut(fault, ":")
				d.find(at(options, option), "change the value; until then, Traefik answers 404 on every router with this middleware", "%s", fault)
			}
		}
	}
}

// at is where an option stands, or one below it: headers.X-Name. An option that is missing is
// looked for where the plugin is.
func at(options *node, path string) *node {
	name, below, _ := strings.Cut(path, ".")
	found := options.child(name)
	if found == nil {
		return options
	}
	if inner := found.child(below); inner != nil {
		return inner
	}
	return found
}

// faults parts an error that names several. A fault begins with the option's name.
func faults(text string, names []string) []string {
	parted := []string{}
	for _, piece := range strings.Split(text, "; ") {
		option, _, _ := strings.Cut(piece, ":")
		option, _, _ = strings.Cut(option, ".")
		if len(parted) == 0 || slices.Contains(names, option) {
			parted = append(parted, piece)
		} else {
			parted[len(parted)-1] += "; " + piece
		}
	}
	return parted
}

// optionNames is the plugin's options, as the readme spells them.
func optionNames() []string {
	names := []string{}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[chatgate.Config]()) {
		name := strings.ToLower(field.Name[:1]) + field.Name[1:]
		if name == "sdkAppID" {
			name = "sdkAppId"
		}
		names = append(names, name)
	}
	return names
}

// nearest is the name that a misspelt one most likely stands for, or empty.
func nearest(misspelt string, names []string) string {
	best, least := "", len(misspelt)/2
	for _, name := range names {
		if n := distance(strings.ToLower(misspelt), strings.ToLower(name)); n <= least && n < 5 {
			best, least = name, n-1
		}
	}
	return best
}

// distance is how many letters must be put in, taken out or replaced.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		corner := row[0]
		row[0] = i + 1
		for j := range b {
			replaced := corner
			if a[i] != b[j] {
				replaced++
			}
			corner = row[j+1]
			row[j+1] = min(replaced, row[j]+1, corner+1)
		}
	}
	return row[len(b)]
}
