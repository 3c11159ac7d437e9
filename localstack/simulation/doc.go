// Package simulation holds the programs to the oracle in simulated worlds: the
// producer and the processor, their real code from the flags to the sockets, over the
// embedded Kinesis, results store and S3 in one process, in a time that passes when
// everybody waits (testing/synctest). A seed draws the trips, the shards, the flags,
// what befalls each request, and when programs die, machines vanish, shards split and
// clocks jump; all of that is the same whenever the seed is. Go orders the goroutines that
// can run at the same moment, and that order is not the seed's: a failure which
// depends on it may take its seed several times (-count) to come back.
//
// There is nothing here but tests; `make simulate-programs` runs many seeds.
package simulation
