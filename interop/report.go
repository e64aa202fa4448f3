package main

import (
	"fmt"
	"sort"
	"strings"
	"sync"
)

// finding is a trial that a reader read in another way than the gate.
type finding struct {
	process *process
	reader  string
	job     *job
	labels  string
	wrong   []difference
	count   int
}

// recorder keeps the shortest finding of each reader for each set of mutations.
type recorder struct {
	mutex    sync.Mutex
	findings map[string]map[string]*finding
	total    map[string]int
}

// accepted are readers that no gate can satisfy, and why. They are told of, and count for nothing.
var accepted = map[string]string{
	"pythonweb.py bottle forms":  "it reads any body as a form, whatever its type",
	"pythonweb.py bottle params": "it reads any body as a form, whatever its type",

	"cpp/boost Boost property tree": "it keeps no types: the text null is the same to it as null, and so absent",
}

// mostKinds is how many sets of mutations are kept for a reader.
const mostKinds = 400

func (s *session) found(p *process, j *job, answers []answer) {
	for _, a := range answers {
		wrong := s.gate.differences(p.readers[a.reader], j, a.fields)
		if wrong == nil {
			continue
		}
		s.mutex.Lock()
		key := p.name + " " + a.reader
		if accepted[key] != "" {
			s.total[key]++
			s.mutex.Unlock()
			continue
		}
		if s.findings[key] == nil {
			s.findings[key] = map[string]*finding{}
		}
		s.total[key]++
		labels := j.trial.labels()
		old := s.findings[key][labels]
		if old == nil && len(s.findings[key]) < mostKinds || old != nil && len(j.got.body)+len(j.got.target) < len(old.job.got.body)+len(old.job.got.target) {
			s.findings[key][labels] = &finding{process: p, reader: a.reader, job: j, labels: labels, wrong: wrong}
		}
		s.mutex.Unlock()
	}
}

// settle waits until every program has answered all it was asked.
func (s *session) settle() {
	base := full()
	got, _ := s.gate.pass(base)
	for _, p := range s.processes {
		p.answers(&job{ask: askURL, got: got, request: base})
	}
}

// report makes each finding as small as it gets, and prints those that are left as different kinds.
func (s *session) report() {
	s.settle()
	fmt.Fprintf(s.err, "%d tried, after %s; now the disagreements are made smaller\n", s.count, s.since())
	kinds := map[string][]*finding{}
	for _, key := range sortedKeys(s.findings) {
		var explained []map[string]bool
		list := make([]*finding, 0, len(s.findings[key]))
		for _, f := range s.findings[key] {
			list = append(list, f)
		}
		sort.Slice(list, func(i, k int) bool {
			a, b := list[i], list[k]
			if n, m := len(a.job.trial.steps), len(b.job.trial.steps); n != m {
				return n < m
			}
			return a.labels < b.labels
		})
		for _, f := range list {
			if hasAny(explained, f.job.trial) {
				continue
			}
			s.shrink(f)
			labels := map[string]bool{}
			for _, step := range f.job.trial.steps {
				labels[step.label] = true
			}
			explained = append(explained, labels)
			kinds[f.labels] = append(kinds[f.labels], f)
		}
	}
	for _, labels := range sortedKeys(kinds) {
		s.disagreed = true
		list := kinds[labels]
		sort.SliceStable(list, func(i, k int) bool { return list[i].size() < list[k].size() })
		fmt.Fprintf(s.out, "\n=== %s\n%s", labels, list[0].job.got)
		for _, f := range list {
			note := ""
			if f.job.got.body != list[0].job.got.body || f.job.got.target != list[0].job.got.target {
				note = " (with " + f.short() + ")"
			}
			fmt.Fprintf(s.out, "    %s %s: %s%s\n", f.process.name, f.reader, f.wrong[0], note)
		}
	}
	for _, key := range sortedKeys(s.total) {
		fmt.Fprintf(s.out, "%s disagreed %d times", key, s.total[key])
		if reason := accepted[key]; reason != "" {
			fmt.Fprintf(s.out, ", which counts for nothing: %s", reason)
		}
		fmt.Fprintln(s.out)
	}
}

func hasAny(sets []map[string]bool, t *trial) bool {
	for _, set := range sets {
		has := map[string]bool{}
		for _, step := range t.steps {
			if set[step.label] {
				has[step.label] = true
			}
		}
		if len(has) == len(set) {
			return true
		}
	}
	return false
}

func (f *finding) size() int { return len(f.job.got.body) + len(f.job.got.target) }

func (f *finding) short() string {
	text := visible(f.job.got.body)
	if strings.HasPrefix(f.labels, "a parameter") || strings.Contains(f.labels, "piece") {
		text = f.job.got.target
	}
	if len(text) > 200 {
		text = text[:200] + "…"
	}
	return text
}

// shrink leaves out mutations, and then pieces of the request, as long as the reader goes on to
// disagree.
func (s *session) shrink(f *finding) {
	for again := true; again; {
		again = false
		for i := range f.job.trial.steps {
			fewer := &trial{base: f.job.trial.base}
			fewer.steps = append(append(fewer.steps, f.job.trial.steps[:i]...), f.job.trial.steps[i+1:]...)
			if s.still(f, fewer.request(), fewer) {
				again = true
				break
			}
		}
	}
	f.labels = f.job.trial.labels()
	for again := true; again; {
		again = false
		q := f.job.request
		for i := range q.members {
			c := q.clone()
			c.members = append(append([]member(nil), q.members[:i]...), q.members[i+1:]...)
			if s.still(f, c, f.job.trial) {
				again = true
				break
			}
		}
		for i := range q.query {
			c := f.job.request.clone()
			if i >= len(c.query) {
				break
			}
			c.query = append(append([]string(nil), c.query[:i]...), c.query[i+1:]...)
			if s.still(f, c, f.job.trial) {
				again = true
				break
			}
		}
		for _, change := range []func(*request){
			func(c *request) { c.types = nil }, func(c *request) { c.before = "" }, func(c *request) { c.after = "" }, func(c *request) { c.space = "" },
		} {
			c := f.job.request.clone()
			change(c)
			if c.wire() != f.job.request.wire() && s.still(f, c, f.job.trial) {
				again = true
			}
		}
	}
}

// still takes over a smaller request, if the reader is told the same wrong value by it.
func (s *session) still(f *finding, q *request, t *trial) bool {
	got, code := s.gate.pass(q)
	if code != 0 || f.process.failed != nil {
		return false
	}
	for _, mime := range mimes(got.types) {
		j := &job{ask: askAll, mime: mime, got: got, request: q, trial: t}
		for _, a := range f.process.answers(j) {
			if a.reader != f.reader {
				continue
			}
			for _, wrong := range s.gate.differences(f.process.readers[a.reader], j, a.fields) {
				if wrong.field == f.wrong[0].field && shown(wrong.read) == shown(f.wrong[0].read) {
					f.job = j
					f.wrong = []difference{wrong}
					return true
				}
			}
		}
	}
	return false
}

// rows sends the rows that once got through, and says for each what becomes of it now.
func (s *session) rows() {
	for _, r := range rows() {
		got, code := s.gate.pass(r.request)
		if code != 0 {
			fmt.Fprintf(s.out, "row %s | %s | refused with %d\n", r.kind, r.name, code)
			continue
		}
		who := map[string][]string{}
		counts := false
		answered := 0
		for _, p := range s.processes {
			for i, mime := range mimes(got.types) {
				ask := askAll
				if i > 0 {
					ask = askWhole
				}
				j := &job{ask: ask, mime: mime, got: got, request: r.request}
				for _, a := range p.answers(j) {
					answered++
					if wrong := s.gate.differences(p.readers[a.reader], j, a.fields); wrong != nil {
						told := wrong[0].field + "=" + shown(wrong[0].read)
						who[told] = append(who[told], p.name+" "+a.reader)
						counts = counts || accepted[p.name+" "+a.reader] == ""
					}
				}
			}
		}
		if len(who) == 0 {
			fmt.Fprintf(s.out, "row %s | %s | forwarded, and %d readers agree\n", r.kind, r.name, answered)
			continue
		}
		s.disagreed = s.disagreed || counts
		for _, told := range sortedKeys(who) {
			fmt.Fprintf(s.out, "row %s | %s | forwarded, %s: %s\n", r.kind, r.name, told, firstWords(who[told], 12))
		}
	}
}
