package opensearch

import (
	"strings"
	"testing"
)

// FuzzParseBulk holds that an answer is either n verdicts with a status each, or
// an error: nothing between, whatever bytes come.
func FuzzParseBulk(f *testing.F) {
	f.Add([]byte(`{"errors":true,"items":[{"index":{"status":201}},{"index":{"status":400,"error":{"type":"x","reason":"y","caused_by":{"type":"z","reason":"w"}}}}]}`), 2)
	f.Add([]byte(`{"errors":false,"items":[{"index":{"status":201}},{"index":{"status":200}}]}`), 2)
	f.Add([]byte(`{"errors":false,"items":[{"index":{"status":201}}{"index":{"status":200}}]}x`), 2)
	f.Add([]byte(`{"items":[{"index":{"status":429,"error":"rejected"}}]}`), 1)
	f.Add([]byte(`{"items":[{}]}`), 1)
	f.Add([]byte(``), 0)
	f.Fuzz(func(t *testing.T, body []byte, n int) {
		if n < 0 || n > 1000 {
			return
		}
		verdicts, err := parseBulk(body, n)
		if allWritten(body, n) {
			if err != nil {
				t.Fatalf("%s is no answer, but all are written: %v", body, err)
			}
			for _, v := range verdicts {
				if class, _ := ClassifyItem(v.Status, v.Error.Type, v.Error.Reason); class != Done {
					t.Fatalf("%s: status %d, but all are written", body, v.Status)
				}
			}
		}
		if err == nil && len(verdicts) != n {
			t.Fatalf("%d verdicts for %d documents", len(verdicts), n)
		}
		for _, v := range verdicts {
			if v.Status == 0 {
				t.Fatal("a verdict without a status")
			}
			ClassifyItem(v.Status, v.Error.Type, v.Error.Reason)
			_ = v.Error.words()
		}
	})
}

func TestParseException(t *testing.T) {
	for _, c := range []struct{ name, body, kind, reason string }{
		{"OpenSearch", `{"error":{"type":"a","reason":"b","caused_by":{"reason":"c"}},"status":400}`, "a", "b: c"},
		{"String", `{"error":"no handler found","status":400}`, "", "no handler found"},
		{"AWS", `{"message":"The security token is expired"}`, "", "The security token is expired"},
		{"AWSUpper", `{"Message":"User is not authorized"}`, "", "User is not authorized"},
		{"HTML", "<html>\n502 Bad Gateway", "", "<html> 502 Bad Gateway"},
		{"Empty", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := parseException([]byte(c.body))
			if got.Type != c.kind || got.words() != c.reason {
				t.Errorf("got %q, %q, want %q, %q", got.Type, got.words(), c.kind, c.reason)
			}
		})
	}
	if s := oneLine(strings.Repeat("ü", maxReason)); len(s) > maxReason+len("…") || !strings.HasSuffix(s, "ü…") {
		t.Errorf("a long reason became %q", s)
	}
}
