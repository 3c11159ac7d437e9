package telemetry

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
)

// Figure is a metric that CloudWatch gets.
type Figure struct {
	Metric string // as Collect names it, without names.MetricPrefix
	Unit   Unit
	Fold   Fold   // how the metric's series (shards, subtasks, reasons) become one value
	By     string // a label whose values are told apart, besides the one value; empty: none
}

// Unit is one of CloudWatch's.
type Unit string

// The units in use.
const (
	Count   Unit = "Count"
	Seconds Unit = "Seconds"
	Bytes   Unit = "Bytes"
	None    Unit = "None" // ratios
)

// Fold makes one value of several series.
type Fold uint8

// The folds.
const (
	Sum Fold = iota
	Max
)

// EMFOptions say what is written under which names.
type EMFOptions struct {
	Namespace string // of the metrics in CloudWatch
	Program   string // value of the dimension names.DimensionProgram
	Figures   []Figure
	Collect   Collect
}

// EMF writes a program's figures in CloudWatch's embedded metric format: lines of
// JSON that CloudWatch Logs turns into metrics (CloudWatch user guide,
// "Specification: Embedded metric format").
//
// Counters are written as what came since the line before: then a sum over a
// period is right whatever restarted in it, and needs no rate of a total that
// falls back to zero. A counter that Collect does not list is 0; a gauge that it
// does not list is left out, so that the alarm on it decides what missing means.
// An EMF is for one goroutine.
type EMF struct {
	o    EMFOptions
	w    io.Writer
	last series // of the counters
}

// EMFInterval is the time between two lines. CloudWatch keeps a minute as its
// finest usual resolution, so that more would cost and show nothing.
const EMFInterval = time.Minute

const (
	maxFigures = 100 // metrics in a directive (the specification)
	maxReasons = 50  // our own limit: values of a By label; what goes beyond is in the one value only
)

// namespace is what CloudWatch takes (its API reference, PutMetricData); names
// that begin with AWS/ are its own.
var namespace = regexp.MustCompile(`^[A-Za-z0-9._/#:-]{1,255}$`)

// CheckNamespace refuses what CloudWatch does not take.
func CheckNamespace(text string) error {
	if !namespace.MatchString(text) || strings.HasPrefix(text, "AWS/") {
		return fmt.Errorf("namespace %q: write 1 to 255 letters, digits and . _ - / # :, not AWS/ at its beginning", text)
	}
	return nil
}

// NewEMF checks the options. It fails on what CloudWatch would drop without a
// word: a namespace of other characters, too many figures.
func NewEMF(w io.Writer, o EMFOptions) (*EMF, error) {
	if err := CheckNamespace(o.Namespace); err != nil {
		return nil, err
	}
	if len(o.Figures) > maxFigures {
		return nil, fmt.Errorf("%d figures: the embedded metric format takes %d in a line", len(o.Figures), maxFigures)
	}
	return &EMF{o: o, w: w}, nil
}

// Write writes the figures of the moment: a line for the program, and one for
// each value of a By label, all in one call of the writer. The error is the writer's.
func (e *EMF) Write(now time.Time) error {
	g := gather(e.o, e.last)
	e.last = g.seen
	var out []byte
	out = e.o.appendLine(out, now, "", "", g.total)
	for _, by := range g.labels() {
		for _, value := range g.values(by) {
			out = e.o.appendLine(out, now, by, value, g.by[by][value])
		}
	}
	_, err := e.w.Write(out)
	return err
}
