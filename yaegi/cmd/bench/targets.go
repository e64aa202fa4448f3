package main

import (
	"fmt"
	"math"
	"net/http"
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

// mix is the target of the mean over the mix of a chat.
var mix = target{1.70, 1.55}

// memory is how many bytes the interpreted gate may allocate for a callback that passes.
func memory(c workload.Callback) target {
	if c.Answer() != http.StatusOK {
		return target{}
	}
	return target{most: float64(5*len(c.Text()) + 15_000)}
}

// loading is how long the plugin may take to load, with one instance of it.
const loading = 200 * time.Millisecond

// A passage is a callback that is sent through Traefik, with a middleware or with none.
type passage struct {
	workload.Callback
	middleware string         // its name in the report
	config     map[string]any // of the middleware, as a dynamic configuration has it; nil: none
	status     int            // what Traefik answers
	target     target         // of the ratio to base
	base       *passage       // the same request without middleware; nil: this is one
	router     string         // its name, by which the request finds it
	cpu        series         // the microseconds that a callback takes, a figure a round
}

// comparisons are other middlewares that the first case meets: Traefik's own, and as the floor of
// any interpreted one, a plugin that does nothing but forward or refuse.
var comparisons = []passage{
	{middleware: "an empty plugin", config: plugin("empty", map[string]any{"refuse": false}), status: http.StatusOK},
	{middleware: "Traefik's own `buffering`", config: map[string]any{"buffering": map[string]any{"maxRequestBodyBytes": 1 << 20}}, status: http.StatusOK},
	{middleware: "an empty plugin that refuses", config: plugin("empty", map[string]any{"refuse": true}), status: http.StatusForbidden},
	{middleware: "a refusal by Traefik's own `ipAllowList`", config: map[string]any{"ipAllowList": map[string]any{"sourceRange": "192.0.2.1"}}, status: http.StatusForbidden},
}

func plugin(name string, options map[string]any) map[string]any {
	return map[string]any{"plugin": map[string]any{name: options}}
}

// passagesOf lists what is measured in Traefik: each case without middleware and through a gate
// with its own options, and the comparisons.
func passagesOf(cases []workload.Callback) []*passage {
	var all []*passage
	for _, c := range cases {
		none := &passage{Callback: c, middleware: "none", status: http.StatusOK}
		all = append(all, none, &passage{
			Callback: c, middleware: "gate", config: plugin("chatgate", c.Options()), status: c.Answer(),
			target: target{c.Most, c.Better}, base: none,
		})
		if c.Name == workload.Callbacks[0].Name {
			for _, p := range comparisons {
				p.Callback, p.base = c, none
				all = append(all, &p)
			}
		}
	}
	for i, p := range all {
		p.router = fmt.Sprintf("bench-%03d", i)
	}
	return all
}
