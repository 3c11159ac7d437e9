package generate_test

import (
	"fmt"
	"io"
	"time"

	"taxistream/data/generate"
	"taxistream/internal/trip"
)

func Example() {
	o, err := generate.Parse("2016-01-05/2")
	if err != nil {
		fmt.Println(err)
		return
	}
	o.TripsPerDay = 10_000
	g, err := generate.New(o)
	if err != nil {
		fmt.Println(err)
		return
	}
	buf := make([]trip.Trip, 256)
	trips, last := 0, int64(0)
	for {
		n, err := g.Next(buf)
		if err == io.EOF {
			break
		}
		trips += n
		last = buf[n-1].EventTime()
	}
	fmt.Println(trips, "trips, the last ends on the evening of", time.UnixMilli(last-5*3600_000).UTC().Format(time.DateOnly))
	// Output: 20000 trips, the last ends on the evening of 2016-01-06
}
