// The charts' looks: the ride to an airport by hour, and the pickups of a cell by window.

import uPlot from "uplot";
import type { Look, Span } from "./daychart";
import { count, decimal, spanNY } from "./text";

/** Minutes to an airport in an hour: of all trips the mean, and the ends of a band. */
export interface Ride extends Span {
  trips: number;
  mean: number;
  low: number;
  high: number;
}

/** A line of the means over a band; says words of a row beyond its figures. */
export const rideLook = <R extends Ride>(airport: "jfk" | "lga", lines: number, more: (row: R) => string = () => ""): Look<R> => ({
  values: (r) => [r.high, r.low, r.mean],
  series: (colour) => {
    const line = colour(`--${airport}`);
    const edge = { stroke: colour(`--${airport}-edge`) || "transparent", width: 0.5, points: { show: false } };
    return {
      series: [edge, edge, { stroke: line, width: 2.5, points: { show: (_, __, from, to) => to - from < 6, size: 6, fill: line } }],
      bands: [{ series: [1, 2], fill: colour(`--${airport}-band`) }],
    };
  },
  words: (r) => `${spanNY(r.start, r.end)} · ${decimal(r.mean)} min · ${count(r.trips, "trip")}${more(r)}`,
  lines,
});

export interface Pickups extends Span {
  pickups: number; // 0: fewer than are written
}

/** Bars. */
export const pickupsLook = (fewest: () => number): Look<Pickups> => ({
  values: (r) => [r.pickups],
  series: (colour) => ({ series: [{ fill: colour("--bar"), width: 0, points: { show: false }, paths: uPlot.paths.bars!({ size: [0.8, 14] }) }] }),
  words: (r) => `${spanNY(r.start, r.end)} · ${r.pickups > 0 ? count(r.pickups, "pickup") : `fewer than ${count(Math.max(fewest(), 1), "pickup")}`}`,
  lines: 20,
});
