package flags

import (
	"fmt"
	"strings"
)

// DidYouMean is " (did you mean -x?)" for the name that was most likely meant, or
// nothing where none is near. dash goes before it.
func DidYouMean(dash, given string, names []string) string {
	if name := nearest(given, names); name != "" {
		return fmt.Sprintf(" (did you mean %s%s?)", dash, name)
	}
	return ""
}

// nearest is the name that takes the fewest slips of the hand to become given, of
// equals the first; else the first that begins with given; else nothing. A third
// of the letters may be wrong, none of a single one.
func nearest(given string, names []string) string {
	given = strings.ToLower(given)
	best, least := "", len(given)+1
	for _, name := range names {
		limit := (min(len(given), len(name)) + 1) / 3
		if d := slips(given, strings.ToLower(name)); d <= limit && d < least {
			best, least = name, d
		}
	}
	for _, name := range names {
		if best == "" && len(given) >= leastBegun && strings.HasPrefix(strings.ToLower(name), given) {
			best = name
		}
	}
	return best
}

// leastBegun is how many letters of a name say which one is meant.
const leastBegun = 3

// slips counts the letters that are wrong, missing, too many, or swapped with
// their neighbours between a and b (the optimal string alignment distance).
func slips(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			wrong := 0
			if a[i] != b[j] {
				wrong = 1
			}
			row[j+1] = min(last[j]+wrong, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
