package operate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"

	"taxistream/infra/awscli"
	"taxistream/internal/flags"
	"taxistream/internal/names"
)

// pagesPort is the processor's -listen in its task.
const pagesPort = "8081"

// Room runs the verb room: the control room of a deployment on this machine, by a port
// forward of Systems Manager. Who may start a session in the task may see it, and IAM
// says who; the port stays on both loopbacks, so there is no token to carry.
func Room(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set := flags.New("infra room", "forwards the deployed processor's control room to this machine, until it is stopped")
	where := place(set, stdout)
	port := set.Int("port", 8081, "local `port`")
	set.Help("It needs a deployment with -c room.forward=true, the AWS CLI and its Session Manager plugin.")
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	d := where()
	err := d.room(ctx, *port, func(args ...string) error { return awscli.Attach(ctx, d.region, stdout, stderr, args...) })
	if err != nil && ctx.Err() == nil {
		return set.Fail(stderr, err)
	}
	return 0
}

func (d *deployment) room(ctx context.Context, port int, attach func(args ...string) error) error {
	if _, err := exec.LookPath("session-manager-plugin"); err != nil {
		return errors.New("the AWS CLI's Session Manager plugin is not there: install it, see the Systems Manager guide, \"Install the Session Manager plugin for the AWS CLI\"")
	}
	target, err := d.gate(ctx)
	if err != nil {
		return err
	}
	d.printf("control room  http://127.0.0.1:%d/", port)
	return attach("ssm", "start-session", "--target", target, "--document-name", "AWS-StartPortForwardingSession",
		"--parameters", "portNumber="+pagesPort+",localPortNumber="+strconv.Itoa(port))
}

// gate is the container beside the running processor, as Systems Manager calls it (ECS
// guide, "Using ECS Exec": ecs:<cluster>_<task>_<runtime id>).
func (d *deployment) gate(ctx context.Context) (string, error) {
	p, err := d.processor(ctx)
	if err != nil {
		return "", err
	}
	if p.flink != "" {
		return "", fmt.Errorf("the edition flink has no control room: aws kinesisanalyticsv2 create-application-presigned-url --application-name %s --url-type FLINK_DASHBOARD_URL prints the address of Flink's own dashboard", p.flink)
	}
	cluster := p.cluster
	var tasks []string
	err = d.call.Into(ctx, "list the processor's tasks", &tasks, "ecs", "list-tasks", "--cluster", cluster, "--family", d.name+"-"+names.Processor,
		"--desired-status", "RUNNING", "--query", "taskArns")
	if err != nil {
		return "", err
	}
	if len(tasks) == 0 {
		return "", errors.New("no processor runs: go run ./infra start, or look at the service's events")
	}
	var containers []struct{ Name, RuntimeID string }
	err = d.call.Into(ctx, "look at the processor's task", &containers, "ecs", "describe-tasks", "--cluster", cluster, "--tasks", tasks[0], "--query", "tasks[0].containers")
	if err != nil {
		return "", err
	}
	for _, c := range containers {
		if c.Name == "gate" && c.RuntimeID != "" {
			return fmt.Sprintf("ecs:%s_%s_%s", cluster, tasks[0][strings.LastIndex(tasks[0], "/")+1:], c.RuntimeID), nil
		}
	}
	return "", errors.New("the processor's task has no door: deploy with -c room.forward=true; or it has just started: try again in a minute")
}
