// What an open page may cost: while a day is replayed at 1,440 times life, and while nothing happens. The share of a
// core is printed; what is asserted are counts and ratios of one run.
import assert from "node:assert/strict";
import { get } from "node:http";
import { after, before, test } from "node:test";
import { closeBrowser, freePort, openPage, start, stop, until } from "./world.mjs";

let demo, url, page;
before(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}/`;
  demo = start("localstack", "demo", "-speedup", "1440", "-source", "generate:2016-01-05", "-seek", "2016-01-05T10:00", "-listen", `127.0.0.1:${port}`);
  await until("the page is served", async () => (await fetch(url)).ok);
  page = await openPage(url);
  await until("windows", () => page.evaluate(() => controlRoom.model.windows.length > 3), 120_000);
}, { timeout: 240_000 });
after(async () => {
  await closeBrowser();
  await stop(demo);
});

test("replaying at 1,440: a window is a few drawings of the map and a few layouts", { timeout: 240_000 }, async () => {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  await page.evaluate(() => {
    const { map } = controlRoom;
    const draw = map.draw.bind(map);
    map.drawings = 0;
    map.draw = () => { map.drawings++; draw(); };
  });
  const look = async () => {
    const { metrics } = await cdp.send("Performance.getMetrics");
    const of = (name) => metrics.find((m) => m.name === name).value;
    const [at, windows, drawings] = await page.evaluate(() => [performance.now(), controlRoom.model.windows.length, controlRoom.map.drawings]);
    return { at, windows, drawings, cpu: of("TaskDuration"), layouts: of("LayoutCount") };
  };
  const a = await look();
  await until("twenty windows more", () => page.evaluate((n) => controlRoom.model.windows.length >= n, a.windows + 20), 120_000);
  const b = await look();
  const [windows, seconds, drawings, layouts] = [b.windows - a.windows, (b.at - a.at) / 1000, b.drawings - a.drawings, b.layouts - a.layouts];
  console.log(`${windows} windows in ${seconds.toFixed(1)} s: ${(((b.cpu - a.cpu) / seconds) * 100).toFixed(1)} % of a core on the page's thread, ${(drawings / windows).toFixed(1)} drawings of the map and ${(layouts / windows).toFixed(1)} layouts a window`);
  assert.ok(drawings >= 1 && drawings <= 7 * windows, `${drawings} drawings of the map for ${windows} windows`);
  assert.ok(layouts <= 8 * seconds + 5 * windows, `${layouts} layouts for ${windows} windows in ${seconds} s`);
});

test("nothing new to show: less than 10 kB a minute, and no question", { timeout: 240_000 }, async () => {
  await until("the day is over", () => demo.text.includes("serving until Ctrl-C"), 180_000);
  await until("it has finished", async () => (await page.textContent("#state")).includes("Finished"));
  const asked = [];
  const bytes = await new Promise((done) => get(`${url}events`, (r) => {
    let first;
    let beats = 0;
    r.on("data", (d) => {
      beats += String(d).match(/^event: beat/gm)?.length ?? 0;
      if (first === undefined && beats >= 5) { // the rates of the last seconds are 0 by now
        first = r.socket.bytesRead;
        page.on("request", (q) => asked.push(q.url()));
      }
      if (beats < 35) return;
      done((r.socket.bytesRead - first) * 2); // a beat is a second
      r.destroy();
    });
  }));
  console.log(`idle: ${bytes} bytes a minute`);
  assert.ok(bytes > 1000 && bytes < 10_000, `${bytes} bytes a minute`);
  assert.deepEqual(asked, [], "the page asks for more meanwhile");
  assert.deepEqual(page.faults, []);
});
