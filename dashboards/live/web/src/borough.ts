// The page for one borough: its counts, its windows.

import type { Counts, Model, Summary } from "./model";
import type { Usual } from "./usual";

/** Called as people call it. */
export const boroughName = (borough: string): string => (borough === "Bronx" ? "the Bronx" : borough);

/** Filters counts and windows by borough; undefined lets everything pass. */
export class BoroughFilter {
  private readonly counts = new WeakMap<Counts, { cells: number; borough: string; counts: Counts }>();
  private readonly sums = new WeakMap<Summary, Map<string, [cells: number, trips: number, top: number]>>();

  constructor(
    private readonly model: Model,
    private readonly chosen: { borough: string | undefined },
  ) {}

  has(cell: number): boolean {
    return this.chosen.borough === undefined || this.model.cells[cell]?.zone?.borough === this.chosen.borough;
  }

  /** A window's counts in the borough: the same object as long as they are the same. */
  of(counts: Counts | undefined): Counts | undefined {
    const { borough } = this.chosen;
    if (!counts || borough === undefined) return counts;
    const known = this.counts.get(counts);
    if (known?.borough === borough && known.cells === this.model.cells.length) return known.counts;
    const of = new Map([...counts.of].filter(([cell]) => this.has(cell)));
    const filtered = { ...counts, of };
    this.counts.set(counts, { cells: this.model.cells.length, borough, counts: filtered });
    return filtered;
  }

  /** The windows with the borough's figures, first of the one that is shown. What is not known yet is NaN and is asked for, some windows at a time. */
  windows(shown: Summary | undefined): Summary[] {
    const { borough } = this.chosen;
    const all = this.model.windows;
    if (borough === undefined) return all;
    let asked = shown !== undefined && !this.sums.has(shown) && !this.sum(shown);
    return all.map((w) => {
      let sums = this.sums.get(w);
      if (!sums && !asked) {
        sums = this.sum(w);
        asked = !sums;
      }
      const [cells, trips, top] = sums ? (sums.get(borough) ?? [0, 0, 0]) : [NaN, NaN, NaN];
      return { ...w, cells, trips, top };
    });
  }

  private sum(w: Summary): Map<string, [number, number, number]> | undefined {
    const counts = this.model.counts(w.start);
    if (!counts) return undefined;
    const sums = new Map<string, [number, number, number]>();
    for (const [cell, count] of counts.of) {
      if (cell >= this.model.cells.length) return undefined; // the next frame brings the cell
      const borough = this.model.cells[cell]!.zone?.borough ?? "";
      const s = sums.get(borough) ?? [0, 0, 0];
      sums.set(borough, [s[0] + 1, s[1] + count, Math.max(s[2], count)]);
    }
    this.sums.set(w, sums);
    return sums;
  }

  /** What is usual in all cells that pass. */
  usual(u: Usual): number {
    let sum = this.chosen.borough === undefined ? u.elsewhere : 0;
    for (const [cell, usual] of u.by) if (this.has(cell)) sum += usual;
    return sum;
  }
}
