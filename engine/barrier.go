package engine

import (
	"fmt"

	"taxistream/engine/checkpoint"
)

// barrier cuts a stream: what is before it belongs to a checkpoint, what is after
// it does not. One object goes through the whole job.
type barrier struct {
	id       int64
	final    bool // the job ends behind it
	finished bool // of a drain: behind MaxWatermark
}

// ack is a task's answer to a barrier: the states of all its operators.
type ack struct {
	barrier *barrier
	task    *task
	states  map[*node]checkpoint.OperatorState
}

// aligner tells when a barrier has come by all channels. Between its first and its
// last arrival the channels that brought it are shut, so nothing behind it enters
// the state.
type aligner struct {
	current *barrier
	arrived []bool
	ended   []bool
	missing int // channels that are open and have not brought it
}

func newAligner(channels int) *aligner {
	return &aligner{arrived: make([]bool, channels), ended: make([]bool, channels)}
}

// barrier notes an arrival; complete means that the cut is made.
func (a *aligner) barrier(ch int, b *barrier) (complete bool, err error) {
	if a.current == nil {
		a.current = b
		a.missing = 0
		for i := range a.arrived {
			a.arrived[i] = a.ended[i]
			if !a.ended[i] {
				a.missing++
			}
		}
	}
	if a.current != b || a.arrived[ch] {
		return false, fmt.Errorf("barrier %d arrives on channel %d while %d is being aligned", b.id, ch, a.current.id)
	}
	a.arrived[ch] = true
	a.missing--
	if a.missing == 0 {
		a.current = nil
		return true, nil
	}
	return false, nil
}

// end notes that a channel will bring nothing more. In an orderly job it comes
// behind the final barrier, so never while one is being aligned.
func (a *aligner) end(ch int) (all bool, err error) {
	if a.current != nil {
		return false, fmt.Errorf("channel %d ends while barrier %d is being aligned", ch, a.current.id)
	}
	a.ended[ch] = true
	for _, ended := range a.ended {
		if !ended {
			return false, nil
		}
	}
	return true, nil
}
