package doctor

import (
	"slices"
	"sort"
	"strings"
)

// An entry is an entry point that routers may be on.
type entry struct {
	at    *node
	name  string
	gated bool // by its own middlewares
}

// entries lists the entry points for HTTP; one without a name where no static configuration is
// there.
func (d *doctor) entries() []entry {
	entries := []entry{}
	for _, e := range d.static.get("entryPoints").children() {
		if strings.HasSuffix(e.get("address").text(), "/udp") || e.get("http", "redirections", "entryPoint", "to") != nil || e.name == "traefik" {
			continue
		}
		entries = append(entries, entry{e, e.name, d.hasGate(e.get("http", "middlewares"), maxChains)})
	}
	if len(entries) == 0 {
		entries = append(entries, entry{})
	}
	return entries
}

// checkWays finds ways to the gate's backend that lead past it.
func (d *doctor) checkWays() {
	guarded := map[string]bool{} // addresses of backends
	entries := d.entries()
	used := slices.ContainsFunc(entries, func(e entry) bool { return e.gated })
	for _, router := range d.http("routers") {
		own := d.hasGate(router.get("middlewares"), maxChains)
		used = used || own
		for _, e := range on(router, entries) {
			if own || e.gated {
				for _, address := range d.backends(router) {
					guarded[address] = true
				}
			}
		}
	}
	d.checkTCP(guarded)
	if !used && d.static != nil {
		for name, options := range d.gates {
			d.find(options, "name it in a router's middlewares, or in an entry point's", "the gate %q stands before nothing: no router and no entry point has it", name)
		}
	}
	for _, router := range d.http("routers") {
		if !d.hasGate(router.get("middlewares"), maxChains) {
			d.checkRouter(router, on(router, entries), guarded)
		}
	}
}

// checkTCP reports routers that hand whole connections to the gate's backend.
func (d *doctor) checkTCP(guarded map[string]bool) {
	for _, router := range d.dynamic.get("tcp", "routers").children() {
		service := d.dynamic.get("tcp", "services").child(base(router.get("service").text()))
		for _, server := range service.get("loadBalancer", "servers").children() {
			address := server.get("address").text()
			if guarded["http://"+address] || guarded["https://"+address] {
				d.find(router, "take it out, or give it another backend",
					"the TCP router %q reaches the gate's backend (%s) past the gate", router.name, address)
			}
		}
	}
}

// checkRouter reports a router without the gate that reaches a backend which another reaches
// through it.
func (d *doctor) checkRouter(router *node, entries []entry, guarded map[string]bool) {
	open := slices.DeleteFunc(slices.Clone(entries), func(e entry) bool { return e.gated })
	reached := slices.DeleteFunc(d.backends(router), func(address string) bool { return !guarded[address] })
	if len(open) == 0 || len(reached) == 0 {
		return
	}
	if len(open) == len(entries) {
		d.find(router, "add the gate to its middlewares", "the router %q reaches the gate's backend (%s) past the gate: what comes there can forge its headers",
			router.name, strings.Join(reached, ", "))
		return
	}
	for _, e := range open {
		d.find(e.at, "add the gate to its http.middlewares, or give the router entryPoints that have it",
			"the entry point %q lets the router %q reach the gate's backend (%s) past the gate", e.name, router.name, strings.Join(reached, ", "))
	}
}

// on is the entry points that a router is on.
func on(router *node, entries []entry) []entry {
	named := router.get("entryPoints").texts()
	if len(named) > 0 && entries[0].at != nil {
		return slices.DeleteFunc(slices.Clone(entries), func(e entry) bool { return !slices.Contains(named, e.name) })
	}
	defaults := slices.DeleteFunc(slices.Clone(entries), func(e entry) bool { return !e.at.get("asDefault").is() })
	if len(defaults) > 0 {
		return defaults
	}
	return entries
}

// backends is the addresses that a router leads to, and the names of services that no file has.
func (d *doctor) backends(router *node) []string {
	found := map[string]bool{}
	d.reach(router.get("service").text(), found, maxChains)
	for _, service := range router.get("services").children() { // of a Kubernetes resource
		found["service "+service.get("name").text()] = true
	}
	addresses := []string{}
	for address := range found {
		addresses = append(addresses, address)
	}
	sort.Strings(addresses)
	return addresses
}

func (d *doctor) reach(name string, found map[string]bool, depth int) {
	if name == "" || depth == 0 {
		return
	}
	service := d.dynamic.get("http", "services").child(base(name))
	servers := service.get("loadBalancer", "servers").children()
	for _, server := range servers {
		found[strings.TrimRight(server.get("url").text(), "/")] = true
	}
	next := []string{service.get("failover", "service").text(), service.get("failover", "fallback").text(), service.get("mirroring", "service").text()}
	next = append(next, service.get("weighted", "services").texts()...)
	next = append(next, service.get("mirroring", "mirrors").texts()...)
	leads := len(servers) > 0
	for _, other := range next {
		leads = leads || other != ""
		d.reach(other, found, depth-1)
	}
	if !leads {
		found["service "+base(name)] = true
	}
}

// checkReferences finds middlewares that are named and not there: Traefik disables the router.
func (d *doctor) checkReferences() {
	middlewares := d.dynamic.get("http", "middlewares")
	if middlewares == nil {
		return
	}
	for _, router := range d.http("routers") {
		list := router.get("middlewares")
		for _, name := range list.texts() {
			_, provider, _ := strings.Cut(name, "@")
			if (provider == "" || provider == "file" || provider == "docker") && middlewares.child(base(name)) == nil {
				d.find(list, "write the name of a middleware that is there", "the router %q names the middleware %q, which no file has: Traefik disables the router", router.name, name)
			}
		}
	}
}

// checkTokens finds tokens that Traefik's API shows to whoever reaches it.
func (d *doctor) checkTokens() {
	open := []string{}
	for name, options := range d.gates {
		if len(options.get("token").texts()) > 0 {
			open = append(open, name)
		}
	}
	if len(open) == 0 {
		return
	}
	sort.Strings(open)
	const mend = "put the tokens into a file and name it with tokenFile, or protect the API"
	if insecure := d.static.get("api", "insecure"); insecure.is() {
		d.find(insecure, mend, "api.insecure shows the tokens of %s to whoever reaches the API's port", strings.Join(open, ", "))
	}
	for _, router := range d.http("routers") {
		if base(router.get("service").text()) == "api" && len(router.get("middlewares").texts()) == 0 {
			d.find(router, mend, "the router %q shows the API, and so the tokens of %s, to everybody", router.name, strings.Join(open, ", "))
		}
	}
}

// checkRetries finds retries and failovers that do nothing for a callback.
func (d *doctor) checkRetries() {
	if len(d.gates) == 0 {
		return
	}
	for _, middleware := range d.http("middlewares") {
		retry := middleware.get("retry")
		if retry == nil {
			continue
		}
		if !retry.get("retryNonIdempotentMethod").is() {
			d.find(retry, "set retryNonIdempotentMethod: true", "the retry %q sends no callback again: a callback is a POST, which Traefik sends once only", middleware.name)
		}
		if retry.get("status") == nil {
			d.find(retry, "set status: 500-599", "the retry %q tries again only where a connection fails, not after a 500 or a time limit", middleware.name)
		}
	}
	for _, service := range d.http("services") {
		if failover := service.get("failover"); failover != nil && failover.get("errors", "status") == nil {
			d.find(failover, "set errors.status: 500-599", "the failover %q falls back only while a health check finds no server, not after a 500", service.name)
		}
	}
}

// checkAliases finds entry points that pass on names such as X_Real_Ip, which many backends take
// for X-Real-Ip. It asks for the option where somebody hardened an entry point: where the gate is
// on one, or another has the option.
func (d *doctor) checkAliases() {
	const mend = "set http.aliasHeadersStrategy: delete (Traefik 3.7.12)"
	entryPoints := d.static.get("entryPoints").children()
	some := slices.ContainsFunc(entryPoints, func(e *node) bool { return e.get("http", "aliasHeadersStrategy") != nil })
	for _, e := range entryPoints {
		strategy := e.get("http", "aliasHeadersStrategy")
		gated := d.hasGate(e.get("http", "middlewares"), maxChains)
		if strategy != nil && strings.EqualFold(strategy.value, "keep") {
			d.find(strategy, mend, "the entry point %q passes on header names such as X_Real_Ip, which many backends take for X-Real-Ip", e.name)
		} else if strategy == nil && (some || gated) {
			d.find(e, mend, "the entry point %q has no aliasHeadersStrategy: it passes on names such as X_Real_Ip, which many backends take for X-Real-Ip", e.name)
		}
	}
}

// checkAccessLog finds access logs that keep the query, and in it the signature.
func (d *doctor) checkAccessLog() {
	accessLog := d.static.get("accessLog")
	if accessLog == nil || strings.EqualFold(accessLog.value, "false") {
		return
	}
	fields := accessLog.get("fields")
	keeps := func(mode *node) bool { return mode == nil || strings.EqualFold(mode.value, "keep") }
	path := fields.get("names", "RequestPath")
	if !keeps(fields.get("queryParameters", "defaultMode")) || path != nil && !keeps(path) || path == nil && !keeps(fields.get("defaultMode")) {
		return
	}
	d.find(accessLog, "set fields.queryParameters.defaultMode: drop (Traefik 3.7.3), or fields.names.RequestPath: drop",
		"the access log keeps the query, and so signatures: who reads one can send callbacks until it is too old")
}
