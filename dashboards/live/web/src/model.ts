// What the page knows: the sum of the frames it was sent, and the windows it asked for.

import { fetchWindows, type Content, type Frame, type Status } from "./wire";
import { zoneOf, type Zone } from "./zones";

export interface Cell {
  id: string;
  ring: [number, number][]; // lon, lat in degrees
  centre: [number, number];
  zone: Zone | undefined;
}

export interface Summary {
  start: number;
  end: number;
  cells: number;
  trips: number;
  top: number;
}

export interface Hour {
  start: number;
  end: number;
  trips: number;
  mean: number;
  low: number;
  high: number;
  cells: number;
}

/** A window's counts by cell number. */
export interface Counts {
  start: number;
  end: number;
  of: Map<number, number>;
}

const keptContents = 160; // windows whose counts are kept; a day has 144
const block = 24; // windows asked for at once

export class Model {
  run = "";
  page = "";
  earlier: Frame["earlier"] = "reading";
  status: Status | undefined;
  statusAt = 0; // performance.now() of its arrival
  cells: Cell[] = [];
  windows: Summary[] = []; // by start
  airports = new Map<string, Hour[]>(); // by start
  least = 0; // pickups of a cell that is written; 0: not known

  private numbers = new Map<string, number>();
  private contents = new Map<number, Counts>(); // in the order of use
  private asking = new Map<number, object>(); // windows asked for, by the request that will bring them

  constructor(
    private readonly zones: Zone[],
    private readonly onContent: () => void,
  ) {}

  /** Takes a frame in. Returns false for one that does not go on from what is known: connect anew. */
  apply(f: Frame): boolean {
    if (f.run !== this.run || f.since === 0) this.reset(f);
    else if (f.cells.from > this.cells.length) return false;
    this.earlier = f.earlier;
    this.least = f.least ?? 0;
    this.status = f.status;
    this.statusAt = performance.now();
    for (let i = this.cells.length - f.cells.from; i < f.cells.list.length; i++) this.addCell(f.cells.list[i]!);
    for (const [start, end, cells, trips, top] of f.windows) {
      put(this.windows, { start, end, cells, trips, top });
      this.contents.delete(start); // it has changed: ask again,
      this.asking.delete(start); // and an answer that is on its way may be older than the change
    }
    for (const [airport, start, end, trips, mean, low, high, cells] of f.airports) {
      const line = this.airports.get(airport) ?? [];
      this.airports.set(airport, line);
      put(line, { start, end, trips, mean, low, high, cells });
    }
    if (f.current) this.keep(f.current);
    this.forget(f.oldest);
    return true;
  }

  /** Nothing is new but the time there. */
  beat(now: number): void {
    if (this.status) this.status.now = now;
  }

  /** A cell's number, or -1. */
  numberOf(id: string): number {
    return this.numbers.get(id) ?? -1;
  }

  newest(): Summary | undefined {
    return this.windows[this.windows.length - 1];
  }

  summary(start: number): Summary | undefined {
    return this.windows[find(this.windows, start)];
  }

  /** The last window that begins in a span, whose hour is then the last full one; else the newest before it ends. */
  lastIn(span: { start: number; end: number }): Summary | undefined {
    return this.windows.filter((w) => w.start < span.end).pop();
  }

  /** The window just before another, if it is known. */
  before(start: number): Summary | undefined {
    const w = this.windows[find(this.windows, start) - 1];
    return w && w.end === start ? w : undefined;
  }

  /** A window's counts; if they are not here yet they are asked for and undefined is returned. */
  counts(start: number): Counts | undefined {
    const c = this.contents.get(start);
    if (c) {
      this.contents.delete(start);
      this.contents.set(start, c);
      return c;
    }
    void this.ask(start);
    return undefined;
  }

  private async ask(start: number): Promise<void> {
    const at = find(this.windows, start);
    if (at < 0 || this.asking.has(start)) return;
    const first = Math.max(0, at - 1);
    const wanted = this.windows.slice(first, first + block).filter((w) => !this.contents.has(w.start) && !this.asking.has(w.start));
    if (wanted.length === 0) return;
    const request = {};
    for (const w of wanted) this.asking.set(w.start, request);
    const mine = (start: number): boolean => this.asking.get(start) === request;
    try {
      const answer = await fetchWindows(wanted[0]!.start, wanted[wanted.length - 1]!.start);
      if (answer.run === this.run) for (const c of answer.windows) if (mine(c.start)) this.keep(c);
    } catch {
      // The link is lost or the window is gone; whoever still wants it asks again.
    } finally {
      for (const w of wanted) if (mine(w.start)) this.asking.delete(w.start);
    }
    this.onContent();
  }

  private keep(c: Content): void {
    const of = new Map<number, number>();
    c.cells.forEach((cell, i) => of.set(cell, c.counts[i]!));
    this.contents.delete(c.start);
    this.contents.set(c.start, { start: c.start, end: c.end, of });
    for (const start of this.contents.keys()) {
      if (this.contents.size <= keptContents) break;
      this.contents.delete(start);
    }
  }

  private addCell(row: Frame["cells"]["list"][number]): void {
    const [id, ...steps] = row;
    const ring: [number, number][] = [];
    let x = 0;
    let y = 0;
    for (let i = 0; i < steps.length; i += 2) {
      x += steps[i]!;
      y += steps[i + 1]!;
      ring.push([x / 1e6, y / 1e6]);
    }
    const sum = ring.reduce<[number, number]>((s, p) => [s[0] + p[0], s[1] + p[1]], [0, 0]);
    const centre: [number, number] = [sum[0] / ring.length, sum[1] / ring.length];
    this.numbers.set(id, this.cells.length);
    this.cells.push({ id, ring, centre, zone: zoneOf(this.zones, centre, ring) });
  }

  private forget(oldest: number | null): void {
    if (oldest === null) return;
    const gone = this.windows.findIndex((w) => w.start > oldest);
    for (const w of this.windows.splice(0, gone < 0 ? this.windows.length : gone)) this.contents.delete(w.start);
    for (const line of this.airports.values()) {
      const first = line.findIndex((h) => h.start > oldest);
      line.splice(0, first < 0 ? line.length : first);
    }
  }

  private reset(f: Frame): void {
    this.run = f.run;
    this.page ||= f.page;
    this.cells = [];
    this.numbers.clear();
    this.windows = [];
    this.airports.clear();
    this.contents.clear();
    this.asking.clear();
  }
}

/** Where the row of a start is, or -1. */
function find(rows: { start: number }[], start: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (rows[mid]!.start < start) low = mid + 1;
    else high = mid;
  }
  return rows[low]?.start === start ? low : -1;
}

/** Puts a row in its place; one of the same start is replaced. */
function put<T extends { start: number }>(rows: T[], row: T): void {
  let at = rows.length;
  while (at > 0 && rows[at - 1]!.start >= row.start) at--;
  rows.splice(at, rows[at]?.start === row.start ? 1 : 0, row);
}
