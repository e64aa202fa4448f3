package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// What readers are asked with: those that look at the body alone, at the URL alone, or at the whole
// request.
const (
	askBody  = "b"
	askURL   = "q"
	askSlow  = "s" // of either
	askWhole = "r"
	askAll   = askBody + askURL + askSlow + askWhole
)

// job is one line to a program: a request, and which of its readers are asked.
type job struct {
	ask      string
	mime     *string // the Content-Type, nil for none
	got      *forwarded
	request  *request
	trial    *trial
	finished func(*job, []answer) // nil in a run
}

// answer is what a reader understood.
type answer struct {
	reader string
	fields map[string]*string // nil: it refused the request
}

func (j *job) line(to *bufio.Writer) {
	encode := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	to.WriteString(`{"ask":"` + j.ask + `","t":"` + encode(j.got.target) + `","c":`)
	if j.mime == nil {
		to.WriteString("null")
	} else {
		to.WriteString(`"` + encode(*j.mime) + `"`)
	}
	to.WriteString(`,"b":"` + encode(j.got.body) + "\"}\n")
}

// process is a running program, with the readers in it.
type process struct {
	*program
	readers map[string]*reader
	missing map[string]string // readers whose library is not there, and what it says of that

	command *exec.Cmd
	stdin   io.WriteCloser
	stdout  *bufio.Reader
	faults  bytes.Buffer // its standard error

	jobs    chan *job
	pending chan *job
	done    sync.WaitGroup
	failed  error
	took    time.Duration // of a processor
}

// reader is one way to understand a request.
type reader struct {
	name  string
	kind  string          // body, query, form or params
	slow  bool            // it is asked now and then
	knows map[string]bool // the fields of a bean; nil: any
	lines int             // how many requests it answered
}

// batch is how many requests a program gets before it has to write its answers.
const batch = 256

func (p *program) start(dir string, fields []string) (*process, error) {
	command, err := p.build(dir)
	if err != nil {
		return nil, err
	}
	started := &process{program: p, readers: map[string]*reader{}, missing: map[string]string{}, jobs: make(chan *job, 4*batch), pending: make(chan *job, 4*batch)}
	c := exec.Command(command[0], command[1:]...)
	c.Dir = p.dir
	c.Stderr = &started.faults
	c.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=UTC", "INTEROP_DIR="+dir)
	if started.stdin, err = c.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	started.stdout = bufio.NewReaderSize(stdout, 1<<20)
	if err := c.Start(); err != nil {
		return nil, err
	}
	started.command = c
	hello, _ := json.Marshal(fields)
	_, _ = started.stdin.Write(append(hello, '\n', '\n'))
	line, err := started.stdout.ReadBytes('\n')
	var told map[string]string
	if err == nil {
		err = json.Unmarshal(line, &told)
	}
	if err != nil {
		_ = c.Process.Kill()
		_ = c.Wait()
		return nil, errors.New(lastLine(started.faults.String()+"\n"+string(line), err))
	}
	for name, kind := range told {
		if what, is := strings.CutPrefix(kind, "missing "); is {
			started.missing[name] = what
			continue
		}
		kind, list, limited := strings.Cut(kind, ":")
		kind, slow := strings.CutPrefix(kind, "slow ")
		r := &reader{name: name, kind: kind, slow: slow}
		if limited {
			r.knows = map[string]bool{}
			for _, field := range strings.Split(list, ",") {
				r.knows[field] = true
			}
		}
		started.readers[name] = r
	}
	return started, nil
}

func lastLine(text string, err error) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return last
	}
	return err.Error()
}

// asks is what a program's readers have to be asked with at all.
func (p *process) asks() string {
	ask := ""
	for _, r := range p.readers {
		letter := askWhole
		if r.slow {
			letter = askSlow
		} else if r.kind == "body" {
			letter = askBody
		} else if r.kind == "query" {
			letter = askURL
		}
		if !strings.Contains(ask, letter) {
			ask += letter
		}
	}
	return ask
}

// run hands jobs to the program and answers to found, until there are no more jobs.
func (p *process) run(found func(*process, *job, []answer)) {
	p.done.Add(2)
	go func() {
		defer p.done.Done()
		defer close(p.pending)
		p.write()
	}()
	go func() {
		defer p.done.Done()
		p.read(found)
	}()
}

func (p *process) write() {
	to := bufio.NewWriterSize(p.stdin, 1<<16)
	unflushed := 0
	flush := func() {
		to.WriteByte('\n')
		_ = to.Flush() // who has died is found out by reading
		unflushed = 0
	}
	for {
		var j *job
		var more bool
		select {
		case j, more = <-p.jobs:
		default:
			if unflushed > 0 {
				flush()
			}
			j, more = <-p.jobs
		}
		if !more {
			if unflushed > 0 {
				flush()
			}
			return
		}
		p.pending <- j
		j.line(to)
		if unflushed++; unflushed == batch {
			flush()
		}
	}
}

func (p *process) read(found func(*process, *job, []answer)) {
	for j := range p.pending {
		if p.failed != nil {
			if j.finished != nil {
				j.finished(j, nil)
			}
			continue
		}
		line, err := p.stdout.ReadBytes('\n')
		var told map[string]map[string]*string
		if err == nil {
			err = json.Unmarshal(line, &told)
		}
		if err != nil {
			p.failed = fmt.Errorf("%s; it was asked:\n%s", lastLine(p.faults.String()+"\n"+string(line), err), j.got)
		}
		answers := make([]answer, 0, len(told))
		for name, fields := range told {
			answers = append(answers, answer{name, fields})
			if j.finished == nil {
				p.readers[name].lines++
			}
		}
		if j.finished != nil {
			j.finished(j, answers)
		} else {
			found(p, j, answers)
		}
	}
}

// answers asks a running program, and waits. Nothing else may be asking it.
func (p *process) answers(j *job) []answer {
	result := make(chan []answer, 1)
	j.finished = func(_ *job, a []answer) { result <- a }
	p.jobs <- j
	return <-result
}

func (p *process) stop() {
	close(p.jobs)
	p.done.Wait()
	_ = p.stdin.Close()
	if err := p.command.Wait(); err != nil && p.failed != nil {
		p.failed = fmt.Errorf("%w\n%w", err, p.failed)
	}
	if used := p.command.ProcessState; used != nil {
		p.took = used.UserTime() + used.SystemTime()
	}
}
