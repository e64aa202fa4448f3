package yaegi

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/internal/samples"
)

// BenchmarkWorstBody is how long the gate takes, interpreted, for the dearest bodies that anybody
// who can send one may send. One iteration is enough: -benchtime 1x.
func BenchmarkWorstBody(b *testing.B) {
	log.SetOutput(io.Discard)
	defer log.SetOutput(os.Stderr)
	gate := interpretedGate(b, loadPlugin(b), map[string]any{
		"sdkAppId": samples.App, "commands": "*", "otherCommands": "forward", "maxBodyBytes": strconv.Itoa(protocol.MaxBody),
	})
	for _, size := range []int{1 << 20, protocol.MaxBody} {
		for _, heavy := range samples.Worst(size) {
			b.Run("bytes="+strconv.Itoa(size)+"/case="+heavy.Name, func(b *testing.B) {
				status := 0
				start := cpuTime()
				for i := 0; i < b.N; i++ {
					r := httptest.NewRequest(http.MethodPost, samples.Target(heavy.Command), strings.NewReader(heavy.Body))
					status = answer(gate, r)
				}
				b.ReportMetric(float64(cpuTime()-start)/float64(b.N)/1e6, "cpu-ms/body")
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1e6, "ms/body")
				b.ReportMetric(float64(status), "status")
			})
		}
	}
}
