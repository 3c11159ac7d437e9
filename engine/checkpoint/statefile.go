package checkpoint

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

// A state file begins with a magic and the format's version. Then come entries: a kind
// (a byte) and, all numbers as uvarints,
//
//	's' length, name, layout, key version, value version   names a state; numbered from 0
//	'g' state, key group, length, data                     keyed state; a group may come often
//	'l' state, length, data                                what belongs to no key
//
// In version 1 there are no names: 'g' has a key group, 'l' its place in the list, and both
// belong to one state without name. The checksum is in the manifest.
const (
	stateMagic = "txst"
	nameEntry  = 's'
	groupEntry = 'g'
	listEntry  = 'l'
)

// State names a state of an operator and says how its bytes are to be read.
type State struct {
	// Name is empty for what version 1 wrote.
	Name string
	// Layout is the version of the operator's own part of the bytes.
	Layout int
	// Key and Value are the versions of the codecs; 0: there is none.
	Key, Value int
}

// Entry is a piece of state.
type Entry struct {
	State State
	Group int    // key group; -1: it belongs to no key
	Data  []byte // valid during the call that it is handed to
}

// legacy is the state that version 1 wrote, for any operator.
var legacy = State{Layout: 1, Key: 1, Value: 1}

// AppendHeader begins a state file.
func AppendHeader(dst []byte) []byte { return append(append(dst, stateMagic...), FormatVersion) }

// AppendState names the next state, counted from 0.
func AppendState(dst []byte, s State) []byte {
	dst = binary.AppendUvarint(append(dst, nameEntry), uint64(len(s.Name)))
	dst = append(dst, s.Name...)
	for _, v := range [...]int{s.Layout, s.Key, s.Value} {
		dst = binary.AppendUvarint(dst, uint64(v))
	}
	return dst
}

// AppendEntry adds a piece of the state of that number; group -1: it belongs to no key.
func AppendEntry(dst []byte, state, group int, data []byte) []byte {
	if group < 0 {
		dst = binary.AppendUvarint(append(dst, listEntry), uint64(state))
	} else {
		dst = binary.AppendUvarint(append(dst, groupEntry), uint64(state))
		dst = binary.AppendUvarint(dst, uint64(group))
	}
	dst = binary.AppendUvarint(dst, uint64(len(data)))
	return append(dst, data...)
}

const (
	// greatestIndex bounds key groups and numbers of states.
	greatestIndex = 1 << 31
	// pieceSize is how much of an entry is read at once, so that a length which is not
	// true costs no memory.
	pieceSize = 1 << 20
)

// stateReader reads the entries of one file.
type stateReader struct {
	r       *bufio.Reader
	version int
	states  []State
	buffer  []byte
}

// readStates calls f with each entry of a state file of any version, of about so many bytes.
func readStates(r io.Reader, size int64, f func(Entry) error) error {
	s := &stateReader{r: bufio.NewReaderSize(r, int(min(max(size, 0), 1<<16)))}
	head := make([]byte, len(stateMagic)+1)
	if _, err := io.ReadFull(s.r, head); err != nil || string(head[:len(stateMagic)]) != stateMagic {
		return readError(err, "a state file begins without %q", stateMagic)
	}
	s.version = int(head[len(stateMagic)])
	if s.version < 1 || s.version > FormatVersion {
		return corrupt("a state file has version %d, this program reads 1 to %d", s.version, FormatVersion)
	}
	if s.version == 1 {
		s.states = []State{legacy}
	}
	for {
		kind, err := s.r.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if kind == nameEntry && s.version > 1 {
			err = s.name()
		} else {
			err = s.entry(kind, f)
		}
		if err != nil {
			return err
		}
	}
}

// readError tells damage from an error of reading.
func readError(err error, format string, args ...any) error {
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return corrupt(format, args...)
}

func (s *stateReader) number(limit uint64) (int, error) {
	v, err := binary.ReadUvarint(s.r)
	if err != nil || v > limit {
		return 0, readError(err, "a state entry has a number that cannot be read")
	}
	return int(v), nil
}

// bytes reads a length and so many bytes, valid until the next call.
func (s *stateReader) bytes() ([]byte, error) {
	size, err := s.number(1 << 40)
	if err != nil {
		return nil, err
	}
	s.buffer = s.buffer[:0]
	for len(s.buffer) < size {
		from := len(s.buffer)
		n := min(size-from, pieceSize)
		s.buffer = append(s.buffer, make([]byte, n)...)
		if _, err := io.ReadFull(s.r, s.buffer[from:]); err != nil {
			return nil, readError(err, "a state entry is cut short")
		}
	}
	return s.buffer[:size:size], nil
}

func (s *stateReader) name() error {
	name, err := s.bytes()
	if err != nil {
		return err
	}
	state := State{Name: string(name)}
	for _, v := range [...]*int{&state.Layout, &state.Key, &state.Value} {
		if *v, err = s.number(greatestIndex); err != nil {
			return err
		}
	}
	s.states = append(s.states, state)
	return nil
}

func (s *stateReader) entry(kind byte, f func(Entry) error) error {
	e := Entry{Group: -1}
	state := 0
	var err error
	if s.version > 1 {
		if state, err = s.number(greatestIndex); err != nil {
			return err
		}
	}
	switch {
	case state >= len(s.states):
		return corrupt("a state entry belongs to state %d of %d", state, len(s.states))
	case kind == groupEntry:
		e.Group, err = s.number(greatestIndex)
	case kind == listEntry && s.version == 1:
		_, err = s.number(greatestIndex)
	case kind != listEntry:
		return corrupt("a state entry has kind %q", kind)
	}
	if err != nil {
		return err
	}
	e.State = s.states[state]
	if e.Data, err = s.bytes(); err != nil {
		return err
	}
	return f(e)
}

// FormatVersion is written into every manifest and state file. Version 1 is read for ever.
const FormatVersion = 2
