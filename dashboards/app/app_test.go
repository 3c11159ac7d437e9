package app_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"taxistream/dashboards/app"
	"taxistream/dashboards/objects"
	"taxistream/internal/flags"
	"taxistream/internal/opensearch"
)

func run(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	return app.Main(t.Context(), args, &out, &errs), out.String(), errs.String()
}

// Ensure the program and each verb say what they are, and what was meant.
func TestVersion(t *testing.T) {
	for _, args := range [][]string{{"-version"}, {"check", "-version"}, {"import", "-version"}} {
		if status, out, errs := run(t, args...); status != 0 || out != flags.Version("dashboards")+"\n" || errs != "" {
			t.Errorf("%v: status %d, %q, %q", args, status, out, errs)
		}
	}
	if status, _, errs := run(t, "improt"); status != flags.StatusUsage || !strings.Contains(errs, "did you mean import?") {
		t.Errorf("status %d, %q", status, errs)
	}
}

func serve(t *testing.T, s *standIn) (url string) {
	t.Helper()
	if s.stored == nil {
		s.stored = map[string]saved{}
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server.URL
}

// Ensure an import stores every object, says where the dashboard is, and may be
// repeated; below a path, with a password that is not printed, and to a server
// that is not ready at first.
func TestImport(t *testing.T) {
	s := &standIn{base: "/_dashboards", user: "admin", down: 1}
	url := strings.Replace(serve(t, s), "http://", "http://admin:secret@", 1) + "/_dashboards"
	for range 2 {
		status, out, errs := run(t, "import", "-endpoint", url)
		if status != 0 || !strings.HasSuffix(strings.TrimSpace(out), "/_dashboards/app/dashboards#/view/taxi-trips-dashboard") {
			t.Fatalf("status %d, %q, %q", status, out, errs)
		}
		if strings.Contains(out+errs, "secret") {
			t.Error("the password is printed")
		}
	}
	if want := len(objects.Build("")); len(s.stored) != want || s.imports != 2 {
		t.Errorf("%d objects are stored after %d imports, want %d", len(s.stored), s.imports, want)
	}
	if status, _, _ := run(t, "import", "-endpoint", url, "-index-prefix", "v2-"); status != 0 || len(s.stored) != 2*len(objects.Build("")) {
		t.Errorf("a second prefix: status %d, %d objects", status, len(s.stored))
	}
}

// Ensure each thing that can go wrong with an import is one line and status 1.
func TestImport_Fails(t *testing.T) {
	for name, c := range map[string]struct {
		server *standIn
		path   string
		want   string
	}{
		"StoresNothing": {&standIn{forget: true}, "", "back"},
		"StoresOther":   {&standIn{alter: true}, "", "is not what was imported"},
		"NotDashboards": {&standIn{base: "/elsewhere"}, "", "404"},
		"NoPassword":    {&standIn{user: "admin"}, "", "401"},
	} {
		t.Run(name, func(t *testing.T) {
			status, out, errs := run(t, "import", "-endpoint", serve(t, c.server)+c.path)
			if status != 1 || !strings.Contains(errs, c.want) || strings.Count(strings.TrimSpace(errs), "\n") != 0 || out != "" {
				t.Errorf("status %d, %q, %q", status, out, errs)
			}
		})
	}
}

// Ensure what the API refuses comes back as an error that names the object, and
// that what is said to be stored then is what is stored.
func TestImport_Refused(t *testing.T) {
	const picture = 3 // the map
	set := func(name string, v any) func([]objects.Object) []objects.Object {
		return func(all []objects.Object) []objects.Object { all[picture].Attributes[name] = v; return all }
	}
	whole := len(objects.Build(""))
	for name, c := range map[string]struct {
		change func(all []objects.Object) []objects.Object
		want   []string
		stored int
	}{
		"StrictMapping":   {set("colour", "red"), []string{"visualization taxi-trips-map", "strict", "colour"}, whole - 1},
		"StrictInside":    {set("kibanaSavedObjectMeta", map[string]any{"index": "x"}), []string{"introduction of [index]"}, whole - 1},
		"ObjectForString": {set("visState", map[string]any{"type": "vega"}), []string{"taxi-trips-map", "failed to parse field [visualization.visState]"}, whole - 1},
		"ObjectsForString": {func(all []objects.Object) []objects.Object {
			all[whole-1].Attributes["panelsJSON"] = []any{map[string]any{"panelIndex": "1"}}
			return all
		}, []string{"taxi-trips-dashboard", "failed to parse field [dashboard.panelsJSON]"}, whole - 1},
		"NewerForm": {func(all []objects.Object) []objects.Object {
			all[picture].MigrationVersion["visualization"] = "7.99.0"
			return all
		}, []string{"status 422", "taxi-trips-map", "more recent version"}, 0},
		// One object without its index pattern keeps all others out, though they are counted as taken.
		"DanglingReference": {
			func(all []objects.Object) []objects.Object { return append(all[:1:1], all[2:]...) },
			[]string{"visualization taxi-trips-controls", "missing_references", "index-pattern taxi-trips-trip_duration"},
			0,
		},
		"OtherType": {func(all []objects.Object) []objects.Object { all[picture].Type = "lens"; return all }, []string{"lens taxi-trips-map", "unsupported_type"}, whole - 1},
		"Twice":     {func(all []objects.Object) []objects.Object { return append(all, all[0]) }, []string{"status 400", "Non-unique"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := &standIn{}
			err := objects.Import(t.Context(), client(t, serve(t, s)), c.change(objects.Build("")))
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %s", err, want)
				}
			}
			if len(s.stored) != c.stored {
				t.Errorf("%d objects are stored, want %d", len(s.stored), c.stored)
			}
		})
	}
}

// Ensure the API takes a dashboard whose panel leads nowhere, as it does: only
// check finds it.
func TestImport_DanglingPanel(t *testing.T) {
	all := objects.Build("")
	all[len(all)-1].References[2].ID = "gone"
	s := &standIn{}
	if err := objects.Import(t.Context(), client(t, serve(t, s)), all); err != nil || len(s.stored) != len(all) {
		t.Errorf("%d of %d objects, %v", len(s.stored), len(all), err)
	}
	if len(objects.Check(all, "")) == 0 {
		t.Error("check does not find it")
	}
}

// Ensure the stand-in refuses what no import of ours sends.
func TestStandIn_Refuses(t *testing.T) {
	form := func(name, file string) (string, string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		part, err := w.CreateFormFile(name, file)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write(objects.Encode(objects.Build("")))
		_ = w.Close()
		return w.FormDataContentType(), b.String()
	}
	for name, c := range map[string]struct {
		header, field, file string
		status              int
		want                string
	}{
		"NoHeader":      {"", "file", "a.ndjson", 400, "osd-xsrf"},
		"OtherHeader":   {"kbn-xsrf", "file", "a.ndjson", 400, "osd-xsrf"},
		"OtherField":    {"osd-xsrf", "files", "a.ndjson", 400, "request body.file"},
		"OtherFileName": {"osd-xsrf", "file", "a.json", 400, "Invalid file extension .json"},
		"NoForm":        {"osd-xsrf", "", "", 415, "Unsupported Media Type"},
		"OtherWay":      {"osd-version", "file", "a.ndjson", 200, `"success":true`},
	} {
		t.Run(name, func(t *testing.T) {
			s := &standIn{}
			url := serve(t, s) + "/api/saved_objects/_import"
			send := func() (int, string) {
				kind, body := "application/ndjson", ""
				if c.field != "" {
					kind, body = form(c.field, c.file)
				}
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Content-Type", kind)
				if c.header != "" {
					r.Header.Set(c.header, "true")
				}
				res, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()
				text, _ := io.ReadAll(res.Body)
				return res.StatusCode, string(text)
			}
			if status, text := send(); status != c.status || !strings.Contains(text, c.want) {
				t.Errorf("status %d, %s", status, text)
			}
			if c.status != 200 {
				return
			}
			if status, text := send(); status != 200 || !strings.Contains(text, `"type":"conflict"`) || !strings.Contains(text, `"successCount":0`) {
				t.Errorf("again, without overwrite: status %d, %s", status, text)
			}
		})
	}
}

func client(t *testing.T, url string) *opensearch.Client {
	t.Helper()
	c, err := opensearch.New(opensearch.Options{Endpoint: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestCheck(t *testing.T) {
	if status, out, errs := run(t, "check"); status != 0 || !strings.Contains(out, "no fault") {
		t.Errorf("status %d, %q, %q", status, out, errs)
	}
	file := filepath.Join(t.TempDir(), "wrong.ndjson")
	text := bytes.ReplaceAll(objects.Encode(objects.Build("")), []byte("sum_trip_duration"), []byte("sum_of_durations"))
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if status, out, errs := run(t, "check", file); status != 1 || !strings.Contains(out, "sum_of_durations") || !strings.Contains(errs, "faults in 11 objects") {
		t.Errorf("status %d, %q, %q", status, out, errs)
	}
}

func TestMain_Usage(t *testing.T) {
	for _, args := range [][]string{{}, {"draw"}, {"import"}, {"check", "-x"}, {"check", "a", "b"}, {"import", "-endpoint", "http://x", "-index-prefix", "UPPER"}, {"import", "-endpoint", "http://x", "-from", "yesterday"}} {
		if status, out, errs := run(t, args...); status != 2 || out != "" || !strings.Contains(errs, "see -h") {
			t.Errorf("%v: status %d, %q, %q", args, status, out, errs)
		}
	}
	if status, out, _ := run(t, "-h"); status != 0 || !strings.Contains(out, "import") {
		t.Errorf("-h: status %d, %q", status, out)
	}
}
