package watermark_test

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"taxistream/internal/fault"
	"taxistream/producer/put"
	"taxistream/producer/watermark"
)

var errDown = errors.New("connection refused")

func newSender(t *testing.T, shards ...put.Shard) *watermark.Sender {
	t.Helper()
	return watermark.NewSender(watermark.Options{
		Classify: func(err error) fault.Class {
			if errors.Is(err, errDown) {
				return fault.Temporary
			}
			return fault.Final
		},
		Backoff: put.Backoff{Base: 50 * time.Millisecond, Max: time.Second, Rand: rand.New(rand.NewPCG(1, 1))},
		Log:     slog.New(slog.DiscardHandler),
	}, mustMap(t, shards...))
}

func mustMap(t *testing.T, shards ...put.Shard) *put.Map {
	t.Helper()
	m, err := put.NewMap(shards)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func shardsOf(entries []put.Entry) string {
	var keys []string
	for _, e := range entries {
		keys = append(keys, e.HashKey)
	}
	return strings.Join(keys, " ")
}

// Ensure a watermark that lands in another shard than expected waits for the
// new map and then reaches the new shards that lack it, and only those.
func TestSender_Reshard(t *testing.T) {
	s := newSender(t, put.Shard{ID: "a", Start: "0"}, put.Shard{ID: "b", Start: "100"})
	if s.Busy() || s.Next(start) != nil {
		t.Fatal("busy before the first watermark")
	}
	s.Begin(5)
	if got := s.Next(start); shardsOf(got) != "0 100" || string(got[0].Data) != "{\"type\":\"watermark\",\"watermark\":\"1970-01-01T00:00:00.005Z\"}\n" {
		t.Fatalf("sends %q to %q", got[0].Data, shardsOf(got))
	}
	// Meanwhile a has split into c and d.
	if err := s.Done(start, []put.Result{{Shard: "c"}, {Shard: "b"}}, nil); err != nil {
		t.Fatal(err)
	}
	if !s.Busy() || !s.Stale() || s.Next(start) != nil {
		t.Fatal("does not ask for a fresh map")
	}
	s.SetShards(mustMap(t, put.Shard{ID: "c", Start: "0"}, put.Shard{ID: "d", Start: "50"}, put.Shard{ID: "b", Start: "100"}))
	if got := s.Next(start); shardsOf(got) != "50" {
		t.Fatalf("sends to %q", shardsOf(got))
	}
	if err := s.Done(start, []put.Result{{Shard: "d"}}, nil); err != nil {
		t.Fatal(err)
	}
	if s.Busy() || s.Last() != 5 || s.Stats() != (watermark.Stats{Values: 1, Records: 3}) {
		t.Fatalf("busy %v, %+v", s.Busy(), s.Stats())
	}
}

// Ensure only what failed is sent again, after a pause, and a fatal error ends it.
func TestSender_Failures(t *testing.T) {
	s := newSender(t, put.Shard{ID: "a", Start: "0"}, put.Shard{ID: "b", Start: "100"})
	s.Begin(5)
	s.Next(start)
	if err := s.Done(start, []put.Result{{Shard: "a"}, {Code: put.CodeThrottled}}, nil); err != nil {
		t.Fatal(err)
	}
	at, ok := s.Wake()
	if !ok || s.Next(start) != nil {
		t.Fatal("no pause after a refusal")
	}
	if got := s.Next(at); shardsOf(got) != "100" {
		t.Fatalf("sends to %q", shardsOf(got))
	}
	if err := s.Done(at, nil, errDown); err != nil {
		t.Fatal(err)
	}
	at, _ = s.Wake()
	if got := s.Next(at); shardsOf(got) != "100" {
		t.Fatalf("sends to %q", shardsOf(got))
	}
	if err := s.Done(at, nil, errors.New("access denied")); err == nil {
		t.Fatal("a fatal error is swallowed")
	}
}

func TestSender_NeverFalls(t *testing.T) {
	s := newSender(t, put.Shard{ID: "a", Start: "0"})
	s.Begin(5)
	s.Next(start)
	if err := s.Done(start, []put.Result{{Shard: "a"}}, nil); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Fatal("a watermark may go back")
		}
	}()
	s.Begin(4)
}
