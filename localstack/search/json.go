package search

import (
	"errors"

	"taxistream/internal/jsonscan"
)

// The store reads each document once, in one pass over its bytes, and keeps the bytes.

// lookup finds a member of an object that is known to be valid. Of repeated keys
// the first counts; mapped documents have none.
func lookup(b []byte, name string) (raw []byte, ok bool) {
	_, _ = jsonscan.Members(b, jsonscan.Space(b, 0), 0, func(key []byte, from, to int) error {
		if jsonscan.NameIs(key, name) {
			raw, ok = b[from:to], true
			return errFound
		}
		return nil
	})
	return raw, ok
}

// errFound ends a walk over members early.
var errFound = errors.New("found")
