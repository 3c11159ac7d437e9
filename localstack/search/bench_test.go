package search_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"taxistream/localstack/search"
)

const benchDocs = 1000

func benchBody(from int) string {
	const source = `{"cell":"892a100d2b3ffff","resolution":9,"location":{"lat":40.750123456789,"lon":-73.981234567891},"boundary":{"type":"Polygon","coordinates":[[[-73.98012345678901,40.75012345678901],[-73.98112345678901,40.75112345678901],[-73.98212345678901,40.75012345678901],[-73.98312345678901,40.75212345678901],[-73.98212345678901,40.75112345678901],[-73.98112345678901,40.75012345678901],[-73.98012345678901,40.75012345678901]]]},"pickup_count":%d,"window_start":"2016-01-01T00:00:00.000Z","window_end":"2016-01-01T00:10:00.000Z","timestamp":"2016-01-01T00:09:59.999Z"}`
	var b strings.Builder
	for i := range benchDocs {
		b.WriteString(bulkLines(fmt.Sprintf("1451606400000-600000-%015x", from+i), 7, fmt.Sprintf(source, 7)))
	}
	return b.String()
}

// BenchmarkBulk reports the cost of one document of 700 bytes, new or repeated.
func BenchmarkBulk(b *testing.B) {
	for _, kind := range []string{"New", "Repeat"} {
		b.Run(kind, func(b *testing.B) {
			s, err := search.New(search.Options{})
			if err != nil {
				b.Fatal(err)
			}
			c := client{b, s}
			c.must(http.MethodPut, "/_index_template/pickup_count", strings.Replace(template, `"timestamp"`, `"window_end":{"type":"date"},"timestamp"`, 1))
			bodies := make([]string, 100)
			for i := range bodies {
				if bodies[i] = bodies[0]; kind == "New" || i == 0 {
					bodies[i] = benchBody(i * benchDocs)
				}
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; i < b.N; i += benchDocs {
				w := httptest.NewRecorder()
				s.ServeHTTP(w, newRequest(http.MethodPost, "/_bulk?filter_path=errors,items.*.status,items.*.error", bodies[i/benchDocs%100]))
				if w.Code != 200 || strings.Contains(w.Body.String(), "error\":{") {
					b.Fatal(w.Body.String()[:500])
				}
			}
		})
	}
}
