package telemetry

import (
	"fmt"
	"strconv"
	"strings"
)

// Unknown stands for a figure that is not known, in lines for programs.
const Unknown = "unknown"

// KeyValues is a line for programs and for grep: a first word, then key=value for
// each pair. A value with blanks, quotes or nothing in it is quoted as in Go.
func KeyValues(word string, pairs ...any) string {
	var b strings.Builder
	b.WriteString(word)
	for i := 0; i+1 < len(pairs); i += 2 {
		value := fmt.Sprint(pairs[i+1])
		if value == "" || strings.ContainsAny(value, " \t\r\n\"=") {
			value = strconv.Quote(value)
		}
		fmt.Fprintf(&b, " %s=%s", pairs[i], value)
	}
	return b.String()
}

// Group writes a number with separators: 12,345.
func Group(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Many is a number with its noun.
func Many(n int64, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "s"):
		noun += "e"
	}
	return Group(n) + " " + noun + "s"
}
