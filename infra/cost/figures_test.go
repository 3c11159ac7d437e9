package cost

import (
	"bytes"
	"testing"
	"time"

	"taxistream/internal/names"
	"taxistream/internal/telemetry"
	processor "taxistream/processor/app"
	producer "taxistream/producer/app"
)

// CloudWatch asks a price for each metric that the programs write: the estimate
// counts them all, one told apart by reason once in all and once for each.
func TestFigures(t *testing.T) {
	for _, test := range []struct {
		program string
		figures []telemetry.Figure
		want    int
	}{
		{names.Processor, processor.CloudWatchFigures(), processorFigures},
		{names.Producer, producer.CloudWatchFigures(), producerFigures},
	} {
		got := len(test.figures)
		for _, f := range test.figures {
			if f.By == names.LabelReason {
				got += len(names.Reasons())
			}
		}
		if got != test.want {
			t.Errorf("the %s writes %d metrics, the estimate counts %d", test.program, got, test.want)
		}
	}
}

// The lines of a minute are as long as the estimate counts.
func TestFigures_Lines(t *testing.T) {
	var out bytes.Buffer
	figures := processor.CloudWatchFigures()
	emf, err := telemetry.NewEMF(&out, telemetry.EMFOptions{
		Namespace: "TaxiStream", Program: names.Processor, Figures: figures,
		Collect: func(emit func(telemetry.Metric)) {
			for i, f := range figures {
				m := telemetry.Metric{Name: names.MetricPrefix + f.Metric, Kind: telemetry.Gauge, Value: float64(12_345 * (i + 1))}
				if f.By == "" {
					emit(m)
					continue
				}
				for _, reason := range names.Reasons() {
					m.Labels = []string{f.By, reason}
					emit(m)
				}
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := emf.Write(time.UnixMilli(1_800_000_000_000)); err != nil {
		t.Fatal(err)
	}
	within(t, "bytes of the processor's figures a minute", float64(out.Len()), figureLine, 0.25)
}
