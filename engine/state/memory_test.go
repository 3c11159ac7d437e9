package state_test

import (
	"testing"

	"taxistream/engine/state"
	"taxistream/engine/state/statetest"
)

// Ensure that state in memory is what the simplest account of it says.
func TestMemory(t *testing.T) {
	statetest.Run(t, func(*testing.T) state.Backend { return state.NewMemory() })
}
