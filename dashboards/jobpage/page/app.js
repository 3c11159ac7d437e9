// @ts-check
// The job page: it asks for the job's state while somebody looks, and draws it.

import { allow, startControl } from "./control.js";
import { drawVertices, figures } from "./graph.js";
import { about, drawHead, startClock, startColours } from "./head.js";
import { drawCheckpoints, drawChosen, drawExceptions, drawSettings, drawShards } from "./tables.js";
import { byId, escape, setHTML } from "./words.js";

const every = 2000; // ms between two questions
const span = 10_000; // ms over which rates are taken, at most

/** @type {any} */
let state;
/** What was before, the oldest first, for rates. @type {{at: number, began: number, vertices: any[]}[]} */
let before = [];
let link = { ok: false, at: 0 };
let chosen = new URLSearchParams(location.hash.slice(1)).get("vertex") ?? "";

async function ask() {
  if (document.hidden) return;
  try {
    const r = await fetch("job/state", { cache: "no-store", signal: AbortSignal.timeout(5000) });
    if (!r.ok) throw new Error(String(r.status));
    take(await r.json());
    link = { ok: true, at: Date.now() };
  } catch {
    link = { ok: false, at: link.at };
  }
  draw();
}

/** @param {any} s */
function take(s) {
  state = s;
  for (const list of ["vertices", "shards", "failures", "rejects", "settings"]) s[list] ??= [];
  const last = before.at(-1);
  if (last && (last.began !== s.began || last.vertices.length !== s.vertices.length)) before = []; // counters began anew
  before.push({ at: s.now, began: s.began, vertices: s.vertices });
  while (before.length > 2 && s.now - /** @type {any} */ (before[1]).at >= span) before.shift();
}

function draw() {
  drawHead(state, link);
  allow(state, link.ok);
  if (!state) return;
  const old = before[0];
  const elapsed = old && state.now > old.at ? (state.now - old.at) / 1000 : 0;
  const all = new Map(state.vertices.map((/** @type {any} */ v, /** @type {number} */ i) => [v.name, figures(v, elapsed ? old?.vertices[i] : undefined, elapsed)]));
  setHTML(byId("name"), escape(state.name));
  setHTML(byId("about"), escape(about(state)));
  const vertex = state.vertices.find((/** @type {any} */ v) => v.name === chosen) ?? state.vertices[0];
  drawVertices(state.vertices, all, vertex?.name, (name) => {
    chosen = name;
    history.replaceState(null, "", `#vertex=${encodeURIComponent(name)}`);
    draw();
  });
  drawChosen(vertex, state.vertices, all);
  drawShards(state.shards);
  drawCheckpoints(state.checkpoints, state.vertices);
  drawExceptions(state);
  drawSettings(state.settings);
}

startColours();
startClock();
startControl();
document.addEventListener("visibilitychange", ask);
addEventListener("resize", () => state && draw());
setInterval(ask, every);
void ask();
