// Package kinesis is the pipeline's client of Amazon Kinesis Data Streams, over
// the AWS SDK: shards and their families, a polling reader of one shard, and the
// KPL's aggregation format both ways.
//
// Readers and aggregators are for one goroutine each; a Client is for many.
package kinesis
