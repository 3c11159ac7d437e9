package also

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"taxistream/engine"
	"taxistream/engine/files"
	"taxistream/internal/jsonscan"
	"taxistream/internal/opensearch"
	"taxistream/internal/results"
)

// The columns beside the fields: what OpenSearch calls them. The source is the document's
// bytes, as in an export.
const (
	columnID      = "_id"
	columnVersion = "_version"
	columnSource  = "_source"
)

// rowGroup is the most rows that a file holds in memory before it writes them.
const rowGroup = 8192

// parquetFormat has a column for each field of an alias that can be queried: a geo_point
// becomes two, a nested lat and lon, and a field that is kept and not indexed is in _source alone.
type parquetFormat struct {
	schema *parquet.Schema
	types  map[string]string // of a field
	column map[string]int    // by path
}

func newParquet(alias string) files.Format[opensearch.Document] {
	group := parquet.Group{
		columnID: parquet.String(), columnVersion: parquet.Leaf(parquet.Int64Type),
		columnSource: parquet.Compressed(parquet.JSON(), &zstd.Codec{}),
	}
	f := &parquetFormat{types: map[string]string{}, column: map[string]int{}}
	for _, field := range results.Fields(alias) {
		if node := node(field.Type); node != nil {
			group[field.Name], f.types[field.Name] = node, field.Type
		}
	}
	f.schema = parquet.NewSchema(alias, group)
	for i, path := range f.schema.Columns() {
		f.column[strings.Join(path, ".")] = i
	}
	return f
}

// node is the column of a mapping type; nil: it has none.
func node(mapping string) parquet.Node {
	switch mapping {
	case "keyword":
		return parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
	case "byte":
		return parquet.Int(8)
	case "long":
		return parquet.Leaf(parquet.Int64Type)
	case "double":
		return parquet.Leaf(parquet.DoubleType)
	case "date":
		return parquet.Timestamp(parquet.Millisecond)
	case "geo_point":
		return parquet.Group{"lat": parquet.Leaf(parquet.DoubleType), "lon": parquet.Leaf(parquet.DoubleType)}
	}
	return nil
}

// Extension implements files.Format.
func (f *parquetFormat) Extension() string { return ".parquet" }

// Encoder implements files.Format.
func (f *parquetFormat) Encoder(w io.Writer) files.Encoder[opensearch.Document] {
	return &parquetEncoder{
		f: f, row: make(parquet.Row, len(f.column)),
		w: parquet.NewGenericWriter[any](w, f.schema, parquet.MaxRowsPerRowGroup(rowGroup), parquet.Compression(&zstd.Codec{})),
	}
}

type parquetEncoder struct {
	f   *parquetFormat
	w   *parquet.GenericWriter[any]
	row parquet.Row
}

// Encode implements files.Encoder.
func (p *parquetEncoder) Encode(e *engine.Element[opensearch.Document]) error {
	d := &e.Value
	clear(p.row)
	p.set(columnID, parquet.ValueOf(d.ID))
	p.set(columnVersion, parquet.ValueOf(d.Version))
	p.set(columnSource, parquet.ValueOf(d.Source))
	set := 3
	err := jsonscan.Object(d.Source, func(key []byte, from, to int) error {
		n, err := p.field(string(key), d.Source[from:to])
		set += n
		return err
	})
	if err == nil && set != len(p.row) {
		err = fmt.Errorf("%d of %d columns have a value", set, len(p.row))
	}
	if err == nil {
		_, err = p.w.WriteRows([]parquet.Row{p.row})
	}
	if err != nil {
		return fmt.Errorf("document %s as a row: %w", d.ID, err)
	}
	return nil
}

// set puts a value into a column. None is optional or repeated, so all levels are 0.
func (p *parquetEncoder) set(column string, v parquet.Value) {
	i := p.f.column[column]
	p.row[i] = v.Level(0, 0, i)
}

// field puts a field's value into its columns, and says how many there are.
func (p *parquetEncoder) field(name string, value []byte) (columns int, err error) {
	text := string(value)
	switch p.f.types[name] {
	case "keyword":
		p.set(name, parquet.ValueOf(jsonscan.Unescape([]byte(strings.Trim(text, `"`)))))
	case "byte":
		n, parseErr := strconv.ParseInt(text, 10, 8)
		p.set(name, parquet.Int32Value(int32(n)))
		err = parseErr
	case "long":
		n, parseErr := strconv.ParseInt(text, 10, 64)
		p.set(name, parquet.Int64Value(n))
		err = parseErr
	case "double":
		err = p.double(name, text)
	case "date":
		at, parseErr := time.Parse(time.RFC3339, strings.Trim(text, `"`))
		p.set(name, parquet.Int64Value(at.UnixMilli()))
		err = parseErr
	case "geo_point":
		err = jsonscan.Object(value, func(key []byte, from, to int) error {
			columns++
			return p.double(name+"."+string(key), text[from:to])
		})
		return columns, err
	default:
		return 0, nil
	}
	return 1, err
}

func (p *parquetEncoder) double(column, text string) error {
	v, err := strconv.ParseFloat(text, 64)
	p.set(column, parquet.DoubleValue(v))
	return err
}

// Close implements files.Encoder.
func (p *parquetEncoder) Close() error { return p.w.Close() }
