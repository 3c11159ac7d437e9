package store

import (
	"slices"
	"testing"
)

// Ensure that only names of this layout are taken for a checkpoint's, and that
// they are ordered by writer, then by id.
func TestGroup(t *testing.T) {
	all := group([]string{
		"chk-0000000050-000001/manifest.json", "chk-0000000050-000001/operator-000.state",
		"chk-0000000046-000002/operator-000.state",
		"chk-0000000007-1000000/manifest.json",
		"lease", "chk-", "chk-50-1/manifest.json", "chk-0000000050-000001", "chk-0000000050-000001/", "chk-x-000001/manifest.json",
		"chk-0000000001/manifest.json", "other-0000000001-000001/manifest.json", "-0000000001-000001/manifest.json",
	})
	var got []place
	var whole []bool
	for _, k := range all {
		got, whole = append(got, k.place), append(whole, k.whole)
	}
	if want := []place{{1, 50}, {2, 46}, {1000000, 7}}; !slices.Equal(got, want) || !slices.Equal(whole, []bool{true, false, true}) {
		t.Errorf("%v, whole %v, want %v", got, whole, want)
	}
	if highest(all) != 1000000 || highest(nil) != 0 {
		t.Errorf("highest epoch %d", highest(all))
	}
}
