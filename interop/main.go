// Command interop looks for requests that the gate lets through, and that a backend's parser reads
// in another way than the gate's headers say. README.md tells how to run it, and how to read what
// it prints.
//
// Start reading at run. What is sent is in mutate.go and rows.go, what is compared in compare.go,
// and each file of readers/ is a program with parsers in it.
package main

import (
	"flag"
	"fmt"
	"hash/maphash"
	"io"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

func main() {
	log.SetOutput(io.Discard) // the gate's journal
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

type options struct {
	count    uint64
	seed     uint64
	readers  *regexp.Regexp
	dir      string
	rowsOnly bool
}

// run returns the exit code: 1 for a disagreement, 2 for a wrong use.
func run(args []string, stdout, stderr io.Writer) int {
	var o options
	flags := flag.NewFlagSet("interop", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Uint64Var(&o.count, "n", 20000, "how many requests are `tried`; most of them are refused")
	flags.Uint64Var(&o.seed, "seed", 1, "what the requests are drawn from: the same `seed` draws the same")
	pattern := flags.String("readers", "", "ask only the programs of readers/ whose name matches this regular `expression`")
	flags.StringVar(&o.dir, "dir", ".", "the `folder` interop of the repository")
	flags.BoolVar(&o.rowsOnly, "rows", false, "send only the rows of rows.go")
	flags.Usage = func() {
		fmt.Fprint(stderr, "usage: interop [-n tried] [-seed seed] [-readers expression] [-rows]\n\n"+
			"Sends adversarial callbacks through the gate, and what it forwards to many parsers.\n"+
			"Prints every field that one of them reads in another way than the gate's header says.\n"+
			"Exit code 1: there is one. 2: wrong use.\n\n")
		flags.PrintDefaults()
	}
	switch err := flags.Parse(args); {
	case err == flag.ErrHelp:
		return 0
	case err != nil:
		return 2
	}
	var err error
	if o.readers, err = regexp.Compile(*pattern); err != nil || flags.NArg() > 0 {
		fmt.Fprintln(stderr, "interop: wrong use:", err, flags.Args())
		flags.Usage()
		return 2
	}
	s := &session{options: o, out: stdout, err: stderr, seen: map[uint64]bool{}, started: time.Now()}
	s.findings = map[string]map[string]*finding{}
	s.total = map[string]int{}
	if err := s.all(); err != nil {
		fmt.Fprintln(stderr, "interop:", err)
		return 2
	}
	if s.disagreed {
		return 1
	}
	return 0
}

// session is one run.
type session struct {
	options
	out, err  io.Writer
	started   time.Time
	gate      *gate
	bases     []*request
	processes []*process

	hash      maphash.Hash
	seen      map[uint64]bool // hashes of what was handed on
	passed    int             // requests that the gate forwarded
	distinct  int
	refused   map[int]int
	disagreed bool
	recorder
}

func (s *session) all() error {
	var err error
	if s.gate, err = newGate(); err != nil {
		return err
	}
	if s.bases, err = corpus(filepath.Join(s.dir, "..", "testdata")); err != nil {
		return err
	}
	s.refused = map[int]int{}
	for _, base := range s.bases {
		if s.gate.silent[base.command] == nil {
			s.gate.learn(base.command, base)
		}
	}
	s.gate.learn(fullCommand, full())
	work, err := os.MkdirTemp("", "interop")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := s.startAll(work); err != nil {
		return err
	}
	err = s.plain()
	if err == nil {
		s.rows()
		if !s.rowsOnly {
			s.generate()
			s.report()
		}
	}
	for _, p := range s.processes {
		p.stop()
	}
	if err == nil {
		s.summary()
	}
	return err
}

// startAll starts every program that is there, and says which is not.
func (s *session) startAll(work string) error {
	readers, err := filepath.Abs(filepath.Join(s.dir, "readers"))
	if err != nil {
		return err
	}
	fields := sortedKeys(s.gate.fields)
	for _, p := range programs(readers) {
		if !s.readers.MatchString(p.name) {
			continue
		}
		started, err := p.start(work, fields)
		if err != nil {
			s.missing(p.name, err.Error(), p.hint)
			continue
		}
		for _, name := range sortedKeys(started.missing) {
			s.missing(name, started.missing[name], p.hint)
		}
		s.processes = append(s.processes, started)
		started.run(s.found)
		fmt.Fprintf(s.err, "%s: %d readers, after %s\n", p.name, len(started.readers), s.since())
	}
	if s.processes == nil {
		return fmt.Errorf("there is no reader to ask")
	}
	return nil
}

func (s *session) missing(name, why, hint string) {
	fmt.Fprintf(s.out, "not installed: %s (%s); %s\n", name, why, hint)
}

// plain asks every reader about the corpus as it is. One that reads nothing of it is itself wrong.
func (s *session) plain() error {
	told := map[string]int{}
	said := map[string]bool{}
	for _, base := range append(append([]*request(nil), s.bases...), full(), created()) {
		for _, types := range [][]string{{"application/json"}, {"application/json; charset=utf-8"}} {
			q := typed(base.clone(), types...)
			got, code := s.gate.pass(q)
			if code != 0 {
				return fmt.Errorf("the corpus has a callback that the gate refuses with %d:\n%s", code, q.wire())
			}
			for _, p := range s.processes {
				for _, a := range p.answers(&job{ask: askAll, mime: mimes(got.types)[0], got: got, request: q}) {
					key := p.name + " " + a.reader
					told[key] += len(a.fields)
					wrong := s.gate.differences(p.readers[a.reader], &job{got: got, request: q}, a.fields)
					if wrong != nil && !said[key] {
						said[key] = true
						s.disagreed = true
						fmt.Fprintf(s.out, "%s reads a plain callback otherwise: %s\n%s", key, wrong[0], got)
					}
				}
			}
		}
	}
	for _, p := range s.processes {
		if p.failed != nil {
			return fmt.Errorf("%s failed at a plain callback: %w", p.name, p.failed)
		}
		for name, r := range p.readers {
			if told[p.name+" "+name] == 0 && r.kind != "form" && r.kind != "params" {
				return fmt.Errorf("%s %s understands nothing of a plain callback", p.name, name)
			}
		}
	}
	return nil
}

// mimes is how a backend may see the Content-Type lines: it takes the first, the last, or all in
// one.
func mimes(lines []string) []*string {
	if len(lines) == 0 {
		return []*string{nil}
	}
	found := []*string{&lines[0]}
	if len(lines) > 1 {
		joined := strings.Join(lines, ", ")
		found = append(found, &lines[len(lines)-1], &joined)
	}
	return found
}

// wholeOf is one in how many requests goes to the readers of whole requests, where its type is
// none, or the usual one. They are slow, and their parsers get each body and each URL anyway.
const wholeOf = 32

// slowOf is the same for readers that say that they are slow.
const slowOf = 8

// generate draws requests, and hands on what the gate forwards. What a reader looks at, it gets
// once.
func (s *session) generate() {
	told := time.Now()
	for number := uint64(0); number < s.count; number++ {
		if time.Since(told) > 5*time.Second {
			told = time.Now()
			fmt.Fprintf(s.err, "%d tried, %d forwarded, %d different, %s\n", number, s.passed, s.distinct, s.since())
		}
		t := draw(s.bases, s.seed, number)
		q := t.request()
		got, code := s.gate.pass(q)
		if code != 0 {
			s.refused[code]++
			continue
		}
		s.passed++
		once := ""
		if s.isNew(askBody, q.command, got.body) {
			once += askBody
		}
		if s.isNew(askURL, got.target) {
			once += askURL
		}
		if once != "" || len(got.types) > 0 {
			s.distinct++
		}
		if once != "" && number%slowOf == 0 {
			once += askSlow
		}
		for i, mime := range mimes(got.types) {
			line := "none"
			if mime != nil {
				line = *mime
			}
			ask := once
			if i > 0 {
				ask = ""
			}
			if (number%wholeOf == 0 || got.types != nil && line != "application/json") && s.isNew(askWhole, line, got.target, got.body) {
				ask += askWhole
			}
			s.hand(&job{ask: ask, mime: mime, got: got, request: q, trial: t})
		}
	}
}

func (s *session) isNew(parts ...string) bool {
	s.hash.Reset()
	for _, part := range parts {
		s.hash.WriteString(part)
		s.hash.WriteByte(0)
	}
	sum := s.hash.Sum64()
	if s.seen[sum] {
		return false
	}
	s.seen[sum] = true
	return true
}

// hand gives a job to the programs that have readers for it.
func (s *session) hand(j *job) {
	for _, p := range s.processes {
		ask := ""
		for _, letter := range p.asks() {
			if strings.ContainsRune(j.ask, letter) {
				ask += string(letter)
			}
		}
		if ask != "" {
			part := *j
			part.ask = ask
			p.jobs <- &part
		}
	}
}

func (s *session) since() time.Duration { return time.Since(s.started).Round(time.Second) }

func (s *session) summary() {
	readers, lines := 0, 0
	for _, p := range s.processes {
		answers := 0
		for _, r := range p.readers {
			readers++
			answers += r.lines
		}
		lines += answers
		fmt.Fprintf(s.err, "%s: %d answers of %d readers, %s of a processor\n", p.name, answers, len(p.readers), p.took.Round(time.Second/10))
	}
	if !s.rowsOnly {
		fmt.Fprintf(s.out, "%d tried with seed %d, %d forwarded, %d of them different. %d readers gave %d answers, in %s.\n", s.count, s.seed, s.passed, s.distinct, readers, lines, s.since())
	}
	for _, p := range s.processes {
		if p.failed != nil {
			s.disagreed = true
			fmt.Fprintf(s.out, "%s died: %v\n", p.name, p.failed)
		}
	}
	if s.disagreed {
		fmt.Fprintln(s.out, "They do not agree.")
	} else {
		fmt.Fprintln(s.out, "All agree with the gate.")
	}
}
