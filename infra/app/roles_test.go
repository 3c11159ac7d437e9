//go:build infra

package app

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"taxistream/infra/calls"
	"taxistream/internal/names"
)

// unrecorded is what the roles allow beyond the recorded calls, and why it is
// needed all the same: nothing may be here that is not granted, and the reverse.
var unrecorded = map[string]map[string]string{
	names.Producer: {
		"kms:GenerateDataKey the stream's key": "on behalf of Kinesis, which encrypts what is put under the stream's key; LocalStack does not ask",
	},
	names.Processor: {
		"kinesis:DescribeStreamConsumer stream/taxi-trip-events":                        fanOutCalls,
		"kinesis:RegisterStreamConsumer stream/taxi-trip-events":                        fanOutCalls,
		"kinesis:DescribeStreamConsumer stream/taxi-trip-events/consumer/processor:*":   fanOutCalls,
		"kinesis:SubscribeToShard stream/taxi-trip-events/consumer/processor:*":         fanOutCalls,
		"kinesis:DeregisterStreamConsumer stream/taxi-trip-events/consumer/processor:*": fanOutCalls,
		"kms:Decrypt the stream's key":                                                  "on behalf of Kinesis, which decrypts what is read under the stream's key; LocalStack does not ask",
	},
}

// fanOutCalls are not those of the recorded run, which polls.
const fanOutCalls = "with -consumer fan-out"

// A role is the one of a program's task, as a deployment has it.
type role struct {
	resolver
	statements []calls.Statement
	command    []string
}

// Each call that the integration run recorded is allowed, and what else is
// allowed stands in unrecorded: in the ordinary deployment, and in one with other
// places for everything, whose trips come from a bucket.
func TestRoles(t *testing.T) {
	for name, d := range map[string]*deployment{"ordinary": synthesized(t), "otherwise": otherwise(t)} {
		for _, program := range []string{names.Producer, names.Processor} {
			t.Run(name+"/"+program, func(t *testing.T) {
				r := roleOf(t, d, program)
				record, err := calls.Load(filepath.Join("testdata", "calls-"+program+".json"))
				if err != nil {
					t.Fatal(err)
				}
				compareGrants(t, program, r, r.allowAll(t, record.Calls))
			})
		}
	}
}

// allowAll fails the test where a recorded call is not allowed, and gives the grants that were needed.
func (r *role) allowAll(t *testing.T, record []calls.Call) (used map[string]bool) {
	t.Helper()
	used = map[string]bool{}
	for _, recorded := range record {
		if strings.HasPrefix(recorded.Resource, calls.TripBucket) && !strings.HasPrefix(r.flag("-source"), "s3://") {
			continue // these trips are in no bucket
		}
		c := r.deployed(recorded)
		by, ok := calls.Allowed(r.statements, c, r.region, r.account)
		if !ok {
			t.Errorf("the task may not %s %s (context %v), which the program does. %s", c.Action, c.ARN(r.region, r.account), c.Context, c.Because)
		}
		for _, i := range by {
			used[r.grantOf(r.statements[i], c)] = true
		}
	}
	return used
}

// compareGrants holds what is allowed and was not needed against unrecorded, both ways.
func compareGrants(t *testing.T, program string, r *role, used map[string]bool) {
	t.Helper()
	listed := map[string]bool{}
	for _, s := range r.statements {
		for _, g := range grants(s) {
			text := r.recorded(g)
			switch reason := unrecorded[program][text]; {
			case used[g] && reason != "":
				t.Errorf("%s stands in unrecorded, and a recorded call needs it: take it out", text)
			case !used[g] && reason == "":
				t.Errorf("%s is allowed, and no recorded call needs it: take it away, or give the reason in unrecorded", text)
			}
			listed[text] = true
		}
	}
	for text := range unrecorded[program] {
		if !listed[text] && (unrecorded[program][text] != fanOutCalls || r.flag("-consumer") == "fan-out") {
			t.Errorf("%s stands in unrecorded, and the role does not allow it", text)
		}
	}
}

// grants are the pairs of action and resource of a statement that allows.
func grants(s calls.Statement) []string {
	var all []string
	for _, action := range s.Actions {
		for _, resource := range s.Resources {
			if s.Effect == "Allow" {
				all = append(all, action+" "+resource)
			}
		}
	}
	return all
}

// grantOf is the one by which a statement allows a call.
func (r *role) grantOf(s calls.Statement, c calls.Call) string {
	for _, action := range s.Actions {
		for _, resource := range s.Resources {
			one := s
			one.Actions, one.Resources = []string{action}, []string{resource}
			if _, ok := calls.Allowed([]calls.Statement{one}, c, r.region, r.account); ok {
				return action + " " + resource
			}
		}
	}
	return ""
}

// roleOf reads the role and the command of the task in a program's stack.
func roleOf(t *testing.T, d *deployment, program string) *role {
	t.Helper()
	stack := strings.ToUpper(program[:1]) + program[1:]
	r := &role{resolver: resolver{d.Stacks, "us-east-1", "123456789012"}}
	if d.Config.Region != "" {
		r.region = d.Config.Region
	}
	tasks := d.Stacks[stack].resources("AWS::ECS::TaskDefinition")
	if len(tasks) != 1 {
		t.Fatalf("%s has %d task definitions, want 1", stack, len(tasks))
	}
	id := tasks[0].Properties["TaskRoleArn"].(map[string]any)["Fn::GetAtt"].([]any)[0].(string)
	if of := r.resource(stack, id)["Properties"].(map[string]any); of["ManagedPolicyArns"] != nil || of["Policies"] != nil {
		t.Fatalf("%s has policies that this test does not read", id)
	}
	for _, p := range d.Stacks[stack].resources("AWS::IAM::Policy") {
		if !slices.ContainsFunc(p.Properties["Roles"].([]any), func(ref any) bool { return ref.(map[string]any)["Ref"] == id }) {
			continue
		}
		document, err := r.value(stack, p.Properties["PolicyDocument"])
		if err != nil {
			t.Fatalf("%s: %v", p.ID, err)
		}
		statements, err := calls.Statements(document.(map[string]any))
		if err != nil {
			t.Fatalf("%s: %v", p.ID, err)
		}
		r.statements = append(r.statements, statements...)
	}
	command, err := r.value(stack, tasks[0].Properties["ContainerDefinitions"].([]any)[0].(map[string]any)["Command"])
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range command.([]any) {
		r.command = append(r.command, fmt.Sprint(word))
	}
	return r
}

// flag is the value of a flag of the task's command, "" without it.
func (r *role) flag(name string) string {
	if i := slices.Index(r.command, name); i >= 0 && i+1 < len(r.command) {
		return r.command[i+1]
	}
	return ""
}

// pairs are a record's placeholders and what the task's command puts there.
func (r *role) pairs() []string {
	state, prefix, _ := strings.Cut(strings.TrimPrefix(r.flag("-checkpoint-dir"), "s3://"), "/")
	trips, source, _ := strings.Cut(strings.TrimPrefix(r.flag("-source"), "s3://"), "/")
	host, _, _ := strings.Cut(strings.TrimPrefix(r.flag("-opensearch-endpoint"), "https://"), ".")
	return []string{
		calls.StreamName, r.flag("-stream"), calls.StateBucket, state, calls.StatePrefix, prefix + "/",
		calls.TripBucket, trips, calls.TripPrefix, source, calls.DomainName, host, calls.IndexPrefix, r.flag("-index-prefix"),
	}
}

// deployed is a recorded call with the deployment's names.
func (r *role) deployed(c calls.Call) calls.Call {
	names := strings.NewReplacer(r.pairs()...)
	c.Resource = names.Replace(c.Resource)
	context := map[string]string{}
	for name, value := range c.Context {
		context[name] = names.Replace(value)
	}
	c.Context = context
	return c
}

// recorded is a grant as a person reads it in unrecorded.
func (r *role) recorded(grant string) string {
	action, arn, _ := strings.Cut(grant, " ")
	parts := strings.SplitN(arn, ":", 6)
	return action + " " + strings.Replace(parts[len(parts)-1], "key/stream-key961b73fd", "the stream's key", 1)
}
