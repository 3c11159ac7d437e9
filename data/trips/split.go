package trips

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// The same byte eight times over.
const (
	eachByte = 0x0101010101010101
	commas   = ',' * eachByte
	lowBits  = 0x7f * eachByte
	highBit  = 0x80 * eachByte
)

// split cuts a line at its commas and keeps the fields that have a slot. It
// looks at eight bytes at a time, which for the short fields of a trip is twice
// as fast as a search for each comma, and sees on the way whether the line is
// plain ASCII. Fields behind the last slot are passed over.
func split(line []byte, slots []int8, fields *[numColumns][]byte) Reason {
	var seen uint64
	field, from, at := 0, 0, 0
	for ; at+8 <= len(line); at += 8 {
		word := binary.LittleEndian.Uint64(line[at:])
		seen |= word
		differs := word ^ commas
		for hit := ^((differs&lowBits + lowBits) | differs | lowBits); hit != 0 && field < len(slots); hit &= hit - 1 {
			end := at + bits.TrailingZeros64(hit)>>3
			if slot := slots[field]; slot >= 0 {
				fields[slot] = line[from:end]
			}
			field, from = field+1, end+1
		}
	}
	for ; at < len(line); at++ {
		seen |= uint64(line[at])
		if line[at] == ',' && field < len(slots) {
			if slot := slots[field]; slot >= 0 {
				fields[slot] = line[from:at]
			}
			field, from = field+1, at+1
		}
	}
	if field < len(slots) { // the last field ends with the line
		if slot := slots[field]; slot >= 0 {
			fields[slot] = line[from:]
		}
		field++
	}
	switch {
	case seen&highBit != 0 && !utf8.Valid(line):
		return NotUTF8
	case field < len(slots):
		return FewFields
	}
	return ""
}
