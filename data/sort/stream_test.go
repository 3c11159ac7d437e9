package sort_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"taxistream/data/sort"
	"taxistream/internal/trip"
)

func all(t testing.TB, o sort.Options, sources ...string) ([]trip.Trip, sort.Summary) {
	t.Helper()
	s, err := sort.Open(context.Background(), sources, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	first := drain(t, s)
	if err := s.Rewind(context.Background()); err != nil {
		t.Fatal(err)
	}
	if again := drain(t, s); !slices.Equal(first, again) {
		t.Fatalf("the second pass gives other trips: %d and %d", len(first), len(again))
	}
	return first, s.Summary()
}

func drain(t testing.TB, s *sort.Stream) []trip.Trip {
	t.Helper()
	var got []trip.Trip
	buf := make([]trip.Trip, 100)
	for {
		n, err := s.Next(buf)
		got = append(got, buf[:n]...)
		if err == io.EOF {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

const header = "pickup_datetime,dropoff_datetime,pickup_longitude,pickup_latitude,dropoff_longitude,dropoff_latitude,total_amount\n"

func rows(n int) []string {
	r := rand.New(rand.NewPCG(7, 7))
	var out []string
	for range n {
		// few distinct values, so that equal rows and equal times occur
		out = append(out, strings.NewReplacer("A", string(rune('0'+r.IntN(3))), "B", string(rune('0'+r.IntN(6)))).
			Replace("2015-01-15 10:0A:00,2015-01-15 10:1B:00,-73.9A,40.7B,-73.8,40.6,1A.5"))
	}
	return out
}

func write(t testing.TB, name string, lines []string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(header+strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Ensure order of rows, number of files, compression and memory change neither
// order nor ids, and that ids are unique.
func TestStream_Independence(t *testing.T) {
	lines := rows(500)
	want, _ := all(t, sort.Options{}, write(t, "a.csv", lines))
	if len(want) != 500 {
		t.Fatalf("%d trips", len(want))
	}
	ids := map[int64]bool{}
	for i, w := range want {
		if ids[w.ID] || w.ID <= 0 {
			t.Fatalf("id %d twice", w.ID)
		}
		ids[w.ID] = true
		if i > 0 && want[i-1].Dropoff > w.Dropoff {
			t.Fatal("out of order")
		}
	}
	slices.Reverse(lines)
	if got, _ := all(t, sort.Options{}, write(t, "b.csv", lines)); !slices.Equal(got, want) {
		t.Error("the order of rows matters")
	}
	if got, s := all(t, sort.Options{Memory: 50 * 72}, write(t, "c.csv", lines)); !slices.Equal(got, want) || s.DiskBytes == 0 {
		t.Errorf("sorting on disk matters (%d bytes there)", s.DiskBytes)
	}
	if got, _ := all(t, sort.Options{}, write(t, "d.csv", lines[:123]), write(t, "e.csv", lines[123:])); !slices.Equal(got, want) {
		t.Error("the number of files matters")
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	io.WriteString(w, header+strings.Join(lines, "\n"))
	w.Close()
	file := filepath.Join(t.TempDir(), "f.weird")
	if err := os.WriteFile(file, z.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, s := all(t, sort.Options{}, file); !slices.Equal(got, want) || s.Files[0].Compression != "gzip" {
		t.Error("compression matters")
	}
	middle := want[200].Dropoff
	got, _ := all(t, sort.Options{First: middle, Last: middle}, write(t, "g.csv", lines))
	keep := slices.DeleteFunc(slices.Clone(want), func(w trip.Trip) bool { return w.Dropoff != middle })
	if !slices.Equal(got, keep) {
		t.Errorf("%d trips at one instant, want %d with the same ids", len(got), len(keep))
	}
}

// Ensure generated days need no sorting and are in order.
func TestStream_Generated(t *testing.T) {
	s, err := sort.Open(context.Background(), []string{"generate:2016-01-05"}, sort.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	buf := make([]trip.Trip, 20000)
	n, err := s.Next(buf)
	if err != nil || n != len(buf) {
		t.Fatal(n, err)
	}
	if !slices.IsSortedFunc(buf, func(a, b trip.Trip) int { return int(a.Dropoff - b.Dropoff) }) {
		t.Error("out of order")
	}
}

func TestOpen_Errors(t *testing.T) {
	dir := t.TempDir()
	wrong := filepath.Join(dir, "wrong.csv")
	bad := write(t, "bad.csv", []string{"x,y,1,2,3,4,5", "2015-01-15 10:00:00,never,1,2,3,4,5"})
	cut := filepath.Join(dir, "cut.gz")
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	io.WriteString(w, header+strings.Join(rows(5000), "\n"))
	w.Close()
	for name, data := range map[string][]byte{wrong: []byte("a,b,c\n1,2,3\n"), cut: z.Bytes()[:z.Len()/2], filepath.Join(dir, "empty"): nil} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct{ source, holds string }{
		"Missing":  {filepath.Join(dir, "none.csv"), "none.csv: no such file"},
		"Columns":  {wrong, "wrong.csv: unknown columns a,b,c"},
		"AllBad":   {bad, "bad.csv: all 2 rows are bad; the first, row 2: unreadable time"},
		"CutOff":   {cut, "cut off or damaged"},
		"Empty":    {filepath.Join(dir, "empty"), "empty: no header"},
		"NoFolder": {"s3://bucket/prefix", "no source of this kind"},
		"Date":     {"generate:yesterday", "generate:yesterday"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := sort.Open(context.Background(), []string{c.source}, sort.Options{})
			if err == nil {
				buf := make([]trip.Trip, 100000)
				for err == nil {
					_, err = s.Next(buf)
				}
				s.Close()
			}
			if err == nil || errors.Is(err, io.EOF) || !strings.Contains(err.Error(), c.holds) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("got %v, want one line with %q", err, c.holds)
			}
		})
	}
}

// BenchmarkSort puts a day of shuffled trips in order, in memory and on disk;
// reading the file is not in it.
func BenchmarkSort(b *testing.B) {
	for name, memory := range map[string]int64{"Memory": 256 << 20, "Disk": 4 << 20} {
		b.Run(name, func(b *testing.B) { sort.BenchSorter(b, memory) })
	}
}

// Ensure a Sorter gives all its trips in order, in memory and on disk.
func TestSorter(t *testing.T) {
	for _, memory := range []int64{0, 1000} {
		s := sort.NewSorter(sort.Options{Memory: memory, TempDir: t.TempDir()})
		for i := range int64(100) {
			if err := s.Add(&trip.Trip{ID: i + 1, Dropoff: i * 37 % 100}); err != nil {
				t.Fatal(err)
			}
		}
		var got []int64
		if err := s.Each(func(one *trip.Trip) error { got = append(got, one.Dropoff); return nil }); err != nil {
			t.Fatal(err)
		}
		if len(got) != 100 || !slices.IsSorted(got) || got[99] != 99 {
			t.Errorf("%d bytes of memory: %v", memory, got)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
