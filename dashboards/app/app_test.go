package app_test

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"taxistream/dashboards/app"
	"taxistream/dashboards/objects"
	"taxistream/internal/opensearch"
)

func run(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	return app.Main(t.Context(), args, &out, &errs), out.String(), errs.String()
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

// Ensure what the API refuses comes back as an error that names the object.
func TestImport_Refused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(all []objects.Object)
		want   []string
	}{
		"StrictMapping":     {func(all []objects.Object) { all[3].Attributes["colour"] = "red" }, []string{"visualization taxi-trips-map", "strict_dynamic_mapping_exception", "colour"}},
		"NewerForm":         {func(all []objects.Object) { all[3].MigrationVersion["visualization"] = "7.99.0" }, []string{"more recent version"}},
		"DanglingReference": {func(all []objects.Object) { all[len(all)-1].References[2].ID = "gone" }, []string{"dashboard taxi-trips-dashboard", "missing_references", "gone"}},
		"OtherType":         {func(all []objects.Object) { all[3].Type = "lens" }, []string{"unsupported_type"}},
	} {
		t.Run(name, func(t *testing.T) {
			all := objects.Build("")
			c.change(all)
			client, err := opensearch.New(opensearch.Options{Endpoint: serve(t, &standIn{})})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			err = objects.Import(t.Context(), client, all)
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %s", err, want)
				}
			}
		})
	}
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
	for _, args := range [][]string{{}, {"draw"}, {"import"}, {"check", "-x"}, {"check", "a", "b"}, {"import", "-endpoint", "http://x", "-index-prefix", "UPPER"}} {
		if status, out, errs := run(t, args...); status != 2 || out != "" || !strings.Contains(errs, "see -h") {
			t.Errorf("%v: status %d, %q, %q", args, status, out, errs)
		}
	}
	if status, out, _ := run(t, "-h"); status != 0 || !strings.Contains(out, "import") {
		t.Errorf("-h: status %d, %q", status, out)
	}
}
