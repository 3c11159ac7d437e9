package grafana_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"taxistream/dashboards/grafana"
	"taxistream/internal/names"
)

var update = flag.Bool("update", false, "write the dashboard again")

// Ensure the committed dashboard is what the tables give.
func TestGrafana_Generated(t *testing.T) {
	want, err := grafana.Build()
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	const file = "taxi-trips.json"
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what its tables give: make generate (%v)", file, err)
	}
}

type panel struct {
	ID         int
	Type       string
	Title      string
	Datasource struct{ UID string }
	GridPos    struct{ X, Y, W, H int }
	Targets    []struct{ Expr string }
	Field      struct{ Defaults struct{ Unit string } } `json:"fieldConfig"`
}

// Ensure the dashboard is one that Grafana can show: panels with ids of their own that lie side by
// side in the grid, each with a unit, the chosen data source and expressions.
func TestGrafana_Dashboard(t *testing.T) {
	text, err := grafana.Build()
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		UID    string
		Panels []panel
	}
	if err := json.Unmarshal(text, &d); err != nil || d.UID != grafana.UID {
		t.Fatalf("%q, %v", d.UID, err)
	}
	taken := map[[2]int]string{}
	ids, titles := map[int]bool{}, map[string]bool{}
	for _, p := range d.Panels {
		if ids[p.ID] || p.ID == 0 {
			t.Errorf("%s: id %d is taken", p.Title, p.ID)
		}
		ids[p.ID] = true
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%s lies over %q, or beside the grid", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		if p.Type == "row" {
			titles = map[string]bool{}
			continue
		}
		if p.Field.Defaults.Unit == "" || p.Datasource.UID != "${datasource}" || len(p.Targets) == 0 || titles[p.Title] || p.Title == "" {
			t.Errorf("panel %d %q: unit %q, data source %q, %d expressions, or a title that is there twice", p.ID, p.Title, p.Field.Defaults.Unit, p.Datasource.UID, len(p.Targets))
		}
		titles[p.Title] = true
		for _, target := range p.Targets {
			known(t, p.Title, target.Expr)
		}
	}
}

// known fails where an expression names a metric of ours that there is not.
func known(t *testing.T, where, expr string) {
	t.Helper()
	for _, name := range regexp.MustCompile(names.MetricPrefix+`[a-z_]+`).FindAllString(expr, -1) {
		if name = strings.TrimPrefix(name, names.MetricPrefix); !slices.Contains(names.Metrics(), strings.TrimSuffix(name, "_bucket")) {
			t.Errorf("%s: there is no metric %s", where, name)
		}
	}
}

// Ensure every alert says what it means, and names a runbook that is there.
func TestGrafana_Alerts(t *testing.T) {
	for _, a := range alerts(t) {
		known(t, a.Alert, a.Expr)
		if _, err := os.Stat(filepath.Join("..", "..", a.Annotations["runbook_url"])); err != nil || a.Annotations["runbook_url"] == "" {
			t.Errorf("%s: its runbook: %v", a.Alert, err)
		}
		if a.Annotations["summary"] == "" || a.Labels["severity"] != "page" && a.Labels["severity"] != "ticket" {
			t.Errorf("%s: summary %q, severity %q", a.Alert, a.Annotations["summary"], a.Labels["severity"])
		}
	}
}

type alert struct {
	Alert, Expr         string
	Labels, Annotations map[string]string
}

func alerts(t *testing.T) (all []alert) {
	t.Helper()
	var file struct{ Groups []struct{ Rules []alert } }
	read(t, "alerts.yaml", &file)
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	return all
}

func read(t *testing.T, name string, to any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err == nil {
		err = yaml.Unmarshal(text, to)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// Ensure Grafana is told of a data source and of the folder that compose.yaml mounts. Grafana itself is not
// started: it is not to be had where these tests run.
func TestGrafana_Provisioning(t *testing.T) {
	var sources struct {
		Datasources []struct{ UID, Type, URL string }
	}
	read(t, "provisioning/datasources/prometheus.yaml", &sources)
	if len(sources.Datasources) != 1 || sources.Datasources[0].Type != "prometheus" || sources.Datasources[0].URL == "" {
		t.Errorf("data sources: %+v", sources)
	}
	var providers struct {
		Providers []struct {
			Type    string
			Options struct{ Path string }
		}
	}
	read(t, "provisioning/dashboards/taxi-trips.yaml", &providers)
	compose, err := os.ReadFile("../../localstack/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(providers.Providers) != 1 || !strings.Contains(string(compose), "taxi-trips.json:"+providers.Providers[0].Options.Path+"/") {
		t.Errorf("providers: %+v, which compose.yaml does not mount", providers)
	}
}
