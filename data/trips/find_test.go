package trips_test

import (
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"taxistream/data/trips"
	"taxistream/internal/trip"
)

const someTrips = header + row

// warehouse is a table as Hive, Spark and Hadoop leave it.
var warehouse = map[string]string{
	"year=2019/month=01/part-0.csv": someTrips,
	"year=2019/month=01/part-1.csv": "",
	"year=2019/month=02/part-0.csv": someTrips,
	"year=2020/part-0.csv":          header,
	"plain.csv":                     someTrips,
	"_SUCCESS":                      "",
	"_temporary/0/part-9.csv":       "no trips",
	"year=2019/.part-0.csv.crc":     "no trips",
	".git/config":                   "no trips",
}

// found are the names of a source's files below root, read to their ends.
func found(t *testing.T, f *trips.Finder, root, source string) (names []string) {
	t.Helper()
	in, err := f.Find(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range in {
		r, err := trips.Open(t.Context(), i)
		for err == nil {
			err = r.Read(&trip.Trip{})
		}
		if err != io.EOF {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		names = append(names, strings.TrimPrefix(i.Name, root))
	}
	return names
}

// folder writes files below a fresh folder, whose name it returns with a slash.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir() + "/"
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(root+name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(root+name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// Ensure a folder of this machine and a prefix in S3 with the same files are read
// by the same rules, by name and by glob.
func TestFinder_OneSetOfRules(t *testing.T) {
	root := folder(t, warehouse)
	_, places := bucket(t, prefixed("t/", warehouse))
	for _, c := range []struct {
		source string
		want   string
		hidden int
		empty  int
	}{
		{"", "plain.csv year=2019/month=01/part-0.csv year=2019/month=02/part-0.csv year=2020/part-0.csv", 4, 1},
		{"*", "plain.csv year=2019/month=01/part-0.csv year=2019/month=02/part-0.csv year=2020/part-0.csv", 4, 1},
		{"year=2019/", "year=2019/month=01/part-0.csv year=2019/month=02/part-0.csv", 1, 1},
		{"year=2019/*", "year=2019/month=01/part-0.csv year=2019/month=02/part-0.csv", 1, 1},
		{"year=*", "year=2019/month=01/part-0.csv year=2019/month=02/part-0.csv year=2020/part-0.csv", 1, 1},
		{"year=*/*/*-[0-9].csv", "year=2019/month=01/part-0.csv year=2019/month=02/part-0.csv", 0, 1},
		{"*.csv", "plain.csv", 0, 0},
		{"plain.csv", "plain.csv", 0, 0},
	} {
		for _, base := range []string{root, "s3://taxi/t/"} {
			f := trips.Finder{Places: places}
			got := strings.Join(found(t, &f, base, base+c.source), " ")
			hidden := f.LeftOut.Count[trips.HiddenName]
			// A folder left out counts once; objects have no folders and count each.
			if got != c.want || hidden != c.hidden || f.LeftOut.Count[trips.Empty] != c.empty || f.LeftOut.Total() != hidden+c.empty {
				t.Errorf("%s%s: %s, want %s; left out: %s", base, c.source, got, c.want, f.LeftOut.String())
			}
		}
	}
}

func prefixed(prefix string, files map[string]string) map[string]string {
	out := make(map[string]string)
	for name, text := range files {
		out[prefix+name] = text
	}
	return out
}

// Ensure what is named is read, whatever its name.
func TestFinder_NamedIsRead(t *testing.T) {
	files := map[string]string{"_drafts/.a.csv": someTrips, "_drafts/b.csv": someTrips, "_c.csv": someTrips}
	root := folder(t, files)
	_, places := bucket(t, files)
	for source, want := range map[string]string{
		"_drafts/.a.csv": "_drafts/.a.csv", "_drafts/": "_drafts/b.csv", "_c.csv": "_c.csv", "_*": "_c.csv _drafts/b.csv", "_drafts/.*": "_drafts/.a.csv",
	} {
		for _, base := range []string{root, "s3://taxi/"} {
			if got := strings.Join(found(t, &trips.Finder{Places: places}, base, base+source), " "); got != want {
				t.Errorf("%s%s: %s, want %s", base, source, got, want)
			}
		}
	}
	t.Chdir(root + "_drafts")
	for source, want := range map[string]string{".": "b.csv", "../_drafts": "../_drafts/b.csv", "./*": "b.csv", "../_c*": "../_c.csv"} {
		if got := strings.Join(found(t, new(trips.Finder), "", source), " "); got != want {
			t.Errorf("%s: %s, want %s", source, got, want)
		}
	}
}

// Ensure links are followed, each file is read once, and loops end.
func TestFinder_Links(t *testing.T) {
	root := folder(t, map[string]string{"data/b.csv": someTrips, "data/sub/c.csv": someTrips, "elsewhere/d.csv": someTrips})
	for name, to := range map[string]string{
		"data/a.csv":        "b.csv",
		"data/far":          root + "elsewhere",
		"data/sub/parent":   "..",
		"data/self":         "self",
		"data/nowhere.csv":  "gone.csv",
		"data/sub/d2.csv":   "../../elsewhere/d.csv",
		"elsewhere/to-data": root + "data",
		"way":               "data",
	} {
		if err := os.Symlink(to, root+name); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(root+"data/sub/c.csv", root+"data/z.csv"); err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("unix", root+"data/socket")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	for source, want := range map[string]string{
		"data": "data/a.csv data/far/d.csv data/sub/c.csv",
		"way":  "way/a.csv way/far/d.csv way/sub/c.csv",
	} {
		var f trips.Finder
		if got := strings.Join(found(t, &f, root, root+source), " "); got != want {
			t.Errorf("%s: %s, want %s", source, got, want)
		}
		// b.csv, d2.csv, z.csv, and the ways back to data.
		if f.LeftOut.Count != [...]int{trips.SameFile: 5, trips.BrokenLink: 2, trips.NoFile: 1} {
			t.Errorf("%s: left out: %s", source, f.LeftOut.String())
		}
	}
}

// Ensure sources that overlap give each file once, and say so.
func TestFinder_Overlap(t *testing.T) {
	files := map[string]string{"a.csv": someTrips, "b.csv": someTrips}
	root := folder(t, files)
	_, places := bucket(t, files)
	downloads := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		downloads++
		io.WriteString(w, someTrips)
	}))
	defer server.Close()
	for _, base := range []string{root, "s3://taxi/"} {
		f := trips.Finder{Places: places}
		var got []string
		for _, source := range []string{"b.csv", "", "a*", "b.csv"} {
			got = append(got, found(t, &f, base, base+source)...)
		}
		if !slices.Equal(got, []string{"b.csv", "a.csv"}) || f.LeftOut.Count[trips.SameFile] != 3 || f.LeftOut.First[trips.SameFile] != base+"b.csv" {
			t.Errorf("%s: %v; left out: %s", base, got, f.LeftOut.String())
		}
	}
	var f trips.Finder
	if a, b := found(t, &f, server.URL, server.URL+"/_a.csv"), found(t, &f, server.URL, server.URL+"/_a.csv"); len(a) != 1 || len(b) != 0 || downloads != 1 {
		t.Errorf("%v, %v over %d downloads", a, b, downloads)
	}
}

// Ensure a source of which nothing is left is an error that says why.
func TestFinder_Nothing(t *testing.T) {
	files := map[string]string{"empty/a.csv": "", "empty/b.csv": "\n\n", "hidden/_SUCCESS": "x", "hidden/.b": "x"}
	root := folder(t, files)
	if err := os.Mkdir(root+"bare", 0o700); err != nil {
		t.Fatal(err)
	}
	_, places := bucket(t, files)
	for source, want := range map[string]string{
		root + "empty": "b.csv: empty: no header and no row", root + "empty/a.csv": "a.csv: empty: no header and no row",
		"s3://taxi/empty": "b.csv: empty: no header and no row",
		root + "bare":     "bare: there is no file to read",
		root + "hidden":   "there is no file to read; left out: 2 by name (_ or . at its beginning), such as " + root + "hidden/.b",
		"s3://taxi/hid":   "there is no file to read; left out: 2 by name",
		"s3://taxi/h*/x*": "no object's key begins so or matches", root + "x*": "no such file, and no file matches it",
		root + "[": "[: syntax error in pattern", "s3://taxi/[": "[: syntax error in pattern", root + "empty/a.csv/b": "not a directory", "": "a source is empty",
	} {
		in, err := (&trips.Finder{Places: places}).Find(t.Context(), source)
		if err == nil || len(in) != 0 || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %d files, %v, want %q", source, len(in), err, want)
		}
	}
}

// Ensure a pipe that is named is read, though it cannot be looked at twice.
func TestFinder_Pipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	go func() { // ends with its one write
		io.WriteString(w, someTrips)
		w.Close()
	}()
	name := fmt.Sprintf("/dev/fd/%d", r.Fd())
	if _, err := os.Stat(name); err != nil {
		t.Skipf("no pipe has a name here: %v", err)
	}
	if got := found(t, new(trips.Finder), "", name); !slices.Equal(got, []string{name}) {
		t.Errorf("%v", got)
	}
}

// Ensure counts of several sources add up, each kind with the first of its names.
func TestLeftOut_String(t *testing.T) {
	root := folder(t, map[string]string{"a/_x": "", "a/t.csv": someTrips, "b/_y": "", "b/.z": "", "b/e.csv": "", "b/t.csv": someTrips + row})
	var f trips.Finder
	for _, source := range slices.Sorted(maps.Keys(map[string]bool{"a": true, "b": true})) {
		found(t, &f, root, root+source)
	}
	want := "3 by name (_ or . at its beginning), such as " + root + "a/_x; 1 empty: " + root + "b/e.csv"
	if got := f.LeftOut.String(); got != want || f.LeftOut.Total() != 4 {
		t.Errorf("%s, want %s", got, want)
	}
}
