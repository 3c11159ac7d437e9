// Counts as colours: seven classes on a logarithmic scale, light to dark on paper
// and dark to light on black, in hues that colour-blind people can tell apart
// (viridis; ColorBrewer's YlGnBu).

const dark = ["#414487", "#355f8d", "#2a788e", "#1f968b", "#35b779", "#90d743", "#fde725"];
const light = ["#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#253494", "#081d58"];

export const classes = 7;
const steps = 32; // colours between two neighbouring classes, for changes in between

export class Scale {
  /** The least count of each class. */
  readonly from: number[];

  /** top is the greatest count of the day. It is doubled up to a power of two, so that the scale seldom moves. */
  constructor(top: number) {
    const ceiling = 2 ** Math.ceil(Math.log2(Math.max(top, 14)));
    this.from = [];
    for (let i = 0; i < classes; i++) {
      const edge = Math.round(2 * (ceiling / 2) ** (i / classes));
      this.from.push(Math.max(edge, (this.from[i - 1] ?? 0) + 1));
    }
    this.from[0] = 1;
  }

  /** 0 to 6. */
  classOf(count: number): number {
    let c = 0;
    while (c + 1 < classes && count >= this.from[c + 1]!) c++;
    return c;
  }

  same(other: Scale): boolean {
    return this.from.every((f, i) => f === other.from[i]);
  }

  label(c: number): string {
    if (c === 0) return `up to ${(this.from[1]! - 1).toLocaleString("en-US")}`;
    const low = this.from[c]!.toLocaleString("en-US");
    const high = this.from[c + 1];
    if (high === undefined) return `${low} and more`;
    return high - 1 === this.from[c] ? low : `${low}–${(high - 1).toLocaleString("en-US")}`;
  }
}

/** The colours of all positions from class 0 to the last, in steps of 1/32. */
export function ramp(isDark: boolean): string[] {
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

/** The place in a ramp of a position between classes, 0 to 6. */
export const rampIndex = (position: number): number => Math.round(position * steps);
