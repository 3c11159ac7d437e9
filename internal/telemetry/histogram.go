package telemetry

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"taxistream/internal/names"
)

// Histogram counts durations or sizes by how great they are. It is safe for many
// goroutines; a nil one counts nothing.
type Histogram struct {
	prometheus.Histogram
	n, sum atomic.Int64 // of durations, ns, since the last Mean
}

var (
	// durationBuckets end at 1 ms, 2 ms, 4 ms … 131 s: from a call within a machine to one
	// that was tried again for a while.
	durationBuckets = prometheus.ExponentialBuckets(0.001, 2, 18)
	// sizeBuckets end at 1 KiB, 4 KiB … 16 MiB.
	sizeBuckets = prometheus.ExponentialBuckets(1<<10, 4, 8)
)

// NewHistogram makes one of durations under a name without names.MetricPrefix, in
// seconds. labels are those of all that it counts: name, value, name, value, …
func NewHistogram(name, help string, labels ...string) *Histogram {
	return newHistogram(name, help, durationBuckets, labels)
}

// NewSizes is NewHistogram for sizes in bytes.
func NewSizes(name, help string, labels ...string) *Histogram {
	return newHistogram(name, help, sizeBuckets, labels)
}

func newHistogram(name, help string, buckets []float64, labels []string) *Histogram {
	constant := prometheus.Labels{}
	for i := 0; i+1 < len(labels); i += 2 {
		constant[labels[i]] = labels[i+1]
	}
	return &Histogram{Histogram: prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: names.MetricPrefix + name, Help: help, Buckets: buckets, ConstLabels: constant,
	})}
}

// Observe counts one duration.
func (h *Histogram) Observe(d time.Duration) {
	if h != nil {
		h.Histogram.Observe(d.Seconds())
		h.n.Add(1)
		h.sum.Add(int64(d))
	}
}

// ObserveBytes counts one size.
func (h *Histogram) ObserveBytes(n int) { h.Histogram.Observe(float64(n)) }

// Mean is that of the durations since the last call, in seconds; without any it is
// not known. It is what CloudWatch gets, which takes no histograms.
func (h *Histogram) Mean() (seconds float64, known bool) {
	n, sum := h.n.Swap(0), h.sum.Swap(0)
	if n == 0 {
		return 0, false
	}
	return time.Duration(sum / n).Seconds(), true
}
