package index

import (
	"net/http"

	"taxistream/localstack/search/disk"
	"taxistream/localstack/search/fail"
)

// Flush makes what was put last beyond the process. After an error nothing of it
// may be acknowledged; it is tried again with the next write.
func (ix *Index) Flush() *fail.Error {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	if ix.removed {
		return nil
	}
	err := ix.log.Flush()
	if err == nil {
		err = ix.compact()
	}
	ix.behind = err != nil
	return diskFailed(err)
}

func (ix *Index) catchUp() *fail.Error {
	if !ix.behind {
		return nil
	}
	err := ix.log.Flush()
	ix.behind = err != nil
	return diskFailed(err)
}

// diskFailed is an answer after which a client tries again.
func diskFailed(err error) *fail.Error {
	if err == nil {
		return nil
	}
	return fail.Newf(http.StatusTooManyRequests, "cluster_block_exception", "the results store cannot write to its disk: %v", err)
}

// compact moves what lives in one file of which most is dead, and removes the file.
// At every moment each record that is needed stands in a file.
func (ix *Index) compact() error {
	number, found := ix.log.Wasted()
	if !found {
		return nil
	}
	err := ix.log.Scan(number, func(at disk.Place, payload []byte) error {
		r, err := decode(payload)
		if err != nil {
			return err
		}
		rows, n := ix.candidates(string(r.id))
		for _, slot := range rows[:n] {
			if place, _ := ix.table.Get(int(slot), colPlace); disk.Place(place) != at {
				continue
			}
			to, err := ix.log.Append(payload)
			if err != nil {
				return err
			}
			ix.table.Set(int(slot), colPlace, int64(to), true)
			ix.log.Forget(at, len(payload))
		}
		return nil
	})
	if err == nil {
		err = ix.log.Flush()
	}
	if err != nil {
		return err
	}
	afterMove()
	return ix.log.Drop(number)
}

// afterMove is replaced by tests that end the process there.
var afterMove = func() {}
