package telemetry_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"taxistream/internal/telemetry"
)

// A program says what its figures are when it is asked for them, and keeps them itself.
func ExampleMetricsHandler() {
	h := telemetry.MetricsHandler(telemetry.ServerOptions{Collect: func(emit func(telemetry.Metric)) {
		emit(telemetry.Metric{
			Name: "taxistream_records_in_total", Help: "Elements that came in.", Kind: telemetry.Counter,
			Labels: []string{"operator", "judge"}, Value: 42,
		})
	}})
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for line := range strings.Lines(answer.Body.String()) {
		if strings.Contains(line, "taxistream_records") {
			fmt.Print(line)
		}
	}
	// Output:
	// # HELP taxistream_records_in_total Elements that came in.
	// # TYPE taxistream_records_in_total counter
	// taxistream_records_in_total{operator="judge"} 42
}

// Outside loopback nothing is shown to those without a token.
func ExampleListen() {
	_, err := telemetry.Listen(telemetry.ServerOptions{Addr: "0.0.0.0:0"})
	fmt.Println(err)
	// Output: -listen 0.0.0.0:0 is outside loopback: name a file with a token in -listen-token-file
}
