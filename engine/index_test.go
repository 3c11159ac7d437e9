package engine

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// Ensure that a set over an index holds what a map holds, in the order in which it came, whatever
// is added and however often it is cleared.
func TestIndex(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPairs[string](rapid.IntRange(0, 100).Draw(t, "room"))
		want, order := map[string]bool{}, 0
		for range rapid.IntRange(0, 400).Draw(t, "steps") {
			if rapid.IntRange(0, 200).Draw(t, "clear") == 0 {
				p.clear()
				want, order = map[string]bool{}, 0
				continue
			}
			key := fmt.Sprint(rapid.IntRange(0, 300).Draw(t, "key"))
			if got := p.add(key); got == want[key] {
				t.Fatalf("add %s reports %v", key, got)
			}
			if !want[key] {
				if want[key] = true; p.keys[order] != key {
					t.Fatalf("key %d is %s, not %s", order, p.keys[order], key)
				}
				order++
			}
		}
		if len(p.keys) != len(want) {
			t.Fatalf("%d keys, want %d", len(p.keys), len(want))
		}
	})
}

// Ensure that keys whose tags begin alike, at the table's end too, find each their own place.
func TestIndex_Collisions(t *testing.T) {
	x := newIndex(0)
	const tags = 1000
	for i := range uint32(tags) {
		tag := ^uint32(0) - i%7
		at := x.first(tag)
		for {
			place, _ := x.at(at, tag)
			if place < 0 {
				break
			}
			at++
		}
		x.add(at, tag, int32(i))
	}
	for i := range uint32(tags) {
		tag := ^uint32(0) - i%7
		for at := x.first(tag); ; at++ {
			place, same := x.at(at, tag)
			if place < 0 {
				t.Fatalf("place %d is lost", i)
			}
			if same && place == int32(i) {
				break
			}
		}
	}
}
