package watermark

import (
	"fmt"
	"log/slog"
	"time"

	"taxistream/internal/fault"
	"taxistream/internal/trip"
	"taxistream/producer/put"
)

// Sender brings one watermark at a time to every open shard, by explicit hash
// key, unaggregated. A watermark is over when every shard of the map has it;
// an answer from a shard that the map does not know shows a reshard, and the
// watermark then waits for the new map and goes to the new shards too.
type Sender struct {
	o        Options
	shards   *put.Map
	value    int64           // the watermark under way, or the last
	data     []byte          // its record
	reached  map[string]bool // shards that have it
	entries  []put.Entry     // of the call under way
	targets  []put.Shard     // of the call under way
	calling  bool
	stale    bool
	failures int
	renewals int       // of failures: those for the credentials
	astray   int       // calls in a row of which a record arrived in another shard than the map's
	at       time.Time // no call before
	stats    Stats
}

// Options are the Sender's.
type Options struct {
	Classify func(error) fault.Class
	Backoff  put.Backoff
	Log      *slog.Logger
}

// Stats are counts since the start.
type Stats struct {
	Values  int64 // watermarks begun
	Records int64 // watermark records acknowledged
	Retries int64 // watermark records sent again
}

// manyAstray calls in a row are no reshard any more and worth a message.
const manyAstray = 4

// partitionKey is the one of watermark records: their explicit hash key decides.
const partitionKey = "w"

// NewSender returns a sender to the open shards of m.
func NewSender(o Options, m *put.Map) *Sender {
	return &Sender{o: o, shards: m, value: None, reached: make(map[string]bool)}
}

// Last is the greatest watermark begun, in ms; None before the first.
func (s *Sender) Last() int64 { return s.value }

// Busy reports whether a shard of the map still lacks the last watermark.
func (s *Sender) Busy() bool {
	if s.value == None {
		return false
	}
	if s.calling || s.stale {
		return true
	}
	for _, shard := range s.shards.Shards() {
		if !s.reached[shard.ID] {
			return true
		}
	}
	return false
}

// Stale reports whether a fresh shard map is needed to go on.
func (s *Sender) Stale() bool { return s.stale }

// Stats are the counts so far.
func (s *Sender) Stats() Stats { return s.stats }

// Begin starts sending a watermark, writable and greater than the last. It
// panics on any other, and while the last is under way.
func (s *Sender) Begin(value int64) {
	if value <= s.value || s.Busy() {
		panic(fmt.Sprintf("watermark: %d after %d", value, s.value))
	}
	s.value = value
	s.data = trip.AppendWatermark(nil, value)
	clear(s.reached)
	s.stats.Values++
}

// SetShards replaces the shard map; shards that are new get the last watermark.
func (s *Sender) SetShards(m *put.Map) {
	if s.astray > 0 && !m.Equal(s.shards) { // it was a reshard: the new map tells the way
		s.astray, s.failures, s.at = 0, 0, time.Time{}
	}
	s.shards = m
	s.stale = false
}

// Next returns the entries of the next call, or nil if there is nothing to send
// now. They stay valid until Done.
func (s *Sender) Next(now time.Time) []put.Entry {
	if s.value == None || s.calling || s.stale || now.Before(s.at) {
		return nil
	}
	s.entries, s.targets = s.entries[:0], s.targets[:0]
	for _, shard := range s.shards.Shards() {
		if s.reached[shard.ID] {
			continue
		}
		if len(s.entries) == put.MaxRequestRecords {
			break
		}
		s.entries = append(s.entries, put.Entry{Data: s.data, PartitionKey: partitionKey, HashKey: shard.Start})
		s.targets = append(s.targets, shard)
	}
	if len(s.entries) == 0 {
		return nil
	}
	s.calling = true
	return s.entries
}

// Wake is when Next is to be asked again if nothing else happens; false if it
// need not be.
func (s *Sender) Wake() (time.Time, bool) {
	return s.at, s.failures > 0 && !s.calling && !s.stale && s.Busy()
}

// Done takes the answer to the call. It returns an error only if trying again
// is no use.
func (s *Sender) Done(now time.Time, results []put.Result, err error) error {
	s.calling = false
	if err == nil && len(results) != len(s.targets) {
		err = fmt.Errorf("the answer has %d results for %d records", len(results), len(s.targets))
	} else if err != nil {
		if final := s.failed(err); final != nil {
			return final
		}
	}
	if err != nil {
		s.stats.Retries += int64(len(s.targets))
		s.wait(now)
		if s.failures == 2 {
			s.o.Log.Warn("a watermark cannot be sent, trying again", "error", fault.Plain(err))
		}
		return nil
	}
	refused, astray := 0, false
	for i, r := range results {
		if r.Code != "" {
			refused++
			continue
		}
		s.stats.Records++
		s.reached[r.Shard] = true
		if r.Shard != s.targets[i].ID {
			s.stale, astray = true, true
		}
	}
	s.stats.Retries += int64(refused)
	s.renewals = 0
	if !astray {
		s.astray = 0
	} else if s.astray++; s.astray == manyAstray {
		s.o.Log.Warn("watermarks arrive in other shards than the shard map says, trying again")
	}
	if refused == 0 && s.astray <= 1 { // once astray is a reshard, and the new map tells the way
		s.failures = 0
		return nil
	}
	s.wait(now)
	return nil
}

// failed gives an error that trying again does not mend.
func (s *Sender) failed(err error) error {
	switch s.o.Classify(err) {
	case fault.Final:
		return fmt.Errorf("put watermarks: %w", fault.Explain(err))
	case fault.Renew:
		if s.renewals++; s.renewals > fault.Renewals {
			return fmt.Errorf("put watermarks: renewed the credentials %d times in vain: %w", fault.Renewals, fault.Explain(err))
		}
	}
	return nil
}

func (s *Sender) wait(now time.Time) {
	s.failures++
	s.at = now.Add(s.o.Backoff.Delay(s.failures))
}
