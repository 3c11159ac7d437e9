//go:build integration && deploy

package integration

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	objects "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"taxistream/internal/awsconf"
	"taxistream/internal/s3"
	"taxistream/localstack/images"
	"taxistream/localstack/localtest"
)

// everyExtra is the configuration with the most resources, of an image that is
// named, so that none is built.
var everyExtra = []string{
	"-c", "local=true", "-c", "image=taxistream:local", "-c", "stream.shards=2", "-c", "watch.email=taxi@example.org",
	"-c", "telemetry.on=true", "-c", "trail.on=true", "-c", "scaling.on=true", "-c", "fan-out.on=true", "-c", "network.flow-logs=true",
	"-c", "pipeline.on=true", "-c", "pipeline.repository=owner/taxistream",
	"-c", "pipeline.connection=arn:aws:codeconnections:us-east-1:000000000000:connection/01234567-89ab-cdef-0123-456789abcdef",
}

// Ensure the CDK app, as far as LocalStack's free edition has it, can be deployed
// there; that the programs, given the stacks' outputs, make the oracle's
// documents in the deployed domain; and that the destruction leaves nothing.
func TestDeploy(t *testing.T) {
	search := StartOpenSearch(t, OpenSearchOptions{})
	ls := startAWS(t, search)
	before := inventory(t, ls.URL)
	c := &cdk{t: t, endpoint: ls.URL, assembly: t.TempDir()}

	c.run(append([]string{"synth", "--quiet", "--output", c.assembly}, everyExtra...)...)
	t.Log(c.leftOut)
	out := c.deploy()
	made := slices.DeleteFunc(inventory(t, ls.URL), func(r string) bool { return slices.Contains(before, r) })
	Note("%s: %d stacks created %d resources on LocalStack", t.Name(), len(c.stacks()), len(made))

	r := newReplay(t, ls.URL, search.URL)
	r.take(localtest.GeneratedDay(t, 3000)) // its Kinesis slows with what it holds
	_, domain, _ := strings.Cut(out["Search"]["Endpoint"], "localhost:4566")
	if domain == "" {
		t.Fatalf("the stacks' outputs name no domain of this LocalStack: %v", out)
	}
	r.search = ls.URL + domain
	r.flags = []string{"-stream", out["Stream"]["StreamName"], "-checkpoint-dir", out["Processor"]["CheckpointDir"]}
	url := r.process()
	r.produce("3000", "-stream", out["Stream"]["StreamName"], "-watermark-interval", "500ms")
	r.check(r.finish(url))

	emptyBucket(t, ls.URL, out["Processor"]["CheckpointDir"])
	c.run("destroy", "--all", "--force", "--app", c.assembly)
	left := slices.DeleteFunc(inventory(t, ls.URL), func(r string) bool {
		return slices.Contains(before, r) || keptLogs.MatchString(r)
	})
	if len(left) > 0 {
		t.Errorf("the destruction left %s", strings.Join(left, ", "))
	}
}

// keptLogs are those that outlive their stacks, so that a first deployment which fails
// leaves its log behind.
var keptLogs = regexp.MustCompile(`^log group TaxiStream-(Processor-Logs|Search-ObjectsLogs)`)

// startAWS gives a LocalStack of the test's own, with every service, whose
// OpenSearch domains are all the given server.
func startAWS(t *testing.T, search *Server) *Server {
	t.Helper()
	inside, err := search.container.ContainerIP(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, "LocalStack of "+t.Name(), images.LocalStack, "4566", "/_localstack/health", map[string]string{
		"LS_LOG": "warn", "OPENSEARCH_CUSTOM_BACKEND": "http://" + inside + ":9200", "OPENSEARCH_ENDPOINT_STRATEGY": "path",
		"LOCALSTACK_HOST": "localhost:4566", // where it looks for its domains, with no name server
	})
	t.Cleanup(func() {
		Note("%s", s.memory())
		s.remove()
	})
	return s
}

// emptyBucket removes all versions of all objects, as the function does on AWS
// that LocalStack cannot run: LocalStack itself removes the last versions only.
func emptyBucket(t *testing.T, endpoint, place string) {
	t.Helper()
	at, err := s3.Parse(place)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := awsconf.Load(t.Context(), awsconf.Options{Endpoint: endpoint})
	if err != nil {
		t.Fatal(err)
	}
	client := s3.New(cfg).API
	for pages := objects.NewListObjectVersionsPaginator(client, &objects.ListObjectVersionsInput{Bucket: &at.Bucket}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var all []types.ObjectIdentifier
		for _, v := range page.Versions {
			all = append(all, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			all = append(all, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		if len(all) == 0 {
			continue
		}
		if _, err := client.DeleteObjects(t.Context(), &objects.DeleteObjectsInput{Bucket: &at.Bucket, Delete: &types.Delete{Objects: all}}); err != nil {
			t.Fatal(err)
		}
	}
}

// cdk is the CDK's command line, turned to a LocalStack.
type cdk struct {
	t        *testing.T
	endpoint string
	assembly string // the folder of the cloud assembly
	leftOut  string // what the synthesis said
}

// run runs it in infra/, and fails the test where it fails.
func (c *cdk) run(args ...string) {
	c.t.Helper()
	command, err := filepath.Abs(filepath.Join(root, "infra", "node_modules", ".bin", "cdklocal"))
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := os.Stat(command); err != nil {
		c.t.Fatalf("%v: make local-deploy installs it", err)
	}
	cmd := exec.CommandContext(c.t.Context(), command, args...)
	cmd.Dir = filepath.Join(root, "infra")
	cmd.Env = append(os.Environ(),
		"AWS_ENDPOINT_URL="+c.endpoint,
		// No asset is sent there; cdklocal wants an address all the same.
		"AWS_ENDPOINT_URL_S3=http://s3.localhost.localstack.cloud:4566",
		"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20", "NODE_NO_WARNINGS=1", "CI=true", "CDK_DISABLE_VERSION_CHECK=1", "DISABLE_CDK_TELEMETRY=true")
	output, err := cmd.CombinedOutput()
	if err != nil {
		c.t.Fatalf("cdk %s: %v\n%s", strings.Join(args, " "), err, output)
	}
	if _, list, ok := strings.Cut(string(output), "left out"); ok {
		c.leftOut = "left out"
		for line := range strings.Lines(list) {
			if c.leftOut != "left out" && !strings.HasPrefix(line, "  ") {
				break // the command line's own
			}
			c.leftOut += line
		}
	}
}

// deploy deploys all stacks and gives their outputs, by the stack's name without the deployment's.
func (c *cdk) deploy() map[string]map[string]string {
	c.t.Helper()
	file := filepath.Join(c.t.TempDir(), "outputs.json")
	c.run("deploy", "--all", "--require-approval", "never", "--app", c.assembly, "--outputs-file", file)
	text, err := os.ReadFile(file)
	if err != nil {
		c.t.Fatal(err)
	}
	all, short := map[string]map[string]string{}, map[string]map[string]string{}
	if err := json.Unmarshal(text, &all); err != nil {
		c.t.Fatal(err)
	}
	for stack, outputs := range all {
		short[stack[strings.IndexByte(stack, '-')+1:]] = outputs
	}
	return short
}

// stacks are the templates in the cloud assembly.
func (c *cdk) stacks() []string {
	files, err := filepath.Glob(filepath.Join(c.assembly, "*.template.json"))
	if err != nil {
		c.t.Fatal(err)
	}
	return files
}
