//go:build !unix

package yaegi

import "time"

var start = time.Now()

// cpuTime is the time on the wall, where there is no getrusage.
func cpuTime() time.Duration { return time.Since(start) }
