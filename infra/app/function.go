package app

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"taxistream/infra/config"
)

// goFunction is the Lambda function that `make lambda` built from
// infra/lambda/<name>, in the VPC where there is a shared one. Its role may write its own
// logs; the caller allows the rest.
func goFunction(stack awscdk.Stack, id, name, description string, cfg config.Config, timeout awscdk.Duration, environment map[string]*string, shared *network) awslambda.Function {
	logs := awslogs.NewLogGroup(stack, jsii.String(id+"Logs"), &awslogs.LogGroupProps{
		Retention:     awslogs.RetentionDays_ONE_MONTH,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	role := awsiam.NewRole(stack, jsii.String(id+"Role"), &awsiam.RoleProps{
		Description: jsii.String(description),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	role.AddToPolicy(allow(nil, logs.LogGroupArn(), "logs:CreateLogStream", "logs:PutLogEvents"))
	accept(role, "AwsSolutions-IAM5", "the streams of one log group")
	props := &awslambda.FunctionProps{
		Description:  jsii.String(description),
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: architecture(cfg),
		Handler:      jsii.String("bootstrap"),
		Code:         awslambda.Code_FromAsset(jsii.String(functionFolder(name)), nil),
		Role:         role,
		LogGroup:     logs,
		MemorySize:   jsii.Number(128),
		Timeout:      timeout,
		Environment:  &environment,
	}
	if shared != nil {
		shared.takeIn(stack, role, props)
	}
	return awslambda.NewFunction(stack, jsii.String(id), props)
}

func architecture(cfg config.Config) awslambda.Architecture {
	if cfg.CPU == "arm64" {
		return awslambda.Architecture_ARM_64()
	}
	return awslambda.Architecture_X86_64()
}

// functionFolder panics where the program is not built yet: Main says so in one line.
func functionFolder(name string) string {
	folder := filepath.Join(repository(), "bin", "lambda", name)
	if _, err := os.Stat(filepath.Join(folder, "bootstrap")); err != nil {
		panic("bin/lambda/" + name + "/bootstrap is not there: make lambda")
	}
	return folder
}

// checkFunctions finds functions that were built for another architecture than theirs,
// which Lambda would take and not run. LocalStack's are left out of the deployment.
func checkFunctions(cfg config.Config) error {
	files, err := filepath.Glob(filepath.Join(repository(), "bin", "lambda", "*", "bootstrap"))
	if err != nil || cfg.Local {
		return err
	}
	for _, file := range files {
		if err := checkBuilt(file, cfg.CPU); err != nil {
			return err
		}
	}
	return nil
}

// checkBuilt looks for which architecture a program is.
func checkBuilt(file, cpu string) error {
	name := "bin/lambda/" + filepath.Base(filepath.Dir(file)) + "/bootstrap"
	program, err := elf.Open(file)
	if err != nil {
		return fmt.Errorf("%s is no Linux program (%w): make lambda", name, err)
	}
	defer func() { _ = program.Close() }() // only read
	if want := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[cpu]; program.Machine != want {
		return fmt.Errorf("%s is for %v, the functions are to be %s: GOARCH=%s make lambda", name, program.Machine, cpu, cpu)
	}
	return nil
}

// repository is the folder with go.mod, above the one that the app runs in.
func repository() string {
	folder, err := filepath.Abs(".")
	for err == nil && folder != filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		folder = filepath.Dir(folder)
	}
	panic("no go.mod above the current folder: run cdk in infra/")
}
