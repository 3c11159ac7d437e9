package trips_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"

	"taxistream/internal/trip"
)

// encodes reports whether values of a kind can have the encoding.
func encodes(e encoding.Encoding, kind parquet.Kind) bool {
	switch e {
	case &parquet.DeltaBinaryPacked:
		return kind == parquet.Int64
	case &parquet.ByteStreamSplit:
		return kind == parquet.Double
	}
	return kind == parquet.ByteArray
}

// Ensure zones are read from each type that numbers may have.
func TestParquet_Zones(t *testing.T) {
	of := func(t trip.Trip) float64 { return float64(1 + (t.Dropoff-sample[0].Dropoff)/37_000%90) }
	var csv strings.Builder
	csv.WriteString(zoneHead)
	for _, s := range sample {
		fmt.Fprintf(&csv, "%s,%s,%v,%v,%s\n", iso(s.Pickup), iso(s.Dropoff), of(s), of(s)+1, number(s.TotalAmount))
	}
	want, _, err := read(t, write(t, "zones.csv", []byte(csv.String())))
	if err != nil || len(want) != len(sample) {
		t.Fatal(len(want), err)
	}
	kinds := zoneKinds()
	maps.Copy(kinds, numberKinds())
	kinds["float16"] = numberKinds()["double"] // zones above 32 are not what its test writes
	for name, kind := range kinds {
		for _, v := range variants() {
			columns := columnsOf(timeKinds()["time-us"], numberKinds()["double"])[:3]
			columns = append(columns,
				leaf{"PULocationID", kind.node, func(t trip.Trip) parquet.Value { return kind.value(of(t)) }, kind.patch},
				leaf{"DOLocationID", kind.node, func(t trip.Trip) parquet.Value { return kind.value(of(t) + 1) }, kind.patch})
			got, _, err := read(t, write(t, "x", parquetOf(t, v, columns, nil)))
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s %+v: %d trips, %v", name, v, len(got), err)
			}
		}
	}
}

// Ensure each type of times and numbers gives the same trips, required or
// optional, plain or through a dictionary, in pages of both versions.
func TestParquet_Types(t *testing.T) {
	times, numbers := timeKinds(), numberKinds()
	documented := named(t, "### Types", "### Codecs and encodings")
	here := slices.Sorted(maps.Keys(times))
	here = append(here, slices.Sorted(maps.Keys(numbers))...)
	here = append(here, slices.Sorted(maps.Keys(zoneKinds()))...)
	if slices.Sort(here); !slices.Equal(documented, here) {
		t.Errorf("docs/formats.md names\n%q, tried are\n%q", documented, here)
	}
	for _, v := range variants() {
		for name, kind := range times {
			t.Run(fmt.Sprintf("%s %+v", name, v), func(t *testing.T) {
				same(t, made{data: parquetOf(t, v, columnsOf(kind, numbers["double"]), noted(kind))})
			})
		}
		for name, kind := range numbers {
			t.Run(fmt.Sprintf("%s %+v", name, v), func(t *testing.T) {
				same(t, made{parquetOf(t, v, columnsOf(times["time-us"], kind), nil), rounded(kind)})
			})
		}
	}
}

// Ensure every codec and encoding of the format is read, and the two that the
// library does not know: LZ4 in Hadoop's frames, and as a bare block.
func TestParquet_Codecs(t *testing.T) {
	columns := columnsOf(timeKinds()["time-us"], numberKinds()["double"])
	texts := columnsOf(timeKinds()["time-text"], numberKinds()["number-text"])
	files := map[string]func(v variant) []byte{}
	for name, codec := range map[string]parquet.WriterOption{
		"codec-none": parquet.Compression(&parquet.Uncompressed), "codec-snappy": parquet.Compression(&parquet.Snappy), "codec-gzip": parquet.Compression(&parquet.Gzip),
		"codec-brotli": parquet.Compression(&parquet.Brotli), "codec-zstd": parquet.Compression(&parquet.Zstd), "codec-lz4-raw": parquet.Compression(&parquet.Lz4Raw),
	} {
		files[name] = func(v variant) []byte { return parquetOf(t, v, texts, nil, codec) }
	}
	for name, e := range map[string]encoding.Encoding{
		"encoding-delta": &parquet.DeltaBinaryPacked, "encoding-split": &parquet.ByteStreamSplit, "encoding-delta-length": &parquet.DeltaLengthByteArray, "encoding-delta-bytes": &parquet.DeltaByteArray,
	} {
		files[name] = func(v variant) []byte {
			some := slices.Clone(map[bool][]leaf{true: texts, false: columns}[strings.HasPrefix(name, "encoding-delta-")])
			for i := range some {
				if c := some[i].node.Type().Kind(); encodes(e, c) {
					some[i].node = parquet.Encoded(some[i].node, e)
				}
			}
			v.dictionary = false
			return parquetOf(t, v, some, nil)
		}
	}
	block := func(data []byte) []byte {
		out := make([]byte, lz4.CompressBlockBound(len(data)))
		n, err := lz4.CompressBlock(data, out, nil)
		if err != nil || n == 0 { // too short to be compressed: literals
			panic(fmt.Sprint(len(data), n, err))
		}
		return out[:n]
	}
	files["codec-lz4-block"] = func(v variant) []byte {
		return repacked(t, parquetOf(t, v, texts, nil), format.Lz4, func(_ *format.PageHeader, data []byte) []byte { return block(data) })
	}
	files["codec-lz4-hadoop"] = func(v variant) []byte {
		return repacked(t, parquetOf(t, v, texts, nil), format.Lz4, func(_ *format.PageHeader, data []byte) (out []byte) {
			for part := range slices.Chunk(data, 1000) {
				packed := block(part)
				out = binary.BigEndian.AppendUint32(out, uint32(len(part)))
				out = append(binary.BigEndian.AppendUint32(out, uint32(len(packed))), packed...)
			}
			return out
		})
	}
	// fastparquet leaves a few bytes behind the plain values of a page.
	for name, times := range map[string]string{"pages-trailing": "time-text", "pages-trailing-int96": "time-int96"} {
		files[name] = func(v variant) []byte {
			some := columnsOf(timeKinds()[times], numberKinds()["number-text"])
			file := parquetOf(t, v, some, func(m *format.FileMetaData) { m.CreatedBy = "fastparquet-python version 2026.9.0 (build 0)" })
			return repacked(t, file, format.Uncompressed, func(h *format.PageHeader, data []byte) []byte {
				if h.DataPageHeader.V.Encoding == format.RLEDictionary || h.DataPageHeaderV2.V.Encoding == format.RLEDictionary {
					return data
				}
				data = append(bytes.Clone(data), "\xba\xda\x55\xaa\x01\x02\x03\x04"...)
				h.UncompressedPageSize = int32(len(data))
				return data
			})
		}
	}
	if documented, here := named(t, "### Codecs and encodings", "## What is refused"), slices.Sorted(maps.Keys(files)); !slices.Equal(documented, here) {
		t.Errorf("docs/formats.md names\n%q, tried are\n%q", documented, here)
	}
	for name, file := range files {
		for _, v := range variants() {
			t.Run(fmt.Sprintf("%s %+v", name, v), func(t *testing.T) { same(t, made{data: file(v)}) })
		}
	}
}
