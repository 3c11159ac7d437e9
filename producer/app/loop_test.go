package app

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"taxistream/internal/trip"
	"taxistream/producer/replay"
	"taxistream/producer/watermark"
)

// start makes a producer of an input and a stream, with the flags' defaults but
// for what change does.
func producer(t *testing.T, in Input, f *fake, change func(*Config)) *Producer {
	t.Helper()
	c := DefaultConfig()
	c.Speedup = 0
	if change != nil {
		change(c)
	}
	open, err := f.OpenShards(context.Background())
	for err != nil {
		open, err = f.OpenShards(context.Background())
	}
	p, err := newProducer(c, in, f.target(), open)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func mustRun(t *testing.T, p *Producer) {
	t.Helper()
	if err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

const hour = int64(time.Hour / time.Millisecond)

// Ensure each trip arrives once and the watermarks hold, whatever fails and
// however the shards change meanwhile.
func TestProducer_Promises(t *testing.T) {
	for _, c := range []struct {
		name                        string
		refuse, fail, lose, reshard float64
	}{
		{"Undisturbed", 0, 0, 0, 0},
		{"Refusals", 0.2, 0, 0, 0},
		{"Outages", 0, 0.2, 0, 0},
		{"LostAnswers", 0.05, 0.1, 0.1, 0},
		{"Reshards", 0, 0, 0, 0.2},
		{"Everything", 0.1, 0.1, 0.1, 0.2},
	} {
		for _, aggregate := range []bool{true, false} {
			t.Run(c.name+map[bool]string{true: "Aggregated", false: "Single"}[aggregate], func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := newFake(3)
					f.rand = rand.New(rand.NewPCG(7, rand.Uint64()))
					f.latency = 10 * time.Millisecond
					f.refuse, f.fail, f.lose, f.reshard = c.refuse, c.fail, c.lose, c.reshard
					in := rides(6000, 500)
					p := producer(t, &slice{trips: in}, f, func(o *Config) {
						o.Aggregate, o.MaxOutstanding, o.WatermarkInterval = aggregate, 700, 20*time.Millisecond
					})
					mustRun(t, p)
					a := audit(t, f.all())
					a.once(t, in, c.lose > 0)
					if want := trip.WindowStart(in[5999].Dropoff, hour) + hour - 1; a.final != want {
						t.Fatalf("the last watermark is %d, want %d", a.final, want)
					}
					s := p.Stats()
					if !s.Done || s.Put.Trips != 6000 || s.Outstanding != 0 || s.Watermarks.Values < 2 {
						t.Fatalf("%+v", s)
					}
				})
			})
		}
	}
}

// Ensure -speedup is kept, and that a replay that was held up catches up.
func TestProducer_Pace(t *testing.T) {
	for _, outage := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(2)
			f.now = time.Now
			begin := time.Now()
			if outage {
				time.AfterFunc(2*time.Second, func() { f.set(func() { f.down = true }) })
				time.AfterFunc(12*time.Second, func() { f.set(func() { f.down = false }) })
			}
			in := rides(3000, 1000) // 50 minutes
			p := producer(t, &slice{trips: in}, f, func(o *Config) {
				o.Speedup, o.Aggregate, o.NoWatermark = 100, false, true
			})
			mustRun(t, p)
			audit(t, f.all()).once(t, in, false)
			for i, at := range f.arrivals {
				due := begin.Add(time.Duration(i) * 10 * time.Millisecond)
				late := at.Sub(due)
				if i == len(f.arrivals)-1 && (late < 0 || late > time.Second) {
					t.Fatalf("the last trip arrives %s after it is due", late)
				}
				if late < 0 && !outage {
					t.Fatalf("trip %d arrives %s early", i, -late)
				}
			}
		})
	}
}

func (f *fake) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

// Ensure a watermark follows its trips closely when the replay is slow.
func TestProducer_WatermarkIsFresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(2)
		f.latency = 5 * time.Millisecond
		p := producer(t, &slice{trips: rides(100000, 1000)}, f, func(o *Config) { o.Speedup = 1000 })
		done := make(chan error)
		go func() { done <- p.Run(t.Context()) }()
		for range 20 {
			time.Sleep(time.Second)
			s := p.Stats()
			if lag := s.EventTime - s.Watermark; lag > 500*1000 {
				t.Fatalf("the watermark is %d ms behind", lag)
			}
		}
		p.Stop()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if a := audit(t, f.all()); a.final != p.Stats().EventTime-1 {
			t.Fatalf("the last watermark after a stop is %d, want just below %d", a.final, p.Stats().EventTime)
		}
	})
}

func TestProducer_LastWatermark(t *testing.T) {
	in := rides(10, 1000)
	last := in[9].Dropoff
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   int64
	}{
		{"EndOfTheHour", nil, trip.WindowStart(last, hour) + hour - 1},
		{"OtherPeriod", func(c *Config) { c.EndWatermark = 24 * time.Hour }, trip.WindowStart(last, 24*hour) + 24*hour - 1},
		{"NoPeriod", func(c *Config) { c.EndWatermark = 0 }, last - 1},
		{"Until", func(c *Config) { c.Until = last - 1 }, in[8].Dropoff - 1},
		{"UntilTheEnd", func(c *Config) { c.Until = last }, trip.WindowStart(last, hour) + hour - 1},
		{"None", func(c *Config) { c.NoWatermark = true }, watermark.None},
		{"SecondPass", func(c *Config) { c.Loop = 2 }, trip.WindowStart(last, hour) + 25*hour - 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(4)
			mustRun(t, producer(t, &slice{trips: in}, f, c.change))
			if a := audit(t, f.all()); a.final != c.want {
				t.Fatalf("got %d, want %d", a.final, c.want)
			}
		})
	}
}

// Ensure that a replay of which -seek and -until leave nothing ends with an error
// that says so, and sends nothing; one that is stopped before its first trip does not.
func TestProducer_Nothing(t *testing.T) {
	in := rides(10, 1000)
	for name, change := range map[string]func(*Config){
		"Seek":    func(c *Config) { c.Seek = in[9].Dropoff + 1 },
		"Until":   func(c *Config) { c.Until = in[0].Dropoff - 1 },
		"Between": func(c *Config) { c.Seek, c.Until = in[3].Dropoff+1, in[4].Dropoff-1 },
		"Loop":    func(c *Config) { c.Until, c.Loop = in[0].Dropoff-1, 0 },
	} {
		f := newFake(4)
		err := producer(t, &slice{trips: in}, f, change).Run(t.Context())
		a := audit(t, f.all())
		if err == nil || !strings.Contains(err.Error(), "no trip has an event time ") || len(a.trips) > 0 || a.final != watermark.None {
			t.Errorf("%s: %v, %d trips, last watermark %d", name, err, len(a.trips), a.final)
		}
	}
	p := producer(t, &slice{trips: in}, newFake(1), func(c *Config) { c.Speedup = 1 })
	p.Stop()
	mustRun(t, p)
}

// Ensure stamped trips keep their order and their watermarks.
func TestProducer_Ingestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(3)
		f.latency, f.refuse = 3*time.Millisecond, 0.1
		p := producer(t, &slice{trips: rides(3000, 100)}, f, func(c *Config) {
			c.AdaptTime, c.Speedup = string(replay.Ingestion), 10
		})
		mustRun(t, p)
		if a := audit(t, f.all()); len(a.trips) != 3000 {
			t.Fatalf("%d trips", len(a.trips))
		}
	})
}

func TestProducer_Errors(t *testing.T) {
	broken := errors.New("trips.csv.gz: unexpected end")
	for _, c := range []struct {
		name string
		in   *slice
		f    func(*fake)
		want string
	}{
		{"Input", &slice{trips: rides(10, 1), err: broken}, func(*fake) {}, "unexpected end"},
		{"Denied", &slice{trips: rides(10, 1)}, func(f *fake) { f.fatal = errors.New("access denied") }, "access denied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(1)
			c.f(f)
			err := producer(t, c.in, f, nil).Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v", err)
			}
		})
	}
	t.Run("ContextEnds", func(t *testing.T) {
		f := newFake(1)
		f.down = true
		f.set(func() { f.down = false })
		p := producer(t, &slice{trips: rides(10, 1)}, f, nil)
		f.set(func() { f.down = true })
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Millisecond, cancel)
		if err := p.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
	})
}

// Ensure the limit holds at any moment, even one of a single trip.
func TestProducer_MaxOutstanding(t *testing.T) {
	for _, aggregate := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(2)
			f.latency = time.Millisecond
			in := rides(50, 1000)
			p := producer(t, &slice{trips: in}, f, func(c *Config) { c.MaxOutstanding, c.Aggregate, c.NoWatermark = 1, aggregate, true })
			mustRun(t, p)
			audit(t, f.all()).once(t, in, false)
			if f.calls != 50 {
				t.Fatalf("%d calls for 50 trips one by one", f.calls)
			}
		})
	}
}
