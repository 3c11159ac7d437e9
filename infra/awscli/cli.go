// Package awscli calls AWS by its command line, so that the credentials are those which
// the user has there, and reads what a deployment's stacks say of themselves.
package awscli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Call runs a command of the AWS CLI and gives what it prints. Tests put an account of
// their own in its place.
type Call func(ctx context.Context, args ...string) ([]byte, error)

// In calls for one region, or for the CLI's own where it is empty. An error has the CLI's
// last line.
func In(region string) Call {
	return func(ctx context.Context, args ...string) ([]byte, error) {
		program, err := exec.LookPath("aws")
		if err != nil {
			return nil, errors.New("the AWS CLI is not there: install version 2, see https://aws.amazon.com/cli")
		}
		args = append(args, "--output", "json")
		if region != "" {
			args = append(args, "--region", region)
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
}

// Attach runs a command with the terminal's own input and outputs, until it or ctx ends.
func Attach(ctx context.Context, region string, stdout, stderr io.Writer, args ...string) error {
	program, err := exec.LookPath("aws")
	if err != nil {
		return errors.New("the AWS CLI is not there: install version 2, see https://aws.amazon.com/cli")
	}
	if region != "" {
		args = append(args, "--region", region)
	}
	command := exec.CommandContext(ctx, program, args...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, stdout, stderr
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) } // it closes its session
	command.WaitDelay = 5 * time.Second
	if err := command.Run(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("aws %s: %w", args[0], err)
	}
	return nil
}

// Into reads what a command prints into v; what says what was wanted, for an error.
func (c Call) Into(ctx context.Context, what string, v any, args ...string) error {
	text, err := c(ctx, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// Do runs a command whose answer nobody needs.
func (c Call) Do(ctx context.Context, what string, args ...string) error {
	if _, err := c(ctx, args...); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// NotThere tells whether a command failed for what it asks for is not there.
func NotThere(err error) bool {
	if err == nil {
		return false
	}
	for _, sign := range []string{"does not exist", "NotFound", "NoSuchEntity", "not found"} {
		if strings.Contains(err.Error(), sign) {
			return true
		}
	}
	return false
}

// Outputs are a stack's, of which some are needed.
func (c Call) Outputs(ctx context.Context, stack string, needed ...string) (map[string]string, error) {
	const deploy = "cd infra && npx cdk deploy --all makes it"
	var list []struct{ OutputKey, OutputValue string }
	err := c.Into(ctx, "read the outputs of "+stack, &list, "cloudformation", "describe-stacks", "--stack-name", stack, "--query", "Stacks[0].Outputs")
	if err != nil && strings.Contains(err.Error(), "does not exist") {
		return nil, fmt.Errorf("there is no stack %s in this account and region: %s", stack, deploy)
	} else if err != nil {
		return nil, err
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
