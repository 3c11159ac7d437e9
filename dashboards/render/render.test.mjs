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
      const { marks, scales, corners, warnings, size } = await show("map", { dark, picture: "map" });
      assert.deepEqual(warnings, []);
      close(size.width, panel.width, 1, "width");
      close(size.height, panel.height - 3, 4, "height");
      const want = totals(pickups, (d) => d.cell, (d) => d.pickup_count);
      const hexagons = marks.filter((m) => m.datum?.count !== undefined);
      assert.equal(hexagons.length, want.size, "a hexagon a cell");
      const places = new Map(pickups.map((d) => [d.cell, d.location]));
      for (const h of hexagons) {
        assert.equal(h.datum.count, want.get(h.datum.key), `pickups of ${h.datum.key}`);
        assert.equal(h.fill, scales[h.datum.count], `colour of ${h.datum.key}`);
      }
      const middle = hexagons.map((h) => [places.get(h.datum.key), (h.x1 + h.x2) / 2, (h.y1 + h.y2) / 2]);
      assert.ok(misfit(middle.map(([p, x]) => [p.lon, x])) < 1, "each hexagon at its longitude");
      assert.ok(misfit(middle.map(([p, , y]) => [mercator(p.lat), y])) < 1, "each hexagon at its latitude");
      assert.ok(!flooded(marks), "a hexagon floods the panel");
      const [hot] = [...hexagons].sort((a, b) => b.datum.count - a.datum.count);
      assert.ok(hot.pixel[0] > hot.pixel[2] + 60 && hot.pixel[3] > 180, `the busiest cell is red on the screen: ${hot.pixel}`);
      for (const c of corners) assert.ok(c[3] < 40, `a corner of the panel is painted: ${c}`);
    });

    test(`${set.name}: rides${dark ? ", dark" : ""}`, async () => {
      const { marks, warnings, heights } = await show("rides", { dark, picture: "rides" });
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
      }
      const lines = marks.filter((m) => m.type === "line");
      assert.equal(lines.length, minutes.size, "the lines pass through every mean");
      assert.deepEqual([...new Set(lines.map((l) => l.stroke))].sort(), ["#2e86ab", "#d1495b"]);
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

  // A store in which nothing is written yet, as the rejects of a clean stream.
  test(`${set.name}: nothing written yet`, async () => {
    for (const name of ["map", "rides", "hours", "cells", "rejects"]) {
      const { marks, shown } = await show(name, { prefix: "nothing-written-", picture: name === "rides" && "empty" });
      const texts = marks.filter((m) => m.type === "text");
      assert.match(texts[0]?.text ?? "", /^No /, `${name} says that it is empty`);
      close(texts[0].x1 / 2 + texts[0].x2 / 2, panel.width / 2, panel.width / 8, `${name}: words in the middle`);
      assert.deepEqual(marks.filter((m) => m.type !== "text" && m.datum?.bucket), []);
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
