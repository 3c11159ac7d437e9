package kinesis

import (
	"fmt"
	"io"
	"sync"
)

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
