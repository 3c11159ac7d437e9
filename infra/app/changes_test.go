//go:build infra

package app

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"taxistream/infra/config"
)

// createOnly gives the properties of a type that no update changes, but a replacement, by
// the schemas of CloudFormation that cfn-lint brings along.
func createOnly(t *testing.T, types map[string]bool) map[string][]string {
	t.Helper()
	const script = `
import json, sys
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER as schemas
all = {}
for kind in sys.argv[1:]:
    s = schemas.get_resource_schema("us-east-1", kind).schema
    all[kind] = (s.get("createOnlyProperties") or []) + (s.get("conditionalCreateOnlyProperties") or [])
print(json.dumps(all))`
	args := []string{"-c", script}
	for kind := range types {
		args = append(args, kind)
	}
	var all map[string][]string
	for _, python := range []string{"python3", filepath.Join(repository(), "bin", "venv", "bin", "python3")} {
		out, err := exec.Command(python, args...).Output()
		if err == nil && json.Unmarshal(out, &all) == nil {
			return all
		}
	}
	t.Fatal("no Python here has cfn-lint: make test-infra installs it")
	return nil
}

// rebuilt are types of which a replacement loses nothing and stops nothing: what is new
// is made first, and what refers to the old one is told.
var rebuilt = []string{
	"AWS::ECS::TaskDefinition", "AWS::Lambda::", "AWS::IAM::", "AWS::EC2::Route", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress",
	"AWS::EC2::NatGateway", "AWS::EC2::EIP", "AWS::EC2::VPCEndpoint", "AWS::EC2::FlowLog", "AWS::CloudWatch::", "AWS::SNS::", "AWS::WAFv2::",
	"AWS::Cognito::UserPoolClient", "AWS::EC2::SubnetRouteTableAssociation", "AWS::Chatbot::", "AWS::Budgets::", "AWS::Athena::NamedQuery",
	"AWS::IoT::", "AWS::Logs::ResourcePolicy", "AWS::CloudTrail::", "AWS::CodeBuild::", "AWS::CodePipeline::", "AWS::ElasticLoadBalancingV2::Listener",
	"AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::S3::BucketPolicy", "Custom::",
}

// replacedBy lists what of the first deployment the second one replaces, as "type ID".
func replacedBy(t *testing.T, before, after *deployment) map[string]string {
	t.Helper()
	types := map[string]bool{}
	pairs := map[string][2]resource{}
	for stack, tmpl := range before.Stacks {
		for _, old := range tmpl.resources("") {
			for _, now := range after.Stacks[stack].resources(old.Type) {
				if now.ID == old.ID && !harmless(old.Type) {
					types[old.Type] = true
					pairs[stack+" "+old.ID] = [2]resource{old, now}
				}
			}
		}
	}
	fixed := createOnly(t, types)
	replaced := map[string]string{}
	for _, pair := range pairs {
		for _, pointer := range fixed[pair[0].Type] {
			path := strings.Split(strings.TrimPrefix(pointer, "/properties/"), "/")
			if was, is := at(pair[0].Properties, path), at(pair[1].Properties, path); !reflect.DeepEqual(was, is) {
				replaced[pair[0].Type] = pair[0].ID + "." + strings.Join(path, ".")
			}
		}
	}
	return replaced
}

// harmless tells whether a replacement of the type matters to nobody.
func harmless(kind string) bool {
	for _, prefix := range rebuilt {
		if strings.HasPrefix(kind, prefix) {
			return true
		}
	}
	return false
}

func at(properties map[string]any, path []string) any {
	var v any = properties
	for _, name := range path {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}

// replacing are the options that say that they replace something, another value of each,
// and the type of what it is.
var replacing = map[string]struct{ value, kind string }{
	"stream.name":    {"other", "AWS::Kinesis::Stream"},
	"search.own-key": {"false", "AWS::OpenSearchService::Domain"},
	"network.cidr":   {"10.1.0.0/22", "AWS::EC2::VPC"},
	"fan-out.name":   {"other", "AWS::Kinesis::StreamConsumer"},
	"room.internal":  {"true", "AWS::ElasticLoadBalancingV2::LoadBalancer"},
}

// others are another value of each option that is changed in place, of those that reach
// the templates.
var others = map[string]string{
	"image": "example.test/taxistream:2", "protect": "true", "stream.retention-hours": "48",
	"search.instance": "r7g.large.search", "search.nodes": "3", "search.zones": "3", "search.masters": "m7g.medium.search", "search.volume-gb": "30",
	"search.allow-cidr": "203.0.113.0/24", "search.waf": "true", "search.mfa": "false", "search.operators": "arn:aws:iam::123456789012:role/x",
	"search.keep-months": "3", "search.log-days": "60", "search.slow-seconds": "1", "search.from": "now-1h", "search.to": "now-1m",
	"network.flow-logs": "true", "processor.size": "large", "processor.flags": "-p 2", "processor.insights": "true", "processor.log-days": "60",
	"processor.checkpoint-days": "3", "producer.source": "s3://trips/x", "producer.speedup": "60", "producer.size": "large",
	"watch.email": "other@example.org", "watch.slack-workspace": "T2", "watch.slack-channel": "C2", "watch.runbooks": "https://example.org/r",
	"watch.budget-dollars": "7", "watch.lag-seconds": "100", "watch.stalled-seconds": "400", "watch.ahead-seconds": "100", "watch.late-percent": "2",
	"watch.checkpoint-age": "100", "watch.kpus": "4", "archive.buffer-mb": "100", "archive.buffer-seconds": "100", "archive.infrequent-days": "40", "archive.glacier-days": "100",
	"archive.expire-days": "400", "archive.result-days": "9", "archive.scan-limit-gb": "3", "archive.first-date": "2012-01-01",
	"telemetry.topic": "cabs/+/x", "trail.keep-days": "30", "pipeline.branch": "other", "pipeline.approval": "false", "pipeline.repository": "owner/other",
	"pipeline.connection": "arn:aws:codeconnections:us-east-1:123456789012:connection/11111111-89ab-cdef-0123-456789abcdef",
	"scaling.least":       "2", "scaling.greatest": "32", "scaling.up-percent": "80", "scaling.down-percent": "20", "scaling.cooldown-minutes": "20",
	"room.forward": "true", "room.domain": "other.example.org",
	"room.certificate": "arn:aws:acm:us-east-1:123456789012:certificate/11111111-0000-0000-0000-000000000000",
}

// What the options say of a change holds: all that are changed in place, at once, replace
// nothing that anybody would miss; each of the others replaces what it says. Shards,
// architecture, index prefix and the network's mode say more, and replace nothing either.
func TestChangeColumn(t *testing.T) {
	base := map[string]any{}
	cfg := everything()
	for _, option := range cfg.Changed() {
		key, value, _ := strings.Cut(option, "=")
		base[key] = value
	}
	for key, value := range map[string]any{
		"network.mode": "endpoints", "room.on": true, "room.domain": "room.example.org",
		"room.certificate": "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000",
	} {
		base[key] = value
	}
	place, replace := map[string]any{}, map[string]any{}
	for key, value := range base {
		place[key], replace[key] = value, value
	}
	for _, o := range config.Options() {
		value, inPlace := others[o.Key]
		replaces, says := replacing[o.Key]
		switch {
		case strings.HasPrefix(o.Change, "replaces") != says:
			t.Errorf("%s says %q: is it in replacing?", o.Key, o.Change)
		case says:
			replace[o.Key] = replaces.value
		case o.Change == config.InPlace && !inPlace && !strings.HasPrefix(o.Key, "assume.") && o.Key != "cpu":
			t.Errorf("%s has no other value here", o.Key)
		case inPlace:
			place[o.Key] = value
		}
	}
	place["stream.shards"], place["cpu"], place["processor.index-prefix"], place["network.mode"] = 16, "arm64", "v2-", "public"
	before := synthesize(t, loaded(t, base))
	for kind, what := range replacedBy(t, before, synthesize(t, loaded(t, place))) {
		t.Errorf("a change in place replaces %s: %s", kind, what)
	}
	got := replacedBy(t, before, synthesize(t, loaded(t, replace)))
	for key, r := range replacing {
		if got[r.kind] == "" {
			t.Errorf("%s says that it replaces %s, and does not", key, r.kind)
		}
		delete(got, r.kind)
	}
	for kind, what := range got {
		if kind != "AWS::EC2::Subnet" && kind != "AWS::EC2::SecurityGroup" && kind != "AWS::EC2::RouteTable" && kind != "AWS::EC2::VPCGatewayAttachment" {
			t.Errorf("%s is replaced, and no option says so: %s", kind, what)
		}
	}
}

func loaded(t *testing.T, values map[string]any) config.Config {
	t.Helper()
	cfg, err := config.Load(values)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}
