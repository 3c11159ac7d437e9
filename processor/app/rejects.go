package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"taxistream/internal/fault"
	"taxistream/internal/flags"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/internal/telemetry"
	"taxistream/internal/trip"
)

// rejects is the verb that shows what was rejected, over OpenSearch, and with
// "replay" the one that writes refused documents again. No processor need run.
func rejects(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	v := &rejectsVerb{stdout: stdout}
	set := flags.New("processor rejects", "lists and counts rejected records; rejects replay writes documents again that OpenSearch refused for good, once it takes them")
	set.TakeArgs("[replay]")
	reason := set.String("reason", "", "only rejects of this `reason`: "+strings.Join(names.Reasons(), ", "))
	set.IntVar(&v.limit, "limit", "list at most this `number`, the newest first; 0: all")
	var o opensearch.Options
	set.StringVar(&o.Endpoint, "opensearch-endpoint", "`URL` of OpenSearch, where the rejects are")
	set.Alias("es-endpoint", "opensearch-endpoint")
	set.Need("opensearch-endpoint")
	set.StringVar(&v.prefix, "index-prefix", "`text` before every index name, the processor's")
	set.Alias("es-index", "index-prefix")
	set.StringVar(&o.Sign, "sign", "sign requests to OpenSearch for the AWS service `es` or aoss; by default by the endpoint's name")
	region := set.String("region", "", "AWS `region`, to sign for")
	set.Help(opensearch.Help)
	v.limit = 20
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	replay := slices.Equal(set.Args(), []string{"replay"})
	switch {
	case len(set.Args()) > 0 && !replay:
		return set.Usage(stderr, fmt.Errorf("unexpected argument %q%s", set.Args()[0], flags.DidYouMean("", set.Args()[0], []string{"replay"})))
	case *reason != "" && !slices.Contains(names.Reasons(), *reason):
		return set.Usage(stderr, fmt.Errorf("-reason %q%s: choose %s", *reason, flags.DidYouMean("", *reason, names.Reasons()), strings.Join(names.Reasons(), ", ")))
	case replay && *reason != "" && *reason != names.ReasonUnwritable:
		return set.Usage(stderr, fmt.Errorf("-reason %s: only %s rejects stand for documents that can be written again", *reason, names.ReasonUnwritable))
	case v.limit < 0:
		return set.Usage(stderr, fmt.Errorf("-limit %d: choose 1 or more, or 0 for all", v.limit))
	}
	o.OnTrouble = func(m string) { fmt.Fprintln(stderr, "processor rejects: "+m) }
	err := v.run(ctx, o, *region, *reason, replay)
	if err != nil && ctx.Err() != nil {
		fmt.Fprintln(stderr, "processor rejects: stopped before the end; it may be called again")
		return 0
	}
	if err != nil {
		return set.Fail(stderr, err)
	}
	return 0
}

type rejectsVerb struct {
	client *opensearch.Client
	prefix string
	limit  int
	stdout io.Writer
}

func (v *rejectsVerb) run(ctx context.Context, o opensearch.Options, region, reason string, replay bool) (err error) {
	if err := results.ValidatePrefix(v.prefix); err != nil {
		return fmt.Errorf("-index-prefix: %w", err)
	}
	if v.client, err = opensearch.Open(ctx, o, region); err != nil {
		return err
	}
	defer v.client.Close()
	start, cancel := fault.Start(ctx, 0)
	defer cancel()
	// Serverless collections refresh by themselves.
	if err := v.client.Refresh(start, v.prefix+names.TaxiRejects); err != nil && !opensearch.NotFound(err) {
		return err
	}
	if replay {
		return v.replay(ctx)
	}
	return v.list(ctx, reason)
}

// each gives the rejects of a reason, "": all, the newest first, read by so many at once.
func (v *rejectsVerb) each(ctx context.Context, reason string, page int) iter.Seq2[results.Rejected, error] {
	scan := opensearch.Scan{Index: v.prefix + names.TaxiRejects, Sort: results.UniqueSort(names.TaxiRejects), PageSize: page}
	scan.Sort[0].Desc = true
	if reason != "" {
		scan.Query = fmt.Appendf(nil, `{"term":{%q:%q}}`, results.FieldReason, reason)
	}
	return func(yield func(results.Rejected, error) bool) {
		for h, err := range v.client.All(ctx, scan) {
			var r results.Rejected
			if err == nil {
				r, err = results.ReadReject(h)
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// list counts rejects by reason, and prints the newest with their records.
func (v *rejectsVerb) list(ctx context.Context, reason string) error {
	groups, err := v.client.Top(ctx, v.prefix+names.TaxiRejects, results.FieldReason, "", 100)
	if err != nil {
		return err
	}
	groups = slices.DeleteFunc(groups, func(g opensearch.Group) bool { return reason != "" && g.Key != reason })
	if len(groups) == 0 {
		fmt.Fprintln(v.stdout, "no rejects")
		return nil
	}
	for _, g := range groups {
		fmt.Fprintf(v.stdout, "%-17s  %s\n", g.Key, telemetry.Group(g.Documents))
	}
	page := 500
	if v.limit > 0 {
		page = min(page, v.limit)
	}
	listed := 0
	for r, err := range v.each(ctx, reason, page) {
		if err != nil {
			return err
		}
		v.print(&r)
		if listed++; listed == v.limit {
			break
		}
	}
	return nil
}

func (v *rejectsVerb) print(r *results.Rejected) {
	fmt.Fprintf(v.stdout, "\n%s  %s  arrived %s", r.ID, r.Reason, trip.AppendTime(nil, r.Timestamp.UnixMilli()))
	if r.EventTime != nil {
		fmt.Fprintf(v.stdout, "  event time %s", trip.AppendTime(nil, r.EventTime.UnixMilli()))
	}
	fmt.Fprintf(v.stdout, "\n  detail  %s\n  record  %s\n", printable([]byte(r.Detail)), printable(r.Record))
}

// printable is text as it is, and what a terminal would take for more than text as a
// quoted string: records are anybody's bytes.
func printable(b []byte) string {
	b = bytes.TrimRight(b, "\n")
	if utf8.Valid(b) && bytes.IndexFunc(b, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return string(b)
	}
	return strconv.Quote(string(b))
}

// replay writes the documents of the unwritable rejects again, each at its version: one
// that is there in the same version or a newer one stays as it is.
func (v *rejectsVerb) replay(ctx context.Context) error {
	var (
		mu      sync.Mutex
		refused []string
		wrong   []error // rejects that stand for no document
	)
	w := opensearch.NewWriter(v.client, opensearch.WriterOptions{
		FlushInterval: time.Second,
		OnPoison: func(d opensearch.Document, why opensearch.Refusal) (*opensearch.Document, error) {
			mu.Lock()
			defer mu.Unlock()
			if len(refused) < 5 {
				refused = append(refused, fmt.Sprintf("%s in %s: %s", d.ID, d.Index, why))
			}
			return nil, nil //nolint:nilnil // it is a reject already
		},
	})
	defer w.Close()
	for r, err := range v.each(ctx, names.ReasonUnwritable, 500) {
		if err != nil {
			return err
		}
		d, err := r.Refused(v.prefix)
		if err != nil { // it keeps no other from being written
			wrong = append(wrong, err)
			continue
		}
		if err := w.Add(ctx, d); err != nil {
			return err
		}
	}
	if err := w.Flush(ctx); err != nil {
		return err
	}
	s := w.Stats()
	fmt.Fprintf(v.stdout, "written %s, there already %s, refused again %s\n", telemetry.Group(s.Written), telemetry.Group(s.Repeats), telemetry.Group(s.Poisoned))
	for _, line := range refused {
		fmt.Fprintln(v.stdout, "  "+line)
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%s not written, the first: %w", telemetry.Many(int64(len(wrong)), "reject"), wrong[0])
	}
	if s.Poisoned > 0 {
		return errors.New("OpenSearch still refuses documents: mend the index's mapping (docs/runbooks/dead-letters.md), then replay again")
	}
	return nil
}
