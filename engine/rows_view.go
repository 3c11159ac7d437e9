package engine

import (
	"encoding/binary"
	"io"
	"time"

	"taxistream/engine/checkpoint"
	"taxistream/engine/internal/runtime"
	"taxistream/engine/state"
)

// A table's entries in a state file, layout 1: pieces of rows, each with the lengths of key
// and value (uvarints) before them. Of a state, the key of a row is the length of the
// element's key (uvarint), that key, and sub; of a timer its time (8 bytes, ordered) and key.

// rowsView is a keyedState as it was at a barrier.
type rowsView struct {
	snapshot state.Snapshot
	tables   []*rowTable
	now      time.Time
	pieces   *pieces
	table    int    // the one at work
	from     []byte // the next row
	begun    bool
}

// view takes the state as it is now; portable: as entries, which any backend reads.
func (s *keyedState) view(portable bool) runtime.View {
	snapshot, err := s.backend.Snapshot()
	if err != nil {
		return failedView{err}
	}
	v := &rowsView{snapshot: snapshot, tables: s.tables, now: s.now(), pieces: newPieces(s.groups)}
	if files, ok := snapshot.(state.Files); ok && !portable {
		return filesView{rowsView: v, format: s.format, files: files}
	}
	return v
}

// Append implements runtime.View.
func (v *rowsView) Append(dst []byte) (_ []byte, done bool, err error) {
	if !v.begun {
		v.begun = true
		dst = checkpoint.AppendHeader(dst)
		for _, t := range v.tables {
			dst = checkpoint.AppendState(dst, t.as)
		}
	}
	if v.table == len(v.tables) {
		return dst, true, nil
	}
	t := v.tables[v.table]
	if v.from == nil {
		v.from = []byte{t.id}
	}
	full := false
	err = v.snapshot.Scan(v.from, []byte{t.id + 1}, func(key, value []byte) bool {
		if v.pieces.full() {
			full = true
			v.from = append(v.from[:0], key...)
			return false
		}
		v.add(t, key, value)
		return true
	})
	dst = v.pieces.flush(dst, v.table)
	if !full {
		v.table, v.from = v.table+1, nil
	}
	return dst, v.table == len(v.tables), err
}

func (v *rowsView) add(t *rowTable, row, value []byte) {
	if t.ttl != nil {
		if _, ok := t.ttl.alive(value, v.now); !ok {
			return
		}
	}
	group, key := t.groupOf(row, len(v.pieces.buffers))
	dst := binary.AppendUvarint(v.pieces.buffers[group], uint64(len(key)))
	dst = append(dst, key...)
	dst = binary.AppendUvarint(dst, uint64(len(value)))
	v.pieces.set(group, append(dst, value...))
}

// groupOf is a row's key group, and its key without table and group.
func (t *rowTable) groupOf(row []byte, groups int) (group int, key []byte) {
	if t.timers {
		_, key = timerOf(row)
		return state.Group(key, groups), row[1:]
	}
	return int(binary.BigEndian.Uint16(row[1:])), row[3:]
}

// Drop implements runtime.View.
func (v *rowsView) Drop() { _ = v.snapshot.Close() }

// filesView is a state whose snapshot is files, which a checkpoint takes as they are.
type filesView struct {
	*rowsView
	format string
	files  state.Files
}

// Format implements runtime.FilesView.
func (v filesView) Format() string { return v.format }

// Files implements runtime.FilesView.
func (v filesView) Files() (files []runtime.NativeFile, err error) {
	list, err := v.files.Files()
	for _, f := range list {
		files = append(files, runtime.NativeFile{Name: f.Name, Fixed: f.Fixed, Open: f.Open})
	}
	return files, err
}

// failedView is a state that could not be taken: its checkpoint fails, its job does not.
type failedView struct{ err error }

// Append implements runtime.View.
func (v failedView) Append([]byte) ([]byte, bool, error) { return nil, false, v.err }

// Drop implements runtime.View.
func (failedView) Drop() {}

// readRows reads the rows of one piece of a table.
func readRows(data []byte, f func(key, value []byte) error) error {
	for len(data) > 0 {
		key, rest, err := readBytes(data)
		if err != nil {
			return err
		}
		value, rest, err := readBytes(rest)
		if err != nil {
			return err
		}
		if err := f(key, value); err != nil {
			return err
		}
		data = rest
	}
	return nil
}

// readBytes reads a length and so many bytes.
func readBytes(src []byte) (_, rest []byte, err error) {
	n, size := binary.Uvarint(src)
	if size <= 0 || n > uint64(len(src)-size) {
		return nil, nil, io.ErrUnexpectedEOF
	}
	end := size + int(n)
	return src[size:end:end], src[end:], nil
}
