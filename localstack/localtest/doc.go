// Package localtest is what the tests of the whole pipeline share: the programs
// as processes, and the oracle, which computes the documents of a set of trips
// as one batch by the slowest, most obvious loop over the contract's rules. The
// oracle shares no code with the pipeline, not even its constants, and asks H3
// itself for cells. Only tests import this package.
package localtest
