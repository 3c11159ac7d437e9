// The last quarter of an hour of the pipeline, as the server keeps it.

import type { Frame } from "./wire";

export const historySpan = 15 * 60_000;
/** Between two rows; where more than two are missing nothing is known. */
const longestStep = 15_000;

export type HistoryRow = [at: number, perSecond: number | null, behind: number | null, lag: number | null, checkpoint: number | null];
export type HistoryMark = [at: number, kind: "restart" | "reshard" | "checkpoint", words: string];

export class History {
  rows: HistoryRow[] = [];
  marks: HistoryMark[] = [];
  /** Grows with each change. */
  version = 0;

  take(f: Frame): void {
    const { rows = [], marks = [] } = f.history ?? {};
    if (f.since === 0) {
      // All that the server has: what an open page knows of the run before stays, up to where this one begins.
      const first = Math.min(rows[0]?.[0] ?? Infinity, marks[0]?.[0] ?? Infinity);
      this.rows = this.rows.filter((r) => r[0] < first);
      this.marks = this.marks.filter((m) => m[0] < first);
    }
    if (f.since !== 0 && rows.length + marks.length === 0) return;
    this.rows.push(...rows);
    this.marks.push(...marks);
    const oldest = this.end() - historySpan;
    this.rows = this.rows.filter((r) => r[0] >= oldest);
    this.marks = this.marks.filter((m) => m[0] >= oldest);
    this.version++;
  }

  /** When the newest row is of; 0: there is none. */
  end(): number {
    return this.rows[this.rows.length - 1]?.[0] ?? 0;
  }

  /** The stretches in which a figure is known, each of points [at, value]. */
  stretches(figure: 1 | 2 | 3 | 4): [number, number][][] {
    const all: [number, number][][] = [];
    let last = -Infinity;
    for (const row of this.rows) {
      const value = row[figure];
      if (value === null) {
        last = -Infinity;
        continue;
      }
      if (row[0] - last > longestStep) all.push([]);
      all[all.length - 1]!.push([row[0], value]);
      last = row[0];
    }
    return all;
  }
}
