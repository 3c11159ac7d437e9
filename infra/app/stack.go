package app

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"taxistream/infra/config"
)

// newStack makes the stack <cfg.Name>-<name>, judged by cdk-nag's rules. It is
// the scope of what it holds; a Go struct that embeds it cannot be, for jsii
// takes only what it made itself.
func newStack(scope constructs.Construct, cfg config.Config, name, description string) awscdk.Stack {
	props := &awscdk.StackProps{
		Description: jsii.String(description),
		Env:         environment(cfg),
		// Nobody deletes a stack by mistake (CloudFormation guide, "Protecting stacks from being deleted").
		TerminationProtection: jsii.Bool(cfg.Protect),
		Tags:                  &map[string]*string{"project": jsii.String("taxistream"), "deployment": jsii.String(cfg.Name)},
	}
	if cfg.Local {
		props.Synthesizer = localSynthesizer()
	}
	stack := awscdk.NewStack(scope, jsii.String(cfg.Name+"-"+name), props)
	awscdk.Aspects_Of(stack).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Verbose: jsii.Bool(true)}), nil)
	return stack
}

// environment is the account of the credentials in use, or none: then the
// templates fit every account.
func environment(cfg config.Config) *awscdk.Environment {
	env := &awscdk.Environment{}
	if account := os.Getenv("CDK_DEFAULT_ACCOUNT"); account != "" {
		env.Account = jsii.String(account)
	}
	if cfg.Region != "" {
		env.Region = jsii.String(cfg.Region)
	}
	return env
}

// removal is what becomes of what cannot be made again, and of the keys without which
// what is left of it cannot be read, when it leaves its stack.
func removal(cfg config.Config) awscdk.RemovalPolicy {
	if cfg.Protect {
		return awscdk.RemovalPolicy_RETAIN
	}
	return awscdk.RemovalPolicy_DESTROY
}

// accountWide is the deployment's name where AWS asks for one that its account has in no
// other region: with the region's.
func accountWide(stack awscdk.Stack, cfg config.Config) *string {
	return awscdk.Fn_Join(jsii.String("-"), &[]*string{jsii.String(cfg.Name), stack.Region()})
}

// accept takes a finding of cdk-nag for this construct and all below it, for a reason.
func accept(construct constructs.IConstruct, rule, reason string) {
	cdknag.NagSuppressions_AddResourceSuppressions(construct, &[]*cdknag.NagPackSuppression{
		{Id: jsii.String(rule), Reason: jsii.String(reason)},
	}, jsii.Bool(true))
}

// output prints a value at the end of a deployment, where other programs find it too.
func output(stack awscdk.Stack, name, description string, value *string) {
	awscdk.NewCfnOutput(stack, jsii.String(name), &awscdk.CfnOutputProps{Value: value, Description: jsii.String(description)})
}
