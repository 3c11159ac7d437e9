package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"taxistream/internal/names"
)

// aws runs the AWS CLI and gives what it prints.
type aws func(ctx context.Context, args ...string) ([]byte, error)

// A task is one that runs.
type task struct{ task, cluster, logs string }

// start runs the producer's task where the stacks' outputs say.
func start(ctx context.Context, call aws, o options) (task, error) {
	processor, err := outputs(ctx, call, o.name+"-Processor", "ClusterName", "Subnets", "SecurityGroup", "PublicAddress")
	if err != nil {
		return task{}, err
	}
	producer, err := outputs(ctx, call, o.name+"-Producer", "TaskDefinition", "LogGroup")
	if err != nil {
		return task{}, err
	}
	cluster, definition := processor["ClusterName"], producer["TaskDefinition"]
	if err := alone(ctx, call, cluster, o.name+"-"+names.Producer); err != nil {
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

// outputs are a stack's, of which some are needed.
func outputs(ctx context.Context, call aws, stack string, needed ...string) (map[string]string, error) {
	const deploy = "cd infra && npx cdk deploy --all makes it"
	text, err := call(ctx, "cloudformation", "describe-stacks", "--stack-name", stack, "--query", "Stacks[0].Outputs")
	if err != nil && strings.Contains(err.Error(), "does not exist") {
		return nil, fmt.Errorf("there is no stack %s in this account and region: %s", stack, deploy)
	} else if err != nil {
		return nil, fmt.Errorf("read the outputs of %s: %w", stack, err)
	}
	var list []struct{ OutputKey, OutputValue string }
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("read the outputs of %s: %w", stack, err)
	}
	values := map[string]string{}
	for _, o := range list {
		values[o.OutputKey] = o.OutputValue
	}
	for _, key := range needed {
		if values[key] == "" {
			return nil, fmt.Errorf("stack %s has no output %s: it is not whole, or of another version: %s", stack, key, deploy)
		}
	}
	return values, nil
}

// alone refuses a second producer: one at a time writes a stream.
func alone(ctx context.Context, call aws, cluster, family string) error {
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
func command(ctx context.Context, call aws, definition string, o options) ([]string, error) {
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
func run(ctx context.Context, call aws, args []string) (string, error) {
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
