package trips

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"taxistream/internal/trip"
)

const parquetMagic = "PAR1"

// parquetReader reads the columns of a trip, page by page, and no others.
type parquetReader struct {
	file    *parquet.File
	layout  layout
	columns [numColumns]column
	group   int   // of the row group being read, from 1
	left    int64 // rows left in it
	row     int64
	stats   *Stats
	remove  func()
}

// openParquet needs to seek: what is no file is copied into a temporary one.
func openParquet(f io.Reader, plain *bufio.Reader, stats *Stats) (Reader, error) {
	file, seeks := f.(*os.File)
	if seeks {
		info, err := file.Stat()
		seeks = err == nil && info.Mode().IsRegular()
	}
	remove := func() {}
	if !seeks {
		var err error
		if file, err = spool(plain); err != nil {
			return nil, err
		}
		remove = func() { file.Close() }
	}
	r, err := newParquet(file, stats)
	if err != nil {
		remove()
		return nil, err
	}
	r.remove = remove
	return r, nil
}

// spool copies r into a file that is gone when it is closed.
func spool(r io.Reader) (*os.File, error) {
	f, err := os.CreateTemp("", "taxistream-*.parquet")
	if err != nil {
		return nil, err
	}
	os.Remove(f.Name())
	if _, err := io.Copy(f, r); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func newParquet(f *os.File, stats *Stats) (_ *parquetReader, err error) {
	defer damaged(&err)
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	file, err := parquet.OpenFile(f, info.Size(), parquet.SkipBloomFilters(true), parquet.SkipPageIndex(true), parquet.ReadBufferSize(bufferSize))
	if err != nil {
		return nil, fmt.Errorf("parquet: %w", err)
	}
	var names []string
	for _, path := range file.Schema().Columns() {
		names = append(names, strings.Join(path, "."))
	}
	l, err := newLayout(names)
	if err != nil {
		return nil, err
	}
	stats.Format = "TLC Parquet with " + l.placing.String()
	r := &parquetReader{file: file, layout: l, stats: stats}
	for c, at := range l.at {
		if l.needs(c) {
			leaf, _ := file.Schema().Lookup(file.Schema().Columns()[at]...)
			r.columns[c] = column{index: at, used: true, kind: leaf.Node.Type()}
		}
	}
	return r, nil
}

// damaged turns the library's panics on files with impossible contents into errors.
func damaged(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("parquet: %v: the file is damaged; fetch it again", p)
	}
}

// Read implements Reader.
func (r *parquetReader) Read(t *trip.Trip) (err error) {
	defer damaged(&err)
	for {
		for r.left == 0 {
			groups := r.file.RowGroups()
			if r.group == len(groups) {
				return r.stats.end()
			}
			r.left = groups[r.group].NumRows()
			for c := range r.columns {
				if err := r.columns[c].begin(groups[r.group]); err != nil {
					return err
				}
			}
			r.group++
		}
		r.left--
		r.row++
		var v [numColumns]parquet.Value
		for c := range r.columns {
			if !r.columns[c].used {
				continue
			}
			var err error
			if v[c], err = r.columns[c].next(); err != nil {
				return fmt.Errorf("parquet: row %d: %w", r.row, err)
			}
		}
		if reason := r.trip(&v, t); reason != "" {
			r.stats.bad(reason, r.row, fmt.Appendf(nil, "%v", v[colPickup]))
			continue
		}
		r.stats.good()
		return nil
	}
}

func (r *parquetReader) trip(v *[numColumns]parquet.Value, t *trip.Trip) (reason Reason) {
	*t = trip.Trip{}
	var ok, okToo bool
	t.Pickup, ok = instant(v[colPickup], r.columns[colPickup].kind)
	t.Dropoff, okToo = instant(v[colDropoff], r.columns[colDropoff].kind)
	if !ok || !okToo {
		return BadTime
	}
	number := func(c int) (f float64) {
		if reason == "" {
			f, reason = float(v[c])
		}
		return f
	}
	switch r.layout.placing {
	case byEither:
		reason = r.layout.place(t, func(c int) (float64, Reason) { return float(v[c]) })
	case byZones:
		zone := func(c int) (p point) {
			if n := number(c); reason == "" {
				p, reason = zoneAt(n)
			}
			return p
		}
		from, to := zone(colPickupZone), zone(colDropoffZone)
		t.PickupLat, t.PickupLon, t.DropoffLat, t.DropoffLon = from.lat, from.lon, to.lat, to.lon
	default:
		t.PickupLat, t.PickupLon = number(colPickupLat), number(colPickupLon)
		t.DropoffLat, t.DropoffLon = number(colDropoffLat), number(colDropoffLon)
	}
	if r.columns[colTotal].used && !v[colTotal].IsNull() {
		t.HasAmount = true
		t.TotalAmount = number(colTotal)
	}
	return reason
}

func float(v parquet.Value) (float64, Reason) {
	var f float64
	switch {
	case v.IsNull():
		return 0, BadNumber
	case v.Kind() == parquet.Double:
		f = v.Double()
	case v.Kind() == parquet.Float:
		f = float64(v.Float())
	case v.Kind() == parquet.Int32:
		f = float64(v.Int32())
	case v.Kind() == parquet.Int64:
		f = float64(v.Int64())
	case v.Kind() == parquet.ByteArray:
		return parseNumber(v.ByteArray())
	default:
		return 0, BadNumber
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, NotFinite
	}
	return f, ""
}

// instant reads a timestamp of any unit, or text. A timestamp that is not
// adjusted to UTC is New York wall clock.
func instant(v parquet.Value, kind parquet.Type) (int64, bool) {
	if v.IsNull() {
		return 0, false
	}
	if v.Kind() == parquet.ByteArray {
		return parseClock(v.ByteArray())
	}
	stamp, ok := timestampOf(kind)
	if v.Kind() != parquet.Int64 || !ok {
		return 0, false
	}
	ms := v.Int64()
	if unit := int64(stamp.Unit.Value.Duration()); unit < int64(time.Millisecond) {
		ms = floorDiv(ms, int64(time.Millisecond)/unit)
	}
	if !stamp.IsAdjustedToUTC {
		sec := floorDiv(ms, 1000)
		ms = trip.NewYorkClock(sec)*1000 + ms - sec*1000
	}
	return ms, trip.Writable(ms)
}

func timestampOf(kind parquet.Type) (*format.TimestampType, bool) {
	logical := kind.LogicalType()
	if logical == nil {
		return nil, false
	}
	stamp, ok := logical.Value.(*format.TimestampType)
	return stamp, ok && stamp.Unit.Value != nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// Stats implements Reader.
func (r *parquetReader) Stats() *Stats { return r.stats }

// Close implements Reader.
func (r *parquetReader) Close() error {
	for c := range r.columns {
		r.columns[c].end()
	}
	r.remove()
	return nil
}

// column reads the values of one column of a row group, one after the other.
type column struct {
	index  int
	used   bool
	kind   parquet.Type
	pages  parquet.Pages
	values parquet.ValueReader
	buf    [256]parquet.Value
	at, n  int
}

func (c *column) begin(group parquet.RowGroup) error {
	if !c.used {
		return nil
	}
	c.end()
	c.pages = group.ColumnChunks()[c.index].Pages()
	c.values, c.at, c.n = nil, 0, 0
	return nil
}

func (c *column) next() (parquet.Value, error) {
	for c.at == c.n {
		if c.values == nil {
			page, err := c.pages.ReadPage()
			if err != nil {
				if err == io.EOF {
					err = io.ErrUnexpectedEOF
				}
				return parquet.Value{}, err
			}
			c.values = page.Values()
		}
		n, err := c.values.ReadValues(c.buf[:])
		c.at, c.n = 0, n
		if errors.Is(err, io.EOF) {
			c.values = nil
		} else if err != nil {
			return parquet.Value{}, err
		}
	}
	c.at++
	return c.buf[c.at-1], nil
}

func (c *column) end() {
	if c.pages != nil {
		c.pages.Close()
		c.pages = nil
	}
}
