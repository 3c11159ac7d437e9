package engine

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Codec turns a value into bytes and back: keys that cross a keyed edge and
// everything that enters state. The bytes outlive the process, so their meaning
// must not change between versions of a program that share checkpoints; equal
// values must have equal bytes. Its methods are called by many goroutines at once.
type Codec[T any] interface {
	// Append adds the encoding of v to dst and returns the longer slice.
	Append(dst []byte, v T) []byte
	// Decode reads one value from the front of src and returns what follows it.
	Decode(src []byte) (v T, rest []byte, err error)
}

// Versioned is a Codec that writes another encoding than it once did. A Codec without a
// version writes version 1.
type Versioned[T any] interface {
	Codec[T]
	// Version is that of what Append writes and Decode reads.
	Version() int
	// DecodeVersion reads what an older version wrote; ok: that version is known.
	DecodeVersion(version int) (decode func(src []byte) (v T, rest []byte, err error), ok bool)
}

// decoder reads one value from the front of src.
type decoder[T any] func(src []byte) (v T, rest []byte, err error)

func versionOf[T any](c Codec[T]) int {
	if v, ok := c.(Versioned[T]); ok {
		return v.Version()
	}
	return 1
}

// decoderOf reads what the codec wrote in a version.
func decoderOf[T any](c Codec[T], version int) (decoder[T], error) {
	if version == versionOf(c) {
		return c.Decode, nil
	}
	if v, ok := c.(Versioned[T]); ok {
		if decode, known := v.DecodeVersion(version); known {
			return decode, nil
		}
	}
	return nil, fmt.Errorf("version %d of %T is not known to this program, which writes version %d", version, c, versionOf(c))
}

var errShort = errors.New("encoding is cut short")

// Int64Codec encodes an int64 in eight bytes, big-endian.
type Int64Codec struct{}

// Append implements Codec.
func (Int64Codec) Append(dst []byte, v int64) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(v))
}

// Decode implements Codec.
func (Int64Codec) Decode(src []byte) (int64, []byte, error) {
	if len(src) < 8 {
		return 0, nil, errShort
	}
	return int64(binary.BigEndian.Uint64(src)), src[8:], nil
}

// Uint64Codec encodes a uint64 in eight bytes, big-endian.
type Uint64Codec struct{}

// Append implements Codec.
func (Uint64Codec) Append(dst []byte, v uint64) []byte { return binary.BigEndian.AppendUint64(dst, v) }

// Decode implements Codec.
func (Uint64Codec) Decode(src []byte) (uint64, []byte, error) {
	if len(src) < 8 {
		return 0, nil, errShort
	}
	return binary.BigEndian.Uint64(src), src[8:], nil
}

// StringCodec encodes a string with its length before it.
type StringCodec struct{}

// Append implements Codec.
func (StringCodec) Append(dst []byte, v string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(v))), v...)
}

// Decode implements Codec.
func (StringCodec) Decode(src []byte) (string, []byte, error) {
	n, size := binary.Uvarint(src)
	if size <= 0 || n > uint64(len(src)-size) {
		return "", nil, errShort
	}
	return string(src[size : size+int(n)]), src[size+int(n):], nil
}

// FuncCodec makes a Codec of two functions.
type FuncCodec[T any] struct {
	AppendFunc func(dst []byte, v T) []byte
	DecodeFunc func(src []byte) (T, []byte, error)
	// Number is the version that the functions write and read; 0: 1. Older reads the
	// versions before it that are still to be found in checkpoints.
	Number int
	Older  map[int]func(src []byte) (T, []byte, error)
}

// Version implements Versioned.
func (c FuncCodec[T]) Version() int { return max(1, c.Number) }

// DecodeVersion implements Versioned.
func (c FuncCodec[T]) DecodeVersion(version int) (func(src []byte) (T, []byte, error), bool) {
	decode, ok := c.Older[version]
	return decode, ok
}

// Append implements Codec.
func (c FuncCodec[T]) Append(dst []byte, v T) []byte { return c.AppendFunc(dst, v) }

// Decode implements Codec.
func (c FuncCodec[T]) Decode(src []byte) (T, []byte, error) { return c.DecodeFunc(src) }
