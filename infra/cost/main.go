package cost

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"strings"

	"taxistream/infra/config"
	"taxistream/internal/flags"
)

// Main runs the verb with the arguments after it and gives its exit status.
func Main(args []string, stdout, stderr io.Writer) int {
	set := flags.New("infra cost", "what a deployment costs a month, line by line, and what each lever changes")
	given := map[string]any{}
	set.Func("c", "`name=value` of an option, as cdk takes it; may be repeated", func(text string) error {
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			return errors.New("write name=value")
		}
		given[name] = value
		return nil
	})
	set.Alias("context", "c")
	set.Help("infra options lists the options; the context of cdk.json counts as well. assume.* says how much is replayed.")
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	values, err := context("cdk.json", "infra/cdk.json")
	if err == nil {
		maps.Copy(values, given)
		err = report(stdout, values)
	}
	if err != nil {
		return set.Fail(stderr, err)
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
