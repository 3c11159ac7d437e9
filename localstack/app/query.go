package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"taxistream/internal/flags"
	"taxistream/internal/geo"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
	"taxistream/internal/trip"
)

// queryRun is one question to a results store.
type queryRun struct {
	client *opensearch.Client
	prefix string
	day    string // New York's, 2006-01-02; empty: the newest that has results
	limit  int
	asJSON bool
	out    io.Writer
}

// queries are the questions and whether they are about a place.
var queries = map[string]struct {
	place bool
	ask   func(*queryRun, context.Context, place) error
}{
	"top":  {false, (*queryRun).top},
	"cell": {true, (*queryRun).pickups},
	"ride": {true, (*queryRun).rides},
}

func query(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set := flags.New("localstack query", "answers from the results of any server: the day's top cells, one cell's day, the ride to the airports from a place")
	set.Example("localstack query -opensearch-endpoint http://127.0.0.1:9200 top -n 5")
	set.Example("localstack query -opensearch-endpoint http://127.0.0.1:9200 cell 40.7580,-73.9855 -day 2016-01-05")
	set.Example("localstack query -opensearch-endpoint http://127.0.0.1:9200 ride \"Midtown Center\" -json")
	set.Verbs("top", "cell", "ride")
	set.TakeArgs("top | cell PLACE | ride PLACE")
	q := queryRun{out: stdout, limit: 10}
	var o opensearch.Options
	set.StringVar(&o.Endpoint, "opensearch-endpoint", "`URL` of OpenSearch or of an embedded results store, which a demo prints")
	set.Need("opensearch-endpoint")
	set.StringVar(&q.prefix, "index-prefix", "`text` before every index name, the processor's")
	set.StringVar(&q.day, "day", "New York `date` as 2016-01-05; by default the newest that has results")
	set.IntVar(&q.limit, "n", "top: show this `number` of cells")
	set.BoolVar(&q.asJSON, "json", "one JSON object a line")
	set.StringVar(&o.Sign, "sign", "sign requests for the AWS service `es` or aoss; by default by the endpoint's name")
	region := set.String("region", "", "AWS `region`, to sign for")
	set.Help("PLACE is a neighbourhood's name (\"Midtown Center\", or a part of it that is unique), coordinates as 40.7580,-73.9855, or a cell. top: the cells with the most pickups of the day; cell: its pickups by window; ride: minutes to JFK and LaGuardia by hour.")
	set.Help(opensearch.Help)
	if done, code := set.Parse(args, stdout, stderr); done {
		return code
	}
	words := set.Args()
	if len(words) == 0 {
		return set.Usage(stderr, errors.New("say what to ask: top, cell PLACE or ride PLACE"))
	}
	question, ok := queries[words[0]]
	var at place
	var err error
	switch {
	case !ok:
		err = fmt.Errorf("unknown question %q%s", words[0], flags.DidYouMean("", words[0], []string{"top", "cell", "ride"}))
	case question.place && len(words) == 1:
		err = fmt.Errorf("%s: name a place", words[0])
	case !question.place && len(words) > 1:
		err = fmt.Errorf("unexpected argument %q", words[1])
	case question.place:
		at, err = parsePlace(strings.Join(words[1:], " "))
	}
	if err == nil {
		err = q.check()
	}
	if err != nil {
		return set.Usage(stderr, err)
	}
	o.OnTrouble = func(m string) { fmt.Fprintln(stderr, "localstack query: "+m) }
	if q.client, err = opensearch.Open(ctx, o, *region); err != nil {
		return set.Fail(stderr, err)
	}
	defer q.client.Close()
	if err := question.ask(&q, ctx, at); err != nil && ctx.Err() == nil {
		return set.Fail(stderr, err)
	}
	return 0
}

func (q *queryRun) check() error {
	if q.limit < 1 {
		return fmt.Errorf("-n %d: choose 1 or more", q.limit)
	}
	if _, ok := trip.Clock(q.day + " 00:00:00"); q.day != "" && !ok {
		return fmt.Errorf("-day %q: write a date such as 2016-01-05", q.day)
	}
	return results.ValidatePrefix(q.prefix)
}

// span is the day that is asked for, from its midnight in New York to the next, in ms.
func (q *queryRun) span(ctx context.Context, alias string) (from, to int64, err error) {
	if q.day == "" {
		newest, err := q.newest(ctx, alias)
		if err != nil {
			return 0, 0, err
		}
		q.day = newest.WindowStart.In(trip.NewYorkZone()).Format(time.DateOnly)
	}
	wall, _ := trip.Clock(q.day + " 00:00:00")
	return 1000 * trip.NewYorkClock(wall), 1000 * trip.NewYorkClock(wall+24*60*60), nil
}

// newest is the document of the last window.
func (q *queryRun) newest(ctx context.Context, alias string) (results.Source, error) {
	hits, err := q.client.Search(ctx, opensearch.SearchRequest{
		Index: q.prefix + alias, Sort: []opensearch.SortKey{{Field: results.FieldWindowStart, Desc: true}}, Size: 1,
	})
	if err != nil {
		return results.Source{}, err
	}
	if len(hits) == 0 {
		return results.Source{}, fmt.Errorf("%s on %s holds no document: has a processor written there, under this -index-prefix?", q.prefix+alias, q.client.Endpoint())
	}
	return results.ReadSource(hits[0].Source)
}

// documents are those of the day, of some cells or of all (nil).
func (q *queryRun) documents(ctx context.Context, alias string, cells []string, each func(*results.Source)) error {
	from, to, err := q.span(ctx, alias)
	if err != nil {
		return err
	}
	filter := []any{map[string]any{"range": map[string]any{results.FieldWindowStart: map[string]any{"gte": from, "lt": to, "format": "epoch_millis"}}}}
	if cells != nil {
		filter = append(filter, map[string]any{"terms": map[string]any{results.FieldCell: cells}})
	}
	query, err := json.Marshal(map[string]any{"bool": map[string]any{"filter": filter}})
	if err != nil {
		return err
	}
	scan := opensearch.Scan{
		Index: q.prefix + alias, Query: query, Sort: results.UniqueSort(alias), PageSize: 5000,
		Fields: []string{
			results.FieldCell, results.FieldPickupCount, results.FieldAirport, results.FieldTripCount, results.FieldSumDuration,
			results.FieldMinDuration, results.FieldMaxDuration, results.FieldWindowStart,
		},
	}
	for hit, err := range q.client.All(ctx, scan) {
		if err != nil {
			return err
		}
		doc, err := results.ReadSource(hit.Source)
		if err != nil {
			return fmt.Errorf("document %s: %w", hit.ID, err)
		}
		each(&doc)
	}
	return nil
}

// cellsOf are a place's cells in the resolution of an alias's documents.
func (q *queryRun) cellsOf(ctx context.Context, alias string, at place) ([]string, error) {
	newest, err := q.newest(ctx, alias)
	if err != nil {
		return nil, err
	}
	cell, err := geo.ParseCell(newest.Cell)
	if err != nil {
		return nil, err
	}
	return at.cells(cell.Resolution())
}
