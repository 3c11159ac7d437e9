package source_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	embedded "taxistream/localstack/kinesis"
)

// Ensure a watermark inside an aggregate, even alone in it, is malformed, and the
// trips around it are not.
func TestSource_AggregatedWatermark(t *testing.T) {
	s := newStream(t, 1, embedded.Options{})
	mark := `{"type":"watermark","watermark":"2016-01-05T12:29:59.999Z"}`
	s.put(0, aggregate(trip(1), mark, trip(2)))
	s.put(0, aggregate(mark))
	b, err := open(t, s.source(trimHorizon), split(first)).Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range b.Elements {
		got = append(got, fmt.Sprint(e.Value.Kind, e.Value.Sub, e.Value.Watermark, e.Value.Fault != ""))
		if e.Value.Fault != "" && (!strings.Contains(e.Value.Fault, "inside a KPL aggregate") || string(e.Value.Data) != mark || e.EventTime != noon.UnixMilli()) {
			t.Errorf("got %+v at %d", e.Value, e.EventTime)
		}
	}
	if want := []string{"1 0 0 false", "0 1 0 true", "1 2 0 false", "0 0 0 true"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
