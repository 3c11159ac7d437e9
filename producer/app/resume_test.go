package app

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"taxistream/internal/kinesis"
	"taxistream/internal/trip"
	local "taxistream/localstack/kinesis"
)

var aStream = kinesis.Description{ARN: "arn:aws:kinesis:us-east-1:000000000000:stream/taxi", Created: time.Unix(1421323200, 0)}

// withGap are rides of two days with three days without one between them.
func withGap(n int) []trip.Trip {
	out := rides(n, 1000)
	for i := n / 2; i < n; i++ {
		out[i].Pickup += 72 * hour
		out[i].Dropoff += 72 * hour
	}
	return out
}

// Ensure a replay that is killed again and again, anywhere, sends every trip, none
// at or below a watermark of before, and no other trip: a shift that was fixed
// once stays, passes keep their times, the last watermark is that of a whole run.
func TestResume_Killed(t *testing.T) {
	for _, c := range []struct {
		name   string
		in     []trip.Trip
		change func(*Config)
	}{
		{"Plain", rides(5000, 500), func(*Config) {}},
		{"Single", rides(5000, 500), func(c *Config) { c.Aggregate = false }},
		{"EqualTimes", rides(5000, 0), func(*Config) {}},
		{"Invocation", rides(5000, 500), func(c *Config) { c.AdaptTime = "invocation" }},
		{"Passes", rides(1500, 500), func(c *Config) { c.Loop = 4 }},
		{"Gap", withGap(4000), func(*Config) {}},
		{"GapsAndPasses", withGap(1000), func(c *Config) { c.Loop, c.AdaptTime = 3, "invocation" }},
		{"Until", rides(5000, 500), func(c *Config) { c.Until = rides(5000, 500)[4200].Dropoff }},
		{"NoWatermark", rides(5000, 500), func(c *Config) { c.NoWatermark = true }},
	} {
		t.Run(c.name, func(t *testing.T) {
			whole := replays(t, c.in, c.change, nil)
			kills := rand.New(rand.NewPCG(1, rand.Uint64()))
			resumed := replays(t, c.in, c.change, kills)
			if got, want := slices.Sorted(maps.Keys(resumed.trips)), slices.Sorted(maps.Keys(whole.trips)); !slices.Equal(got, want) {
				t.Fatalf("%d different trips, a whole run sends %d", len(got), len(want))
			}
			if resumed.final != whole.final {
				t.Fatalf("the last watermark is %d, that of a whole run %d", resumed.final, whole.final)
			}
		})
	}
}

// replays sends an input to its end, killed at any time by kills, and audits the stream.
func replays(t *testing.T, in []trip.Trip, change func(*Config), kills *rand.Rand) (a audited) {
	file := filepath.Join(t.TempDir(), "progress")
	synctest.Test(t, func(t *testing.T) {
		f := newFake(3)
		f.latency = 10 * time.Millisecond
		if kills != nil {
			f.reshard, f.refuse, f.lose = 0.05, 0.05, 0.05
		}
		starts := 0
		for ended := false; !ended; starts++ {
			if starts > 500 {
				t.Fatal("the replay does not come to its end")
			}
			ctx, kill := context.WithCancel(t.Context())
			if kills != nil { // at first before it can be at its end
				time.AfterFunc(time.Duration(kills.IntN(min(20*(starts+1), 600)))*time.Millisecond, kill)
			}
			ended = resumes(ctx, t, file, in, f, change) == nil
			kill()
		}
		if kills != nil && starts < 2 {
			t.Fatal("it was not killed")
		}
		a = auditRuns(t, f.all(), true)
	})
	return a
}

// resumes is one start of a producer.
func resumes(ctx context.Context, t *testing.T, file string, in []trip.Trip, f *fake, change func(*Config)) error {
	var p *Producer
	var progress *notes
	p = producer(t, &slice{trips: slices.Clone(in)}, f, func(c *Config) {
		c.MaxOutstanding, c.WatermarkInterval, c.Resume = 300, 15*time.Millisecond, file
		change(c)
		var err error
		if progress, err = readNotes(c); err != nil {
			t.Fatal(err)
		}
	})
	if err := progress.of(aStream); err != nil {
		t.Fatal(err)
	}
	if progress.finished() {
		p.input = allSent{}
	}
	p.notes = progress
	return p.Run(ctx)
}

// Ensure a stop is resumed behind what was flushed: at most the trips of its last
// millisecond come twice, and a replay that was at its end sends its last watermark only.
func TestResume_Stopped(t *testing.T) {
	_, url := serve(t, local.Options{})
	in := rides(3000, 1000)
	c := slow(t, url)
	c.Sources, c.Speedup, c.Resume = []string{file(t, in)}, 1000, filepath.Join(t.TempDir(), "progress")
	for i := 0; ; i++ {
		p, err := New(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			go func() {
				for p.Stats().Put.Trips < 100 {
					time.Sleep(time.Millisecond)
				}
				p.Stop()
			}()
		}
		if err := p.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		a := auditRuns(t, content(t, connect(t, url)), true)
		switch s := p.Stats(); i {
		case 0:
			if s.Put.Trips >= 3000 {
				t.Fatal("not stopped in the middle")
			}
			c.Speedup = 0
		case 1:
			a.once(t, in, true)
			if total := len(in) + 1; sum(a.trips) > total {
				t.Fatalf("%d trips on the stream, want %d at most", sum(a.trips), total)
			}
		case 2:
			if s.Put.Trips != 0 || s.Watermark != a.final {
				t.Fatalf("%d trips sent after the end, the watermark %d", s.Put.Trips, s.Watermark)
			}
			return
		}
	}
}

func sum(trips map[int64]int) (n int) {
	for _, k := range trips {
		n += k
	}
	return n
}

// Ensure what does not fit is refused in one line that says what to do.
func TestResume_Refused(t *testing.T) {
	_, url := serve(t, local.Options{})
	dir := t.TempDir()
	name := file(t, rides(10, 1000))
	run := func(extra ...string) (int, string) {
		var out, errs bytes.Buffer
		code := Main(t.Context(), append([]string{"-endpoint", url, "-stream", "taxi", "-source", name, "-speedup", "0", "-quiet"}, extra...), &out, &errs)
		return code, errs.String()
	}
	progress := filepath.Join(dir, "progress")
	if code, text := run("-resume", progress); code != 0 {
		t.Fatalf("status %d: %s", code, text)
	}
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole, err := os.ReadFile(progress)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(string(whole), ":stream/taxi", ":stream/other", 1)
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"Source", []string{"-resume", progress, "-source", name}, 1, "with another -source: give the flags of the first start, or name another file"},
		{"Seek", []string{"-resume", progress, "-seek", "2015-01-01 00:00"}, 1, "with another -seek"},
		{"Until", []string{"-resume", progress, "-until", "2016-01-01 00:00"}, 1, "with another -until"},
		{"Loop", []string{"-resume", progress, "-loop", "2"}, 1, "with another -loop"},
		{"AdaptTime", []string{"-resume", progress, "-adapt-time", "invocation"}, 1, "with another -adapt-time"},
		{"Stream", []string{"-resume", write("stream", other)}, 1, "is of stream arn:aws:kinesis:us-east-1:000000000000:stream/other"},
		{"Damaged", []string{"-resume", write("damaged", string(whole[:len(whole)/2]))}, 1, "it is not the progress of a replay, or it is damaged"},
		{"Foreign", []string{"-resume", name}, 1, "it is not the progress of a replay, or it is damaged"},
		{"Version", []string{"-resume", write("version", `{"version":2}`)}, 1, "it has version 2, this program reads version 1"},
		{"Folder", []string{"-resume", dir}, 1, "-resume: read"},
		{"NoFolder", []string{"-resume", filepath.Join(dir, "no", "progress")}, 1, "-resume: open"},
		{"Ingestion", []string{"-resume", progress, "-adapt-time", "ingestion"}, 2, "-resume does not go with -adapt-time ingestion"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, text := run(c.args...)
			if code != c.code || strings.Count(text, "\n") != 1 || !strings.Contains(text, c.want) {
				t.Fatalf("status %d: %s", code, text)
			}
		})
	}
}

// Ensure a progress that cannot be noted ends the replay before a watermark says
// more than the file does.
func TestResume_Unwritable(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		f := newFake(2)
		f.latency = 10 * time.Millisecond
		time.AfterFunc(200*time.Millisecond, func() {
			if err := os.RemoveAll(dir); err != nil {
				t.Error(err)
			}
		})
		err := resumes(t.Context(), t, filepath.Join(dir, "progress"), rides(100000, 10), f, func(c *Config) { c.Speedup = 100 })
		if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "note the progress") {
			t.Fatalf("got %v", err)
		}
		auditRuns(t, f.all(), true)
	})
}

// Ensure a file is one producer's at a time: two would send each trip twice and note what the other sent.
func TestResume_Locked(t *testing.T) {
	c := &Config{Resume: filepath.Join(t.TempDir(), "progress")}
	first, err := openNotes(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openNotes(c); err == nil || !strings.Contains(err.Error(), c.Resume+": another producer is at work on it") {
		t.Errorf("a second one: %v", err)
	}
	if err := os.WriteFile(c.Resume, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := first.close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // what is refused leaves no lock
		if _, err := openNotes(c); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("a damaged file: %v", err)
		}
	}
	if left, _ := filepath.Glob(c.Resume + ".lock"); len(left) != 0 {
		t.Errorf("left is %v", left)
	}
}
