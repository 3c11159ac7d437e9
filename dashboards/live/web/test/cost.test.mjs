// What the page costs: an update of 2,000 hexagons, 30,000 updates, ten viewers.
// The figures are printed; only memory is held to a bound.
import assert from "node:assert/strict";
import { get } from "node:http";
import { after, before, test } from "node:test";
import { closeBrowser, openPage, pipeline, stop, until } from "./world.mjs";

let w;
let processor;
before(async () => {
  w = await pipeline();
  processor = w.processor();
  await until("the page is served", async () => (await fetch(w.url)).ok);
}, { timeout: 60_000 });
after(async () => {
  await closeBrowser();
  await stop(processor);
  await stop(w.servers);
});

// Frames of n hexagons in a lattice over the city, made in the page.
const feed = ([n, from, to]) => {
  const room = window.controlRoom;
  const base = 1451624400000;
  const frames = (window.feedFrames ??= room.model.status && JSON.stringify(room.model.status));
  const list = [];
  for (let i = 0; i < n; i++) {
    const x = Math.round(-74.02e6 + (i % 40) * 4000 + (Math.floor(i / 40) % 2) * 2000);
    const y = Math.round(40.7e6 + Math.floor(i / 40) * 2600);
    list.push([(0x892a100000000 + i).toString(16), x, y, -2000, -900, 0, -1700, 2000, -900, 2000, 900, 0, 1700]);
  }
  const cost = [];
  for (let f = from; f < to; f++) {
    const start = base + f * 600000;
    const counts = list.map((_, i) => 2 + ((i * 7 + f * 13) % 90));
    const frame = {
      run: "test", page: room.model.page, frame: f + 1, since: f, oldest: start - 86_400_000, earlier: "read",
      cells: f === 0 ? { from: 0, list } : { from: n, list: [] },
      windows: [[start, start + 600000, n, 1000, 91]], current: { start, end: start + 600000, cells: list.map((_, i) => i), counts },
      airports: f % 6 ? [] : [["JFK", start, start + 3_600_000, 10, 40, 30, 50, 5]], status: JSON.parse(frames),
    };
    const text = JSON.stringify(frame);
    const began = performance.now();
    room.take(JSON.parse(text));
    cost.push(performance.now() - began);
  }
  return cost;
};

/** A page that has had its first frame and hears no more of the server: only fed frames count. */
async function quietPage() {
  const page = await openPage(w.url);
  await until("the first frame", () => page.evaluate(() => controlRoom.model.status !== undefined));
  await page.evaluate(() => {
    window.EventSource = class { close() {} addEventListener() {} };
    return controlRoom.hush();
  });
  return page;
}

const quantile = (list, q) => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) * q)];

test("an update of 2,000 hexagons", { timeout: 120_000 }, async () => {
  const page = await quietPage();
  const cdp = await page.context().newCDPSession(page);
  const cost = [];
  const draw = [];
  await cdp.send("Tracing.start", { categories: "devtools.timeline,toplevel", transferMode: "ReportEvents" });
  const trace = [];
  cdp.on("Tracing.dataCollected", (e) => trace.push(...e.value));
  for (let i = 0; i < 40; i++) {
    cost.push(...(await page.evaluate(feed, [2000, i, i + 1])));
    await page.waitForTimeout(420);
    draw.push(await page.evaluate(() => controlRoom.map.cost.draw));
  }
  const done = new Promise((r) => cdp.once("Tracing.tracingComplete", r));
  await cdp.send("Tracing.end");
  await done;
  const layout = trace.filter((e) => ["UpdateLayoutTree", "Layout", "PrePaint", "Paint", "Layerize", "Commit"].includes(e.name)).reduce((s, e) => s + (e.dur ?? 0), 0) / 1000 / cost.length;
  const frames = trace.filter((e) => e.name === "FireAnimationFrame").map((e) => e.dur / 1000);
  console.log(`update of 2,000 hexagons on the main thread: ${quantile(cost, 0.5).toFixed(1)} ms median, ${quantile(cost, 0.95).toFixed(1)} ms p95 (parse, model, views)`);
  console.log(`each frame of its change: ${quantile(frames, 0.5).toFixed(1)} ms median, ${quantile(frames, 0.95).toFixed(1)} ms p95; style, layout and paint: ${layout.toFixed(1)} ms an update in all`);
  await page.context().close();
});

test("30,000 updates leave no memory behind", { timeout: 400_000 }, async () => {
  const page = await quietPage();
  const cdp = await page.context().newCDPSession(page);
  const heap = async () => {
    await cdp.send("HeapProfiler.collectGarbage");
    return (await cdp.send("Runtime.getHeapUsage")).usedSize / 1e6;
  };
  const sizes = [];
  for (let at = 0; at < 30_000; at += 500) {
    await page.evaluate(feed, [200, at, at + 500]);
    if ((at + 500) % 10_000 === 0) sizes.push(await heap());
  }
  const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
  console.log(`heap after 10,000, 20,000 and 30,000 updates: ${sizes.map((s) => s.toFixed(1)).join(", ")} MB; ${nodes} elements`);
  assert.ok(sizes.at(-1) - sizes[0] < 3, `the heap grew from ${sizes[0]} to ${sizes.at(-1)} MB`);
  await page.context().close();
});

test("ten viewers", { timeout: 120_000 }, async () => {
  const producer = w.producer("-speedup", "1440", "-loop", "0");
  const cpu = async () => Number(/^process_cpu_seconds_total (\S+)/m.exec(await (await fetch(`${w.url}metrics`)).text())[1]);
  const measure = async (viewers) => {
    const open = [];
    for (let i = 0; i < viewers; i++) open.push(get(`${w.url}events`, (r) => r.resume()));
    await new Promise((r) => setTimeout(r, 2000));
    const [began, before] = [Date.now(), await cpu()];
    await new Promise((r) => setTimeout(r, 10_000));
    const used = ((await cpu()) - before) / ((Date.now() - began) / 1000);
    for (const r of open) r.destroy();
    return used * 1000;
  };
  await until("trips are read", async () => (await (await fetch(`${w.url}api/state`)).json()).status.events > 1000);
  const rounds = [];
  for (let i = 0; i < 2; i++) rounds.push([await measure(0), await measure(10)]);
  for (const [none, ten] of rounds) console.log(`processor without viewers ${none.toFixed(1)} ms CPU/s, with ten ${ten.toFixed(1)}: ten viewers cost ${(ten - none).toFixed(1)} ms/s`);
  await stop(producer);
});
