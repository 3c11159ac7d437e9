package results_test

import (
	"testing"

	"taxistream/internal/results"
)

// Ensure nothing but an id of ours is taken apart.
func TestParseID_Refused(t *testing.T) {
	for _, id := range []string{
		"", "x", "1-2", "1-0-892a", "a-600000-892a", "1-600000-XYZ", "1-600000-892a-jfk", "1-600000-892a-JFK-1", "99999999999999999999-1-892a",
	} {
		if d, ok := results.ParseID(id); ok {
			t.Errorf("%q is taken for %+v", id, d)
		}
	}
}
