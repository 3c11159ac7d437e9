package disk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"sync"
)

// headBytes are a record's CRC and length.
const headBytes = 8

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// File is one file of records. Its owner locks it.
type File struct {
	f       *os.File
	size    int64  // written
	pending []byte // appended, not yet written; its place is size
	spoiled error  // what writing fails with, in tests
}

// OpenFile opens or creates a file. Replay must follow before anything else.
func OpenFile(path string) (*File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	return &File{f: f}, nil
}

// Replay calls fn with each record that the file holds and its offset. The payload
// is valid until fn returns. Of the newest file of several a record that was never
// finished is cut off.
func (f *File) Replay(newest bool, fn func(offset int64, payload []byte) error) error {
	err := scan(f.f, func(offset int64, payload []byte) error {
		f.size = offset + headBytes + int64(len(payload))
		return fn(offset, payload)
	})
	if err == nil {
		err = f.cut(newest)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", f.f.Name(), err)
	}
	return nil
}

// unnamed makes a file that no folder lists, so that nothing is left of it.
func unnamed() (*File, error) {
	f, err := os.CreateTemp("", "taxistream-results-*")
	if err != nil {
		return nil, err
	}
	return &File{f: f}, os.Remove(f.Name())
}

// cut removes what follows the last whole record, which only an interrupted write explains.
func (f *File) cut(newest bool) error {
	info, err := f.f.Stat()
	if err != nil || info.Size() == f.size {
		return err
	}
	rest := info.Size() - f.size
	var head [headBytes]byte
	if n, err := f.f.ReadAt(head[:], f.size); n == headBytes {
		length := int64(binary.LittleEndian.Uint32(head[4:]))
		if torn := length+headBytes > rest || head == [headBytes]byte{}; !torn {
			return fmt.Errorf("the record at byte %d is damaged; restore the folder from a copy, or delete it to begin anew", f.size)
		}
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	if !newest {
		return fmt.Errorf("the file ends within the record at byte %d; restore the folder from a copy, or delete it to begin anew", f.size)
	}
	return f.f.Truncate(f.size)
}

// scan reads records from the beginning until one is not whole.
func scan(f *os.File, fn func(offset int64, payload []byte) error) error {
	window := make([]byte, 0, 256<<10)
	for end := int64(0); ; {
		if cap(window)-len(window) < 64<<10 {
			window = append(make([]byte, 0, 2*cap(window)), window...)
		}
		n, readErr := f.ReadAt(window[len(window):cap(window)], end+int64(len(window)))
		window = window[:len(window)+n]
		used := 0
		for {
			payload, size, ok := whole(window[used:])
			if !ok {
				break
			}
			if err := fn(end, payload); err != nil {
				return err
			}
			used += size
			end += int64(size)
		}
		window = append(window[:0], window[used:]...)
		if errors.Is(readErr, io.EOF) {
			return nil
		}
		if readErr != nil {
			return readErr
		}
	}
}

// whole gives the record that b begins with, if all of it is there and unharmed.
func whole(b []byte) (payload []byte, size int, ok bool) {
	if len(b) < headBytes {
		return nil, 0, false
	}
	n := int64(binary.LittleEndian.Uint32(b[4:]))
	if n == 0 || n > int64(len(b)-headBytes) {
		return nil, 0, false
	}
	payload = b[headBytes : headBytes+n : headBytes+n]
	return payload, headBytes + int(n), crc32.Checksum(payload, castagnoli) == binary.LittleEndian.Uint32(b)
}

// Append adds a record of the parts' bytes, one of which is not empty, and returns
// its offset. It is sure to be written once Flush returns.
func (f *File) Append(parts ...[]byte) (offset int64) {
	if len(f.pending) >= bufferBytes {
		_ = f.Flush() // or the next one does
	}
	if f.pending == nil {
		f.pending, _ = buffers.Get().([]byte)
	}
	offset = f.size + int64(len(f.pending))
	start := len(f.pending)
	f.pending = append(f.pending, make([]byte, headBytes)...)
	for _, p := range parts {
		f.pending = append(f.pending, p...)
	}
	head, payload := f.pending[start:start+headBytes], f.pending[start+headBytes:]
	binary.LittleEndian.PutUint32(head, crc32.Checksum(payload, castagnoli))
	binary.LittleEndian.PutUint32(head[4:], uint32(len(payload)))
	return offset
}

// bufferBytes is how much is gathered before it is written.
const bufferBytes = 128 << 10

// buffers keeps the memory of pending records. Most files have none most of the time.
var buffers sync.Pool

// Flush writes what was appended. After an error it is still pending: the next
// call tries again.
func (f *File) Flush() error {
	if len(f.pending) == 0 {
		return nil
	}
	if f.spoiled != nil {
		return f.spoiled
	}
	if _, err := f.f.WriteAt(f.pending, f.size); err != nil {
		return err
	}
	f.size += int64(len(f.pending))
	if cap(f.pending) <= 2*bufferBytes {
		buffers.Put(f.pending[:0]) //nolint:staticcheck // a slice's header is small beside what it saves
	}
	f.pending = nil
	return nil
}

// Discard forgets what was appended and not written.
func (f *File) Discard() { f.pending = f.pending[:0] }

// Len is the length with what is pending.
func (f *File) Len() int64 { return f.size + int64(len(f.pending)) }

// Sync writes what was appended and returns once the disk has it.
func (f *File) Sync() error {
	if err := f.Flush(); err != nil {
		return err
	}
	return f.f.Sync()
}

// Close closes the file without writing what is pending.
func (f *File) Close() error { return f.f.Close() }
