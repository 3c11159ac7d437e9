package main

import (
	"fmt"

	"taxistream/engine"
)

// kind says which of the three an event is.
type kind uint8

const (
	isPerson kind = iota
	isAuction
	isBid
)

// event is one entry of the stream: somebody registers, puts something up for auction, or bids. Bids are 46 of 50,
// so they are held in place; the others by pointer.
type event struct {
	kind    kind
	person  *person
	auction *auction
	bid     bid
}

type person struct {
	id                      int64
	name, email, creditCard string
	city, state             string
}

type auction struct {
	id                  int64
	item, description   string
	initialBid, reserve int64 // cents
	expires             int64 // ms
	seller, category    int64
}

type bid struct {
	auction, bidder int64
	price           int64 // cents
	channel, url    string
	at              int64 // ms, its event time
}

// String tells all of an event.
func (e *event) String() string {
	switch e.kind {
	case isPerson:
		return fmt.Sprintf("person %v", *e.person)
	case isAuction:
		return fmt.Sprintf("auction %v", *e.auction)
	case isBid:
	}
	return fmt.Sprintf("bid %v", e.bid)
}

// ints makes a codec of a struct that is whole numbers: fields gives pointers to all of them.
func ints[T any](fields func(*T) []*int64) engine.Codec[T] {
	return engine.FuncCodec[T]{
		AppendFunc: func(dst []byte, v T) []byte {
			for _, f := range fields(&v) {
				dst = engine.Int64Codec{}.Append(dst, *f)
			}
			return dst
		},
		DecodeFunc: func(src []byte) (v T, rest []byte, err error) {
			for _, f := range fields(&v) {
				if *f, src, err = (engine.Int64Codec{}).Decode(src); err != nil {
					break
				}
			}
			return v, src, err
		},
	}
}

// list makes a codec of a slice.
func list[T any](of engine.Codec[T]) engine.Codec[[]T] {
	return engine.FuncCodec[[]T]{
		AppendFunc: func(dst []byte, all []T) []byte {
			dst = engine.Int64Codec{}.Append(dst, int64(len(all)))
			for _, v := range all {
				dst = of.Append(dst, v)
			}
			return dst
		},
		DecodeFunc: func(src []byte) (all []T, rest []byte, err error) {
			n, src, err := engine.Int64Codec{}.Decode(src)
			for ; n > 0 && err == nil; n-- {
				var v T
				if v, src, err = of.Decode(src); err == nil {
					all = append(all, v)
				}
			}
			return all, src, err
		},
	}
}
