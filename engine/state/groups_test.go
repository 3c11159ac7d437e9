package state_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"taxistream/engine/state"
)

// Ensure that groups do not change between versions: checkpoints depend on them.
func TestHash_Fixed(t *testing.T) {
	for key, want := range map[string]uint64{
		"": 0x9e3779b97f4a7c15, "a": 0x6232969000262121, "12345678": 0x71f2a2118ce4e88f, "a longer key": 0x99bad34d2fcdf2b1,
	} {
		if got := state.Hash([]byte(key)); got != want {
			t.Errorf("hash of %q = %#x, want %#x", key, got, want)
		}
	}
}

// Ensure that every group has one owner and that ranges say the same as Subtask.
func TestRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		groups := rapid.IntRange(1, 300).Draw(t, "groups")
		parallelism := rapid.IntRange(1, groups).Draw(t, "parallelism")
		next := 0
		for subtask := range parallelism {
			first, end := state.Range(subtask, groups, parallelism)
			if first != next || end <= first {
				t.Fatalf("subtask %d has [%d, %d), want it from %d", subtask, first, end, next)
			}
			for g := first; g < end; g++ {
				if got := state.Subtask(g, groups, parallelism); got != subtask {
					t.Fatalf("group %d belongs to %d, not %d", g, got, subtask)
				}
			}
			next = end
		}
		if next != groups {
			t.Fatalf("groups end at %d", next)
		}
	})
}

// Ensure that keys of the usual kinds spread evenly: sequences, and multiples.
func TestGroup_Spread(t *testing.T) {
	for name, key := range map[string]func(i int) []byte{
		"sequence":  func(i int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(i)) },
		"multiples": func(i int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(i)<<32) },
		"text":      func(i int) []byte { return fmt.Append(nil, "key-", i) },
	} {
		const groups, n = 128, 128_000
		var count [groups]int
		for i := range n {
			count[state.Group(key(i), groups)]++
		}
		for g, c := range count {
			if c < 800 || c > 1200 {
				t.Errorf("%s: group %d has %d keys of 1000", name, g, c)
			}
		}
	}
}

func ExampleGroup() {
	group := state.Group([]byte("trip 4711"), 128)
	fmt.Println(group, state.Subtask(group, 128, 4))
	// Output: 99 3
}
