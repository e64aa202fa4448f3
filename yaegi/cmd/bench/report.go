package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"unicode/utf8"
)

// reportMachine says where the figures come from.
func reportMachine(out io.Writer) {
	load := ""
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		load = ", load average before " + strings.Fields(string(text))[0]
	}
	fmt.Fprintf(out, "%s, %s/%s, %d CPUs%s.\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), load)
}

// reportHandler prints what the Go benchmarks say.
func reportHandler(out io.Writer, figures *handlerFigures) {
	rows := [][]string{{"Handler, µs of CPU time", "interpreted", "compiled", "ratio", "interquartile range"}}
	for _, c := range figures.cases {
		interpreted, compiled := gateAlone(figures.cpu, c.Name, "interpreted"), gateAlone(figures.cpu, c.Name, "compiled")
		rows = append(rows, []string{c.Name, microseconds(interpreted), microseconds(compiled),
			fmt.Sprintf("%.2f", interpreted.ratio(compiled)), interpreted.ratios(compiled).spread()})
	}
	printTable(out, rows)
	first := figures.cases[0].Name
	fmt.Fprintf(out, "Of the gate alone: the %s µs that the benchmark itself costs are taken off.\n\n",
		microseconds(figures.cpu[benchmark{first, "none"}]))

	rows = [][]string{{profiled(figures.cases).Name + ", interpreted: what takes the time", "%"}}
	for _, s := range figures.shares {
		rows = append(rows, []string{s.of, fmt.Sprintf("%.0f", s.percent)})
	}
	printTable(out, rows)

	rows = [][]string{{"Allocated, interpreted", "body, bytes", "objects", "bytes", "at most", ""}}
	for _, c := range figures.cases {
		bytes, objects := gateAlone(figures.bytes, c.Name, "interpreted").median(), gateAlone(figures.objects, c.Name, "interpreted").median()
		rows = append(rows, []string{c.Name, fmt.Sprint(len(c.Text())), fmt.Sprintf("%.0f", objects),
			fmt.Sprintf("%.0f", bytes), strings.TrimSuffix(memory(c).String(), ".00"), memory(c).verdict(bytes)})
	}
	printTable(out, rows)

	milliseconds, limit := figures.loading.median()/1e6, target{most: float64(loading.Milliseconds())}
	fmt.Fprintf(out, "Loading the plugin with one instance: %.0f ms of CPU time, at most %.0f: %s.\n\n", milliseconds, limit.most, limit.verdict(milliseconds))
}

func microseconds(nanoseconds series) string { return fmt.Sprintf("%.1f", nanoseconds.median()/1000) }

// reportTraefik prints what callbacks cost Traefik.
func reportTraefik(out io.Writer, g *gateway) {
	var (
		gates, others [][]string
		mean          float64
		means         = make(series, len(g.passages[0].cpu)) // of each round
		shares        int
		worst         *passage
	)
	for _, p := range g.passages {
		switch {
		case p.base == nil:
			continue
		case p.middleware != "gate":
			others = append(others, row(p, "for comparison: "+p.middleware, ""))
			continue
		case p.Share == 0:
			gates = append(gates, row(p, p.Name, ""))
			continue
		}
		gates = append(gates, row(p, p.Name, fmt.Sprint(p.Share)))
		shares += p.Share
		mean += p.ratio() * float64(p.Share) / 100
		for i, ratio := range p.cpu.ratios(p.base.cpu) {
			means[i] += ratio * float64(p.Share) / 100
		}
		if worst == nil || p.ratio() > worst.ratio() {
			worst = p
		}
	}
	rows := [][]string{{"Traefik " + g.version, "share", "µs without", "µs", "ratio", "interquartile range", "at most", ""}}
	rows = append(rows, gates...)
	if shares == 100 { // nobody selected some of them
		rows = append(rows, []string{"**the mean over the mix**", "100", "", "", fmt.Sprintf("%.2f", mean), means.spread(), mix.String(), mix.verdict(mean)},
			row(worst, "the worst of the mix: "+worst.Name, fmt.Sprint(worst.Share)))
	}
	printTable(out, append(rows, others...))
	fmt.Fprintf(out, "CPU time of Traefik's process. A ratio is to forwarding the same request without middleware, a refusal's\n"+
		"as well. A share is of a hundred callbacks of a chat. Comparisons are for the first case. Rounds: %d; connections: %d.\n",
		len(means), connections)
}

// row is a line of the table about a passage with a middleware.
func row(p *passage, label, share string) []string {
	return []string{label, share, fmt.Sprintf("%.0f", p.base.cpu.median()), fmt.Sprintf("%.0f", p.cpu.median()),
		fmt.Sprintf("%.2f", p.ratio()), p.cpu.ratios(p.base.cpu).spread(), p.target.String(), p.target.verdict(p.ratio())}
}

func (p *passage) ratio() float64 { return p.cpu.ratio(p.base.cpu) }

// printTable prints rows, the first of which is the heading, in Markdown that can be read as it is.
func printTable(out io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for i, row := range rows {
		for j, cell := range row {
			fmt.Fprintf(out, "| %-*s ", widths[j], cell)
		}
		fmt.Fprintln(out, "|")
		if i == 0 {
			for _, width := range widths {
				fmt.Fprint(out, "|", strings.Repeat("-", width+2))
			}
			fmt.Fprintln(out, "|")
		}
	}
	fmt.Fprintln(out)
}
