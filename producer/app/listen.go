package app

import (
	"errors"
	"sync/atomic"

	"taxistream/internal/flags"
	"taxistream/internal/names"
	"taxistream/internal/telemetry"
)

// listener shows a producer over HTTP where -listen asks for it: from before it
// is opened, when it waits for something, until the program ends.
type listener struct {
	http     *telemetry.Server // nil: -listen was not given
	producer atomic.Pointer[Producer]
}

// listen takes the port, so that a busy one is known before anything starts.
func listen(c *Config) (*listener, error) {
	l := &listener{}
	if c.Listen == "" {
		return l, nil
	}
	c.PutTime = telemetry.NewHistogram(names.MetricPutTime, "Time from a PutRecords call to its answer.")
	version, commit := flags.Build()
	var err error
	l.http, err = telemetry.Listen(telemetry.ServerOptions{
		Addr: c.Listen, TokenFile: c.TokenFile, Collect: l.collect, Histograms: []*telemetry.Histogram{c.PutTime}, Version: version, Commit: commit,
		Ready: l.ready, Work: "sending",
	})
	if err != nil {
		return nil, err
	}
	go func() { // ended by close
		if err := l.http.Serve(); err != nil {
			c.log().Warn("nothing is shown on -listen any more", "error", err)
		}
	}()
	return l, nil
}

// attrs are what a log line says of it.
func (l *listener) attrs() []any {
	if l.http == nil {
		return nil
	}
	return []any{"address", l.http.URL()}
}

func (l *listener) close() {
	if l.http != nil {
		_ = l.http.Close() // the producer has ended: nobody is left to tell
	}
}

func (l *listener) collect(emit func(telemetry.Metric)) {
	if p := l.producer.Load(); p != nil {
		p.collect(emit)
	}
}

func (l *listener) ready() error {
	switch p := l.producer.Load(); {
	case p == nil:
		return errors.New("not sending: it waits for its input or for the stream")
	case p.Stats().Done:
		return errors.New("not sending: all is sent")
	}
	return nil
}
