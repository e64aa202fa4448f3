package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strings"
	"syscall"
	"time"
)

// A result is what became of a callback that was sent.
type result struct {
	kind     string // in words that results can be counted by
	detail   string // the answer, or why there is none
	answered bool
	accepted bool
	took     time.Duration
}

// judge takes an answer as Tencent Cloud Chat does, which accepts status 200 with the ActionStatus
// OK and nothing else.
func judge(status int, reply []byte, err error) result {
	if err != nil {
		var wrapped *url.Error // its text has the URL in it, and that the signature
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		if errors.Is(err, syscall.ECONNREFUSED) {
			return result{kind: "no answer", detail: err.Error() + "; make run starts a gate"}
		}
		return result{kind: "no answer", detail: err.Error()}
	}
	kind := fmt.Sprintf("%d %s", status, http.StatusText(status))
	var form struct {
		ActionStatus string
		ErrorCode    int
	}
	if json.Unmarshal(reply, &form) != nil || form.ActionStatus == "" {
		kind += ", not in the form of an answer"
	} else {
		kind += fmt.Sprintf(", ActionStatus %s, ErrorCode %d", form.ActionStatus, form.ErrorCode)
	}
	return result{
		kind:     strings.Map(visible, kind),
		detail:   strings.Map(visible, strings.TrimSpace(string(reply))),
		answered: true,
		accepted: status == http.StatusOK && form.ActionStatus == "OK",
	}
}

// report prints a single result, or a summary of many. Its error tells that not all were accepted.
func report(out io.Writer, results []result, elapsed time.Duration) error {
	sent := slices.DeleteFunc(results, func(r result) bool { return r.kind == "" })
	if len(sent) == 1 {
		fmt.Fprintf(out, "%s, after %s\n%s\n", sent[0].kind, sent[0].took.Round(time.Microsecond), sent[0].detail)
	} else {
		fmt.Fprintf(out, "%d sent in %s, %.0f in a second\n", len(sent), elapsed.Round(time.Millisecond), float64(len(sent))/elapsed.Seconds())
		summarizeKinds(out, sent)
		summarizeTimes(out, sent)
	}
	failed := 0
	for _, r := range sent {
		if !r.accepted {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d not accepted", failed, len(sent))
	}
	return nil
}

// summarizeKinds prints how many results there are of each kind, the most frequent first, with the
// detail of one that was not accepted.
func summarizeKinds(out io.Writer, results []result) {
	counts, examples := map[string]int{}, []result{}
	for _, r := range results {
		if counts[r.kind]++; counts[r.kind] == 1 {
			examples = append(examples, r)
		}
	}
	sort.SliceStable(examples, func(i, j int) bool { return counts[examples[i].kind] > counts[examples[j].kind] })
	for _, r := range examples {
		fmt.Fprintf(out, "%8d  %s\n", counts[r.kind], r.kind)
		if !r.accepted {
			fmt.Fprintf(out, "%8s  such as %s\n", "", shorten(r.detail))
		}
	}
}

// summarizeTimes prints after what time a share of the answers was there.
func summarizeTimes(out io.Writer, results []result) {
	var times []time.Duration
	for _, r := range results {
		if r.answered {
			times = append(times, r.took)
		}
	}
	if len(times) == 0 {
		return
	}
	slices.Sort(times)
	line := "answered"
	for _, percent := range []int{50, 90, 99, 100} {
		line += fmt.Sprintf("  %d%% in %s", percent, times[(len(times)-1)*percent/100].Round(time.Microsecond))
	}
	fmt.Fprintln(out, line)
}
