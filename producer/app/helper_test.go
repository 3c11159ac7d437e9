package app

import (
	"bytes"
	"math/big"
	"strings"
	"sync"
)

// watched is a writer that tells when a word was written to it.
type watched struct {
	mu   sync.Mutex
	text bytes.Buffer
	word string
	seen chan struct{}
	done bool
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p)
	if !w.done && strings.Contains(w.text.String(), w.word) {
		w.done = true
		close(w.seen)
	}
	return len(p), nil
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// between is the hash key in the middle of a range.
func between(start, end string) string {
	a, _ := new(big.Int).SetString(start, 10)
	b, _ := new(big.Int).SetString(end, 10)
	return a.Add(a, b).Rsh(a, 1).String()
}

// follows reports whether the hash key start is the one behind end.
func follows(end, start string) bool {
	a, _ := new(big.Int).SetString(end, 10)
	b, _ := new(big.Int).SetString(start, 10)
	return a.Add(a, big.NewInt(1)).Cmp(b) == 0
}
