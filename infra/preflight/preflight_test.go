package preflight

import (
	"context"
	"errors"
	"strings"
	"testing"

	"taxistream/infra/config"
)

// healthy answers each command by its beginning as an account in which all is well; "!"
// begins a failure. The forms are those of the AWS CLI's reference.
var healthy = map[string]string{
	"sts get-caller-identity":                                 `{"Account":"123456789012","Arn":"arn:aws:iam::123456789012:user/me"}`,
	"configure get region":                                    "eu-west-1\n",
	"cloudformation describe-stacks":                          "!aws: An error occurred (ValidationError): Stack with id TaxiStream-Stream does not exist",
	"ssm get-parameters-by-path":                              `["kinesis","es","cognito-idp","cognito-identity","ecs","lambda","firehose","athena","glue","wafv2"]`,
	"opensearch list-instance-type-details":                   `["m7g.medium.search"]`,
	"ssm get-parameter --name":                                `"21"`,
	"iam get-role":                                            `{}`,
	"iam create-service-linked-role":                          `{}`,
	"kinesis describe-limits":                                 `{"ShardLimit":500,"OpenShardCount":3,"OnDemandStreamCount":0,"OnDemandStreamCountLimit":50}`,
	"service-quotas get-service-quota --service-code vpc":     `5.0`,
	"service-quotas get-service-quota --service-code fargate": `6.0`,
	"ec2 describe-vpcs":                                       `1`,
	"kinesis describe-stream-summary":                         "!aws: An error occurred (ResourceNotFoundException): Stream taxi-trip-events under account 123456789012 not found.",
	"opensearch describe-domain":                              "!aws: An error occurred (ResourceNotFoundException): Domain not found: taxistream",
	"athena get-work-group":                                   "!aws: An error occurred (InvalidRequestException): WorkGroup TaxiStream is not found.",
}

// look runs every check in an account, healthy but for the changes, and gives what they
// say and what was called.
func look(t *testing.T, cfg config.Config, changes map[string]string) (said map[string]string, calls []string) {
	t.Helper()
	a := &account{cfg: cfg, call: func(_ context.Context, args ...string) ([]byte, error) {
		call := strings.Join(args, " ")
		calls = append(calls, call)
		answer, known := answerTo(call, changes)
		if !known {
			answer, known = answerTo(call, healthy)
		}
		if !known {
			return nil, errors.New("unexpected: " + call)
		}
		if text, failed := strings.CutPrefix(answer, "!"); failed {
			return nil, errors.New(text)
		}
		return []byte(answer), nil
	}}
	said = map[string]string{}
	for _, c := range checks {
		found, err := c.look(t.Context(), a)
		if said[c.name] = found; err != nil {
			said[c.name] = "no: " + err.Error()
		}
	}
	return said, calls
}

// answerTo is the one with the longest beginning of the call.
func answerTo(call string, answers map[string]string) (answer string, known bool) {
	best := 0
	for begins, text := range answers {
		if strings.HasPrefix(call, begins) && len(begins) > best {
			answer, known, best = text, true, len(begins)
		}
	}
	return answer, known
}

// The edition flink needs its service, and of Fargate the producer's CPU alone.
func TestChecks_Flink(t *testing.T) {
	cfg := config.Default()
	cfg.Processor.Edition, cfg.Processor.Size = config.EditionFlink, "2xlarge"
	said, _ := look(t, cfg, nil)
	if !strings.Contains(said["services"], "has no kinesisanalytics") || !strings.Contains(said["services"], "processor.edition") || !strings.HasPrefix(said["vCPUs"], "0.5, of 6") {
		t.Errorf("services %q, vCPUs %q", said["services"], said["vCPUs"])
	}
	said, _ = look(t, cfg, map[string]string{"ssm get-parameters-by-path": strings.Replace(healthy["ssm get-parameters-by-path"], `"es"`, `"es","kinesisanalytics"`, 1)})
	if said["services"] != "all that is needed" {
		t.Errorf("services %q", said["services"])
	}
}

func TestChecks(t *testing.T) {
	said, calls := look(t, config.Default(), nil)
	for name, text := range said {
		if strings.HasPrefix(text, "no: ") || text == "" {
			t.Errorf("%s in a healthy account: %q", name, text)
		}
	}
	for _, call := range calls {
		if strings.Contains(call, "create") {
			t.Errorf("in a healthy account it made something: %s", call)
		}
	}
}

// Each thing that is not so is told with its remedy, and hides no other.
func TestChecks_Refuse(t *testing.T) {
	vpc := config.Default()
	vpc.Search.VPC = true
	for _, test := range []struct {
		name, begins, answer string
		cfg                  config.Config
		check, want          string
	}{
		{"NoCredentials", "sts", "!aws: Unable to locate credentials", config.Default(), "identity", "aws configure"},
		{"NoRegion", "configure", "!", config.Default(), "region", "aws configure set region"},
		{"Failed", "cloudformation", `"ROLLBACK_COMPLETE"`, config.Default(), "region", "npx cdk destroy it"},
		{"NoFirehose", "ssm get-parameters-by-path", `["kinesis","es","cognito-idp","cognito-identity","ecs","lambda","athena","glue"]`, config.Default(), "services", "eu-west-1 has no firehose"},
		{"NoInstance", "opensearch list-instance", `[]`, config.Default(), "instance types", "no m7g.medium.search: aws opensearch list-instance-type-details"},
		{"NotBootstrapped", "ssm get-parameter --name", "!aws: An error occurred (ParameterNotFound)", config.Default(), "bootstrap", "npx cdk bootstrap"},
		{"OldBootstrap", "ssm get-parameter --name", `"6"`, config.Default(), "bootstrap", "version is 6, 8 is needed"},
		{"NoRightToMake", "iam", "!aws: An error occurred (AccessDenied)", config.Default(), "roles", "--aws-service-name ecs.amazonaws.com"},
		{"NoRightToMakeSearch", "iam get-role --role-name AWSServiceRoleForAmazonOpenSearchService", "!aws: AccessDenied", vpc, "roles", "opensearchservice.amazonaws.com"},
		{"Shards", "kinesis describe-limits", `{"ShardLimit":10,"OpenShardCount":6}`, config.Default(), "shards", "4 of 10 shards are free, 8 are wanted: -c stream.shards=4"},
		{"Networks", "ec2 describe-vpcs", `5`, config.Default(), "networks", "has 5 VPCs and may have 5"},
		{"VCPUs", "service-quotas get-service-quota --service-code fargate", `0.5`, config.Default(), "vCPUs", "need 1 vCPUs of Fargate, the account may have 0.5"},
		{"Stream", "kinesis describe-stream-summary", `{}`, config.Default(), "names", "stream taxi-trip-events is there already"},
		{"Domain", "opensearch describe-domain", `{}`, config.Default(), "names", "domain taxistream is there already, of something else: -c name="},
		{"NoRightToLook", "athena", "!aws: AccessDenied", config.Default(), "names", "AccessDenied"},
	} {
		t.Run(test.name, func(t *testing.T) {
			said, _ := look(t, test.cfg, map[string]string{test.begins: test.answer})
			for name, text := range said {
				if got := strings.HasPrefix(text, "no: "); got != (name == test.check) {
					t.Errorf("%s: %q", name, text)
				}
			}
			if !strings.Contains(said[test.check], test.want) {
				t.Errorf("%s: %q, want %q", test.check, said[test.check], test.want)
			}
		})
	}
}

// A role that is missing is made; a deployment that is there has its own names and shards.
func TestChecks_MakeAndKnow(t *testing.T) {
	said, calls := look(t, config.Default(), map[string]string{"iam get-role": "!aws: An error occurred (NoSuchEntity)"})
	if said["roles"] != "AWSServiceRoleForECS was made" || !strings.Contains(strings.Join(calls, "\n"), "create-service-linked-role --aws-service-name ecs.amazonaws.com") {
		t.Errorf("%q, %q", said["roles"], calls)
	}
	said, _ = look(t, config.Default(), map[string]string{
		"cloudformation": `"UPDATE_ROLLBACK_COMPLETE"`, "kinesis describe-stream-summary": `{}`, "kinesis describe-limits": `{"ShardLimit":8,"OpenShardCount":8}`, "ec2 describe-vpcs": `5`,
	})
	for name, text := range said {
		if strings.HasPrefix(text, "no: ") {
			t.Errorf("%s over a deployment: %q", name, text)
		}
	}
}
