// The page says how the pipeline is: each state is brought about for real, under an open page.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { close, end, figures, nothingOfNow, says, state, world } from "./apart.mjs";
import { clean } from "./axe.mjs";
import { openPage, shots, stop, until } from "./world.mjs";

after(close);

test("starting, replaying, stale, replaying again, finished", { timeout: 180_000 }, async () => {
  const w = await world();
  await w.page.evaluate(() => {
    window.heard = []; // what a screen reader is told
    const live = (e) => e?.closest?.("[role=status], [role=alert], [aria-live]");
    new MutationObserver((list) => {
      const regions = new Set(list.map((m) => live(m.target.nodeType === 1 ? m.target : m.target.parentElement)).filter((e) => e && e.checkVisibility()));
      for (const e of regions) window.heard.push(e.textContent.trim());
    }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["hidden"] });
  });
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
  assert.match(await w.page.textContent("#state-cause"), /^The watermark stands since \d\d:\d\d:\d\d New York$/);
  assert.equal(await w.page.textContent("#speedup"), "–");
  assert.match(await w.ready(), /^200 reading\nstate: stale: the watermark stands since /);

  assert.equal(await w.producer("-speedup", "0", "-seek", "2016-01-05 12:00").ended, 0);
  await state(w, "Finished");
  assert.equal(await w.page.textContent("#event-clock"), "00:00");
  assert.equal(await w.page.textContent("#speed-note"), "ended");
  assert.equal((await figures(w.page)).Throughput[0], "ended");
  assert.match(await w.ready(), /^200 reading\nstate: finished: all that came is read, counted and written\n$/);
  const states = ["Connecting", "Starting", "Replaying", "Stale", "Replaying", "Finished"];
  const heard = await w.page.evaluate(() => window.heard);
  assert.deepEqual(heard.filter((words) => !states.includes(words)), [], "said beside the states");
  assert.deepEqual(heard.filter((words, i) => words === heard[i - 1]), [], "said twice");
  assert.deepEqual(w.page.faults, []);
  await end(w);
});

test("kill -9 under an open page, and a new start", { timeout: 120_000 }, async () => {
  const w = await world();
  w.producer("-speedup", "600");
  await state(w, "Replaying");
  await until("a rate", async () => /^\d/.test((await figures(w.page)).Throughput[0]));
  await stop(w.running, "SIGKILL");
  let seen;
  await until(() => `figures with their age; they are ${JSON.stringify(seen)}`, async () => { // before anything slow: it is over after 30 s
    seen = { now: await says(w.page), throughput: (await figures(w.page)).Throughput, time: await w.page.textContent("#event-utc") };
    return seen.now === "Reconnecting" && / ago$/.test(seen.throughput[1]) && /^as of /.test(seen.time);
  });
  await nothingOfNow(w.page);
  await state(w, "Reconnecting");
  await state(w, "Not reachable");
  await nothingOfNow(w.page);
  assert.match(await w.page.title(), /^Not reachable/);
  for (const [name, [value, note]] of Object.entries(await figures(w.page))) {
    assert.equal(value, "–", name);
    assert.match(note, /^(was .*|)$/, name);
  }
  for (const [colorScheme, width, height] of [["light", 390, 844], ["dark", 390, 844]]) {
    await w.page.emulateMedia({ colorScheme });
    await w.page.setViewportSize({ width, height });
    await w.page.screenshot({ path: join(shots, `state-not-reachable-${colorScheme}-${width}.png`) });
    await clean(w.page, `${colorScheme}, ${width} px`);
  }
  await w.page.setViewportSize({ width: 1440, height: 900 });
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
  await state(w, "Reconnecting");
  w.running.kill("SIGCONT");
  await state(w, "Replaying");
  await stop(w.running, "SIGTERM");
  await state(w, "Not reachable");
  assert.match(await w.page.textContent("#state-cause"), /^The processor has ended \(stopped\); next try in /);
  await nothingOfNow(w.page);
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
    await until("the end", async () => (await says(w.page)) === "Finished");
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
