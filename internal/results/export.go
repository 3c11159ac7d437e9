package results

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"

	"taxistream/internal/jsonscan"
	"taxistream/internal/names"
	"taxistream/internal/opensearch"
)

// Export writes pickup_count and trip_duration under prefix to w as NDJSON,
// {"_index": the alias, "_id", "_source"}, sorted by (_index, _id) as bytes, the
// fields in the contract's order and numbers in the very digits that were
// written: equal documents give equal bytes from any server. It refreshes first
// and returns the number of lines.
//
// Memory is one page and one window's documents for each number of digits that
// window starts have (two in practice: real files hold a trip of the year 2001).
// It needs neither field data on _id nor a scroll: pages follow the fields that
// the id is made of, and ids are put in order as text window by window.
func Export(ctx context.Context, c *opensearch.Client, prefix string, w io.Writer) (int64, error) {
	return export(ctx, c, prefix, w, 5000)
}

func export(ctx context.Context, c *opensearch.Client, prefix string, w io.Writer, page int) (int64, error) {
	out := bufio.NewWriterSize(w, 256<<10)
	var lines int64
	for _, alias := range []string{names.PickupCount, names.TripDuration} {
		e := exporter{c: c, name: prefix + alias, fields: Fields(alias), sort: UniqueSort(alias), page: page, out: out}
		n, err := e.run(ctx)
		lines += n
		if err != nil {
			return lines, fmt.Errorf("export %s: %w", e.name, err)
		}
	}
	if err := out.Flush(); err != nil {
		return lines, fmt.Errorf("write the export: %w", err)
	}
	return lines, nil
}

type exporter struct {
	c      *opensearch.Client
	name   string
	fields []Field
	sort   []opensearch.SortKey
	page   int
	out    *bufio.Writer
	line   []byte
}

func (e *exporter) run(ctx context.Context) (int64, error) {
	if err := e.c.Refresh(ctx, e.name); err != nil {
		return 0, err
	}
	streams, err := e.streams(ctx)
	defer func() {
		for _, s := range streams {
			s.stop()
		}
	}()
	if err != nil {
		return 0, err
	}
	var lines int64
	for {
		streams = slices.DeleteFunc(streams, func(s *windows) bool { return len(s.group) == 0 })
		if len(streams) == 0 {
			return lines, nil
		}
		least := slices.MinFunc(streams, func(a, b *windows) int { return cmp.Compare(a.group[0].ID, b.group[0].ID) })
		for _, h := range least.group {
			if err := e.write(h); err != nil {
				return lines, err
			}
			lines++
		}
		if err := least.advance(); err != nil {
			return lines, err
		}
	}
}

// streams opens one scan for each number of digits between the first and the
// last window start. Among starts of as many digits the order of numbers is the
// order of text; below zero it is the reverse.
func (e *exporter) streams(ctx context.Context) ([]*windows, error) {
	first, any, err := WindowEdge(ctx, e.c, e.name, false)
	if err != nil || !any {
		return nil, err
	}
	last, _, err := WindowEdge(ctx, e.c, e.name, true)
	if err != nil {
		return nil, err
	}
	var streams []*windows
	for d := digits(first); d <= digits(last); d++ {
		if d == 0 {
			continue // numbers have a digit at least
		}
		from, to := digitRange(d)
		query := fmt.Appendf(nil, `{"range":{"`+FieldWindowStart+`":{"gte":%d,"lte":%d,"format":"epoch_millis"}}}`, from, to)
		sort := slices.Clone(e.sort)
		sort[0].Desc = d < 0
		s := &windows{}
		s.next, s.stop = iter.Pull2(e.c.All(ctx, opensearch.Scan{Index: e.name, Query: query, Sort: sort, PageSize: e.page}))
		streams = append(streams, s)
		if err := s.advance(); err != nil {
			return streams, err
		}
	}
	return streams, nil
}

// digits counts the digits of ms, negative for a negative number, at most 16:
// no date that a server takes has more.
func digits(ms int64) int {
	if ms < 0 {
		return -min(len(strconv.FormatInt(ms, 10))-1, 16)
	}
	return min(len(strconv.FormatInt(ms, 10)), 16)
}

// digitRange is the least and the greatest number of d digits.
func digitRange(d int) (from, to int64) {
	if d < 0 {
		from, to = digitRange(-d)
		return -to, -max(from, 1)
	}
	to = 9
	for range d - 1 {
		from, to = max(from, 1)*10, to*10+9
	}
	return from, to
}

// windows reads a scan one window start at a time.
type windows struct {
	next  func() (opensearch.Hit, error, bool)
	stop  func()
	ahead []opensearch.Hit // at most one, the first of the next group
	group []opensearch.Hit // all documents of one window start, by id; empty at the end
}

func (s *windows) advance() error {
	s.group, s.ahead = append(s.group[:0], s.ahead...), nil
	for h, err, more := s.next(); more; h, err, more = s.next() {
		if err != nil {
			return err
		}
		if len(s.group) > 0 && !bytes.Equal(h.Sort[0], s.group[0].Sort[0]) {
			s.ahead = []opensearch.Hit{h}
			break
		}
		s.group = append(s.group, h)
	}
	slices.SortFunc(s.group, func(a, b opensearch.Hit) int { return cmp.Compare(a.ID, b.ID) })
	return nil
}

// write appends one line, the source's fields in the table's order.
func (e *exporter) write(h opensearch.Hit) error {
	values := make([][]byte, len(e.fields))
	if err := e.split(h.Source, values); err != nil {
		return fmt.Errorf("document %s: %w", h.ID, err)
	}
	b := append(e.line[:0], `{"_index":`...)
	b = jsonscan.AppendString(b, e.name)
	b = append(b, `,"_id":`...)
	b = jsonscan.AppendString(b, h.ID)
	b = append(b, `,"_source":{`...)
	for i, f := range e.fields {
		if values[i] == nil {
			continue
		}
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = jsonscan.AppendString(b, f.Name)
		b = append(b, ':')
		b = append(b, values[i]...)
	}
	b = append(b, '}', '}', '\n')
	e.line = b
	if _, err := e.out.Write(b); err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	return nil
}

// split finds the values of the table's fields in a source, without white space.
func (e *exporter) split(source []byte, values [][]byte) error {
	if bytes.ContainsAny(source, " \t\r\n") {
		var compact bytes.Buffer
		if err := json.Compact(&compact, source); err != nil {
			return err
		}
		source = compact.Bytes()
	}
	next := 0 // sources mostly hold their fields in the table's order
	return jsonscan.Object(source, func(name []byte, from, to int) error {
		i := next
		if i >= len(e.fields) || e.fields[i].Name != string(name) {
			i = slices.IndexFunc(e.fields, func(f Field) bool { return f.Name == string(name) })
		}
		if i < 0 {
			return fmt.Errorf("a field %q that is none of ours", name)
		}
		values[i], next = source[from:to], i+1
		return nil
	})
}
