// A pipeline whose parts can fail alone, under an open page, and what each state must look like.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clean } from "./axe.mjs";
import { closeBrowser, freePort, openPage, shots, start, stop, until } from "./world.mjs";

const dir = mkdtempSync(join(tmpdir(), "states-"));
const trips = join(dir, "trips.zst");
const started = [];
const proxies = [];

export const run = (...args) => {
  const p = start(...args);
  started.push(p);
  return p;
};
assert.equal(await run("data", "generate", "-o", trips, "-trips", "8000", "2016-01-05").ended, 0);

/** Stands before a server. refuse(operation): what is answered instead, [status, body]; or a promise of it; undefined: what the server says. */
export async function proxy(target) {
  const p = { refuse: undefined, url: `http://127.0.0.1:${await freePort()}` };
  const server = createServer(async (from, to) => {
    const operation = from.headers["x-amz-target"]?.split(".")[1] ?? from.url;
    const instead = await p.refuse?.(operation);
    if (instead) {
      from.resume();
      to.writeHead(instead[0], { "Content-Type": from.headers["content-type"] ?? "application/json" }).end(JSON.stringify(instead[1]));
      return;
    }
    const on = request(target + from.url, { method: from.method, headers: from.headers }, (answer) => {
      to.writeHead(answer.statusCode, answer.headers);
      answer.pipe(to);
    });
    on.on("error", () => to.destroy());
    from.pipe(on);
  });
  await new Promise((done) => server.listen(Number(new URL(p.url).port), "127.0.0.1", done));
  proxies.push(server);
  return p;
}

/** A control room whose frames are those of a real one with another status: a function of the real one's. */
export async function made(url, status) {
  const p = { status, url: `http://127.0.0.1:${await freePort()}/` };
  const server = createServer(async (from, to) => {
    if (!from.url.startsWith("/events")) {
      const answer = await fetch(url + from.url.slice(1));
      to.writeHead(answer.status, { "Content-Type": answer.headers.get("content-type") }).end(Buffer.from(await answer.arrayBuffer()));
      return;
    }
    to.writeHead(200, { "Content-Type": "text/event-stream" });
    for (let n = 1; !to.destroyed; n++) {
      const frame = await (await fetch(`${url}api/state`)).json();
      to.write(`id: made-${n}\ndata: ${JSON.stringify({ ...frame, status: { ...frame.status, ...p.status(frame.status) } })}\n\n`);
      await new Promise((next) => setTimeout(next, 300));
    }
  });
  await new Promise((done) => server.listen(Number(new URL(p.url).port), "127.0.0.1", done));
  proxies.push(server);
  return p;
}

/** Kinesis and the results store apart, so that one can fail alone, a processor and an open page. */
export async function world({ page: open = true, flags = [], serve: more = [] } = {}) {
  const [k, o, unused, port] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const serve = (kinesis, search) => run("localstack", "serve", "-kinesis-listen", `127.0.0.1:${kinesis}`, "-opensearch-listen", `127.0.0.1:${search}`, "-shards", "2", ...more);
  const stream = serve(k, unused);
  const store = serve(await freePort(), o);
  const kinesis = `http://127.0.0.1:${k}`;
  const search = `http://127.0.0.1:${o}`;
  const url = `http://127.0.0.1:${port}/`;
  await until(() => `the servers; they say ${stream.text}${store.text}`, async () => (await fetch(kinesis)).status > 0 && (await fetch(search)).ok);
  const [reading, writing] = [await proxy(kinesis), await proxy(search)];
  const checkpoints = mkdtempSync(join(dir, "checkpoints-"));
  const processor = (...args) => run("processor", "-endpoint", reading.url, "-opensearch-endpoint", writing.url, "-checkpoint-dir", checkpoints, "-checkpoint-interval", "300ms", "-listen", `127.0.0.1:${port}`, ...flags, ...args);
  const producer = (...args) => run("producer", "-endpoint", kinesis, ...(args.includes("-source") ? [] : ["-source", trips]), ...args);
  const w = { kinesis, search, url, stream, store, reading, writing, checkpoints, processor, producer, running: processor() };
  await until("the page is served", async () => (await fetch(url)).ok);
  if (open) w.page = await openPage(url, { bypassCSP: true });
  w.ready = async () => {
    const answer = await fetch(`${url}readyz`);
    return `${answer.status} ${await answer.text()}`;
  };
  return w;
}

/** The strip's figures: value and note by name. */
export const figures = (page) => page.evaluate(() => Object.fromEntries([...document.querySelectorAll("#figures > div")].map((d) => [d.querySelector("dt").textContent, [d.querySelector("dd").firstChild.textContent, d.querySelector("small").textContent]])));
export const says = async (page) => (await page.textContent("#state")).trim();
export const cause = (page) => page.textContent("#state-cause");

let heights; // of head and strip, in every state

/** Waits for a state, and looks at what must go with it in both schemes. */
export async function state(w, word, { name = word, why, ms = 60_000 } = {}) {
  let seen;
  const page = w.page;
  await until(() => `${word} ${why ?? ""}; the page says ${seen}`, async () => {
    seen = `${await says(page)} ${await page.evaluate(() => document.documentElement.dataset.why)}`;
    return why === undefined ? (await says(page)).endsWith(word) : seen === `${word} ${why}`;
  }, ms);
  assert.ok((await page.textContent("#keeps-up")).includes(word), "the pipeline's strip says something else");
  const now = await page.evaluate(() => {
    const strip = document.querySelector("#keeps-up-text");
    return { head: document.querySelector("header").offsetHeight, strip: document.querySelector(".health").offsetHeight, cut: strip.scrollHeight > strip.offsetHeight };
  });
  heights ??= now;
  assert.deepEqual(now, { ...heights, cut: false }, `${name}: head and strip`);
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(shots, `state-${name.toLowerCase().replaceAll(" ", "-")}-${colorScheme}.png`) });
    await clean(page, `${name}, ${colorScheme}`);
  }
}

/** Nothing on the page is of now any more. */
export async function nothingOfNow(page) {
  const text = await page.evaluate(() => document.body.innerText);
  assert.doesNotMatch(text, /keeps? up/i);
  assert.notEqual(await page.evaluate(() => document.documentElement.dataset.tone), "good");
  assert.equal(await page.textContent("#speedup"), "–");
}

export async function end(w) {
  await w.page?.context().close();
  for (const p of started.splice(0)) if (p.exitCode === null) {
    p.kill("SIGCONT");
    await stop(p, "SIGKILL");
  }
  for (const p of proxies.splice(0)) {
    p.closeAllConnections();
    p.close();
  }
}

export async function close() {
  await closeBrowser();
  rmSync(dir, { recursive: true });
}
