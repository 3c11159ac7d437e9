// Names on the map: which at what nearness, and where there is room for them.

import { names as around, crossings, type Place } from "./around";
import type { Zone } from "./zones";

export type Kind = "borough" | "airport" | "water" | "park" | "inner" | "town" | "zone" | "bridge";

export interface Name {
  words: string[]; // lines
  at: Place;
  kind: Kind;
  from: number; // metres a pixel: named while the map has at least this,
  upTo: number; // and at most that
  zones?: number; // that it names; more come first
}

/** A name with its box, in CSS pixels of the view's corner. */
export interface Placed extends Name {
  x: number;
  y: number;
}

// The order in which names get their room.
const order: Kind[] = ["borough", "airport", "water", "park", "inner", "town", "zone", "bridge"];

const near = 15; // metres a pixel below which each zone has its own name
const middle = 45; // and below which neighbourhoods are named at all

/** Zones that are parks or cemeteries, by number. */
const parks = new Set([8, 10, 12, 31, 43, 59, 93, 96, 111, 120, 128, 154, 184, 190, 194, 240]);

export const isPark = (z: Zone): boolean => parks.has(z.id);

/** A zone's name without the word that parts it from its neighbours: Midtown for its four. */
export const stem = (name: string): string => name.split("/")[0]!.replace(/( (North|South|East|West|Center))+$/, "");

/** All names that the map may carry, in the order in which they get their room. */
export function allNames(zones: Zone[], airports: Map<number, { name: string; at: Place }>): Name[] {
  const all: Name[] = around.map((n) => ({ words: [n.words], at: n.at, kind: n.kind, from: 0, upTo: n.upTo }));
  const stems = new Map<string, { at: Place[]; kind: Kind }>();
  for (const z of zones) {
    const at = middleOf(z);
    const airport = airports.get(z.id);
    const kind = z.borough === "Manhattan" ? "inner" : "zone";
    if (airport) all.push({ words: [airport.name], at: airport.at, kind: "airport", from: 0, upTo: Infinity });
    else if (isPark(z)) all.push({ words: [z.name], at, kind: "park", from: 0, upTo: largest(z).area > 1.4e-4 ? middle : 7 });
    else {
      all.push({ words: lines(z.name), at, kind, from: 0, upTo: near });
      const key = `${z.borough}|${stem(z.name)}`;
      const group = stems.get(key) ?? { at: [], kind };
      stems.set(key, group);
      group.at.push(at);
    }
  }
  for (const [key, { at, kind }] of stems) {
    const words = key.slice(key.indexOf("|") + 1);
    const mean: Place = [at.reduce((s, p) => s + p[0], 0) / at.length, at.reduce((s, p) => s + p[1], 0) / at.length];
    all.push({ words: [words], at: mean, kind, from: near, upTo: middle, zones: at.length });
  }
  for (const c of crossings) {
    const [a, b] = [c.line[0]!, c.line[c.line.length - 1]!];
    all.push({ words: [c.name], at: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], kind: "bridge", from: 0, upTo: near });
  }
  return all.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || (b.zones ?? 1) - (a.zones ?? 1));
}

/** Long names on two lines, parted at "/" or at the blank nearest to the middle. */
function lines(name: string): string[] {
  const slash = name.indexOf("/");
  if (slash > 0) return [name.slice(0, slash + 1), name.slice(slash + 1)];
  if (name.length < 14) return [name];
  const blanks = [...name.matchAll(/ /g)].map((m) => m.index);
  const best = blanks.sort((a, b) => Math.abs(a - name.length / 2) - Math.abs(b - name.length / 2))[0];
  return best === undefined ? [name] : [name.slice(0, best), name.slice(best + 1)];
}

/** A zone's largest ring and its area in square degrees. */
function largest(z: Zone): { ring: number[]; area: number } {
  let best = { ring: z.rings[0]!, area: 0 };
  for (const ring of z.rings) {
    let sum = 0;
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) sum += ring[j]! * ring[i + 1]! - ring[i]! * ring[j + 1]!;
    if (Math.abs(sum) / 2 > best.area) best = { ring, area: Math.abs(sum) / 2 };
  }
  return best;
}

/** The centre of mass of a zone's largest ring. */
export function middleOf(z: Zone): Place {
  const { ring } = largest(z);
  const [ox, oy] = [ring[0]!, ring[1]!];
  let [x, y, sum] = [0, 0, 0];
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    const [ax, ay, bx, by] = [ring[j]! - ox, ring[j + 1]! - oy, ring[i]! - ox, ring[i + 1]! - oy];
    const cross = ax * by - bx * ay;
    x += (ax + bx) * cross;
    y += (ay + by) * cross;
    sum += cross;
  }
  return sum === 0 ? [ox, oy] : [ox + x / (3 * sum), oy + y / (3 * sum)];
}

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Picks the names that fit: inside the view, meeting no other. on gives a place's pixels, taken is room that others have. */
export function placeNames(
  all: Name[], metres: number, width: number, height: number,
  on: (p: Place) => [number, number], measure: (n: Name) => [width: number, height: number], taken: Box[],
): Placed[] {
  const boxes = [...taken];
  const placed: Placed[] = [];
  for (const n of all) {
    if (metres < n.from || metres >= n.upTo) continue;
    const [x, y] = on(n.at);
    if (x < 0 || y < 0 || x > width || y > height) continue;
    const [w, h] = measure(n);
    const b = { left: x - w / 2 - 3, right: x + w / 2 + 3, top: y - h / 2 - 2, bottom: y + h / 2 + 2 };
    if (b.left < 0 || b.top < 0 || b.right > width || b.bottom > height) continue;
    if (boxes.some((o) => o.left < b.right && b.left < o.right && o.top < b.bottom && b.top < o.bottom)) continue;
    boxes.push(b);
    placed.push({ ...n, x, y });
  }
  return placed;
}
