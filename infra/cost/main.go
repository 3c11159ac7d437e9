package cost

import (
	"fmt"
	"io"

	"taxistream/infra/config"
	"taxistream/internal/flags"
)

// Main runs the verb with the arguments after it and gives its exit status.
func Main(args []string, stdout, stderr io.Writer) int {
	set := flags.New("infra cost", "what a deployment costs a month, line by line, and what each lever changes")
	options := config.Flags(set)
	set.Help("infra options lists the options; the context of cdk.json counts as well. assume.* says how much is replayed.")
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	values, err := options()
	if err == nil {
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
