package results_test

import (
	"testing"
	"time"

	"taxistream/internal/names"
	"taxistream/internal/results"
)

func TestMonthlyIndex(t *testing.T) {
	for _, c := range []struct {
		name, prefix, time, want string
	}{
		{"FirstMillisecond", "", "2016-01-01T00:00:00.000Z", "pickup_count-2016.01"},
		{"LastMillisecond", "", "2015-12-31T23:59:59.999Z", "pickup_count-2015.12"},
		{"Prefix", "v2-", "2016-10-31T23:59:59.999Z", "v2-pickup_count-2016.10"},
		{"BeforeTheEpoch", "", "1969-12-31T23:59:59.999Z", "pickup_count-1969.12"},
		{"ShortYear", "", "0007-03-01T00:00:00.000Z", "pickup_count-0007.03"},
	} {
		t.Run(c.name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339Nano, c.time)
			if err != nil {
				t.Fatal(err)
			}
			if got := results.MonthlyIndex(c.prefix, names.PickupCount, at.UnixMilli()); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
