package trips_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"taxistream/internal/trip"
)

// leaf is a column as a test makes it.
type leaf struct {
	name  string
	node  parquet.Node
	value func(t trip.Trip) parquet.Value
	patch func(*format.SchemaElement) // of the declaration, behind the library's back
}

// variant is one way to store the same columns.
type variant struct {
	optional, dictionary bool
	page                 int
}

func variants() (all []variant) {
	for _, optional := range []bool{false, true} {
		for _, dictionary := range []bool{false, true} {
			all = append(all, variant{optional, dictionary, 1}, variant{optional, dictionary, 2})
		}
	}
	return all
}

// parquetOf writes the sample, in two row groups, and changes the file's metadata with patch.
func parquetOf(t testing.TB, v variant, columns []leaf, patch func(*format.FileMetaData), options ...parquet.WriterOption) []byte {
	t.Helper()
	columns = slices.Clone(columns)
	slices.SortFunc(columns, func(a, b leaf) int { return bytes.Compare([]byte(a.name), []byte(b.name)) }) // as a group does
	group := parquet.Group{}
	for _, c := range columns {
		node := c.node
		if v.dictionary {
			node = parquet.Encoded(node, &parquet.RLEDictionary)
		}
		if v.optional {
			node = parquet.Optional(node)
		}
		group[c.name] = node
	}
	var b bytes.Buffer
	options = append(options, parquet.NewSchema("trip", group), parquet.DataPageVersion(v.page), parquet.MaxRowsPerRowGroup(25))
	w := parquet.NewWriter(&b, options...)
	for _, t := range sample {
		var row parquet.Row
		for i, c := range columns {
			level := 0
			if v.optional {
				level = 1
			}
			row = append(row, c.value(t).Level(0, level, i))
		}
		if _, err := w.WriteRows([]parquet.Row{row}); err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return patched(t, b.Bytes(), func(m *format.FileMetaData) {
		for i := range m.Schema {
			for _, c := range columns {
				if c.name == m.Schema[i].Name && c.patch != nil {
					c.patch(&m.Schema[i])
				}
			}
		}
		if patch != nil {
			patch(m)
		}
	})
}

const magic = "PAR1"

// foot is the file's metadata and where it begins.
func foot(t testing.TB, file []byte) (m *format.FileMetaData, at int) {
	t.Helper()
	at = len(file) - 8 - int(binary.LittleEndian.Uint32(file[len(file)-8:]))
	m = new(format.FileMetaData)
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), file[at:len(file)-8], m); err != nil {
		t.Fatal(err)
	}
	return m, at
}

func withFoot(t testing.TB, body []byte, m *format.FileMetaData) []byte {
	t.Helper()
	b, err := thrift.Marshal(new(thrift.CompactProtocol), m)
	if err != nil {
		t.Fatal(err)
	}
	body = append(slices.Clip(body), b...)
	return append(binary.LittleEndian.AppendUint32(body, uint32(len(b))), magic...)
}

// patched changes a file's metadata.
func patched(t testing.TB, file []byte, change func(*format.FileMetaData)) []byte {
	t.Helper()
	m, at := foot(t, file)
	change(m)
	return withFoot(t, file[:at], m)
}

// repacked changes the pages of an uncompressed file: what stands behind their
// levels, as other writers would store it under the codec.
func repacked(t testing.TB, file []byte, codec format.CompressionCodec, change func(h *format.PageHeader, data []byte) []byte) []byte {
	t.Helper()
	m, _ := foot(t, file)
	out := []byte(magic)
	for g := range m.RowGroups {
		for c := range m.RowGroups[g].Columns {
			meta := &m.RowGroups[g].Columns[c].MetaData
			from := meta.DataPageOffset
			if d := meta.DictionaryPageOffset; d > 0 {
				from = min(from, d)
			}
			in := bytes.NewReader(file[from:][:meta.TotalCompressedSize])
			start := int64(len(out))
			meta.DataPageOffset, meta.DictionaryPageOffset, meta.Codec = 0, 0, codec
			for in.Len() > 0 {
				var h format.PageHeader
				if err := thrift.NewDecoder(new(thrift.CompactProtocol).NewReader(in)).Decode(&h); err != nil {
					t.Fatal(err)
				}
				data := make([]byte, h.CompressedPageSize)
				if _, err := io.ReadFull(in, data); err != nil {
					t.Fatal(err)
				}
				if h.Type == format.DictionaryPage {
					meta.DictionaryPageOffset = int64(len(out))
				} else if meta.DataPageOffset == 0 {
					meta.DataPageOffset = int64(len(out))
				}
				levels := 0
				if v2 := h.DataPageHeaderV2; v2.Valid {
					levels = int(v2.V.DefinitionLevelsByteLength + v2.V.RepetitionLevelsByteLength)
					h.DataPageHeaderV2.V.IsCompressed = thrift.New(true)
				}
				data = append(data[:levels:levels], change(&h, data[levels:])...)
				h.CompressedPageSize, h.CRC = int32(len(data)), 0
				b, err := thrift.Marshal(new(thrift.CompactProtocol), &h)
				if err != nil {
					t.Fatal(err)
				}
				out = append(append(out, b...), data...)
			}
			meta.TotalCompressedSize = int64(len(out)) - start
		}
	}
	return withFoot(t, out, m)
}
