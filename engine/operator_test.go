package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"taxistream/engine"
	"taxistream/engine/enginetest"
	"taxistream/engine/window"
)

// values prints what a sink was given since the last look; sorted, where subtasks may come in any order.
func values[T any](c *enginetest.Collect[T]) string {
	var lines []string
	for _, e := range c.Take() {
		lines = append(lines, fmt.Sprintf("%v@%d", e.Value, e.EventTime))
	}
	slices.Sort(lines)
	return strings.Join(lines, " ")
}

// operatorTest drives an operator by hand.
type operatorTest struct {
	*testing.T
	h *enginetest.Harness
}

func (t operatorTest) do(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (t operatorTest) same(what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// Ensure that a window whose accumulators are slices fires, fires again for late elements, and
// goes, and that neither snapshot nor restore at another parallelism changes that.
func TestAggregate_Operator(tt *testing.T) {
	t := operatorTest{tt, enginetest.NewHarness(engine.Config{})}
	words := enginetest.NewInput[string](t.h, "words")
	var lists, late enginetest.Collect[string]
	t.do(t.h.Open(t.Context(), func(job *engine.Job) {
		byLetter := engine.KeyBy(words.Stream(job), func(s *string) string { return (*s)[:1] }, engine.StringCodec{})
		results, tooLate := engine.Aggregate(byLetter, "lists", window.Tumbling(10*time.Millisecond), engine.Aggregation[string, string, []string, string]{
			Add: func(all *[]string, e *engine.Element[string]) { *all = append(*all, e.Value) },
			Result: func(letter string, w window.Window, all *[]string) (string, bool) {
				return fmt.Sprintf("%s%d%v", letter, w.Start, *all), true
			},
			Codec: engine.FuncCodec[[]string]{
				AppendFunc: func(b []byte, all []string) []byte { return engine.StringCodec{}.Append(b, strings.Join(all, ",")) },
				DecodeFunc: func(b []byte) ([]string, []byte, error) {
					s, rest, err := engine.StringCodec{}.Decode(b)
					return strings.Split(s, ","), rest, err
				},
			},
		}, engine.AllowedLateness(5*time.Millisecond))
		engine.SinkTo(results, "results", &lists)
		engine.SinkTo(tooLate, "late", &late)
	}))
	for _, w := range []string{"ant", "bee", "ape"} {
		t.do(words.Element(w, 3))
	}
	t.do(words.Watermark(8))
	t.same("before the end", values(&lists), "")
	t.do(t.h.Snapshot())
	t.do(words.Element("asp", 4)) // forgotten
	t.do(t.h.Restore(t.Context(), 3))
	t.do(words.Watermark(9))
	t.same("at the end", values(&lists), "a0[ant ape]@9 b0[bee]@9")
	t.do(t.h.Snapshot())
	t.do(t.h.Restore(t.Context(), 2))
	t.do(words.Element("boa", 5))
	t.same("a late element", values(&lists), "b0[bee boa]@9")
	t.do(words.Watermark(14))
	t.do(words.Element("bat", 6))
	t.same("behind the lateness", values(&lists)+values(&late), "bat@6")
	if n := t.h.Status().Operators[2].Subtasks[0].StateEntries + t.h.Status().Operators[2].Subtasks[1].StateEntries; n != 0 {
		t.Errorf("%d entries are left", n)
	}
	t.do(t.h.Close())
}

// Ensure that a Distinct remembers its pairs until their time is over, through a restore.
func TestDistinct_Operator(tt *testing.T) {
	t := operatorTest{tt, enginetest.NewHarness(engine.Config{Parallelism: 2})}
	numbers := enginetest.NewInput[int64](t.h, "numbers")
	var unique, again, late enginetest.Collect[int64]
	t.do(t.h.Open(t.Context(), func(job *engine.Job) {
		until := func(n *int64) int64 { return *n / 100 * 10 } // 205: until 20
		u, d, l := engine.Distinct(engine.KeyBy(numbers.Stream(job), func(n *int64) int64 { return *n % 100 }, int64Codec{}), "distinct", until)
		engine.SinkTo(u, "unique", &unique)
		engine.SinkTo(d, "again", &again)
		engine.SinkTo(l, "late", &late)
	}))
	for _, n := range []int64{105, 205, 106, 105} {
		t.do(numbers.Element(n, 1))
	}
	t.same("unique", values(&unique), "105@1 106@1 205@1")
	t.same("again", values(&again), "105@1")
	t.do(numbers.Watermark(9))
	t.do(t.h.Snapshot())
	t.do(t.h.Restore(t.Context(), 5))
	t.do(numbers.Element(106, 2))
	t.same("again, restored", values(&again), "106@2")
	t.do(numbers.Watermark(10))
	t.do(numbers.Element(107, 3))
	t.do(numbers.Element(205, 3))
	t.same("late", values(&late)+" "+values(&again)+" "+values(&unique), "107@3 205@3 ")
	t.do(t.h.Close())
}

// Ensure that a harness tells an operator's failure, with the element.
func TestHarness_Fails(t *testing.T) {
	h := enginetest.NewHarness(engine.Config{})
	in := enginetest.NewInput[int64](h, "in")
	var out enginetest.Collect[int64]
	err := h.Open(t.Context(), func(job *engine.Job) {
		engine.SinkTo(engine.Map(in.Stream(job), "divide", func(n *int64) int64 { return 12 / *n }), "out", &out)
	})
	if err == nil {
		err = in.Element(4, 1)
	}
	if err != nil || values(&out) != "3@1" {
		t.Fatal(err)
	}
	if err := in.Element(0, 2); err == nil || !strings.Contains(err.Error(), "divide by zero") || !strings.Contains(err.Error(), "operator divide") {
		t.Errorf("failed with %v", err)
	}
	if err := h.Close(); err == nil {
		t.Error("Close forgets the failure")
	}
}
