package schema

import "testing"

// FuzzDate holds the fast form against the general one.
func FuzzDate(f *testing.F) {
	for _, s := range []string{"2016-01-01T00:00:00.000Z", "2016-02-29T23:59:59.999Z", "1969-12-28T12:34:56.789Z", "0000-03-01T00:00:00.000Z", "2015-02-30", "9999-12-28T23:59:60.000Z", "2016-03"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		ms, ok := parseInstant(b)
		slow, last, slowOK := ParseDate(string(b))
		if ok && (!slowOK || ms != slow) {
			t.Fatalf("%q: got %d, the general form %d, %v", b, ms, slow, slowOK)
		}
		if slowOK && last < slow {
			t.Fatalf("%q spans %d to %d", b, slow, last)
		}
	})
}
