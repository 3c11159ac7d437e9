package checkpoint

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"maps"
	"slices"
)

// A state file holds one operator's state: magic, version, then entries of
// kind (a byte), index and length (uvarints) and data. Its checksum is in the manifest.
const (
	stateMagic = "txst"
	groupEntry = 'g' // index: key group
	listEntry  = 'l' // index: place in the list
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(data []byte) uint32 { return crc32.Checksum(data, castagnoli) }

// encodeState encodes groups by number, then the list in order: equal states have
// equal bytes.
func encodeState(s OperatorState) []byte {
	out := append([]byte(stateMagic), FormatVersion)
	for _, group := range slices.Sorted(maps.Keys(s.Groups)) {
		out = appendEntry(out, groupEntry, group, s.Groups[group])
	}
	for i, data := range s.List {
		out = appendEntry(out, listEntry, i, data)
	}
	return out
}

func appendEntry(out []byte, kind byte, index int, data []byte) []byte {
	out = append(out, kind)
	out = binary.AppendUvarint(out, uint64(index))
	out = binary.AppendUvarint(out, uint64(len(data)))
	return append(out, data...)
}

// decodeState reads what encodeState wrote; its result refers to src.
func decodeState(src []byte) (OperatorState, error) {
	s := OperatorState{}
	rest, ok := bytes.CutPrefix(src, []byte(stateMagic))
	if !ok || len(rest) == 0 {
		return s, corrupt("a state file begins without %q", stateMagic)
	}
	if rest[0] != FormatVersion {
		return s, corrupt("a state file has version %d, this program reads %d", rest[0], FormatVersion)
	}
	rest = rest[1:]
	for len(rest) > 0 {
		kind := rest[0]
		index, n := binary.Uvarint(rest[1:])
		if n <= 0 || index > 1<<31 {
			return s, corrupt("a state entry has no index")
		}
		rest = rest[1+n:]
		size, n := binary.Uvarint(rest)
		if n <= 0 || size > uint64(len(rest)-n) {
			return s, corrupt("a state entry is cut short")
		}
		data := rest[n : n+int(size) : n+int(size)]
		rest = rest[n+int(size):]
		if err := s.enter(kind, int(index), data); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (s *OperatorState) enter(kind byte, index int, data []byte) error {
	switch {
	case kind == groupEntry:
		if s.Groups == nil {
			s.Groups = make(map[int][]byte)
		}
		if _, twice := s.Groups[index]; twice {
			return corrupt("key group %d is there twice", index)
		}
		s.Groups[index] = data
	case kind == listEntry && index == len(s.List):
		s.List = append(s.List, data)
	default:
		return corrupt("a state entry has kind %q and index %d", kind, index)
	}
	return nil
}
