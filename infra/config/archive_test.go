package config

import (
	"strings"
	"testing"
)

func TestArchiveRefuses(t *testing.T) {
	for _, test := range []struct{ key, value, want string }{
		{"archive.buffer-mb", "63", "archive.buffer-mb is 63: choose 64 to 128"},
		{"archive.buffer-seconds", "901", "archive.buffer-seconds is 901: choose 60 to 900"},
		{"archive.infrequent-days", "29", "archive.infrequent-days is 29: S3 takes no object before 30 days"},
		{"archive.glacier-days", "59", "archive.glacier-days is 59: choose 60 or more, for archive.infrequent-days is 30, or 0"},
		{"archive.expire-days", "90", "archive.expire-days is 90: choose 91 or more, for archive.glacier-days is 90, or 0"},
		{"archive.first-date", "2009", `archive.first-date is "2009": write a day such as 2009-01-01`},
		{"archive.scan-limit-gb", "0", "archive.scan-limit-gb is 0: choose 1 to 100000"},
	} {
		_, err := Load(map[string]any{test.key: test.value})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s=%s: got %v, want %q", test.key, test.value, err, test.want)
		}
	}
}

// A step that is left out binds no other.
func TestArchiveSteps(t *testing.T) {
	for _, values := range []map[string]any{
		{"archive.infrequent-days": "0", "archive.glacier-days": "1"},
		{"archive.glacier-days": "0", "archive.expire-days": "31"},
		{"archive.infrequent-days": "0", "archive.glacier-days": "0", "archive.expire-days": "1"},
	} {
		if _, err := Load(values); err != nil {
			t.Errorf("%v: %v", values, err)
		}
	}
}
