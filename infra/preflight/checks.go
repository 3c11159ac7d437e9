package preflight

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"taxistream/infra/awscli"
	"taxistream/infra/config"
)

// An account is one in a region, and what is to be deployed there.
type account struct {
	cfg    config.Config
	call   awscli.Call
	region string
	ours   bool // a deployment of this name is there already: its names are its own
}

// checks in the order in which one needs what the one before found.
var checks = []struct {
	name   string
	needed bool // without it the others find nothing
	look   func(context.Context, *account) (string, error)
}{
	{"identity", true, identity},
	{"region", true, region},
	{"services", false, services},
	{"instance types", false, instances},
	{"bootstrap", false, bootstrap},
	{"roles", false, linkedRoles},
	{"shards", false, shards},
	{"networks", false, networks},
	{"vCPUs", false, vcpus},
	{"names", false, namesFree},
}

func identity(ctx context.Context, a *account) (string, error) {
	var who struct{ Account, Arn string }
	if err := a.call.Into(ctx, "who are you", &who, "sts", "get-caller-identity"); err != nil {
		return "", fmt.Errorf("%w: aws configure, or aws sso login, gives credentials", err)
	}
	return who.Arn, nil
}

// region takes the one of the configuration or the CLI's own, which the command prints as plain text.
func region(ctx context.Context, a *account) (string, error) {
	a.region = a.cfg.Region
	if a.region == "" {
		text, err := a.call(ctx, "configure", "get", "region")
		a.region = strings.Trim(strings.TrimSpace(string(text)), `"`)
		if err != nil || a.region == "" {
			return "", errors.New("none is configured: aws configure set region us-east-1, or -c region=")
		}
	}
	text, err := a.call(ctx, "cloudformation", "describe-stacks", "--stack-name", a.cfg.Name+"-Stream", "--query", "Stacks[0].StackStatus")
	if err != nil && !awscli.NotThere(err) {
		return "", fmt.Errorf("look for stack %s-Stream: %w", a.cfg.Name, err)
	}
	a.ours = err == nil
	if status := string(text); a.ours && strings.Contains(status, "ROLLBACK_COMPLETE") && !strings.Contains(status, "UPDATE") {
		return "", fmt.Errorf("stack %s-Stream failed when it was made: cd infra && npx cdk destroy it, then deploy again", a.cfg.Name)
	}
	return a.region, nil
}

// services are known by Systems Manager's public parameters, region by region (its guide,
// "Calling AWS service, Region, endpoint, Availability Zone ... public parameters").
func services(ctx context.Context, a *account) (string, error) {
	var there []string
	path := "/aws/service/global-infrastructure/regions/" + a.region + "/services"
	err := a.call.Into(ctx, "list the region's services", &there, "ssm", "get-parameters-by-path", "--path", path, "--query", "Parameters[].Value")
	if err != nil {
		return "", err
	}
	needed := []string{"kinesis", "es", "cognito-idp", "cognito-identity", "ecs", "lambda"}
	if a.cfg.Processor.Edition == config.EditionFlink {
		needed = append(needed, "kinesisanalytics")
	}
	if a.cfg.Archive.On {
		needed = append(needed, "firehose", "athena", "glue")
	}
	if a.cfg.Search.WAF || a.cfg.Search.AllowCIDR != "" {
		needed = append(needed, "wafv2")
	}
	needed = slices.DeleteFunc(needed, func(s string) bool { return slices.Contains(there, s) })
	if len(needed) > 0 {
		return "", fmt.Errorf("%s has no %s: choose another region, or leave out what needs it (archive.on, search.waf, processor.edition)", a.region, strings.Join(needed, ", "))
	}
	return "all that is needed", nil
}

func instances(ctx context.Context, a *account) (string, error) {
	wanted := []string{a.cfg.Search.Instance}
	if a.cfg.Search.Masters != "" {
		wanted = append(wanted, a.cfg.Search.Masters)
	}
	for _, kind := range wanted {
		var there []string
		err := a.call.Into(ctx, "look for "+kind, &there, "opensearch", "list-instance-type-details", "--engine-version", "OpenSearch_2.19",
			"--instance-type", kind, "--query", "InstanceTypeDetails[].InstanceType")
		if err != nil {
			return "", err
		}
		if !slices.Contains(there, kind) {
			return "", fmt.Errorf("%s has no %s: aws opensearch list-instance-type-details --engine-version OpenSearch_2.19 lists what it has; -c search.instance=, search.masters=", a.region, kind)
		}
	}
	return strings.Join(wanted, ", "), nil
}

// leastBootstrap is what the CDK's synthesizer asks for, as the manifest of every synthesis says.
const leastBootstrap = 8

func bootstrap(ctx context.Context, a *account) (string, error) {
	const remedy = "cd infra && npx cdk bootstrap"
	var version string
	err := a.call.Into(ctx, "look for the CDK's bootstrap", &version, "ssm", "get-parameter", "--name", "/cdk-bootstrap/hnb659fds/version", "--query", "Parameter.Value")
	if awscli.NotThere(err) {
		return "", errors.New("account and region are not bootstrapped: " + remedy)
	} else if err != nil {
		return "", err
	}
	if n, err := strconv.Atoi(version); err != nil || n < leastBootstrap {
		return "", fmt.Errorf("the bootstrap's version is %s, %d is needed: %s", version, leastBootstrap, remedy)
	}
	return "version " + version, nil
}

// linkedRoles makes those that are missing: ECS refuses an account's first cluster while its
// own is being made, and OpenSearch Service a domain in a VPC without it (their guides, "Using
// service-linked roles").
func linkedRoles(ctx context.Context, a *account) (string, error) {
	roles := []struct{ name, service string }{{"AWSServiceRoleForECS", "ecs.amazonaws.com"}}
	if a.cfg.Search.VPC {
		roles = append(roles, struct{ name, service string }{"AWSServiceRoleForAmazonOpenSearchService", "opensearchservice.amazonaws.com"})
	}
	var said []string
	for _, r := range roles {
		err := a.call.Do(ctx, "look for "+r.name, "iam", "get-role", "--role-name", r.name)
		if awscli.NotThere(err) {
			err = a.call.Do(ctx, "make "+r.name, "iam", "create-service-linked-role", "--aws-service-name", r.service)
			said = append(said, r.name+" was made")
		} else {
			said = append(said, r.name)
		}
		if err != nil {
			return "", fmt.Errorf("%w: somebody who may runs aws iam create-service-linked-role --aws-service-name %s", err, r.service)
		}
	}
	return strings.Join(said, ", "), nil
}
