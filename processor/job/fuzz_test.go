package job_test

import (
	"testing"

	"taxistream/processor/job"
)

// Ensure what is read as an -event-time is printed so that it is read as the same: a
// checkpoint is held to what was printed.
func FuzzParseEventTime(f *testing.F) {
	for _, text := range []string{"producer", "arrival", "none", "bounded=10s", "bounded=1500", "bounded=0", "bounded=", "moon", "bounded=1h2m3.456s"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := job.ParseEventTime(text)
		if err != nil {
			return
		}
		if again, err := job.ParseEventTime(e.String()); err != nil || again != e {
			t.Errorf("%q is %+v, printed as %s, read as %+v, %v", text, e, e, again, err)
		}
	})
}
