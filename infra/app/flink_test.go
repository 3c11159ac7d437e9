//go:build infra

package app

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"

	"taxistream/infra/config"
	"taxistream/infra/lambda/flink/application"
)

var flinks, insides struct {
	once sync.Once
	d    *deployment
}

// flinkStacks are those that the edition flink makes otherwise.
var flinkStacks = []string{"Processor", "Watch"}

// flinked is the ordinary configuration of the edition flink. Its jar is a file of that
// name, for Java may not be there.
func flinked(t *testing.T) config.Config {
	t.Helper()
	folder, err := os.MkdirTemp("", "jar-")
	if err != nil {
		t.Fatal(err)
	}
	leftovers = append(leftovers, folder)
	cfg := ordinary()
	cfg.Processor.Edition, cfg.Processor.Jar = config.EditionFlink, filepath.Join(folder, "job.jar")
	if err := os.WriteFile(cfg.Processor.Jar, []byte("a jar"), 0o644); err != nil {
		t.Fatal(err)
	}
	return cfg
}

// onFlink is the ordinary deployment of the edition flink, made once for all tests.
func onFlink(t *testing.T) *deployment {
	t.Helper()
	flinks.once.Do(func() { flinks.d = synthesize(t, flinked(t)) })
	if flinks.d == nil {
		t.Fatal("the synthesis failed in an earlier test")
	}
	return flinks.d
}

// flinkInside is the preset production of the edition flink, its domain inside the VPC, with
// enhanced fan-out and with flags.
func flinkInside(t *testing.T) *deployment {
	t.Helper()
	insides.once.Do(func() {
		t.Setenv("CDK_DEFAULT_ACCOUNT", "123456789012")
		cfg := preset(t, "production")
		of := flinked(t).Processor
		cfg.Processor.Edition, cfg.Processor.Jar = of.Edition, of.Jar
		cfg.Processor.KPUs, cfg.Processor.IndexPrefix = 4, "v2-"
		cfg.Processor.Flags = "-max-duration=2h -checkpoint-interval 30s --log-level=debug -noeventtime"
		cfg.Region, cfg.Search.VPC, cfg.FanOut.On = "eu-west-3", true, true
		insides.d = synthesize(t, cfg)
	})
	if insides.d == nil {
		t.Fatal("the synthesis failed in an earlier test")
	}
	return insides.d
}

// In place of task and service there is an application of the pom's Flink,
// with snapshots, which goes back by itself and scales itself.
func TestFlinkApplication(t *testing.T) {
	tmpl := onFlink(t).Template(t, "Processor")
	for _, kind := range []string{"AWS::ECS::Service", "AWS::ECS::TaskDefinition"} {
		tmpl.ResourceCountIs(str(kind), num(0))
	}
	tmpl.HasResourceProperties(str("AWS::KinesisAnalyticsV2::Application"), map[string]any{
		"ApplicationName": "TaxiStream-flink", "RuntimeEnvironment": "FLINK-2_2", "ServiceExecutionRole": assertions.Match_AnyValue(),
		"ApplicationConfiguration": map[string]any{
			"ApplicationCodeConfiguration": map[string]any{"CodeContentType": "ZIPFILE", "CodeContent": map[string]any{
				"S3ContentLocation": map[string]any{"BucketARN": assertions.Match_AnyValue(), "FileKey": assertions.Match_StringLikeRegexp(str(`^[0-9a-f]{64}\.jar$`))},
			}},
			"ApplicationSnapshotConfiguration":       map[string]any{"SnapshotsEnabled": true},
			"ApplicationSystemRollbackConfiguration": map[string]any{"RollbackEnabled": true},
			"FlinkApplicationConfiguration": map[string]any{
				"CheckpointConfiguration":  map[string]any{"ConfigurationType": "CUSTOM", "CheckpointingEnabled": true, "CheckpointInterval": 60000, "MinPauseBetweenCheckpoints": 5000},
				"MonitoringConfiguration":  map[string]any{"ConfigurationType": "CUSTOM", "LogLevel": "INFO", "MetricsLevel": "APPLICATION"},
				"ParallelismConfiguration": map[string]any{"ConfigurationType": "CUSTOM", "AutoScalingEnabled": true, "Parallelism": 2, "ParallelismPerKPU": 1},
			},
			"VpcConfigurations": assertions.Match_Absent(),
		},
	})
	pom, err := os.ReadFile("../../processor/flink/pom.xml")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`<flink>(\d+)\.(\d+)\.\d+</flink>`).FindStringSubmatch(string(pom))
	if version == nil || "FLINK-"+version[1]+"_"+version[2] != flinkRuntime {
		t.Errorf("the runtime is %s, the pom has %v", flinkRuntime, version)
	}
}

// Inside a VPC the job has addresses in each private subnet, and options and flags reach
// whom they are for; every property is a flag of the job, with a value.
func TestFlinkOptions(t *testing.T) {
	tmpl := flinkInside(t).Template(t, "Processor")
	tmpl.HasResourceProperties(str("AWS::KinesisAnalyticsV2::Application"), map[string]any{
		"ApplicationName": "TaxiStream-flink-v2-",
		"ApplicationConfiguration": map[string]any{
			"FlinkApplicationConfiguration": map[string]any{
				"CheckpointConfiguration":  map[string]any{"CheckpointInterval": 30000},
				"MonitoringConfiguration":  map[string]any{"LogLevel": "DEBUG"},
				"ParallelismConfiguration": map[string]any{"Parallelism": 4},
			},
			"VpcConfigurations": []any{map[string]any{
				"SubnetIds": []any{assertions.Match_AnyValue(), assertions.Match_AnyValue(), assertions.Match_AnyValue()}, "SecurityGroupIds": []any{assertions.Match_AnyValue()},
			}},
		},
	})
	for d, want := range map[*deployment][]string{
		onFlink(t):     {"opensearch-endpoint", "region", "sign", "stream"},
		flinkInside(t): {"consumer", "consumer-name", "index-prefix", "max-duration", "noeventtime", "opensearch-endpoint", "region", "sign", "stream"},
	} {
		var got []string
		for name, value := range flagsOf(t, d) {
			got = append(got, name)
			if text, ok := value.(string); ok && text == "" {
				t.Errorf("the property %s is empty, which the service refuses", name)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("the job gets %q, want %q", got, want)
		}
	}
}

// flagsOf are those of the property group.
func flagsOf(t *testing.T, d *deployment) map[string]any {
	t.Helper()
	var found map[string]any
	visit(d.Stacks["Processor"].resources("AWS::KinesisAnalyticsV2::Application")[0].Properties, func(m map[string]any) {
		if m["PropertyGroupId"] == application.PropertyGroup {
			found = m["PropertyMap"].(map[string]any)
		}
	})
	return found
}

// The application is started by a resource that comes after all that the job needs, has what
// the function compares, and changes with whatever the application is told.
func TestFlinkRun(t *testing.T) {
	d := onFlink(t)
	run := d.Stacks["Processor"].resources("Custom::FlinkRun")[0]
	after := strings.Join(texts(run.Whole["DependsOn"]), " ")
	for _, part := range []string{"Application", "Logging", "Writes", "FlinkRunRoleDefaultPolicy", "DefaultRoute"} {
		if !strings.Contains(after, part) {
			t.Errorf("the job does not start after %s: %s", part, after)
		}
	}
	if before := strings.Join(texts(d.Stacks["Processor"].resources("AWS::KinesisAnalyticsV2::Application")[0].Whole["DependsOn"]), " "); !strings.Contains(before, "FlinkRoleDefaultPolicy") {
		t.Errorf("the application is made after %q, and not after its role's rights", before)
	}
	if !reflect.DeepEqual(run.Properties["Flags"], any(flagsOf(t, d))) {
		t.Errorf("the function compares %v, the job gets %v", run.Properties["Flags"], flagsOf(t, d))
	}
	text, _ := json.Marshal(run.Properties)
	var read application.Properties
	_ = json.Unmarshal(text, &struct {
		*application.Properties
		Flags any // partly known when it is deployed
	}{Properties: &read})
	if read.Application != "TaxiStream-flink" || !strings.HasSuffix(read.Code, ".jar") {
		t.Errorf("the function reads %+v", read)
	}
	for name, change := range map[string]func(*config.Processor){
		"units": func(p *config.Processor) { p.KPUs = 3 }, "interval": func(p *config.Processor) { p.Flags = "-checkpoint-interval=10s" },
	} {
		cfg := d.Config
		change(&cfg.Processor)
		other := synthesize(t, cfg).Stacks["Processor"].resources("Custom::FlinkRun")[0]
		if reflect.DeepEqual(other.Properties, run.Properties) {
			t.Errorf("other %s: the resource is the same, and so nobody looks whether the job runs", name)
		}
	}
}

// The roles of job and function may do what these do, and no more; the service takes the
// job's for this application only.
func TestFlinkRoles(t *testing.T) {
	tmpl := onFlink(t).Stacks["Processor"]
	wanted := map[string][]string{
		"FlinkRoleDefaultPolicy": {
			"es:ESHttpGet", "es:ESHttpPost", "es:ESHttpPut", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator",
			"kinesis:ListShards", "kms:Decrypt", "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:PutLogEvents", "s3:GetObject", "s3:GetObjectVersion",
		},
		"FlinkRunRoleDefaultPolicy": {
			"kinesisanalytics:DescribeApplication", "kinesisanalytics:DescribeApplicationOperation", "kinesisanalytics:ListApplicationOperations",
			"kinesisanalytics:ListApplicationSnapshots", "kinesisanalytics:StartApplication", "kinesisanalytics:StopApplication",
			"logs:CreateLogStream", "logs:PutLogEvents",
		},
	}
	for id, want := range wanted {
		var got []string
		for _, s := range tmpl.statements() {
			if strings.HasPrefix(s.of, id) {
				got = append(got, s.actions...)
			}
		}
		slices.Sort(got)
		if !slices.Equal(slices.Compact(got), want) {
			t.Errorf("%s allows %q\nwant    %q", id, got, want)
		}
	}
	for _, s := range tmpl.statements() {
		if strings.HasPrefix(s.of, "FlinkRoleDefaultPolicy") && slices.Equal(s.actions, []string{"es:ESHttpPost"}) && len(s.resources) > 1 {
			t.Errorf("the job may POST to %q", s.resources)
		}
	}
	// While the editions change, each has its own, and with it its own role of the domain.
	for _, old := range synthesized(t).Stacks["Processor"].resources("AWS::IAM::Role") {
		for _, role := range tmpl.resources("AWS::IAM::Role") {
			if role.ID == old.ID && strings.Contains(fmt.Sprint(role.Properties["AssumeRolePolicyDocument"]), "kinesisanalytics") {
				t.Errorf("%s is the task's, too", role.ID)
			}
		}
	}
	for _, role := range tmpl.resources("AWS::IAM::Role") {
		text := fmt.Sprint(role.Properties["AssumeRolePolicyDocument"])
		if strings.HasPrefix(role.ID, "FlinkRole") && (!strings.Contains(text, "kinesisanalytics.amazonaws.com") || !strings.Contains(text, ":application/TaxiStream-flink*") || !strings.Contains(text, "aws:SourceAccount")) {
			t.Errorf("%s can be taken by %s", role.ID, text)
		}
	}
}

// Without its jar, and only in this edition, the synthesis says what to run.
func TestFlinkNeedsItsJar(t *testing.T) {
	said := func() (fault string) {
		defer func() { fault = fmt.Sprint(recover()) }()
		jarFile(config.Config{Processor: config.Processor{Jar: filepath.Join(t.TempDir(), "no.jar")}})
		return ""
	}()
	for _, want := range []string{"no.jar is not there", "make flink", "Java 17 and Maven", "-c processor.jar="} {
		if !strings.Contains(said, want) {
			t.Errorf("%q does not say %q", said, want)
		}
	}
}
