package trips

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// metadata is what writers say of a file's times beside its schema. INT96 and the
// older annotations cannot tell an instant from a wall clock's time.
type metadata struct {
	zones    map[string]bool    // by column of times: whether it has a time zone, so that its values are instants
	units    map[string]float64 // by column that fastparquet wrote: what it took for a nanosecond, in ns
	instants bool               // INT96 holds instants, as of Spark and Hive
}

// local reports whether the column holds wall-clock times, or otherwise if nothing is said of it.
func (m metadata) local(column string, otherwise bool) bool {
	if zone, said := m.zones[column]; said {
		return !zone
	}
	return otherwise
}

// misread is the unit of a column's numbers that pass for nanoseconds, in ns; 0: they are.
func (m metadata) misread(column string) float64 { return m.units[column] }

func newMetadata(file *parquet.File) metadata {
	m := metadata{zones: map[string]bool{}, units: map[string]float64{}}
	_, spark := file.Lookup("org.apache.spark.version")
	_, hive := file.Lookup("writer.time.zone")
	m.instants = spark || hive
	if text, ok := file.Lookup("ARROW:schema"); ok {
		m.arrow(text)
	}
	if text, ok := file.Lookup("pandas"); ok {
		m.pandas(text, strings.HasPrefix(file.Metadata().CreatedBy, "fastparquet"))
	}
	return m
}

// pandas reads what pandas' writers note of each column.
func (m metadata) pandas(text string, fastparquet bool) {
	var note struct {
		Columns []struct {
			Name       any    `json:"name"`
			PandasType string `json:"pandas_type"`
			NumpyType  string `json:"numpy_type"`
		} `json:"columns"`
	}
	if json.Unmarshal([]byte(text), &note) != nil {
		return
	}
	for _, c := range note.Columns {
		name, ok := c.Name.(string)
		if !ok || !strings.HasPrefix(c.PandasType, "datetime") {
			continue
		}
		m.zones[name] = c.PandasType == "datetimetz"
		for unit, ns := range map[string]float64{"[us": 1e3, "[ms": 1e6, "[s": 1e9} {
			if fastparquet && strings.HasPrefix(c.NumpyType, "datetime64"+unit) {
				m.units[name] = ns
			}
		}
	}
}

// arrow reads the time zones of the schema that Arrow's writers add: a message of
// its IPC format (Message.fbs, Schema.fbs) in base64.
func (m metadata) arrow(text string) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b) < 12 {
		return
	}
	defer func() { _ = recover() }() // a table that points outside: the file's schema alone counts
	const messageAt = 8              // behind the marker and the length
	message := flat{b[messageAt:], 0}.follow()
	schema, ok := message.table(2)
	if !ok {
		return
	}
	for _, field := range schema.vector(1) {
		name, named := field.text(0)
		kind, ok := field.table(3)
		const timestamp = 10 // in Schema.fbs' union of types
		if tag, has := field.slot(2); named && ok && has && field.b[tag] == timestamp {
			zone, has := kind.text(1)
			m.zones[name] = has && zone != ""
		}
	}
}

// flat is a place in a FlatBuffer: a table, but for follow.
type flat struct {
	b  []byte
	at uint32
}

// follow is the place that the offset here names.
func (f flat) follow() flat { return flat{f.b, f.at + binary.LittleEndian.Uint32(f.b[f.at:])} }

// slot is where a table's field stands, if it is there.
func (f flat) slot(field uint32) (at uint32, ok bool) {
	v := f.at - binary.LittleEndian.Uint32(f.b[f.at:])
	entry := 4 + 2*field
	if entry >= uint32(binary.LittleEndian.Uint16(f.b[v:])) {
		return 0, false
	}
	offset := binary.LittleEndian.Uint16(f.b[v+entry:])
	return f.at + uint32(offset), offset != 0
}

func (f flat) table(field uint32) (flat, bool) {
	at, ok := f.slot(field)
	if !ok {
		return flat{}, false
	}
	return flat{f.b, at}.follow(), true
}

func (f flat) text(field uint32) (string, bool) {
	t, ok := f.table(field)
	if !ok {
		return "", false
	}
	n := binary.LittleEndian.Uint32(t.b[t.at:])
	return string(t.b[t.at+4:][:n]), true
}

// vector is the tables of a vector.
func (f flat) vector(field uint32) (all []flat) {
	t, ok := f.table(field)
	if !ok {
		return nil
	}
	n := binary.LittleEndian.Uint32(t.b[t.at:])
	for i := range min(n, uint32(len(f.b)/4)) {
		all = append(all, flat{f.b, t.at + 4 + 4*i}.follow())
	}
	return all
}
