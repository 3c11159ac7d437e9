// The pipeline under test, as processes of the built programs, and a browser.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";

export const root = resolve(import.meta.dirname, "../../../..");
const bin = (name) => join(root, "bin", name);
const shared = process.env.TAXI_SHARED ?? join(root, "../shared");
const real = join(shared, "data/flink-rides-2013-01-01.csv.gz");

/** Real trips where they are, else a thin generated day: whole, so that the last watermark closes its last window. */
const source = existsSync(real) ? real : generated();
console.log(existsSync(real) ? "real trips: flink-rides-2013-01-01" : `no real trips at ${shared}: generated ones are used`);

function generated() {
  const file = join(mkdtempSync(join(tmpdir(), "live-")), "day.zst");
  execFileSync(bin("data"), ["generate", "-trips", "60000", "-o", file, "2016-01-05"]);
  return file;
}

export const shots = resolve(process.env.LIVE_SHOTS ?? join(root, "bin/live-shots"));
mkdirSync(shots, { recursive: true });

const running = new Set();
process.on("exit", () => running.forEach((p) => p.kill("SIGKILL")));

/** A port below those that the system gives to connections and to listeners on port 0, so that nothing takes it meanwhile. */
export function freePort() {
  const port = 11_000 + Math.floor(Math.random() * 20_000);
  return new Promise((done) => {
    const s = createServer().on("error", () => done(freePort())).listen(port, "127.0.0.1", () => s.close(() => done(port)));
  });
}

/** Starts a program; its output is kept for the message of a failure. */
export function start(name, ...args) {
  const p = spawn(bin(name), args, { stdio: ["ignore", "pipe", "pipe"] });
  running.add(p);
  p.text = "";
  for (const out of [p.stdout, p.stderr]) out.on("data", (d) => (p.text = (p.text + d).slice(-20_000)));
  p.ended = new Promise((done) => p.on("exit", (code) => { running.delete(p); done(code); }));
  return p;
}

export async function stop(p, signal = "SIGINT") {
  p.kill(signal);
  return p.ended;
}

export async function until(what, ok, ms = 60_000) {
  const end = Date.now() + ms;
  for (;;) {
    const v = await Promise.resolve().then(ok).catch(() => undefined);
    if (v) return v;
    if (Date.now() > end) throw new Error(`still waiting: ${typeof what === "function" ? what() : what}`);
    await new Promise((r) => setTimeout(r, 100));
  }
}

/** The three programs apart, over one embedded Kinesis and results store. */
export async function pipeline() {
  const [k, o, page] = await Promise.all([freePort(), freePort(), freePort()]);
  const kinesis = `http://127.0.0.1:${k}`;
  const store = `http://127.0.0.1:${o}`;
  const servers = start("localstack", "serve", "-kinesis-listen", `127.0.0.1:${k}`, "-opensearch-listen", `127.0.0.1:${o}`, "-shards", "4");
  await until("the servers", async () => (await fetch(store)).ok);
  const checkpoints = mkdtempSync(join(tmpdir(), "live-"));
  const processor = () => start("processor", "-endpoint", kinesis, "-opensearch-endpoint", store, "-checkpoint-dir", checkpoints, "-checkpoint-interval", "300ms", "-listen", `127.0.0.1:${page}`);
  const producer = (...args) => start("producer", "-endpoint", kinesis, "-source", source, ...args);
  return { kinesis, store, servers, processor, producer, url: `http://127.0.0.1:${page}/` };
}

/** All documents of an alias. */
export async function documents(store, alias) {
  await fetch(`${store}/${alias}/_refresh?ignore_unavailable=true&allow_no_indices=true`, { method: "POST" });
  const sort = [{ window_start: "asc" }, { window_end: "asc" }, { cell: "asc" }, ...(alias === "trip_duration" ? [{ airport_code: "asc" }] : [])];
  const all = [];
  for (let after; ; ) {
    const answer = await fetch(`${store}/${alias}/_search?ignore_unavailable=true&allow_no_indices=true`, {
      method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ size: 5000, sort, ...(after ? { search_after: after } : {}) }),
    });
    const { hits } = await answer.json();
    all.push(...hits.hits.map((h) => h._source));
    if (hits.hits.length < 5000) return all;
    after = hits.hits.at(-1).sort;
  }
}

let browser;
export const openBrowser = async () => (browser ??= await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--enable-precise-memory-info", "--js-flags=--expose-gc"],
}));
export const closeBrowser = () => browser?.close();

/** A page that fails on any request to another host and on any error. */
export async function openPage(url, options = {}) {
  const context = await (await openBrowser()).newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.faults = [];
  const host = new URL(url).host;
  await context.route("**/*", (route) => {
    const to = new URL(route.request().url());
    if (to.protocol === "data:" || to.host === host) return route.continue();
    page.faults.push(`asked ${to.href}`);
    return route.abort();
  });
  page.on("pageerror", (e) => page.faults.push(e.message));
  await page.goto(url);
  return page;
}

/** The table's counts by cell, as the page shows them. */
export const counts = (page) => page.evaluate(() => Object.fromEntries([...document.querySelectorAll("#cells tbody tr")].map((tr) => [tr.dataset.cell, Number(tr.cells[0].textContent.replace(/\D/g, ""))])));
export const shownWindow = (page) => page.evaluate(() => Number(document.querySelector("#map").dataset.window));
