// The page against the documents of a whole run: real trips where they are.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { closeBrowser, counts, documents, openPage, pipeline, shots, shownWindow, stop, until } from "./world.mjs";

let w;
let processor;
let hotspots;
let rides;
let page;
const byWindow = new Map();

before(async () => {
  w = await pipeline();
  processor = w.processor();
  await until("the page is served", async () => (await fetch(w.url)).ok);
  page = await openPage(w.url);
  await until("the page says what to do", async () => (await page.textContent("#empty")).includes("No trips yet"));
  await page.screenshot({ path: join(shots, "empty.png") });
  const producer = w.producer("-speedup", "0");
  assert.equal(await producer.ended, 0, producer.text);
  const caughtUp = await fetch(`${w.url}caughtup`, { method: "POST" }); // all is read, and every document confirmed
  assert.equal(caughtUp.status, 200, await caughtUp.clone().text());
  assert.equal((await caughtUp.json()).open, 0, "the last watermark leaves windows open");
  hotspots = await documents(w.store, "pickup_count");
  rides = await documents(w.store, "trip_duration");
  for (const d of hotspots) {
    const start = Date.parse(d.window_start);
    if (!byWindow.has(start)) byWindow.set(start, {});
    byWindow.get(start)[d.cell] = d.pickup_count;
  }
  const newest = Math.max(...byWindow.keys());
  for (const s of byWindow.keys()) if (s <= newest - 86_400_000) byWindow.delete(s);
}, { timeout: 180_000 });

after(async () => {
  await closeBrowser();
  await stop(processor);
  await stop(w.servers);
});

const openTables = (p) => p.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));

async function shows(p, start) {
  const want = Object.keys(byWindow.get(start)).length;
  let seen;
  await until(() => `the page shows ${new Date(start).toISOString()} with ${want} cells; it shows ${seen}`, async () => {
    const [at, n] = [await shownWindow(p), Object.keys(await counts(p)).length];
    seen = `${new Date(at).toISOString()} with ${n}`;
    return at === start && n === want;
  });
  assert.deepEqual(await counts(p), byWindow.get(start));
  assert.equal(await p.getAttribute("#map", "data-hexagons"), String(Object.keys(byWindow.get(start)).length));
}

test("the hexagons are the documents of the newest window, read by pointing at them", async () => {
  await openTables(page);
  await shows(page, Math.max(...byWindow.keys()));
  const box = await page.locator("#map").boundingBox();
  const cells = byWindow.get(await shownWindow(page));
  let read = 0;
  for (const [cell, count] of Object.entries(cells)) {
    if (read >= 40) break;
    const [x, y] = await page.evaluate((c) => controlRoom.map.place(controlRoom.model.numberOf(c)), cell);
    if (x < 5 || y < 5 || x > box.width - 5 || y > box.height - 5) continue;
    await page.mouse.move(box.x + x, box.y + y);
    const tip = await page.textContent("#tip");
    assert.ok(tip.includes(cell) && tip.includes(`${count} pickups`), `${cell} with ${count}: the page says ${tip}`);
    read++;
  }
  assert.ok(read >= Math.min(10, Object.keys(cells).length / 2), `only ${read} cells could be pointed at`);
});

test("the lines are the means weighted by trips", async () => {
  const want = {};
  for (const d of rides) {
    const k = `${d.airport_code} ${Date.parse(d.window_start)}`;
    want[k] ??= [0, 0];
    want[k][0] += d.sum_trip_duration;
    want[k][1] += d.trip_count;
  }
  const got = await page.evaluate(() => [...document.querySelectorAll("#hours tbody tr")].map((tr) => [`${tr.dataset.airport} ${tr.dataset.start}`, Number(tr.dataset.mean), tr.cells[2].textContent]));
  assert.equal(got.length, Object.keys(want).length);
  for (const [k, mean, text] of got) {
    const exact = want[k][0] / want[k][1];
    assert.ok(Math.abs(mean - exact) < 1e-9, `${k}: ${mean}, want ${exact}`);
    assert.ok(Math.abs(parseFloat(text) - exact) <= 0.05 + 1e-9, `${k}: the table says ${text}, want ${exact}`);
  }
});

test("the slider shows past windows, the address shares them, a second viewer sees the same", async () => {
  const starts = [...byWindow.keys()].sort((a, b) => a - b);
  await page.focus("#slider");
  await page.keyboard.press("Home");
  await shows(page, starts[0]);
  for (const s of starts.slice(1, 4)) {
    await page.keyboard.press("ArrowRight");
    await shows(page, s);
  }
  await page.locator("#top button").first().click();
  const address = page.url();
  assert.match(address, /#t=.*&cell=89/);
  const second = await openPage(address);
  await openTables(second);
  await shows(second, starts[Math.min(3, starts.length - 1)]);
  await until("the same list", async () => (await second.textContent("#top")) === (await page.textContent("#top")));
  assert.equal(await second.textContent("#rejects"), await page.textContent("#rejects"));
  await until("the card of the shared cell", async () => !(await second.isHidden("#card")));
  assert.deepEqual(second.faults, []);
  await second.context().close();
  await page.click("#live");
});

test("an answer older than a change is asked for again", async () => {
  const p = await openPage(w.url);
  await openTables(p);
  await shows(p, Math.max(...byWindow.keys()));
  const start = [...byWindow.keys()].sort((a, b) => a - b)[0];
  let held = true;
  await p.route("**/api/hotspots*", async (route) => {
    if (!held) return route.continue();
    held = false;
    const answer = await route.fetch();
    const body = await answer.json();
    for (const win of body.windows) win.counts = win.counts.map((n) => n + 1000);
    // The window changes while its old content is on the way.
    await p.evaluate((at) => {
      const { model, take } = controlRoom;
      const now = model.summary(at);
      take({
        run: model.run, page: model.page, frame: 1, since: 1, oldest: null, earlier: model.earlier, cells: { from: model.cells.length, list: [] },
        windows: [[now.start, now.end, now.cells, now.trips, now.top]], airports: [], status: model.status,
      });
    }, start);
    await route.fulfill({ response: answer, json: body });
  });
  await p.focus("#slider");
  await p.keyboard.press("Home");
  await shows(p, start);
  assert.equal(held, false);
  await p.context().close();
});

test("the day plays", async () => {
  await page.click("#play");
  await until("it begins at the first window", async () => (await shownWindow(page)) < Math.max(...byWindow.keys()), 10_000);
  await until("it ends at the newest", async () => (await page.textContent("#play")) === "Play the day" && (await shownWindow(page)) === Math.max(...byWindow.keys()), 60_000);
});

test("a restart of the processor under an open page", async () => {
  const rejects = await page.textContent("#rejects");
  await stop(processor);
  await until("the page says that it has ended", async () => (await page.textContent("#state")).includes("Not reachable"), 15_000);
  await page.screenshot({ path: join(shots, "lost.png") });
  processor = w.processor();
  await until("it is back by itself", async () => !/Not reachable|Reconnecting/.test(await page.textContent("#state")), 30_000);
  await shows(page, Math.max(...byWindow.keys()));
  await until("the rejects are those of before", async () => (await page.textContent("#rejects")) === rejects, 15_000);
});

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

for (const [scheme, width, height] of [["light", 1440, 900], ["dark", 1440, 900], ["light", 390, 844], ["dark", 390, 844], ["dark", 2560, 1440], ["light", 2560, 1440]]) {
  test(`${scheme} at ${width} px: nothing sticks out, axe finds nothing`, async () => {
    const p = await openPage(w.url, { viewport: { width, height }, colorScheme: scheme, bypassCSP: true });
    await until("the map", async () => Number(await p.getAttribute("#map", "data-hexagons")) > 0);
    await p.waitForTimeout(600);
    await p.screenshot({ path: join(shots, `${scheme}-${width}.png`), fullPage: width < 500 });
    await openTables(p);
    await p.waitForTimeout(300);
    assert.ok(await p.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page is wider than the screen");
    await p.evaluate(axe);
    const found = await p.evaluate(() => axe.run());
    assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(" ")}`), []);
    assert.deepEqual(p.faults, []);
    await p.context().close();
  });
}

test("no request went elsewhere and nothing failed", () => assert.deepEqual(page.faults, []));
