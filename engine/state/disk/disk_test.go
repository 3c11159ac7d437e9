package disk_test

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"taxistream/engine/state"
	"taxistream/engine/state/disk"
	"taxistream/engine/state/statetest"
)

// Ensure that state on disk is what the simplest account of it says.
func TestFolder(t *testing.T) {
	folder, err := disk.Open("state", disk.Options{FS: vfs.NewMem(), MemTableBytes: 1 << 14})
	if err != nil {
		t.Fatal(err)
	}
	statetest.Run(t, func(t *testing.T) state.Backend {
		b, err := folder.Open("window", 0)
		if err != nil {
			t.Fatal(err)
		}
		return b
	})
	if err := folder.Close(); err != nil {
		t.Fatal(err)
	}
}
