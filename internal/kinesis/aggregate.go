package kinesis

import (
	"bytes"
	"crypto/md5"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"google.golang.org/protobuf/encoding/protowire"
)

// The KPL's format (amazon-kinesis-producer, aggregation-format.md): four magic
// bytes, a protobuf AggregatedRecord, the protobuf's MD5.
var magic = []byte{0xf3, 0x89, 0x9a, 0xc2}

const (
	tableField   = 1 // repeated string partition_key_table
	hashesField  = 2 // repeated string explicit_hash_key_table
	recordsField = 3 // repeated Record
	indexField   = 1 // of Record: uint64 partition_key_index
	hashField    = 2 // of Record: uint64 explicit_hash_key_index
	dataField    = 3 // of Record: bytes
)

// The fields' tags, one byte each, as every writer encodes them.
const (
	tableTag   = tableField<<3 | byte(protowire.BytesType)
	hashesTag  = hashesField<<3 | byte(protowire.BytesType)
	recordsTag = recordsField<<3 | byte(protowire.BytesType)
	indexTag   = indexField<<3 | byte(protowire.VarintType)
	hashTag    = hashField<<3 | byte(protowire.VarintType)
	dataTag    = dataField<<3 | byte(protowire.BytesType)
	tagSize    = 1
)

// Aggregator packs user records into one Kinesis record. It allocates only while
// it grows to its limit.
type Aggregator struct {
	limit   int
	hashes  []byte // the encoded explicit_hash_key_table, of one key
	keys    uint64
	table   []byte // the encoded partition_key_table
	records []byte // the encoded records
}

// NewAggregator returns an empty aggregate of at most limit bytes, unless a
// single user record needs more. Every user record gets the explicit hash key
// (decimal) that the aggregate is put with: KCL and other readers drop the user
// records whose own key is not in the range of the shard they read, as those of an
// aggregate that meets a reshard may be.
func NewAggregator(limit int, hashKey string) *Aggregator {
	return &Aggregator{limit: limit, hashes: protowire.AppendString([]byte{hashesTag}, hashKey)}
}

// hashIndex is the explicit hash key of a user record: the table's only one.
var hashIndex = []byte{hashTag, 0}

// Add appends a user record and reports whether there was room for it. An empty
// aggregate has room for any.
func (a *Aggregator) Add(partitionKey, data []byte) bool {
	inner := tagSize + protowire.SizeVarint(a.keys) + len(hashIndex) + tagSize + protowire.SizeBytes(len(data))
	more := tagSize + protowire.SizeBytes(len(partitionKey)) + tagSize + protowire.SizeBytes(inner)
	if a.keys > 0 && a.Size()+more > a.limit {
		return false
	}
	a.table = protowire.AppendBytes(append(a.table, tableTag), partitionKey)
	a.records = protowire.AppendVarint(append(a.records, recordsTag), uint64(inner))
	a.records = protowire.AppendVarint(append(a.records, indexTag), a.keys)
	a.records = append(a.records, hashIndex...)
	a.records = protowire.AppendBytes(append(a.records, dataTag), data)
	a.keys++
	return true
}

// Size is the length of the whole record, in bytes.
func (a *Aggregator) Size() int {
	return len(magic) + len(a.table) + len(a.hashes) + len(a.records) + md5.Size
}

// AppendTo appends the whole record to dst, but for the checksum, whose place is
// left empty: Seal fills it.
func (a *Aggregator) AppendTo(dst []byte) []byte {
	dst = append(dst, magic...)
	dst = append(dst, a.table...)
	dst = append(dst, a.hashes...)
	dst = append(dst, a.records...)
	return append(dst, make([]byte, md5.Size)...)
}

// Seal writes the checksums of records made by AppendTo. Many at a time are
// cheaper than one by one.
func Seal(records [][]byte) {
	bodies := make([][]byte, len(records))
	for i, r := range records {
		bodies[i] = body(r)
	}
	for i, sum := range checksums(bodies) {
		copy(records[i][len(records[i])-md5.Size:], sum[:])
	}
}

// body is the protobuf of an aggregate.
func body(record []byte) []byte { return record[len(magic) : len(record)-md5.Size] }

// Reset makes the aggregate empty.
func (a *Aggregator) Reset() { a.keys, a.table, a.records = 0, a.table[:0], a.records[:0] }

// ErrBadAggregate is returned for a record that has the KPL's magic bytes but not
// its checksum or form. The whole record is then one bad user record.
var ErrBadAggregate = errors.New("bad KPL aggregate")

// IsAggregate reports whether a record claims to be one.
func IsAggregate(data []byte) bool { return bytes.HasPrefix(data, magic) }

// Deaggregate calls yield with the user records of each record, in order: those in
// an aggregate, or the one that the record itself is. They are views into the
// record; the slice is yield's during the call. A bad aggregate has none, and an
// error that wraps ErrBadAggregate. Many records at a time are cheaper than one by one.
func Deaggregate(records []types.Record, yield func(i int, users [][]byte, err error)) {
	var bodies, users [][]byte
	for i := range records {
		if data := records[i].Data; whole(data) {
			bodies = append(bodies, body(data))
		}
	}
	sums := checksums(bodies)
	for i := range records {
		data := records[i].Data
		users = users[:0]
		var err error
		switch {
		case !IsAggregate(data):
			users = append(users, data)
		case !whole(data):
			err = fmt.Errorf("%w: cut off", ErrBadAggregate)
		default:
			users, err = appendUsers(users, data, sums[0])
			sums = sums[1:]
		}
		if err != nil {
			users = users[:0]
		}
		yield(i, users, err)
	}
}

// whole reports whether a record is an aggregate with room for a checksum.
func whole(data []byte) bool { return IsAggregate(data) && len(data) >= len(magic)+md5.Size }

// appendUsers appends the user records in a whole aggregate, whose body has the
// checksum sum, to users.
func appendUsers(users [][]byte, record []byte, sum [md5.Size]byte) ([][]byte, error) {
	if sum != [md5.Size]byte(record[len(record)-md5.Size:]) {
		return users, fmt.Errorf("%w: the checksum is wrong", ErrBadAggregate)
	}
	err := eachField(body(record), recordsField, func(inner []byte) error {
		data, found := usualData(inner)
		var err error
		if !found {
			err = eachField(inner, dataField, func(d []byte) error {
				data, found = d, true
				return nil
			})
		}
		if err == nil && !found {
			err = fmt.Errorf("%w: a record without data", ErrBadAggregate)
		}
		users = append(users, data)
		return err
	})
	return users, err
}

// usualData finds the data of a record that holds a table index, perhaps an
// explicit hash key, and the data and nothing else, as the KPL writes it; false
// for any other.
func usualData(inner []byte) ([]byte, bool) {
	at, ok := afterIndex(inner, 0, indexTag)
	if !ok {
		return nil, false
	}
	if after, ok := afterIndex(inner, at, hashTag); ok {
		at = after
	}
	if at >= len(inner) || inner[at] != dataTag {
		return nil, false
	}
	data, n := protowire.ConsumeBytes(inner[at+1:])
	return data, n >= 0 && at+1+n == len(inner)
}

// afterIndex is the place behind the field of a table index at a place; false if
// another field is there, or a long number.
func afterIndex(inner []byte, at int, tag byte) (int, bool) {
	if at >= len(inner) || inner[at] != tag {
		return at, false
	}
	last := at + 4
	for at++; at < len(inner) && at < last && inner[at] >= 0x80; at++ {
	}
	return at + 1, at < len(inner) && inner[at] < 0x80
}

// eachField calls f with each length-delimited field of a number.
func eachField(b []byte, number protowire.Number, f func([]byte) error) error {
	for len(b) > 0 {
		n, kind, size := protowire.Number(b[0]>>3), protowire.Type(b[0]&7), 1
		if b[0] >= 0x80 || n == 0 {
			if n, kind, size = protowire.ConsumeTag(b); size < 0 {
				return fmt.Errorf("%w: %w", ErrBadAggregate, protowire.ParseError(size))
			}
		}
		b = b[size:]
		if n == number && kind == protowire.BytesType {
			v, size := protowire.ConsumeBytes(b)
			if size < 0 {
				return fmt.Errorf("%w: %w", ErrBadAggregate, protowire.ParseError(size))
			}
			if err := f(v); err != nil {
				return err
			}
			b = b[size:]
			continue
		}
		if size = protowire.ConsumeFieldValue(n, kind, b); size < 0 {
			return fmt.Errorf("%w: %w", ErrBadAggregate, protowire.ParseError(size))
		}
		b = b[size:]
	}
	return nil
}
