package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"taxistream/infra/awscli"
	"taxistream/internal/names"
)

// A task is one that runs.
type task struct{ task, cluster, logs string }

// start runs the producer's task where the stacks' outputs say.
func start(ctx context.Context, call awscli.Call, o options) (task, error) {
	processor, err := call.Outputs(ctx, o.name+"-Processor", "ClusterName", "Subnets", "SecurityGroup", "PublicAddress")
	if err != nil {
		return task{}, err
	}
	producer, err := call.Outputs(ctx, o.name+"-Producer", "TaskDefinition", "LogGroup")
	if err != nil {
		return task{}, err
	}
	cluster, definition := processor["ClusterName"], producer["TaskDefinition"]
	if err := Alone(ctx, call, cluster, o.name); err != nil {
		return task{}, err
	}
	args := []string{
		"ecs", "run-task", "--cluster", cluster, "--task-definition", definition, "--launch-type", "FARGATE", "--count", "1",
		"--propagate-tags", "TASK_DEFINITION", "--network-configuration", network(processor),
	}
	command, err := command(ctx, call, definition, o)
	if err != nil {
		return task{}, err
	}
	if command != nil {
		args = append(args, "--overrides", overrides(command))
	}
	arn, err := run(ctx, call, args)
	return task{arn, cluster, producer["LogGroup"]}, err
}

// Alone tells that a producer of a deployment runs: one at a time writes a stream.
func Alone(ctx context.Context, call awscli.Call, cluster, name string) error {
	family := name + "-" + names.Producer
	text, err := call(ctx, "ecs", "list-tasks", "--cluster", cluster, "--family", family, "--desired-status", "RUNNING", "--query", "taskArns")
	if err != nil {
		return fmt.Errorf("list the tasks of %s: %w", cluster, err)
	}
	var tasks []string
	if err := json.Unmarshal(text, &tasks); err != nil {
		return fmt.Errorf("list the tasks of %s: %w", cluster, err)
	}
	if len(tasks) > 0 {
		return fmt.Errorf("a producer runs already, and one at a time writes a stream: wait for its end, or aws ecs stop-task --cluster %s --task %s", cluster, tasks[0])
	}
	return nil
}

// command is the producer's command line with the options' changes, or nil where
// there are none.
func command(ctx context.Context, call awscli.Call, definition string, o options) ([]string, error) {
	if o.source == "" && o.speedup == "" && len(o.more) == 0 {
		return nil, nil
	}
	text, err := call(ctx, "ecs", "describe-task-definition", "--task-definition", definition, "--query", "taskDefinition.containerDefinitions[0].command")
	if err != nil {
		return nil, fmt.Errorf("read the task definition: %w", err)
	}
	var words []string
	if err := json.Unmarshal(text, &words); err != nil {
		return nil, fmt.Errorf("read the task definition: %w", err)
	}
	words = replaced(words, "-source", o.source) // a second one would be sent as well
	words = replaced(words, "-speedup", o.speedup)
	return append(words, o.more...), nil
}

// replaced is a command line in which a flag has another value, if there is one.
func replaced(words []string, flag, value string) []string {
	if value == "" {
		return words
	}
	if i := slices.Index(words, flag); i >= 0 && i+1 < len(words) {
		words[i+1] = value
		return words
	}
	return append(words, flag, value)
}

// network is the network configuration of the processor's stack.
func network(outputs map[string]string) string {
	type vpc struct {
		Subnets        []string `json:"subnets"`
		SecurityGroups []string `json:"securityGroups"`
		AssignPublicIP string   `json:"assignPublicIp"`
	}
	return compact(map[string]vpc{"awsvpcConfiguration": {
		strings.Split(outputs["Subnets"], ","), []string{outputs["SecurityGroup"]}, outputs["PublicAddress"],
	}})
}

func overrides(command []string) string {
	return compact(map[string]any{"containerOverrides": []any{map[string]any{"name": names.Producer, "command": command}}})
}

func compact(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings only
	}
	return string(text)
}

// run starts the task and gives its ARN.
func run(ctx context.Context, call awscli.Call, args []string) (string, error) {
	text, err := call(ctx, args...)
	if err != nil {
		return "", fmt.Errorf("start the task: %w", err)
	}
	var answer struct {
		Tasks    []struct{ TaskArn string }
		Failures []struct{ Reason, Detail string }
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return "", fmt.Errorf("start the task: %w", err)
	}
	if len(answer.Failures) > 0 {
		f := answer.Failures[0]
		return "", fmt.Errorf("start the task: ECS refuses: %s", strings.TrimSpace(f.Reason+" "+f.Detail))
	}
	if len(answer.Tasks) == 0 {
		return "", errors.New("start the task: ECS names none: look at the cluster's events")
	}
	return answer.Tasks[0].TaskArn, nil
}
