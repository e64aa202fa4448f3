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

// ratios compares two series round by round.
func (s series) ratios(to series) series {
	ratios := make(series, len(s))
	for i := range s {
		ratios[i] = s[i] / to[i]
	}
	return ratios
}

// spread is the interquartile range.
func (s series) spread() string {
	sorted := slices.Clone(s)
	slices.Sort(sorted)
	quarter := len(sorted) / 4
	return fmt.Sprintf("%.2f to %.2f", sorted[quarter], sorted[len(sorted)-1-quarter])
}
