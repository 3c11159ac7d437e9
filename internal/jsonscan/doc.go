// Package jsonscan is the one fast scanner of JSON (RFC 8259), for readers on the
// hot path. It knows no schema and makes no values: a function reads one thing at
// a place of the text and returns where the next one starts. Nothing is allocated,
// nothing is kept, and what is returned is a part of the text.
//
// There are two kinds. [Value], [Members] and their like read any JSON and say
// what is wrong. [Plain], [Cursor] and theirs read only the usual forms that
// programs write, and decline the rest: their callers give that to a slow, obvious
// decoder, with which they must agree on all that they take (fuzz tests).
package jsonscan

import "errors"

// Declined is the place that is returned where what was asked for does not stand.
const Declined = -1

// MaxDepth is how deep what Value reads may be nested.
const MaxDepth = 64

var (
	// ErrSyntax says that the text is not JSON.
	ErrSyntax = errors.New("not valid JSON")
	// ErrDepth says that it is nested deeper than MaxDepth.
	ErrDepth = errors.New("nested deeper than 64 levels")
)
