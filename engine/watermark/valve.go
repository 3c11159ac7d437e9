package watermark

// Valve combines the watermarks of an operator's input channels: the lowest of those that
// count. A channel that is idle does not; one that is active again counts once it has
// reached what was passed on before. When all are idle, the greatest of their watermarks
// is passed on. The end, Max, comes when every channel has reached it: one that is idle may
// be heard of again. It belongs to one goroutine.
//
// Invariant: a channel is aligned only if it is active; combined never falls.
type Valve struct {
	channels []valveChannel
	active   int
	combined int64
}

type valveChannel struct {
	watermark int64
	idle      bool
	aligned   bool
}

// NewValve returns a valve of n active channels that promised nothing yet.
func NewValve(n int) *Valve {
	v := &Valve{channels: make([]valveChannel, n), active: n, combined: None}
	for i := range v.channels {
		v.channels[i] = valveChannel{watermark: None, aligned: true}
	}
	return v
}

// Combined is the watermark passed on last.
func (v *Valve) Combined() int64 { return v.combined }

// Idle tells whether all channels are idle: the valve's output is, too.
func (v *Valve) Idle() bool { return v.active == 0 }

// Of is the last watermark of one channel.
func (v *Valve) Of(channel int) int64 { return v.channels[channel].watermark }

// Advance takes in the watermark of one channel and reports the combined one and
// whether it moved. A lower one than the channel's last is ignored, and so is one of a
// channel that is idle.
func (v *Valve) Advance(channel int, watermark int64) (combined int64, moved bool) {
	c := &v.channels[channel]
	old := c.watermark
	if c.idle || watermark <= old {
		return v.combined, false
	}
	c.watermark = watermark
	if c.aligned && old > v.combined {
		return v.combined, false // it did not hold the others
	}
	return v.align(c)
}

// SetIdle takes a channel out of the count, or takes it in again once it has caught up.
func (v *Valve) SetIdle(channel int, idle bool) (combined int64, moved bool) {
	c := &v.channels[channel]
	if c.idle == idle {
		return v.combined, false
	}
	c.idle = idle
	if !idle {
		v.active++
		return v.align(c)
	}
	v.active--
	c.aligned = false
	if v.active > 0 {
		return v.lowest()
	}
	greatest := None
	for i := range v.channels {
		greatest = max(greatest, v.channels[i].watermark)
	}
	return v.raise(greatest)
}

// align counts an active channel that has caught up.
func (v *Valve) align(c *valveChannel) (combined int64, moved bool) {
	c.aligned = c.aligned || c.watermark >= v.combined
	if !c.aligned {
		return v.combined, false
	}
	return v.lowest()
}

// lowest raises the combined watermark to the lowest of the aligned channels.
func (v *Valve) lowest() (combined int64, moved bool) {
	lowest, some := Max, false
	for i := range v.channels {
		if c := &v.channels[i]; c.aligned {
			lowest, some = min(lowest, c.watermark), true
		}
	}
	if !some || lowest == Max && !v.ended() {
		return v.combined, false
	}
	return v.raise(lowest)
}

// ended tells whether all channels have reached the end.
func (v *Valve) ended() bool {
	for i := range v.channels {
		if v.channels[i].watermark != Max {
			return false
		}
	}
	return true
}

func (v *Valve) raise(to int64) (combined int64, moved bool) {
	moved = to > v.combined
	v.combined = max(v.combined, to)
	return v.combined, moved
}
