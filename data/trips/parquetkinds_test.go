package trips_test

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"taxistream/internal/trip"
)

// timeKind is a type of the columns of times: how an instant, in ms, is stored.
type timeKind struct {
	node  parquet.Node
	value func(ms int64) parquet.Value
	patch func(*format.SchemaElement)
	meta  map[string]string
	by    string // what wrote the file
}

// numberKind is a type of the columns of numbers.
type numberKind struct {
	node  parquet.Node
	value func(f float64) parquet.Value
	patch func(*format.SchemaElement)
	round func(f float64) float64 // what the type leaves of a number
	total bool                    // too rough for coordinates
}

// clock is New York's wall clock as if it were UTC, in ms.
func clock(ms int64) int64 {
	_, offset := time.UnixMilli(ms).In(trip.NewYorkZone()).Zone()
	return ms + int64(offset)*1000
}

func int96(ms int64) parquet.Value {
	day, rest := ms/86_400_000, ms%86_400_000
	nanos := uint64(rest) * 1e6
	return parquet.Int96Value(deprecated.Int96{uint32(nanos), uint32(nanos >> 32), uint32(day + 2_440_588)})
}

func legacy(c deprecated.ConvertedType) func(*format.SchemaElement) {
	return func(e *format.SchemaElement) {
		e.LogicalType = format.LogicalType{}
		e.ConvertedType = thrift.New(c)
	}
}

// Schemas as pyarrow 26.0.1 adds them, of two columns of times: without a time zone, and in UTC.
const (
	arrowLocal = "/////8gAAAAQAAAAAAAKAAwABgAFAAgACgAAAAABBAAMAAAACAAIAAAABAAIAAAABAAAAAIAAABUAAAABAAAAMT///8AAAEKEAAAACgAAAAEAAAAAAAAABUAAAB0cGVwX2Ryb3BvZmZfZGF0ZXRpbWUAAAC2////AAACABAAFAAIAAYABwAMAAAAEAAQAAAAAAABChAAAAAsAAAABAAAAAAAAAAUAAAAdHBlcF9waWNrdXBfZGF0ZXRpbWUAAAYACAAGAAYAAAAAAAIAAAAAAA=="
	arrowUTC   = "/////+AAAAAQAAAAAAAKAAwABgAFAAgACgAAAAABBAAMAAAACAAIAAAABAAIAAAABAAAAAIAAABgAAAABAAAALj///8AAAEKEAAAACgAAAAEAAAAAAAAABUAAAB0cGVwX2Ryb3BvZmZfZGF0ZXRpbWUAAACo////AAACAAQAAAADAAAAVVRDABAAFAAIAAYABwAMAAAAEAAQAAAAAAABChAAAAAwAAAABAAAAAAAAAAUAAAAdHBlcF9waWNrdXBfZGF0ZXRpbWUAAAAACAAMAAYACAAIAAAAAAACAAQAAAADAAAAVVRDAA=="
)

// pandas is what pandas' writers note of the columns of times.
func pandas(kind, numpy string) map[string]string {
	var columns []string
	for _, name := range []string{"tpep_pickup_datetime", "tpep_dropoff_datetime"} {
		columns = append(columns, fmt.Sprintf(`{"name":%q,"field_name":%q,"pandas_type":%q,"numpy_type":%q,"metadata":null}`, name, name, kind, numpy))
	}
	return map[string]string{"pandas": `{"columns":[` + strings.Join(columns, ",") + `],"creator":{"library":"x"}}`}
}

func timeKinds() map[string]timeKind {
	all := map[string]timeKind{}
	for name, u := range map[string]struct {
		unit parquet.TimeUnit
		per  int64
	}{"ms": {parquet.Millisecond, 1}, "us": {parquet.Microsecond, 1e3}, "ns": {parquet.Nanosecond, 1e6}} {
		all["time-"+name] = timeKind{node: parquet.TimestampAdjusted(u.unit, false), value: func(ms int64) parquet.Value { return parquet.Int64Value(clock(ms) * u.per) }}
		all["time-utc-"+name] = timeKind{node: parquet.TimestampAdjusted(u.unit, true), value: func(ms int64) parquet.Value { return parquet.Int64Value(ms * u.per) }}
	}
	millis := func(ms int64) parquet.Value { return parquet.Int64Value(ms) }
	all["time-legacy-millis"] = timeKind{node: parquet.Int(64), value: millis, patch: legacy(deprecated.TimestampMillis)}
	all["time-legacy-micros"] = timeKind{node: parquet.Int(64), value: func(ms int64) parquet.Value { return parquet.Int64Value(ms * 1e3) }, patch: legacy(deprecated.TimestampMicros)}
	all["time-legacy-pandas"] = timeKind{
		node: parquet.Int(64), value: func(ms int64) parquet.Value { return parquet.Int64Value(clock(ms) * 1e3) },
		patch: legacy(deprecated.TimestampMicros), meta: pandas("datetime", "datetime64[ns]"),
	}
	node := parquet.Leaf(parquet.Int96Type)
	local := func(ms int64) parquet.Value { return int96(clock(ms)) }
	all["time-int96"] = timeKind{node: node, value: local}
	all["time-int96-arrow"] = timeKind{node: node, value: local, meta: map[string]string{"ARROW:schema": arrowLocal}}
	all["time-int96-arrow-utc"] = timeKind{node: node, value: int96, meta: map[string]string{"ARROW:schema": arrowUTC}}
	all["time-int96-pandas-utc"] = timeKind{node: node, value: int96, meta: pandas("datetimetz", "datetime64[ns]")}
	all["time-int96-spark"] = timeKind{node: node, value: int96, meta: map[string]string{"org.apache.spark.version": "4.3.0"}, by: "parquet-mr version 1.16.0"}
	all["time-int96-hive"] = timeKind{node: node, value: int96, meta: map[string]string{"writer.time.zone": "America/New_York"}}
	all["time-int96-fastparquet"] = timeKind{
		node: node, value: func(ms int64) parquet.Value { // microseconds taken for nanoseconds
			us := clock(ms) * 1e3
			return parquet.Int96Value(deprecated.Int96{uint32(us % 86_400e9), uint32(us % 86_400e9 >> 32), uint32(us/86_400e9 + 2_440_588)})
		},
		meta: pandas("datetime", "datetime64[us]"), by: "fastparquet-python version 2026.9.0 (build 0)",
	}
	text := func(layout func(int64) string) func(int64) parquet.Value {
		return func(ms int64) parquet.Value { return parquet.ByteArrayValue([]byte(layout(ms))) }
	}
	all["time-text"] = timeKind{node: parquet.String(), value: text(iso)}
	all["time-text-offset"] = timeKind{node: parquet.String(), value: text(wall("2006-01-02T15:04:05-07:00"))}
	all["time-bytes"] = timeKind{node: parquet.Leaf(parquet.ByteArrayType), value: text(iso)}
	all["time-enum"] = timeKind{node: parquet.Enum(), value: text(iso)}
	return all
}

// unscaled is a number of the sample times 10^scale.
func unscaled(f float64, scale int) *big.Int {
	text := strconv.FormatFloat(f, 'f', scale, 64)
	v, _ := new(big.Int).SetString(strings.ReplaceAll(text, ".", ""), 10)
	return v
}

// twos is a number in two's complement, the highest byte first.
func twos(v *big.Int, size int) []byte {
	if v.Sign() < 0 {
		v = new(big.Int).Add(v, new(big.Int).Lsh(big.NewInt(1), uint(8*size)))
	}
	return v.FillBytes(make([]byte, size))
}

func numberKinds() map[string]numberKind {
	all := map[string]numberKind{
		"double": {node: parquet.Leaf(parquet.DoubleType), value: func(f float64) parquet.Value { return parquet.DoubleValue(f) }},
		"float":  {node: parquet.Leaf(parquet.FloatType), value: func(f float64) parquet.Value { return parquet.FloatValue(float32(f)) }, round: func(f float64) float64 { return float64(float32(f)) }},
		"float16": {
			node: parquet.Leaf(parquet.FixedLenByteArrayType(2)), total: true,
			value: func(f float64) parquet.Value { // between 8 and 32, so that ulps are 2^-7 or 2^-6
				e := math.Ilogb(f)
				return parquet.FixedLenByteArrayValue(binary.LittleEndian.AppendUint16(nil, uint16(e+15)<<10|uint16(math.Ldexp(f, 10-e))&1023))
			},
			patch: func(e *format.SchemaElement) { e.LogicalType.Value = new(format.Float16Type) },
			round: func(f float64) float64 { e := math.Ilogb(f); return math.Ldexp(math.Trunc(math.Ldexp(f, 10-e)), e-10) },
		},
		"decimal-int32": {node: parquet.Decimal(4, 9, parquet.Int32Type), value: func(f float64) parquet.Value { return parquet.Int32Value(int32(unscaled(f, 4).Int64())) }},
		"decimal-int64": {node: parquet.Decimal(6, 18, parquet.Int64Type), value: func(f float64) parquet.Value { return parquet.Int64Value(unscaled(f, 6).Int64()) }},
		"decimal-bytes": {node: parquet.Decimal(6, 18, parquet.ByteArrayType), value: func(f float64) parquet.Value { return parquet.ByteArrayValue(twos(unscaled(f, 6), 5)) }},
	}
	for _, size := range []int{5, 9, 16, 32} {
		scale := map[int]int{5: 4, 9: 10, 16: 24, 32: 38}[size]
		all[fmt.Sprintf("decimal-fixed-%d", size)] = numberKind{
			node: parquet.Decimal(scale, size*2, parquet.FixedLenByteArrayType(size)),
			value: func(f float64) parquet.Value {
				return parquet.FixedLenByteArrayValue(twos(unscaled(f, 4).Mul(unscaled(f, 4), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale-4)), nil)), size))
			},
		}
	}
	old := all["decimal-int32"]
	old.patch = func(e *format.SchemaElement) {
		legacy(deprecated.Decimal)(e)
		e.Scale, e.Precision = thrift.New(int32(4)), thrift.New(int32(9))
	}
	all["decimal-legacy"] = old
	text := func(f float64) parquet.Value { return parquet.ByteArrayValue([]byte(number(f))) }
	all["number-text"] = numberKind{node: parquet.String(), value: text}
	all["number-bytes"] = numberKind{node: parquet.Leaf(parquet.ByteArrayType), value: text}
	return all
}

// zoneKinds are the types of numbers of zones.
func zoneKinds() map[string]numberKind {
	small := func(f float64) parquet.Value { return parquet.Int32Value(int32(f)) }
	large := func(f float64) parquet.Value { return parquet.Int64Value(int64(f)) }
	all := map[string]numberKind{}
	for _, bits := range []int{8, 16, 32, 64} {
		value := small
		if bits == 64 {
			value = large
		}
		all[fmt.Sprintf("int%d", bits)] = numberKind{node: parquet.Int(bits), value: value}
		all[fmt.Sprintf("uint%d", bits)] = numberKind{node: parquet.Uint(bits), value: value}
	}
	all["int32-bare"] = numberKind{node: parquet.Leaf(parquet.Int32Type), value: small}
	all["int64-bare"] = numberKind{node: parquet.Leaf(parquet.Int64Type), value: large}
	all["int-legacy"] = numberKind{node: parquet.Int(16), value: small, patch: legacy(deprecated.Int16)}
	all["uint-legacy"] = numberKind{node: parquet.Uint(64), value: large, patch: legacy(deprecated.Uint64)}
	return all
}

// columnsOf are a trip's, of one type of times and one of numbers.
func columnsOf(times timeKind, numbers numberKind) []leaf {
	all := []leaf{
		{"tpep_pickup_datetime", times.node, func(t trip.Trip) parquet.Value { return times.value(t.Pickup) }, times.patch},
		{"tpep_dropoff_datetime", times.node, func(t trip.Trip) parquet.Value { return times.value(t.Dropoff) }, times.patch},
		{"total_amount", numbers.node, func(t trip.Trip) parquet.Value { return numbers.value(t.TotalAmount) }, numbers.patch},
	}
	places := numbers
	if numbers.total {
		places = numberKinds()["double"]
	}
	for name, get := range map[string]func(trip.Trip) float64{
		"pickup_longitude": func(t trip.Trip) float64 { return t.PickupLon }, "pickup_latitude": func(t trip.Trip) float64 { return t.PickupLat },
		"dropoff_longitude": func(t trip.Trip) float64 { return t.DropoffLon }, "dropoff_latitude": func(t trip.Trip) float64 { return t.DropoffLat },
	} {
		all = append(all, leaf{name, places.node, func(t trip.Trip) parquet.Value { return places.value(get(t)) }, places.patch})
	}
	return all
}

func rounded(k numberKind) func(trip.Trip) trip.Trip {
	if k.round == nil {
		return nil
	}
	return func(t trip.Trip) trip.Trip {
		t.TotalAmount = k.round(t.TotalAmount)
		if !k.total {
			t.PickupLat, t.PickupLon, t.DropoffLat, t.DropoffLon = k.round(t.PickupLat), k.round(t.PickupLon), k.round(t.DropoffLat), k.round(t.DropoffLon)
		}
		return t
	}
}

func noted(times timeKind) func(*format.FileMetaData) {
	return func(m *format.FileMetaData) {
		for _, key := range slices.Sorted(maps.Keys(times.meta)) {
			m.KeyValueMetadata = append(m.KeyValueMetadata, format.KeyValue{Key: key, Value: times.meta[key]})
		}
		if times.by != "" {
			m.CreatedBy = times.by
		}
	}
}

func simpleParquet(t testing.TB) []byte {
	times := timeKinds()["time-us"]
	return parquetOf(t, variant{true, true, 1}, columnsOf(times, numberKinds()["double"]), noted(times))
}
