// The control room on a phone, under fingers, in the user's own colours; and axe in every state of the page.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { clean, fingers } from "./axe.mjs";
import { closeBrowser, freePort, openPage, shots, start, stop, until } from "./world.mjs";

let demo, url, first;
const evening = "2016-01-05T23:00Z";
const phone = { hasTouch: true, isMobile: true, bypassCSP: true };

before(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}/`;
  demo = start("localstack", "demo", "-speedup", "0", "-source", "generate:2016-01-05", "-listen", `127.0.0.1:${port}`);
  await until("the day is over", () => demo.text.includes("serving until Ctrl-C"), 240_000);
  first = await (await fetch(`${url}api/state`)).json();
}, { timeout: 300_000 });
after(async () => {
  await closeBrowser();
  await stop(demo);
});

const drawn = (page) => until("the map is drawn", () => page.evaluate(() => Number(document.querySelector("#map").dataset.hexagons) > 0 && controlRoom.map.progress === 1));

async function shown(at, options) {
  const page = await openPage(at ? `${url}#t=${at}` : url, options);
  await until("the window", async () => !at || Number(await page.getAttribute("#map", "data-window")) === Date.parse(at));
  await drawn(page);
  return page;
}

const box = (page, selector) => page.evaluate((s) => {
  const r = document.querySelector(s).getBoundingClientRect();
  return { top: r.top, bottom: r.bottom, left: r.left, width: r.width, height: r.height };
}, selector);

for (const [width, height] of [[320, 568], [360, 640], [390, 844], [844, 390], [640, 360]]) {
  test(`a phone of ${width} × ${height}: the map first, a head of 56 px, the timeline below, nothing too small for a finger`, async () => {
    const page = await shown(evening, { ...phone, viewport: { width, height } });
    assert.deepEqual(await box(page, "header"), { top: 0, bottom: 56, left: 0, width, height: 56 });
    const map = await box(page, ".canvas");
    assert.equal(map.top, 56);
    assert.ok(map.height > height * 0.45, `the map is ${map.height} px high`);
    const atBottom = async () => Math.abs((await box(page, ".time")).bottom - height) < 1;
    assert.ok(await atBottom(), "the timeline is not at the bottom");
    const legend = await page.evaluate(() => [...document.querySelectorAll("#legend li")].map((li) => li.getBoundingClientRect()).map((r) => [Math.round(r.top), r.right]));
    assert.equal(new Set(legend.map(([top]) => top)).size, 1, "the legend has more than one line");
    assert.ok(legend.every(([, right]) => right <= width), "the legend is cut");
    await page.screenshot({ path: join(shots, `phone-${width}.png`) });
    await fingers(page, "folded");
    await page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
    await fingers(page, "with its tables");
    await clean(page, `${width} px`);
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    assert.ok(await atBottom(), "the timeline moves with the page");
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}

test("a tap unfolds the head: UTC, wall clock, colours, the pipeline; another folds it", async () => {
  const page = await shown("", { ...phone, viewport: { width: 390, height: 844 } });
  const more = ["#event-utc", "#wall-clock", "#wall-utc", "#theme", "#figures", "nav a"];
  for (const s of more) assert.equal(await page.isVisible(s), false, `${s} is there before`);
  await page.touchscreen.tap(120, 28);
  for (const s of more) await until(`${s} is there`, () => page.isVisible(s));
  assert.equal(await page.getAttribute("#unfold", "aria-expanded"), "true");
  await page.screenshot({ path: join(shots, "phone-head.png") });
  await fingers(page, "unfolded");
  await clean(page, "unfolded");
  await page.keyboard.press("Escape");
  assert.equal((await box(page, "header")).height, 56);
  await page.tap("#unfold");
  assert.equal(await page.isVisible("#wall-clock"), true);
  await page.touchscreen.tap(4, 824); // elsewhere
  await until("folded", async () => (await page.getAttribute("#unfold", "aria-expanded")) === "false");
  await page.setViewportSize({ width: 1200, height: 800 });
  await until("the pipeline is where there is room for it", () => page.evaluate(() => document.querySelector(".health").parentElement.tagName === "MAIN"));
  await page.context().close();
});

test("a tablet: nothing too small for a finger, on both pages", async () => {
  const page = await shown(evening, { ...phone, viewport: { width: 820, height: 1180 } });
  await fingers(page, "the control room");
  await page.goto(`${url}job`);
  await until("a checkpoint", async () => (await page.locator("#checkpoints tbody button").count()) > 0);
  for (const viewport of [{ width: 820, height: 1180 }, { width: 390, height: 844 }, { width: 320, height: 568 }]) {
    await page.setViewportSize(viewport);
    await fingers(page, `the job at ${viewport.width} px`);
    await clean(page, `the job at ${viewport.width} px`);
  }
  await page.context().close();
});

/** Where a cell is on the canvas, and how large a pixel is. */
const place = (page, cell) => page.evaluate((c) => [...controlRoom.map.place(c), controlRoom.map.camera.main().k], cell);
const nearest = (page, at) => page.evaluate(([x, y]) => [...controlRoom.map.shown.keys()].map((c) => [c, Math.hypot(controlRoom.map.place(c)[0] - x, controlRoom.map.place(c)[1] - y)]).sort((a, b) => a[1] - b[1])[0][0], at);
const about = (what, got, want) => want.forEach((w, i) => assert.ok(Math.abs(got[i] - w) < 2, `${what}: ${got}, not ${want}`));

test("two fingers zoom about their middle, and take the map along; then one moves it", async () => {
  const page = await shown(evening, { ...phone, viewport: { width: 390, height: 844 } });
  const cdp = await page.context().newCDPSession(page);
  const map = await box(page, "#map");
  const touch = (type, ...points) => cdp.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x: x + map.left, y: y + map.top, id })) });
  const middle = [150, 260];
  const cell = await nearest(page, middle);
  const [x, y, k] = await place(page, cell);
  assert.equal(await page.evaluate(() => document.querySelector("#map").style.touchAction), "pan-y");
  await touch("touchStart", [110, 260]);
  await touch("touchStart", [110, 260], [190, 260]);
  for (let d = 40; d <= 80; d += 10) await touch("touchMove", [150 - d, 260], [150 + d, 260]);
  await until("twice as near", async () => Math.abs((await place(page, cell))[2] / k - 2) < 0.02);
  about("the middle of the fingers moved", await place(page, cell), [middle[0] + (x - middle[0]) * 2, middle[1] + (y - middle[1]) * 2]);
  const before = await place(page, cell);
  for (let d = 5; d <= 30; d += 5) await touch("touchMove", [70 + d, 260 + d], [230 + d, 260 + d]);
  await until("it went along", async () => Math.abs((await place(page, cell))[0] - before[0] - 30) < 2);
  about("two fingers that move together", await place(page, cell), [before[0] + 30, before[1] + 30, before[2]]);
  await touch("touchEnd");
  assert.equal(await page.evaluate(() => scrollY), 0);
  await until("one finger is the map's now", () => page.evaluate(() => document.querySelector("#map").style.touchAction === "none"));
  const start = await place(page, cell);
  await touch("touchStart", [200, 300]);
  for (let d = 10; d <= 60; d += 10) await touch("touchMove", [200, 300 - d]);
  await touch("touchEnd");
  await until("it moved", async () => (await place(page, cell))[1] < start[1] - 40);
  assert.equal((await page.evaluate(() => location.hash)).includes("cell="), false, "moving is not choosing");
  await page.context().close();
});

test("a double click zooms towards the pointer; a tap takes the nearest cell", async () => {
  const page = await shown(evening);
  const map = await box(page, "#map");
  const at = [map.width * 0.35, map.height * 0.45];
  const cell = await nearest(page, at);
  const [x, y, k] = await place(page, cell);
  await page.mouse.dblclick(map.left + at[0], map.top + at[1]);
  await until("nearer", async () => (await place(page, cell))[2] > k * 1.7);
  about("the pointer's place moved", await place(page, cell), [at[0] + (x - at[0]) * 1.8, at[1] + (y - at[1]) * 1.8]);
  await page.context().close();
  const touched = await shown(evening, { ...phone, viewport: { width: 390, height: 844 } });
  const canvas = await box(touched, "#map");
  // The outermost cell to the north-west: nothing is beyond it, and 15 px off is well outside of a hexagon.
  const [id, [left, top]] = await touched.evaluate(() => [...controlRoom.map.shown.keys()].map((c) => [controlRoom.model.cells[c].id, controlRoom.map.place(c)]).sort((a, b) => a[1][0] + a[1][1] - b[1][0] - b[1][1])[0]);
  await touched.touchscreen.tap(canvas.left + left - 11, canvas.top + top - 11);
  await until("the cell is chosen", async () => (await touched.evaluate(() => location.hash)).includes(id));
  await touched.context().close();
});

for (const scheme of ["light", "dark"]) {
  test(`the user's own colours, ${scheme}: what is drawn takes three of them`, async () => {
    const page = await shown(evening, { forcedColors: "active", colorScheme: scheme, bypassCSP: true });
    await page.locator("#top button").first().click();
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))); // its ring
    const found = await page.evaluate(() => {
      const system = (name) => {
        const e = Object.assign(document.createElement("i"), { style: `color: ${name}; forced-color-adjust: none` });
        document.body.append(e);
        const c = getComputedStyle(e).color.match(/\d+/g).map(Number);
        e.remove();
        return c.slice(0, 3);
      };
      const [ink, paper, mark] = ["CanvasText", "Canvas", "Highlight"].map(system);
      const near = (p, q) => p.every((v, i) => Math.abs(v - q[i]) <= 2);
      const out = {};
      for (const id of ["map", "bars"]) {
        const canvas = document.getElementById(id);
        const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        const seen = (out[id] = { ink: 0, paper: 0, between: 0, mark: 0, other: 0 });
        for (let i = 0; i < data.length; i += 4) {
          const p = [data[i], data[i + 1], data[i + 2]];
          if (data[i + 3] < 200) continue; // an edge, or nothing
          const strongest = (q) => q.indexOf(Math.max(...q));
          if (near(p, ink)) seen.ink++;
          else if (near(p, paper)) seen.paper++;
          else if (Math.max(...p) - Math.min(...p) <= 6) seen.between++; // an edge
          else if (strongest(p) === strongest(mark)) seen.mark++; // Chromium's lets through what is below
          else seen.other++;
        }
      }
      out.legend = [...document.querySelectorAll("#legend path")].every((p) => near(getComputedStyle(p).fill.match(/\d+/g).map(Number), ink));
      return out;
    });
    for (const id of ["map", "bars"]) {
      const { ink, mark, other } = found[id];
      assert.ok(ink > 500 && mark > 20 && mark < ink && other === 0, `${id}: ${JSON.stringify(found[id])}`);
    }
    assert.ok(found.legend, "the legend has colours of its own");
    await page.screenshot({ path: join(shots, `forced-${scheme}.png`) });
    await clean(page, "forced colours");
    await page.context().close();
  });
}

test("looking back: slider, head, table and title are of the chosen time", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const page = await shown("2016-01-05T13:10Z", { colorScheme, bypassCSP: true });
    const look = () => page.evaluate(() => {
      const probe = document.createElement("i");
      document.body.append(probe);
      probe.style.color = "var(--past)";
      const past = getComputedStyle(probe).color;
      probe.remove();
      const style = (s) => getComputedStyle(document.querySelector(s));
      return { past, slider: style("#slider").accentColor, head: style("header").backgroundColor, flag: style("#flag").backgroundColor, words: document.querySelector("#flag").textContent, title: document.title };
    });
    const back = await look();
    assert.deepEqual([back.slider, back.head, back.flag], [back.past, back.past, back.past]);
    assert.equal(back.words, "08:10–08:20 · looking back");
    assert.match(back.title, /New York taxis, 08:10$/);
    await page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
    const hours = await page.evaluate(() => [...document.querySelectorAll("#hours tbody tr")].map((tr) => Number(tr.dataset.start) + 3_600_000));
    assert.ok(hours.length > 10 && hours.every((end) => end <= Date.parse("2016-01-05T13:20Z")), "the table has hours that were yet to come");
    await page.click("#back");
    await until("now", async () => (await look()).slider !== back.past);
    assert.match((await look()).words, /· now$/);
    await page.context().close();
  }
});

test("no motion where none is wanted; more contrast where more is", async () => {
  const page = await shown(evening, { reducedMotion: "reduce", contrast: "more", bypassCSP: true });
  await page.focus("#slider");
  const steps = await page.evaluate(async () => {
    const { map } = controlRoom;
    const seen = [];
    const show = map.show.bind(map);
    map.show = (...a) => { show(...a); seen.push(map.progress); };
    document.querySelector("#slider").value = "20";
    document.querySelector("#slider").dispatchEvent(new Event("input"));
    for (let i = 0; i < 100 && seen.length === 0; i++) await new Promise((r) => setTimeout(r, 50));
    return seen;
  });
  assert.ok(steps.length > 0 && steps.every((p) => p === 1), `the change was drawn as one: ${steps}`);
  const [muted, ink] = await page.evaluate(() => [".note", "body"].map((s) => getComputedStyle(document.querySelector(s)).color));
  assert.equal(muted, ink);
  await clean(page, "more contrast");
  await page.context().close();
});

/** A page whose server is the test: it is told frames, and nothing else. */
async function told(options) {
  const page = await openPage(`${url}job`, { bypassCSP: true, ...options });
  await page.addInitScript(() => {
    window.EventSource = class {
      constructor() { window.source = this; this.on = {}; }
      addEventListener(kind, f) { this.on[kind] = f; }
      close() {}
    };
  });
  await page.goto(url);
  await page.waitForFunction(() => window.source?.onmessage);
  await page.evaluate((frame) => {
    window.say = (change) => {
      Object.assign(frame.status, { now: Date.now() }, change);
      clearInterval(window.saying);
      const send = () => source.onmessage?.({ data: JSON.stringify(frame), lastEventId: "test-1" });
      send();
      window.saying = setInterval(send, 500);
    };
    window.hush = () => clearInterval(window.saying);
  }, first);
  return page;
}

for (const [name, options] of Object.entries({ light: {}, dark: { colorScheme: "dark" }, forced: { forcedColors: "active" }, phone: { ...phone, viewport: { width: 390, height: 844 } } })) {
  test(`axe finds nothing in any state, ${name}`, { timeout: 180_000 }, async () => {
    const page = await told(options);
    const state = async (word, change) => {
      await page.evaluate((c) => say(c), change);
      await until(word, async () => (await page.textContent("#state")).includes(word));
      await clean(page, `${word}, ${name}`);
    };
    for (const [word, change] of [
      ["Starting", { condition: "starting", cause: "no watermark yet", watermark: null, newest: null }],
      ["Replaying", { condition: "replaying", cause: "keeps up", watermark: first.status.watermark, newest: first.status.newest, speedup: 1440 }],
      ["Keeping up", { condition: "keeping up", cause: "", watermark: Date.now() - 2000, speedup: 1 }],
      ["Catching up", { condition: "catching up", cause: "records are read 30 s after they arrived, less and less", behind_ms: 30_000 }],
      ["Falling behind", { condition: "falling behind", cause: "the results store refuses writes (429)", behind_ms: 300_000, troubles: ["the results store refuses writes", "checkpoints fail, 3 in a row"] }],
      ["Stale", { condition: "stale", cause: "shard 0003 holds the watermark", since: Date.now() - 60_000, troubles: [] }],
      ["Finished", { condition: "finished", cause: "all that came is read, counted and written" }],
      ["Stopping", { condition: "stopping", cause: "it takes a last checkpoint" }],
      ["Stopped", { condition: "stopped", cause: "in order" }],
      ["Failed", { condition: "failed", cause: "an operator failed" }],
    ]) await state(word, change);
    await page.evaluate(() => say({ condition: "replaying", cause: "keeps up" }));
    await page.screenshot({ path: join(shots, `told-${name}.png`) });
    await page.evaluate(() => { location.hash = "t=2016-01-05T13:10Z&cell=892a100d2c3ffff"; });
    await until("looking back", () => page.evaluate(() => document.documentElement.hasAttribute("data-past")));
    await clean(page, `looking back, ${name}`);
    await page.evaluate(() => hush());
    await until("no answer", async () => /Reconnecting|Not reachable/.test(await page.textContent("#state")));
    await clean(page, `no answer, ${name}`);
    await page.evaluate(() => source.on.goodbye?.({ data: JSON.stringify("stopped") }));
    await until("Not reachable", async () => (await page.textContent("#state")).includes("Not reachable"), 30_000);
    await clean(page, `not reachable, ${name}`);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}
