//go:build integration

package integration

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"

	"taxistream/localstack/images"
)

// readyWithin bounds a server's start on a machine with other work.
const readyWithin = 4 * time.Minute

// Server is a server in a container. Its address stays the same when it is
// stopped and started.
type Server struct {
	URL string // without a slash at its end

	name      string
	container *testcontainers.DockerContainer
	took      time.Duration // from the request to readiness
}

// OpenSearchOptions ask for a server that is not the shared one.
type OpenSearchOptions struct {
	// Settings of the node, such as "thread_pool.write.queue_size": "1".
	Settings map[string]string
	// Own is a server for this test alone, removed at its end. Settings imply it.
	Own bool
}

// shared are the servers of this run, each started when first asked for.
var shared = struct {
	localStack, openSearch sync.Once
	servers                map[string]*Server
}{servers: map[string]*Server{}}

// StartLocalStack gives the run's LocalStack (Kinesis and S3), which stays until
// the last test is done. TAXI_KINESIS_ENDPOINT names one that runs already.
func StartLocalStack(t testing.TB) *Server {
	t.Helper()
	if url := os.Getenv("TAXI_KINESIS_ENDPOINT"); url != "" {
		return &Server{URL: url, name: url}
	}
	shared.localStack.Do(func() {
		shared.servers["LocalStack"] = start(t, "LocalStack", images.LocalStack, "4566", "/_localstack/health", map[string]string{
			"SERVICES": "kinesis,s3", "EAGER_SERVICE_LOADING": "1", "LS_LOG": "warn",
			"KINESIS_LATENCY": "1000", // ms that a change of a stream takes: the tests ask meanwhile, on slow machines too
		})
	})
	return given(t, "LocalStack")
}

// StartOpenSearch gives the run's OpenSearch, or one of the test's own. The
// shared one must not be stopped, nor its cluster settings changed.
// TAXI_OPENSEARCH names one that runs already, for tests that neither stop nor configure it.
func StartOpenSearch(t testing.TB, opts OpenSearchOptions) *Server {
	t.Helper()
	if url := os.Getenv("TAXI_OPENSEARCH"); url != "" {
		return &Server{URL: url, name: url}
	}
	env := map[string]string{"discovery.type": "single-node", "cluster.routing.allocation.disk.threshold_enabled": "false"}
	if !opts.Own && len(opts.Settings) == 0 {
		shared.openSearch.Do(func() {
			shared.servers["OpenSearch"] = start(t, "OpenSearch", images.OpenSearch, "9200", openSearchReady, env)
		})
		return given(t, "OpenSearch")
	}
	maps.Copy(env, opts.Settings)
	s := start(t, "OpenSearch of "+t.Name(), images.OpenSearch, "9200", openSearchReady, env)
	t.Cleanup(func() {
		Note("%s", s.memory())
		s.remove()
	})
	return s
}

// startSecured gives the address, with its administrator in it, of an OpenSearch with the
// security plugin, which has an image of its own: skipped where that is not there.
func startSecured(t testing.TB) string {
	t.Helper()
	docker, err := testcontainers.NewDockerClientWithOpts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer docker.Close()
	if _, err := docker.ImageInspect(t.Context(), images.Secured); err != nil {
		t.Skipf("no image %s: %v", images.Secured, err)
	}
	const password = "an-Admin-of-1-test"
	s := start(t, "OpenSearch with the security plugin", images.Secured, "9200", "/", map[string]string{
		"discovery.type": "single-node", "plugins.security.ssl.http.enabled": "false", "OPENSEARCH_INITIAL_ADMIN_PASSWORD": password,
	}, wait.ForHTTP("/").WithBasicAuth("admin", password))
	t.Cleanup(s.remove)
	return strings.Replace(s.URL, "http://", "http://admin:"+password+"@", 1)
}

const openSearchReady = "/_cluster/health?wait_for_status=yellow&timeout=1s"

// given fails a test that comes after the one whose start failed.
func given(t testing.TB, name string) *Server {
	t.Helper()
	s := shared.servers[name]
	if s == nil {
		t.Fatalf("%s did not start for an earlier test", name)
	}
	return s
}

// start runs a server and waits until it answers at health, or as one of the others asks.
func start(t testing.TB, name, image, port, health string, env map[string]string, others ...*wait.HTTPStrategy) *Server {
	t.Helper()
	asks := wait.ForHTTP(health)
	if len(others) > 0 {
		asks = others[0]
	}
	address := freeAddress(t)
	inside := network.MustParsePort(port + "/tcp")
	began := time.Now()
	c, err := testcontainers.Run(context.Background(), image,
		testcontainers.WithEnv(env),
		testcontainers.WithExposedPorts(inside.String()),
		testcontainers.WithHostConfigModifier(func(c *container.HostConfig) {
			c.PortBindings = network.PortMap{inside: {{HostIP: address.Addr(), HostPort: strconv.Itoa(int(address.Port()))}}}
		}),
		testcontainers.WithWaitStrategyAndDeadline(readyWithin, asks.WithPort(inside.String()).WithStartupTimeout(readyWithin).WithPollInterval(250*time.Millisecond)),
	)
	s := &Server{URL: "http://" + address.String(), name: name, container: c, took: time.Since(began)}
	if err != nil {
		s.remove()
		t.Fatalf("start %s from %s: %v", name, image, err)
	}
	Note("%s: %s, ready in %.1f s", name, image, s.took.Seconds())
	return s
}

// Stop ends the server's processes, as a crash of its machine would if kill,
// and keeps its files and its address.
func (s *Server) Stop(t testing.TB, kill bool) {
	t.Helper()
	patience := 30 * time.Second
	if kill {
		patience = 0
	}
	if err := s.container.Stop(context.Background(), &patience); err != nil {
		t.Fatalf("stop %s: %v", s.name, err)
	}
}

// Start brings a stopped server back, and returns once it answers.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	if err := s.container.Start(context.Background()); err != nil {
		t.Fatalf("start %s again: %v", s.name, err)
	}
}

func (s *Server) remove() {
	if s.container == nil {
		return
	}
	if err := testcontainers.TerminateContainer(s.container); err != nil {
		fmt.Printf("integration: remove %s: %v\n", s.name, err)
	}
}

// freeAddress finds a loopback port, named to Docker so that a restart keeps it.
func freeAddress(t testing.TB) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return netip.MustParseAddrPort(l.Addr().String())
}

// notes are the lines that a run prints at its end.
var notes struct {
	sync.Mutex
	lines []string
}

// Note keeps a line for the run's report: what was compared, which faults were injected.
func Note(format string, args ...any) {
	notes.Lock()
	defer notes.Unlock()
	notes.lines = append(notes.lines, fmt.Sprintf(format, args...))
}

// removeShared ends the run's servers and prints its report.
func removeShared() {
	for _, name := range slices.Sorted(maps.Keys(shared.servers)) {
		if s := shared.servers[name]; s != nil {
			Note("%s", s.memory())
			s.remove()
		}
	}
	notes.Lock()
	defer notes.Unlock()
	fmt.Printf("\nintegration: what ran\n  %s\n", strings.Join(notes.lines, "\n  "))
}
