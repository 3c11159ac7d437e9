// Where demand is highest: by cell, or by neighbourhood, which is a taxi zone.

import type { BoroughFilter } from "./borough";
import type { Counts, Model } from "./model";
import { byId, escape, setHTML } from "./page";
import { hiddenWords, place, ranked, trend } from "./places";
import * as text from "./text";
import { against, comparable, mean, usualWords, type Known } from "./usual";
import type { Zone } from "./zones";

export type ListKind = "cells" | "zones";

/** What a window is shown as: its counts, those of the window before, what is usual. */
export interface Shown {
  counts: Counts | undefined;
  before: Counts | undefined;
  usual: Known | undefined;
}

export interface ZoneRow {
  zone: Zone;
  count: number;
  cells: number;
  before: number | undefined; // the window before; undefined: not known
  usual: number | undefined; // undefined: nothing to compare with
}

const listed = 8;

/** Adds up a number by the zone of each cell's centre. */
function byZone(model: Model, of: Map<number, number> | undefined): Map<Zone, number> {
  const sums = new Map<Zone, number>();
  for (const [cell, n] of of ?? []) {
    const zone = model.cells[cell]?.zone;
    if (zone) sums.set(zone, (sums.get(zone) ?? 0) + n);
  }
  return sums;
}

let memo: { key: unknown[]; rows: ZoneRow[] } | undefined;

/** The zones that have pickups, by falling count, equal ones by name. */
export function zoneRows(model: Model, { counts, before, usual }: Shown): ZoneRow[] {
  const key = [counts, before, usual, model.cells.length];
  if (memo?.key.every((k, i) => k === key[i])) return memo.rows;
  const earlier = byZone(model, before?.of);
  const u = comparable(usual);
  const known = byZone(model, u?.by);
  const sizes = byZone(model, counts && new Map([...counts.of.keys()].map((cell) => [cell, 1])));
  const rows = [...byZone(model, counts?.of)].map(([zone, count]) => ({
    zone, count, cells: sizes.get(zone)!, before: before && (earlier.get(zone) ?? 0), usual: u && (known.get(zone) ?? 0),
  }));
  rows.sort((a, b) => b.count - a.count || (a.zone.name < b.zone.name ? -1 : 1));
  memo = { key, rows };
  return rows;
}

/** A zone's row, also where it has no pickups now. */
export function rowOf(model: Model, zone: Zone, s: Shown): ZoneRow {
  const u = comparable(s.usual);
  return zoneRows(model, s).find((r) => r.zone === zone) ?? {
    zone, count: 0, cells: 0, before: s.before && (byZone(model, s.before.of).get(zone) ?? 0), usual: u && (byZone(model, u.by).get(zone) ?? 0),
  };
}

export function change(count: number, before: number | undefined): string {
  if (before === undefined) return "";
  if (count === before) return "= 0";
  return count > before ? `▲ ${text.number(count - before)}` : `▼ ${text.number(before - count)}`;
}

interface Line {
  key: string; // the cell's name, or the zone's number
  name: string;
  note: string;
  count: number;
  change: string;
  usual: string;
}

function linesOf(model: Model, kind: ListKind, s: Shown): Line[] {
  if (!s.counts) return [];
  const u = comparable(s.usual);
  if (kind === "zones") {
    return zoneRows(model, s).slice(0, listed).map((r) => ({
      key: String(r.zone.id), name: escape(r.zone.name), note: escape(r.zone.borough), count: r.count,
      change: change(r.count, r.before), usual: r.usual === undefined ? "" : against(r.count, r.usual),
    }));
  }
  return ranked(model, s.counts).slice(0, listed).map((r) => {
    const p = place(model, r.cell);
    return { key: model.cells[r.cell]!.id, name: p.name, note: p.borough, count: r.count, change: trend(r.cell, r.count, s.before), usual: u ? against(r.count, u.by.get(r.cell) ?? 0) : "" };
  });
}

/** Draws the list; pick is told the key of a row that was chosen. */
export function drawList(model: Model, kind: ListKind, s: Shown, chosen: string | undefined, pick: (key: string) => void): void {
  const list = byId("top");
  const rows = linesOf(model, kind, s);
  list.dataset.kind = kind;
  for (const k of ["cells", "zones"] as const) byId(`list-${k}`).setAttribute("aria-pressed", String(k === kind));
  // Rows stay and change their text: a button under the pointer or the focus is not replaced.
  while (list.children.length > rows.length) list.lastElementChild!.remove();
  while (list.children.length < rows.length) {
    const li = document.createElement("li");
    li.innerHTML = `<button type="button" class="place"></button><span class="n"></span><span class="trend"></span><span class="usual"></span>`;
    li.querySelector("button")!.addEventListener("click", () => pick(li.dataset.key!));
    list.append(li);
  }
  rows.forEach((row, i) => {
    const li = list.children[i] as HTMLElement;
    li.dataset.key = row.key;
    if (kind === "cells") li.dataset.cell = row.key;
    else delete li.dataset.cell;
    const button = li.children[0] as HTMLElement;
    setHTML(button, `${row.name} <small>${row.note}</small>`);
    button.setAttribute("aria-pressed", String(row.key === chosen));
    setHTML(li.children[1] as HTMLElement, text.number(row.count));
    setHTML(li.children[2] as HTMLElement, row.change);
    setHTML(li.children[3] as HTMLElement, row.usual);
  });
  byId("top-heads").hidden = rows.length === 0;
  if (s.usual !== undefined && s.usual !== "asked") setHTML(byId("usual-note"), usualWords(s.usual)); // the words stay while a window is new
}

/** The chosen neighbourhood in words, with a way to let go of it. */
export function drawZone(model: Model, zone: Zone | undefined, s: Shown): void {
  const card = byId("zone");
  card.hidden = zone === undefined || s.counts === undefined;
  if (!zone || !s.counts) return;
  const r = rowOf(model, zone, s);
  const usual = r.usual === undefined ? "" : `; usual ${mean(r.usual)}: ${against(r.count, r.usual)}`;
  const before = r.before === undefined ? "" : `, ${change(r.count, r.before)} against the ${text.length(s.counts.end - s.counts.start)} before`;
  setHTML(byId("zone-words"), `<b>${escape(zone.name)}</b>, ${escape(zone.borough)}<br>${text.count(r.count, "pickup")} in ${text.count(r.cells, "cell")}${before}${usual}`);
}

/** The first of the list in large letters. */
export function drawLead(model: Model, kind: ListKind, s: Shown): void {
  const first = s.counts && (kind === "zones" ? undefined : ranked(model, s.counts)[0]);
  const zone = kind === "zones" ? zoneRows(model, s)[0] : undefined;
  const p = first && place(model, first.cell);
  const length = s.counts ? text.length(s.counts.end - s.counts.start) : "";
  setHTML(byId("hottest"), zone ? `<b>${escape(zone.zone.name)}</b> ${escape(zone.zone.borough)}<br><small>${text.count(zone.count, "pickup")} in ${length} in ${text.count(zone.cells, "cell")}</small>`
    : first ? `<b>${p!.name}</b> ${p!.borough}<br><small>${text.count(first.count, "pickup")} in ${length} in one cell</small>` : "");
}

/** The sum of what is shown, and what it leaves out. */
export function drawTotals(model: Model, s: Shown, filter: BoroughFilter): void {
  const { counts, before } = s;
  const sum = (of: Map<number, number>) => [...of.values()].reduce((a, b) => a + b, 0);
  if (!counts) return setHTML(byId("top-note"), "");
  const u = comparable(s.usual);
  const trips = sum(counts.of);
  const length = text.length(counts.end - counts.start);
  byId("top-before").textContent = `${length.replace(" minutes", " min")} ago`;
  const earlier = before ? `${change(trips, sum(before.of))} against ${length} ago` : "";
  const compared = [earlier, u ? `${against(trips, filter.usual(u))} against usual, ${mean(Math.round(filter.usual(u)))}` : ""].filter((w) => w).join("; ");
  setHTML(byId("top-note"), `${text.count(trips, "pickup")} in ${text.count(counts.of.size, "cell")}${compared ? `: ${compared}` : ""}. ${hiddenWords(model.least)}`);
}
