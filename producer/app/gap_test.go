package app

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/kinesis"
	"taxistream/internal/trip"
	"taxistream/producer/replay"
)

const (
	second = int64(1000)
	day    = 24 * hour
)

// rideAt makes trips that end at the times given, in ms.
func ridesAt(times ...int64) []trip.Trip {
	out := rides(len(times), 0)
	for i, at := range times {
		out[i].Pickup, out[i].Dropoff = at-600*second, at
	}
	return out
}

func millis(text string) int64 {
	ms, err := trip.ParseInstant(text)
	if err != nil {
		panic(err)
	}
	return ms
}

// events are those of a shard, in their order.
func (r read) events(t *testing.T) (out []trip.Event) {
	t.Helper()
	for _, rec := range r.records {
		kinesis.Deaggregate([]types.Record{{Data: rec}}, func(_ int, users [][]byte, err error) {
			for _, data := range users {
				var e trip.Event
				if err = errors.Join(err, trip.Decode(data, &e)); err != nil {
					t.Fatal(err)
				}
				out = append(out, e)
			}
		})
	}
	return out
}

// steps are what the shards hold, each as one line: the numbers of the trips and
// the watermarks, in their order.
func steps(t *testing.T, shards []read) (out []string) {
	t.Helper()
	for _, s := range shards {
		var line []string
		for _, e := range s.events(t) {
			if e.Kind == trip.KindTrip {
				line = append(line, fmt.Sprint(e.Trip.ID))
			} else {
				line = append(line, string(trip.AppendTime(nil, e.Watermark)))
			}
		}
		out = append(out, strings.Join(line, " "))
	}
	return out
}

var stray = []string{
	"2008-12-31T23:49:36Z", "2019-01-01T00:12:03Z", "2019-01-01T00:12:33Z", "2019-01-01T00:13:03Z",
}

func strayRides() []trip.Trip {
	times := make([]int64, len(stray))
	for i, text := range stray {
		times[i] = millis(text)
	}
	return ridesAt(times...)
}

// Ensure a gap takes a second at most, is announced, and has the end watermark of
// what lies before it in front of what lies behind, on every shard.
func TestProducer_Gap(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(*Config)
		want    string        // of the one shard
		atLeast time.Duration // on the wall clock
		atMost  time.Duration
	}{
		{"Default", nil, "1 2008-12-31T23:59:59.999Z 2 3 4 2019-01-01T00:59:59.999Z", 0, 2 * time.Second},
		{"Slow", func(c *Config) { c.Speedup = 1 }, "1 2008-12-31T23:59:59.999Z 2 3 4 2019-01-01T00:59:59.999Z", time.Minute, 62 * time.Second},
		{"AsFastAsItGoes", func(c *Config) { c.Speedup = 0 }, "1 2008-12-31T23:59:59.999Z 2 3 4 2019-01-01T00:59:59.999Z", 0, 10 * time.Millisecond},
		{"NoEndWatermark", func(c *Config) { c.EndWatermark = 0 }, "1 2 3 4 2019-01-01T00:13:02.999Z", 0, 2 * time.Second},
		{"NoWatermark", func(c *Config) { c.NoWatermark = true }, "1 2 3 4", 0, 2 * time.Second},
		{"NoAggregates", func(c *Config) { c.Aggregate = false }, "1 2008-12-31T23:59:59.999Z 2 3 4 2019-01-01T00:59:59.999Z", 0, 2 * time.Second},
		{
			"PeriodBeyondTheGap", func(c *Config) { c.EndWatermark = 200 * 8760 * time.Hour },
			"1 2019-01-01T00:12:02.999Z 2 3 4 2169-11-12T23:59:59.999Z", 0, 2 * time.Second,
		},
		{
			"TwoGaps", func(c *Config) { c.MaxGap = 29 * time.Second; c.Speedup = 10; c.Until = millis("2019-01-01T00:12:33Z") },
			"1 2008-12-31T23:59:59.999Z 2 2019-01-01T00:12:32.999Z 3", 0, 2 * time.Second,
		},
		{
			"AsLongAsAllowed", func(c *Config) {
				c.MaxGap, c.Speedup = time.Duration(millis(stray[1])-millis(stray[0]))*time.Millisecond, 1e6
			},
			"", 5 * time.Minute, 6 * time.Minute,
		},
		{"NothingSpecial", func(c *Config) { c.MaxGap, c.Speedup = 0, 1e7 }, "", 31 * time.Second, 33 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(1)
				var log bytes.Buffer
				p := producer(t, &slice{trips: strayRides()}, f, func(o *Config) {
					o.Speedup, o.Logger, o.WatermarkInterval = 1440, slog.New(slog.NewTextHandler(&log, nil)), time.Hour
					if c.change != nil {
						c.change(o)
					}
				})
				begin := time.Now()
				mustRun(t, p)
				if took := time.Since(begin); took < c.atLeast || took > c.atMost {
					t.Errorf("took %s, want %s to %s", took, c.atLeast, c.atMost)
				}
				if c.want == "" {
					if p.Stats().Gaps != 0 || strings.Contains(log.String(), "gap") {
						t.Errorf("%d gaps, log %s", p.Stats().Gaps, log.String())
					}
					return
				}
				audit(t, f.all())
				if got := steps(t, f.all())[0]; got != c.want {
					t.Errorf("the shard holds\n%s, want\n%s", got, c.want)
				}
				for _, want := range []string{"length=87648h22m27s", "from=2008-12-31T23:49:36.000Z", "to=2019-01-01T00:12:03.000Z", "-seek 2019-01-01T00:12:03.000Z"} {
					if !strings.Contains(log.String(), want) {
						t.Errorf("the log lacks %q: %s", want, log.String())
					}
				}
				var summary bytes.Buffer
				p.WriteSummary(&summary)
				if want := fmt.Sprintf("gaps        %d passed over", strings.Count(log.String(), "a gap")); !strings.Contains(summary.String(), want) {
					t.Errorf("the summary lacks %q:\n%s", want, summary.String())
				}
			})
		})
	}
}

// Ensure events behind a gap are as far from each other as in the data, each in
// its time, and that a gap between two passes is one, too.
func TestProducer_GapKeepsDistances(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(1)
		f.now = time.Now
		in := ridesAt(0, 10*second, 10*second+3*day, 20*second+3*day)
		p := producer(t, &slice{trips: in}, f, func(o *Config) { o.Speedup, o.Aggregate, o.Loop, o.MaxGap = 1, false, 2, time.Hour })
		mustRun(t, p)
		var at []time.Time // of the trips
		var times []int64
		for i, e := range f.all()[0].events(t) {
			if e.Kind == trip.KindTrip {
				at, times = append(at, f.arrivals[i]), append(times, e.Trip.Dropoff)
			}
		}
		if len(at) != 8 || p.Stats().Gaps != 3 {
			t.Fatalf("%d trips, %d gaps", len(at), p.Stats().Gaps)
		}
		for i := 1; i < len(at); i++ {
			d, want := at[i].Sub(at[i-1]), 10*time.Second
			if i%2 == 0 {
				if d > time.Second {
					t.Errorf("gap before trip %d takes %s", i, d)
				}
			} else if d < want-publishInterval-time.Millisecond || d > want+publishInterval {
				t.Errorf("trip %d comes %s behind the one before it, want %s", i, d, want)
			}
		}
		if times[2] != in[2].Dropoff || times[6] != in[2].Dropoff+4*day {
			t.Errorf("the times are %v", times)
		}
	})
}

// Ensure gaps break no promise while calls fail and shards change, whatever the
// way that times are adapted.
func TestProducer_GapPromises(t *testing.T) {
	for _, adapt := range []replay.Adapt{replay.Original, replay.Invocation, replay.Ingestion} {
		t.Run(string(adapt), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(3)
				f.rand = rand.New(rand.NewPCG(11, rand.Uint64()))
				f.latency, f.refuse, f.fail, f.lose, f.reshard = 10*time.Millisecond, 0.1, 0.1, 0.1, 0.2
				in := rides(3000, 500)
				for i := range in {
					gaps := int64(i / 500)
					in[i].Pickup, in[i].Dropoff = in[i].Pickup+gaps*2*day, in[i].Dropoff+gaps*2*day
				}
				p := producer(t, &slice{trips: in}, f, func(o *Config) {
					o.AdaptTime, o.MaxOutstanding, o.WatermarkInterval = string(adapt), 700, 20*time.Millisecond
				})
				mustRun(t, p)
				if a := audit(t, f.all()); len(a.trips) != 3000 || p.Stats().Gaps != 5 {
					t.Fatalf("%d trips, %d gaps", len(a.trips), p.Stats().Gaps)
				}
			})
		})
	}
}

// Ensure a stop in a gap ends at once, with the watermark that was promised last.
func TestProducer_StopInGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(2)
		p := producer(t, &slice{trips: strayRides()}, f, func(o *Config) { o.Speedup = 1 })
		time.AfterFunc(100*time.Millisecond, p.Stop)
		mustRun(t, p)
		if a := audit(t, f.all()); len(a.trips) != 1 || a.final != millis("2008-12-31T23:59:59.999Z") {
			t.Fatalf("%d trips, the last watermark %d", len(a.trips), a.final)
		}
	})
}

// Ensure -loop 0 ends with the last pass that lies within ten years from now, and
// events beyond are announced once. The clock of a bubble begins with the year 2000.
func TestProducer_TenYears(t *testing.T) {
	for _, c := range []struct {
		name   string
		first  string
		change func(*Config)
		passes int
		warn   string // in the log, once
	}{
		{"LastWholePass", "2009-12-25T23:50:00Z", nil, 3, ""}, // the fourth would end on the 29th
		{"JustBefore", "2009-12-25T23:49:59.999Z", nil, 4, ""},
		{"FirstPassIsSent", "2084-11-04T12:00:00Z", nil, 1, "first=2084-11-04T12:00:00.000Z without_them=\"-until 2084-11-04T11:59:59.999Z\""},
		{"PassesOfLoop", "2009-12-28T23:55:00Z", func(c *Config) { c.Loop = 3 }, 3, "first=2009-12-29T00:05:00.000Z"},
		{"OfTheLoopItself", "2009-12-27T12:00:00Z", func(c *Config) { c.Loop = 3 }, 3, "first=2009-12-29T12:00:00.000Z without_them=\"-loop 2\""},
		{"Until", "2009-12-25T12:00:00Z", func(c *Config) { c.Until = millis("2009-12-25T12:00:00Z") }, 4, ""},
		{"Invocation", "2084-11-04T12:00:00Z", func(c *Config) { c.AdaptTime = string(replay.Invocation) }, 3650, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(1)
				var log bytes.Buffer
				first := millis(c.first)
				in := ridesAt(first, first+600*second)
				p := producer(t, &slice{trips: in}, f, func(o *Config) {
					o.Loop, o.Logger, o.Aggregate = 0, slog.New(slog.NewTextHandler(&log, nil)), false
					if c.change != nil {
						c.change(o)
					}
				})
				mustRun(t, p)
				a := audit(t, f.all())
				perPass := 2
				if c.name == "Until" {
					perPass = 1
				}
				if p.Stats().Passes != c.passes || len(a.trips) != c.passes*perPass {
					t.Errorf("%d passes, %d trips, want %d passes", p.Stats().Passes, len(a.trips), c.passes)
				}
				last := in[perPass-1].Dropoff + int64(c.passes-1)*day
				want := trip.WindowStart(last, hour) + hour - 1
				if c.name == "Until" {
					want = last - 1
				}
				if a.final != want && c.name != "Invocation" {
					t.Errorf("the last watermark is %d, want %d", a.final, want)
				}
				warned := strings.Count(log.String(), "ten years after now: a processor")
				if c.warn == "" && warned > 0 || c.warn != "" && (warned != 1 || !strings.Contains(log.String(), c.warn)) {
					t.Errorf("log %s, want %q", log.String(), c.warn)
				}
			})
		})
	}
}

// Ensure stamped events never lie too far in the future: they loop on and on.
func TestProducer_StampedForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(1)
		f.latency = time.Millisecond
		p := producer(t, &slice{trips: rides(2, 1000)}, f, func(o *Config) {
			o.Loop, o.AdaptTime, o.Aggregate = 0, string(replay.Ingestion), false
		})
		done := make(chan error)
		go func() { done <- p.Run(t.Context()) }()
		for p.Stats().Passes < 4000 {
			time.Sleep(time.Second)
		}
		p.Stop()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	})
}

func TestLength(t *testing.T) {
	for ms, want := range map[int64]string{90 * second: "1m30s", hour: "1h0s", 25*hour + 61*second + 1: "25h1m1.001s", 9000 * 365 * day: "78840000h0s"} {
		if got := length(ms); got != want {
			t.Errorf("%d: %s, want %s", ms, got, want)
		}
	}
}

func TestConfig_Check(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"-watermark-interval 0":    func(c *Config) { c.WatermarkInterval = 0 },
		"-max-gap 1.5ms":           func(c *Config) { c.MaxGap = 1500 * time.Microsecond },
		"-end-watermark 1µs":       func(c *Config) { c.EndWatermark = time.Microsecond },
		"-loop -1":                 func(c *Config) { c.Loop = -1 },
		"-max-outstanding 0":       func(c *Config) { c.MaxOutstanding = 0 },
		"-prefix is part of":       func(c *Config) { c.Prefix = "2019/" },
		"-stream is empty":         func(c *Config) { c.Stream = "" },
		"-seek lies after -until:": func(c *Config) { c.Seek, c.Until = 2, 1 },
	} {
		c := DefaultConfig()
		c.Sources = []string{"generate:2016-01-05"}
		if err := c.Check(); err != nil {
			t.Fatal(err)
		}
		change(c)
		if err := c.Check(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if got := DefaultConfig(); !slices.Equal([]time.Duration{got.MaxGap, got.EndWatermark, got.WatermarkInterval, got.StatisticsInterval}, []time.Duration{24 * time.Hour, time.Hour, 200 * time.Millisecond, time.Minute}) {
		t.Errorf("defaults %+v", got)
	}
}
