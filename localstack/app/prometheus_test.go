package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"taxistream/dashboards/grafana"
	"taxistream/localstack/localtest"
)

// Ensure every expression of the dashboard in Grafana gives data on a real Prometheus that scrapes
// running programs, and every alert's can be evaluated there.
func TestPrometheus(t *testing.T) {
	binary, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("no prometheus on this machine: it comes with Debian's package prometheus")
	}
	kinesisURL, searchURL := serving(t, "-shards", "2")
	processor := start(t, "processor", "-endpoint", kinesisURL, "-opensearch-endpoint", searchURL, "-listen", "127.0.0.1:0",
		"-checkpoint-dir", t.TempDir(), "-checkpoint-interval", "300ms", "-log-format", "json")
	producer := start(t, "producer", "-endpoint", kinesisURL, "-source", generatedDay(t, 5000), "-loop", "0", "-speedup", "20000",
		"-listen", "127.0.0.1:0", "-log-format", "json")
	at := prometheus(t, binary, map[string]string{"processor": processor.Address(), "producer": producer.Address()})

	waiting := map[string]bool{}
	for _, row := range grafana.Rows() {
		for _, panel := range row.Panels {
			for _, line := range panel.Lines {
				waiting[strings.ReplaceAll(line.Expr, "$__rate_interval", "30s")] = true
			}
		}
	}
	t.Logf("%d expressions", len(waiting))
	defer func() { // where the wait was too long
		for expr := range waiting {
			t.Logf("no data: %s", expr)
		}
	}()
	waitFor(t, "every expression gives data", func() bool {
		for expr := range waiting {
			var values struct {
				Result []struct{ Value [2]any }
			}
			ask(t, at+"/api/v1/query?query="+url.QueryEscape(expr), &values)
			if len(values.Result) > 0 && values.Result[0].Value[1] != "NaN" {
				delete(waiting, expr)
			}
		}
		return len(waiting) == 0
	})
	waitFor(t, "every alert is evaluated", func() bool {
		var rules struct {
			Groups []struct {
				Rules []struct{ Name, Health, LastError string }
			}
		}
		ask(t, at+"/api/v1/rules", &rules)
		all, evaluated := 0, 0
		for _, g := range rules.Groups {
			for _, r := range g.Rules {
				if r.LastError != "" {
					t.Fatalf("%s: %s", r.Name, r.LastError)
				}
				all, evaluated = all+1, evaluated+map[string]int{"ok": 1}[r.Health]
			}
		}
		return all > 0 && evaluated == all
	})
}

// prometheus starts one that scrapes the programs by their job's name and evaluates the alerts.
func prometheus(t *testing.T, binary string, programs map[string]string) (at string) {
	t.Helper()
	dir := t.TempDir()
	rules, err := filepath.Abs(filepath.Join("..", "..", "dashboards", "grafana", "alerts.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf("global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\nrule_files: [%q]\nscrape_configs:\n", rules)
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		config += fmt.Sprintf("- {job_name: %s, static_configs: [{targets: [%q]}]}\n", name, strings.TrimPrefix(programs[name], "http://"))
	}
	file := filepath.Join(dir, "prometheus.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	p := localtest.Run(t, exec.Command(binary, "--config.file="+file, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address=127.0.0.1:0"))
	listening := regexp.MustCompile(`"Listening on" address=(\S+)`)
	waitFor(t, "Prometheus is ready", func() bool {
		if p.Ended() {
			t.Fatal(p.Errors())
		}
		if m := listening.FindStringSubmatch(p.Errors()); m != nil {
			at = "http://" + m[1]
			resp, err := http.Get(at + "/-/ready")
			if err == nil {
				_ = resp.Body.Close()
			}
			return err == nil && resp.StatusCode == http.StatusOK
		}
		return false
	})
	return at
}

// ask takes the data of an answer of Prometheus.
func ask(t *testing.T, address string, data any) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer := struct {
		Status, Error string
		Data          any
	}{Data: data}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Status != "success" {
		t.Fatalf("%s: %v, %s", address, err, text)
	}
}
