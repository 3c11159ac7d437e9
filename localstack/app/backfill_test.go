package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// backfill runs the verb to its end and returns what it printed.
func backfill(t *testing.T, args ...string) string {
	t.Helper()
	p := start(t, "processor", append([]string{"backfill", "-quiet"}, args...)...)
	var out strings.Builder
	for line := range p.Lines() {
		out.WriteString(line + "\n")
	}
	if code := p.WaitExit(5 * time.Minute); code != 0 {
		t.Fatalf("backfill %v: status %d: %s", args, code, p.Errors())
	}
	return out.String()
}

// Ensure the documents of files are the oracle's, at any parallelism, over a kill -9 at any time, in an
// export as in a results store.
func TestBackfill(t *testing.T) {
	for _, source := range append(matrixSources(t), generatedDay(t, 300000)) {
		t.Run(filepath.Base(source), func(t *testing.T) {
			want, rejected := oracle(t, oracleRead(t, source))
			file := filepath.Join(t.TempDir(), "export.ndjson")
			same := func(what string) {
				t.Helper()
				got, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if diff := diffLines(got, want); diff != "" {
					t.Fatalf("%s: %s", what, diff)
				}
			}
			for _, p := range []string{"1", "3"} {
				printed := backfill(t, "-source", source, "-export", file, "-p", p)
				same("parallelism " + p)
				for reason, n := range rejected {
					if !strings.Contains(strings.ReplaceAll(printed, ",", ""), fmt.Sprintf("%d %s", n, reason)) {
						t.Errorf("%d trips are %s, it says\n%s", n, reason, printed)
					}
				}
			}
			progress := filepath.Join(t.TempDir(), "progress")
			for i := range 5 {
				p := start(t, "processor", "backfill", "-quiet", "-source", source, "-export", file, "-progress", progress)
				time.Sleep(time.Duration(i) * 80 * time.Millisecond) // any moment is right
				_ = p.Process.Signal(syscall.SIGKILL)                // it may have ended
				p.WaitExit(time.Minute)
			}
			backfill(t, "-source", source, "-export", file, "-progress", progress)
			same("killed")
			_, searchURL := serving(t)
			backfill(t, "-source", source, "-opensearch-endpoint", searchURL)
			if code := start(t, "localstack", "export", "-opensearch-endpoint", searchURL, "-export", file).WaitExit(5 * time.Minute); code != 0 {
				t.Fatalf("export: status %d", code)
			}
			same("in a results store")
			if n := countRejects(t, searchURL, "outside_city"); n != 0 {
				t.Errorf("%d rejects are written", n)
			}
		})
	}
}

// Ensure what cannot be is said in one line, with the status that belongs to it.
func TestBackfill_Refused(t *testing.T) {
	source := generatedDay(t, 1000)
	file := filepath.Join(t.TempDir(), "export.ndjson")
	for args, want := range map[string]string{
		"2 -export F": "flag -source is needed",
		"2 -source S": "name where the documents go",
		"2 -source S -export F -checkpoint-dir x":                       "unknown flag -checkpoint-dir",
		"2 -source S -export F -seek soon":                              "-seek",
		"2 -source S -export F -p 0":                                    "-parallelism 0",
		"2 -source S -export F -opensearch-endpoint http://127.0.0.1:1": "name one of them",
		"1 -source S.no -export F":                                      "no such file",
		"1 -source S -export F -seek 2030-01-01":                        "no trip has an event time from",
		"2 -source S -export F -progress F":                             "name the same file",
		"1 -source S -export /dev/null":                                 "no regular file",
		"1 -source S -export F.no/e":                                    "no such file or directory",
		"1 -source S -export F -progress F.no/e":                        "no such file or directory",
		"1 -source S -export F -max-duration 1ms":                       "not one document came of",
	} {
		f := strings.Fields(strings.NewReplacer("-source S", "-source "+source, " F", " "+file).Replace(args))
		p := start(t, "processor", append([]string{"backfill", "-quiet"}, f[1:]...)...)
		code := fmt.Sprint(p.WaitExit(time.Minute))
		if text := p.Errors(); code != f[0] || strings.Count(text, "\n") != 1 || !strings.Contains(text, want) || !strings.HasPrefix(text, "processor backfill: ") {
			t.Errorf("%s: status %s, %q, want %q", args, code, text, want)
		}
	}
}
