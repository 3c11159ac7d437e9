package kinesis_test

import (
	"bytes"
	"crypto/md5"
	"errors"
	"fmt"
	"slices"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/awslabs/kinesis-aggregation/go/v2/deaggregator"
	"github.com/awslabs/kinesis-aggregation/go/v2/records"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
	"pgregory.net/rapid"

	"taxistream/internal/kinesis"
)

func pack(users [][]byte) []byte {
	a := kinesis.NewAggregator(1<<20, "0")
	for i, u := range users {
		a.Add(fmt.Append(nil, i), u)
	}
	return sealed(a)
}

func sealed(a *kinesis.Aggregator) []byte {
	record := a.AppendTo(nil)
	kinesis.Seal([][]byte{record})
	return record
}

// open gives the user records of one record.
func open(record []byte) (got [][]byte, err error) {
	kinesis.Deaggregate([]sdk.Record{{Data: record}}, func(_ int, users [][]byte, bad error) {
		got, err = slices.Clone(users), bad
	})
	return got, err
}

func unpack(t interface{ Fatalf(string, ...any) }, record []byte) [][]byte {
	got, err := open(record)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return got
}

// Ensure any user records come back as they went in, for us and for the KPL's own reader.
func TestAggregateRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		users := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 300), 1, 40).Draw(t, "users")
		record := pack(users)
		got := unpack(t, record)
		theirs, err := deaggregator.DeaggregateRecords([]sdk.Record{{Data: record}})
		if err != nil || len(got) != len(users) || len(theirs) != len(users) {
			t.Fatalf("%d and %d records, want %d (%v)", len(got), len(theirs), len(users), err)
		}
		for i := range users {
			if !bytes.Equal(got[i], users[i]) || !bytes.Equal(theirs[i].Data, users[i]) {
				t.Fatalf("record %d: got %x and %x, want %x", i, got[i], theirs[i].Data, users[i])
			}
		}
	})
}

// Ensure every user record has the aggregate's explicit hash key, and no other.
func TestAggregateHashKey(t *testing.T) {
	const key = "170141183460469231731687303715884105728"
	a := kinesis.NewAggregator(1<<20, key)
	for round := range 2 {
		for i := range 5 {
			a.Add(fmt.Append(nil, i), []byte("data"))
		}
		body := sealed(a)[4 : a.Size()-md5.Size]
		var all records.AggregatedRecord
		if err := proto.Unmarshal(body, protoadapt.MessageV2Of(&all)); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(all.ExplicitHashKeyTable, []string{key}) || len(all.Records) != 5 {
			t.Fatalf("round %d: %d records, table %q", round, len(all.Records), all.ExplicitHashKeyTable)
		}
		for i, r := range all.Records {
			if r.ExplicitHashKeyIndex == nil || *r.ExplicitHashKeyIndex != 0 || all.PartitionKeyTable[*r.PartitionKeyIndex] != fmt.Sprint(i) {
				t.Errorf("round %d, record %d: %v", round, i, r)
			}
		}
		a.Reset()
	}
}

// Ensure the size is exact, the limit holds, and one record always fits.
func TestAggregatorLimit(t *testing.T) {
	a := kinesis.NewAggregator(1000, "0")
	n := 0
	for a.Add([]byte("key"), make([]byte, 100)) {
		n++
		if got := len(a.AppendTo(nil)); got != a.Size() || got > 1000 {
			t.Fatalf("%d bytes, size says %d, the limit is 1000", got, a.Size())
		}
	}
	if n != 8 {
		t.Errorf("%d records of 100 bytes in 1000", n)
	}
	a.Reset()
	if !a.Add([]byte("key"), make([]byte, 5000)) || len(unpack(t, sealed(a))) != 1 {
		t.Error("a large record does not fit into an empty aggregate")
	}
}

// Ensure damage is found before anything is yielded.
func TestDeaggregateDamage(t *testing.T) {
	whole := pack([][]byte{[]byte("one"), []byte("two")})
	for i := range whole {
		bad := bytes.Clone(whole)
		bad[i] ^= 1
		users, err := open(bad)
		if i < 4 { // it claims to be no aggregate any more
			if err != nil || len(users) != 1 || !bytes.Equal(users[0], bad) {
				t.Fatalf("byte %d: got %x, %v", i, users, err)
			}
			continue
		}
		if !errors.Is(err, kinesis.ErrBadAggregate) || len(users) > 0 {
			t.Fatalf("byte %d: got %x, %v", i, users, err)
		}
		if users, err := open(whole[:i]); !errors.Is(err, kinesis.ErrBadAggregate) || len(users) > 0 {
			t.Fatalf("cut at %d: got %x, %v", i, users, err)
		}
	}
}

func FuzzDeaggregate(f *testing.F) {
	f.Add(pack([][]byte{[]byte("one"), nil}))
	f.Add([]byte{0xf3, 0x89, 0x9a, 0xc2})
	whole := pack([][]byte{[]byte("one"), nil, []byte("three")})
	f.Add(whole[4 : len(whole)-md5.Size])
	f.Fuzz(func(t *testing.T, data []byte) {
		check := func(record []byte) (users [][]byte, err error) {
			users, err = open(record)
			if err != nil && len(users) > 0 {
				t.Fatal("records before an error")
			}
			return users, err
		}
		_, _ = check(data)
		// The same bytes under a right checksum, against the protobuf library.
		sum := md5.Sum(data)
		users, err := check(slices.Concat([]byte{0xf3, 0x89, 0x9a, 0xc2}, data, sum[:]))
		var want records.AggregatedRecord
		if wrong := proto.Unmarshal(data, protoadapt.MessageV2Of(&want)); wrong != nil {
			return // it wants more fields than the pipeline uses
		}
		if err != nil || len(users) != len(want.Records) {
			t.Fatalf("%d records and %v, protobuf finds %d", len(users), err, len(want.Records))
		}
		for i, r := range want.Records {
			if !bytes.Equal(users[i], r.Data) {
				t.Fatalf("record %d: %x, protobuf finds %x", i, users[i], r.Data)
			}
		}
	})
}

func BenchmarkAggregate(b *testing.B) {
	a := kinesis.NewAggregator(25<<10, "0")
	key, data := []byte("1234567890123456789"), make([]byte, 230)
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		if !a.Add(key, data) {
			out = a.AppendTo(out[:0])
			a.Reset()
		}
	}
}

func BenchmarkDeaggregate(b *testing.B) {
	users := make([][]byte, 100)
	for i := range users {
		users[i] = make([]byte, 230)
	}
	records := slices.Repeat([]sdk.Record{{Data: pack(users)}}, 20)
	b.ReportAllocs()
	for i := 0; i < b.N; i += len(users) * len(records) {
		kinesis.Deaggregate(records, func(_ int, _ [][]byte, err error) {
			if err != nil {
				b.Fatal(err)
			}
		})
	}
}
