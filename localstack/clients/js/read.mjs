// Reads a whole stream with the JavaScript SDK, all settings its own, and prints the trip
// ids, one a line: read.mjs KINESIS STREAM. Aggregates are taken apart by aws-kinesis-agg.
import { KinesisClient, GetRecordsCommand, GetShardIteratorCommand, ListShardsCommand } from "@aws-sdk/client-kinesis";
import agg from "aws-kinesis-agg";

const [endpoint, StreamName] = process.argv.slice(2);
const client = new KinesisClient({ endpoint, region: "us-east-1", credentials: { accessKeyId: "a", secretAccessKey: "b" } });

async function* records(ShardId) {
  const start = await client.send(new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON" }));
  for (let where = start.ShardIterator; where; ) {
    const answer = await client.send(new GetRecordsCommand({ ShardIterator: where }));
    yield* answer.Records;
    if (answer.Records.length === 0 && answer.MillisBehindLatest === 0) return;
    where = answer.NextShardIterator;
  }
}

// users are the records inside one, or itself.
function users(record) {
  const found = [];
  const kinesis = {
    data: Buffer.from(record.Data).toString("base64"),
    partitionKey: record.PartitionKey,
    sequenceNumber: record.SequenceNumber,
  };
  agg.deaggregateSync(kinesis, true, (error, all) => {
    if (error) throw error;
    found.push(...all);
  });
  return found;
}

const { Shards } = await client.send(new ListShardsCommand({ StreamName }));
for (const shard of Shards) {
  for await (const record of records(shard.ShardId)) {
    for (const user of users(record)) {
      const event = JSON.parse(Buffer.from(user.data, "base64"));
      if (event.type === "trip") console.log(event.trip_id);
    }
  }
}
client.destroy();
