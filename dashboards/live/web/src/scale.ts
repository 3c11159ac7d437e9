// Counts as colours and sizes: six classes that never move with the data, light to
// dark on paper and dark to light on black, so that a colour means the same at
// 02:30 and at 18:00. Each class is larger, too: colour does not speak alone.
// The palest class has 3:1 and more against land, parks and water.

import { forced, systemColour } from "./colours";

const dark = ["#4F74C8", "#3A97C4", "#35B3B0", "#57CB93", "#B3DF66", "#FFF0A0"];
const light = ["#23907C", "#1B7BA8", "#2B5BA8", "#463A98", "#591C6E", "#260A2C"];
const sizes = [0.66, 0.74, 0.82, 0.9, 0.96, 1]; // of the cell

export const classes = 6;
const steps = 32; // colours between two neighbouring classes, for changes in between

// Edges for ten minutes at resolution 9, the processor's defaults.
const usual = [2, 5, 10, 20, 40, 80];
const usualLength = 600_000; // ms
const usualResolution = 9;

export class Scale {
  /** The least count of each class. */
  readonly from: number[];

  /** For windows of a length in ms and cells of a resolution: both come from the configuration, never from the counts. */
  constructor(length = usualLength, resolution = usualResolution) {
    const factor = (length / usualLength) * 7 ** (usualResolution - resolution);
    this.from = [];
    for (const edge of usual) this.from.push(Math.max(round(edge * factor), (this.from[this.from.length - 1] ?? 0) + 1));
  }

  /** 0 to 5. What is below the first class belongs to it. */
  classOf(count: number): number {
    let c = 0;
    while (c + 1 < classes && count >= this.from[c + 1]!) c++;
    return c;
  }

  same(other: Scale): boolean {
    return this.from.every((f, i) => f === other.from[i]);
  }

  label(c: number): string {
    const low = this.from[c]!.toLocaleString("en-US");
    const high = this.from[c + 1];
    if (high === undefined) return `${low} and more`;
    return high - 1 === this.from[c] ? low : `${low}–${(high - 1).toLocaleString("en-US")}`;
  }
}

/** To one significant digit, or to a half of one: 2, 5, 10, 15, 20, 300. */
function round(n: number): number {
  if (n < 10) return Math.round(n);
  const unit = 10 ** Math.floor(Math.log10(n)) / 2;
  return Math.round(n / unit) * unit;
}

/** The H3 resolution in a cell's id. */
export const resolutionOf = (id: string): number => parseInt(id.padStart(16, "0").slice(2, 3), 16);

/** The colours of all positions from class 0 to the last, in steps of 1/32. */
export function ramp(isDark: boolean): string[] {
  if (forced.matches) return new Array<string>((classes - 1) * steps + 1).fill(systemColour("CanvasText"));
  const stops = (isDark ? dark : light).map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  const out: string[] = [];
  for (let i = 0; i <= (classes - 1) * steps; i++) {
    const at = Math.min(Math.floor(i / steps), classes - 2);
    const part = i / steps - at;
    const mixed = stops[at]!.map((v, k) => Math.round(v + (stops[at + 1]![k]! - v) * part));
    out.push(`rgb(${mixed.join(" ")})`);
  }
  return out;
}

/** The place in a ramp of a position between classes, 0 to 5. */
export const rampIndex = (position: number): number => Math.round(position * steps);

/** The part of the cell that a hexagon fills at a place in a ramp. */
export function sizeAt(index: number): number {
  const at = Math.min(Math.floor(index / steps), classes - 2);
  return sizes[at]! + (sizes[at + 1]! - sizes[at]!) * (index / steps - at);
}
