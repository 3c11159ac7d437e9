package engine

import (
	"fmt"
	"slices"
	"testing"
)

// tableOf is a table of splits a, b and so on that are read by these subtasks.
func tableOf(parallelism int, subtasks ...int) *splits {
	t := &splits{parallelism: parallelism, byID: map[string]*split{}}
	for i, subtask := range subtasks {
		id := string(rune('a' + i))
		t.byID[id] = &split{Split: Split{ID: id, Watermark: int64(i)}, phase: reading, opened: true, taken: true, subtask: subtask}
	}
	return t
}

// Ensure that splits are to move as often as needed for no subtask to read two more than another, and no more often.
func TestSplits_Balance(t *testing.T) {
	for _, test := range []struct {
		parallelism int
		subtasks    []int
		moves       int
	}{
		{1, []int{0, 0, 0}, 0},
		{2, []int{0, 1, 1}, 0},
		{2, []int{0, 0}, 1},
		{3, []int{0, 0, 0, 0, 0, 0}, 4},
		{4, []int{2, 2, 2}, 2},
	} {
		all := tableOf(test.parallelism, test.subtasks...)
		all.balance()
		moves := 0
		for _, e := range all.byID {
			if e.move != nil {
				moves++
			}
		}
		load := all.loads()
		if moves != test.moves || slices.Max(load)-slices.Min(load) > 1 {
			t.Errorf("%v over %d subtasks: %d moves, then %v; want %d moves", test.subtasks, test.parallelism, moves, load, test.moves)
		}
		if all.balance() {
			t.Errorf("%v over %d subtasks: moves when all are on their way", test.subtasks, test.parallelism)
		}
		if err := all.check(); err != nil {
			t.Error(err)
		}
	}
}

// Ensure that a split moves at a barrier and is read when that, or a later one, has passed and its
// reader has closed, in whatever order; and that it stays in its old subtask's checkpoints until then.
func TestSplits_Move(t *testing.T) {
	holds := func(all *splits, subtask int) bool {
		list, err := all.snapshot(subtask, 9, 0, never)
		if err != nil {
			t.Fatal(err)
		}
		return len(list) > 1 // one is what was emitted
	}
	for i, steps := range [][]func(*splits) bool{
		{closes, passes(5)},
		{passes(6), closes},
		{passes(5)}, // its reader closed before it left
		{func(all *splits) bool { return all.passed(4) }, closes, passes(5)},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			all := tableOf(2, 0, 0)
			if all.leave("a", 3) {
				t.Fatal("it leaves and is not to move")
			}
			all.balance()
			if len(steps) == 1 {
				closes(all)
			}
			if !all.leave("a", 5) || all.leave("a", 6) || all.leave("b", 5) {
				t.Fatal("it leaves at the first barrier, the other stays")
			}
			e := all.byID["a"]
			for n, step := range steps {
				if e.subtask != 0 || e.phase != moving || holds(all, 1) {
					t.Fatalf("before step %d it has gone: %+v", n, e)
				}
				if arrived := step(all); arrived != (n == len(steps)-1) {
					t.Fatalf("step %d: arrived %v", n, arrived)
				}
				if err := all.check(); err != nil {
					t.Fatal(err)
				}
			}
			begun, open, _ := all.ready()
			if e.subtask != 1 || e.moved != 1 || len(begun) != 0 || len(open) != 1 || open[0] != e || !holds(all, 1) {
				t.Errorf("it is %+v, to be opened: %v", e, open)
			}
		})
	}
}

func closes(all *splits) bool { return all.closed("a") }

func passes(barrier int64) func(all *splits) bool {
	return func(all *splits) bool { return all.passed(barrier) }
}
