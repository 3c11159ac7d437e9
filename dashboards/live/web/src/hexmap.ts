// The map: hexagons of one window over the city, on a canvas. A change of window
// is drawn as a change: each cell's colour moves to its new class.

import { metresPerPixel, world, type Colours, type Point } from "./basemap";
import { Camera, enter, on, under, within } from "./camera";
import { coloursOf } from "./colours";
import { gestures } from "./gestures";
import { Ground } from "./ground";
import type { Cell, Counts } from "./model";
import { ramp, rampIndex, sizeAt, type Scale } from "./scale";
import type { Zone } from "./zones";

const changeTime = 320; // ms; a window lasts 420 ms at 1,440 times life
const fontSize = (): number => parseFloat(getComputedStyle(document.documentElement).fontSize);

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
  private readonly ground: Ground;
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
  readonly camera = new Camera(() => this.schedule());
  private picked: number | undefined;
  private hovered: number | undefined;
  private readonly still = matchMedia("(prefers-reduced-motion: reduce)");

  constructor(
    private readonly canvas: HTMLCanvasElement,
    zones: Zone[],
    private readonly events: MapEvents,
  ) {
    this.g = canvas.getContext("2d")!;
    this.ground = new Ground(zones);
    this.restyle();
    new ResizeObserver(() => this.resize()).observe(canvas);
    this.resize();
    gestures(canvas, {
      camera: this.camera,
      at: (x, y, reach) => this.at(x, y, reach),
      hover: (cell, at) => this.hover(cell, at),
      pick: (cell) => this.events.onPick(cell),
      plainWheel: () => this.events.onPlainWheel(),
    });
    canvas.addEventListener("keydown", (e) => this.key(e));
  }

  /** Reads the colours again, after a change of scheme. */
  restyle(): void {
    const colour = coloursOf(this.canvas);
    const names = ["water", "land", "other", "shore", "zone", "park", "field", "bridge", "name", "quiet", "name-water", "name-park", "halo", "edge", "pick", "around"] as const;
    this.colours = Object.fromEntries(names.map((n) => [n, colour(`--map-${n}`)])) as Record<(typeof names)[number], string>;
    this.ground.restyle(this.colours, fontSize());
    this.ramp = ramp(getComputedStyle(this.canvas).colorScheme === "dark");
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
    const inset = this.camera.inset();
    const there = inset && on(inset, c);
    return inset && there && within(inset, there) ? there : on(this.camera.main(), c);
  }

  /** Zooms towards the chosen cell, else the hottest one in view, else the middle. */
  zoomTowards(factor: number): void {
    const cell = this.picked !== undefined && this.picked < this.cells.length ? this.picked : this.hottest(true);
    const at = cell === undefined ? undefined : this.placeInMain(cell);
    this.camera.zoomBy(factor, at && this.camera.inside(at) ? at : undefined);
  }

  /** Frames the hottest cell with its surroundings, and gives it. */
  showHottest(): number | undefined {
    const cell = this.hottest(false);
    if (cell === undefined) return undefined;
    this.path(cell);
    this.camera.zoom = Math.max(this.camera.zoom, 4);
    this.camera.moveTo(this.centres[cell]!);
    return cell;
  }

  private hottest(inView: boolean): number | undefined {
    let best: number | undefined;
    let most = 0;
    for (const [cell, s] of this.shown) {
      if (s.to < 0 || s.count <= most || (inView && !this.camera.inside(this.placeInMain(cell)))) continue;
      best = cell;
      most = s.count;
    }
    return best;
  }

  private placeInMain(cell: number): Point {
    this.path(cell);
    return on(this.camera.main(), this.centres[cell]!);
  }

  reset(): void {
    this.camera.reset();
  }

  private resize(): void {
    const box = this.canvas.getBoundingClientRect();
    const ratio = Math.min(devicePixelRatio || 1, 2);
    this.camera.width = Math.max(box.width, 1);
    this.camera.height = Math.max(box.height, 1);
    this.canvas.width = Math.round(this.camera.width * ratio);
    this.canvas.height = Math.round(this.camera.height * ratio);
    this.ground.restyle(this.colours, fontSize());
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
    const ratio = this.canvas.width / this.camera.width;
    if (this.progress < 1) this.progress = Math.min((began - this.changedAt) / changeTime, 1);
    const views = this.camera.views();
    if (this.ground.draw(this.canvas, views, ratio, this.camera.height)) {
      this.canvas.dataset.names = JSON.stringify(this.ground.names.flat().map((n) => n.words.join(" ")));
      this.canvas.style.touchAction = this.camera.near ? "none" : "pan-y"; // one finger scrolls the page until the map is nearer
      this.events.onView(metresPerPixel(views[0]!.k));
    }
    const g = this.g;
    g.setTransform(1, 0, 0, 1, 0, 0);
    const groups = this.groups();
    for (const [i, v] of views.entries()) {
      g.save();
      // The corner covers what the main view has drawn under it.
      const [x, y, width, height] = [v.x, v.y, v.width, v.height].map((n) => n * ratio) as [number, number, number, number];
      g.drawImage(this.ground.image, x, y, width, height, x, y, width, height);
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
      this.ground.drawNames(g, i);
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

  private at(x: number, y: number, reach = 6): number | undefined {
    const inset = this.camera.inset();
    const v = inset && within(inset, [x, y]) ? inset : this.camera.main();
    const p = under(v, [x, y]);
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
    return this.g.isPointInPath(this.path(best), p[0], p[1]) || Math.sqrt(nearest) * v.k < reach ? best : undefined;
  }

  private hover(cell: number | undefined, at: Point): void {
    if (cell !== this.hovered) this.schedule();
    this.hovered = cell;
    this.events.onHover(cell, at);
  }

  private key(e: KeyboardEvent): void {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
    if (step) this.events.onPick(this.neighbour(step[0]!, step[1]!));
    else if (e.key === "+" || e.key === "=") this.zoomTowards(1.4);
    else if (e.key === "-") this.zoomTowards(1 / 1.4);
    else if (e.key === "0") this.camera.reset();
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

/** A cell's position at part (0 to 1) of its change. */
function between(s: Shown, part: number): number {
  if (part >= 1) return s.to;
  if (s.from < 0) return part > 0.5 ? s.to : -1;
  if (s.to < 0) return part > 0.5 ? -1 : s.from;
  const eased = part * (2 - part);
  return s.from + (s.to - s.from) * eased;
}
