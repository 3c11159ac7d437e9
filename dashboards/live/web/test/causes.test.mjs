// Why the pipeline falls behind: each cause is brought about for real, under an open page. Only an operator that is
// backpressured while none is busy, and reading that falls behind for none of these, are frames made from a real one.
import assert from "node:assert/strict";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { cause, close, end, figures, made as madeOf, run, state, world } from "./apart.mjs";
import { freePort, openPage, stop, until } from "./world.mjs";

after(close);

const strip = (page) => page.textContent("#keeps-up-text");

/** The same words in /readyz and in the terminal's block. */
async function sameElsewhere(w, condition) {
  const words = (text) => text.toLowerCase().replaceAll(/[\d,.]+/g, "#"); // figures go on
  assert.ok(words(await w.ready()).includes(`\nstate: ${condition}: ${words(await cause(w.page))}\n`), await w.ready());
  const top = run("processor", "top", "-address", new URL(w.url).host, "-interval", "100ms");
  assert.equal(await top.ended, 0);
  assert.match(top.text, new RegExp(`\nstate          ${condition}: `));
}

test("the results store refuses documents, and then does not answer", { timeout: 180_000 }, async () => {
  const w = await world();
  w.producer("-speedup", "600", "-loop", "0");
  await state(w, "Replaying");
  w.writing.refuse = (path) => path.includes("_bulk") && [429, { error: { type: "rejected_execution_exception", reason: "queue is full" }, status: 429 }];
  await state(w, "Falling behind", { name: "behind store full", why: "store" });
  assert.equal(await cause(w.page), "The results store refuses documents: it is full (429)");
  assert.match(await strip(w.page), /^[\d,]+ documents? not yet written/);
  assert.match(await w.page.textContent("#keeps-up"), /Falling behind since \d\d:\d\d:\d\d/);
  assert.match(await w.page.textContent("#troubles"), /opensearch at http:.* waiting, and trying again/);
  await sameElsewhere(w, "falling behind");
  w.writing.refuse = undefined;
  await state(w, "Replaying");
  assert.ok(await w.page.isHidden("#troubles"));

  await stop(w.store, "SIGKILL");
  await state(w, "Falling behind", { name: "behind store silent", why: "store" });
  await until("it says so", async () => (await cause(w.page)) === "The results store does not answer");
  assert.match(await w.ready(), /^200 reading\nstate: falling behind: the results store does not answer\ntrouble: opensearch at /);
  assert.deepEqual(w.page.faults, []);
  await end(w);
});

test("checkpoints fail", { timeout: 180_000 }, async () => {
  const w = await world({ flags: ["-checkpoint-interval", "2s"] });
  w.producer("-speedup", "600", "-loop", "0");
  await until("a checkpoint", async () => / ago/.test((await figures(w.page))["Checkpoint time"][1]));
  renameSync(w.checkpoints, `${w.checkpoints}.away`);
  writeFileSync(w.checkpoints, "no folder");
  await state(w, "Falling behind", { name: "behind checkpoints", why: "checkpoints" });
  assert.match(await cause(w.page), /^Checkpoints fail, \d+ in a row$/);
  assert.match(await strip(w.page), /^A restart would begin again from \d\d:\d\d:\d\d New York\.$/);
  assert.match((await figures(w.page))["Checkpoint time"][1], /^failed \d+ times in a row/);
  assert.match(await w.page.textContent("#troubles"), /checkpoints fail, \d+ in a row: /);
  rmSync(w.checkpoints);
  renameSync(`${w.checkpoints}.away`, w.checkpoints);
  await state(w, "Replaying");
  await until("it is over", () => w.page.isHidden("#troubles"));
  await until("the failures are marked", async () => (await w.page.locator(".event.failed").count()) > 0);
  assert.match((await figures(w.page))["Checkpoint time"][1], /checkpoints? failed \d\d:\d\d$/);
  await end(w);
});

test("an operator is busy: the store is slow, and refuses nothing", { timeout: 180_000 }, async () => {
  const w = await world();
  w.producer("-source", "generate:2016-01-05", "-speedup", "1440", "-loop", "0");
  await state(w, "Replaying");
  w.writing.refuse = (path) => path.includes("_bulk") && new Promise((done) => setTimeout(done, 8000)); // after 10 s it would be silent
  await state(w, "Falling behind", { name: "behind busy", why: "busy", ms: 120_000 });
  assert.match(await cause(w.page), /^Operator [a-z-]+ is busy \d+ %$/);
  assert.match(await strip(w.page), /^Holds back /);
  await sameElsewhere(w, "falling behind");
  await end(w);
});

test("reading is throttled, and then the stream does not answer", { timeout: 180_000 }, async () => {
  const w = await world();
  w.producer("-speedup", "600", "-loop", "0");
  await state(w, "Replaying");
  w.reading.refuse = (operation) => operation === "GetRecords" && [400, { __type: "ProvisionedThroughputExceededException", message: "Rate exceeded" }];
  await state(w, "Falling behind", { name: "behind throttled", why: "throttled" });
  assert.equal(await cause(w.page), "Reading is throttled by the stream");
  assert.match(await strip(w.page), /^\d+ calls refused in 10 s; no records come of shard 0000, 0001\.$/);
  assert.equal((await figures(w.page))["Behind the stream"][0], "–", "how far reading is behind, of a stream that gives nothing");
  w.reading.refuse = undefined;
  await state(w, "Replaying");
  w.reading.refuse = (operation) => operation === "GetRecords" && [500, { __type: "InternalFailure", message: "out of order" }];
  await state(w, "Falling behind", { name: "behind stream", why: "stream" });
  assert.equal(await cause(w.page), "The stream does not answer");
  await end(w);
});

test("one shard holds the watermark", { timeout: 180_000 }, async () => {
  const w = await world();
  const producer = w.producer("-speedup", "600");
  await state(w, "Replaying");
  await stop(producer, "SIGKILL");
  // The watermark of the first shard goes on, that of the second does not.
  let at = Date.parse("2016-01-05T12:00:00Z");
  const timer = setInterval(() => {
    const data = Buffer.from(`${JSON.stringify({ type: "watermark", watermark: new Date((at += 60_000)).toISOString() })}\n`).toString("base64");
    fetch(w.kinesis, {
      method: "POST",
      headers: { "X-Amz-Target": "Kinesis_20131202.PutRecord", "Content-Type": "application/x-amz-json-1.1", "X-Amz-Date": "20160105T000000Z", Authorization: "AWS4-HMAC-SHA256 Credential=a/20160105/us-east-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=b" },
      body: JSON.stringify({ StreamName: "taxi-trip-events", Data: data, PartitionKey: "p", ExplicitHashKey: "0" }),
    }).then((answer) => assert.ok(answer.ok, `a watermark: ${answer.status}`));
  }, 200);
  await state(w, "Falling behind", { name: "behind shard", why: "shard" });
  clearInterval(timer);
  assert.equal(await cause(w.page), "Shard 0001 holds the watermark");
  assert.match(await strip(w.page), /^1 of 2 shards are ahead, by up to [\d.]+ (min|h|s) of event time\.$/);
  await state(w, "Stale", { name: "stale held" }); // nothing moves any more
  assert.match(await strip(w.page), /shard 0001 holds it, 1 of 2 are ahead/);
  await end(w);
});

test("the producer of a demo is slower than its speed", { timeout: 180_000 }, async () => {
  const [k, o, port] = await Promise.all([freePort(), freePort(), freePort()]);
  const kinesis = `http://127.0.0.1:${k}`;
  run("localstack", "serve", "-kinesis-listen", `127.0.0.1:${k}`, "-opensearch-listen", `127.0.0.1:${o}`, "-shards", "1", "-kinesis-limits");
  await until("the servers", async () => (await fetch(kinesis)).status > 0);
  run("localstack", "demo", "-endpoint", kinesis, "-aggregate=false", "-speedup", "3600", "-listen", `127.0.0.1:${port}`);
  const url = `http://127.0.0.1:${port}/`;
  await until("the page is served", async () => (await fetch(url)).ok);
  const w = { url, page: await openPage(url, { bypassCSP: true }) };
  await state(w, "Falling behind", { name: "behind producer", why: "producer", ms: 120_000 });
  assert.equal(await cause(w.page), "The producer is slower than its speed");
  assert.match(await strip(w.page), /^It was told 3,600 times life and is \d+ (s|min) late\.$/);
  await end(w);
});

test("live, and frames made of those causes that take a machine of their own", { timeout: 180_000 }, async () => {
  const w = await world();
  w.producer("-source", "generate:2016-01-05", "-seek", "2016-01-05 18:00", "-adapt-time", "invocation", "-speedup", "1");
  await state(w, "Keeping up");
  assert.match(await cause(w.page), /^Live; event time is .* ago$/);
  const made = await madeOf(w.url, (status) => status);
  await w.page.context().close();
  w.page = await openPage(made.url, { bypassCSP: true });
  for (const [why, cause, effect] of [
    ["backpressured", "operator distinct is backpressured 84 %", "it waits for room in hotspots"],
    ["reading", "records of shard 0001 are read 48 s after they arrived, and it grows", "no operator is busy, and no read is refused"],
  ]) {
    made.status = () => ({ condition: "falling behind", since: Date.now() - 60_000, why, cause, effect });
    await state(w, "Falling behind", { name: `behind ${why}`, why });
  }
  await end(w);
});
