package app_test

import "math/big"

func number(text string) *big.Int {
	n, ok := new(big.Int).SetString(text, 10)
	if !ok {
		panic("not a hash key: " + text)
	}
	return n
}

// next is the hash key behind one.
func next(key string) string { return new(big.Int).Add(number(key), big.NewInt(1)).String() }

// halfway is a hash key in the middle of a range.
func halfway(first, last string) string {
	sum := new(big.Int).Add(number(first), number(last))
	return sum.Rsh(sum, 1).String()
}
