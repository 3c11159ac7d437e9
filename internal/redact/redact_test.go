package redact_test

import (
	"strings"
	"testing"

	"taxistream/internal/redact"
)

// Ensure an address is shown without what may be secret, whether or not it can be parsed.
func TestURL(t *testing.T) {
	for in, want := range map[string]string{
		"trips.csv":            "trips.csv",
		"/data/a@b?c.csv":      "/data/a@b?c.csv",
		"https://host/a/b.csv": "https://host/a/b.csv",
		"https://host:8443/a?X-Amz-Signature=key": "https://host:8443/a?…",
		"https://host/a#access_token=key":         "https://host/a#…",
		"https://user:key@host/a":                 "https://…@host/a",
		"https://key@host":                        "https://…@host",
		"http://user:k/e/y@host/a":                "http://…@host/a",
		"http://user:ke@y@host/a":                 "http://…@host/a",
		"http://user:ke?y@host/a":                 "http://…",
		"http://host/a?mail=x@y&sig=key":          "http://…",
		"http://user:%key@host:port?sig=key":      "http://…@host:port?…",
		"s3://bucket/a@b":                         "s3://bucket/a@b",
		"s3://ID:key@bucket/a":                    "s3://…@bucket/a",
		"s3://ID:k/ey@bucket/a":                   "s3://…@bucket/a",
		"s3a://ID:key@bucket/a":                   "s3a://…@bucket/a",
		"s3://bucket/a?versionId=key":             "s3://bucket/a?…",
	} {
		if got := redact.URL(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

// Ensure every address in a text is redacted, whatever stands around it.
func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"nothing to hide ?a=b": "nothing to hide ?a=b",
		`Get "https://u:key@h/a?sig=key": refused (see http://h/?key)`: `Get "https://…@h/a?…": refused (see http://h/?…)`,
		"http://u:key@h, s3://bucket/x;":                               "http://…@h, s3://bucket/x;",
	} {
		got := redact.Text(in)
		if got != want || strings.Contains(got, "key") {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := redact.All([]string{"a", "http://h?key"}); got[0] != "a" || got[1] != "http://h?…" {
		t.Errorf("got %v", got)
	}
}
