// @ts-check
// The graph: a card for each vertex, in columns by how far it is from a source, and what flows between them.

import { byId, bytes, escape, number, percent, rate, setHTML, watermark } from "./words.js";

const shares = /** @type {const} */ (["busy", "backpressured", "idle"]);

/** What a vertex comes to: sums of its subtasks, means of their shares. @param {any} v @param {any} [before] the vertex some seconds ago @param {number} [elapsed] */
export function figures(v, before, elapsed) {
  const n = Math.max(v.subtasks.length, 1);
  const sum = (/** @type {any} */ of, /** @type {string} */ name) => of.subtasks.reduce((/** @type {number} */ a, /** @type {any} */ t) => a + t[name], 0);
  /** @type {any} */
  const f = {};
  for (const name of ["in", "out", "bytesIn", "bytesOut", "entries", "late"]) {
    f[name] = sum(v, name);
    const grown = before && elapsed ? (f[name] - sum(before, name)) / elapsed : undefined;
    f[`${name}Rate`] = grown === undefined || grown < 0 ? undefined : grown;
  }
  for (const name of shares) f[name] = sum(v, name) / n;
  const known = v.subtasks.map((/** @type {any} */ t) => t.watermark).filter((/** @type {any} */ w) => w !== null);
  f.watermark = known.length === v.subtasks.length && known.length ? Math.min(...known) : null;
  f.mostly = f.busy + f.backpressured + f.idle < 0.01 ? "unknown" : shares.reduce((a, b) => (f[b] > f[a] ? b : a));
  return f;
}

/** The columns: 0 has the sources, each vertex is right of all it reads from. @param {any[]} vertices */
export function columns(vertices) {
  const depth = new Map();
  for (const v of vertices) depth.set(v.name, Math.max(0, ...(v.inputs ?? []).map((/** @type {string} */ i) => (depth.get(i) ?? 0) + 1)));
  /** @type {any[][]} */
  const out = [];
  for (const v of vertices) (out[depth.get(v.name)] ??= []).push(v);
  return out;
}

const title = (/** @type {string} */ word) => word[0]?.toUpperCase() + word.slice(1);

/** The shares as a bar. @param {any} f */
export const bar = (f) => `<span class="split" aria-hidden="true">${shares.map((s) => `<span class="${s}" data-share="${(f[s] * 100).toFixed(1)}"></span>`).join("")}</span>`;

/** Gives bars their widths: a policy that allows no inline styles lets a script set them. @param {Element} within */
export function widths(within) {
  for (const e of within.querySelectorAll("[data-share]")) /** @type {HTMLElement} */ (e).style.width = `${/** @type {HTMLElement} */ (e).dataset.share}%`;
}

/** @param {any} v @param {any} f */
function card(v, f) {
  const mostly = f.mostly === "unknown" ? "not known" : `${title(f.mostly)} ${percent(f[f.mostly])} %`;
  const from = v.inputs?.length ? `from ${v.inputs.map(escape).join(", ")} by ${escape(v.ship)}` : "from the stream";
  return `<span class="face"><b>${escape(v.name)}</b><span>× ${v.subtasks.length}</span><span class="mostly">${mostly}</span></span>
<span class="body"><span class="from">${from}</span><span class="chain">${v.operators.slice(1).map(escape).join(" → ") || "–"}</span>
<span class="row"><span>records</span><span><b>${rate(f.inRate)}</b>/s in</span><span><b>${rate(f.outRate)}</b>/s out</span></span>
<span class="row"><span>bytes</span><span><b>${bytes(f.bytesInRate)}</b>/s in</span><span><b>${bytes(f.bytesOutRate)}</b>/s out</span></span>
<span class="row"><span>in all</span><span class="wide">${number(f.in)} in, ${number(f.out)} out</span></span>
<span class="row"><span>watermark</span><span class="wide"><b>${watermark(f.watermark)}</b></span></span>
${bar(f)}<span class="shares"><span>busy ${percent(f.busy)}</span><span>backpressured ${percent(f.backpressured)}</span><span>idle ${percent(f.idle)} %</span></span></span>`;
}

/**
 * Draws the cards. They are made anew only when the graph is another, so that the chosen one keeps the focus.
 * @param {any[]} vertices @param {Map<string, any>} all figures by vertex @param {string} chosen @param {(name: string) => void} choose
 */
export function drawVertices(vertices, all, chosen, choose) {
  const root = byId("vertices");
  const shape = JSON.stringify(vertices.map((v) => [v.name, v.inputs]));
  if (root.dataset.shape !== shape) {
    root.dataset.shape = shape;
    root.replaceChildren(...columns(vertices).map((list) => {
      const column = document.createElement("div");
      column.className = "column";
      for (const v of list) {
        const b = document.createElement("button");
        b.type = "button";
        b.dataset.vertex = v.name;
        b.addEventListener("click", () => choose(v.name));
        column.append(b);
      }
      return column;
    }));
  }
  for (const b of root.querySelectorAll("button")) {
    const v = vertices.find((one) => one.name === b.dataset.vertex);
    const f = all.get(v.name);
    b.className = `vertex ${f.mostly}`;
    b.setAttribute("aria-pressed", String(v.name === chosen));
    if (setHTML(b, card(v, f))) widths(b);
  }
  drawEdges(vertices, all);
}

/** @param {any[]} vertices @param {Map<string, any>} all */
export function drawEdges(vertices, all) {
  const svg = byId("edges");
  const at = svg.getBoundingClientRect();
  if (at.width === 0) return;
  const box = (/** @type {string} */ name) => {
    const r = byId("vertices").querySelector(`[data-vertex="${CSS.escape(name)}"]`).getBoundingClientRect();
    return { left: r.left - at.left, right: r.right - at.left, y: r.top + r.height / 2 - at.top };
  };
  let html = "";
  for (const v of vertices) for (const name of v.inputs ?? []) {
    const [a, b] = [box(name), box(v.name)];
    const middle = (a.right + b.left) / 2;
    const holds = all.get(name).backpressured > 0.5 && all.get(v.name).busy > 0.5 ? " holds" : "";
    html += `<path class="${holds}" d="M${a.right} ${a.y}C${middle} ${a.y} ${middle} ${b.y} ${b.left - 8} ${b.y}"/><path class="head${holds}" d="M${b.left} ${b.y}l-9 -5v10z"/>`;
    html += `<text x="${middle}" y="${(a.y + b.y) / 2 + 4}">${escape(v.ship)} ${rate(all.get(v.name).inRate)}/s</text>`;
  }
  setHTML(svg, html);
}
