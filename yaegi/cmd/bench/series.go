package main

import (
	"fmt"
	"slices"
)

// A series is what was measured of one thing, a figure a round.
type series []float64

func (s series) median() float64 {
	sorted := slices.Clone(s)
	slices.Sort(sorted)
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}

// minus is the difference of two series, round by round.
func (s series) minus(other series) series {
	difference := make(series, len(s))
	for i := range s {
		difference[i] = s[i] - other[i]
	}
	return difference
}

// ratio compares the medians of two series.
func (s series) ratio(to series) float64 { return s.median() / to.median() }

// spread is the range that the middle half of the ratios of each round lies in.
func (s series) spread(to series) string {
	ratios := make(series, len(s))
	for i := range s {
		ratios[i] = s[i] / to[i]
	}
	slices.Sort(ratios)
	quarter := len(ratios) / 4
	return fmt.Sprintf("%.2f to %.2f", ratios[quarter], ratios[len(ratios)-1-quarter])
}
