package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// measureTraefik returns, for each passage, the microseconds of CPU time that Traefik spends on a callback, a figure a round.
func measureTraefik(ctx context.Context, g *gateway, rounds int, duration time.Duration, progress io.Writer) (map[passage]series, error) {
	cpu := map[passage]series{}
	for round := range rounds + 1 {
		if round == 0 {
			fmt.Fprintln(progress, "Traefik: warming up")
		} else {
			fmt.Fprintf(progress, "Traefik: round %d of %d\n", round, rounds)
		}
		for _, i := range rand.Perm(len(passages)) { // since what one leaves to the garbage collector, the next one pays for
			p := passages[i]
			cost, err := g.cost(ctx, p, duration)
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w\n%s", p.callback, p.route, err, g.log())
			}
			if round > 0 {
				cpu[p] = append(cpu[p], cost)
			}
		}
	}
	return cpu, nil
}

// cost measures one passage once.
func (g *gateway) cost(ctx context.Context, p passage, duration time.Duration) (float64, error) {
	request, status := p.request()
	before, err := g.cpuTime()
	if err != nil {
		return 0, err
	}
	answers, err := send(ctx, g.address, request, status, duration)
	if err != nil {
		return 0, err
	}
	after, err := g.cpuTime()
	return float64((after - before).Microseconds()) / float64(answers), err
}

// request is the bytes of a passage's request, and the status of its answer.
func (p passage) request() ([]byte, int) {
	c := callbackNamed(p.callback)
	body, status := c.Body(), c.Status
	switch p.route {
	case noMiddleware, buffering, emptyPlugin:
		status = http.StatusOK
	case ipAllowList, emptyPluginRefusing:
		status = http.StatusForbidden
	}
	return []byte("POST " + c.Target() + " HTTP/1.1\r\nHost: " + string(p.route) + "\r\nUser-Agent: bench\r\nAccept: */*\r\n" +
		"Content-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body), status
}

// cpuTime is what Traefik has spent since it started, in user and in system mode.
func (g *gateway) cpuTime() (time.Duration, error) {
	file := fmt.Sprintf("/proc/%d/stat", g.process.Process.Pid)
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the end of the name, which is the second field
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("%s: expected at least 15 fields, found %q", file, text)
	}
	user, userErr := strconv.Atoi(fields[11])
	system, systemErr := strconv.Atoi(fields[12])
	const tick = 10 * time.Millisecond // USER_HZ is 100 on every architecture that Go knows
	return time.Duration(user+system) * tick, errors.Join(userErr, systemErr)
}
