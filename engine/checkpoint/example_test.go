package checkpoint_test

import (
	"context"
	"fmt"
	"os"

	"taxistream/engine/checkpoint"
)

func ExampleOpenFolder() {
	dir, err := os.MkdirTemp("", "checkpoints")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	store, err := checkpoint.OpenFolder(dir, checkpoint.FolderOptions{Retained: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = store.Close() }()
	ctx := context.Background()
	for id := range int64(3) {
		c := &checkpoint.Checkpoint{ID: id + 1, Job: "rides", MaxParallelism: 128, Parallelism: 4}
		if _, err := checkpoint.Save(ctx, store, c, nil); err != nil {
			fmt.Println(err)
		}
	}
	latest, damaged, err := store.Latest(ctx)
	fmt.Println(latest.ID, len(damaged), err)
	// Output: 3 0 <nil>
}
