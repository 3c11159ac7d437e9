package trips_test

import (
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"taxistream/internal/trip"
)

func refusedFiles(t *testing.T) map[string]string {
	tar := strings.Repeat("\x00", 257) + "ustar\x0000" + strings.Repeat("\x00", 1000)
	tar = "trips.csv" + tar[9:]
	locked := []byte(zipped(map[string]string{"a.csv": plain()}, "a.csv"))
	locked[6] |= 1                                             // of the file's own header
	locked[strings.Index(string(locked), "PK\x01\x02")+8] |= 1 // of the directory's
	all := map[string]string{
		"orc": "ORC\x0a\x0b", "avro": "Obj\x01\x04", "arrow": "ARROW1\x00\x00", "arrow-stream": "\xff\xff\xff\xff\x10\x00\x00\x00", "sqlite": "SQLite format 3\x00\x10",
		"hdf5": "\x89HDF\r\n\x1a\n", "pickle": "\x80\x04\x95\x10", "7z": "7z\xbc\xaf\x27\x1c\x00", "rar": "Rar!\x1a\x07", "lzip": "LZIP\x01", "compress": "\x1f\x9d\x90", "lzop": "\x89LZO\x00\r\n",
		"lzma": "\x5d\x00\x00\x80\x00", "xls": "\xd0\xcf\x11\xe0\xa1", "pdf": "%PDF-1.7", "utf32": "\xff\xfe\x00\x00a\x00\x00\x00", "html": mark + "\n <!DOCTYPE html>\n<html>", "parquet-encrypted": "PARE\x00",
		"hadoop-snappy": "\x00\x00\x0f\xa0\x00\x00\x03\xe8\xa0\x1f\xf0\x40" + plain()[:200],
		"tar":           tar, "tar-gzip": packers["gzip"](tar),
		"xlsx":         zipped(map[string]string{"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>"}, "[Content_Types].xml", "xl/workbook.xml"),
		"zip-many":     zipped(map[string]string{"a.csv": plain(), "b.csv": plain()}, "a.csv", "b.csv"),
		"zip-password": string(locked),
		"zstd-dictionary": pack(plain(), func(w io.Writer) io.WriteCloser {
			z, err := zstd.NewWriter(w, zstd.WithEncoderDictRaw(77, []byte(plain())))
			if err != nil {
				t.Fatal(err)
			}
			return z
		}),
		"zstd-window":       "\x28\xb5\x2f\xfd\x00\xa0" + strings.Repeat("\x00", 20), // 2 GiB
		"csv-quoted-values": strings.Replace(table(",", "\n", iso, quoted), `"`+strings.Join(columns, `","`)+`"`, strings.Join(columns, ","), 1),
	}
	for name, c := range map[string]leaf{
		"parquet-date":             {name: "tpep_pickup_datetime", node: parquet.Date(), value: func(trip.Trip) parquet.Value { return parquet.Int32Value(16625) }},
		"parquet-time-of-day":      {name: "tpep_pickup_datetime", node: parquet.Time(parquet.Microsecond), value: func(trip.Trip) parquet.Value { return parquet.Int64Value(1) }},
		"parquet-epoch":            {name: "tpep_pickup_datetime", node: parquet.Leaf(parquet.Int64Type), value: func(trip.Trip) parquet.Value { return parquet.Int64Value(1) }},
		"parquet-bool":             {name: "total_amount", node: parquet.Leaf(parquet.BooleanType), value: func(trip.Trip) parquet.Value { return parquet.BooleanValue(true) }},
		"parquet-bytes":            {name: "total_amount", node: parquet.Leaf(parquet.FixedLenByteArrayType(8)), value: func(trip.Trip) parquet.Value { return parquet.FixedLenByteArrayValue([]byte(zeros)) }},
		"parquet-timestamp-number": {name: "total_amount", node: parquet.Timestamp(parquet.Millisecond), value: func(trip.Trip) parquet.Value { return parquet.Int64Value(1) }},
		"parquet-list":             {name: "total_amount", node: parquet.List(parquet.Leaf(parquet.DoubleType)), value: func(trip.Trip) parquet.Value { return parquet.DoubleValue(1) }},
	} {
		some := columnsOf(timeKinds()["time-us"], numberKinds()["double"])
		some = slices.DeleteFunc(some, func(l leaf) bool { return l.name == c.name })
		all[name] = string(parquetOf(t, variant{page: 1}, append(some, c), nil))
	}
	all["parquet-lzo"] = string(patched(t, simpleParquet(t), func(m *format.FileMetaData) {
		for g := range m.RowGroups {
			for c := range m.RowGroups[g].Columns {
				m.RowGroups[g].Columns[c].MetaData.Codec = format.LZO
			}
		}
	}))
	return all
}

// Ensure each form that is refused is named, with the command that the document
// names too, in one line.
func TestRefused(t *testing.T) {
	files := refusedFiles(t)
	doc, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	_, part, _ := strings.Cut(string(doc), "\n## What is refused\n")
	documented := map[string][2]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9-]+)` \\| (.+) \\| `(.+)` \\|$").FindAllStringSubmatch(part, -1) {
		documented[m[1]] = [2]string{m[2], m[3]}
	}
	if a, b := slices.Sorted(maps.Keys(documented)), slices.Sorted(maps.Keys(files)); !slices.Equal(a, b) {
		t.Errorf("docs/formats.md names\n%q, tried are\n%q", a, b)
	}
	for name, data := range files {
		t.Run(name, func(t *testing.T) {
			got, _, err := read(t, write(t, "some.file", []byte(data)))
			if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "some.file: ") {
				t.Fatalf("%d trips, %v", len(got), err)
			}
			for _, text := range documented[name] {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("%v lacks %q", err, text)
				}
			}
		})
	}
}
