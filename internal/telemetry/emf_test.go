package telemetry_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"taxistream/internal/names"
	"taxistream/internal/telemetry"
)

var update = flag.Bool("update", false, "write the golden file")

var at = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

var figures = []telemetry.Figure{
	{Metric: "read_total", Unit: telemetry.Count},
	{Metric: "rejected_total", Unit: telemetry.Count, By: names.LabelReason},
	{Metric: "behind_seconds", Unit: telemetry.Seconds, Fold: telemetry.Max},
	{Metric: "size_bytes", Unit: telemetry.Bytes},
}

// program is a stand-in whose metrics a test sets.
type program []telemetry.Metric

func (p *program) collect(emit func(telemetry.Metric)) {
	for _, m := range *p {
		m.Name = names.MetricPrefix + m.Name
		emit(m)
	}
}

func counter(name string, v float64, labels ...string) telemetry.Metric {
	return telemetry.Metric{Name: name, Kind: telemetry.Counter, Value: v, Labels: labels}
}

func gauge(name string, v float64, labels ...string) telemetry.Metric {
	return telemetry.Metric{Name: name, Kind: telemetry.Gauge, Value: v, Labels: labels}
}

func newEMF(t *testing.T, out *bytes.Buffer, p *program, f []telemetry.Figure) *telemetry.EMF {
	t.Helper()
	e, err := telemetry.NewEMF(out, telemetry.EMFOptions{Namespace: "TaxiStream", Program: names.Processor, Figures: f, Collect: p.collect})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// write gives the lines of one moment.
func write(t *testing.T, e *telemetry.EMF, out *bytes.Buffer) []map[string]any {
	t.Helper()
	out.Reset()
	if err := e.Write(at); err != nil {
		t.Fatal(err)
	}
	var lines []map[string]any
	for text := range strings.Lines(out.String()) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		checkSpecification(t, text, line)
		lines = append(lines, line)
	}
	return lines
}

// Ensure the bytes that CloudWatch gets are the reviewed ones (-update writes them).
func TestEMF_Golden(t *testing.T) {
	var out bytes.Buffer
	p := &program{
		counter("read_total", 10, "shard", "0"), counter("read_total", 5, "shard", "1"),
		counter("rejected_total", 2, "reason", "late"), counter("rejected_total", 0, "reason", "malformed"),
		gauge("behind_seconds", 1.2, "shard", "0"), gauge("behind_seconds", 0.3, "shard", "1"),
		counter("unasked_total", 7),
	}
	if err := newEMF(t, &out, p, figures).Write(at); err != nil {
		t.Fatal(err)
	}
	const file = "testdata/emf.golden"
	if *update {
		if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

// Ensure counters are written as what came since the line before, series by
// series: one that begins again, or is gone, takes nothing from the others.
func TestEMF_Deltas(t *testing.T) {
	var out bytes.Buffer
	p := &program{}
	e := newEMF(t, &out, p, figures)
	for _, step := range []struct {
		name string
		now  program
		want float64
	}{
		{"NothingYet", nil, 0},
		{"First", program{counter("read_total", 10, "shard", "0")}, 10},
		{"More", program{counter("read_total", 12, "shard", "0")}, 2},
		{"Same", program{counter("read_total", 12, "shard", "0")}, 0},
		{"AnotherShard", program{counter("read_total", 13, "shard", "0"), counter("read_total", 4, "shard", "1")}, 5},
		{"OneGone", program{counter("read_total", 6, "shard", "1")}, 2},
		{"Fallen", program{counter("read_total", 1, "shard", "1")}, 1},
	} {
		*p = step.now
		if got := write(t, e, &out)[0]["read"]; got != step.want {
			t.Errorf("%s: got %v, want %v", step.name, got, step.want)
		}
	}
}

// Ensure an absent gauge, and a value that CloudWatch does not take, is left out.
func TestEMF_LeftOut(t *testing.T) {
	var out bytes.Buffer
	p := &program{}
	e := newEMF(t, &out, p, figures)
	for name, v := range map[string]float64{"NaN": math.NaN(), "Inf": math.Inf(1), "Large": 0x1p361} {
		*p = program{gauge("behind_seconds", v)}
		line := write(t, e, &out)[0]
		if _, there := line["behind_seconds"]; there {
			t.Errorf("%s was written: %v", name, line)
		}
		if _, there := line["size_bytes"]; there {
			t.Errorf("an absent gauge was written: %v", line)
		}
	}
}

// Ensure each reason has a line, and that their number is limited: the one value has all.
func TestEMF_ByReason(t *testing.T) {
	var out bytes.Buffer
	p := &program{}
	for i := range 80 {
		*p = append(*p, counter("rejected_total", 1, "reason", "reason-"+strconv.Itoa(i)))
	}
	*p = append(*p, counter("rejected_total", 1, "reason", ""))
	lines := write(t, newEMF(t, &out, p, figures), &out)
	if len(lines) != 51 || lines[0]["rejected"] != 81.0 {
		t.Errorf("%d lines, the first %v; want 51 and 81 rejects", len(lines), lines[0])
	}
	if lines[1]["reason"] != "reason-0" || lines[1]["rejected"] != 1.0 || lines[1]["read"] != nil {
		t.Errorf("the line of a reason is %v", lines[1])
	}
}

// Ensure a hundred figures fit into a line and more are refused, as other things
// that CloudWatch drops without a word.
func TestNewEMF_Refuses(t *testing.T) {
	many := make([]telemetry.Figure, 101)
	p := &program{}
	for i := range many {
		many[i] = telemetry.Figure{Metric: "figure_" + strconv.Itoa(i) + "_total", Unit: telemetry.Count}
		*p = append(*p, counter(many[i].Metric, 1e100))
	}
	var out bytes.Buffer
	if line := write(t, newEMF(t, &out, p, many[:100]), &out)[0]; len(line) != 102 {
		t.Errorf("a line of %d members, want 102", len(line))
	}
	for name, o := range map[string]telemetry.EMFOptions{
		"TooMany":      {Namespace: "x", Figures: many},
		"Empty":        {},
		"Blank":        {Namespace: "a b"},
		"AWSs":         {Namespace: "AWS/Kinesis"},
		"TooLong":      {Namespace: strings.Repeat("x", 256)},
		"NoAlphabetic": {Namespace: "ö"},
	} {
		if _, err := telemetry.NewEMF(&out, o); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

type broken struct{}

var errBroken = errors.New("broken pipe")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

// Ensure the writer's error is seen.
func TestEMF_Write_Error(t *testing.T) {
	e, err := telemetry.NewEMF(broken{}, telemetry.EMFOptions{Namespace: "x", Program: "p", Figures: figures, Collect: (&program{}).collect})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Write(at); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
}
