// @ts-check
// What stands beside and below the graph: subtasks, shards, checkpoints, exceptions, configuration.

import { widths } from "./graph.js";
import { byId, bytes, count, duration, escape, number, percent, secondsNY, setHTML, watermark } from "./words.js";

/** A small time with its fraction: 0.4 ms. @param {number} ms */
const fine = (ms) => (ms < 10 ? `${ms.toFixed(1)} ms` : duration(ms));

/** Why a vertex is as it is, in a sentence. @param {any} v @param {any} f @param {any[]} vertices @param {Map<string, any>} all */
function why(v, f, vertices, all) {
  const after = vertices.filter((o) => o.inputs?.includes(v.name));
  if (f.mostly === "busy" && f.busy > 0.8) return ["Why it is busy", `Its own work, or the server that it waits for, takes ${percent(f.busy)} % of its time. More parallelism helps if the work is its own.`];
  if (f.mostly === "backpressured" && f.backpressured > 0.2) {
    const slow = after.reduce((a, b) => (!a || all.get(b.name).busy > all.get(a.name).busy ? b : a), undefined);
    return ["Why it is backpressured", slow ? `${slow.name} takes no more: it is busy ${percent(all.get(slow.name).busy)} % of its time.` : "What it writes to takes no more."];
  }
  return undefined;
}

/** How unevenly records are spread, as Flink has it. @param {any} v */
function skew(v) {
  const values = v.subtasks.map((/** @type {any} */ t) => t.in);
  const sum = values.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0);
  if (values.length < 2 || sum === 0) return 0;
  const mean = sum / values.length;
  return Math.min(values.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + Math.abs(b - mean), 0) / sum, 1);
}

/** The chosen vertex. @param {any} v @param {any[]} vertices @param {Map<string, any>} all */
export function drawChosen(v, vertices, all) {
  if (!v) {
    setHTML(byId("chosen-title"), "Subtasks");
    setHTML(byId("skew"), "");
    setHTML(byId("chosen"), "<p>The job has not begun, or begins anew.</p>");
    return;
  }
  const f = all.get(v.name);
  const uneven = percent(skew(v));
  setHTML(byId("chosen-title"), escape(v.name));
  setHTML(byId("skew"), `${count(v.subtasks.length, "subtask")}, ${v.subtasks.length > 1 && uneven > 0 ? `skew ${uneven} %` : "no skew"}`);
  const rows = v.subtasks.map((/** @type {any} */ t, /** @type {number} */ i) => `<tr><th scope="row">${i}</th><td class="right strong">${percent(t.busy)} %</td><td class="right">${percent(t.backpressured)} %</td><td class="right">${percent(t.idle)} %</td><td class="right">${number(t.in)}</td><td class="right">${watermark(t.watermark)}</td></tr>`).join("");
  const reason = why(v, f, vertices, all);
  setHTML(byId("chosen"), `<div class="scroll" tabindex="0" role="region" aria-label="Its subtasks, as a table"><table><thead><tr><th scope="col">#</th><th scope="col" class="right">busy</th><th scope="col" class="right">backpr.</th><th scope="col" class="right">idle</th><th scope="col" class="right">records in</th><th scope="col" class="right">watermark</th></tr></thead><tbody>${rows}</tbody></table></div>
${reason ? `<h3>${reason[0]}</h3><p>${escape(/** @type {string} */ (reason[1]))}</p>` : ""}
<h3>Chain</h3><p>${v.operators.map(escape).join(" → ")}</p>
<h3>State</h3><p>${f.entries ? `${number(f.entries)} entries` : "no entries"}${f.late ? `; ${count(f.late, "late record")}` : ""}</p>`);
}

/** @param {any[]} shards */
export function drawShards(shards) {
  const open = shards.filter((s) => s.state === "reading");
  const owners = new Set(open.map((s) => s.subtask)).size;
  setHTML(byId("shards-note"), shards.length ? `${number(open.length)} open, ${count(owners, "owner")}` : "none found yet");
  const known = open.filter((s) => s.watermark !== null);
  const last = known.length ? known.reduce((a, b) => (b.watermark < a.watermark ? b : a)) : undefined;
  const slowest = known.some((s) => s.watermark > last?.watermark) ? last : undefined;
  const order = { reading: 0, waiting: 1, ended: 2 };
  const sorted = [...shards].sort((a, b) => order[/** @type {keyof order} */ (a.state)] - order[/** @type {keyof order} */ (b.state)] || a.id.localeCompare(b.id));
  setHTML(byId("shards").tBodies[0], sorted.map((s) => {
    const notes = s.state === "reading" ? s.notes : s.state;
    return `<tr${s === slowest ? ' class="slowest"' : ""} data-shard="${escape(s.id)}"><th scope="row">${escape(s.id.replace(/^shardId-0*(\d{4,})$/, "$1"))}</th><td>${s.state === "reading" ? `${s.subtask}` : "–"}</td><td>${watermark(s.watermark)}</td><td class="right">${s.state === "reading" ? duration(s.lag) : "–"}${notes ? `<br><small>${escape(notes)}</small>` : ""}</td><td class="right sequence">${escape(s.sequence) || "–"}</td></tr>`;
  }).join(""));
}

let opened = 0; // the id of the checkpoint whose details are shown; 0: the newest

/** @param {any} c @param {any[]} vertices */
export function drawCheckpoints(c, vertices) {
  const colour = (/** @type {string} */ name) => `v${Math.max(vertices.findIndex((v) => v.name === name), 0) % 4}`;
  setHTML(byId("checkpoints-note"), `${number(c.completed)} whole, ${number(c.failed)} failed; one every ${duration(c.interval)}${c.restored ? `; began from ${c.restored}` : ""}`);
  setHTML(byId("vertex-key"), vertices.map((v) => `<li class="${colour(v.name)}">${escape(v.name)}</li>`).join(""));
  const history = c.history ?? [];
  const longest = Math.max(1, ...history.filter((/** @type {any} */ r) => !r.error).map((/** @type {any} */ r) => r.duration));
  const rows = history.map((/** @type {any} */ r) => row(r, longest, colour)).join("");
  const body = byId("checkpoints").tBodies[0];
  const focused = /** @type {any} */ (document.activeElement)?.dataset?.checkpoint;
  if (setHTML(body, rows || '<tr><td colspan="5">none yet</td></tr>')) {
    widths(body);
    for (const b of body.querySelectorAll("button")) b.addEventListener("click", () => {
      opened = Number(b.dataset.checkpoint);
      drawCheckpoints(c, vertices);
    });
    if (focused) body.querySelector(`[data-checkpoint="${focused}"]`)?.focus();
  }
  drawDetails(history.find((/** @type {any} */ r) => r.id === opened) ?? history.find((/** @type {any} */ r) => !r.running && !r.error));
}

/** @param {any} r @param {number} longest @param {(name: string) => string} colour */
function row(r, longest, colour) {
  const id = `<th scope="row"><button type="button" data-checkpoint="${r.id}" aria-label="Details of ${r.savepoint ? "savepoint" : "checkpoint"} ${r.id}">${r.id}</button></th><td>${secondsNY(r.began)}</td>`;
  if (r.error) return `<tr class="failed">${id}<td colspan="3"><b>✕ failed:</b> ${escape(r.error)}</td></tr>`;
  if (r.running) return `<tr>${id}<td colspan="2">under way: ${r.answered} of ${count(r.expected, "task")}</td><td class="right">–</td></tr>`;
  const parts = r.parts ?? [];
  const spent = parts.map((/** @type {any} */ p) => p.alignment + p.sync + p.async);
  const all = spent.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0) || 1;
  const segments = parts.map((/** @type {any} */ p, /** @type {number} */ i) => `<span class="${colour(p.vertex)}" data-share="${((spent[i] / all) * (r.duration / longest) * 100).toFixed(2)}" title="${escape(p.vertex)}: ${fine(spent[i])}"></span>`).join("");
  return `<tr>${id}<td><span class="split" aria-hidden="true">${segments}</span>${r.savepoint ? "<small>savepoint</small>" : ""}</td><td class="right strong">${duration(r.duration)}</td><td class="right">${bytes(r.bytes)}</td></tr>`;
}

/** What each vertex and operator did for one checkpoint. @param {any} r */
function drawDetails(r) {
  if (!r?.parts?.length) {
    setHTML(byId("details"), r?.error ? `<h3>Checkpoint ${r.id}</h3><p>${r.answered} of ${count(r.expected, "task")} answered.</p>` : "");
    return;
  }
  const rows = r.parts.map((/** @type {any} */ p) => `<tr><th scope="row">${escape(p.vertex)}</th><td class="right">${fine(p.start)}</td><td class="right">${fine(p.alignment)}</td><td class="right">${fine(p.sync)}</td><td class="right">${fine(p.async)}</td><td class="right">${bytes(p.bytes)}${p.newBytes < p.bytes ? `<br><small>${bytes(p.newBytes)} new</small>` : ""}</td></tr>
${(p.operators ?? []).map((/** @type {any} */ o) => `<tr><td colspan="5"><small>${escape(o.name)}</small></td><td class="right"><small>${bytes(o.bytes)}</small></td></tr>`).join("")}`).join("");
  setHTML(byId("details"), `<h3>${r.savepoint ? "Savepoint" : "Checkpoint"} ${r.id}, by operator</h3><p class="quiet">${r.answered} of ${count(r.expected, "task")} answered; times are the slowest subtask's</p>
<div class="scroll" tabindex="0" role="region" aria-label="Its parts, as a table"><table><thead><tr><th scope="col">vertex, operators</th><th scope="col" class="right">barrier after</th><th scope="col" class="right">aligned in</th><th scope="col" class="right">frozen in</th><th scope="col" class="right">written in</th><th scope="col" class="right">size</th></tr></thead><tbody>${rows}</tbody></table></div>`);
}

const reasons = /** @type {Record<string, string>} */ ({
  malformed: "unreadable record", outside_city: "outside the city", negative_duration: "ends before it begins", too_long: "too long",
  too_early: "from the future", late: "too late for its window", duplicate: "counted already", unwritable: "refused by the results store",
});

/** @param {any} s */
export function drawExceptions(s) {
  const list = s.failures ?? [];
  setHTML(byId("exceptions-note"), list.length ? `${number(list.length)} since the start` : "");
  setHTML(byId("exceptions"), list.map((/** @type {any} */ f) => `<li><p class="where">${escape(f.where || "the job")}<span>${secondsNY(f.time)}</span></p><p>${escape(f.text)}</p>
<p class="quiet">${[f.element ? `element ${escape(f.element)}` : "", f.shard ? `shard ${escape(f.shard)}, at ${escape(f.sequence) || "its start"}` : "", f.attempt ? `attempt ${f.attempt}` : "the job goes on from the checkpoint before", f.repeats ? `the same ${count(f.repeats, "time")} before` : ""].filter(Boolean).join("; ")}</p></li>`).join("") || "<li>None: neither the job nor a checkpoint has failed.</li>");
  const warnings = s.warnings ?? [];
  byId("warnings").hidden = warnings.length === 0;
  setHTML(byId("warnings-list"), warnings.map((/** @type {string} */ w) => `<li>${escape(w)}</li>`).join(""));
  const rejects = s.rejects ?? [];
  const all = rejects.reduce((/** @type {number} */ a, /** @type {any} */ r) => a + r.count, 0);
  setHTML(byId("rejects-note"), s.events ? `${number(all)} of ${number(s.events)} events` : "");
  setHTML(byId("rejects"), rejects.map((/** @type {any} */ r) => `<div><dt>${escape(reasons[r.reason] ?? r.reason)}</dt><dd>${number(r.count)}</dd></div>`).join("") || "<div><dt>nothing was left out</dt><dd>0</dd></div>");
}

/** @param {any[]} settings */
export function drawSettings(settings) {
  setHTML(byId("settings"), settings.map((s) => `<div><dt>${escape(s.name)}</dt><dd>${escape(s.value)}</dd></div>`).join(""));
}
