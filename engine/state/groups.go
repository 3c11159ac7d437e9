// Package state cuts keyed state into key groups.
//
// A key's group is a function of its encoded bytes alone, the same in every
// process and on every machine, so that a checkpoint can be dealt out again over
// any number of subtasks up to the number of groups.
package state

import "encoding/binary"

// The mixing constants are those of splitmix64 (Steele, Lea, Flood 2014).
const (
	mixA = 0xbf58476d1ce4e5b9
	mixB = 0x94d049bb133111eb
	seed = 0x9e3779b97f4a7c15
)

// Hash spreads a key's encoded bytes over 64 bits. Checkpoints depend on it: it
// never changes.
func Hash(key []byte) uint64 {
	h := seed ^ uint64(len(key))
	for len(key) >= 8 {
		h = mix(h ^ binary.LittleEndian.Uint64(key))
		key = key[8:]
	}
	if len(key) > 0 {
		var tail uint64
		for i, b := range key {
			tail |= uint64(b) << (8 * i)
		}
		h = mix(h ^ tail)
	}
	return h
}

func mix(h uint64) uint64 {
	h = (h ^ h>>30) * mixA
	h = (h ^ h>>27) * mixB
	return h ^ h>>31
}

// Group is the key group of an encoded key, in [0, groups).
func Group(key []byte, groups int) int { return int(Hash(key) >> 32 * uint64(groups) >> 32) }

// Subtask is the subtask that owns a group.
func Subtask(group, groups, parallelism int) int { return group * parallelism / groups }

// Range is the groups of one subtask: first included, end excluded.
func Range(subtask, groups, parallelism int) (first, end int) {
	first = (subtask*groups + parallelism - 1) / parallelism
	end = ((subtask+1)*groups + parallelism - 1) / parallelism
	return first, end
}
