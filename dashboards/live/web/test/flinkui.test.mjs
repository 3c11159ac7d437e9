// Apache Flink's own web UI, as published, over a running demo: every page is opened, and what it shows is held against REST.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { closeBrowser, freePort, openPage, root, shots, start, stop, until } from "./world.mjs";

const files = join(root, "bin/flink-ui/web");
const skip = existsSync(join(files, "index.html")) ? false : "Flink's web UI is not in bin/flink-ui: make test-flink-ui takes it from Maven";

let demo, ui, url, page, job;
const refused = [];
const json = async (path) => (await fetch(url + path)).json();
const shot = (name) => page.screenshot({ path: join(shots, `flinkui-${name}.png`) });

before(async () => {
  if (skip) return;
  const [port, front] = await Promise.all([freePort(), freePort()]);
  demo = start("localstack", "demo", "-source", "generate:2016-01-05/30", "-speedup", "4000", "-parallelism", "2", "-checkpoint-interval", "5s", "-listen", `127.0.0.1:${port}`);
  ui = start("flinkui", "-files", files, "-address", `127.0.0.1:${port}`, "-listen", `127.0.0.1:${front}`);
  url = `http://127.0.0.1:${front}/`;
  job = await until("a job that runs", async () => (await json("jobs")).jobs.find((j) => j.status === "RUNNING")?.id);
  await until("checkpoints", async () => (await json(`jobs/${job}/checkpoints`)).counts.completed >= 2);
  await until("records in every vertex", async () => (await json(`jobs/${job}`)).vertices.every((v) => v.metrics["read-records"] > 0 && v.metrics["write-bytes"] > 0));
  page = await openPage(url);
  page.on("response", (r) => r.status() >= 400 && refused.push(`${r.status()} ${r.url()}`));
}, { timeout: 120_000 });

after(async () => {
  await closeBrowser();
  for (const p of [ui, demo]) if (p) await stop(p);
});

/** Opens a page of the UI, and waits until it holds what it is to, and nothing on it loads any more. */
async function open(route, ...texts) {
  await page.goto(`${url}#/${route}`);
  await holds(route, ...texts);
}

async function holds(where, ...texts) {
  let missing;
  await until(() => `${where} shows ${missing}; it shows ${page.lastText}`, async () => {
    page.lastText = (await page.innerText("body")).replaceAll("\u00a0", " ");
    missing = texts.find((t) => (t instanceof RegExp ? !t.test(page.lastText) : !page.lastText.includes(t)));
    return missing === undefined && (await page.locator(".ant-spin-spinning").count()) === 0;
  });
}

const tab = (name) => page.getByRole("tab", { name, exact: true }).last().click();

test("the overview and the list of jobs", { skip }, async () => {
  await open("overview", "Running Jobs", "taxi-trips", "RUNNING");
  await open("job/running", "taxi-trips");
  await open("job/completed", "Completed Jobs");
});

test("the graph has ship strategy, busy, backpressured, skew and watermark of each vertex, and bytes and records", { skip }, async () => {
  await open(`job/running/${job}/overview`, "HASH", "Data Skew", "Low Watermark");
  const { vertices } = await json(`jobs/${job}`);
  await until("figures of all vertices", async () => {
    const text = (await page.locator("svg").allTextContents()).join(" ").replace(/\s+/g, "");
    const all = (pattern) => (text.match(pattern) ?? []).length >= vertices.length;
    return all(/Backpressured\(max\):\d+%/g) && all(/Busy\(max\):\d+%/g) && all(/DataSkew:\d+%/g) && all(/LowWatermark:14\d{11}/g);
  });
  await holds("the table", /MB\s+[\d,]+\s/);
  await shot("graph");
});

test("a vertex: subtasks, managers, watermarks, backpressure, metrics, and no flame graph", { skip }, async () => {
  const { vertices } = await json(`jobs/${job}`);
  const vertex = vertices.find((v) => v.name.startsWith("hotspots"));
  const at = `job/running/${job}/overview/${vertex.id}`;
  await open(`${at}/detail`, vertex.name);
  await open(`${at}/subtasks`, "Bytes Received", "Records Received");
  await tab("Aggregated Metrics");
  await holds("aggregated metrics", "25th Percentile", "Accumulated Busy Time");
  await shot("subtasks");
  await open(`${at}/taskmanagers`, "RUNNING", /127\.0\.0\.1:\d+/);
  await open(`${at}/watermarks`, /\b201[56]-01-\d\d|14\d{11}/);
  await open(`${at}/accumulators`, "Accumulators");
  await open(`${at}/backpressure`, "Back Pressure Status", /\d+%\s+\d+%\s+\d+%/);
  await shot("backpressure");
  await open(`${at}/metrics`, "Add Metric");
  await open(`${at}/flamegraph`, "flame graph feature is currently disabled");
});

test("data skew, timeline, exceptions and configuration", { skip }, async () => {
  await open(`job/running/${job}/dataskew`, "Data Skew Percentage", /hotspots -> .*\s+\d+%/);
  await open(`job/running/${job}/timeline`, "TimeLine");
  await open(`job/running/${job}/exceptions`, "Exception History");
  await open(`job/running/${job}/configuration`, "Execution Configuration", "-checkpoint-interval", "5s");
});

test("checkpoints: counts, history, details down to a subtask, summary and configuration", { skip }, async () => {
  await open(`job/running/${job}/checkpoints`, /Completed: \d+/, "Latest Completed Checkpoint", /2\/2\s+\(100%\)/);
  await tab("History");
  await holds("the history", "COMPLETED", "8/8");
  await page.locator("tr:visible", { hasText: "COMPLETED" }).first().locator(".ant-table-row-expand-icon").first().click();
  await holds("the details", "hotspots -> pickup-count", "aligned checkpoint");
  await page.locator("nz-table nz-table .ant-table-row-expand-icon:visible, .ant-table-expanded-row .ant-table-row-expand-icon:visible").first().click();
  await holds("the subtasks", "Sync Duration", "Start Delay", "Alignment Duration");
  await shot("checkpoint");
  await tab("Summary");
  await holds("the summary", "Minimum", "Average", "Maximum");
  await tab("Configuration");
  await holds("the configuration", "Exactly Once", "5s");
});

test("the process: managers, memory, settings, log and threads", { skip }, async () => {
  await open("task-manager", "local");
  for (const [route, text] of [
    ["task-manager/local/metrics", "Garbage Collection"], ["task-manager/local/logs", "reading"], ["task-manager/local/stdout", "is not kept"],
    ["task-manager/local/thread-dump", "goroutine"], ["task-manager/local/profiler", "Profiling"],
    ["job-manager/metrics", "Garbage Collection"], ["job-manager/config", "-stream"], ["job-manager/logs", "Job Manager"],
    ["job-manager/stdout", "is not kept"], ["job-manager/log", "processor.log"], ["job-manager/thread-dump", "goroutine"], ["job-manager/profiler", "Profiling"],
  ]) await open(route, text);
});

test("nothing was refused, and no page had an error", { skip }, async () => {
  assert.deepEqual(refused, []);
  assert.deepEqual(page.faults, []);
});
