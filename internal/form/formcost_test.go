//go:build !yaegi

package form

import (
	"runtime"
	"testing"

	"github.com/chatgate/chatgate/internal/samples"
)

// What a form costs in memory, on average over many of a message.
func TestMemoryOfAForm(t *testing.T) {
	const count = 100 // of 1000 it is the same, to a kilobyte
	for _, command := range []string{"C2C.CallbackBeforeSendMsg", "Bot.OnGroupMessage", samples.Command} {
		body := samples.Body(command)
		forms := make([]*Form, 0, count)
		before := heap()
		for len(forms) < count {
			forms = append(forms, learnFrom(command, body))
		}
		each := (heap() - before) / count
		t.Logf("%s: %d bytes a form, of a pattern of %d bytes and a body of %d", command, each, len(forms[0].Pattern.String()), len(body))
		if each > 200<<10 {
			t.Errorf("%s: %d bytes a form: 6 forms for each command should fit into some 70 MB", command, each)
		}
		before = heap()
		for _, f := range forms {
			_ = captures(f, body)
		}
		t.Logf("%s: %d bytes more a form that was used once", command, (int64(heap())-int64(before))/count)
		runtime.KeepAlive(forms)
	}
}

func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
