package kinesis

import "time"

// pace keeps a reader within what the service gives a shard, 5 calls and 2 MiB a second, which all that
// poll the shard share. A server that never throttles is read as fast as it answers. From a
// throttled call on the pace is the service's; each further one, which others' calls may
// have caused, makes it half as slow again, and each that passes a little faster, so that readers
// come to equal shares. It is given up when nothing was throttled for a while.
//
// The zero value is no pace.
type pace struct {
	gap  time.Duration // between two calls; a fifth of the time that 2 MiB take
	left int           // calls at that pace; 0: none is kept
}

const (
	pacedCalls  = 300     // a minute, by the service's limit
	paceBytes   = 2 << 20 // of five gaps
	paceEases   = 25      // part of the gap that a call which passes takes off
	slowestPace = 5       // least gaps
)

// throttled slows down, and gives the gap; least is the service's.
func (p *pace) throttled(least time.Duration) time.Duration {
	if p.left > 0 {
		least = min(max(p.gap+p.gap/2, least), slowestPace*least)
	}
	p.gap, p.left = least, pacedCalls
	return p.gap
}

// next is the pause after a call that gave so many bytes.
func (p *pace) next(bytes int, least time.Duration) time.Duration {
	if p.left == 0 {
		return 0
	}
	p.left--
	wait := max(p.gap, time.Duration(float64(p.gap)*5*float64(bytes)/paceBytes))
	p.gap = max(least, p.gap-p.gap/paceEases)
	return wait
}
