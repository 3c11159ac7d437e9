package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"taxistream/internal/flags"
)

// verb is something that is asked of a running processor, over REST.
type verb struct {
	name, synopsis string
	takes          string // the argument; empty: none
	// flags adds its own and gives what runs it, once they are parsed.
	flags func(*flags.Set) func(ctx context.Context, r *remote, arg string, stdout io.Writer) error
}

// verbs are those of a running processor.
var verbs = []verb{
	{"ready", "asks a running processor whether it reads, for health checks: status 0 if so, else 1", "", readyVerb},
	{"list", "lists the jobs of a running processor", "", func(*flags.Set) func(context.Context, *remote, string, io.Writer) error { return list }},
	{"top", "shows the status block of a running processor, again and again until Ctrl-C; once, where the output is no terminal", "", topVerb},
	{"savepoint", "has a running processor write a savepoint, which -from-savepoint starts from, and prints where it is", "DIR", savepointVerb},
	{"stop", "stops a running processor with a savepoint, and prints where that is", "DIR", stopVerb},
	{"cancel", "ends a running processor at once, without a last checkpoint", "", func(*flags.Set) func(context.Context, *remote, string, io.Writer) error { return cancelJob }},
	{"rescale", "changes the parallelism of a running processor", "", rescaleVerb},
}

func (v verb) argument() string {
	if v.takes == "" {
		return ""
	}
	return "[" + v.takes + "]"
}

// runVerb runs the verb that a command line begins with; ok: there is one.
func runVerb(ctx context.Context, args []string, stdout, stderr io.Writer) (code int, ok bool) {
	if len(args) > 0 && args[0] == "rejects" {
		return rejects(ctx, args[1:], stdout, stderr), true
	}
	if len(args) > 0 && args[0] == "backfill" {
		return backfillMain(ctx, args[1:], stdout, stderr), true
	}
	for _, v := range verbs {
		if len(args) > 0 && args[0] == v.name {
			return v.run(ctx, args[1:], stdout, stderr), true
		}
	}
	return 0, false
}

func (v verb) run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set := flags.New("processor "+v.name, v.synopsis)
	if v.takes != "" {
		set.TakeArgs(v.argument())
		set.Help(v.takes + " is a folder of the processor's machine, or s3://bucket/prefix; without it savepoints go to the folder savepoints in its -checkpoint-dir.")
	}
	open, do := remoteFlags(set), v.flags(set)
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	if len(set.Args()) > 1 {
		return set.Usage(stderr, fmt.Errorf("unexpected argument %q", set.Args()[1]))
	}
	r, err := open()
	if err != nil {
		return set.Usage(stderr, err)
	}
	err = do(ctx, r, strings.Join(set.Args(), ""), stdout)
	var wrong usageError
	switch {
	case errors.As(err, &wrong):
		return set.Usage(stderr, wrong.error)
	case err != nil:
		return set.Fail(stderr, err)
	}
	return 0
}

// usageError is wrong usage that only the verb can find out.
type usageError struct{ error }

// readyVerb asks /readyz. An image without a shell has no other program to ask with, so it
// serves as the health check of a container.
func readyVerb(set *flags.Set) func(context.Context, *remote, string, io.Writer) error {
	timeout := set.Duration("timeout", 3*time.Second, "`time` to wait for the answer")
	return func(ctx context.Context, r *remote, _ string, stdout io.Writer) error {
		ctx, cancel := context.WithTimeout(ctx, *timeout)
		defer cancel()
		answer, err := r.ask(ctx, http.MethodGet, "/readyz", nil)
		if err == nil {
			fmt.Fprintln(stdout, strings.TrimSpace(string(answer)))
		}
		return err
	}
}

func list(ctx context.Context, r *remote, _ string, stdout io.Writer) error {
	jobs, err := r.jobs(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "JOB\tNAME\tSTATE\tSINCE")
	for _, j := range jobs {
		since := "–"
		if j.StartTime > 0 {
			since = time.UnixMilli(j.StartTime).UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", j.ID, j.Name, j.State, since)
	}
	return w.Flush()
}

func savepointVerb(*flags.Set) func(context.Context, *remote, string, io.Writer) error {
	return func(ctx context.Context, r *remote, dir string, stdout io.Writer) error {
		return savedAt(ctx, r, "/savepoints", map[string]any{"target-directory": absolute(dir)}, stdout)
	}
}

func stopVerb(set *flags.Set) func(context.Context, *remote, string, io.Writer) error {
	drain := set.Bool("drain", false, "fire every window first; the savepoint is then the last one of its job")
	return func(ctx context.Context, r *remote, dir string, stdout io.Writer) error {
		return savedAt(ctx, r, "/stop", map[string]any{"targetDirectory": absolute(dir), "drain": *drain}, stdout)
	}
}

func savedAt(ctx context.Context, r *remote, path string, in any, stdout io.Writer) error {
	location, err := r.begin(ctx, http.MethodPost, path, "savepoints", in)
	if err == nil {
		fmt.Fprintln(stdout, location)
	}
	return err
}

// absolute makes a folder that was named here one that another process finds.
func absolute(dir string) string {
	if dir == "" || strings.Contains(dir, "://") {
		return dir
	}
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir
}

func cancelJob(ctx context.Context, r *remote, _ string, stdout io.Writer) error {
	job, err := r.path(ctx)
	if err == nil {
		err = r.call(ctx, http.MethodPatch, job, nil, nil)
	}
	if err == nil {
		fmt.Fprintln(stdout, "cancelled")
	}
	return err
}

func rescaleVerb(set *flags.Set) func(context.Context, *remote, string, io.Writer) error {
	parallelism := set.Int("parallelism", 0, "`number` of parallel subtasks from then on")
	set.Alias("p", "parallelism")
	set.Need("parallelism")
	return func(ctx context.Context, r *remote, _ string, stdout io.Writer) error {
		if *parallelism < 1 {
			return usageError{fmt.Errorf("-parallelism %d: choose 1 or more", *parallelism)}
		}
		query := url.Values{"parallelism": {strconv.Itoa(*parallelism)}}.Encode()
		if _, err := r.begin(ctx, http.MethodPatch, "/rescaling?"+query, "rescaling", nil); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "rescaled to %d\n", *parallelism)
		return nil
	}
}
