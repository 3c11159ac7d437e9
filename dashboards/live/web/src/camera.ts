// What part of the world a canvas shows: a main view that a person moves, and, until it is moved,
// a corner of its own.

import { world, type Point } from "./basemap";

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
export interface View {
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

const maxZoom = 12;

/** The views of a canvas of width times height CSS pixels; changed is told of each move. */
export class Camera {
  width = 1;
  height = 1;
  zoom = 1;
  centre: Point = [0, 0];
  private moved = false; // by a person; then the corner is gone

  constructor(private readonly changed: () => void) {
    this.reset();
  }

  zoomBy(factor: number, about: Point = [this.width / 2, this.height / 2]): void {
    const before = this.main();
    this.zoom = Math.min(Math.max(this.zoom * factor, 0.4), maxZoom);
    const now = this.main();
    const off: Point = [about[0] - this.width / 2, about[1] - this.height / 2];
    this.moveTo([before.centre[0] + off[0] / before.k - off[0] / now.k, before.centre[1] + off[1] / before.k - off[1] / now.k]);
  }

  reset(): void {
    this.zoom = 1;
    this.moved = false;
    this.centre = fit(home, 0, 0, 1, 1).centre;
    this.changed();
  }

  /** Shows a box of [west, south, east, north], with some room around it. */
  frame([west, south, east, north]: [number, number, number, number]): void {
    const box = fit({ west, south, east, north }, 0, 0, this.width * 0.8, this.height * 0.8);
    const whole = fit(home, 0, 0, this.width, this.height);
    this.zoom = Math.min(Math.max(box.k / whole.k, 0.4), maxZoom / 2);
    this.moveTo(box.centre);
  }

  moveTo(centre: Point): void {
    const a = world(-74.26, 40.93);
    const b = world(-73.69, 40.49);
    this.moved = true;
    this.centre = [Math.min(Math.max(centre[0], a[0]), b[0]), Math.min(Math.max(centre[1], a[1]), b[1])];
    this.changed();
  }

  main(): View {
    return { ...fit(home, 0, 0, this.width, this.height, this.zoom), centre: this.centre };
  }

  /** Nearer than the first view. */
  get near(): boolean {
    return this.zoom > 1.05;
  }

  inset(): View | undefined {
    if (this.moved) return undefined;
    const width = Math.round(Math.min(Math.min(this.width, this.height) * cornerShare * 1.2, cornerMost));
    const height = Math.round(width * 0.8);
    return fit(corner, this.width - width - 8, this.height - height - 8, width, height);
  }

  views(): View[] {
    return [this.main(), this.inset()].filter((v) => v !== undefined);
  }

  inside([x, y]: Point): boolean {
    return x >= 0 && y >= 0 && x <= this.width && y <= this.height;
  }
}

/** Where a place in the world is in a view, in CSS pixels of the canvas. */
export const on = (v: View, c: Point): Point => [(c[0] - v.centre[0]) * v.k + v.x + v.width / 2, (c[1] - v.centre[1]) * v.k + v.y + v.height / 2];

/** The place in the world that is at a pixel. */
export const under = (v: View, [x, y]: Point): Point => [(x - v.x - v.width / 2) / v.k + v.centre[0], (y - v.y - v.height / 2) / v.k + v.centre[1]];

export const within = (v: View, p: Point): boolean => p[0] >= v.x && p[0] <= v.x + v.width && p[1] >= v.y && p[1] <= v.y + v.height;

/** Confines a context to a view and lets it draw in world units. */
export function enter(g: CanvasRenderingContext2D, v: View, ratio: number): void {
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.beginPath();
  g.rect(v.x, v.y, v.width, v.height);
  g.clip();
  g.translate(v.x + v.width / 2, v.y + v.height / 2);
  g.scale(v.k, v.k);
  g.translate(-v.centre[0], -v.centre[1]);
}
