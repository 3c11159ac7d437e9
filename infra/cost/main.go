package cost

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"taxistream/infra/config"
)

const usage = `usage: infra cost [-c key=value ...]

What a deployment costs a month, line by line, and what each lever changes. The
options are those of cdk (infra options lists them); the context of cdk.json counts
as well. assume.* says how much is replayed.
`

// Main runs the verb with the arguments after it and gives its exit status.
func Main(args []string, stdout, stderr io.Writer) int {
	if len(args) == 1 && (args[0] == "-h" || args[0] == "--h" || args[0] == "-help" || args[0] == "--help") {
		fmt.Fprint(stdout, usage)
		return 0
	}
	given, err := parse(args)
	if err != nil {
		fmt.Fprintf(stderr, "infra: cost: %v; see -h\n", err)
		return 2
	}
	values, err := context("cdk.json", "infra/cdk.json")
	if err == nil {
		for key, value := range given {
			values[key] = value
		}
		err = report(stdout, values)
	}
	if err != nil {
		fmt.Fprintf(stderr, "infra: cost: %v\n", err)
		return 1
	}
	return 0
}

func report(w io.Writer, values map[string]any) error {
	c, err := config.Load(values)
	if err != nil {
		return err
	}
	if c.Local {
		fmt.Fprintln(w, "With local=true everything runs on LocalStack, whose free edition costs nothing.")
		return nil
	}
	e, err := Of(&c, &USEast1)
	if err != nil {
		return err
	}
	all, err := Levers(values, &USEast1)
	if err != nil {
		return err
	}
	printBill(w, &c, &e, &USEast1)
	printLevers(w, all)
	printPages(w, &e)
	return nil
}

// parse reads -c key=value, in the spellings that cdk takes.
func parse(args []string) (map[string]any, error) {
	values := map[string]any{}
	for len(args) > 0 {
		name, value, joined := strings.Cut(args[0], "=")
		args = args[1:]
		switch strings.TrimLeft(name, "-") {
		case "c", "context":
		default:
			return nil, fmt.Errorf("unknown argument %s", name)
		}
		if !joined {
			if len(args) == 0 {
				return nil, fmt.Errorf("%s needs key=value", name)
			}
			value, args = args[0], args[1:]
		}
		key, text, ok := strings.Cut(value, "=")
		if !ok {
			return nil, fmt.Errorf("%s %s: write key=value", name, value)
		}
		values[key] = text
	}
	return values, nil
}

// context reads the context of the first of the files that is there.
func context(files ...string) (map[string]any, error) {
	for _, file := range files {
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the context: %w", err)
		}
		var app struct{ Context map[string]any }
		if err := json.Unmarshal(text, &app); err != nil {
			return nil, fmt.Errorf("read the context in %s: %w", file, err)
		}
		if app.Context != nil {
			return app.Context, nil
		}
	}
	return map[string]any{}, nil
}
