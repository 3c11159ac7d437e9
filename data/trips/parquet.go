package trips

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"

	"taxistream/internal/trip"
)

const parquetMagic = "PAR1"

// parquetReader reads the columns of a trip, page by page, and no others.
type parquetReader struct {
	file    *parquet.File // nil until the first row where mend has to be called
	mend    func() (*os.File, error)
	layout  layout
	columns [numColumns]column
	group   int   // of the row group being read, from 1
	left    int64 // rows left in it
	row     int64
	stats   *Stats
	remove  []func()
}

// openParquet needs to seek: what is no file is copied into a temporary one.
func openParquet(f, plain io.Reader, stats *Stats) (Reader, error) {
	file, remove, err := seekable(f, plain)
	if err != nil {
		return nil, err
	}
	r, err := newParquet(file, stats)
	if err != nil {
		remove()
		return nil, err
	}
	r.remove = append(r.remove, remove)
	return r, nil
}

func newParquet(f *os.File, stats *Stats) (_ *parquetReader, err error) {
	defer damaged(&err)
	file, err := openFile(f)
	if err != nil {
		return nil, err
	}
	all, err := leaves(file)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, leaf := range all {
		names = append(names, leaf.name)
	}
	l, err := newLayout(names)
	if err != nil {
		return nil, err
	}
	stats.Format = "TLC Parquet with " + l.placing.String()
	r := &parquetReader{layout: l, stats: stats}
	var used []int
	for c, at := range l.at {
		if !l.needs(c) {
			continue
		}
		r.columns[c] = column{index: at, used: true}
		if c == colPickup || c == colDropoff {
			r.columns[c].instant, err = all[at].instant()
		} else {
			r.columns[c].number, err = all[at].number()
		}
		if err != nil {
			return nil, err
		}
		used = append(used, at)
	}
	if err := knownCodecs(file, used); err != nil {
		return nil, err
	}
	if needsMending(file, used) {
		r.mend = func() (*os.File, error) { return mend(f, file, used) }
		return r, nil
	}
	r.file = file
	return r, nil
}

// openMended makes the copy that is read in place of a file with odd pages: at
// the first row, because most who open a file look at its form alone.
func (r *parquetReader) openMended() error {
	mended, err := r.mend()
	if err != nil {
		return fmt.Errorf("parquet: %w", err)
	}
	r.remove = append(r.remove, func() { mended.Close() })
	r.file, err = openFile(mended)
	return err
}

func openFile(f *os.File) (*parquet.File, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	file, err := parquet.OpenFile(f, info.Size(), parquet.SkipBloomFilters(true), parquet.SkipPageIndex(true), parquet.ReadBufferSize(4*bufferSize))
	if err != nil {
		return nil, fmt.Errorf("parquet: %w", err)
	}
	return file, nil
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
	if r.file == nil {
		if err := r.openMended(); err != nil {
			return err
		}
	}
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
	if v[colPickup].IsNull() || v[colDropoff].IsNull() {
		return BadTime
	}
	if t.Pickup, reason = r.columns[colPickup].instant(v[colPickup]); reason != "" {
		return reason
	}
	if t.Dropoff, reason = r.columns[colDropoff].instant(v[colDropoff]); reason != "" {
		return reason
	}
	number := func(c int) (f float64) {
		if reason == "" {
			f, reason = r.columns[c].float(&v[c])
		}
		return f
	}
	switch r.layout.placing {
	case byEither:
		reason = r.layout.place(t, func(c int) (float64, Reason) { return r.columns[c].float(&v[c]) })
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

// Stats implements Reader.
func (r *parquetReader) Stats() *Stats { return r.stats }

// Close implements Reader.
func (r *parquetReader) Close() error {
	for c := range r.columns {
		r.columns[c].end()
	}
	for _, remove := range r.remove {
		remove()
	}
	return nil
}

// column reads the values of one column of a row group, one after the other.
type column struct {
	index int
	used  bool
	// One of the two reads a value that is not null.
	instant func(parquet.Value) (int64, Reason)
	number  func(parquet.Value) (float64, Reason)

	pages  parquet.Pages
	values parquet.ValueReader
	buf    [256]parquet.Value
	at, n  int
}

// float reads a number, which must be there; the usual type without a call.
func (c *column) float(v *parquet.Value) (float64, Reason) {
	switch v.Kind() {
	case parquet.Double:
		f := v.Double()
		if f-f != 0 { // neither finite
			return 0, NotFinite
		}
		return f + 0, "" // without the sign of zero
	case noKind:
		return 0, BadNumber
	}
	return c.number(*v)
}

// noKind is that of a null.
var noKind = parquet.NullValue().Kind()

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
