//go:build infra

package app

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
)

// One task, stopped before the next starts; a deployment that fails goes back by itself.
func TestProcessorService(t *testing.T) {
	synthesized(t).Template(t, "Processor").HasResourceProperties(str("AWS::ECS::Service"), map[string]any{
		"DesiredCount": 1, "LaunchType": "FARGATE", "EnableExecuteCommand": false,
		"AvailabilityZoneRebalancing": "DISABLED",
		"DeploymentConfiguration": map[string]any{
			"MinimumHealthyPercent": 0, "MaximumPercent": 100,
			"DeploymentCircuitBreaker": map[string]any{"Enable": true, "Rollback": true},
		},
		"NetworkConfiguration": map[string]any{"AwsvpcConfiguration": map[string]any{"AssignPublicIp": "ENABLED"}},
	})
}

// The service comes after all that its task needs to start, and so goes before it.
func TestProcessorOrder(t *testing.T) {
	for _, service := range synthesized(t).Stacks["Processor"].resources("AWS::ECS::Service") {
		after := fmt.Sprint(service.Whole["DependsOn"])
		for _, part := range []string{"Writes", "RoleDefaultPolicy", "TaskExecutionRoleDefaultPolicy", "DefaultRoute", "CheckpointsAutoDeleteObjects"} {
			if !strings.Contains(after, part) {
				t.Errorf("the service does not come after %s: %s", part, after)
			}
		}
	}
}

// The container is not root, writes nothing to its root, has no capability, and
// is asked whether it reads; its size is the configured one.
func TestProcessorTask(t *testing.T) {
	d := synthesized(t)
	d.Template(t, "Processor").HasResourceProperties(str("AWS::ECS::TaskDefinition"), map[string]any{
		"Cpu": "512", "Memory": "1024", "NetworkMode": "awsvpc", "RequiresCompatibilities": []any{"FARGATE"},
		"RuntimePlatform": map[string]any{"CpuArchitecture": map[string]string{"amd64": "X86_64", "arm64": "ARM64"}[d.Config.CPU]},
		"Volumes":         assertions.Match_Absent(),
		"ContainerDefinitions": []any{assertions.Match_ObjectLike(&map[string]any{
			"User": "65532:65532", "ReadonlyRootFilesystem": true, "Essential": true, "StopTimeout": 120,
			"LinuxParameters": map[string]any{"Capabilities": map[string]any{"Drop": []any{"ALL"}}},
			"HealthCheck":     map[string]any{"Command": []any{"CMD", "processor", "ready"}, "Interval": 10, "Timeout": 5, "Retries": 6, "StartPeriod": 300},
			"Environment":     []any{map[string]any{"Name": "GOMEMLIMIT", "Value": "819MiB"}},
			"PortMappings":    assertions.Match_Absent(),
			"LogConfiguration": map[string]any{"LogDriver": "awslogs", "Options": assertions.Match_ObjectLike(&map[string]any{
				"awslogs-stream-prefix": "processor", "mode": "non-blocking",
			})},
		})},
	})
}

// The command line names stream, domain and bucket.
func TestProcessorCommand(t *testing.T) {
	got := commandOf(t, synthesized(t).Stacks["Processor"])
	for _, want := range []string{
		`"processor","-stream"`, `"-opensearch-endpoint",{"Fn::Join":["",["https://",`, `"-sign","es"`,
		`"-checkpoint-dir",{"Fn::Join":["",["s3://",{"Ref":"Checkpoints`, `"/checkpoints"`, `"-log-format","json"`, `"-emf","TaxiStream"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
}

// An index prefix and further flags reach the command line, the prefix also the role.
func TestProcessorOptions(t *testing.T) {
	d := otherwise(t)
	tmpl := d.Stacks["Processor"]
	if got := commandOf(t, tmpl); !strings.HasSuffix(got, `"-index-prefix","v2-","-idle-timeout","10s","-p","4"]`) {
		t.Errorf("command %s", got)
	} else if !strings.Contains(got, `"/checkpoints/v2-"`) {
		t.Errorf("the checkpoints of another job have no place of their own: %s", got)
	}
	resources, _ := json.Marshal(tmpl.resources("AWS::IAM::Policy"))
	for _, want := range []string{"v2-pickup_count/*", "_index_template/v2-taxi_rejects"} {
		if !strings.Contains(string(resources), want) {
			t.Errorf("no policy names %s", want)
		}
	}
	asserts := d.Template(t, "Processor")
	asserts.HasResourceProperties(str("AWS::ECS::TaskDefinition"), map[string]any{
		"Cpu": "1024", "Memory": "2048", "RuntimePlatform": map[string]any{"CpuArchitecture": "ARM64"},
	})
	asserts.HasResourceProperties(str("AWS::ECS::Cluster"), map[string]any{"ClusterSettings": []any{map[string]any{"Name": "containerInsights", "Value": "enabled"}}})
	asserts.HasResourceProperties(str("AWS::Logs::LogGroup"), map[string]any{"RetentionInDays": 90})
}

// The role may do what the processor does, and no more.
func TestProcessorRole(t *testing.T) {
	tmpl := synthesized(t).Stacks["Processor"]
	got := actionsOf(tmpl, "RoleDefaultPolicy")
	got = slices.DeleteFunc(got, func(a string) bool { return strings.HasPrefix(a, "ecr:") || strings.HasPrefix(a, "logs:") })
	want := []string{
		"es:ESHttpGet", "es:ESHttpPost", "es:ESHttpPut",
		"kinesis:DeregisterStreamConsumer", "kinesis:DescribeStreamConsumer", "kinesis:DescribeStreamSummary", "kinesis:GetRecords",
		"kinesis:GetShardIterator", "kinesis:ListShards", "kinesis:RegisterStreamConsumer", "kinesis:SubscribeToShard",
		"kms:Decrypt", "s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject",
	}
	if !slices.Equal(got, want) {
		t.Errorf("allowed %q\nwant    %q", got, want)
	}
	trustsTasks(t, tmpl)
}

// trustsTasks holds the task role against the confused deputy.
func trustsTasks(t *testing.T, tmpl template) {
	t.Helper()
	for _, role := range tmpl.resources("AWS::IAM::Role") {
		if !strings.HasPrefix(role.ID, "Role") {
			continue
		}
		text := fmt.Sprint(role.Properties["AssumeRolePolicyDocument"])
		if !strings.Contains(text, "ecs-tasks.amazonaws.com") || !strings.Contains(text, "aws:SourceAccount") {
			t.Errorf("%s can be taken by %s", role.ID, text)
		}
		return
	}
	t.Error("no task role")
}

// Checkpoints are encrypted, private, versioned, over TLS only, and go with the stack.
func TestCheckpoints(t *testing.T) {
	tmpl := synthesized(t).Template(t, "Processor")
	tmpl.HasResource(str("AWS::S3::Bucket"), map[string]any{"DeletionPolicy": "Delete", "Properties": map[string]any{
		"VersioningConfiguration": map[string]any{"Status": "Enabled"},
		"PublicAccessBlockConfiguration": map[string]any{
			"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
		},
		"BucketEncryption": map[string]any{"ServerSideEncryptionConfiguration": []any{
			map[string]any{"ServerSideEncryptionByDefault": map[string]any{"SSEAlgorithm": "AES256"}},
		}},
		"LifecycleConfiguration": map[string]any{"Rules": []any{assertions.Match_ObjectLike(&map[string]any{
			"NoncurrentVersionExpiration": map[string]any{"NoncurrentDays": 1}, "ExpiredObjectDeleteMarker": true,
		})}},
	}})
	tmpl.HasResourceProperties(str("AWS::S3::BucketPolicy"), map[string]any{"PolicyDocument": map[string]any{
		"Statement": assertions.Match_ArrayWith(&[]any{assertions.Match_ObjectLike(&map[string]any{
			"Effect": "Deny", "Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
		})}),
	}})
	tmpl.HasResource(str("Custom::S3AutoDeleteObjects"), map[string]any{"DeletionPolicy": "Delete"})
}

// commandOf is the first container's command as JSON.
func commandOf(t *testing.T, tmpl template) string {
	t.Helper()
	definitions := tmpl.resources("AWS::ECS::TaskDefinition")
	if len(definitions) != 1 {
		t.Fatalf("%d task definitions", len(definitions))
	}
	container := definitions[0].Properties["ContainerDefinitions"].([]any)[0].(map[string]any)
	text, err := json.Marshal(container["Command"])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
