package kinesis_test

import (
	"crypto/md5"
	"math/rand/v2"
	"sync"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"taxistream/internal/kinesis"
)

// Ensure that any number of aggregates of any sizes get the checksums of the
// standard library, and that each damaged one of them is found, by many
// goroutines at a time.
func TestSeal_ManyAtATime(t *testing.T) {
	var all sync.WaitGroup
	for seed := range uint64(4) {
		all.Go(func() {
			source := rand.NewChaCha8([32]byte{byte(seed)})
			for _, n := range []int{0, 1, 4, 5, 16, 17, 40} {
				checkMany(t, source, n)
			}
		})
	}
	all.Wait()
}

func checkMany(t *testing.T, source *rand.ChaCha8, n int) {
	random := rand.New(source)
	records := make([][]byte, n)
	stream := make([]sdk.Record, n)
	damaged := make([]bool, n)
	for i := range records {
		data := make([]byte, random.IntN(200)*random.IntN(500)) // up to 100 kB, many short
		_, _ = source.Read(data)                                // never fails
		a := kinesis.NewAggregator(1<<20, "0")
		a.Add([]byte("k"), data)
		records[i] = a.AppendTo(nil)
		stream[i].Data = records[i]
	}
	kinesis.Seal(records)
	for i, r := range records {
		if md5.Sum(r[4:len(r)-md5.Size]) != [md5.Size]byte(r[len(r)-md5.Size:]) {
			t.Errorf("record %d of %d, %d bytes: another checksum", i, n, len(r))
		}
		if damaged[i] = random.IntN(4) == 0; damaged[i] {
			r[4+random.IntN(len(r)-4)] ^= 1
		}
	}
	next := 0
	kinesis.Deaggregate(stream, func(i int, users [][]byte, err error) {
		if i != next || (err != nil) != damaged[i] || (len(users) == 0) != damaged[i] {
			t.Errorf("record %d of %d, damaged %v: %d users, %v, called as %d", next, n, damaged[next], len(users), err, i)
		}
		next++
	})
	if next != n {
		t.Errorf("%d records, want %d", next, n)
	}
}
