//go:build !yaegi

package protocol

import (
	"strconv"
	"testing"

	"github.com/chatgate/chatgate/internal/samples"
)

// BenchmarkWorst is how long Check takes, compiled, for the dearest bodies. What counts is what it
// takes interpreted: see BenchmarkWorstBody in yaegi.
func BenchmarkWorst(b *testing.B) {
	for _, size := range []int{1 << 20, MaxBody} {
		for _, heavy := range samples.Worst(size) {
			b.Run("bytes="+strconv.Itoa(size)+"/case="+heavy.Name, func(b *testing.B) {
				for i := 0; i < b.N; i++ {
					sendBody(heavy.Command, heavy.Body)
				}
				b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/body")
			})
		}
	}
}
