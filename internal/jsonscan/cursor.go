package jsonscan

import "bytes"

// Cursor reads the usual form of an object whose members are known, member by
// member. A method that meets anything else returns false, and the cursor is of no
// use any more. It moves an offset and not a slice, which would cost a write
// barrier a step.
type Cursor struct {
	Text []byte
	At   int
}

// Span is a stretch of a cursor's text. No value begins at 0, so the zero Span is
// an absent one.
type Span struct{ Start, End uint32 }

// Present tells a value, be it empty, from an absent one.
func (s Span) Present() bool { return s.Start != 0 }

// Len is the length in bytes.
func (s Span) Len() int { return int(s.End - s.Start) }

// Of is the stretch of a text.
func (s Span) Of(text []byte) []byte { return text[s.Start:s.End:s.End] }

// Next says whether c comes next, after white space.
func (c *Cursor) Next(mark byte) bool {
	if c.At < len(c.Text) && c.Text[c.At] <= ' ' {
		c.At = Space(c.Text, c.At)
	}
	return c.At < len(c.Text) && c.Text[c.At] == mark
}

// Take passes over a mark if it comes next.
func (c *Cursor) Take(mark byte) bool {
	if !c.Next(mark) {
		return false
	}
	c.At++
	return true
}

// Separator passes over a comma that something other than the closing mark
// follows, or over nothing before the mark.
func (c *Cursor) Separator(closing byte) bool {
	if c.Take(',') {
		return !c.Next(closing)
	}
	return c.Next(closing)
}

// Name passes over a name, given with its quotes, and its colon if they come next.
func (c *Cursor) Name(quoted string) bool {
	if !c.Next('"') {
		return false
	}
	end := Literal(c.Text, c.At, quoted)
	if end == Declined {
		return false
	}
	c.At = end
	return c.Take(':')
}

// Plain reads a string of printable ASCII without escapes.
func (c *Cursor) Plain() (Span, bool) {
	if !c.Next('"') {
		return Span{}, false
	}
	start := c.At + 1
	text, next := Plain(c.Text, c.At)
	if next == Declined {
		return Span{}, false
	}
	c.At = next
	return Span{uint32(start), uint32(start + len(text))}, true
}

// Opaque reads a string up to the next quote, for a caller that looks at each of
// its bytes and takes neither a backslash nor a control character, such as a
// decoder of base64.
func (c *Cursor) Opaque() (Span, bool) {
	if !c.Take('"') {
		return Span{}, false
	}
	start := c.At
	n := bytes.IndexByte(c.Text[start:], '"')
	if n < 0 {
		return Span{}, false
	}
	c.At = start + n + 1
	return Span{uint32(start), uint32(start + n)}, true
}

// Number reads a number.
func (c *Cursor) Number() (Span, bool) {
	c.At = Space(c.Text, c.At)
	end, err := Number(c.Text, c.At)
	if err != nil {
		return Span{}, false
	}
	s := Span{uint32(c.At), uint32(end)}
	c.At = end
	return s, true
}

// End says whether nothing but white space is left.
func (c *Cursor) End() bool { return Space(c.Text, c.At) == len(c.Text) }
