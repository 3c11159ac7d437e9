package engine

import "slices"

// startReady begins to read the splits whose parents have all ended. A parent read
// by another subtask must also be settled: a barrier behind its end has passed the
// whole job, so none of its elements can be overtaken by the child's.
func (m *enumerator) startReady() {
	unsettled := false
	for _, id := range sortedKeys(m.table.entries) {
		e := m.table.entries[id]
		switch {
		case e.state == SplitReading && !e.opened:
		case e.state == SplitWaiting:
			ready, waitsForBarrier := m.ready(e)
			unsettled = unsettled || waitsForBarrier
			if !ready {
				continue
			}
			e.Watermark, _ = m.inherited(e)
			e.state = SplitReading
			m.clock.Register(e.ID, e.Watermark, false)
			m.event(e)
		default:
			continue
		}
		e.opened = true
		m.read(e)
	}
	if unsettled {
		m.run.requestCheckpoint()
	}
}

func (m *enumerator) ready(e *splitEntry) (ready, waitsForBarrier bool) {
	ready = true
	for _, parent := range e.Parents {
		p := m.table.entries[parent]
		switch {
		case p == nil: // gone before this job saw it
		case p.state != SplitEnded || !p.resolved:
			return false, false
		case !p.settled && p.subtask != e.subtask:
			ready, waitsForBarrier = false, true
		}
	}
	return ready, waitsForBarrier
}

// prune forgets ended splits that the source lists no more and whose children have begun.
func (m *enumerator) prune(listed []Split) {
	for id, e := range m.table.entries {
		if e.state != SplitEnded || !e.resolved {
			continue
		}
		gone := !slices.ContainsFunc(listed, func(s Split) bool { return s.ID == id })
		begun := !slices.ContainsFunc(e.children, func(child string) bool {
			c := m.table.entries[child]
			return c != nil && c.state == SplitWaiting
		})
		if gone && begun {
			delete(m.table.entries, id)
		}
	}
}
