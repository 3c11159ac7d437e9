// Each picture is drawn with both library sets from what the real OpenSearch
// answers, and compared with the pipeline's documents, added up here by hand.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { draw, open, page, panel } from "./draw.mjs";
import { sets } from "./libraries.mjs";
import { documents, filled, range, specOf } from "./store.mjs";

const out = new URL("out/", import.meta.url);
mkdirSync(out, { recursive: true });

const inRange = (d) => d._source.timestamp >= range.from && d._source.timestamp <= range.to;
const pickups = documents.filter((d) => d._index.endsWith("pickup_count") && inRange(d)).map((d) => d._source);
const rides = documents.filter((d) => d._index.endsWith("trip_duration") && inRange(d)).map((d) => d._source);

function totals(list, key, value) {
  const sums = new Map();
  for (const d of list) sums.set(key(d), (sums.get(key(d)) ?? 0) + value(d));
  return sums;
}

let browser;
before(async () => (browser = await open()));
after(async () => browser.close());

const close = (got, want, by, what) => assert.ok(Math.abs(got - want) <= by, `${what}: got ${got}, want ${want}`);

// mercator is the projection's y, up to scale.
const mercator = (lat) => Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));

// flooded: a hexagon that covers much of the panel.
const flooded = (marks) => marks.filter((m) => m.datum?.count !== undefined).some((m) => (m.x2 - m.x1) * (m.y2 - m.y1) > (panel.width * panel.height) / 50);

// line fits y = a + b x through two far points and gives the greatest distance from it.
function misfit(points) {
  const sorted = [...points].sort((a, b) => a[0] - b[0]);
  const [p, q] = [sorted[0], sorted.at(-1)];
  const b = (q[1] - p[1]) / (q[0] - p[0]);
  return Math.max(...points.map(([x, y]) => Math.abs(y - p[1] - b * (x - p[0]))));
}

// The control room's classes: label, colour, least count.
const classes = [["2–4", "#23907C", 2], ["5–9", "#1B7BA8", 5], ["10–19", "#2B5BA8", 10], ["20–39", "#463A98", 20], ["40–79", "#591C6E", 40], ["80 and more", "#260A2C", 80]];

// Manhattan up to 145th Street, and the airports' terminals.
const interesting = ({ lat, lon }) => (lon > -74.018 && lon < -73.93 && lat > 40.7 && lat < 40.82) || (lon > -73.89 && lon < -73.86 && lat > 40.76 && lat < 40.78) || (lon > -73.8 && lon < -73.77 && lat > 40.638 && lat < 40.65);

// newYork is an instant as the tooltips write it, from another source than ours.
const parts = new Intl.DateTimeFormat("en-US", { timeZone: "America/New_York", weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" });
function clock(at) {
  return Object.fromEntries(parts.formatToParts(at).map((p) => [p.type, p.value]));
}
function newYork(at) {
  const p = clock(at);
  return `${p.weekday} ${p.day} ${p.month} ${p.year}, ${p.hour}:${p.minute} ${p.timeZoneName}`;
}

// inNewYork: an axis has labels, and they are New York's clocks.
function inNewYork(labels) {
  assert.ok(labels.length > 1 && labels.length < 40, `${labels.length} labels`);
  for (const { at, text } of labels) {
    const p = clock(at);
    assert.ok([`${p.weekday} ${p.hour}:${p.minute}`, `${p.weekday} ${p.day} ${p.month} ${p.hour}:${p.minute}`].includes(text), `${text} at ${newYork(at)}`);
  }
}

for (const set of sets) {
  const show = async (name, { dark = false, filters, prefix, change = (s) => s, picture } = {}) => {
    const world = await page(browser.browser, set, { dark });
    const drawn = await draw(world, await filled(change(specOf(name)), { filters, prefix }));
    if (picture) await world.p.screenshot({ path: new URL(`${picture}-vega${set.major}${dark ? "-dark" : ""}.png`, out).pathname });
    assert.deepEqual(world.requests, [], "it asks another host");
    await world.p.close();
    return drawn;
  };

  for (const dark of [false, true]) {
    test(`${set.name}: map${dark ? ", dark" : ""}`, async () => {
      const { marks, scales, corners, warnings, size, legends } = await show("map", { dark, picture: "map" });
      assert.deepEqual(warnings, []);
      close(size.width, panel.width, 1, "width");
      close(size.height, panel.height - 3, 4, "height");
      const want = totals(pickups, (d) => d.cell, (d) => d.pickup_count);
      const hexagons = marks.filter((m) => m.datum?.class !== undefined);
      assert.equal(hexagons.length, want.size, "a hexagon a cell");
      const places = new Map(pickups.map((d) => [d.cell, d.location]));
      const most = new Map();
      for (const d of pickups) {
        const known = most.get(d.cell);
        if (!known || d.pickup_count > known.pickup_count || (d.pickup_count === known.pickup_count && d.window_start < known.window_start)) most.set(d.cell, d);
      }
      for (const h of hexagons) {
        const { pickup_count, window_start } = most.get(h.datum.key);
        assert.equal(h.datum.count, want.get(h.datum.key), `pickups of ${h.datum.key}`);
        assert.equal(h.datum.most, pickup_count, `the busiest ten minutes of ${h.datum.key}`);
        assert.equal(h.datum.when, newYork(Date.parse(window_start)), `when ${h.datum.key} was busiest`);
        const [label, colour] = classes.findLast(([, , from]) => pickup_count >= from);
        assert.deepEqual([h.datum.class, h.fill, scales[label]], [label, colour, colour], `class of ${h.datum.key}`);
      }
      const middle = hexagons.map((h) => [places.get(h.datum.key), (h.x1 + h.x2) / 2, (h.y1 + h.y2) / 2]);
      assert.ok(misfit(middle.map(([p, x]) => [p.lon, x])) < 1, "each hexagon at its longitude");
      assert.ok(misfit(middle.map(([p, , y]) => [mercator(p.lat), y])) < 1, "each hexagon at its latitude");
      assert.ok(!flooded(marks), "a hexagon floods the panel");
      for (const h of hexagons) assert.ok(h.x2 - h.x1 > 8 && h.y2 - h.y1 > 8, `${h.datum.key} is too small to be seen`);
      const inView = ([, x, y]) => x > 0 && y > 0 && x < size.width - 16 && y < size.height - 16;
      for (const m of middle) if (interesting(m[0])) assert.ok(inView(m), `${JSON.stringify(m)} is out of view`);
      const left = middle.filter((m) => !inView(m)).length;
      assert.equal(marks.filter((m) => /outside this view$/.test(m.text ?? "")).length, left > 0 ? 1 : 0, "what is not in view is said");
      const texts = marks.filter((m) => m.type === "text");
      const near = (h) => texts.some((m) => m.x1 - 8 < h.x2 && h.x1 < m.x2 + 8 && m.y1 - 8 < h.y2 && h.y1 < m.y2 + 8);
      const clear = hexagons.filter((h) => interesting(places.get(h.datum.key)) && !near(h));
      assert.ok(clear.length > 20, `${clear.length} cells are clear of names`);
      for (const h of clear) [1, 3, 5].forEach((at, i) => close(h.pixel[i], parseInt(h.fill.slice(at, at + 2), 16), 3, `${h.datum.key} on the screen`));
      for (const c of corners) assert.ok(c[3] < 40, `a corner of the panel is painted: ${c}`);
      for (const name of ["MANHATTAN", "BROOKLYN", "QUEENS", "THE BRONX", "JFK", "LaGuardia", "Midtown"]) assert.ok(texts.some((m) => m.text === name), `${name} is not named`);
      for (const m of texts) assert.ok(m.x1 > -4 && m.x2 < size.width - 12, `${m.text} is cut`);
      assert.match(legends.join("|"), /Single pickups are not shown/);
      for (const [label] of classes) assert.ok(legends.includes(label), `class ${label} in the legend: ${legends}`);
    });

    test(`${set.name}: rides${dark ? ", dark" : ""}`, async () => {
      const { marks, warnings, heights, labels, legends } = await show("rides", { dark, picture: "rides" });
      assert.deepEqual(warnings, []);
      const key = (d) => `${d.airport_code} ${Date.parse(d.window_start)}`;
      const minutes = totals(rides, key, (d) => d.sum_trip_duration);
      const trips = totals(rides, key, (d) => d.trip_count);
      const points = marks.filter((m) => m.type === "symbol");
      assert.equal(points.length, minutes.size, "a point an airport and hour");
      for (const p of points) {
        const k = `${p.datum.code} ${p.datum.key}`;
        close(p.datum.mean, minutes.get(k) / trips.get(k), 1e-9, `mean of ${k}`);
        close(p.y, heights[p.datum.mean], 0.01, `height of ${k}`);
        assert.equal(p.datum.trips, trips.get(k), `trips of ${k}`);
        assert.equal(p.datum.hour, newYork(p.datum.key));
        assert.equal(p.shape === "circle", trips.get(k) >= 10, `${k} is hollow where its trips are few`);
      }
      assert.ok(points.some((p) => p.shape !== "circle"), "no mean is of few trips: the test shows nothing");
      const bars = marks.filter((m) => m.type === "rect");
      assert.equal(bars.length, trips.size, "a bar an airport and hour");
      const [tallest] = [...bars].sort((a, b) => b.drawn - a.drawn);
      for (const b of bars) close(b.drawn / tallest.drawn, b.datum.trips / Math.max(...trips.values()), 1e-6, `trips of ${b.datum.code} ${b.datum.key}`);
      inNewYork(labels);
      assert.match(legends.join("|"), /JFK.*LaGuardia.*10 trips and more.*fewer than 10/);
      const lines = marks.filter((m) => m.type === "line");
      assert.equal(lines.length, minutes.size, "the lines pass through every mean");
      assert.deepEqual([...new Set(lines.map((l) => l.stroke))].sort(), ["#2f7dd1", "#c8641b"]);
    });
  }

  test(`${set.name}: rides to one airport`, async () => {
    const { marks } = await show("rides", { filters: [{ term: { airport_code: "JFK" } }] });
    assert.deepEqual([...new Set(marks.filter((m) => m.type === "symbol").map((m) => m.datum.code))], ["JFK"]);
  });

  test(`${set.name}: bars`, async () => {
    const hours = await show("hours", { picture: "hours" });
    const byHour = totals(pickups, (d) => Math.floor(Date.parse(d.window_start) / 3_600_000) * 3_600_000, (d) => d.pickup_count);
    assert.deepEqual(new Map(hours.marks.map((m) => [m.datum.key, m.datum.count])), new Map([...byHour].sort((a, b) => a[0] - b[0])));
    inNewYork(hours.labels);
    for (const b of hours.marks) {
      close(b.y2 - b.y1, b.drawn, 2, `height of the bar of ${b.datum.key}`);
      close(b.x2 - b.x1, b.wide, 2, `width of the bar of ${b.datum.key}`);
    }
    const longest = Math.max(...hours.marks.map((b) => b.y2 - b.y1));
    assert.ok(longest > panel.height / 2, `the longest bar has ${longest} pixels`);
    const cells = await show("cells", { picture: "cells" });
    const byCell = [...totals(pickups, (d) => d.cell, (d) => d.pickup_count).values()].sort((a, b) => b - a).slice(0, 12);
    assert.deepEqual(cells.marks.map((m) => m.datum.count).sort((a, b) => b - a), byCell);
    const [first] = cells.marks;
    for (const b of cells.marks) close((b.x2 - b.x1) / (first.x2 - first.x1), b.datum.count / first.datum.count, 0.01, `length of the bar of ${b.datum.key}`);
    const rejects = await show("rejects", { picture: "rejects" });
    assert.deepEqual(Object.fromEntries(rejects.marks.map((m) => [m.datum.key, m.datum.count])), JSON.parse(process.env.REJECTS));
    for (const d of [hours, cells, rejects]) assert.deepEqual(d.warnings, []);
  });

  // Both changes of New York's clocks: the hour that comes twice, and the one that is left out.
  for (const [change, from] of [["autumn", "2015-10-31T16:00:00Z"], ["spring", "2015-03-07T17:00:00Z"], ["a week", "2015-10-30T04:00:00Z"]]) {
    test(`${set.name}: New York's clocks, ${change}`, async () => {
      const count = change === "a week" ? 7 * 24 : 36;
      const buckets = Array.from({ length: count }, (_, i) => ({ key: Date.parse(from) + i * 3_600_000, pickups: { value: 100 + i } }));
      const { marks, labels, warnings } = await show("hours", { change: (s) => ({ ...s, data: { values: { aggregations: { hours: { buckets } } } } }) });
      assert.deepEqual(marks.map((m) => m.datum.hour), buckets.map((b) => newYork(b.key)));
      assert.equal(new Set(marks.map((m) => m.datum.hour)).size, count, "two hours have one name");
      assert.deepEqual(warnings, []);
      inNewYork(labels);
    });
  }

  // A store in which nothing is written yet, as the rejects of a clean stream.
  test(`${set.name}: nothing written yet`, async () => {
    for (const name of ["map", "rides", "hours", "cells", "rejects"]) {
      const { marks, shown } = await show(name, { prefix: "nothing-written-", picture: name === "rides" && "empty" });
      const texts = marks.filter((m) => m.type === "text" && !m.datum?.kind);
      assert.match(texts[0]?.text ?? "", /^No /, `${name} says that it is empty`);
      close(texts[0].x1 / 2 + texts[0].x2 / 2, panel.width / 2, panel.width / 8, `${name}: words in the middle`);
      assert.deepEqual(marks.filter((m) => m.datum?.key !== undefined), []);
      assert.deepEqual(shown, [], `${name} shows no error`);
    }
  });

  // Deliberately wrong pictures: what the tests above look for is found.
  test(`${set.name}: an unreversed ring floods the panel`, async () => {
    const { marks } = await show("map", { change: (s) => JSON.parse(JSON.stringify(s).replace("reverse(", "(")) });
    assert.ok(flooded(marks), "it does not flood the panel: the test would not see it");
  });

  test(`${set.name}: a missing field has no means`, async () => {
    const { marks } = await show("rides", { change: (s) => JSON.parse(JSON.stringify(s).replace("sum_trip_duration", "sum_duration")) });
    assert.ok(marks.filter((m) => m.type === "symbol").every((m) => !(m.datum.mean > 0)), "means of a field that does not exist");
  });
}
