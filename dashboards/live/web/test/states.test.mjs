// The page says how the pipeline is: each state is brought about for real, under an open page.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { closeBrowser, freePort, openPage, shots, start, stop, until } from "./world.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const dir = mkdtempSync(join(tmpdir(), "states-"));
const trips = join(dir, "trips.zst");
const started = [];
const run = (...args) => {
  const p = start(...args);
  started.push(p);
  return p;
};
assert.equal(await run("data", "generate", "-o", trips, "-trips", "8000", "2016-01-05").ended, 0);

/** Kinesis and the results store apart, so that one can fail alone, a processor and an open page. */
async function world({ page: open = true, flags = [] } = {}) {
  const [k, o, unused, port] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const serve = (kinesis, search) => run("localstack", "serve", "-kinesis-listen", `127.0.0.1:${kinesis}`, "-opensearch-listen", `127.0.0.1:${search}`, "-shards", "2");
  const stream = serve(k, unused);
  const store = serve(await freePort(), o);
  const kinesis = `http://127.0.0.1:${k}`;
  const search = `http://127.0.0.1:${o}`;
  const url = `http://127.0.0.1:${port}/`;
  await until(() => `the servers; they say ${stream.text}${store.text}`, async () => (await fetch(kinesis)).status > 0 && (await fetch(search)).ok);
  const checkpoints = mkdtempSync(join(dir, "checkpoints-"));
  const processor = (...more) => run("processor", "-endpoint", kinesis, "-opensearch-endpoint", search, "-checkpoint-dir", checkpoints, "-checkpoint-interval", "300ms", "-listen", `127.0.0.1:${port}`, ...flags, ...more);
  const producer = (...more) => run("producer", "-endpoint", kinesis, "-source", trips, ...more);
  const w = { kinesis, search, url, stream, store, checkpoints, processor, producer, running: processor() };
  await until("the page is served", async () => (await fetch(url)).ok);
  if (open) w.page = await openPage(url, { bypassCSP: true });
  w.ready = async () => {
    const answer = await fetch(`${url}readyz`);
    return `${answer.status} ${await answer.text()}`;
  };
  return w;
}

const figures = (page) => page.evaluate(() => Object.fromEntries([...document.querySelectorAll("#figures > div")].map((d) => [d.querySelector("dt").textContent, [d.querySelector("dd").firstChild.textContent, d.querySelector("small").textContent]])));
const says = async (page) => (await page.textContent("#state")).trim();

/** Waits for a state, and looks at what must go with it. */
async function state(w, word, ms = 30_000) {
  let seen;
  await until(() => `${word}; the page says ${seen}`, async () => (seen = await says(w.page)).endsWith(word), ms);
  assert.ok((await w.page.textContent("#keeps-up")).includes(word), "the pipeline's panel says something else");
  await w.page.screenshot({ path: join(shots, `state-${word.toLowerCase().replaceAll(" ", "-")}.png`) });
}

/** Nothing on the page is of now any more. */
async function nothingOfNow(page) {
  const text = await page.evaluate(() => document.body.innerText);
  assert.doesNotMatch(text, /keeps? up/i);
  assert.notEqual(await page.evaluate(() => document.documentElement.dataset.tone), "good");
  assert.equal(await page.textContent("#speedup"), "–");
}

async function end(w) {
  await w.page?.context().close();
  for (const p of started.splice(0)) if (p.exitCode === null) {
    p.kill("SIGCONT");
    await stop(p, "SIGKILL");
  }
}

after(async () => {
  await closeBrowser();
  rmSync(dir, { recursive: true });
});

test("starting, replaying, stale, replaying again, finished", { timeout: 180_000 }, async () => {
  const w = await world();
  await state(w, "Starting");
  assert.equal(await w.page.textContent("#event-clock"), "––:––");
  assert.equal(await w.page.textContent("#speedup"), "–");
  const unknown = await figures(w.page);
  assert.equal(unknown["Watermark lag"][0], "–");
  assert.match(await w.ready(), /^200 reading\nstate: starting: 2 shards found, none has given a watermark yet\n/);

  const producer = w.producer("-speedup", "600");
  await state(w, "Replaying");
  await until("its speed", async () => /^\d/.test(await w.page.textContent("#speedup")));
  assert.match(await w.page.textContent("#state-cause"), /5 Jan 2016 at [\d,.]+ times life; keeps up/);
  assert.match(await w.ready(), /^200 reading\nstate: replaying: keeps up\n$/);

  await stop(producer, "SIGKILL");
  await state(w, "Stale");
  assert.match(await w.page.textContent("#state-cause"), /^The watermark stands since \d\d:\d\d:\d\d New York; /);
  assert.equal(await w.page.textContent("#speedup"), "–");
  assert.match(await w.ready(), /^200 reading\nstate: stale: the watermark stands since /);

  assert.equal(await w.producer("-speedup", "0", "-seek", "2016-01-05 12:00").ended, 0);
  await state(w, "Finished");
  assert.equal(await w.page.textContent("#event-clock"), "00:00");
  assert.equal(await w.page.textContent("#speed-note"), "ended");
  assert.equal((await figures(w.page)).Throughput[0], "ended");
  assert.match(await w.ready(), /^200 reading\nstate: finished: all that came is read, counted and written\n$/);
  assert.deepEqual(w.page.faults, []);
  await end(w);
});

test("kill -9 under an open page, and a new start", { timeout: 120_000 }, async () => {
  const w = await world();
  w.producer("-speedup", "600");
  await state(w, "Replaying");
  await until("a rate", async () => /^\d/.test((await figures(w.page)).Throughput[0]));
  await stop(w.running, "SIGKILL");
  await state(w, "Reconnecting", 3000);
  await nothingOfNow(w.page);
  assert.match((await figures(w.page)).Throughput[1], /ago$/);
  assert.match(await w.page.textContent("#event-utc"), /^as of /);
  await state(w, "Not reachable", 60_000);
  await nothingOfNow(w.page);
  assert.match(await w.page.title(), /^Not reachable/);
  for (const [name, [value, note]] of Object.entries(await figures(w.page))) {
    assert.equal(value, "–", name);
    assert.match(note, /^(was .*|)$/, name);
  }
  await w.page.evaluate(axe);
  for (const [colorScheme, width, height] of [["light", 1440, 900], ["dark", 1440, 900], ["light", 390, 844], ["dark", 390, 844]]) {
    await w.page.emulateMedia({ colorScheme });
    await w.page.setViewportSize({ width, height });
    await w.page.screenshot({ path: join(shots, `state-not-reachable-${colorScheme}-${width}.png`) });
    const found = await w.page.evaluate(() => axe.run());
    assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(" ")}`), [], `${colorScheme}, ${width} px`);
  }
  w.processor();
  await until("it answers", async () => (await fetch(w.url)).ok);
  await w.page.click("#retry").catch(() => undefined); // it may be back by itself by now
  await state(w, "Replaying");
  await end(w);
});

test("a server that says nothing, and one that says goodbye", { timeout: 120_000 }, async () => {
  const w = await world();
  w.producer("-speedup", "600");
  await state(w, "Replaying");
  w.running.kill("SIGSTOP");
  await state(w, "Reconnecting", 6000);
  w.running.kill("SIGCONT");
  await state(w, "Replaying");
  await stop(w.running, "SIGTERM");
  await state(w, "Not reachable", 5000);
  assert.match(await w.page.textContent("#state-cause"), /^The processor has ended \(stopped\); next try in /);
  await nothingOfNow(w.page);
  await end(w);
});

test("a results store that does not answer", { timeout: 120_000 }, async () => {
  const w = await world();
  w.producer("-speedup", "1440");
  await state(w, "Replaying");
  w.store.kill("SIGKILL");
  await state(w, "Falling behind");
  assert.match(await w.page.textContent("#troubles"), /opensearch at http:.* waiting, and trying again/);
  assert.match(await w.ready(), /^200 reading\nstate: falling behind: the results store does not answer\ntrouble: opensearch at /);
  await end(w);
});

test("checkpoints that fail", { timeout: 120_000 }, async () => {
  const w = await world();
  w.producer("-speedup", "600");
  await until("a checkpoint", async () => / ago/.test((await figures(w.page))["Checkpoint time"][1]));
  renameSync(w.checkpoints, `${w.checkpoints}.away`);
  writeFileSync(w.checkpoints, "no folder");
  await until("the page says so", async () => /checkpoints fail, \d+ in a row: /.test(await w.page.textContent("#troubles")));
  assert.match((await figures(w.page))["Checkpoint time"][1], /^failed \d+ times? in a row/);
  await w.page.screenshot({ path: join(shots, "state-checkpoints-fail.png") });
  assert.match(await w.ready(), /\ntrouble: checkpoints fail, /);
  rmSync(w.checkpoints);
  renameSync(`${w.checkpoints}.away`, w.checkpoints);
  await until("it is over", async () => await w.page.isHidden("#troubles"));
  await end(w);
});

test("documents that are refused for good", { timeout: 120_000 }, async () => {
  const w = await world();
  const made = await fetch(`${w.search}/pickup_count-2016.01`, { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ mappings: { properties: { pickup_count: { type: "boolean" } } } }) });
  assert.ok(made.ok, await made.text());
  w.producer("-speedup", "3600");
  await until("the page says so", async () => /[\d,]+ documents? refused by the results store for good/.test(await w.page.textContent("#troubles")));
  await w.page.screenshot({ path: join(shots, "state-refused.png") });
  await end(w);
});

test("open tables can be read at every width", { timeout: 120_000 }, async () => {
  const w = await world({ page: false });
  assert.equal(await w.producer("-speedup", "0").ended, 0);
  for (const width of [390, 899, 901, 1000, 1440]) {
    w.page = await openPage(`${w.url}#t=2016-01-05T23:00Z`, { viewport: { width, height: 800 } });
    await state(w, "Finished");
    for (const id of ["cells-details", "hours-details"]) await w.page.click(`#${id} summary`);
    await until("rows", async () => (await w.page.locator("#cells tbody tr").count()) > 5);
    for (const id of ["cells", "hours"]) {
      await w.page.locator(`#${id} tbody tr`).nth(3).scrollIntoViewIfNeeded();
      const covered = await w.page.evaluate((table) => {
        const { left, right, top, bottom } = document.querySelector(`#${table}`).closest(".scroll").getBoundingClientRect();
        const seen = [];
        for (let x = left + 5; x < right; x += 40) for (let y = Math.max(top, 0) + 40; y < Math.min(bottom, innerHeight); y += 40) {
          const at = document.elementFromPoint(x, y);
          if (at && !at.closest(".tables")) seen.push(`${at.tagName}#${at.id} at ${Math.round(x)},${Math.round(y)}`);
        }
        return seen;
      }, id);
      assert.deepEqual(covered, [], `${width} px: over the table ${id}`);
    }
    await w.page.screenshot({ path: join(shots, `tables-${width}.png`) });
    await w.page.context().close();
  }
  await end({});
});
