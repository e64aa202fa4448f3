package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"time"
)

// measure measures each passage once a round. The order differs, since what one passage leaves
// to the garbage collector, the next one pays for.
func (g *gateway) measure(ctx context.Context, rounds int, duration time.Duration, progress io.Writer) error {
	for round := range rounds + 1 {
		if round == 0 {
			fmt.Fprintln(progress, "Traefik: warming up")
		} else {
			fmt.Fprintf(progress, "Traefik: round %d of %d\n", round, rounds)
		}
		for _, i := range rand.Perm(len(g.passages)) {
			p := g.passages[i]
			cost, err := g.cost(ctx, p, duration)
			if err != nil {
				return fmt.Errorf("%s, %s: %w\n%s", p.Name, p.middleware, err, g.log())
			}
			if round > 0 {
				p.cpu = append(p.cpu, cost)
			}
		}
	}
	return nil
}

// cost returns the microseconds of CPU time that Traefik spends on a callback.
func (g *gateway) cost(ctx context.Context, p *passage, duration time.Duration) (float64, error) {
	before, err := g.cpuTime()
	if err != nil {
		return 0, err
	}
	answers, err := send(ctx, g.address, p.request(), p.status, duration)
	if err != nil {
		return 0, err
	}
	after, err := g.cpuTime()
	return float64((after - before).Microseconds()) / float64(answers), err
}

// request is the bytes of the request, signed now.
func (p *passage) request() []byte {
	body := p.Text()
	return []byte("POST " + p.Target() + " HTTP/1.1\r\nHost: chat.example\r\nUser-Agent: " + p.router + "\r\nAccept: */*\r\n" +
		"Content-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
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
