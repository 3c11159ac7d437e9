package flags_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"taxistream/internal/flags"
)

type values struct {
	stream   *string
	sources  *[]string
	speedup  *float64
	interval *time.Duration
	quiet    *bool
	loop     *int
	adapt    *string
}

func register() (*flags.Set, values) {
	s := flags.New("producer", "replays trips")
	sources, speedup := []string(nil), 1440.0
	s.StringsVar(&sources, "source", "what to replay")
	s.FloatVar(&speedup, "speedup", "event time over wall-clock time")
	v := values{
		sources: &sources, speedup: &speedup,
		stream:   s.String("stream", "taxi-trip-events", "the `name` of the stream"),
		interval: s.Duration("statistics-interval", time.Minute, "a line of figures"),
		quiet:    s.Bool("quiet", false, "only errors"),
		loop:     s.Int("loop", 1, "passes"),
		adapt:    s.Choice("adapt-time", "original", []string{"original", "invocation", "ingestion"}, "shift"),
	}
	s.Alias("statisticsFrequency", "statistics-interval")
	s.Alias("adaptTime", "adapt-time")
	s.Need("source")
	s.Verbs("ready")
	return s, v
}

func TestSet_Parse(t *testing.T) {
	s, v := register()
	done, code := s.Parse(strings.Fields("--stream x -source=a -speedup 0 --statisticsFrequency 1500 -quiet --source b -adaptTime Invocation -loop=3"), os.Stdout, os.Stderr)
	if done || code != 0 {
		t.Fatalf("done %v, status %d", done, code)
	}
	if *v.stream != "x" || strings.Join(*v.sources, ",") != "a,b" || *v.speedup != 0 || *v.interval != 1500*time.Millisecond ||
		!*v.quiet || *v.loop != 3 || *v.adapt != "invocation" {
		t.Fatalf("got %q %q %v %v %v %d %q", *v.stream, *v.sources, *v.speedup, *v.interval, *v.quiet, *v.loop, *v.adapt)
	}
	if !s.Given("statistics-interval") || s.Given("stream") == false {
		t.Fatal("a given flag is not reported as given")
	}
}

// Ensure wrong usage is one line, says what to do, and has status 2.
func TestSet_Parse_WrongUsage(t *testing.T) {
	for _, c := range []struct{ name, args, want string }{
		{"Unknown", "-source a -foo", "producer: unknown flag -foo; see -h\n"},
		{"Misspelt", "-sorce a", "producer: unknown flag -sorce (did you mean -source?); see -h\n"},
		{"Swapped", "-stremas=3", "producer: unknown flag -stremas (did you mean -stream?); see -h\n"},
		{"Case", "-Source a", "producer: unknown flag -Source (did you mean -source?); see -h\n"},
		{"Begun", "-stat 1s", "producer: unknown flag -stat (did you mean -statistics-interval?); see -h\n"},
		{"Alias", "-adapttimes x", "producer: unknown flag -adapttimes (did you mean -adaptTime?); see -h\n"},
		{"EveryProgram", "-versionn", "producer: unknown flag -versionn (did you mean -version?); see -h\n"},
		{"TooShort", "-x 3", "producer: unknown flag -x; see -h\n"},
		{"MisspeltVerb", "raedy -source a", "producer: unexpected argument \"raedy\" (did you mean ready?); see -h\n"},
		{"UnknownWithValue", "--foo=3", "producer: unknown flag -foo; see -h\n"},
		{"NoValue", "-source a -stream", "producer: flag -stream needs a value; see -h\n"},
		{"NotANumber", "-source a -speedup fast", "producer: -speedup \"fast\": write a number; see -h\n"},
		{"NaN", "-source a -speedup NaN", "producer: -speedup \"NaN\": write a number; see -h\n"},
		{"NotWhole", "-source a -loop 1.5", "producer: -loop \"1.5\": write a whole number; see -h\n"},
		{"BadDuration", "-source a -statistics-interval -1s", "producer: -statistics-interval \"-1s\": write a length of time such as 200ms, 60s or 1h; see -h\n"},
		{"BadChoice", "-source a -adapt-time never", "producer: -adapt-time \"never\": choose original, invocation or ingestion; see -h\n"},
		{"BadBool", "-source a -quiet=perhaps", "producer: -quiet \"perhaps\": write true or false; see -h\n"},
		{"Missing", "-stream x", "producer: flag -source is needed; see -h\n"},
		{"Argument", "-source a b", "producer: unexpected argument \"b\"; see -h\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := register()
			var out, errs strings.Builder
			done, code := s.Parse(strings.Fields(c.args), &out, &errs)
			if !done || code != flags.StatusUsage || errs.String() != c.want || out.Len() != 0 {
				t.Fatalf("done %v, status %d, stdout %q, stderr %q; want stderr %q", done, code, out.String(), errs.String(), c.want)
			}
		})
	}
}

func TestSet_Parse_Help(t *testing.T) {
	for _, arg := range []string{"-h", "--help"} {
		s, _ := register()
		var out, errs strings.Builder
		done, code := s.Parse([]string{arg}, &out, &errs)
		if !done || code != 0 || errs.Len() != 0 {
			t.Fatalf("done %v, status %d, stderr %q", done, code, errs.String())
		}
		for _, want := range []string{"replays trips", "-stream name", "(default taxi-trip-events)", "-statistics-interval", "-statisticsFrequency", "(default 1m)", "(needed)"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("help lacks %q:\n%s", want, out.String())
			}
		}
	}
}

// Ensure two parts of a program can register the same flag and both see it.
func TestSet_Shared(t *testing.T) {
	s := flags.New("localstack demo", "everything")
	a := s.String("stream", "taxi", "the stream")
	b := s.String("stream", "taxi", "the stream")
	if done, _ := s.Parse([]string{"-stream", "x"}, os.Stdout, os.Stderr); done || *a != "x" || *b != "x" {
		t.Fatalf("got %q and %q", *a, *b)
	}
	defer func() {
		if recover() == nil {
			t.Fatal("two defaults for one flag went unnoticed")
		}
	}()
	s.String("stream", "other", "the stream")
}

func TestSet_Args(t *testing.T) {
	s := flags.New("data describe", "says what is in files")
	s.TakeArgs("SOURCE...")
	if done, _ := s.Parse([]string{"a", "-", "--", "-b"}, os.Stdout, os.Stderr); done || strings.Join(s.Args(), " ") != "a - -b" {
		t.Fatalf("got %q", s.Args())
	}
}

func TestFail_OneLine(t *testing.T) {
	var errs strings.Builder
	if code := flags.Fail("producer", &errs, errors.New("a\nb")); code != 1 || errs.String() != "producer: a b\n" {
		t.Fatalf("status %d, %q", code, errs.String())
	}
}

func TestFormatDuration(t *testing.T) {
	for text, want := range map[string]string{"3600000": "1h", "90s": "1m30s", "200": "200ms", "0": "0s", "1h0m5s": "1h0m5s", "0.5": "500µs", "10m": "10m"} {
		d, err := flags.ParseDuration(text)
		if err != nil || flags.FormatDuration(d) != want {
			t.Errorf("%q: got %s, %v; want %s", text, flags.FormatDuration(d), err, want)
		}
	}
	for _, text := range []string{"", "-1", "1 h", "NaN", "Inf", "1e30", "-2s"} {
		if _, err := flags.ParseDuration(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func ExampleSet() {
	s := flags.New("producer", "replays trips")
	s.Duration("watermark-interval", 200*time.Millisecond, "how often a watermark is sent")
	s.Parse([]string{"-wattermark-interval", "1s"}, os.Stdout, os.Stdout)
	// Output: producer: unknown flag -wattermark-interval (did you mean -watermark-interval?); see -h
}

// Ensure what is printed of a duration reads back as the same duration.
func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"200ms", "1h", "60000", "1h30m", "0.5", "-1", "1e3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := flags.ParseDuration(text)
		if err != nil {
			return
		}
		if again, err := flags.ParseDuration(flags.FormatDuration(d)); err != nil || again != d || d < 0 {
			t.Fatalf("%q is %d ns, written %s, read %d ns, %v", text, d, flags.FormatDuration(d), again, err)
		}
	})
}
