package app

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"taxistream/producer/put"
)

// astray answers that each record is in one shard, which is not the one that the
// map shows for most of them.
type astray struct {
	*fake
	puts, looks int
}

func (a *astray) PutRecords(_ context.Context, entries []put.Entry) ([]put.Result, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.puts++
	out := make([]put.Result, len(entries))
	for i := range out {
		out[i].Shard = "shard-000"
	}
	return out, nil
}

func (a *astray) OpenShards(ctx context.Context) ([]put.Shard, error) {
	a.looks++
	return a.fake.OpenShards(ctx)
}

// Ensure records that keep arriving in another shard are sent again, and the map
// read again, ever more rarely, that it is said once, and that it ends with the context.
func TestProducer_Astray(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(2)
		a := &astray{fake: f}
		var log bytes.Buffer
		p := producer(t, &slice{trips: rides(10, 1000)}, f, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
		p.target.Stream = a
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		if err := p.Run(ctx); err == nil {
			t.Error("it ended as if all had arrived")
		}
		if a.puts > 150 || a.looks > 150 {
			t.Errorf("%d puts and %d looks at the shard map in 10 minutes", a.puts, a.looks)
		}
		if n := strings.Count(log.String(), "other shards than the shard map"); n != 1 {
			t.Errorf("said %d times:\n%s", n, log.String())
		}
	})
}
