//go:build unix

package yaegi

import (
	"syscall"
	"time"
)

// cpuTime is what this process has spent, garbage collection and all. Unlike the time on the wall,
// it says little of what else the machine does.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
