package results_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/localstack/search"
	"taxistream/localstack/storetest"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew")

// The templates outlive the process: if this fails, run with -rewrite, inspect
// the difference, and raise TemplateVersion if it is one that servers must get.
func TestTemplate_Golden(t *testing.T) {
	var got bytes.Buffer
	for _, alias := range results.Aliases() {
		b, err := results.Template("v2-", alias, storetest.Rules)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(b) {
			t.Errorf("%s: the template is not JSON: %s", alias, b)
		}
		got.Write(b)
	}
	file := filepath.Join("testdata", "templates.json")
	if *rewrite {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("the templates are not those of %s:\n%s", file, got.Bytes())
	}
}

func TestPutTemplates(t *testing.T) {
	f := storetest.New(t, search.Options{}, opensearch.Options{})
	put := func(prefix string, meta map[string]string) error {
		return results.PutTemplates(t.Context(), f.Client, prefix, meta, nil)
	}
	if err := put("", maps.Clone(storetest.Rules)); err != nil {
		t.Errorf("the same rules again: %v", err)
	}
	other := map[string]string{"hotspot_window": "5m0s", "max_duration": "6h0m0s", "hotspot_min": "2"}
	err := put("", other)
	var differs *results.OtherRulesError
	if !errors.Is(err, results.ErrOtherRules) || !errors.As(err, &differs) || len(differs.Differences) != 2 {
		t.Fatalf("other rules: got %v", err)
	}
	storetest.Contains(t, err.Error(), "hotspot_window is 10m0s there and 5m0s here", "max_duration is absent there and 6h0m0s here", "choose another -index-prefix")
	if err := put("b-", other); err != nil {
		t.Errorf("other rules under another prefix: %v", err)
	}
	for _, prefix := range []string{"A", "a b", "-a", "a*", strings.Repeat("a", 201)} {
		if err := put(prefix, storetest.Rules); err == nil {
			t.Errorf("prefix %q was taken", prefix)
		}
	}
}

// Ensure that of two processors with different rules that start at once only
// those with one set of rules go on.
func TestPutTemplates_Race(t *testing.T) {
	for range 20 {
		f := storetest.New(t, search.Options{}, opensearch.Options{})
		var wait sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			wait.Go(func() {
				errs[i] = results.PutTemplates(t.Context(), f.Client, "race-", map[string]string{"n": string(rune('0' + i%2))}, nil)
			})
		}
		wait.Wait()
		won := make(map[int]int)
		for i, err := range errs {
			switch {
			case err == nil:
				won[i%2]++
			case !errors.Is(err, results.ErrOtherRules):
				t.Fatal(err)
			}
		}
		if len(won) != 1 {
			t.Fatalf("got winners %v, want those of one set of rules", won)
		}
	}
}
