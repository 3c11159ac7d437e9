package source_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"taxistream/internal/kinesis"
	embedded "taxistream/localstack/kinesis"
	"taxistream/processor/source"
)

const kept = 24 * time.Hour

// keeping is a source over a stream that lets its records go after a day.
func keeping(t *testing.T, shards int) (*stream, *source.Source) {
	t.Helper()
	s := newStream(t, shards, embedded.Options{Retention: kept, TrimByAge: true})
	in := s.source(trimHorizon)
	in.Reader.Retention = func() time.Duration { return kept }
	return s, in
}

func wantExpired(t *testing.T, err error) {
	t.Helper()
	if err == nil || strings.Contains(err.Error(), "\n") {
		t.Fatalf("got %v, want one line", err)
	}
	for _, want := range []string{first, "keeps records for 24h0m0s", "gone unread", "-allow-expired"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
}

// Ensure records that went while nobody read them are an error that says what is missing, by polling
// and by fan-out, and that those that are left are read where that is allowed, which is told once.
func TestSource_Expired(t *testing.T) {
	for how, begin := range map[string]func(*testing.T, int) (*stream, *source.Source){
		"Polling": keeping,
		"FanOut": func(t *testing.T, shards int) (*stream, *source.Source) {
			s, in := fanOut(t, shards, embedded.Options{Retention: kept, TrimByAge: true}, nil)
			in.Reader.Retention = func() time.Duration { return kept }
			return s, in
		},
	} {
		t.Run(how, func(t *testing.T) {
			s, in := begin(t, 1)
			s.put(0, trip(1))
			r := open(t, in, split(first))
			_, offset := read(t, r)
			s.put(0, trip(2))
			s.advance(kept + time.Hour)
			s.put(0, trip(3))
			from := split(first)
			from.Offset = offset
			_, err := open(t, in, from).Next(context.Background())
			wantExpired(t, err)

			var told []string
			in.Reader.AllowExpired, in.Reader.Notify = true, func(m string) { told = append(told, m) }
			r = open(t, in, from)
			if got, _ := read(t, r); !slices.Equal(got, []int64{3}) {
				t.Errorf("got %v, want what is kept", got)
			}
			if len(told) != 1 || !strings.Contains(told[0], "2016-01-05T12:00:00Z") || !strings.Contains(told[0], "2016-01-05T13:00:00Z, if any, are gone unread; going on") {
				t.Errorf("told %q", told)
			}
		})
	}
}

// Ensure a process that slept through the retention says so, too, and says it again after the next time.
func TestSource_ExpiredWhileAsleep(t *testing.T) {
	s, in := keeping(t, 1)
	s.put(0, trip(1))
	r := open(t, in, split(first))
	read(t, r)
	s.advance(kept - time.Minute)
	read(t, r)
	s.advance(kept + time.Minute)
	_, err := r.Next(context.Background())
	wantExpired(t, err)

	told := 0
	in.Reader.AllowExpired, in.Reader.Notify = true, func(string) { told++ }
	r = open(t, in, split(first))
	for i := range 3 {
		read(t, r)
		s.advance(kept + time.Minute)
		if told != i {
			t.Errorf("told %d times after %d gaps", told, i)
		}
	}
}

// Ensure the offset of a shard at which nothing comes moves on, though seldom: what it says of
// long ago would otherwise look like a gap after a restart.
func TestSource_RestingShard(t *testing.T) {
	s, in := keeping(t, 1)
	s.put(0, trip(1))
	r := open(t, in, split(first))
	_, offset := read(t, r)
	moved := 0
	for range 48 * 6 {
		s.advance(10 * time.Minute)
		if _, next := read(t, r); next != nil {
			offset, moved = next, moved+1
		}
	}
	if moved < 24 || moved > 48 {
		t.Errorf("the offset moved %d times in 48 hours", moved)
	}
	s.put(0, trip(2))
	from := split(first)
	from.Offset = offset
	if got, _ := read(t, open(t, in, from)); !slices.Equal(got, []int64{2}) {
		t.Errorf("got %v, want what is new", got)
	}
}

// Ensure a start at LATEST that has seen nothing for longer than the retention loses nothing, nor fails.
func TestSource_RestingAtLatest(t *testing.T) {
	s, in := keeping(t, 1)
	in.Position = latest
	r := open(t, in, split(first))
	_, offset := read(t, r)
	for range 30 {
		s.advance(time.Hour + time.Second)
		if _, next := read(t, r); next != nil {
			offset = next
		}
	}
	s.put(0, trip(1))
	from := split(first)
	from.Offset = offset
	if got, _ := read(t, open(t, in, from)); !slices.Equal(got, []int64{1}) {
		t.Errorf("got %v from %s", got, offset)
	}
}

// Ensure an offset of the version before goes on as it did.
func TestSource_OldOffset(t *testing.T) {
	s, in := keeping(t, 1)
	sequence := s.put(0, trip(1))
	s.put(0, trip(2))
	s.advance(time.Millisecond)
	for _, offset := range []string{"1:" + sequence, fmt.Sprintf("1:@%d", s.now().UnixMilli())} {
		from := split(first)
		from.Offset = []byte(offset)
		got, next := read(t, open(t, in, from))
		if want := strings.Contains(offset, "@"); len(got) == 0 != want || !strings.HasPrefix(string(next), "2:") {
			t.Errorf("from %s: read %v, and the offset %s", offset, got, next)
		}
	}
}

// Ensure a shard that is gone altogether ends, where that is allowed.
func TestSource_GoneShard(t *testing.T) {
	_, in := keeping(t, 1)
	var told []string
	in.Reader = kinesis.ReaderOptions{AllowExpired: true, Notify: func(m string) { told = append(told, m) }}
	from := split("shardId-000000000007")
	from.Offset = []byte("2:49500;1451995200000")
	b, err := open(t, in, from).Next(context.Background())
	if err != nil || !b.End || len(told) != 1 || !strings.Contains(told[0], "is gone") {
		t.Errorf("got %+v, %v, told %q", b, err, told)
	}
	in.Reader.AllowExpired = false
	_, err = open(t, in, from).Next(context.Background())
	if err == nil || !strings.Contains(err.Error(), "-allow-expired") {
		t.Errorf("got %v", err)
	}
}
