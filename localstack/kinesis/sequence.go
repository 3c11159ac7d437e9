package kinesis

import (
	"fmt"
	"math"
	"strconv"
)

// A sequence number is 56 digits: "49", the stream's creation in milliseconds
// (13), a counter over the stream (20) and the shard's number (21). So numbers
// grow over a stream, those of a child shard follow its parents', those of a
// stream made anew follow the old one's, and the order of the texts is the
// order of the numbers.
const (
	sequenceLength = 56
	counterAt      = 15
	counterEnd     = 35
)

// sequenceForm makes the sequence numbers of one shard.
type sequenceForm [sequenceLength]byte

func newSequenceForm(createdMs int64, shard int) sequenceForm {
	var f sequenceForm
	copy(f[:], fmt.Sprintf("49%013d%020d%021d", createdMs, 0, shard))
	return f
}

// append writes the sequence number of counter.
func (f *sequenceForm) append(dst []byte, counter uint64) []byte {
	dst = append(dst, f[:]...)
	digits := dst[len(dst)-sequenceLength+counterAt : len(dst)-sequenceLength+counterEnd]
	for i := len(digits) - 1; counter > 0; i-- {
		digits[i] = byte('0' + counter%10)
		counter /= 10
	}
	return dst
}

func (f *sequenceForm) text(counter uint64) string {
	return string(f.append(make([]byte, 0, sequenceLength), counter))
}

// parseSequence returns the counter and the shard's number of a sequence number of the stream.
func (st *stream) parseSequence(text string) (counter uint64, shard int, ok bool) {
	if len(text) != sequenceLength {
		return 0, 0, false
	}
	shard, err := strconv.Atoi(text[counterEnd:])
	if err != nil || shard < 0 || shard > math.MaxInt32 {
		return 0, 0, false
	}
	form := newSequenceForm(st.createdMs, shard)
	counter, ok = form.parse(text)
	return counter, shard, ok
}

// parse returns the counter of a sequence number of this shard; false if the
// number is another shard's or none at all.
func (f *sequenceForm) parse(text string) (uint64, bool) {
	if len(text) != sequenceLength || text[:counterAt] != string(f[:counterAt]) || text[counterEnd:] != string(f[counterEnd:]) {
		return 0, false
	}
	var counter uint64
	for i := counterAt; i < counterEnd; i++ {
		digit := text[i] - '0'
		if digit > 9 || counter > (^uint64(0)-uint64(digit))/10 {
			return 0, false
		}
		counter = counter*10 + uint64(digit)
	}
	return counter, true
}
