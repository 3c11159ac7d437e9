// The chosen cell: the minutes to the airports from there against the documents, live,
// looking back and after a restart; the figures of every chart by pointer, keys and
// click; the sheet of a phone.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { clean, fingers } from "./axe.mjs";
import { closeBrowser, documents, openPage, pipeline, shots, start, stop, until } from "./world.mjs";

const hour = 3_600_000;
const evening = Date.parse("2016-01-05T23:00Z"); // 18:00–18:10, after the full hour 17:00–18:00
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, bypassCSP: true };
const airports = { JFK: "JFK", LGA: "LaGuardia" };
let w;
let processor;
let live; // a page that is open, with a cell chosen, from before the first trip
let rides;
let hot; // a cell of the map with many rides
let quiet; // one with few, in the hour before the evening
const ringOf = new Map(); // of a ride cell: those that share a side with it, by their outlines

/** The cell one resolution up, by the digits of the index. */
function parent(id) {
  const n = BigInt(`0x${id}`);
  const up = ((n >> 52n) & 15n) - 1n;
  return ((n & ~(15n << 52n)) | (up << 52n) | (7n << ((14n - up) * 3n))).toString(16);
}

/** What the documents say of the rides from a cell in an hour: of it alone, or of it and those around it. */
function expected(cell, airport, at) {
  const home = parent(cell);
  const sum = (cells) => rides.filter((d) => cells.includes(d.cell) && d.airport_code === airport && Date.parse(d.window_start) === at).reduce((s, d) => ({
    trips: s.trips + d.trip_count, minutes: s.minutes + d.sum_trip_duration, least: Math.min(s.least, d.min_trip_duration), most: Math.max(s.most, d.max_trip_duration),
  }), { trips: 0, minutes: 0, least: Infinity, most: 0 });
  const alone = sum([home]);
  return alone.trips >= 10 ? { ...alone, cells: 1 } : { ...sum([home, ...(ringOf.get(home) ?? [])]), cells: 7 };
}

const trips = (n) => `${n} trip${n === 1 ? "" : "s"}`;
const round = (n) => n.toLocaleString("en-US", { maximumFractionDigits: 0 });
function words(cell, airport, at) {
  const e = expected(cell, airport, at);
  if (e.trips === 0) return `${airports[airport]} No trip from here or from the cells around it arrived in this hour.`;
  return `${airports[airport]} ${round(e.minutes / e.trips)} min ${trips(e.trips)}${e.cells === 7 ? " from 7 cells" : ""} quickest ${round(e.least)} slowest ${round(e.most)} min`;
}
const shownRides = (page) => page.evaluate(() => [...document.querySelectorAll("#card-rides .ride")].map((e) => [...e.querySelectorAll("h4, p")].map((p) => p.textContent.trim()).join(" ")));

async function says(page, cell, at, what) {
  const want = ["JFK", "LGA"].map((a) => words(cell, a, at));
  let got;
  await until(() => `${what}: the card of ${cell} says ${JSON.stringify(got)}, not ${JSON.stringify(want)}`, async () => {
    got = await shownRides(page);
    return JSON.stringify(got) === JSON.stringify(want);
  }, 20_000);
}

before(async () => {
  w = await pipeline();
  processor = w.processor();
  await until("the page is served", async () => (await fetch(w.url)).ok);
  live = await openPage(`${w.url}#cell=892a100d2c3ffff`);
  const producer = start("producer", "-endpoint", w.kinesis, "-source", "generate:2016-01-05", "-speedup", "0");
  assert.equal(await producer.ended, 0, producer.text);
  assert.equal((await fetch(`${w.url}caughtup`, { method: "POST" })).status, 200);
  rides = await documents(w.store, "trip_duration");
  const corners = new Map(rides.map((d) => [d.cell, new Set(d.boundary.coordinates[0].map((p) => p.map((v) => v.toFixed(6)).join()))]));
  for (const [a, mine] of corners) ringOf.set(a, [...corners].filter(([b, other]) => a !== b && [...other].filter((p) => mine.has(p)).length === 2).map(([b]) => b));
  const pickups = (await documents(w.store, "pickup_count")).filter((d) => Date.parse(d.window_start) === evening).sort((a, b) => b.pickup_count - a.pickup_count);
  const inEvening = (cell, airport) => expected(cell, airport, evening - hour);
  hot = pickups.find((d) => inEvening(d.cell, "JFK").cells === 1 && ringOf.has(parent(d.cell)))?.cell;
  quiet = pickups.find((d) => ringOf.get(parent(d.cell))?.length === 6 && inEvening(d.cell, "JFK").cells === 7 && inEvening(d.cell, "JFK").trips > 0)?.cell;
  assert.ok(hot && quiet, `${pickups.length} cells, ${hot}, ${quiet}`);
}, { timeout: 300_000 });
after(async () => {
  await closeBrowser();
  await stop(processor);
  await stop(w.servers);
});

const shown = async (hash, options) => {
  const page = await openPage(`${w.url}#${hash}`, options);
  await until("the map", async () => Number(await page.getAttribute("#map", "data-hexagons")) > 0);
  return page;
};
const at = (ms) => `t=${new Date(ms).toISOString().slice(0, 16)}Z`;
const shownWindow = (page) => page.evaluate(() => Number(document.querySelector("#map").dataset.window));

test("a page that was open all the while says what the documents do, also after a restart of the processor", async () => {
  const newest = Math.max(...rides.map((d) => Date.parse(d.window_start)));
  await says(live, "892a100d2c3ffff", newest, "at the end of the replay");
  await stop(processor);
  await until("the page says that it has ended", async () => (await live.textContent("#state")).includes("Not reachable"), 20_000);
  processor = w.processor();
  await until("it is back", async () => !/Not reachable|Reconnecting/.test(await live.textContent("#state")), 30_000);
  await says(live, "892a100d2c3ffff", newest, "after a restart");
  assert.deepEqual(live.faults, []);
});

test("looking back: of a cell with many rides, of one with few and its neighbours, of one with none", async () => {
  const page = await shown(at(evening));
  const night = Date.parse("2016-01-05T08:40Z"); // 03:40: after the hour 02:00–03:00
  const empty = await page.evaluate((ms) => fetch(`api/hotspots?from=${ms}&to=${ms}`).then((r) => r.json()).then((a) => a.windows[0].cells.map((n) => controlRoom.model.cells[n].id)), night);
  const none = empty.find((c) => expected(c, "LGA", night - 40 * 60_000 - hour).trips === 0);
  assert.ok(none, "every cell has a ride to LaGuardia at night");
  for (const [cell, time, from] of [[hot, evening, evening - hour], [quiet, evening, evening - hour], [none, night, night - 40 * 60_000 - hour]]) {
    await page.evaluate((hash) => (location.hash = hash), `#${at(time)}&cell=${cell}`);
    await says(page, cell, from, "looking back");
    const hours = `${String(new Date(from - 5 * hour).getUTCHours()).padStart(2, "0")}:00–${String(new Date(from - 4 * hour).getUTCHours()).padStart(2, "0")}:00`;
    assert.equal(await page.textContent("#card-hour"), hours);
    const note = await page.textContent("#card-note");
    assert.ok(note.includes(parent(cell)), note);
    assert.equal(/from 7 cells: fewer than 10 trips from this one alone/.test(note), (await shownRides(page)).some((r) => r.includes("from 7 cells")), note);
  }
  await page.context().close();
});

test("over the day: each hour of the charts is what the documents say, by the arrow keys", async () => {
  const page = await shown(`cell=${quiet}`);
  for (const airport of ["JFK", "LGA"]) {
    const want = [...new Set(rides.map((d) => Date.parse(d.window_start)))].sort((a, b) => a - b).map((s) => [s, expected(quiet, airport, s)]).filter(([, e]) => e.trips > 0)
      .map(([s, e]) => `${new Date(s - 5 * hour).toISOString().slice(11, 16)}–${new Date(s - 4 * hour).toISOString().slice(11, 16)} · ${(e.minutes / e.trips).toFixed(1)} min · ${trips(e.trips)}${e.cells === 7 ? " from 7 cells" : ""}, ${round(e.least)}–${round(e.most)} min`);
    const chart = page.locator(`#card-${airport.toLowerCase()}`);
    await until("the chart", async () => Number(await chart.getAttribute("aria-valuemax")) === want.length - 1);
    await page.focus("#card-close");
    await page.keyboard.press("Tab");
    await chart.focus();
    const got = [];
    await page.keyboard.press("Home");
    for (let i = 0; i < want.length; i++) {
      got.push(await chart.getAttribute("aria-valuetext"));
      assert.equal(await chart.locator(".at").textContent(), got[i]);
      await page.keyboard.press("ArrowRight");
    }
    assert.deepEqual(got, want, airport);
  }
  await page.context().close();
});

test("every chart says its figures at the pointer and by keys, and leads to a time by click and by Enter", async () => {
  const page = await shown(`cell=${hot}`);
  await until("the card", async () => (await page.locator("#card .u-over").count()) === 3);
  const figures = { "#jfk": /^\d\d:00–\d\d:00 · [\d.]+ min · [\d,]+ trips?$/, "#lga": /^\d\d:00–\d\d:00 · [\d.]+ min · [\d,]+ trips?$/, "#card-jfk": /^\d\d:00–\d\d:00 · [\d.]+ min · [\d,]+ trips?.*, \d+–\d+ min$/, "#card-lga": /^\d\d:00–\d\d:00 · [\d.]+ min · [\d,]+ trips?.*, \d+–\d+ min$/, "#card-pickups": /^\d\d:\d0–\d\d:\d0 · (\d+ pickups?|fewer than 2 pickups)$/ };
  for (const [chart, form] of Object.entries(figures)) {
    const over = page.locator(`${chart} .u-over`);
    await over.scrollIntoViewIfNeeded();
    await over.hover();
    await until(`figures on ${chart}`, () => page.isVisible(`${chart} .at`));
    const says = await page.textContent(`${chart} .at`);
    assert.match(says, form);
    await over.click();
    await until(`${chart} leads to ${says}`, async () => (await page.isVisible("#past")) && (await page.textContent(`${chart} .at`)).startsWith(says.slice(0, 11)));
    const end = await page.evaluate(() => controlRoom.model.summary(Number(document.querySelector("#map").dataset.window)).end);
    assert.equal(new Date(end - 5 * hour).toISOString().slice(11, 16), says.slice(6, 11), "the chosen window ends with what was clicked");
    await page.click("#back");
    await page.mouse.move(0, 0);
    await page.focus(chart);
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowLeft");
    const keyed = await page.getAttribute(chart, "aria-valuetext");
    assert.match(keyed, form);
    await until("the same at the line", async () => (await page.isVisible(`${chart} .at`)) && (await page.textContent(`${chart} .at`)) === keyed);
    await page.keyboard.press("Enter");
    await until("Enter leads there", () => page.isVisible("#past"));
    await page.click("#back");
  }
  await page.focus("#slider");
  await page.keyboard.press("ArrowLeft");
  await until("the slider says its window", async () => /\d\d:\d0–\d\d:\d0 New York.* pickups/.test(await page.getAttribute("#slider", "aria-valuetext")));
  await until("and at its bar", async () => (await page.isVisible(".slide .at")) && /^\d\d:\d0–\d\d:\d0 · [\d,]+ pickups$/.test(await page.textContent(".slide .at")));
  await page.context().close();
});

test("looking back every chart has its mark, and what came later is pale", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const page = await shown(`${at(Date.parse("2016-01-05T13:10Z"))}&cell=${hot}`, { colorScheme, bypassCSP: true });
    await until("the card", async () => (await page.locator("#card .u-over").count()) === 3);
    for (const chart of ["#jfk", "#lga", "#card-jfk", "#card-lga", "#card-pickups"]) {
      const seen = await page.evaluate((id) => {
        const canvas = document.querySelector(`${id} canvas`);
        const probe = document.createElement("i");
        probe.style.color = "var(--past)";
        document.querySelector(id).append(probe);
        const past = getComputedStyle(probe).color.match(/\d+/g).slice(0, 3).map(Number);
        probe.remove();
        const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const columns = new Map();
        for (let i = 0; i < data.length; i += 4) if (past.every((v, k) => Math.abs(data[i + k] - v) < 3) && data[i + 3] > 250) columns.set((i / 4) % width, (columns.get((i / 4) % width) ?? 0) + 1);
        const lines = [...columns].filter(([, n]) => n > canvas.height * 0.4).map(([x]) => x);
        return { at: lines.length ? lines[0] / width : undefined, width: lines.length };
      }, chart);
      assert.ok(seen.at > 0.2 && seen.at < 0.6 && seen.width <= 4, `${chart} in ${colorScheme}: ${JSON.stringify(seen)}`);
    }
    await page.screenshot({ path: join(shots, `cell-past-${colorScheme}.png`), fullPage: true });
    await clean(page, `a cell's card, looking back, ${colorScheme}`);
    await page.context().close();
  }
});

test("by keys alone: the map keeps the focus, the choice is said once, Escape lets go", async () => {
  const page = await shown(at(evening));
  await page.focus("#map");
  await page.keyboard.press("ArrowRight");
  await until("a card", () => page.isVisible("#card"));
  assert.equal(await page.evaluate(() => document.activeElement.id), "map");
  await until("it is said", async () => /pickups.*From here to the airport 17:00–18:00.*JFK.*LaGuardia/.test(await page.textContent("#card-said")));
  await page.keyboard.press("Escape");
  await until("it is gone", async () => !(await page.isVisible("#card")));
  await page.keyboard.press("ArrowRight");
  await page.focus("#card-close");
  await page.keyboard.press("Enter");
  await until("it is closed", async () => !(await page.isVisible("#card")));
  assert.equal(await page.evaluate(() => document.activeElement.id), "map");
  assert.equal(await page.evaluate(() => location.hash.includes("cell=")), false);
  await page.context().close();
});

test("what is no cell is said in words", async () => {
  const page = await shown("cell=892a");
  await until("the reason", async () => (await page.textContent("#card-rides")).includes('cell "892a": not an H3 index'));
  assert.match(await page.textContent("#card"), /No pickups are known here in the last day/);
  await page.context().close();
});

test("a phone: a sheet from below, half, full and closed, above the timeline", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const page = await shown(at(evening), { ...phone, colorScheme });
    const box = (id) => page.locator(id).boundingBox();
    const place = async () => {
      const map = await box("#map");
      const [x, y] = await page.evaluate((c) => controlRoom.map.place(controlRoom.model.numberOf(c)), hot);
      return [map.x + x, map.y + y];
    };
    await page.touchscreen.tap(...(await place()));
    await until("the sheet", () => page.isVisible("#card"));
    const cell = await page.evaluate(() => new URLSearchParams(location.hash.slice(1)).get("cell"));
    await says(page, cell, evening - hour, "the sheet");
    assert.equal(await page.evaluate(() => document.activeElement.id), "card-title", "the sheet has the focus");
    const [half, time] = [await box("#card"), await box(".time")];
    assert.ok(Math.abs(half.y + half.height - time.y) < 1.5 && half.y > 250, `half: ${JSON.stringify(half)}, the timeline ${JSON.stringify(time)}`);
    await until("the cell is seen above the sheet", () => page.evaluate((c) => {
      const map = document.querySelector("#map").getBoundingClientRect();
      return map.top + controlRoom.map.place(controlRoom.model.numberOf(c))[1] < document.querySelector("#card").getBoundingClientRect().top;
    }, cell));
    await page.screenshot({ path: join(shots, `sheet-half-${colorScheme}.png`) });
    await fingers(page, "the sheet");
    await clean(page, `the sheet in ${colorScheme}`);
    await page.click("#card-size");
    const full = await box("#card");
    assert.ok(full.y < 120 && Math.abs(full.y + full.height - time.y) < 1.5, `full: ${JSON.stringify(full)}`);
    assert.equal(await page.getAttribute("#card-size", "aria-expanded"), "true");
    await page.screenshot({ path: join(shots, `sheet-full-${colorScheme}.png`) });
    const drag = async (to) => {
      const head = await box("#card-size");
      await page.mouse.move(head.x + 40, head.y + 20);
      await page.mouse.down();
      await page.mouse.move(head.x + 40, (head.y + to) / 2, { steps: 3 });
      await page.mouse.move(head.x + 40, to, { steps: 3 });
      await page.mouse.up();
    };
    await drag(half.y + 20);
    assert.deepEqual(await box("#card"), half, "dragged to its half");
    await drag(60);
    assert.deepEqual(await box("#card"), full, "dragged to the top");
    await drag(time.y);
    await until("dragged down it closes", async () => !(await page.isVisible("#card")));
    await page.touchscreen.tap(...(await place()));
    await until("again", () => page.isVisible("#card"));
    assert.deepEqual(await box("#card"), half, "it opens at half");
    await page.keyboard.press("Escape");
    await until("Escape closes it", async () => !(await page.isVisible("#card")));
    await page.locator("#top button").first().focus();
    await page.keyboard.press("Enter");
    await until("from the list", () => page.isVisible("#card"));
    await page.click("#card-close");
    await until("closed", async () => !(await page.isVisible("#card")));
    assert.ok(await page.evaluate(() => document.activeElement.closest("#top") !== null), "the focus is back where it came from");
    assert.deepEqual(page.faults, []);
    await page.context().close();
  }
});
