// Search for a place: a neighbourhood, an airport, a borough, coordinates, a cell.

import type { Cell, Model } from "./model";
import { byId, escape, setHTML } from "./page";
import { contains, zoneAt, type Zone } from "./zones";

export type Found = { words: string; note: string } & ({ zone: Zone } | { cell: string } | { borough: string });

const most = 8;

/** Other names of zones. */
const aliases: [RegExp, string][] = [
  [/\b(jfk|kennedy|john f\.? kennedy)/, "JFK Airport"],
  [/\b(lga|la ?guardia)/, "LaGuardia Airport"],
];

/** Letters and digits only, small: "St. George" is found by "st george". */
const plain = (s: string): string => s.toLowerCase().normalize("NFD").replace(/[^a-z0-9]+/g, " ").trim();

/** How well a name suits what was typed: 0 best; undefined: not. */
function suits(name: string, typed: string): number | undefined {
  const n = plain(name);
  if (n === typed) return 0;
  if (n.startsWith(typed)) return 1;
  if (` ${n}`.includes(` ${typed}`)) return 2;
  return typed.split(" ").every((w) => ` ${n}`.includes(` ${w}`)) ? 3 : n.includes(typed) && typed.length > 2 ? 4 : undefined;
}

/** Latitude and longitude, in this order or, as no place here could be meant else, the other. */
export function coordinates(typed: string): [lat: number, lon: number] | undefined {
  const m = /^\s*\(?\s*([+-]?\d+(?:\.\d+)?)\s*[°]?\s*[,; ]\s*([+-]?\d+(?:\.\d+)?)\s*[°]?\s*\)?\s*$/.exec(typed);
  if (!m) return undefined;
  const a = Number(m[1]);
  const b = Number(m[2]);
  return a < 0 && b > 0 ? [b, a] : [a, b];
}

function inRing(cell: Cell, lon: number, lat: number): boolean {
  return contains([cell.ring.flat()], lon, lat);
}

function atPoint(model: Model, zones: Zone[], [lat, lon]: [number, number]): Found[] {
  const at = `${lat}, ${lon}`;
  const cell = model.cells.find((c) => Math.abs(c.centre[0] - lon) < 0.02 && Math.abs(c.centre[1] - lat) < 0.02 && inRing(c, lon, lat));
  const zone = zoneAt(zones, lon, lat);
  const found: Found[] = [];
  if (cell) found.push({ words: `Cell at ${at}`, note: cell.zone?.name ?? "off the shore", cell: cell.id });
  if (zone) found.push({ words: zone.name, note: `${zone.borough}, at ${at}`, zone });
  return found;
}

/** What is found for what was typed, the best first; else why nothing is. */
export function find(model: Model, zones: Zone[], typed: string): Found[] | string {
  const at = coordinates(typed);
  if (at) {
    const found = atPoint(model, zones, at);
    return found.length ? found : `Nothing found: ${at[0]}, ${at[1]} lies outside of the five boroughs.`;
  }
  const id = typed.trim().toLowerCase();
  if (/^8[0-9a-f]{14}$/.test(id)) {
    const n = model.numberOf(id);
    return n >= 0 ? [{ words: `Cell ${id}`, note: model.cells[n]!.zone?.name ?? "off the shore", cell: id }] : "Nothing found: no pickups are known in this cell in the last day.";
  }
  const words = plain(typed);
  const boroughs = [...new Set(zones.map((z) => z.borough))];
  const scored: [number, string, Found][] = [];
  for (const borough of boroughs) {
    const score = suits(borough, words.replace(/^the /, ""));
    if (score !== undefined) scored.push([score - 0.5, borough, { words: borough, note: "borough", borough }]);
  }
  const named = aliases.find(([pattern]) => pattern.test(words))?.[1];
  for (const zone of zones) {
    const score = zone.name === named ? 0 : suits(zone.name, words);
    if (score !== undefined) scored.push([score, zone.name, { words: zone.name, note: zone.borough, zone }]);
  }
  scored.sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1));
  return scored.length ? scored.slice(0, most).map((s) => s[2]) : `Nothing found for “${typed.trim()}”: search for a neighbourhood, an airport, a borough, a cell, or coordinates such as 40.75, -73.99.`;
}

/** Runs the box: an editable combobox with a list, as WAI-ARIA has it. */
export function setUpSearch(model: Model, zones: Zone[], choose: (f: Found) => void): void {
  const box = byId("search", HTMLInputElement);
  const list = byId("found");
  const none = byId("found-none");
  let found: Found[] = [];
  let at = -1;

  const mark = (to: number) => {
    at = to;
    [...list.children].forEach((li, i) => li.setAttribute("aria-selected", String(i === at)));
    if (at < 0) box.removeAttribute("aria-activedescendant");
    else box.setAttribute("aria-activedescendant", `found-${at}`);
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const show = (open: boolean) => {
    const typed = box.value.trim() !== "" && open;
    const result = typed ? find(model, zones, box.value) : [];
    found = typeof result === "string" ? [] : result;
    setHTML(none, typeof result === "string" ? escape(result) : "");
    none.classList.toggle("shown", typeof result === "string");
    setHTML(list, found.map((f, i) => `<li id="found-${i}" role="option" aria-selected="false">${escape(f.words)} <small>${escape(f.note)}</small></li>`).join(""));
    list.hidden = found.length === 0;
    box.setAttribute("aria-expanded", String(found.length > 0));
    mark(found.length ? 0 : -1);
  };
  const take = (f: Found | undefined) => {
    if (!f) return;
    box.value = "";
    show(false);
    choose(f);
  };
  box.addEventListener("input", () => show(true));
  box.addEventListener("focus", () => show(true));
  box.addEventListener("blur", () => show(false));
  list.addEventListener("pointerdown", (e) => e.preventDefault()); // the box keeps the focus
  list.addEventListener("click", (e) => take(found[[...list.children].indexOf((e.target as Element).closest("li")!)]));
  box.addEventListener("keydown", (e) => {
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      if (list.hidden) show(true);
      else mark((at + (e.key === "ArrowDown" ? 1 : -1) + found.length) % found.length);
    } else if (e.key === "Enter") {
      if (list.hidden) show(true);
      take(found[at]);
    } else if (e.key === "Escape") {
      if (list.hidden && !none.classList.contains("shown")) box.value = "";
      show(false);
    } else return;
    e.preventDefault();
  });
}
