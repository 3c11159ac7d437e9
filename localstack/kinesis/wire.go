package kinesis

import (
	"fmt"
	"io"
	"strconv"
	"sync"
)

// timestamp is a time in ms, written as seconds with three decimals and
// read from any JSON number of seconds.
type timestamp int64

// MarshalJSON writes seconds, as the protocol has them.
func (t timestamp) MarshalJSON() ([]byte, error) { return appendSeconds(nil, int64(t)), nil }

// UnmarshalJSON reads seconds, cut to milliseconds.
func (t *timestamp) UnmarshalJSON(text []byte) error {
	seconds, err := strconv.ParseFloat(string(text), 64)
	if err != nil || seconds < -1e12 || seconds > 1e12 {
		return fmt.Errorf("timestamp %s is no number of seconds", text)
	}
	// Half a microsecond covers what a float lacks: 1700000000.123 is a little less.
	*t = timestamp((seconds + 5e-7) * 1000)
	return nil
}

// appendSeconds writes ms as seconds with three decimals.
func appendSeconds(dst []byte, ms int64) []byte {
	if ms < 0 {
		dst = append(dst, '-')
		ms = -ms
	}
	dst = strconv.AppendInt(dst, ms/1000, 10)
	ms %= 1000
	return append(dst, '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
}

// write copies the part to w; a file's through a buffer of copyBytes.
func (p part) write(w io.Writer) error {
	if p.file == nil {
		_, err := w.Write(p.bytes)
		return err
	}
	buffer := copyBuffers.Get().(*[copyBytes]byte)
	defer copyBuffers.Put(buffer)
	for done := 0; done < p.length; {
		piece := buffer[:min(copyBytes, p.length-done)]
		if _, err := p.file.f.ReadAt(piece, p.offset+int64(done)); err != nil {
			return fmt.Errorf("read back records from %s: %w", p.file.f.Name(), err)
		}
		if _, err := w.Write(piece); err != nil {
			return err
		}
		done += len(piece)
	}
	return nil
}

const copyBytes = 128 << 10

var copyBuffers = sync.Pool{New: func() any { return new([copyBytes]byte) }}
