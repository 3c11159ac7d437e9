// The city under the hexagons: land, shores, parks, airports, bridges, and the names over them.

import { geoMercator } from "d3-geo";
import { crossings, otherLand, type Place } from "./around";
import { allNames, isPark, placeNames, type Box, type Kind, type Name, type Placed } from "./names";
import type { Zone } from "./zones";

export type Point = [x: number, y: number];

// World units: the city's box is about 1,000 wide; y grows to the south.
const mercator = geoMercator().center([-73.9, 40.72]).scale(172_000).translate([0, 0]);

export const world = (lon: number, lat: number): Point => mercator([lon, lat]) as Point;

/** The airports by zone number, named where the name hides no cell. */
const airports = new Map<number, { name: string; at: Place }>([
  [132, { name: "JFK", at: [-73.772, 40.6625] }],
  [138, { name: "LaGuardia", at: [-73.8815, 40.7645] }],
]);

/** Metres that a world unit is, in the middle of the city. */
const metresPerUnit = 28.07;

/** Metres a pixel, at k pixels per world unit. */
export const metresPerPixel = (k: number): number => metresPerUnit / k;

export interface Colours {
  water: string;
  land: string;
  other: string;
  shore: string;
  zone: string;
  park: string;
  field: string;
  bridge: string;
  name: string;
  quiet: string;
  "name-water": string;
  "name-park": string;
  halo: string;
}

/** A view in world units with its size in pixels. */
export interface Window {
  k: number; // pixels per world unit
  centre: Point;
  width: number;
  height: number;
}

export class BaseMap {
  private readonly boroughs: Path2D[];
  private readonly all = new Path2D();
  private readonly other = new Path2D();
  private readonly parks = new Path2D();
  private readonly fields = new Path2D();
  private readonly names: Name[];

  constructor(zones: Zone[]) {
    const byBorough = new Map<string, Path2D>();
    for (const z of zones) {
      const path = zonePath(z);
      const borough = byBorough.get(z.borough) ?? new Path2D();
      byBorough.set(z.borough, borough);
      borough.addPath(path);
      this.all.addPath(path);
      if (airports.has(z.id)) this.fields.addPath(path);
      else if (isPark(z)) this.parks.addPath(path);
    }
    this.boroughs = [...byBorough.values()];
    for (const ring of otherLand) {
      trace(this.other, ring);
      this.other.closePath();
    }
    this.names = allNames(zones, airports);
  }

  /** Draws with a context whose transform is the view's; k is pixels per world unit. */
  draw(g: CanvasRenderingContext2D, k: number, c: Colours): void {
    g.lineJoin = "round";
    const fill = (path: Path2D, colour: string, line: string, width: number) => {
      g.fillStyle = colour;
      g.strokeStyle = line;
      g.lineWidth = width / k;
      g.fill(path, "evenodd");
      g.stroke(path);
    };
    fill(this.other, c.other, c.shore, 1);
    // Each borough's wide line is covered by its own land but not by its
    // neighbour's, so what remains is shores and borough borders.
    for (const b of this.boroughs) {
      g.strokeStyle = c.shore;
      g.lineWidth = 2.4 / k;
      g.stroke(b);
      fill(b, c.land, c.land, 0.6);
    }
    fill(this.parks, c.park, c.park, 0.6);
    g.strokeStyle = c.zone;
    g.lineWidth = 0.75 / k;
    g.stroke(this.all);
    fill(this.fields, c.field, c.shore, 1);
    g.strokeStyle = c.bridge;
    for (const { line, tunnel } of crossings) {
      const path = new Path2D();
      trace(path, line);
      g.lineWidth = (tunnel ? 1 : 1.5) / k;
      g.setLineDash(tunnel ? [3 / k, 3 / k] : []);
      g.stroke(path);
    }
    g.setLineDash([]);
  }

  /** The names that a view has room for. They depend on the view alone, so they stand while time runs. */
  place(g: CanvasRenderingContext2D, v: Window, font: string, size: number, taken: Box[]): Placed[] {
    const on = (p: Place): Point => {
      const [x, y] = world(p[0], p[1]);
      return [(x - v.centre[0]) * v.k + v.width / 2, (y - v.centre[1]) * v.k + v.height / 2];
    };
    return placeNames(this.names, metresPerPixel(v.k), v.width, v.height, on, (n) => {
      style(g, n.kind, font, size);
      return [Math.max(...n.words.map((w) => g.measureText(w).width)), n.words.length * lineHeight * size];
    }, taken);
  }

  /** Draws names in pixels of the view's corner. */
  drawNames(g: CanvasRenderingContext2D, names: Placed[], c: Colours, font: string, size: number): void {
    g.textAlign = "center";
    g.textBaseline = "middle";
    g.lineJoin = "round";
    g.strokeStyle = c.halo;
    for (const n of names) {
      style(g, n.kind, font, size);
      g.fillStyle = n.kind === "water" ? c["name-water"] : n.kind === "park" ? c["name-park"] : n.kind === "town" || n.kind === "zone" || n.kind === "bridge" ? c.quiet : c.name;
      g.lineWidth = 3.5;
      n.words.forEach((words, i) => {
        const y = n.y + (i - (n.words.length - 1) / 2) * lineHeight * size;
        if (n.kind !== "water") g.strokeText(words, n.x, y);
        g.fillText(words, n.x, y);
      });
    }
    g.letterSpacing = "0px";
  }
}

const lineHeight = 1.15;

/** Boroughs are spaced, what is in Manhattan is bold, waters and parks lean. size is that of a common name. */
function style(g: CanvasRenderingContext2D, kind: Kind, font: string, size: number): void {
  const bold = kind === "borough" || kind === "airport" || kind === "inner";
  const px = kind === "borough" ? size * 1.08 : kind === "bridge" ? size * 0.92 : size;
  g.font = `${kind === "water" || kind === "park" ? "italic " : ""}${bold ? "700" : "400"} ${px}px ${font}`;
  g.letterSpacing = kind === "borough" ? "2.5px" : "0px";
}

/** A zone's outline in world units. */
export function zonePath(z: Zone): Path2D {
  const path = new Path2D();
  for (const ring of z.rings) {
    const points: Place[] = [];
    for (let i = 0; i < ring.length; i += 2) points.push([ring[i]!, ring[i + 1]!]);
    trace(path, points);
    path.closePath();
  }
  return path;
}

function trace(path: Path2D, points: readonly Place[]): void {
  points.forEach(([lon, lat], i) => {
    const [x, y] = world(lon, lat);
    if (i === 0) path.moveTo(x, y);
    else path.lineTo(x, y);
  });
}
