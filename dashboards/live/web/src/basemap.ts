// The city under the hexagons: land, shores, borough borders, airports, names.

import { geoMercator } from "d3-geo";
import type { Zone } from "./zones";

export type Point = [x: number, y: number];

// World units: the city's box is about 1,000 wide; y grows to the south.
const mercator = geoMercator().center([-73.9, 40.72]).scale(172_000).translate([0, 0]);

export const world = (lon: number, lat: number): Point => mercator([lon, lat]) as Point;

// Zone numbers of the airports, and where their names hide no cell.
const airports = new Map<number, { code: string; lon: number; lat: number }>([
  [132, { code: "JFK", lon: -73.772, lat: 40.6625 }],
  [138, { code: "LGA", lon: -73.8815, lat: 40.7645 }],
]);

// Where a name hides the least; Manhattan's lies in the Hudson.
const labels: [string, number, number][] = [
  ["MANHATTAN", -74.02, 40.775],
  ["BROOKLYN", -73.957, 40.664],
  ["QUEENS", -73.855, 40.728],
  ["BRONX", -73.882, 40.838],
  ["STATEN ISLAND", -74.115, 40.605],
];

export interface Colours {
  water: string;
  land: string;
  shore: string;
  zone: string;
  airport: string;
  label: string;
  halo: string;
}

export class BaseMap {
  private readonly boroughs: Path2D[];
  private readonly all = new Path2D();
  private readonly fields: { path: Path2D; code: string; at: Point }[] = [];

  constructor(zones: Zone[]) {
    const byBorough = new Map<string, Path2D>();
    for (const z of zones) {
      const path = new Path2D();
      for (const ring of z.rings) {
        for (let i = 0; i < ring.length; i += 2) {
          const [x, y] = world(ring[i]!, ring[i + 1]!);
          if (i === 0) path.moveTo(x, y);
          else path.lineTo(x, y);
        }
        path.closePath();
      }
      const borough = byBorough.get(z.borough) ?? new Path2D();
      byBorough.set(z.borough, borough);
      borough.addPath(path);
      this.all.addPath(path);
      const airport = airports.get(z.id);
      if (airport) this.fields.push({ path, code: airport.code, at: world(airport.lon, airport.lat) });
    }
    this.boroughs = [...byBorough.values()];
  }

  /** Draws with a context whose transform is the view's; k is pixels per world unit. */
  draw(g: CanvasRenderingContext2D, k: number, c: Colours): void {
    g.lineJoin = "round";
    // Each borough's wide line is covered by its own land but not by its
    // neighbour's, so what remains is shores and borough borders.
    for (const b of this.boroughs) {
      g.strokeStyle = c.shore;
      g.lineWidth = 2.4 / k;
      g.stroke(b);
      g.fillStyle = c.land;
      g.strokeStyle = c.land;
      g.lineWidth = 0.6 / k;
      g.fill(b, "evenodd");
      g.stroke(b);
    }
    g.strokeStyle = c.zone;
    g.lineWidth = 0.6 / k;
    g.stroke(this.all);
  }

  /** Airports and names, over the hexagons. edge bounds the view in world units; size is the page's font's. */
  drawNames(g: CanvasRenderingContext2D, k: number, c: Colours, font: string, size: number, edge: { left: number; right: number }): void {
    g.strokeStyle = c.airport;
    g.lineWidth = 1.6 / k;
    for (const f of this.fields) g.stroke(f.path);
    const text = (words: string, at: Point, size: number, colour: string) => {
      g.font = `600 ${size / k}px ${font}`;
      const half = g.measureText(words).width / 2;
      if (at[0] - half < edge.left || at[0] + half > edge.right) return; // half a name is none
      g.lineWidth = 3 / k;
      g.strokeStyle = c.halo;
      g.fillStyle = colour;
      g.strokeText(words, at[0], at[1]);
      g.fillText(words, at[0], at[1]);
    };
    g.textAlign = "center";
    g.textBaseline = "middle";
    for (const [words, lon, lat] of labels) text(words, world(lon, lat), size * 0.76, c.label);
    for (const f of this.fields) text(f.code, f.at, size * 0.9, c.airport);
  }
}
