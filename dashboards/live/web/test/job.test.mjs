// The job page over a real processor: its figures against REST, its states as the processor would tell them, and what it does to the job.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { clean, fingers } from "./axe.mjs";
import { closeBrowser, freePort, openPage, pipeline, shots, start, stop, until } from "./world.mjs";

const folder = mkdtempSync(join(tmpdir(), "job-"));
const token = join(folder, "token");
writeFileSync(token, "secret\n");

let w, processor, url, page;
const json = async (path) => (await fetch(url + path, { headers: { Authorization: "Bearer secret" } })).json();
const text = (p, selector) => p.innerText(selector);
const open = (path = "job", options = {}) => openPage(url + path, { httpCredentials: { username: "any", password: "secret" }, ...options });

before(async () => {
  w = await pipeline();
  const port = await freePort();
  url = `http://127.0.0.1:${port}/`;
  processor = start("processor", "-endpoint", w.kinesis, "-opensearch-endpoint", w.store, "-checkpoint-dir", join(folder, "checkpoints"), "-checkpoint-interval", "300ms", "-parallelism", "2", "-listen", `127.0.0.1:${port}`, "-listen-token-file", token);
  await until("the job runs", async () => (await json("jobs")).jobs[0].status === "RUNNING");
  page = await open();
  const producer = w.producer("-speedup", "0");
  assert.equal(await producer.ended, 0, producer.text);
  const caughtUp = await fetch(`${url}caughtup`, { method: "POST", headers: { Authorization: "Bearer secret" } });
  assert.equal(caughtUp.status, 200);
}, { timeout: 180_000 });

after(async () => {
  await closeBrowser();
  await stop(processor);
  await stop(w.servers);
});

test("vertices, with the figures of REST", async () => {
  const [{ id }] = (await json("jobs")).jobs;
  const { vertices, plan } = await json(`jobs/${id}`);
  const number = (n) => n.toLocaleString("en-US");
  for (const v of vertices) {
    const name = v.name.split(" -> ")[0];
    const want = `${number(v.metrics["read-records"])} in, ${number(v.metrics["write-records"])} out`;
    let seen;
    await until(() => `${name} has ${want}; it shows ${seen}`, async () => (seen = await text(page, `[data-vertex="${name}"]`)).includes(want));
    assert.match(seen, /busy \d+\s+backpressured \d+\s+idle \d+ %/);
    assert.match(seen, /watermark\s+\d\d:\d\d:\d\d/);
    for (const operator of v.name.split(" -> ").slice(1)) assert.ok(seen.includes(operator), `${name}: no ${operator}`);
  }
  const edges = plan.nodes.flatMap((n) => n.inputs ?? []);
  assert.equal(await page.locator("#edges text").count(), edges.length);
  assert.ok((await page.locator("#edges text").allTextContents()).every((t) => t.startsWith("HASH ")));
  await page.click('[data-vertex="hotspots"]');
  assert.equal(await page.getAttribute('[data-vertex="hotspots"]', "aria-pressed"), "true");
  assert.match(await text(page, "#chosen"), /hotspots → pickup-count → pickup-count-sink/);
  assert.equal(await page.locator("#chosen tbody tr").count(), 2);
  const again = await open(`job${new URL(page.url()).hash}`);
  await until("the address keeps the choice", async () => (await text(again, "#chosen-title")) === "hotspots");
  await again.context().close();
});

test("shards, checkpoints down to operators, exceptions, what was not counted, configuration", async () => {
  assert.equal(await page.locator("#shards tbody tr").count(), 4);
  for (const row of await page.locator("#shards tbody tr").allInnerTexts()) assert.match(row, /^\d{4}\s+[01]\s+\d\d:\d\d:\d\d\s+[\d.]+ m?s[\s\S]*\d{40,}$/);
  const [{ id }] = (await json("jobs")).jobs;
  const { history, counts } = await json(`jobs/${id}/checkpoints`);
  const newest = history.find((c) => c.status === "COMPLETED");
  await until("the newest checkpoint", async () => (await text(page, "#checkpoints tbody")).includes(String(newest.id)));
  assert.ok(counts.completed > 0 && (await text(page, "#checkpoints-note")).includes(" whole, 0 failed"));
  await page.click(`[data-checkpoint="${newest.id}"]`);
  const details = await text(page, "#details");
  for (const word of [`Checkpoint ${newest.id}`, "distinct", "hotspots", "8 of 8 tasks", "frozen in"]) assert.ok(details.includes(word), `${word} is not in ${details}`);
  assert.match(await text(page, "#exceptions"), /None/);
  assert.match(await text(page, "#rejects"), /outside the city\s+[\d,]+/);
  assert.match(await text(page, "#settings"), /-checkpoint-interval\s+300ms/);
  assert.ok(!(await page.content()).includes("secret"));
});

test("the control room leads to it, and back", async () => {
  const p = await open("");
  await p.click('nav a[href="job"]');
  await until("the job page", async () => (await text(p, "#name")) === "taxi-trips");
  assert.equal(p.url(), `${url}job`);
  await p.click('nav a[href="./"]');
  await until("the control room", async () => (await p.locator("#map").count()) === 1);
  assert.equal(p.url(), url);
  await p.context().close();
});

test("desktop, phone, light, dark, forced colours: nothing for axe", async () => {
  for (const [name, options] of Object.entries({
    light: {}, dark: { colorScheme: "dark" }, phone: { viewport: { width: 390, height: 844 }, hasTouch: true }, "phone-dark": { viewport: { width: 390, height: 844 }, colorScheme: "dark" },
    forced: { forcedColors: "active" },
  })) {
    const p = await open("job", options);
    await until("figures", async () => (await p.locator("#checkpoints tbody tr").count()) > 0); // none is taken while nothing changes
    await clean(p, name);
    await p.screenshot({ path: join(shots, `job-${name}.png`), fullPage: true });
    assert.deepEqual(p.faults, []);
    await p.context().close();
  }
});

/** The page of a processor that tells what change makes of its state. */
async function told(change, options = {}) {
  const p = await open("job", options);
  await p.route("**/job/state", async (route) => {
    const s = await json("job/state").catch(() => undefined);
    if (s) change(s);
    return (s ? route.fulfill({ json: s }) : route.abort()).catch(() => {}); // the page may be gone
  });
  await p.reload();
  return p;
}

test("backpressure is told with its cause; a failure with its element, a failed checkpoint in words", async () => {
  const change = (s) => {
    Object.assign(s, { condition: "falling behind", cause: "the results store refuses writes (429)", troubles: ["the results store refuses writes"] });
    const share = (name, busy, backpressured) => s.vertices.find((v) => v.name === name).subtasks.forEach((t) => Object.assign(t, { busy, backpressured, idle: 1 - busy - backpressured }));
    share("trips", 0.07, 0.86);
    share("distinct", 0.08, 0.88);
    share("hotspots", 0.97, 0);
    s.failures = [{ time: s.now - 60_000, attempt: 1, repeats: 1, where: "judge 1", text: "odd <trip>", element: "trip 4711", shard: "shardId-000000000003", sequence: "4917" }];
    s.checkpoints.history.unshift({ id: 9999, savepoint: false, running: false, began: s.now, duration: 10_000, error: "not whole after 10s: 7 of 8 tasks answered", answered: 7, expected: 8, parts: [] });
  };
  for (const colorScheme of ["light", "dark"]) {
    const p = await told(change, { colorScheme });
    await until("the state", async () => (await text(p, "#state")).includes("Falling behind"));
    assert.match(await text(p, '[data-vertex="hotspots"] .face'), /Busy 97 %/);
    assert.match(await text(p, '[data-vertex="distinct"] .face'), /Backpressured 88 %/);
    assert.equal(await p.locator("#edges path.holds:not(.head)").count(), 1);
    await p.click('[data-vertex="distinct"]');
    assert.match(await text(p, "#chosen"), /Why it is backpressured\s+hotspots takes no more: it is busy 97 %/);
    assert.match(await text(p, "#exceptions"), /judge 1[\s\S]*odd <trip>[\s\S]*element trip 4711; shard shardId-000000000003, at 4917; attempt 1; the same 1 time before/);
    assert.match(await text(p, "#checkpoints"), /9999[\s\S]*failed: not whole after 10s: 7 of 8/);
    await clean(p, `falling behind, ${colorScheme}`);
    await p.screenshot({ path: join(shots, `job-behind-${colorScheme}.png`), fullPage: true });
    await p.context().close();
  }
});

test("a savepoint needs the right token; rescale; then stop, and the page says that nobody answers", async () => {
  const ask = async (button, fill) => {
    await page.click(button);
    for (const [selector, value] of Object.entries(fill)) await page.fill(selector, value);
    await page.click("#yes");
  };
  await ask("#savepoint", { "#target": join(folder, "saved") });
  assert.match(await text(page, "#dialog-error"), /Give the token/);
  await page.fill("#token", "wrong");
  await page.click("#yes");
  await until("it is refused", async () => (await text(page, "#dialog-error")).includes("not the token"));
  await clean(page, "the dialog");
  await page.screenshot({ path: join(shots, "job-dialog.png") });
  await page.fill("#token", "secret");
  await page.click("#yes");
  await until("the savepoint", async () => (await text(page, "#done")).includes("The savepoint is written: "));
  assert.ok(existsSync((await text(page, "#done")).split(": ")[1].trim()), "there is no such folder");
  await ask("#rescale", { "#number": "3", "#token": "secret" });
  await until("three subtasks", async () => (await text(page, "#about")).includes("parallelism 3") && (await page.locator("#chosen tbody tr").count()) === 3);
  await until("it is told", async () => (await text(page, "#done")).includes("rescaled"));
  await ask("#stop", { "#token": "secret" });
  assert.equal(await processor.ended, 0, processor.text);
  await until("the end is told", async () => (await text(page, "#done")).includes("The job has stopped; its savepoint: "));
  await until("nobody answers", async () => (await text(page, "#state")).includes("Not reachable"));
  assert.equal(await page.isDisabled("#stop"), true);
  await clean(page, "not reachable");
  await page.screenshot({ path: join(shots, "job-dead.png") });
  assert.deepEqual(page.faults, []);
});
