//go:build flink && soak

package flink

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	seed     = flag.Uint64("seed", 1, "another number draws other events and another order of faults")
	kills    = flag.Int("kills", 20, "kills of a TaskManager, the JobManager or the whole cluster")
	reshards = flag.Int("reshards", 30, "splits and merges")
)

// soak is a session cluster under faults, and how long it took to go on after each.
type soak struct {
	s    *skewed
	c    *cluster
	back map[string][]time.Duration // by what was killed
}

// fault does one, between events.
func (k *soak) fault(kill bool) {
	if !kill {
		k.s.reshard()
		return
	}
	k.c.w.settled()
	began, what := time.Now(), ""
	switch k.s.rnd.IntN(4) {
	case 0:
		what = "the JobManager"
		k.c.killManager()
	case 1:
		what = "the whole cluster"
		k.c.killAll()
	default:
		what = "a TaskManager"
		k.c.killWorker()
	}
	k.back[what] = append(k.back[what], time.Since(began))
	if len(k.c.workers) < 2 {
		k.c.startWorker()
	}
}

// Ensure that the job on a session cluster has the oracle's documents and the Go processor's rejects after kills and reshards in a
// drawn order, with shards that are up to an hour apart; and tell what happened.
func TestSoak(t *testing.T) {
	w := newWorld(t, 3)
	s := newSkewed(w, *seed)
	k := &soak{s: s, c: newCluster(w), back: map[string][]time.Duration{}}
	began := time.Now()
	s.write(500)
	k.c.run()
	faults := make([]bool, *kills+*reshards)
	for i := range *kills {
		faults[i] = true
	}
	rand.New(rand.NewPCG(*seed, 1)).Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] })
	for i, kill := range faults {
		s.write(400)
		k.fault(kill)
		t.Logf("%d of %d faults, %d trips", i+1, len(faults), len(s.oracle.Records))
	}
	s.write(500)
	export, rejects := s.verdict()
	w.await(k.c.manager, export, rejects)
	t.Log(k.report(export, rejects, time.Since(began)))
}

// report is what a soak was, its last line only where the documents and the rejects were equal.
func (k *soak) report(export string, rejects map[string]int, took time.Duration) string {
	var b strings.Builder
	shards, err := k.c.w.kinesis.Shards(stream)
	if err != nil {
		k.c.w.t.Fatal(err)
	}
	fmt.Fprintf(&b, "\nseed %d, %s, %d reshards, %d shards at the end, %d of them open\n", *seed, took.Round(time.Second), *reshards, len(shards), len(k.c.w.open()))
	for _, what := range slices.Sorted(maps.Keys(k.back)) {
		all := slices.Sorted(slices.Values(k.back[what]))
		fmt.Fprintf(&b, "%d kills of %s; from each to the job at work again %.1f s in the median, %.1f s at most\n",
			len(all), what, all[len(all)/2].Seconds(), all[len(all)-1].Seconds())
	}
	fmt.Fprintf(&b, "%d trips and watermarks, and damaged records\n", len(k.s.oracle.Records))
	reasons := byReason(rejects)
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		fmt.Fprintf(&b, "%d rejects: %s\n", reasons[reason], reason)
	}
	fmt.Fprintf(&b, "%d documents, equal to the oracle's and to the Go processor's, and so are the rejects", strings.Count(export, "\n"))
	return b.String()
}
