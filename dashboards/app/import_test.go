package app_test

import (
	"strings"
	"testing"

	"taxistream/internal/results"
	"taxistream/localstack/search"
)

// Ensure every request of an import is signed for the service that was named,
// and none is where no service is.
func TestImport_Signs(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_REGION", "eu-west-1")
	for service, want := range map[string]string{"es": "/eu-west-1/es/aws4_request", "aoss": "/eu-west-1/aoss/aws4_request", "": ""} {
		s := &standIn{}
		if status, _, errs := run(t, "import", "-endpoint", serve(t, s), "-sign", service); status != 0 {
			t.Fatalf("%q: status %d, %q", service, status, errs)
		}
		for _, header := range s.signed {
			if want == "" && header != "" || !strings.Contains(header, want) || strings.Contains(header, "secret") {
				t.Errorf("%q: Authorization %q, want %q in it", service, header, want)
			}
		}
		if len(s.signed) < 2 {
			t.Errorf("%q: %d requests", service, len(s.signed))
		}
	}
}

// Ensure a wrong service and a password beside a signature are failures.
func TestImport_SignsNot(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hidden")
	t.Setenv("AWS_REGION", "eu-west-1")
	for args, want := range map[string]string{"http://x -sign s3": "choose es or aoss", "http://admin:hidden@x -sign es": "exclude each other"} {
		status, _, errs := run(t, append([]string{"import", "-endpoint"}, strings.Fields(args)...)...)
		if status != 1 || !strings.Contains(errs, want) || strings.Contains(errs, "hidden") {
			t.Errorf("%s: status %d, %q", args, status, errs)
		}
	}
}

// Ensure the templates are put, a processor that starts later makes them its
// own, and an import after it leaves its rules alone.
func TestImport_Templates(t *testing.T) {
	store, err := search.New(search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	url, err := store.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	s := &standIn{}
	args := []string{"import", "-endpoint", serve(t, s), "-opensearch-endpoint", url, "-index-prefix", "v2-"}
	processor, rules := client(t, url), map[string]string{"max_duration": "6h"}
	for _, step := range []func(){
		func() {
			if err := results.PutTemplates(t.Context(), processor, "v2-", rules, nil); err != nil {
				t.Fatal(err)
			}
		},
		func() {}, // and once more over the processor's templates
	} {
		if status, out, errs := run(t, args...); status != 0 || !strings.Contains(out, "v2-taxi-trips-dashboard") {
			t.Fatalf("status %d, %q, %q", status, out, errs)
		}
		step()
	}
	if err := results.PutTemplates(t.Context(), processor, "v2-", map[string]string{"max_duration": "1h"}, nil); err == nil {
		t.Error("the templates do not hold the processor's rules")
	}
}

// Ensure the dashboard opens with the time range that was asked for.
func TestImport_Between(t *testing.T) {
	for args, want := range map[string][2]any{
		"":               {"2016-01-05T05:00:00.000Z", "2016-01-06T05:00:00.000Z"},
		"-from now-24h":  {"now-24h", "now"},
		"-from now-1d/d": {"now-1d/d", "now"},
		"-from 2013-01-01T00:00:00Z -to 2013-02-01T00:00:00Z": {"2013-01-01T00:00:00Z", "2013-02-01T00:00:00Z"},
	} {
		s := &standIn{}
		if status, _, errs := run(t, append([]string{"import", "-endpoint", serve(t, s)}, strings.Fields(args)...)...); status != 0 {
			t.Fatalf("%s: status %d, %q", args, status, errs)
		}
		a := s.stored["dashboard/taxi-trips-dashboard"].Attributes
		if a["timeFrom"] != want[0] || a["timeTo"] != want[1] {
			t.Errorf("%s: from %v to %v", args, a["timeFrom"], a["timeTo"])
		}
	}
}
