package app

import (
	"encoding/json"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodebuild"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// project is a CodeBuild project on the deployment's own architecture. One that
// deploys may run Docker and take the roles of the CDK's bootstrap.
func (p *Pipeline) project(id, description string, cfg config.Config, spec string, deploys bool) awscodebuild.CfnProject {
	logs := awslogs.NewLogGroup(p.Stack, jsii.String(id+"Logs"), &awslogs.LogGroupProps{
		Retention:     awslogs.RetentionDays_ONE_MONTH,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	role := p.buildRole(id+"Role", "CodeBuild: "+description)
	role.AddToPolicy(allow(nil, logs.LogGroupArn(), "logs:CreateLogStream", "logs:PutLogEvents"))
	p.mayUseArtifacts(role, "s3:GetObject", "s3:GetObjectVersion")
	if deploys {
		for _, name := range []string{"deploy", "file-publishing", "image-publishing", "lookup"} {
			role.AddToPolicy(allow(nil, p.bootstrapRole(name), "sts:AssumeRole"))
		}
	}
	kind, image := "LINUX_CONTAINER", "aws/codebuild/amazonlinux-x86_64-standard:5.0"
	if cfg.CPU == "arm64" {
		kind, image = "ARM_CONTAINER", "aws/codebuild/amazonlinux-aarch64-standard:3.0"
	}
	project := awscodebuild.NewCfnProject(p.Stack, jsii.String(id), &awscodebuild.CfnProjectProps{
		Name:             jsii.String(cfg.Name + "-" + id),
		Description:      jsii.String(description),
		ServiceRole:      role.RoleArn(),
		EncryptionKey:    p.Key.KeyArn(),
		Artifacts:        &awscodebuild.CfnProject_ArtifactsProperty{Type: jsii.String("CODEPIPELINE")},
		Source:           &awscodebuild.CfnProject_SourceProperty{Type: jsii.String("CODEPIPELINE"), BuildSpec: jsii.String(spec)},
		TimeoutInMinutes: jsii.Number(90),
		Environment: &awscodebuild.CfnProject_EnvironmentProperty{
			Type: jsii.String(kind), Image: jsii.String(image), ComputeType: jsii.String("BUILD_GENERAL1_MEDIUM"),
			PrivilegedMode: jsii.Bool(deploys),
		},
		LogsConfig: &awscodebuild.CfnProject_LogsConfigProperty{
			CloudWatchLogs: &awscodebuild.CfnProject_CloudWatchLogsConfigProperty{Status: jsii.String("ENABLED"), GroupName: logs.LogGroupName()},
		},
		Cache: &awscodebuild.CfnProject_ProjectCacheProperty{Type: jsii.String("LOCAL"), Modes: jsii.Strings("LOCAL_CUSTOM_CACHE")},
	})
	project.Node().AddDependency(role)
	if deploys {
		accept(project, "AwsSolutions-CB3", "the image is built by Docker, which runs in no unprivileged build")
	}
	return project
}

// bootstrapRole is one of those that `cdk bootstrap` made, under its default qualifier.
func (p *Pipeline) bootstrapRole(name string) *string {
	return p.Stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("iam"), Region: jsii.String(""), Resource: jsii.String("role"),
		ResourceName: jsii.String("cdk-hnb659fds-" + name + "-role-" + *p.Stack.Account() + "-" + *p.Stack.Region()),
	})
}

func testSpec() string {
	return buildSpec(map[string]string{"golang": "latest"}, "make test")
}

// deploySpec deploys with this deployment's options, the architecture always said:
// its default is that of the machine. The image is the one that it builds, and so is the jar.
func deploySpec(cfg config.Config) string {
	build := "make lambda infra/node_modules"
	versions := map[string]string{"golang": "latest", "nodejs": "22"}
	if cfg.Processor.Edition == config.EditionFlink {
		build = "make lambda flink infra/node_modules"
		versions["java"] = "corretto17"
	}
	deploy := []string{"npx cdk deploy --all --require-approval never --ci -c cpu=" + cfg.CPU}
	for _, option := range cfg.Changed() {
		if name, _, _ := strings.Cut(option, "="); name != "image" && name != "cpu" && name != "processor.jar" {
			deploy = append(deploy, "-c "+quoted(option))
		}
	}
	return buildSpec(versions, build, "cd infra && "+strings.Join(deploy, " "))
}

// buildSpec is a build specification; JSON is YAML. Go fetches the version of
// go.mod by itself.
func buildSpec(versions map[string]string, commands ...string) string {
	phases := map[string]any{
		"install": map[string]any{"runtime-versions": versions},
		"build":   map[string]any{"commands": commands},
	}
	text, err := json.MarshalIndent(map[string]any{
		"version": "0.2",
		"env":     map[string]any{"variables": map[string]any{"GOTOOLCHAIN": "auto", "GOMODCACHE": "/go/mod", "GOCACHE": "/go/build"}},
		"phases":  phases,
		"cache":   map[string]any{"paths": []string{"/go/**/*"}},
	}, "", "  ")
	if err != nil {
		panic(err)
	}
	return string(text)
}

// quoted is a word of the shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// useConnection is the permission by the service's name in the connection's ARN,
// which was codestar-connections before 2024.
func useConnection(connection string) string {
	return strings.Split(connection, ":")[2] + ":UseConnection"
}
