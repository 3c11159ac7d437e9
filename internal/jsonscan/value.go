package jsonscan

import (
	"errors"
	"unicode/utf8"
)

// Value returns the end of the value that begins at b[i], which is no white space.
func Value(b []byte, i, depth int) (int, error) {
	if i >= len(b) {
		return i, ErrSyntax
	}
	switch c := b[i]; {
	case c == '-' || c >= '0' && c <= '9':
		return Number(b, i)
	case c == '"':
		return String(b, i)
	case c == '{':
		return Members(b, i, depth, nil)
	case c == '[':
		return Elements(b, i, depth, nil)
	case c == 't':
		return word(b, i, "true")
	case c == 'f':
		return word(b, i, "false")
	case c == 'n':
		return word(b, i, "null")
	}
	return i, ErrSyntax
}

func word(b []byte, i int, word string) (int, error) {
	if end := Literal(b, i, word); end != Declined {
		return end, nil
	}
	return i, ErrSyntax
}

// Members calls fn, unless it is nil, with each member of the object that begins at
// b[i]: the key between its quotes, as it is written, and where the value begins and
// ends.
func Members(b []byte, i, depth int, fn func(key []byte, from, to int) error) (int, error) {
	return MembersOf(b, i, depth, nil, fn)
}

// Skipper reads a value as Value does, perhaps without looking at each byte.
type Skipper interface {
	Skip(b []byte, at, depth int) (end int, err error)
}

// MembersOf is Members with another way of reading the values; nil is Value.
func MembersOf(b []byte, i, depth int, skip Skipper, fn func(key []byte, from, to int) error) (int, error) {
	if depth >= MaxDepth {
		return i, ErrDepth
	}
	i = Space(b, i+1)
	if Holds(b, i, '}') {
		return i + 1, nil
	}
	for {
		keyEnd, err := String(b, i)
		if err != nil {
			return keyEnd, err
		}
		colon := Space(b, keyEnd)
		if !Holds(b, colon, ':') {
			return colon, ErrSyntax
		}
		from := Space(b, colon+1)
		to, err := skipWith(skip, b, from, depth+1)
		if err == nil && fn != nil {
			err = fn(b[i+1:keyEnd-1], from, to)
		}
		if err != nil {
			return to, err
		}
		i = Space(b, to)
		if Holds(b, i, '}') {
			return i + 1, nil
		}
		if !Holds(b, i, ',') {
			return i, ErrSyntax
		}
		i = Space(b, i+1)
	}
}

func skipWith(skip Skipper, b []byte, at, depth int) (int, error) {
	if skip == nil {
		return Value(b, at, depth)
	}
	return skip.Skip(b, at, depth)
}

// Elements calls fn, unless it is nil, with where each element of the array at b[i]
// begins and ends.
func Elements(b []byte, i, depth int, fn func(from, to int) error) (int, error) {
	if depth >= MaxDepth {
		return i, ErrDepth
	}
	i = Space(b, i+1)
	if Holds(b, i, ']') {
		return i + 1, nil
	}
	for {
		to, err := Value(b, i, depth+1)
		if err == nil && fn != nil {
			err = fn(i, to)
		}
		if err != nil {
			return to, err
		}
		i = Space(b, to)
		if Holds(b, i, ']') {
			return i + 1, nil
		}
		if !Holds(b, i, ',') {
			return i, ErrSyntax
		}
		i = Space(b, i+1)
	}
}

// plainByte tells the bytes of a string that need no second look.
var plainByte = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return t
}()

// String returns the end of the string that begins at b[i].
func String(b []byte, i int) (int, error) {
	if !Holds(b, i, '"') {
		return i, ErrSyntax
	}
	for i++; i < len(b); i++ {
		c := b[i]
		if plainByte[c] {
			continue
		}
		if c == '"' {
			return i + 1, nil
		}
		if c != '\\' {
			return i, ErrSyntax
		}
		last, err := escape(b, i)
		if err != nil {
			return i, err
		}
		i = last
	}
	return i, ErrSyntax
}

// escape returns the last byte of the escape at b[i].
func escape(b []byte, i int) (int, error) {
	if i+1 >= len(b) {
		return i, ErrSyntax
	}
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 1, nil
	case 'u':
		if i+5 >= len(b) {
			return i, ErrSyntax
		}
		for _, c := range b[i+2 : i+6] {
			if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
				return i, ErrSyntax
			}
		}
		return i + 5, nil
	}
	return i, ErrSyntax
}

// Number returns the end of the number that begins at b[i].
func Number(b []byte, i int) (int, error) {
	if Holds(b, i, '-') {
		i++
	}
	_, whole := Digits(b, i, 0)
	if whole == i || (b[i] == '0' && whole > i+1) {
		return i, ErrSyntax
	}
	i = whole
	if Holds(b, i, '.') {
		_, end := Digits(b, i+1, 0)
		if end == i+1 {
			return i, ErrSyntax
		}
		i = end
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		_, end := Digits(b, i, 0)
		if end == i {
			return i, ErrSyntax
		}
		i = end
	}
	return i, nil
}

// Object checks that b is one JSON object in UTF-8 and calls fn with its members.
func Object(b []byte, fn func(key []byte, from, to int) error) error {
	return ObjectOf(b, nil, fn)
}

// ObjectOf is Object with another way of reading the values; nil is Value.
func ObjectOf(b []byte, skip Skipper, fn func(key []byte, from, to int) error) error {
	if !utf8.Valid(b) {
		return errors.New("not valid UTF-8")
	}
	i := Space(b, 0)
	if i >= len(b) || b[i] != '{' {
		return ErrSyntax
	}
	end, err := MembersOf(b, i, 0, skip, fn)
	if err != nil {
		return err
	}
	if Space(b, end) != len(b) {
		return ErrSyntax
	}
	return nil
}
