package results_test

import (
	"net/http"
	"strings"
	"testing"

	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/localstack/search"
	"taxistream/localstack/storetest"
)

// Ensure what would refuse documents later is one line at the start, and what is
// only alike is none.
func TestCheck(t *testing.T) {
	const (
		other     = `{"mappings":{"properties":{"cell":{"type":"text"}}}}`
		noObject  = `{"mappings":{"properties":{"boundary":{"type":"keyword"}}}}`
		older     = `{"mappings":{"dynamic":"strict","properties":{"cell":{"type":"keyword"}}}}`
		shadowing = `{"index_patterns":["pickup*"],"priority":500,"template":{}}`
	)
	for name, c := range map[string]struct {
		prefix, path, body string
		want               string
	}{
		"Nothing":        {},
		"AliasIsIndex":   {path: "/pickup_count", body: `{}`, want: "pickup_count at"},
		"OtherAlias":     {prefix: "a-", path: "/a-taxi_rejects", body: `{}`, want: "-index-prefix"},
		"OtherMapping":   {path: "/trip_duration-2016.01", body: other, want: "index trip_duration-2016.01"},
		"OlderFields":    {path: "/trip_duration-2016.01", body: older, want: "index trip_duration-2016.01 at"},
		"NoObject":       {path: "/trip_duration-2016.01", body: noObject, want: "field boundary as keyword, not as object"},
		"OtherPrefix":    {prefix: "a-", path: "/pickup_count", body: `{}`},
		"OnlyAlike":      {path: "/pickup_count-backup", body: other},
		"Shadowed":       {path: "/_index_template/mine", body: shadowing, want: "index template mine"},
		"OfOtherIndexes": {prefix: "a-", path: "/_index_template/mine", body: shadowing},
		"OfLessPriority": {path: "/_index_template/mine", body: strings.Replace(shadowing, "500", "5", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			f := storetest.New(t, search.Options{}, opensearch.Options{})
			if c.path != "" {
				if _, err := f.Client.Do(t.Context(), "make", http.MethodPut, c.path, nil, []byte(c.body)); err != nil {
					t.Fatal(err)
				}
			}
			err := results.Check(t.Context(), f.Client, c.prefix)
			if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n")) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if c.want == "" {
				if err := results.PutTemplates(t.Context(), f.Client, c.prefix, nil, nil); err != nil {
					t.Fatal(err)
				}
				if err := results.Check(t.Context(), f.Client, c.prefix); err != nil {
					t.Errorf("beside our own templates: %v", err)
				}
			}
		})
	}
}

// Ensure no right to write is told at the start, and a server that is busy is not.
func TestCheck_Rights(t *testing.T) {
	for status, want := range map[int]string{401: "give a name and a password", 403: "rights to write", 429: "", 503: ""} {
		f := storetest.New(t, search.Options{}, opensearch.Options{})
		f.SetFault(func(r *http.Request) *search.Fault {
			if search.IsBulk(r) {
				return &search.Fault{Status: status, Type: "security_exception", Reason: "no permissions"}
			}
			return nil
		})
		if err := results.Check(t.Context(), f.Client, ""); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%d: got %v, want %q", status, err, want)
		}
	}
	f := storetest.New(t, search.Options{}, opensearch.Options{})
	f.SetFault(func(r *http.Request) *search.Fault {
		if r.Method == http.MethodGet {
			return &search.Fault{Status: 403, Type: "security_exception", Reason: "look elsewhere"}
		}
		return nil
	})
	if err := results.Check(t.Context(), f.Client, ""); err != nil {
		t.Errorf("who may not look: got %v", err)
	}
}
