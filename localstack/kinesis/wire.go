package kinesis

import (
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
		if err := p.file.readAt(p.file.f, piece, p.offset+int64(done)); err != nil {
			return err
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
