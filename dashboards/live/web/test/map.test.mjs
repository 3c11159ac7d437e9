// The map as a map: names, legend, zoom, scale; and looking back, which is unmistakable.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { closeBrowser, freePort, openPage, shots, start, stop, until } from "./world.mjs";

let demo;
let url;
const evening = "2016-01-05T23:00Z";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

before(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}/`;
  demo = start("localstack", "demo", "-speedup", "0", "-source", "generate:2016-01-05", "-listen", `127.0.0.1:${port}`);
  await until("the day is over", () => demo.text.includes("serving until Ctrl-C"), 240_000);
}, { timeout: 300_000 });
after(async () => {
  await closeBrowser();
  await stop(demo);
});

/** A page that shows a time, with its map drawn. */
async function shown(at, options) {
  const page = await openPage(`${url}#t=${at}`, options);
  const start = Date.parse(at);
  await until("the map", async () => Number(await page.getAttribute("#map", "data-window")) === start && Number(await page.getAttribute("#map", "data-hexagons")) > 0);
  await until("the change is drawn", () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(controlRoom.map.progress === 1))))));
  return page;
}

const names = async (page) => JSON.parse(await page.getAttribute("#map", "data-names"));
const clean = async (page, what) => {
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run());
  assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(" ")}`), [], what);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${what}: the page is wider than the screen`);
};

test("names come with nearness", async () => {
  const page = await shown(evening);
  const first = await names(page);
  for (const name of ["NEW JERSEY", "QUEENS", "LaGuardia", "JFK", "Central Park", "Midtown", "Hudson River"]) assert.ok(first.includes(name), `${name} is not among ${first}`);
  assert.ok(!first.some((n) => /Midtown (North|South|East|Center)/.test(n)), `neighbourhoods that are one from afar: ${first}`);
  await page.click("#zoom-hottest");
  await until("each zone by its name", async () => (await names(page)).some((n) => /^(Midtown|Upper|Union|Penn|Times|Murray|East|Clinton|Garment|Lenox)\b.*/.test(n) && n.includes(" ")));
  await page.screenshot({ path: join(shots, "map-close.png") });
  await page.click("#zoom-reset");
  for (let i = 0; i < 4; i++) await page.click("#zoom-out");
  await until("from afar no neighbourhood", async () => !(await names(page)).includes("Midtown") && (await names(page)).includes("THE BRONX"));
  await page.context().close();
});

test("the legend's classes stay, and say what is not shown", async () => {
  const page = await shown(evening);
  const legend = await page.textContent(".legend");
  assert.match(legend, /2–4.*5–9.*10–19.*20–39.*40–79.*80 and more.*Single pickups are not shown\. The classes never change\./s);
  const night = await shown("2016-01-05T08:30Z");
  assert.equal(await night.textContent(".legend"), legend);
  await night.context().close();
  await page.context().close();
});

test("a plain wheel scrolls and says how to zoom; with Ctrl it zooms towards the pointer; the scale follows", async () => {
  const page = await shown(evening);
  const box = await page.locator("#map").boundingBox();
  const at = [box.x + box.width * 0.4, box.y + box.height * 0.4];
  const metres = () => page.evaluate(() => {
    const words = document.querySelector("#scale-words").textContent.split(" ");
    return (Number(words[0]) * (words[1] === "km" ? 1000 : 1)) / document.querySelector("#scale").getBoundingClientRect().width;
  });
  const placeOf = (cell) => page.evaluate((c) => controlRoom.map.place(c), cell);
  const nearest = await page.evaluate(([x, y]) => [...controlRoom.map.shown.keys()].map((c) => [c, Math.hypot(controlRoom.map.place(c)[0] - x, controlRoom.map.place(c)[1] - y)]).sort((a, b) => a[1] - b[1])[0][0], [box.width * 0.4, box.height * 0.4]);
  const before = [await metres(), await placeOf(nearest)];
  await page.mouse.move(...at);
  await page.mouse.wheel(0, -200);
  await until("the hint", () => page.isVisible("#wheel-hint"));
  assert.deepEqual(await placeOf(nearest), before[1]);
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -200);
  await page.keyboard.up("Control");
  await until("the scale", async () => (await metres()) < before[0] * 0.75);
  const [x, y] = await placeOf(nearest);
  const factor = Math.exp(200 / 300);
  const off = (p) => [p[0] - box.width * 0.4, p[1] - box.height * 0.4];
  off([x, y]).forEach((d, i) => assert.ok(Math.abs(d - off(before[1])[i] * factor) < 2, `the cell at the pointer went from ${before[1]} to ${x},${y}`));
  await page.context().close();
});

for (const [scheme, width, height] of [["light", 1440, 900], ["dark", 1440, 900], ["light", 390, 844], ["dark", 390, 844]]) {
  test(`looking back in ${scheme} at ${width} px: the whole head says so, and one click leads to now`, async () => {
    const page = await shown("2016-01-05T13:10Z", { viewport: { width, height }, colorScheme: scheme, bypassCSP: true });
    await until("the head", () => page.isVisible("#past"));
    assert.match(await page.textContent("#past"), /Looking back.*08:10–08:20.*Now it is/s);
    assert.equal(await page.textContent("#event-clock"), "08:10");
    assert.match(await page.textContent("#jfk-now"), /in the hour to 08:00/);
    assert.equal(await page.textContent("#health-title"), "The pipeline, now");
    await page.screenshot({ path: join(shots, `past-${scheme}-${width}.png`), fullPage: width < 500 });
    await clean(page, "looking back");
    await page.click(width < 500 ? "#live" : "#back"); // a phone's head is folded
    await until("now", async () => !(await page.isVisible("#past")) && Number(await page.getAttribute("#map", "data-window")) === (await page.evaluate(() => controlRoom.model.newest().start)));
    await clean(page, "now");
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}

test("the charts say their figures at the pointer", async () => {
  const page = await shown(evening);
  for (const [chart, words] of [["#jfk", /^\d\d:00–\d\d:00 · [\d.]+ min · [\d,]+ trips?$/], ["#lga", /^\d\d:00–\d\d:00 · [\d.]+ min · [\d,]+ trips?$/], [".slide", /^\d\d:\d0–\d\d:\d0 · [\d,]+ pickups$/]]) {
    await page.hover(chart);
    await until(`figures on ${chart}`, async () => words.test(await page.textContent(`${chart} .at`)) && page.isVisible(`${chart} .at`));
  }
  await page.context().close();
});

test("forced colours, and what a finger has to hit", async () => {
  const page = await shown(evening, { forcedColors: "active", bypassCSP: true });
  await page.screenshot({ path: join(shots, "forced.png") });
  await clean(page, "forced colours");
  await page.context().close();
  const phone = await shown(evening, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const small = await phone.evaluate(() => [...document.querySelectorAll("button, #slider")].filter((b) => b.offsetParent && b.getBoundingClientRect().height < 44).map((b) => b.id || b.className));
  assert.deepEqual(small, []);
  await phone.context().close();
});

test("the first load is under 200 kB over the wire", async () => {
  const page = await openPage("about:blank").catch(() => undefined);
  const context = page.context();
  const cdp = await context.newCDPSession(page);
  await cdp.send("Network.enable");
  let bytes = 0;
  cdp.on("Network.dataReceived", (e) => (bytes += e.encodedDataLength));
  await context.unrouteAll();
  await page.goto(url);
  await until("the map", async () => Number(await page.getAttribute("#map", "data-hexagons")) > 0);
  console.log(`first load: ${bytes} bytes`);
  assert.ok(bytes > 50_000 && bytes < 200_000, `${bytes} bytes`);
  await context.close();
});
