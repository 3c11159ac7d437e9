package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"taxistream/internal/flags"
	"taxistream/internal/names"
	"taxistream/localstack/images"
	processor "taxistream/processor/app"
	producer "taxistream/producer/app"
)

type service struct {
	Image       string            `yaml:"image"`
	Command     []string          `yaml:"command"`
	Ports       []string          `yaml:"ports"`
	Environment map[string]string `yaml:"environment"`
	NetworkMode string            `yaml:"network_mode"`
	ReadOnly    bool              `yaml:"read_only"`
	Volumes     []string          `yaml:"volumes"`
}

func compose(t *testing.T) map[string]service {
	t.Helper()
	text, err := os.ReadFile("compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]service `yaml:"services"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Services
}

// Ensure the images are those that the tests start, the ports are the loopback's
// and the programs' defaults, and the programs run on a file system that they
// cannot write.
func TestCompose(t *testing.T) {
	services := compose(t)
	for name, image := range map[string]string{
		"localstack": images.LocalStack, "opensearch": images.OpenSearch, "dashboards": images.Dashboards,
		"setup": "taxistream:local", "processor": "taxistream:local", "producer": "taxistream:local",
		"prometheus": images.Prometheus, "grafana": images.Grafana,
	} {
		if services[name].Image != image {
			t.Errorf("service %s runs %q, want %q", name, services[name].Image, image)
		}
	}
	if len(services) != 8 {
		t.Errorf("%d services, want 8: give the new one a line here", len(services))
	}
	for name, s := range services {
		for _, p := range s.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") {
				t.Errorf("service %s: port %s is open to other machines", name, p)
			}
		}
		if s.Image == "taxistream:local" && !s.ReadOnly {
			t.Errorf("service %s may write its file system", name)
		}
	}
	for name, port := range map[string]string{"localstack": "127.0.0.1:4566:4566", "opensearch": "127.0.0.1:9200:9200", "dashboards": "127.0.0.1:5601:5601"} {
		if !slices.Equal(services[name].Ports, []string{port}) {
			t.Errorf("service %s has ports %v, want %s", name, services[name].Ports, port)
		}
	}
}

// Ensure the programs take the flags that they are given, and that the endpoints
// are those of services.
func TestCompose_Flags(t *testing.T) {
	services := compose(t)
	sets := map[string]*flags.Set{"producer": flags.New("producer", ""), "processor": flags.New("processor", "")}
	produces := producer.RegisterFlags(sets["producer"])
	sets["producer"].StringVar(&produces.Listen, "listen", "") // which only the program has
	config := processor.RegisterFlags(sets["processor"], 1)
	for name, set := range sets {
		var stderr strings.Builder
		command := services[name].Command
		if len(command) == 0 || command[0] != name {
			t.Fatalf("service %s runs %v", name, command)
		}
		if done, code := set.Parse(command[1:], os.Stdout, &stderr); done {
			t.Errorf("service %s: status %d: %s", name, code, &stderr)
		}
	}
	if err := produces.Check(); err != nil {
		t.Error(err)
	}
	processes, err := config()
	if err != nil {
		t.Fatal(err)
	}
	if processes.Stream != names.Stream || produces.Stream != names.Stream {
		t.Errorf("streams %s and %s, want %s", processes.Stream, produces.Stream, names.Stream)
	}
	if s := services["processor"]; s.NetworkMode != "host" || processes.CheckpointDir != "s3://checkpoints/processor" {
		t.Errorf("the processor's network and flags do not go together, or its checkpoints outlive the stream: %+v", s)
	}
	for _, endpoint := range []string{processes.Endpoint, processes.OpenSearchEndpoint, produces.Endpoint} {
		if !strings.HasPrefix(endpoint, "http://127.0.0.1:") {
			t.Errorf("a program on the host's network asks %s", endpoint)
		}
	}
	scraped, err := os.ReadFile(filepath.Join("..", "dashboards", "grafana", "prometheus.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, listen := range map[string]string{"producer": produces.Listen, "processor": processes.Listen} {
		if services[name].NetworkMode != "host" || !strings.HasPrefix(listen, "127.0.0.1:") || !strings.Contains(string(scraped), `"`+listen+`"`) {
			t.Errorf("Prometheus, on the host's network, does not scrape the %s on %q", name, listen)
		}
	}
}

// Ensure the stream that LocalStack makes at its start is the programs' own.
func TestCompose_Stream(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("init", "stream.py"))
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{`create_stream(StreamName="` + names.Stream + `"`, `region_name="` + names.Region + `"`, `create_bucket(Bucket="checkpoints")`} {
		if !strings.Contains(string(text), words) {
			t.Errorf("init/stream.py does not say %s", words)
		}
	}
}
