// The map: hexagons of one window over the city, on a canvas. A change of window
// is drawn as a change: each cell's colour moves to its new class.

import { BaseMap, metresPerPixel, world, type Colours, type Point } from "./basemap";
import type { Cell, Counts } from "./model";
import type { Placed } from "./names";
import { ramp, rampIndex, sizeAt, type Scale } from "./scale";
import type { Zone } from "./zones";

// What is in view at first: Manhattan and LaGuardia, with JFK in a corner of its
// own, because the 15 km of suburbs in between would make the rest half as large.
const home: Box = { west: -74.024, east: -73.858, south: 40.697, north: 40.832 };
const corner: Box = { west: -73.826, east: -73.744, south: 40.6205, north: 40.6685 };
const cornerShare = 0.3; // of the canvas's smaller side, at most
const cornerMost = 260; // CSS pixels

interface Box {
  west: number;
  east: number;
  south: number;
  north: number;
}

/** A part of the canvas, in CSS pixels, and what it shows: k pixels per world unit about a centre. */
interface View {
  x: number;
  y: number;
  width: number;
  height: number;
  k: number;
  centre: Point;
}

function fit(box: Box, x: number, y: number, width: number, height: number, zoom = 1): View {
  const a = world(box.west, box.north);
  const b = world(box.east, box.south);
  const k = Math.min(width / (b[0] - a[0]), height / (b[1] - a[1])) * zoom;
  return { x, y, width, height, k, centre: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] };
}

const changeTime = 320; // ms; a window lasts 420 ms at 1,440 times life
const maxZoom = 12;
const font = 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif';

interface Shown {
  count: number;
  from: number; // position in the ramp, or -1: invisible
  to: number;
}

export interface MapEvents {
  onHover(cell: number | undefined, at: Point): void;
  onPick(cell: number | undefined): void;
  onView(metres: number): void; // a pixel, after a change of view or size
  onPlainWheel(): void; // which zooms nothing
}

export class HexMap {
  /** Milliseconds of main thread that the last update and each of its frames took. */
  readonly cost = { update: 0, draw: 0 };

  private readonly g: CanvasRenderingContext2D;
  private readonly base: BaseMap;
  private readonly ground = document.createElement("canvas"); // the base map, drawn once a view
  private paths: Path2D[] = []; // by cell number
  private centres: Point[] = [];
  private cells: Cell[] = [];
  private shown = new Map<number, Shown>();
  private scaleShown: Scale | undefined;
  private progress = 1;
  private changedAt = 0;
  private scheduled = 0;
  private colours!: Colours & { edge: string; pick: string; around: string };
  private ramp: string[] = [];
  private fontSize = 14;
  private picked: number | undefined;
  private hovered: number | undefined;
  private width = 1;
  private height = 1;
  private zoom = 1;
  private centre: Point = [0, 0];
  private moved = false; // by a person; then the corner is gone
  private groundKey = "";
  private names: Placed[][] = []; // by view
  private readonly still = matchMedia("(prefers-reduced-motion: reduce)");

  constructor(
    private readonly canvas: HTMLCanvasElement,
    zones: Zone[],
    private readonly events: MapEvents,
  ) {
    this.g = canvas.getContext("2d")!;
    this.base = new BaseMap(zones);
    this.reset();
    this.restyle();
    new ResizeObserver(() => this.resize()).observe(canvas);
    this.resize();
    this.pointers();
    canvas.addEventListener("keydown", (e) => this.key(e));
  }

  /** Reads the colours again, after a change of scheme. */
  restyle(): void {
    const style = getComputedStyle(this.canvas);
    const colour = (name: string) => style.getPropertyValue(`--map-${name}`).trim();
    const names = ["water", "land", "other", "shore", "zone", "park", "field", "bridge", "name", "quiet", "name-water", "name-park", "halo", "edge", "pick", "around"] as const;
    this.colours = Object.fromEntries(names.map((n) => [n, colour(n)])) as Record<(typeof names)[number], string>;
    this.fontSize = parseFloat(getComputedStyle(document.documentElement).fontSize);
    this.ramp = ramp(style.colorScheme === "dark");
    this.groundKey = "";
    this.draw();
  }

  /** Shows a window's counts. Cells are those of the model: numbers stay, new ones are appended. */
  show(cells: Cell[], counts: Counts | undefined, scale: Scale): void {
    const began = performance.now();
    if (cells !== this.cells) {
      this.cells = cells;
      this.paths = [];
      this.centres = [];
      this.shown.clear();
    }
    this.settle(began);
    this.scaleShown = scale;
    const next = new Map<number, Shown>();
    if (counts) {
      for (const [cell, count] of counts.of) {
        if (cell >= cells.length) continue; // of a newer table; the next frame brings it
        const to = scale.classOf(count);
        next.set(cell, { count, from: this.shown.get(cell)?.from ?? -1, to });
      }
    }
    for (const [cell, s] of this.shown) if (s.from >= 0 && !next.has(cell)) next.set(cell, { count: 0, from: s.from, to: -1 });
    this.shown = next;
    this.changedAt = began;
    this.progress = this.still.matches ? 1 : 0;
    if (this.progress === 1) this.settle(began + changeTime);
    this.canvas.dataset.hexagons = String(counts?.of.size ?? 0);
    this.canvas.dataset.window = counts ? String(counts.start) : "";
    this.schedule();
    this.cost.update = performance.now() - began;
  }

  /** Whether what is shown has other classes than a scale's. */
  stale(scale: Scale): boolean {
    return scale !== this.scaleShown;
  }

  pick(cell: number | undefined): void {
    if (cell === this.picked) return;
    this.picked = cell;
    this.schedule();
  }

  /** Where a cell is on the canvas, in CSS pixels; for tests. */
  place(cell: number): Point {
    this.path(cell);
    const c = this.centres[cell]!;
    const on = (v: View): Point => [(c[0] - v.centre[0]) * v.k + v.x + v.width / 2, (c[1] - v.centre[1]) * v.k + v.y + v.height / 2];
    const inset = this.inset();
    const there = inset && on(inset);
    return inset && there && within(inset, there) ? there : on(this.main());
  }

  zoomBy(factor: number, about: Point = [this.width / 2, this.height / 2]): void {
    const before = this.main();
    this.zoom = Math.min(Math.max(this.zoom * factor, 0.4), maxZoom);
    const now = this.main();
    const off: Point = [about[0] - this.width / 2, about[1] - this.height / 2];
    this.moveTo([before.centre[0] + off[0] / before.k - off[0] / now.k, before.centre[1] + off[1] / before.k - off[1] / now.k]);
  }

  /** Zooms towards the chosen cell, else the hottest one in view, else the middle. */
  zoomTowards(factor: number): void {
    const cell = this.picked !== undefined && this.picked < this.cells.length ? this.picked : this.hottest(true);
    const at = cell === undefined ? undefined : this.placeInMain(cell);
    this.zoomBy(factor, at && this.inside(at) ? at : undefined);
  }

  /** Frames the hottest cell with its surroundings, and gives it. */
  showHottest(): number | undefined {
    const cell = this.hottest(false);
    if (cell === undefined) return undefined;
    this.path(cell);
    this.zoom = Math.max(this.zoom, 4);
    this.moveTo(this.centres[cell]!);
    return cell;
  }

  private hottest(inView: boolean): number | undefined {
    let best: number | undefined;
    let most = 0;
    for (const [cell, s] of this.shown) {
      if (s.to < 0 || s.count <= most || (inView && !this.inside(this.placeInMain(cell)))) continue;
      best = cell;
      most = s.count;
    }
    return best;
  }

  private inside([x, y]: Point): boolean {
    return x >= 0 && y >= 0 && x <= this.width && y <= this.height;
  }

  private placeInMain(cell: number): Point {
    this.path(cell);
    const v = this.main();
    const c = this.centres[cell]!;
    return [(c[0] - v.centre[0]) * v.k + v.width / 2, (c[1] - v.centre[1]) * v.k + v.height / 2];
  }

  /** Names are 12 px and grow with the page's font. */
  private nameSize(): number {
    return Math.max(12, this.fontSize * 0.8);
  }

  reset(): void {
    this.zoom = 1;
    this.moved = false;
    this.centre = fit(home, 0, 0, 1, 1).centre;
    this.schedule();
  }

  private moveTo(centre: Point): void {
    const a = world(-74.1, 40.93);
    const b = world(-73.69, 40.53);
    this.moved = true;
    this.centre = [Math.min(Math.max(centre[0], a[0]), b[0]), Math.min(Math.max(centre[1], a[1]), b[1])];
    this.schedule();
  }

  private main(): View {
    return { ...fit(home, 0, 0, this.width, this.height, this.zoom), centre: this.centre };
  }

  private inset(): View | undefined {
    if (this.moved) return undefined;
    const width = Math.round(Math.min(Math.min(this.width, this.height) * cornerShare * 1.2, cornerMost));
    const height = Math.round(width * 0.8);
    return fit(corner, this.width - width - 8, this.height - height - 8, width, height);
  }

  private resize(): void {
    const box = this.canvas.getBoundingClientRect();
    const ratio = Math.min(devicePixelRatio || 1, 2);
    this.width = Math.max(box.width, 1);
    this.height = Math.max(box.height, 1);
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    this.fontSize = parseFloat(getComputedStyle(document.documentElement).fontSize);
    this.draw();
  }

  private schedule(): void {
    if (!this.scheduled) this.scheduled = requestAnimationFrame(() => this.draw());
  }

  /** Fixes each cell where its change has brought it by now. */
  private settle(now: number): void {
    const part = Math.min((now - this.changedAt) / changeTime, 1);
    for (const [cell, s] of this.shown) {
      s.from = between(s, part);
      if (part === 1 && s.to < 0) this.shown.delete(cell);
    }
  }

  private path(cell: number): Path2D {
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

  private draw(): void {
    this.scheduled = 0;
    if (!this.ramp.length) return;
    const began = performance.now();
    const ratio = this.canvas.width / this.width;
    if (this.progress < 1) this.progress = Math.min((began - this.changedAt) / changeTime, 1);
    const views = [this.main(), this.inset()].filter((v) => v !== undefined);
    this.drawGround(views, ratio);
    const g = this.g;
    g.setTransform(1, 0, 0, 1, 0, 0);
    const groups = this.groups();
    for (const [i, v] of views.entries()) {
      g.save();
      // The corner covers what the main view has drawn under it.
      const [x, y, width, height] = [v.x, v.y, v.width, v.height].map((n) => n * ratio) as [number, number, number, number];
      g.drawImage(this.ground, x, y, width, height, x, y, width, height);
      enter(g, v, ratio);
      this.drawHexagons(g, groups, v.k);
      for (const [cell, width] of [[this.hovered, 1.5], [this.picked, 2.5]] as const) {
        if (cell === undefined || cell >= this.cells.length) continue;
        for (const [colour, more] of [[this.colours.around, 3], [this.colours.pick, 0]] as const) {
          g.strokeStyle = colour;
          g.lineWidth = (width + more) / v.k;
          g.stroke(this.path(cell));
        }
      }
      g.setTransform(ratio, 0, 0, ratio, x, y);
      this.base.drawNames(g, this.names[i] ?? [], this.colours, font, this.nameSize());
      g.restore();
    }
    this.cost.draw = performance.now() - began;
    if (this.progress < 1) this.schedule();
  }

  /** One path for all cells of a colour: thousands of fills become a few dozen. */
  private groups(): Map<number, Path2D> {
    const groups = new Map<number, Path2D>();
    for (const [cell, s] of this.shown) {
      const at = between(s, this.progress);
      // Cells that come or go are drawn in their one colour, fainter or stronger.
      const fading = s.from < 0 || s.to < 0;
      const strength = s.from < 0 ? this.progress : s.to < 0 ? 1 - this.progress : 1;
      const colour = rampIndex(Math.max(fading ? Math.max(s.from, s.to) : at, 0));
      const key = fading ? colour + 1000 * (1 + Math.round(strength * 8)) : colour;
      let group = groups.get(key);
      if (!group) groups.set(key, (group = new Path2D()));
      const path = this.path(cell);
      const size = sizeAt(colour);
      const [x, y] = this.centres[cell]!;
      group.addPath(path, new DOMMatrix([size, 0, 0, size, x * (1 - size), y * (1 - size)]));
    }
    return groups;
  }

  private drawHexagons(g: CanvasRenderingContext2D, groups: Map<number, Path2D>, k: number): void {
    g.lineWidth = 0.7 / k;
    g.strokeStyle = this.colours.edge;
    for (const [key, group] of groups) {
      g.globalAlpha = (key >= 1000 ? (Math.floor(key / 1000) - 1) / 8 : 1);
      g.fillStyle = this.ramp[key % 1000]!;
      g.fill(group);
      g.stroke(group);
    }
    g.globalAlpha = 1;
  }

  private drawGround(views: View[], ratio: number): void {
    const key = JSON.stringify([this.canvas.width, this.canvas.height, views]);
    if (key === this.groundKey) return;
    this.groundKey = key;
    this.ground.width = this.canvas.width;
    this.ground.height = this.canvas.height;
    const g = this.ground.getContext("2d")!;
    for (const v of views) {
      g.save();
      g.setTransform(ratio, 0, 0, ratio, 0, 0);
      g.fillStyle = this.colours.water;
      g.fillRect(v.x, v.y, v.width, v.height);
      enter(g, v, ratio);
      this.base.draw(g, v.k, this.colours);
      g.restore();
    }
    const scaleBox = { left: 0, right: 150, top: this.height - 40, bottom: this.height };
    const corner = views.slice(1).map((v) => ({ left: v.x, right: v.x + v.width, top: v.y, bottom: v.y + v.height }));
    this.names = views.map((v, i) => this.base.place(g, v, font, this.nameSize(), i === 0 ? [scaleBox, ...corner] : []));
    this.canvas.dataset.names = JSON.stringify(this.names.flat().map((n) => n.words.join(" ")));
    this.events.onView(metresPerPixel(views[0]!.k));
    const inset = views[1];
    if (!inset) return;
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.strokeStyle = this.colours.shore;
    g.lineWidth = 1.5;
    g.strokeRect(inset.x, inset.y, inset.width, inset.height);
  }

  private at(x: number, y: number): number | undefined {
    const inset = this.inset();
    const v = inset && within(inset, [x, y]) ? inset : this.main();
    const p: Point = [(x - v.x - v.width / 2) / v.k + v.centre[0], (y - v.y - v.height / 2) / v.k + v.centre[1]];
    let best: number | undefined;
    let nearest = Infinity;
    for (const [cell, s] of this.shown) {
      if (s.to < 0) continue;
      this.path(cell);
      const c = this.centres[cell]!;
      const d = (c[0] - p[0]) ** 2 + (c[1] - p[1]) ** 2;
      if (d < nearest) {
        nearest = d;
        best = cell;
      }
    }
    if (best === undefined) return undefined;
    this.g.setTransform(1, 0, 0, 1, 0, 0);
    return this.g.isPointInPath(this.path(best), p[0], p[1]) || Math.sqrt(nearest) * v.k < 6 ? best : undefined;
  }

  private hover(cell: number | undefined, at: Point): void {
    if (cell !== this.hovered) this.schedule();
    this.hovered = cell;
    this.events.onHover(cell, at);
  }

  private pointers(): void {
    const down = new Map<number, Point>();
    let moved = 0;
    const spread = () => {
      const [a, b] = [...down.values()];
      return Math.hypot(a![0] - b![0], a![1] - b![1]);
    };
    const here = (e: MouseEvent): Point => {
      const box = this.canvas.getBoundingClientRect();
      return [e.clientX - box.left, e.clientY - box.top];
    };
    this.canvas.addEventListener("pointerdown", (e) => {
      down.set(e.pointerId, here(e));
      moved = 0;
    });
    this.canvas.addEventListener("pointermove", (e) => {
      const at = here(e);
      const last = down.get(e.pointerId);
      if (!last) return this.hover(this.at(at[0], at[1]), at);
      const before = down.size === 2 ? spread() : 0;
      down.set(e.pointerId, at);
      moved += Math.hypot(at[0] - last[0], at[1] - last[1]);
      if (down.size === 2) {
        const [a, b] = [...down.values()];
        this.zoomBy(spread() / Math.max(before, 1), [(a![0] + b![0]) / 2, (a![1] + b![1]) / 2]);
      }
      else if (e.pointerType === "mouse" && moved > 4) {
        this.canvas.setPointerCapture(e.pointerId);
        const k = this.main().k;
        this.moveTo([this.centre[0] - (at[0] - last[0]) / k, this.centre[1] - (at[1] - last[1]) / k]);
      }
    });
    this.canvas.addEventListener("pointerup", (e) => {
      if (down.delete(e.pointerId) && moved <= 6 && down.size === 0) {
        const at = here(e);
        this.events.onPick(this.at(at[0], at[1]));
      }
    });
    for (const end of ["pointercancel", "pointerleave"] as const) {
      this.canvas.addEventListener(end, (e) => {
        down.delete(e.pointerId);
        this.hover(undefined, [0, 0]);
      });
    }
    this.canvas.addEventListener("dblclick", (e) => this.zoomBy(1.8, here(e)));
    this.canvas.addEventListener("wheel", (e) => {
      // A plain wheel scrolls the page, unless the map was chosen first.
      if (!e.ctrlKey && !e.metaKey && document.activeElement !== this.canvas) return this.events.onPlainWheel();
      e.preventDefault();
      this.zoomBy(Math.exp(-e.deltaY / 300), here(e));
    }, { passive: false });
  }

  private key(e: KeyboardEvent): void {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
    if (step) this.events.onPick(this.neighbour(step[0]!, step[1]!));
    else if (e.key === "+" || e.key === "=") this.zoomTowards(1.4);
    else if (e.key === "-") this.zoomTowards(1 / 1.4);
    else if (e.key === "0") this.reset();
    else if (e.key === "Escape") this.events.onPick(undefined);
    else return;
    e.preventDefault();
  }

  /** The nearest shown cell in a direction from the picked one, else the hottest. */
  private neighbour(dx: number, dy: number): number | undefined {
    const visible = [...this.shown].filter(([, s]) => s.to >= 0);
    if (this.picked === undefined || this.picked >= this.cells.length) {
      return this.hottest(false);
    }
    this.path(this.picked);
    const from = this.centres[this.picked]!;
    let best = this.picked;
    let least = Infinity;
    for (const [cell] of visible) {
      this.path(cell);
      const c = this.centres[cell]!;
      const along = (c[0] - from[0]) * dx + (c[1] - from[1]) * dy;
      const across = Math.abs((c[0] - from[0]) * dy - (c[1] - from[1]) * dx);
      if (along > 0 && along + 2 * across < least) {
        least = along + 2 * across;
        best = cell;
      }
    }
    return best;
  }
}

const within = (v: View, p: Point): boolean => p[0] >= v.x && p[0] <= v.x + v.width && p[1] >= v.y && p[1] <= v.y + v.height;

/** Confines a context to a view and lets it draw in world units. */
function enter(g: CanvasRenderingContext2D, v: View, ratio: number): void {
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.beginPath();
  g.rect(v.x, v.y, v.width, v.height);
  g.clip();
  g.translate(v.x + v.width / 2, v.y + v.height / 2);
  g.scale(v.k, v.k);
  g.translate(-v.centre[0], -v.centre[1]);
}

/** A cell's position at part (0 to 1) of its change. */
function between(s: Shown, part: number): number {
  if (part >= 1) return s.to;
  if (s.from < 0) return part > 0.5 ? s.to : -1;
  if (s.to < 0) return part > 0.5 ? -1 : s.from;
  const eased = part * (2 - part);
  return s.from + (s.to - s.from) * eased;
}
