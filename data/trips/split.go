package trips

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// The same byte eight times over.
const (
	eachByte = 0x0101010101010101
	lowBits  = 0x7f * eachByte
	highBit  = 0x80 * eachByte
)

// split cuts a line at its separators and keeps the fields that have a slot. It
// looks at eight bytes at a time, which for the short fields of a trip is twice
// as fast as a search for each of them, and sees on the way whether the line is
// plain ASCII. Fields behind the last slot are passed over.
func split(line []byte, separator byte, slots []int8, fields *[numColumns][]byte) Reason {
	var seen uint64
	separators := uint64(separator) * eachByte
	field, from, at := 0, 0, 0
	for ; at+8 <= len(line); at += 8 {
		word := binary.LittleEndian.Uint64(line[at:])
		seen |= word
		differs := word ^ separators
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
		if line[at] == separator && field < len(slots) {
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

// splitQuoted is split for a line with quotes: between them a separator is a
// plain character, and two quotes are one (RFC 4180). The line's end ends the row
// even there, and is missing then.
func splitQuoted(line []byte, l *layout, fields *[numColumns][]byte) Reason {
	if !validText(line) {
		return NotUTF8
	}
	for field := 0; ; field++ {
		text, rest, more, ok := quotedField(line, l.separator)
		if !ok {
			return OpenQuote
		}
		if field < len(l.slots) && l.slots[field] >= 0 {
			fields[l.slots[field]] = text
		}
		if line = rest; !more {
			if field+1 < len(l.slots) {
				return FewFields
			}
			return ""
		}
	}
}

// quotedField cuts the first field off, without its quotes.
func quotedField(line []byte, separator byte) (text, rest []byte, more, ok bool) {
	if trimmed := bytes.TrimLeft(line, " "); len(trimmed) == 0 || trimmed[0] != '"' {
		text, rest, more = bytes.Cut(line, []byte{separator})
		return text, rest, more, true
	} else {
		line = trimmed[1:]
	}
	doubled := false
	for from := 0; ; {
		at := bytes.IndexByte(line[from:], '"')
		if at < 0 {
			return nil, nil, false, false
		}
		at += from
		if at+1 < len(line) && line[at+1] == '"' {
			doubled, from = true, at+2
			continue
		}
		text = line[:at]
		if doubled {
			text = bytes.ReplaceAll(text, []byte(`""`), []byte{'"'})
		}
		behind, rest, more := bytes.Cut(line[at+1:], []byte{separator})
		return text, rest, more, blank(behind)
	}
}
