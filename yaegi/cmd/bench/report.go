package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"unicode/utf8"

	"github.com/chatgate/chatgate/yaegi/internal/workload"
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
	rows := [][]string{{"Handler, µs of CPU time", "interpreted", "compiled", "ratio", "spread", "at most", ""}}
	for _, c := range workload.Callbacks {
		interpreted, compiled := gateAlone(figures.cpu, c.Name, "interpreted"), gateAlone(figures.cpu, c.Name, "compiled")
		ratio, limit := interpreted.ratio(compiled), interpretation[c.Name]
		rows = append(rows, []string{c.Name, microseconds(interpreted), microseconds(compiled),
			fmt.Sprintf("%.2f", ratio), interpreted.spread(compiled), limit.String(), limit.verdict(ratio)})
	}
	printTable(out, rows)
	fmt.Fprintf(out, "Of the gate alone: the %s µs that the benchmark itself costs are taken off.\n\n",
		microseconds(figures.cpu[benchmark{workload.Callbacks[0].Name, "none"}]))

	rows = [][]string{{"2 members, interpreted: what takes the time", "%"}}
	for _, s := range figures.shares {
		rows = append(rows, []string{s.of, fmt.Sprintf("%.0f", s.percent)})
	}
	printTable(out, rows)

	rows = [][]string{{"Allocated, interpreted", "body, bytes", "objects", "bytes", "at most", ""}}
	for _, c := range workload.Callbacks {
		bytes, limit := gateAlone(figures.bytes, c.Name, "interpreted").median(), memory(len(c.Body()))
		rows = append(rows, []string{c.Name, fmt.Sprint(len(c.Body())), fmt.Sprintf("%.0f", gateAlone(figures.objects, c.Name, "interpreted").median()),
			fmt.Sprintf("%.0f", bytes), fmt.Sprintf("%.0f", limit.most), limit.verdict(bytes)})
	}
	printTable(out, rows)

	milliseconds, limit := figures.loading.median()/1e6, target{most: float64(loading.Milliseconds())}
	fmt.Fprintf(out, "Loading the plugin with one instance: %.0f ms of CPU time, at most %.0f: %s.\n\n", milliseconds, limit.most, limit.verdict(milliseconds))
}

func microseconds(nanoseconds series) string { return fmt.Sprintf("%.1f", nanoseconds.median()/1000) }

// reportTraefik prints what callbacks cost Traefik.
func reportTraefik(out io.Writer, version string, cpu map[passage]series) {
	rows := [][]string{{"Traefik " + version, "middleware", "µs", "ratio", "spread", "at most", ""}}
	for _, p := range passages {
		row := []string{p.callback, string(p.route), fmt.Sprintf("%.0f", cpu[p].median()), "1", "", "", ""}
		if b := base(p); p != b {
			ratio := cpu[p].ratio(cpu[b])
			row = append(row[:3], fmt.Sprintf("%.2f", ratio), cpu[p].spread(cpu[b]), p.target.String(), p.target.verdict(ratio))
		}
		rows = append(rows, row)
	}
	printTable(out, rows)
	fmt.Fprintf(out, "CPU time of Traefik's process. Ratios are to forwarding a callback of as many members without middleware. %d connections.\n", connections)
}

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
