package enginetest

import (
	"context"
	"encoding/binary"
	"errors"

	"taxistream/engine/checkpoint"
)

// moveOut has the next process begin from the savepoint that the last was stopped with, if there is one:
// in another store, and perhaps with states where they were not before.
func (w *world) moveOut(ctx context.Context) error {
	if w.to == nil {
		return nil
	}
	c, _, err := w.to.Latest(ctx)
	if errors.Is(err, checkpoint.ErrNone) {
		return nil // it failed, and the store has the last checkpoint
	}
	if err != nil || !w.occurs("start from a savepoint") {
		return err
	}
	w.from, w.store = c, newFaultyStore(w)
	w.onDisk = w.program.disk && w.rand.IntN(2) == 0
	return nil
}

// drain has the job end before its sources do.
func (w *world) drain() (ok bool) {
	if w.stopping || w.rand.IntN(5) > 0 || !w.occurs("drain") {
		return false
	}
	w.healthy = true
	if err := w.driver.sim.End(true, nil); err != nil {
		w.faults["drain"]--
		return false
	}
	w.draining = true
	return true
}

// cut takes out of the logs what a job that was drained has not read.
func (w *world) cut() {
	w.out.drained = true
	read := map[string]int{}
	for _, s := range w.driver.job.Status().Splits {
		if s.Offset != nil {
			read[s.ID] = int(binary.BigEndian.Uint64(s.Offset))
		}
	}
	for _, l := range w.logs {
		for _, split := range l.Splits() {
			l.cut(split.ID, read[split.ID])
		}
	}
}
