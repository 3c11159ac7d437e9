package job_test

import (
	"testing"

	"taxistream/engine"
)

// watermarkOf is a shard's watermark in the job's status.
func (w *world) watermarkOf(shard string) int64 {
	w.t.Helper()
	for _, s := range w.job.Status().Splits {
		if s.ID == shard {
			return s.Watermark
		}
	}
	w.t.Fatalf("the job knows no shard %s", shard)
	return 0
}

// Ensure a child begins at the lower of its parents' last watermarks: what it
// holds is judged by that until it has a watermark of its own.
func TestChildStartsFromItsParentsLowerWatermark(t *testing.T) {
	w := newWorld(t, "a", "b")
	w.config.HotspotMin = 1
	w.watermark("a", at("13:00"))
	w.watermark("b", at("12:30"))
	w.log.Merge("a", "b", "c")
	w.trip("c", ride(1, at("12:29:59.999"))) // late by both
	w.trip("c", ride(2, at("12:35")))        // by a's alone
	w.run()
	w.wantWatermark(at("12:30"))
	w.wantRejected("late 1")
	w.log.Split("c", "d", "e")
	w.watermark("d", at("14:00"))
	w.trip("e", ride(3, at("12:36")))
	w.run()
	if got := w.watermarkOf("e"); got != at("12:30") {
		t.Errorf("the second child begins at %s, want its parent's", engine.FormatTime(got))
	}
	w.wantWatermark(at("12:30"))
	w.wantCounted(0)
	w.watermark("e", at("14:00"))
	w.run()
	w.wantCounted(2)
	w.wantRejected("late 1")
}

// Ensure the child of a parent without a watermark has none, whatever the other had.
func TestChildOfParentWithoutWatermark(t *testing.T) {
	w := newWorld(t, "a", "b")
	w.watermark("a", at("13:00"))
	w.trip("b", ride(1, at("12:30")))
	w.log.Merge("a", "b", "c")
	w.trip("c", ride(2, at("12:31")))
	w.run()
	w.wantWatermark(engine.NoWatermark)
	w.watermark("c", at("13:00"))
	w.run()
	w.wantCounted(2)
	w.wantRejected("")
}

// Ensure a trip that was sent twice counts once, in whatever shards its copies are.
func TestDuplicate(t *testing.T) {
	for name, second := range map[string]func(w *world) (shard string){
		"SameShard":  func(*world) string { return "a" },
		"OtherShard": func(*world) string { return "b" },
		"Child": func(w *world) string {
			w.log.Split("a", "c", "d")
			return "d"
		},
		"ChildOfTwo": func(w *world) string {
			w.log.Merge("a", "b", "c")
			return "c"
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, parallelism := range []int{1, 3} {
				w := newWorld(t, "a", "b")
				w.parallelism, w.config.HotspotMin = parallelism, 1
				w.trip("a", ride(1, at("12:30")))
				w.run()
				w.trip(second(w), ride(1, at("12:30")))
				w.watermarks(at("14:00"))
				w.run()
				w.wantCounted(1)
				w.wantRejected("duplicate 1")
			}
		})
	}
}

// Ensure only trips of one id and one first window are the same trip, and a rejected
// one does not stand in the way of one that counts.
func TestNotDuplicate(t *testing.T) {
	w := newWorld(t, "a")
	w.config.HotspotMin = 1
	outside := ride(1, at("12:30"))
	outside.PickupLat = 41
	w.trip("a", outside)
	w.trip("a", ride(1, at("12:30")))
	w.trip("a", ride(2, at("12:30")))
	w.trip("a", ride(1, at("12:40"))) // its window is the next one
	w.watermarks(at("14:00"))
	w.run()
	w.wantCounted(3)
	w.wantRejected("outside_city 1")
}

// Ensure ids are kept no longer than the contract says: what is kept is bounded.
func TestDuplicatesAreForgotten(t *testing.T) {
	entries := func(w *world, operator string) (n int64) {
		for _, o := range w.job.Status().Operators {
			if o.Name == operator {
				for _, s := range o.Subtasks {
					n += s.StateEntries
				}
			}
		}
		return n
	}
	w := newWorld(t, "a")
	for id := range int64(100) {
		w.trip("a", ride(id+1, at("12:30")))
	}
	w.watermark("a", at("12:39:59.998"))
	w.run()
	if got := entries(w, "distinct"); got != 100 {
		t.Errorf("%d ids are kept, want 100", got)
	}
	w.watermark("a", at("12:39:59.999"))
	w.run()
	for _, operator := range []string{"distinct", "hotspots"} {
		if got := entries(w, operator); got != 0 {
			t.Errorf("%s keeps %d entries behind the window's end", operator, got)
		}
	}
}

// Ensure that what a fast shard brings does not pile up while another one works off a backlog: a day of
// it would hold far more distinct trips than the limit of state allows.
func TestShards_Backlog(t *testing.T) {
	w := newWorld(t, "fast", "slow")
	w.maxState = 2000
	id := int64(0)
	for ms := at("00:00"); ms < at("23:00"); ms += 10_000 {
		id++
		w.trip("fast", ride(id, ms))
		w.watermark("fast", ms)
		for range 4 { // four times as many reads
			w.watermark("slow", ms-1)
		}
	}
	w.run()
	w.wantWatermark(w.watermarkOf("slow"))
	w.watermarks(at("23:59"))
	w.run()
	w.wantCounted(id)
}
