package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// cli is the AWS CLI, for one region or its own.
type cli struct{ region string }

// run gives what a command prints as JSON, or an error with the CLI's last line.
func (c cli) run(ctx context.Context, args ...string) ([]byte, error) {
	program, err := exec.LookPath("aws")
	if err != nil {
		return nil, errors.New("the AWS CLI is not there: install version 2, see https://aws.amazon.com/cli")
	}
	args = append(args, "--output", "json")
	if c.region != "" {
		args = append(args, "--region", c.region)
	}
	var stderr bytes.Buffer
	command := exec.CommandContext(ctx, program, args...)
	command.Stderr = &stderr
	command.WaitDelay = time.Second // the CLI's own children may outlive it
	out, err := command.Output()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		if last := lines[len(lines)-1]; last != "" {
			return nil, fmt.Errorf("aws: %s", last)
		}
		return nil, fmt.Errorf("aws %s: %w", args[0], err)
	}
	return out, nil
}
