package trips

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// Ensure the quick reader of numbers and strconv agree to the bit.
func TestParseNumber(t *testing.T) {
	check := func(t interface{ Fatalf(string, ...any) }, text string) {
		got, reason := parseNumber([]byte(text))
		want, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		switch {
		case math.IsNaN(want) || math.IsInf(want, 0):
			if reason != NotFinite {
				t.Fatalf("%q: %v, %q; want it not finite", text, got, reason)
			}
		case (err != nil) != (reason != "") || math.Float64bits(got) != math.Float64bits(want+0):
			t.Fatalf("%q: %v, %q; want %v, %v", text, got, reason, want, err)
		}
	}
	for _, text := range []string{
		"0", "-0", "-0.0", ".00", "5.", "-.5", "", " ", ".", "-", "-.", "+1.5", "1e3", "-1E-400", "1e400", "NaN", "Inf", "-inf", "1,5", "1.2.3", "--1",
		"40.750110626220703", "-73.991956999999999", "9007199254740991", "9007199254740993", "9999999999999999999", "99999999999999999999", "0.00000000000000000000001",
		" 12.5 ", "\t1\r", "1 2",
	} {
		check(t, text)
	}
	rapid.Check(t, func(t *rapid.T) { check(t, rapid.StringMatching(`-?[0-9]{0,20}\.?[0-9]{0,20}`).Draw(t, "number")) })
	for _, text := range []string{"0x10", "1_000", "0x1p-2"} {
		if _, reason := parseNumber([]byte(text)); reason != BadNumber {
			t.Errorf("%q: %q", text, reason)
		}
	}
}

// Ensure the quick split is the obvious one.
func TestSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := []byte(rapid.StringMatching(`[a-c,é\xff]{0,40}`).Draw(t, "line"))
		if rapid.Bool().Draw(t, "break") && len(line) > 0 {
			line[rapid.IntRange(0, len(line)-1).Draw(t, "at")] = 0xff
		}
		slots := make([]int8, rapid.IntRange(1, 9).Draw(t, "fields"))
		for i := range slots {
			slots[i] = int8(i)
		}
		if len(slots) > 2 {
			slots[1] = noColumn
		}
		var got [numColumns][]byte
		reason := split(line, ',', slots, &got)
		want := bytes.Split(line, []byte{','})
		switch {
		case !utf8.Valid(line):
			if reason != NotUTF8 {
				t.Fatalf("%q: %q", line, reason)
			}
			return
		case len(want) < len(slots):
			if reason != FewFields {
				t.Fatalf("%q: %q", line, reason)
			}
			return
		case reason != "":
			t.Fatalf("%q: %q", line, reason)
		}
		for i, slot := range slots {
			if slot != noColumn && !bytes.Equal(got[slot], want[i]) {
				t.Fatalf("%q: field %d is %q, want %q", line, i, got[slot], want[i])
			}
		}
	})
}
