// The hexagons of one window, each on its way from its colour in the window before.

import { world, type Point } from "./basemap";
import type { Cell, Counts } from "./model";
import { rampIndex, sizeAt, type Scale } from "./scale";

const changeTime = 200; // ms; a window lasts 420 ms at 1,440 times life

interface Shown {
  count: number;
  from: number; // position in the ramp, or -1: invisible
  to: number;
  tint: number | undefined; // class against what is usual; undefined: coloured by its count
}

/** The class of a cell with a count against what is usual. */
export type Tint = (cell: number, count: number) => number;

export class Hexagons {
  progress = 1; // of the change, 0 to 1
  cells: Cell[] = [];
  scale: Scale | undefined;
  tint: Tint | undefined;
  readonly shown = new Map<number, Shown>();
  private paths: Path2D[] = []; // by cell number
  private centres: Point[] = [];
  private changedAt = 0;

  /** Begins the change to a window's counts; at once where still. */
  show(cells: Cell[], counts: Counts | undefined, scale: Scale, tint: Tint | undefined, still: boolean): void {
    const began = performance.now();
    if (cells !== this.cells) {
      this.cells = cells;
      this.paths = [];
      this.centres = [];
      this.shown.clear();
    }
    this.settle(began);
    this.scale = scale;
    this.tint = tint;
    const next = new Map<number, Shown>();
    for (const [cell, count] of counts?.of ?? []) {
      if (cell >= cells.length) continue; // of a newer table; the next frame brings it
      next.set(cell, { count, from: this.shown.get(cell)?.from ?? -1, to: scale.classOf(count), tint: tint?.(cell, count) });
    }
    for (const [cell, s] of this.shown) if (s.from >= 0 && !next.has(cell)) next.set(cell, { ...s, count: 0, to: -1 });
    this.shown.clear();
    for (const [cell, s] of next) this.shown.set(cell, s);
    this.changedAt = began;
    this.progress = still ? 1 : 0;
    if (still) this.settle(began + changeTime);
  }

  /** Carries the change on to a time. */
  advance(now: number): void {
    if (this.progress < 1) this.progress = Math.min((now - this.changedAt) / changeTime, 1);
  }

  has(cell: number | undefined): cell is number {
    return cell !== undefined && cell < this.cells.length;
  }

  path(cell: number): Path2D {
    let path = this.paths[cell];
    if (path) return path;
    path = new Path2D();
    const { ring, centre } = this.cells[cell]!;
    ring.forEach(([lon, lat], i) => {
      const [x, y] = world(lon, lat);
      if (i === 0) path!.moveTo(x, y);
      else path!.lineTo(x, y);
    });
    path.closePath();
    this.paths[cell] = path;
    this.centres[cell] = world(centre[0], centre[1]);
    return path;
  }

  centre(cell: number): Point {
    this.path(cell);
    return this.centres[cell]!;
  }

  /** The cell with the most pickups among those that pass. */
  hottest(passes: (cell: number) => boolean = () => true): number | undefined {
    let best: number | undefined;
    let most = 0;
    for (const [cell, s] of this.shown) {
      if (s.to < 0 || s.count <= most || !passes(cell)) continue;
      best = cell;
      most = s.count;
    }
    return best;
  }

  /** The shown cell nearest to a place in the world, and how far it is. */
  nearest(p: Point): { cell: number; distance: number } | undefined {
    let best: number | undefined;
    let least = Infinity;
    for (const [cell, s] of this.shown) {
      if (s.to < 0) continue;
      const c = this.centre(cell);
      const d = (c[0] - p[0]) ** 2 + (c[1] - p[1]) ** 2;
      if (d < least) {
        least = d;
        best = cell;
      }
    }
    return best === undefined ? undefined : { cell: best, distance: Math.sqrt(least) };
  }

  /** The nearest shown cell in a direction from a cell, else that cell. */
  neighbour(start: number, dx: number, dy: number): number {
    const from = this.centre(start);
    let best = start;
    let least = Infinity;
    for (const [cell, s] of this.shown) {
      if (s.to < 0) continue;
      const c = this.centre(cell);
      const along = (c[0] - from[0]) * dx + (c[1] - from[1]) * dy;
      const across = Math.abs((c[0] - from[0]) * dy - (c[1] - from[1]) * dx);
      if (along > 0 && along + 2 * across < least) {
        least = along + 2 * across;
        best = cell;
      }
    }
    return best;
  }

  /** One path for all cells of a colour: thousands of fills become a few dozen. tints is where the classes against usual begin among the colours. */
  groups(tints: number): Map<number, Path2D> {
    const groups = new Map<number, Path2D>();
    for (const [cell, s] of this.shown) {
      const at = between(s, this.progress);
      // Cells that come or go are drawn in their one colour, fainter or stronger.
      const fading = s.from < 0 || s.to < 0;
      const strength = s.from < 0 ? this.progress : s.to < 0 ? 1 - this.progress : 1;
      const place = rampIndex(Math.max(fading ? Math.max(s.from, s.to) : at, 0));
      const colour = s.tint === undefined ? place : tints + s.tint;
      const key = fading ? colour + 1000 * (1 + Math.round(strength * 8)) : colour;
      let group = groups.get(key);
      if (!group) groups.set(key, (group = new Path2D()));
      const path = this.path(cell);
      const size = sizeAt(place);
      const [x, y] = this.centres[cell]!;
      group.addPath(path, new DOMMatrix([size, 0, 0, size, x * (1 - size), y * (1 - size)]));
    }
    return groups;
  }

  /** Fixes each cell where its change has brought it by now. */
  private settle(now: number): void {
    const part = Math.min((now - this.changedAt) / changeTime, 1);
    for (const [cell, s] of this.shown) {
      s.from = between(s, part);
      if (part === 1 && s.to < 0) this.shown.delete(cell);
    }
  }
}

/** A cell's position at part (0 to 1) of its change. */
function between(s: Shown, part: number): number {
  if (part >= 1) return s.to;
  if (s.from < 0) return part > 0.5 ? s.to : -1;
  if (s.to < 0) return part > 0.5 ? -1 : s.from;
  const eased = part * (2 - part);
  return s.from + (s.to - s.from) * eased;
}

/** Draws groups: those of a thousand and more are faint. */
export function drawGroups(g: CanvasRenderingContext2D, groups: Map<number, Path2D>, k: number, colours: string[], edge: string): void {
  g.lineWidth = 0.7 / k;
  g.strokeStyle = edge;
  for (const [key, group] of groups) {
    g.globalAlpha = key >= 1000 ? (Math.floor(key / 1000) - 1) / 8 : 1;
    g.fillStyle = colours[key % 1000]!;
    g.fill(group);
    g.stroke(group);
  }
  g.globalAlpha = 1;
}
