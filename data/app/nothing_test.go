package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Ensure a source that gives no row is a failure that names it, for each verb
// that reads; what others give is still described.
func TestNoRow(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	header, _, _ := strings.Cut(csv, "\n")
	good := file("good.csv", csv)
	starts := "6,START,2013-01-01 00:02:03,1970-01-01 00:00:00,-73.9,40.7,-73.8,40.6,6,1,1"
	for name, c := range map[string]struct{ source, want string }{
		"HeaderAlone":        {file("header.csv", header), "header.csv: no row: "},
		"HeaderWithCR":       {file("cr.csv", header+"\r\r"), "cr.csv: no row: "},
		"Starts":             {file("starts.csv", starts+"\n"+starts), "starts.csv: no row but 2 that are no trips"},
		"Watermarks":         {file("w.json", `{"type":"watermark","watermark":"2013-01-01T05:39:59.999Z"}`), "w.json: no row but 1 that "},
		"Array":              {file("a.json", `[]`), "a.json: no row: "},
		"FolderOfHeaders":    {filepath.Dir(file("parts/a.csv", header)), "parts: no row: "},
		"Blank":              {file("blank.csv", "\r\r\n \n"), "blank.csv: empty"},
		"ZeroBytes":          {file("zero.csv", ""), "zero.csv: empty"},
		"CompressedNothing":  {file("n.gz", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "n.gz: empty"},
		"EveryRowBad":        {file("bad.csv", header+"\rx\ry"), "bad.csv: all 2 rows are bad"},
		"QuotesAroundValues": {file("q.csv", header+"\n\"2015-01-15 10:00:00\",\"2015-01-15 10:20:00\",1,2,3,4,5"), "take them off"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, args := range [][]string{{"describe", c.source}, {"describe", good, c.source}, {"prepare", "-o", filepath.Join(dir, "out"), good, c.source}} {
				status, out, errs := run(args...)
				if status != 1 || !strings.Contains(errs, c.want) || !strings.HasPrefix(errs, "data "+args[0]+": ") || strings.Count(errs, "\n") != 1 {
					t.Errorf("%v: status %d, %q; want one line with %q", args, status, errs, c.want)
				}
				if args[1] == good && strings.Contains(c.want, "no row") && !strings.Contains(out, "good.csv: ") {
					t.Errorf("%v does not describe the other file: %q", args, out)
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "out")); err == nil {
				t.Error("a file was prepared")
			}
		})
	}
}
