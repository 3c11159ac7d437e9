package sort_test

import (
	"context"
	"fmt"

	"taxistream/data/sort"
	"taxistream/internal/trip"
)

// Trips come in the order of their event time, with ids.
func ExampleOpen() {
	s, err := sort.Open(context.Background(), []string{"generate:2016-01-05"}, sort.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	buf := make([]trip.Trip, 1000)
	n, err := s.Next(buf)
	inOrder := true
	for i := 1; i < n; i++ {
		inOrder = inOrder && buf[i-1].EventTime() <= buf[i].EventTime()
	}
	fmt.Println(n, inOrder, buf[0].ID > 0, err)
	// Output: 1000 true true <nil>
}
