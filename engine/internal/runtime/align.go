package runtime

// Aligner tells when a barrier has come by all channels. Between its first and its
// last arrival the channels that brought it are to be shut, so that nothing behind it
// enters the state.
//
// Invariants: current is nil or the newest barrier that has arrived anywhere; missing
// counts the channels that have neither ended nor brought current. A newer barrier
// takes the place of one being aligned, whose checkpoint was given up: sources send
// the newest only, so a channel may never bring an older one.
type Aligner struct {
	current *Barrier
	arrived []bool
	ended   []bool
	missing int
}

// NewAligner returns an aligner of so many channels.
func NewAligner(channels int) *Aligner {
	return &Aligner{arrived: make([]bool, channels), ended: make([]bool, channels)}
}

// Arrival is what the arrival of a barrier means.
type Arrival uint8

// What an arrival means.
const (
	// Stale: a newer barrier is being aligned. The channel stays open.
	Stale Arrival = iota
	// First: all channels are to be opened, then this one shut.
	First
	// Another: this channel is to be shut.
	Another
	// Last: the cut is made, all channels are to be opened.
	Last
)

// Barrier notes an arrival.
func (a *Aligner) Barrier(ch int, b *Barrier) Arrival {
	Invariant(!a.ended[ch], "barrier %d comes by channel %d, which has ended", b.ID, ch)
	if a.current != nil && b.ID < a.current.ID {
		return Stale
	}
	arrival := Another
	if a.current != b {
		a.begin(b)
		arrival = First
	}
	Invariant(!a.arrived[ch], "barrier %d comes twice by channel %d", b.ID, ch)
	a.arrived[ch] = true
	a.missing--
	if a.missing == 0 {
		a.current = nil
		return Last
	}
	return arrival
}

func (a *Aligner) begin(b *Barrier) {
	a.current, a.missing = b, 0
	for i, ended := range a.ended {
		a.arrived[i] = false
		if !ended {
			a.missing++
		}
	}
}

// End notes that a channel will bring nothing more; all: none will. It comes behind
// the final barrier, so never while one is being aligned.
func (a *Aligner) End(ch int) (all bool) {
	Invariant(a.current == nil, "channel %d ends while a barrier is being aligned", ch)
	a.ended[ch] = true
	for _, ended := range a.ended {
		if !ended {
			return false
		}
	}
	return true
}
