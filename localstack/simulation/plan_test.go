package simulation

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// What happens at a time.
const (
	killProcessor    kind = "processor killed"
	killProducer     kind = "producer killed"
	stopProcessor    kind = "processor stopped in good order, and started again"
	stopProducer     kind = "producer stopped in good order, and started again"
	takeover         kind = "processor taken over by another"
	severProcessor   kind = "processor off the network for a while"
	severProducer    kind = "producer off the network for a while"
	split            kind = "shard split"
	merge            kind = "shards merged"
	kinesisAway      kind = "Kinesis away for a while"
	searchAway       kind = "results store away for a while"
	s3Away           kind = "S3 away for a while"
	producerForward  kind = "producer's clock jumps forward"
	producerBack     kind = "producer's clock jumps back"
	processorForward kind = "processor's clock jumps forward"
	processorBack    kind = "processor's clock jumps back"
	kinesisForward   kind = "Kinesis's clock jumps forward"
	kinesisBack      kind = "Kinesis's clock jumps back"
)

// event is one of these.
type event struct {
	at   time.Duration // from the beginning
	kind kind
	n    uint64 // which, of what there are
	long time.Duration
}

// plan is all that a seed decides before the world begins.
type plan struct {
	trips       int
	hours       float64 // of event time
	speedup     float64
	aggregate   bool
	outstanding int
	shards      int
	limits      bool // of Kinesis's throughput
	parallelism int
	interval    time.Duration // of checkpoints
	flush       time.Duration
	bucket      bool // checkpoints are in S3
	bounded     time.Duration
	maxAhead    time.Duration
	faults      map[string]float64 // share of the requests to each server
	events      []event
}

func drawPlan(r *rand.Rand) plan {
	p := plan{
		trips: 100 + r.IntN(300), hours: 1 + 2*r.Float64(), aggregate: r.IntN(4) > 0, outstanding: []int{20, 200, 50000}[r.IntN(3)],
		shards: 1 + r.IntN(4), limits: r.IntN(3) == 0, parallelism: 1 + r.IntN(3), interval: time.Duration(100+r.IntN(3000)) * time.Millisecond,
		flush: time.Duration(20+r.IntN(400)) * time.Millisecond, bucket: r.IntN(2) == 0, bounded: -1, maxAhead: 87600 * time.Hour,
		faults: map[string]float64{},
	}
	p.speedup = p.hours * 3600 / float64(5+r.IntN(15)) // the replay takes 5 to 20 s
	switch r.IntN(4) {
	case 0:
		p.bounded = time.Duration(r.IntN(20*60)) * time.Second
	case 1:
		p.maxAhead = time.Duration(1+r.IntN(180)) * time.Minute
	}
	for _, addr := range []string{kinesisAddr, searchAddr, s3Addr} {
		p.faults[addr] = []float64{0, 0.02, 0.1, 0.25}[r.IntN(4)]
	}
	kinds := []kind{
		killProcessor, killProcessor, killProcessor, killProducer, killProducer, stopProcessor, stopProducer, severProcessor, severProducer,
		split, split, merge, kinesisAway, searchAway, producerForward, producerBack, processorForward, processorBack, kinesisForward, kinesisBack,
	}
	if p.bucket {
		kinds = append(kinds, takeover, takeover, s3Away)
	}
	for range 1 + r.IntN(8) {
		p.events = append(p.events, event{
			at: time.Duration(r.Int64N(int64(20 * time.Second))), kind: kinds[r.IntN(len(kinds))], n: r.Uint64(), long: time.Duration(r.Int64N(int64(8 * time.Second))),
		})
	}
	slices.SortStableFunc(p.events, func(a, b event) int { return int(a.at - b.at) })
	return p
}

// jump is how far a clock jumps: mostly seconds, now and then hours.
func (e event) jump() time.Duration {
	switch e.n % 3 {
	case 0:
		return time.Duration(e.n % uint64(4*time.Hour))
	case 1:
		return time.Duration(e.n % uint64(2*time.Minute))
	default:
		return time.Duration(e.n % uint64(3*time.Second))
	}
}

func (p *plan) String() string {
	text := fmt.Sprintf("%d trips in %.1f h at %.0f, aggregate %t, %d outstanding, %d shards, limits %t, parallelism %d, checkpoints every %v in S3 %t, flush %v, bounded %v, max ahead %v, faults %v\n",
		p.trips, p.hours, p.speedup, p.aggregate, p.outstanding, p.shards, p.limits, p.parallelism, p.interval, p.bucket, p.flush, p.bounded, p.maxAhead, p.faults)
	for _, e := range p.events {
		text += fmt.Sprintf("  %6.3f s  %s (%d, %v)\n", e.at.Seconds(), e.kind, e.n%1000, e.long.Round(time.Millisecond))
	}
	return text
}

// kinds are all there are.
var kinds = []kind{
	requestLost, silence, refused, answerLost, answerSwallowed, answerCut, delayed, broken, entriesRefused, itemsRefused,
	killProcessor, killProducer, stopProcessor, stopProducer, takeover, severProcessor, severProducer, split, merge, kinesisAway, searchAway, s3Away,
	producerForward, producerBack, processorForward, processorBack, kinesisForward, kinesisBack,
}
