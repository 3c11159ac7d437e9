// Cells in words: the hottest ones, the table, the tip over the map, the card of the chosen one.

import type { Counts, Model } from "./model";
import { byId, escape, setHTML } from "./page";
import { classes, ramp, rampIndex, sizeAt, type Scale } from "./scale";
import * as text from "./text";
import { against, comparable, mean, type Known } from "./usual";

interface Row {
  cell: number;
  count: number;
}

const rankings = new WeakMap<Counts, { cells: number; rows: Row[] }>();

/** Cells by falling count, equal ones by name, so that the order is the same everywhere. A window is ranked once. */
export function ranked(model: Model, counts: Counts): Row[] {
  const known = rankings.get(counts);
  if (known?.cells === model.cells.length) return known.rows;
  const rows: Row[] = [];
  for (const [cell, count] of counts.of) if (cell < model.cells.length) rows.push({ cell, count });
  rows.sort((a, b) => b.count - a.count || (model.cells[a.cell]!.id < model.cells[b.cell]!.id ? -1 : 1));
  rankings.set(counts, { cells: model.cells.length, rows });
  return rows;
}

export function place(model: Model, cell: number): { name: string; borough: string } {
  const z = model.cells[cell]?.zone;
  return z ? { name: escape(z.name), borough: escape(z.borough) } : { name: "Off the shore", borough: "–" };
}

/** The change against the window before; without one it is not known. */
export function trend(cell: number, count: number, before: Counts | undefined): string {
  if (!before) return "";
  const change = count - (before.of.get(cell) ?? 0);
  if (change === 0) return `<span title="as many as in the window before">= 0</span>`;
  return change > 0 ? `▲ ${text.number(change)}` : `▼ ${text.number(-change)}`;
}

/** What is left out of what is shown. */
export function hiddenWords(least: number): string {
  return least === 2 ? "Single pickups are not shown. " : least > 2 ? `Cells with fewer than ${least} pickups are not shown. ` : "";
}

export function placeOf(model: Model, counts: Counts): string {
  const first = ranked(model, counts)[0];
  return first ? `${model.cells[first.cell]!.zone?.name ?? "Off the shore"} ${text.number(first.count)}` : "No pickups";
}

let cellsDrawn = "";

/** The map's twin. It is drawn only while it is open: it may have thousands of rows. */
export function drawCells(model: Model, counts: Counts | undefined, before: Counts | undefined, known: Known | undefined): void {
  if (!byId("cells-details", HTMLDetailsElement).open) {
    cellsDrawn = "";
    return;
  }
  const usual = comparable(known);
  const key = counts ? `${model.run} ${usual?.basis} ${usual?.of} ${counts.start} ${[...counts.of.values()].reduce((a, b) => a + b, 0)} ${counts.of.size} ${before?.start}` : "none";
  if (key === cellsDrawn) return;
  cellsDrawn = key;
  const table = byId("cells", HTMLTableElement);
  table.caption!.textContent = counts ? `${text.dateNY(counts.start)}, ${text.spanNY(counts.start, counts.end)} New York; change against the window before` : "No window yet";
  table.tBodies[0]!.innerHTML = (counts ? ranked(model, counts) : []).map((row) => {
    const p = place(model, row.cell);
    return `<tr data-cell="${model.cells[row.cell]!.id}" data-count="${row.count}"><td class="n">${text.number(row.count)}</td><td class="trend">${trend(row.cell, row.count, before)}</td><td class="trend">${usual ? `${mean(usual.by.get(row.cell) ?? 0)}; ${against(row.count, usual.by.get(row.cell) ?? 0)}` : "–"}</td><td>${p.name}</td><td>${p.borough}</td><td><code>${model.cells[row.cell]!.id}</code></td></tr>`;
  }).join("");
}

/** The hours up to the time that is looked back at; undefined: all. */
export function drawHours(model: Model, until = Infinity): void {
  if (!byId("hours-details", HTMLDetailsElement).open) return;
  const rows = [...model.airports].flatMap(([airport, hours]) => hours.filter((h) => h.end <= until).map((h) => ({ airport, h }))).sort((a, b) => b.h.start - a.h.start || a.airport.localeCompare(b.airport));
  setHTML(byId("hours", HTMLTableElement).tBodies[0]!, rows.map(({ airport, h }) =>
    `<tr data-airport="${airport}" data-start="${h.start}" data-mean="${h.mean}"><td>${text.dateNY(h.start)} ${text.spanNY(h.start, h.end)}</td><td>${airport}</td><td>${text.minutes(h.mean)}</td><td>${text.decimal(h.low)} to ${text.minutes(h.high)}</td><td class="n">${text.number(h.trips)}</td><td class="n">${text.number(h.cells)}</td></tr>`).join(""));
}

export function drawTip(model: Model, hovered: { cell: number; at: [number, number] } | undefined, counts: Counts | undefined, before: Counts | undefined, known: Known | undefined): void {
  const tip = byId("tip");
  const count = hovered && counts?.of.get(hovered.cell);
  tip.hidden = count === undefined;
  if (!hovered || count === undefined) return;
  const p = place(model, hovered.cell);
  const usual = comparable(known)?.by.get(hovered.cell) ?? 0;
  const words = comparable(known) ? `<br>usual ${mean(usual)}: ${against(count, usual)}` : "";
  setHTML(tip, `<b>${p.name}</b>${p.borough}<br>${text.count(count, "pickup")} ${trend(hovered.cell, count, before)}${words}<br><code>${model.cells[hovered.cell]!.id}</code>`);
  const frame = tip.parentElement!.getBoundingClientRect();
  const x = hovered.at[0] + 14 + tip.offsetWidth > frame.width ? hovered.at[0] - 14 - tip.offsetWidth : hovered.at[0] + 14;
  const y = Math.min(Math.max(hovered.at[1] + 12, 4), frame.height - tip.offsetHeight - 4);
  tip.style.transform = `translate(${Math.round(Math.max(x, 4))}px, ${Math.round(y)}px)`;
}

let legendDrawn: Scale | undefined;

export function drawLegend(scale: Scale, anyway = false): void {
  if (scale === legendDrawn && !anyway) return;
  legendDrawn = scale;
  const colours = ramp(getComputedStyle(document.documentElement).colorScheme === "dark");
  const rows: string[] = [];
  for (let c = 0; c < classes; c++) {
    rows.push(`<li><svg viewBox="0 0 14 16" aria-hidden="true"><path d="M7 0l7 4v8l-7 4-7-4V4z" fill="${colours[rampIndex(c)]}" transform="translate(7 8) scale(${sizeAt(rampIndex(c))}) translate(-7 -8)"/></svg><span>${scale.label(c).replace(" and more", `<span class="and-more"> and more</span><span class="plus" aria-hidden="true">+</span>`)}</span></li>`);
  }
  setHTML(byId("legend"), rows.join(""));
}
