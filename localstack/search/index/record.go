package index

import (
	"encoding/binary"
	"errors"
)

// record is a document as it stands on disk: flags, version, sequence number, the
// id's length (uvarints), the id, the source as it came.
type record struct {
	live    bool
	version int64
	seq     int64
	id      []byte
	source  []byte
	size    int64 // of all of it
}

const flagLive = 1

// head are the bytes before the id.
func (r *record) head(b []byte) []byte {
	flags := byte(0)
	if r.live {
		flags = flagLive
	}
	b = append(b, flags)
	b = binary.AppendUvarint(b, uint64(r.version))
	b = binary.AppendUvarint(b, uint64(r.seq))
	return binary.AppendUvarint(b, uint64(len(r.id)))
}

var errRecord = errors.New("a record is of no known form")

func decode(b []byte) (record, error) {
	r := record{size: int64(len(b)), live: b[0] == flagLive}
	if b[0] > flagLive {
		return r, errRecord
	}
	b = b[1:]
	var numbers [3]int64
	for i := range numbers {
		v, n := binary.Uvarint(b)
		if n <= 0 || v > 1<<63-1 {
			return r, errRecord
		}
		numbers[i], b = int64(v), b[n:]
	}
	if numbers[2] > int64(len(b)) {
		return r, errRecord
	}
	r.version, r.seq, r.id, r.source = numbers[0], numbers[1], b[:numbers[2]], b[numbers[2]:]
	return r, nil
}
