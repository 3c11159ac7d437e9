package watermark

// Channels combines the watermarks of an operator's input channels: the minimum
// over all of them. It belongs to one goroutine.
type Channels struct {
	each     []int64
	combined int64
}

// NewChannels returns the combination of n channels that promised nothing yet.
func NewChannels(n int) *Channels {
	c := &Channels{each: make([]int64, n), combined: None}
	for i := range c.each {
		c.each[i] = None
	}
	return c
}

// Advance takes the watermark of one channel in and reports the combined one and
// whether it moved. A lower one than the channel's last is ignored.
func (c *Channels) Advance(channel int, watermark int64) (combined int64, moved bool) {
	old := c.each[channel]
	if watermark <= old {
		return c.combined, false
	}
	c.each[channel] = watermark
	if old > c.combined {
		return c.combined, false
	}
	lowest := Max
	for _, w := range c.each {
		lowest = min(lowest, w)
	}
	moved = lowest > c.combined
	c.combined = max(c.combined, lowest)
	return c.combined, moved
}

// Of is the last watermark of one channel.
func (c *Channels) Of(channel int) int64 { return c.each[channel] }
