package simulation

import (
	"math/big"

	"taxistream/localstack/kinesis"
)

type localKinesisShard = kinesis.ShardInfo

func number(key string) *big.Int {
	n, _ := new(big.Int).SetString(key, 10)
	return n
}

func halfway(first, last string) string {
	sum := new(big.Int).Add(number(first), number(last))
	return sum.Rsh(sum, 1).String()
}
