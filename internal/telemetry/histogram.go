package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"taxistream/internal/names"
)

// Histogram counts durations by their length. It is safe for many goroutines; a
// nil one counts nothing.
type Histogram struct{ prometheus.Histogram }

// histogramBuckets end at 1 ms, 2 ms, 4 ms … 131 s: from a call within a machine to one that
// was tried again for a while.
var histogramBuckets = prometheus.ExponentialBuckets(0.001, 2, 18)

// NewHistogram makes one under a name without names.MetricPrefix, in seconds.
// labels are those of all that it counts: name, value, name, value, …
func NewHistogram(name, help string, labels ...string) *Histogram {
	constant := prometheus.Labels{}
	for i := 0; i+1 < len(labels); i += 2 {
		constant[labels[i]] = labels[i+1]
	}
	return &Histogram{prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: names.MetricPrefix + name, Help: help, Buckets: histogramBuckets, ConstLabels: constant,
	})}
}

// Observe counts one duration.
func (h *Histogram) Observe(d time.Duration) {
	if h != nil {
		h.Histogram.Observe(d.Seconds())
	}
}
