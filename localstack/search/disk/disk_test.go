package disk

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func written(t *testing.T, dir string, records ...string) {
	t.Helper()
	l := NewLog(dir, 100)
	if err := l.Replay(func(Place, []byte) error { return nil }); err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if _, err := l.Append([]byte(r[:1]), []byte(r[1:])); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Sync(); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func replayed(dir string) (string, error) {
	l := NewLog(dir, 100)
	var all []string
	err := l.Replay(func(at Place, payload []byte) error {
		var r Reader
		again, err := r.Read(l, at)
		if err == nil && string(again) != string(payload) {
			err = fmt.Errorf("%q is read as %q", payload, again)
		}
		all = append(all, string(payload))
		return err
	})
	_ = l.Close()
	return strings.Join(all, " "), err
}

// Ensure that of the newest file any cut costs the record it falls into, and no
// other; that an older file or a changed byte is damage, with its name.
func TestLog_Torn(t *testing.T) {
	dir := t.TempDir()
	old, last := strings.Repeat("a", 100), "bbbbbbbbbb"
	written(t, dir, old, last, "cccc")
	names, _ := filepath.Glob(filepath.Join(dir, "*.log"))
	if len(names) != 2 {
		t.Fatalf("got the files %v", names)
	}
	whole, err := os.ReadFile(names[1])
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(whole) {
		if err := os.WriteFile(names[1], whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		want := old
		if cut >= headBytes+len(last) {
			want += " " + last
		}
		if got, err := replayed(dir); got != want || err != nil {
			t.Fatalf("cut at %d: got %q, %v", cut, got, err)
		}
		written(t, dir, "dd") // and it goes on from there
		if got, err := replayed(dir); got != want+" dd" || err != nil {
			t.Fatalf("cut at %d, then written: got %q, %v", cut, got, err)
		}
	}
	for at := headBytes; at < headBytes+len(last); at++ {
		damaged := append([]byte(nil), whole...)
		damaged[at]++
		_ = os.WriteFile(names[1], damaged, 0o600)
		if _, err := replayed(dir); err == nil || !strings.Contains(err.Error(), names[1]+": the record at byte 0 is damaged") {
			t.Fatalf("byte %d changed: got %v", at, err)
		}
	}
	_ = os.WriteFile(names[1], whole, 0o600)
	_ = os.Truncate(names[0], 50)
	if _, err := replayed(dir); err == nil || !strings.Contains(err.Error(), names[0]) {
		t.Fatalf("an older file cut: got %v", err)
	}
}

// Ensure that records of any length are read, in and out of order, written or not.
func TestReader(t *testing.T) {
	l := NewLog("", 300<<10)
	var places []Place
	length := func(i int) int { return 1 + i*i*37%9000 + (i%50/49)*200_000 }
	for i := range 300 {
		p, err := l.Append([]byte(strings.Repeat(string(rune('a'+i%26)), length(i))))
		if err != nil {
			t.Fatal(err)
		}
		places = append(places, p)
		if i%7 == 0 {
			if err := l.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	var r Reader
	for k := range 900 {
		i := k * 7 % 300
		if k < 300 {
			i = k
		}
		got, err := r.Read(l, places[i])
		if err != nil || len(got) != length(i) || got[0] != byte('a'+i%26) {
			t.Fatalf("record %d: %d bytes, %v", i, len(got), err)
		}
	}
	if err := l.Remove(); err != nil {
		t.Fatal(err)
	}
}
