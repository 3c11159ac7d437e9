// The map: hexagons of one window over the city, on a canvas. A change of window
// is drawn as a change: each cell's colour moves to its new class.

import { metresPerPixel, zonePath, type Colours, type Point } from "./basemap";
import { Camera, enter, on, under, within } from "./camera";
import { coloursOf } from "./colours";
import { gestures } from "./gestures";
import { Ground } from "./ground";
import { drawGroups, Hexagons, type Tint } from "./hexagons";
import type { Cell, Counts } from "./model";
import type { Box } from "./names";
import { ramp, type Scale } from "./scale";
import { tints } from "./usual";
import type { Zone } from "./zones";

const stepTime = 60; // ms between two drawings of a change: each costs a paint of the whole map
const fontSize = (): number => parseFloat(getComputedStyle(document.documentElement).fontSize);

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
  private readonly hexagons = new Hexagons();
  private over: Box[] = []; // what stands over the map: no name goes there
  private scheduled = 0;
  private colours!: Colours & { edge: string; pick: string; around: string };
  private ramp: string[] = []; // and behind it the classes against what is usual
  private tints = 0; // where those begin
  readonly camera = new Camera(() => this.schedule());
  private picked: number | undefined;
  private zone: { id: number; outline: Path2D } | undefined; // the chosen one
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
    const dark = getComputedStyle(this.canvas).colorScheme === "dark";
    const counts = ramp(dark);
    this.tints = counts.length;
    this.ramp = [...counts, ...tints(dark)];
    this.draw();
  }

  /** Shows a window's counts. Cells are those of the model: numbers stay, new ones are appended. With tint their colours are against what is usual. */
  show(cells: Cell[], counts: Counts | undefined, scale: Scale, tint?: Tint): void {
    const began = performance.now();
    this.hexagons.show(cells, counts, scale, tint, this.still.matches);
    this.canvas.dataset.hexagons = String(counts?.of.size ?? 0);
    this.canvas.dataset.window = counts ? String(counts.start) : "";
    this.canvas.dataset.colours = tint ? "usual" : "pickups";
    this.schedule();
    this.cost.update = performance.now() - began;
  }

  /** Whether what is shown has other classes than a scale's, or other colours. */
  stale(scale: Scale, tint?: Tint): boolean {
    return scale !== this.hexagons.scale || tint !== this.hexagons.tint;
  }

  /** For tests: what is on its way, and how far. */
  get shown() {
    return this.hexagons.shown;
  }
  get progress(): number {
    return this.hexagons.progress;
  }

  pick(cell: number | undefined): void {
    if (cell === this.picked) return;
    this.picked = cell;
    this.schedule();
  }

  /** Draws a zone's outline as the chosen one's. */
  outline(zone: Zone | undefined): void {
    if (zone?.id === this.zone?.id) return;
    this.zone = zone && { id: zone.id, outline: zonePath(zone) };
    this.canvas.dataset.zone = zone ? String(zone.id) : "";
    this.schedule();
  }

  /** Moves to where a box of [west, south, east, north] fills the map. */
  frame(box: Zone["box"]): void {
    this.camera.frame(box);
  }

  /** Moves to a cell with its surroundings. */
  frameCell(cell: number): void {
    this.camera.zoom = Math.max(this.camera.zoom, 4);
    this.camera.moveTo(this.hexagons.centre(cell));
  }

  /** Where a cell is on the canvas, in CSS pixels; for tests. */
  place(cell: number): Point {
    const c = this.hexagons.centre(cell);
    const inset = this.camera.inset();
    const there = inset && on(inset, c);
    return inset && there && within(inset, there) ? there : on(this.camera.main(), c);
  }

  /** Zooms towards the chosen cell, else the hottest one in view, else the middle. */
  zoomTowards(factor: number): void {
    const cell = this.hexagons.has(this.picked) ? this.picked : this.hexagons.hottest((c) => this.camera.inside(this.placeInMain(c)));
    const at = cell === undefined ? undefined : this.placeInMain(cell);
    this.camera.zoomBy(factor, at && this.camera.inside(at) ? at : undefined);
  }

  /** Frames the hottest cell with its surroundings, and gives it. */
  showHottest(): number | undefined {
    const cell = this.hexagons.hottest();
    if (cell !== undefined) this.frameCell(cell);
    return cell;
  }

  private placeInMain(cell: number): Point {
    return on(this.camera.main(), this.hexagons.centre(cell));
  }

  reset(): void {
    this.camera.reset();
  }

  private resize(): void {
    const box = this.canvas.getBoundingClientRect();
    this.over = [...document.querySelectorAll("[data-over-map]")].map((e) => e.getBoundingClientRect()).map((o) => ({
      left: o.left - box.left, right: o.right - box.left, top: o.top - box.top, bottom: o.bottom - box.top,
    }));
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

  private draw(): void {
    this.scheduled = 0;
    if (!this.ramp.length) return;
    const began = performance.now();
    const ratio = this.canvas.width / this.camera.width;
    this.hexagons.advance(began);
    const views = this.camera.views();
    if (this.ground.draw(this.canvas, views, ratio, this.camera.height, this.over)) {
      this.canvas.dataset.names = JSON.stringify(this.ground.names.flat().map((n) => n.words.join(" ")));
      this.canvas.style.touchAction = this.camera.near ? "none" : "pan-y"; // one finger scrolls the page until the map is nearer
      this.events.onView(metresPerPixel(views[0]!.k));
    }
    const g = this.g;
    g.setTransform(1, 0, 0, 1, 0, 0);
    const groups = this.hexagons.groups(this.tints);
    for (const [i, v] of views.entries()) {
      g.save();
      // The corner covers what the main view has drawn under it.
      const [x, y, width, height] = [v.x, v.y, v.width, v.height].map((n) => n * ratio) as [number, number, number, number];
      g.drawImage(this.ground.image, x, y, width, height, x, y, width, height);
      enter(g, v, ratio);
      drawGroups(g, groups, v.k, this.ramp, this.colours.edge);
      if (this.zone) this.ring(g, this.zone.outline, 2.5, v.k);
      if (this.hexagons.has(this.hovered)) this.ring(g, this.hexagons.path(this.hovered), 1.5, v.k);
      if (this.hexagons.has(this.picked)) this.ring(g, this.hexagons.path(this.picked), 2.5, v.k);
      g.setTransform(ratio, 0, 0, ratio, x, y);
      this.ground.drawNames(g, i);
      g.restore();
    }
    this.cost.draw = performance.now() - began;
    if (this.progress < 1) window.setTimeout(() => this.schedule(), stepTime);
  }

  private ring(g: CanvasRenderingContext2D, path: Path2D, width: number, k: number): void {
    for (const [colour, more] of [[this.colours.around, 3], [this.colours.pick, 0]] as const) {
      g.strokeStyle = colour;
      g.lineWidth = (width + more) / k;
      g.stroke(path);
    }
  }

  private at(x: number, y: number, reach = 6): number | undefined {
    const inset = this.camera.inset();
    const v = inset && within(inset, [x, y]) ? inset : this.camera.main();
    const p = under(v, [x, y]);
    const best = this.hexagons.nearest(p);
    if (!best) return undefined;
    this.g.setTransform(1, 0, 0, 1, 0, 0);
    return this.g.isPointInPath(this.hexagons.path(best.cell), p[0], p[1]) || best.distance * v.k < reach ? best.cell : undefined;
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
    return this.hexagons.has(this.picked) ? this.hexagons.neighbour(this.picked, dx, dy) : this.hexagons.hottest();
  }
}
