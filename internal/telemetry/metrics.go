package telemetry

import (
	"net/http"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"taxistream/internal/names"
)

// Kind says how a figure behaves.
type Kind uint8

// The kinds of figure.
const (
	Gauge   Kind = iota // goes up and down
	Counter             // only goes up; its name ends in _total
)

// Metric is one figure at one moment.
type Metric struct {
	Name   string // whole, with prefix and unit: taxistream_records_in_total
	Help   string
	Kind   Kind
	Labels []string // name, value, name, value, …
	Value  float64
}

// Collect lists the figures of the moment. It is called at each scrape, from
// the scraper's goroutine, and must not block.
type Collect func(emit func(Metric))

// MetricsHandler serves what the program collects, and the Go runtime's and the
// process's own figures, in Prometheus' text format or in OpenMetrics', as the
// scraper asks.
func MetricsHandler(o ServerOptions) http.Handler {
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: names.MetricPrefix + names.MetricBuild, Help: "1, by the program's version and commit, and Go's version.",
		ConstLabels: prometheus.Labels{names.LabelVersion: o.Version, names.LabelCommit: o.Commit, names.LabelGo: runtime.Version()},
	})
	build.Set(1)
	r := prometheus.NewRegistry()
	r.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		pulled{o.Collect},
		build,
	)
	for _, h := range o.Histograms {
		r.MustRegister(h)
	}
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// pulled turns a Collect into an unchecked Prometheus collector: it describes
// nothing in advance, because shards and reasons appear while the program runs.
type pulled struct{ collect Collect }

func (pulled) Describe(chan<- *prometheus.Desc) {}

func (p pulled) Collect(out chan<- prometheus.Metric) {
	p.collect(func(m Metric) {
		labels := make([]string, 0, len(m.Labels)/2)
		values := make([]string, 0, len(m.Labels)/2)
		for i := 0; i+1 < len(m.Labels); i += 2 {
			labels = append(labels, m.Labels[i])
			values = append(values, m.Labels[i+1])
		}
		kind := prometheus.GaugeValue
		if m.Kind == Counter {
			kind = prometheus.CounterValue
		}
		desc := prometheus.NewDesc(m.Name, m.Help, labels, nil)
		pm, err := prometheus.NewConstMetric(desc, kind, m.Value, values...)
		if err != nil {
			pm = prometheus.NewInvalidMetric(desc, err)
		}
		out <- pm
	})
}
