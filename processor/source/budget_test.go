package source

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// Ensure reads wait while too much is held, go on as it is given back, and that a reader that
// ends leaves nothing behind, whatever comes late.
func TestBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b budget
		var many [256]share
		for i := range many {
			b.open(&many[i])
		}
		if got := b.aim(); got != heldBytes/256 {
			t.Errorf("256 readers aim at %d bytes", got)
		}
		b.take(&many[0], heldBytes)
		if err := b.wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.take(&many[1], 1)
		went := false
		go func() {
			if err := b.wait(context.Background()); err != nil {
				t.Error(err)
			}
			went = true
		}()
		synctest.Wait()
		if went {
			t.Error("a read began while too much was held")
		}
		stopped, cancel := context.WithCancel(t.Context())
		cancel()
		if err := b.wait(stopped); !errors.Is(err, context.Canceled) {
			t.Errorf("stopped: %v", err)
		}
		b.give(&many[1], 1)
		synctest.Wait()
		if !went {
			t.Error("no read began when there was room")
		}
		b.take(&many[1], heldBytes)
		for i := range many {
			b.close(&many[i])
		}
		b.give(&many[1], heldBytes) // of an attempt that has ended
		if b.held != 0 || b.readers != 0 {
			t.Errorf("%d bytes of %d readers are left", b.held, b.readers)
		}
		if got := b.aim(); got != aimedAtMost {
			t.Errorf("alone it aims at %d bytes", got)
		}
	})
}
