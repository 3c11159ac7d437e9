package replay

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// account is an AWS account as the CLI shows it: an answer for the beginning of
// each command, and what was called.
type account struct {
	answers map[string]string
	calls   []string
}

func (a *account) run(_ context.Context, args ...string) ([]byte, error) {
	call := strings.Join(args, " ")
	a.calls = append(a.calls, call)
	for begins, answer := range a.answers {
		if strings.HasPrefix(call, begins) {
			if text, failed := strings.CutPrefix(answer, "!"); failed {
				return nil, errors.New(text)
			}
			return []byte(answer), nil
		}
	}
	return nil, errors.New("unexpected: " + call)
}

const (
	processorStack = "cloudformation describe-stacks --stack-name TaxiStream-Processor"
	producerStack  = "cloudformation describe-stacks --stack-name TaxiStream-Producer"
)

// deployed is an account in which all is well, but for the changes.
func deployed(changes map[string]string) *account {
	a := &account{answers: map[string]string{
		processorStack:                 `[{"OutputKey":"ClusterName","OutputValue":"C"},{"OutputKey":"Subnets","OutputValue":"s-1,s-2"},{"OutputKey":"SecurityGroup","OutputValue":"sg"},{"OutputKey":"PublicAddress","OutputValue":"ENABLED"}]`,
		producerStack:                  `[{"OutputKey":"TaskDefinition","OutputValue":"arn:T:1"},{"OutputKey":"LogGroup","OutputValue":"L"}]`,
		"ecs list-tasks":               `[]`,
		"ecs describe-task-definition": `["producer","-stream","S","-source","generate:2016-01-05","-speedup","1440"]`,
		"ecs run-task":                 `{"tasks":[{"taskArn":"arn:task"}],"failures":[]}`,
	}}
	for begins, answer := range changes {
		a.answers[begins] = answer
	}
	return a
}

func TestStart(t *testing.T) {
	const place = `ecs run-task --cluster C --task-definition arn:T:1 --launch-type FARGATE --count 1 --propagate-tags TASK_DEFINITION ` +
		`--network-configuration {"awsvpcConfiguration":{"subnets":["s-1","s-2"],"securityGroups":["sg"],"assignPublicIp":"ENABLED"}}`
	for _, test := range []struct {
		name string
		o    options
		want string // the last call
	}{
		{"as deployed", options{}, place},
		{
			"another source",
			options{source: "generate:2016-01-06", speedup: "60"},
			place + ` --overrides {"containerOverrides":[{"command":["producer","-stream","S","-source","generate:2016-01-06","-speedup","60"],"name":"producer"}]}`,
		},
		{
			"further flags",
			options{more: []string{"-until", "2016-01-05T12:00"}},
			place + ` --overrides {"containerOverrides":[{"command":["producer","-stream","S","-source","generate:2016-01-05","-speedup","1440","-until","2016-01-05T12:00"],"name":"producer"}]}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := deployed(nil)
			test.o.name = "TaxiStream"
			got, err := start(t.Context(), a.run, test.o)
			if err != nil || got != (task{"arn:task", "C", "L"}) {
				t.Errorf("got %v, %v", got, err)
			}
			if last := a.calls[len(a.calls)-1]; last != test.want {
				t.Errorf("called %s\nwant   %s", last, test.want)
			}
		})
	}
}

// Whatever is missing is said, and no task is started.
func TestStartRefuses(t *testing.T) {
	for _, test := range []struct{ name, begins, answer, want string }{
		{"nothing deployed", processorStack, "!aws: Stack with id TaxiStream-Processor does not exist", "there is no stack TaxiStream-Processor in this account and region: cd infra && npx cdk deploy --all makes it"},
		{"no producer", producerStack, "!aws: Stack with id TaxiStream-Producer does not exist", "there is no stack TaxiStream-Producer"},
		{"no credentials", processorStack, "!aws: Unable to locate credentials", "read the outputs of TaxiStream-Processor: aws: Unable to locate credentials"},
		{"a stack that failed", processorStack, "null", "stack TaxiStream-Processor has no output ClusterName"},
		{"not JSON", producerStack, "x", "read the outputs of TaxiStream-Producer: invalid character"},
		{"a producer runs", "ecs list-tasks", `["arn:other"]`, "a producer runs already, and one at a time writes a stream: wait for its end, or aws ecs stop-task --cluster C --task arn:other"},
		{"no right to list", "ecs list-tasks", "!aws: AccessDenied", "list the tasks of C: aws: AccessDenied"},
		{"no room", "ecs run-task", `{"tasks":[],"failures":[{"reason":"Capacity is unavailable at this time"}]}`, "start the task: ECS refuses: Capacity is unavailable at this time"},
		{"no task", "ecs run-task", `{}`, "ECS names none"},
		{"no right to run", "ecs run-task", "!aws: AccessDenied", "start the task: aws: AccessDenied"},
		{"no definition", "ecs describe-task-definition", "!aws: gone", "read the task definition: aws: gone"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := deployed(map[string]string{test.begins: test.answer})
			_, err := start(t.Context(), a.run, options{name: "TaxiStream", speedup: "1"})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			for _, call := range a.calls {
				if strings.HasPrefix(call, "ecs run-task") && test.begins != "ecs run-task" {
					t.Errorf("started all the same: %s", call)
				}
			}
		})
	}
}

// The real CLI is called by its name, with the region; its last line is the error.
func TestMain_CLI(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("PATH", folder)
	var out bytes.Buffer
	if status := Main(t.Context(), nil, &out, &out); status != 1 || !strings.Contains(out.String(), "infra replay: read the outputs of TaxiStream-Processor: the AWS CLI is not there: install version 2") {
		t.Errorf("without a CLI: status %d, %s", status, &out)
	}
	script := "#!/bin/sh\necho \"$@\" >&2\necho 'An error occurred: '\"$4 $8 $9\" >&2\nexit 254\n"
	if err := os.WriteFile(filepath.Join(folder, "aws"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if status := Main(t.Context(), []string{"-name", "Mine", "-region", "eu-west-1"}, &out, &out); status != 1 ||
		out.String() != "infra replay: read the outputs of Mine-Processor: aws: An error occurred: Mine-Processor json --region\n" {
		t.Errorf("status %d, %s", status, &out)
	}
	out.Reset()
	if status := Main(t.Context(), []string{"-stack"}, &out, &out); status != 2 || !strings.HasSuffix(out.String(), "see -h\n") {
		t.Errorf("status %d, %s", status, &out)
	}
}
