package files

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"

	"taxistream/engine"
)

// offset is where a file is read on.
type offset struct {
	At   int64  `json:"at"`   // bytes that have been read, whole lines
	Size int64  `json:"size"` // of the file
	Sum  uint32 `json:"crc"`  // CRC-32C of the bytes that have been read
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// reader reads the lines of one file.
type reader[T any] struct {
	s    *Source[T]
	path string
	file fs.File
	from *bufio.Reader
	offset
	line []byte // a long one
}

// Open implements engine.Source. It reads what was read before once more, to see that it is the same.
func (s *Source[T]) Open(ctx context.Context, split engine.Split) (engine.SplitReader[T], error) {
	var had offset
	if split.Offset != nil {
		if err := json.Unmarshal(split.Offset, &had); err != nil {
			return nil, fmt.Errorf("file %s: decode its offset: %w", split.ID, err)
		}
	}
	file, err := s.FS.Open(split.ID)
	if split.Offset != nil && errors.Is(err, fs.ErrNotExist) {
		return nil, &ChangedError{split.ID, "it is gone"}
	}
	if err != nil {
		return nil, err
	}
	r := &reader[T]{s: s, path: split.ID, file: file, from: bufio.NewReaderSize(file, 64<<10)}
	if r.Size, err = r.size(); err == nil && split.Offset != nil {
		err = r.skip(ctx, had)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return r, nil
}

func (r *reader[T]) size() (int64, error) {
	info, err := r.file.Stat()
	if err != nil {
		return 0, fmt.Errorf("file %s: %w", r.path, err)
	}
	return info.Size(), nil
}

// skip passes over what had been read.
func (r *reader[T]) skip(ctx context.Context, had offset) error {
	if r.Size != had.Size {
		return &ChangedError{r.path, fmt.Sprintf("it had %d bytes and has %d", had.Size, r.Size)}
	}
	sum := crc32.New(castagnoli)
	for left := had.At; left > 0; {
		n, err := io.CopyN(sum, r.from, min(left, 1<<20))
		if left -= n; err == nil {
			err = ctx.Err()
		}
		if errors.Is(err, io.EOF) {
			return &ChangedError{r.path, fmt.Sprintf("it ends %d bytes before the place to read on", left)}
		}
		if err != nil {
			return fmt.Errorf("file %s: %w", r.path, err)
		}
	}
	if sum.Sum32() != had.Sum {
		return &ChangedError{r.path, fmt.Sprintf("its first %d bytes are others", had.At)}
	}
	r.offset = had
	return nil
}

// Next implements engine.SplitReader.
func (r *reader[T]) Next(ctx context.Context) (engine.Read[T], error) {
	var read engine.Read[T]
	for from, most := r.At, int64(cmp.Or(r.s.ReadBytes, 64<<10)); r.At-from < most && r.At < r.Size; {
		line, length, err := r.next()
		if err != nil {
			return read, err
		}
		e, err := r.s.Decode(line)
		if err != nil {
			return read, &LineError{r.path, r.At, err}
		}
		read.Elements = append(read.Elements, e)
		r.At += length
	}
	if r.At >= r.Size {
		size, err := r.size()
		if err == nil && size != r.Size {
			err = &ChangedError{r.path, fmt.Sprintf("it had %d bytes and has %d", r.Size, size)}
		}
		if err != nil {
			return read, err
		}
		read.End = true
	}
	var err error
	read.Offset, err = json.Marshal(r.offset)
	return read, cmp.Or(err, ctx.Err())
}

// next is the next line, without its line feed, and its length with it. The last may have none.
func (r *reader[T]) next() (line []byte, length int64, err error) {
	limit := cmp.Or(r.s.LineBytes, 1<<20)
	r.line = r.line[:0]
	for {
		piece, err := r.from.ReadSlice('\n')
		r.Sum = crc32.Update(r.Sum, castagnoli, piece)
		length += int64(len(piece))
		switch {
		case err == nil || err == io.EOF:
		case errors.Is(err, bufio.ErrBufferFull):
		default:
			return nil, 0, fmt.Errorf("file %s: %w", r.path, err)
		}
		if r.At+length > r.Size || err == io.EOF && r.At+length < r.Size {
			return nil, 0, &ChangedError{r.path, fmt.Sprintf("it had %d bytes, and its end is elsewhere now", r.Size)}
		}
		if len(r.line) > 0 || errors.Is(err, bufio.ErrBufferFull) {
			r.line = append(r.line, piece...)
			piece = r.line
		}
		if len(piece) > limit+1 {
			return nil, 0, &LineError{r.path, r.At, fmt.Errorf("it is longer than %d bytes", limit)}
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if n := len(piece); n > 0 && piece[n-1] == '\n' {
			piece = piece[:n-1]
		}
		return piece, length, nil
	}
}

// Close implements engine.SplitReader.
func (r *reader[T]) Close() error { return r.file.Close() }
