// Places: neighbourhoods, what is usual, search, the borough filter, and the address that holds them.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { clean, fingers } from "./axe.mjs";
import { closeBrowser, documents, freePort, openPage, shots, start, stop, until } from "./world.mjs";

let two; // days in the store
let one;
const evening = "2016-01-05T23:00Z"; // 18:00 in New York
const at = Date.parse(evening);
const day = 86_400_000;

async function demo(source) {
  const port = await freePort();
  const store = await freePort();
  const servers = start("localstack", "serve", "-kinesis-listen", "127.0.0.1:0", "-opensearch-listen", `127.0.0.1:${store}`);
  await until("the store", async () => (await fetch(`http://127.0.0.1:${store}`)).ok);
  const process = start("localstack", "demo", "-speedup", "0", "-source", source, "-opensearch-endpoint", `http://127.0.0.1:${store}`, "-listen", `127.0.0.1:${port}`);
  return { process, servers, store: `http://127.0.0.1:${store}`, url: `http://127.0.0.1:${port}/` };
}

before(async () => {
  [two, one] = await Promise.all([demo("generate:2016-01-04/2"), demo("generate:2016-01-05")]);
  for (const d of [two, one]) await until(() => `the days are over: ${d.process.text}`, () => d.process.text.includes("serving until Ctrl-C"), 400_000);
}, { timeout: 450_000 });
after(async () => {
  await closeBrowser();
  for (const d of [two, one]) if (d) for (const p of [d.process, d.servers]) await stop(p);
});

const drawn = (page) => until("the map", async () => Number(await page.getAttribute("#map", "data-hexagons")) > 0 && page.evaluate(() => controlRoom.map.progress === 1));
const compared = (page) => until("what is usual", async () => (await page.textContent("#usual-note")) !== "");

async function open(world, hash, options) {
  const page = await openPage(`${world.url}#${hash}`, { bypassCSP: true, ...options });
  await drawn(page);
  return page;
}

/** The table's rows: the map's twin. */
async function table(page) {
  if (!(await page.evaluate(() => document.querySelector("#cells-details").open))) await page.click("#cells-details summary");
  await until("rows", async () => (await page.locator("#cells tbody tr").count()) > 0);
  return page.evaluate(() => [...document.querySelectorAll("#cells tbody tr")].map((tr) => ({
    cell: tr.dataset.cell, count: Number(tr.dataset.count), usual: tr.cells[2].textContent, zone: tr.cells[3].textContent, borough: tr.cells[4].textContent,
  })));
}

const list = (page) => page.evaluate(() => [...document.querySelectorAll("#top li")].map((li) => ({
  name: li.querySelector(".place").firstChild.textContent.trim(), borough: li.querySelector("small").textContent,
  count: Number(li.querySelector(".n").textContent.replace(/\D/g, "")), usual: li.querySelector(".usual").textContent,
})));

const words = (count, usual) => {
  if (usual === 0) return "▲ from 0";
  const percent = Math.round((count / usual - 1) * 100);
  return percent === 0 ? "as usual" : `${percent > 0 ? "▲" : "▼"} ${Math.abs(percent).toLocaleString("en-US")} %`;
};

let yesterday; // pickups by cell in the same ten minutes of the day before
const usualOf = async () => (yesterday ??= new Map((await documents(two.store, "pickup_count")).filter((d) => Date.parse(d.window_start) === at - day).map((d) => [d.cell, d.pickup_count])));

test("neighbourhoods are the sums of their cells; a row frames its outline, and the address holds it", async () => {
  const page = await open(two, `t=${evening}`);
  await compared(page);
  await page.click("#list-zones");
  const usual = await usualOf();
  const rows = await table(page);
  const zoneOf = new Map((await page.evaluate(() => controlRoom.model.cells.map((c) => [c.id, c.zone?.name]))));
  const sums = new Map();
  const before = new Map();
  for (const r of rows) sums.set(r.zone, (sums.get(r.zone) ?? 0) + r.count);
  for (const [cell, n] of usual) before.set(zoneOf.get(cell), (before.get(zoneOf.get(cell)) ?? 0) + n);
  const want = [...sums].filter(([name]) => name !== "Off the shore").sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 8);
  assert.deepEqual((await list(page)).map((r) => [r.name, r.count, r.usual]), want.map(([name, n]) => [name, n, words(n, before.get(name) ?? 0)]));
  assert.match(await page.textContent("#top-note"), /Single pickups are not shown/);
  await page.locator("#top button").nth(1).click();
  const zone = await until("the outline", () => page.getAttribute("#map", "data-zone"));
  assert.match(page.url(), new RegExp(`zone=${zone}&list=neighbourhoods$`));
  assert.match(await page.textContent("#zone-words"), new RegExp(`^${want[1][0]}, .*${want[1][1]} pickups in \\d+ cells?`));
  const framed = await page.evaluate((name) => {
    const { cells } = controlRoom.model;
    const canvas = document.querySelector("#map");
    const places = [...controlRoom.map.shown.keys()].filter((c) => cells[c].zone?.name === name).map((c) => controlRoom.map.place(c));
    return places.length > 0 && places.every(([x, y]) => x > 0 && y > 0 && x < canvas.clientWidth && y < canvas.clientHeight);
  }, want[1][0]);
  assert.ok(framed, "a cell of the neighbourhood is outside of the map");
  await page.screenshot({ path: join(shots, "places-zone.png") });
  await page.click("#zone-close");
  assert.equal(await page.getAttribute("#map", "data-zone"), "");
  assert.doesNotMatch(page.url(), /zone=/);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("against usual: figures and colours are those of the other day's documents", async () => {
  const page = await open(two, `t=${evening}&colours=usual`);
  await compared(page);
  const usual = await usualOf();
  assert.ok(usual.size > 50, `${usual.size} documents of the other day`);
  const rows = await table(page);
  for (const r of rows) assert.equal(r.usual, `${usual.get(r.cell) ?? 0}; ${words(r.count, usual.get(r.cell) ?? 0)}`, r.cell);
  assert.equal(await page.textContent("#usual-note"), "Usual: the same 10 minutes of the other day in the store.");
  const all = [...usual.values()].reduce((a, b) => a + b, 0);
  const trips = rows.reduce((sum, r) => sum + r.count, 0);
  assert.ok((await page.textContent("#top-note")).includes(`${words(trips, all)} against usual, ${all.toLocaleString("en-US")}`), await page.textContent("#top-note"));
  const tints = new Map(await page.evaluate(() => [...controlRoom.map.shown].map(([cell, s]) => [controlRoom.model.cells[cell].id, s.tint])));
  const seen = new Set();
  for (const r of rows) {
    const u = usual.get(r.cell) ?? 0;
    const off = (r.count - u) / Math.sqrt(Math.max(u, 4));
    const want = off <= -2 ? 0 : off <= -1 ? 1 : off < 1 ? 2 : off < 2 ? 3 : 4;
    assert.equal(tints.get(r.cell), want, `${r.cell}: ${r.count} against ${u}`);
    seen.add(want);
  }
  assert.equal(seen.size, 5, "not every class is there");
  assert.match(await page.textContent(".legend"), /18:00–18:10 against the same 10 minutes of the other day.*far fewer.*fewer.*as usual.*more.*far more.*Size: pickups/s);
  const hottest = await page.evaluate(() => controlRoom.map.place(controlRoom.model.numberOf(document.querySelector("#cells tbody tr").dataset.cell)));
  await page.locator("#map").hover({ position: { x: hottest[0], y: hottest[1] } });
  const u = usual.get(rows[0].cell) ?? 0;
  await until("figures at the pointer", async () => (await page.textContent("#tip")).includes(`usual ${u}: ${words(rows[0].count, u)}`));
  await page.screenshot({ path: join(shots, "places-usual.png") });
  await page.locator("#map").click({ position: { x: hottest[0], y: hottest[1] } });
  await until("the chosen cell's figures", async () => (await page.textContent("#card-count")).includes(`usual ${u}: ${words(rows[0].count, u)}`));
  await page.keyboard.press("Escape");
  await page.click("#colours-pickups");
  await until("colours by pickups", async () => (await page.getAttribute("#map", "data-colours")) === "pickups");
  assert.match(await page.textContent(".legend"), /2–4.*80 and more/s);
  assert.doesNotMatch(page.url(), /colours=/);
  await page.context().close();
});

test("with one day the hour before is compared with, and the page says so; of the first window nothing is", async () => {
  const page = await open(one, `t=${evening}`);
  await compared(page);
  assert.equal(await page.textContent("#usual-note"), "Usual: mean of the hour before, as no other day in the store has this time.");
  const docs = await documents(one.store, "pickup_count");
  const hour = new Map();
  for (const d of docs) if (Date.parse(d.window_start) >= at - 3_600_000 && Date.parse(d.window_start) < at) hour.set(d.cell, (hour.get(d.cell) ?? 0) + d.pickup_count);
  for (const r of await table(page)) assert.ok(r.usual.endsWith(`; ${words(r.count, (hour.get(r.cell) ?? 0) / 6)}`), `${r.cell}: ${r.usual}, not ${r.count} against ${hour.get(r.cell)} / 6`);
  await page.context().close();
  const first = await open(one, "t=2016-01-05T05:00Z&colours=usual");
  await compared(first);
  assert.match(await first.textContent("#usual-note"), /^Nothing to compare with/);
  assert.match(await first.textContent(".legend"), /nothing to compare with, so all are grey/);
  assert.ok((await list(first)).every((r) => r.usual === ""), "a percentage of nothing");
  assert.doesNotMatch(await first.textContent(".demand"), /%/);
  await first.context().close();
});

test("a store that does not answer is said, not shown as 0 %", async () => {
  const page = await openPage("about:blank").catch(() => undefined);
  await page.route("**/api/usual*", (r) => r.fulfill({ status: 503, body: "gone" }));
  await page.context().unroute("**/*");
  await page.goto(`${two.url}#t=${evening}&colours=usual`);
  await drawn(page);
  await until("the words", async () => (await page.textContent("#usual-note")) === "What is usual is not known: the results store does not answer.");
  assert.match(await page.textContent("#legend-note"), /not known, so all are grey/);
  await page.unroute("**/api/usual*");
  await until("asked again", async () => /^Usual:/.test(await page.textContent("#usual-note")));
  await page.context().close();
});

test("search: a place, an airport, a borough, coordinates, a cell; nothing found in words", async () => {
  const page = await open(two, `t=${evening}`);
  const box = page.locator("#search");
  const options = () => page.locator("#found li").allTextContents();
  await box.fill("midtown");
  assert.equal(await box.getAttribute("aria-expanded"), "true");
  const found = await options();
  assert.ok(found.length >= 3 && found.every((f) => /^Midtown/.test(f)), found.join("; "));
  await box.press("ArrowDown");
  await box.press("ArrowDown");
  await box.press("ArrowUp");
  const active = await box.getAttribute("aria-activedescendant");
  assert.equal(await page.locator(`#${active}`).getAttribute("aria-selected"), "true");
  assert.equal(active, "found-1");
  await page.screenshot({ path: join(shots, "places-search.png") });
  await clean(page, "search");
  await box.press("Enter");
  assert.ok(found[1].startsWith(await page.locator("#zone-words b").textContent()));
  assert.equal(await box.getAttribute("aria-expanded"), "false");
  for (const [typed, zone] of [["jfk", "JFK Airport"], ["LGA", "LaGuardia Airport"], ["la guardia", "LaGuardia Airport"], ["upper east side s", "Upper East Side South"]]) {
    await box.fill(typed);
    await box.press("Enter");
    assert.equal(await page.locator("#zone-words b").textContent(), zone, typed);
  }
  for (const typed of ["40.75, -73.99", "-73.99 40.75"]) {
    await box.fill(typed);
    await box.press("Enter");
    const cell = await page.evaluate(() => new URLSearchParams(location.hash.slice(1)).get("cell"));
    const centre = await page.evaluate((id) => controlRoom.model.cells[controlRoom.model.numberOf(id)].centre, cell);
    assert.ok(Math.hypot((centre[0] + 73.99) * 84.3, (centre[1] - 40.75) * 111) < 0.2, `${typed}: a cell at ${centre}`);
  }
  const hottest = (await table(page))[0].cell;
  await box.fill(hottest);
  await box.press("Enter");
  assert.match(page.url(), new RegExp(`cell=${hottest}`));
  for (const [typed, why] of [["atlantis", /Nothing found for “atlantis”/], ["10, 20", /Nothing found: 10, 20 lies outside/], ["891fb466253ffff", /Nothing found: no pickups are known in this cell/]]) {
    await box.fill(typed);
    assert.match(await page.textContent("#found-none"), why);
    assert.equal(await box.getAttribute("aria-expanded"), "false");
    await box.press("Enter");
    assert.match(page.url(), new RegExp(`cell=${hottest}`), "nothing found chooses nothing");
  }
  await box.press("Escape");
  assert.equal(await page.textContent("#found-none"), "");
  await box.fill("the bronx");
  await page.locator("#found li").first().click();
  assert.equal(await page.inputValue("#borough"), "Bronx");
  await page.context().close();
});

test("the borough filter holds for map, list, total and timeline, stands in the title, and a link opens the same view", async () => {
  const page = await open(two, `t=${evening}`);
  const inQueens = (await table(page)).filter((r) => r.borough === "Queens");
  const trips = inQueens.reduce((sum, r) => sum + r.count, 0);
  await page.selectOption("#borough", "Queens");
  await until("the map", async () => Number(await page.getAttribute("#map", "data-hexagons")) === inQueens.length);
  const check = async (p) => {
    assert.equal(await p.textContent("#map-title"), "Pickups in Queens");
    assert.equal(await p.textContent("#demand-title"), "Where demand is highest in Queens");
    await until("the page's title", async () => /^Queens: /.test(await p.title()));
    assert.ok((await list(p)).every((r) => r.borough === "Queens"));
    assert.ok((await p.textContent("#map-window")).includes(`${trips} in ${inQueens.length} cells`));
    assert.ok((await p.textContent("#top-note")).startsWith(`${trips} pickups in ${inQueens.length} cells`));
    await until("the timeline", async () => (await p.getAttribute("#slider", "aria-valuetext")).endsWith(`, ${trips} pickups`));
  };
  await check(page);
  assert.deepEqual((await table(page)).map((r) => r.cell), inQueens.map((r) => r.cell));
  await page.click("#list-zones");
  await page.click("#colours-usual");
  await page.locator("#top button").first().click();
  const zone = await until("the outline", () => page.getAttribute("#map", "data-zone"));
  await page.screenshot({ path: join(shots, "places-queens.png") });
  const link = await openPage(page.url());
  await drawn(link);
  await check(link);
  assert.equal(await link.getAttribute("#map", "data-zone"), zone);
  assert.equal(await link.getAttribute("#map", "data-colours"), "usual");
  assert.equal(await link.getAttribute("#list-zones", "aria-pressed"), "true");
  assert.equal(await link.getAttribute("#map", "data-window"), String(at));
  const sum = await link.evaluate(async () => {
    const { windows } = await (await fetch(`api/hotspots?from=${controlRoom.model.windows[50].start}&to=${controlRoom.model.windows[50].start}`)).json();
    return windows[0].cells.reduce((s, cell, i) => s + (controlRoom.model.cells[cell].zone?.borough === "Queens" ? windows[0].counts[i] : 0), 0);
  });
  await until("an earlier bar", async () => {
    const bars = await link.locator("#bars").boundingBox();
    await link.mouse.move(bars.x + 8 + ((bars.width - 16) * 50) / ((await link.evaluate(() => controlRoom.model.windows.length)) - 1), bars.y + 5);
    return (await link.textContent(".slide .at")).endsWith(` ${sum} pickups`);
  });
  await link.context().close();
  await page.selectOption("#borough", "");
  assert.equal(await page.textContent("#map-title"), "Pickups");
  assert.doesNotMatch(page.url(), /borough=/);
  await page.context().close();
});

for (const [scheme, width, height] of [["light", 1440, 900], ["dark", 1440, 900], ["light", 390, 844], ["dark", 390, 844]]) {
  test(`all of it in ${scheme} at ${width} px`, async () => {
    const page = await open(two, `t=${evening}&colours=usual&borough=Manhattan&list=neighbourhoods&zone=161`, { viewport: { width, height }, colorScheme: scheme, hasTouch: width < 500, isMobile: width < 500 });
    await compared(page);
    await page.screenshot({ path: join(shots, `places-${scheme}-${width}.png`), fullPage: width < 500 });
    await clean(page, "all of it");
    if (width < 500) await fingers(page, "all of it");
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}
