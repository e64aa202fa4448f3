package main

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/chatgate/chatgate/yaegi/internal/workload"
)

// A target is what a figure may be at most, and what it should rather be. Zero: there is none.
type target struct{ most, better float64 }

// verdict tells whether a figure, as precise as it is printed, holds its target.
func (t target) verdict(figure float64) string {
	figure = math.Round(figure*100) / 100
	switch {
	case t.most == 0:
		return ""
	case figure > t.most:
		return "misses"
	case t.better != 0 && figure <= t.better:
		return "holds, also the better"
	}
	return "holds"
}

func (t target) String() string {
	switch {
	case t.most == 0:
		return ""
	case t.better == 0:
		return fmt.Sprintf("%.2f", t.most)
	}
	return fmt.Sprintf("%.2f, better %.2f", t.most, t.better)
}

// interpretation is how many times as long as the compiled handler the interpreted one may take for a callback.
var interpretation = map[string]target{
	"2 members":   {2.20, 1.70},
	"500 members": {1.25, 0},
}

// memory is how many bytes the interpreted gate may allocate for a body.
func memory(body int) target { return target{most: float64(5*body + 15_000)} }

// loading is how long the plugin may take to load, with one instance of it.
const loading = 200 * time.Millisecond

// A route leads through Traefik towards the backend, through some middleware. Its name is the host that it serves.
type route string

const (
	noMiddleware   route = "none"
	gate           route = "gate"
	gateWithToken  route = "gate-with-token"
	gateOfMessages route = "gate-of-messages"

	// Traefik's own, for comparison: one that reads the body, and one that refuses.
	buffering   route = "buffering"
	ipAllowList route = "ip-allow-list"

	// The floor: an interpreted plugin that only forwards, and one that only refuses.
	emptyPlugin         route = "empty-plugin"
	emptyPluginRefusing route = "empty-plugin-refusing"
)

// A passage is a callback that takes a route, and what it may cost Traefik as a ratio to a callback that takes the route without middleware.
type passage struct {
	callback string
	route    route
	target   target
}

// passages are measured in Traefik.
var passages = []passage{
	{"2 members", noMiddleware, target{}},
	{"2 members", buffering, target{}},
	{"2 members", emptyPlugin, target{}},
	{"2 members", gate, target{1.50, 1.35}},
	{"2 members signed", gateWithToken, target{1.60, 0}},
	{"2 members escapes", gate, target{1.90, 0}},
	{"2 members unknown text", gate, target{1.90, 0}},
	{"2 members unknown object", gate, target{1.90, 0}},
	{"100 members", noMiddleware, target{}},
	{"100 members", gate, target{}},
	{"500 members", noMiddleware, target{}},
	{"500 members", buffering, target{}},
	{"500 members", gate, target{3.50, 3.00}},
	{"a message", noMiddleware, target{}},
	{"a message", gateOfMessages, target{}},
	{"2 members", ipAllowList, target{}},
	{"2 members", emptyPluginRefusing, target{}},
	{"refused by app", gate, target{0.50, 0}},
	{"refused by signature", gateWithToken, target{0.50, 0}},
}

// base is the passage that another is compared with: the same group's callback, without middleware.
func base(p passage) passage {
	members := callbackNamed(p.callback).Members
	return passages[slices.IndexFunc(passages, func(q passage) bool {
		return q.route == noMiddleware && callbackNamed(q.callback).Members == members
	})]
}

func callbackNamed(name string) workload.Callback {
	return workload.Callbacks[slices.IndexFunc(workload.Callbacks, func(c workload.Callback) bool { return c.Name == name })]
}
