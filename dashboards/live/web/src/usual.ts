// What is usual: what a window's counts are compared with, how that is said, and its colours.

import { forced, systemColour } from "./colours";
import type { Tint } from "./hexagons";
import type { Model, Summary } from "./model";
import * as text from "./text";
import { fetchUsual } from "./wire";

export interface Usual {
  basis: "days" | "before" | "none";
  of: number; // days or windows
  by: Map<number, number>; // pickups by cell number; none: 0
  elsewhere: number; // in cells that the page does not know
  length: number; // of a window, ms
}

/** What is usual in a window; "asked": the answer is on its way; "unknown": the store does not say. */
export type Known = Usual | "asked" | "unknown";

const again = 5000; // ms until the store is asked once more
const patience = 250; // ms for which counts wait
const kept = 160; // windows; a day has 144
const fresh = 300_000; // ms for which the server gives the same answer, too

interface Entry {
  key: string;
  of: Summary;
  before: Summary | undefined;
  at: number; // performance.now() of the answer
  usual: Usual | "unknown";
}

/** Asks the server what is usual, a window at a time, and keeps the answers. */
export class Usuals {
  private readonly entries = new Map<number, Entry>();
  private busy = false;
  private held: { of: Summary; until: number } | undefined;
  private readonly timers = { retry: 0, look: 0 }; // 0: none

  constructor(
    private readonly model: Model,
    private readonly onAnswer: () => void,
  ) {}

  /** What is usual in a window; if it is not known here it is asked for. */
  at(w: Summary): Known {
    const e = this.entries.get(w.start);
    const current = e && e.key === this.key() && e.of === w && e.before === this.model.before(w.start);
    if (current && performance.now() - e.at < (e.usual === "unknown" ? again : fresh)) return e.usual;
    void this.ask(w);
    return current ? e.usual : "asked";
  }

  /** Whether a window's counts should wait a moment for what is usual, so that both are drawn at once. */
  holds(w: Summary): boolean {
    const now = performance.now();
    if (this.held?.of !== w) {
      this.held = { of: w, until: now + patience };
      this.later("look", patience + 10);
    }
    return now < this.held.until;
  }

  private later(what: "retry" | "look", ms: number): void {
    this.timers[what] ||= window.setTimeout(() => {
      this.timers[what] = 0;
      this.onAnswer();
    }, ms);
  }

  private key(): string {
    return `${this.model.run} ${this.model.earlier}`;
  }

  private async ask(w: Summary): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    const e: Entry = { key: this.key(), of: w, before: this.model.before(w.start), at: 0, usual: "unknown" };
    try {
      const { basis, of, cells, sums, elsewhere } = await fetchUsual(w.start);
      const by = new Map(cells.map((cell, i) => [cell, sums[i]! / of]));
      e.usual = { basis, of, by, elsewhere: of ? elsewhere / of : 0, length: w.end - w.start };
    } catch {
      this.later("retry", again + 100);
    }
    e.at = performance.now();
    this.busy = false;
    this.entries.delete(w.start);
    this.entries.set(w.start, e);
    for (const start of this.entries.keys()) {
      if (this.entries.size <= kept) break;
      this.entries.delete(start);
    }
    this.onAnswer();
  }
}

/** The figures, where there is something to compare with. */
export const comparable = (k: Known | undefined): Usual | undefined => (typeof k === "object" && k.basis !== "none" ? k : undefined);

/** A count against what is usual: "▲ 28 %". Against nothing there is no percentage. */
export function against(count: number, usual: number): string {
  if (usual === 0) return count === 0 ? "as usual" : "▲ from 0";
  const percent = Math.round((count / usual - 1) * 100);
  if (percent === 0) return "as usual";
  return percent > 0 ? `▲ ${text.number(percent)} %` : `▼ ${text.number(-percent)} %`;
}

/** A mean of counts: small ones with a tenth. */
export const mean = (n: number): string => (n < 10 && n % 1 !== 0 ? text.decimal(n) : text.number(n));

/** What is compared with: "mean of the hour before". */
export function basisWords(u: Usual): string {
  if (u.basis === "days") return u.of === 1 ? `the same ${text.length(u.length)} of the other day in the store` : `mean of the same ${text.length(u.length)} of ${text.number(u.of)} other days in the store`;
  const span = u.of * u.length;
  return span === 3_600_000 ? "mean of the hour before" : u.of === 1 ? `the ${text.length(u.length)} before` : `mean of ${text.number(u.of)} windows of the hour before`;
}

/** The sentence under the list. */
export function usualWords(k: Known | undefined): string {
  if (k === undefined || k === "asked") return "";
  if (k === "unknown") return "What is usual is not known: the results store does not answer.";
  if (k.basis === "none") return "Nothing to compare with: the store holds no other day and nothing of the hour before.";
  return `Usual: ${basisWords(k)}${k.basis === "before" ? ", as no other day in the store has this time" : ""}.`;
}

export const names = ["far fewer", "fewer", "as usual", "more", "far more"];
const light = ["#8A4B08", "#B26E20", "#7C838A", "#3E7FB5", "#0B4A86"];
const dark = ["#FFB454", "#C98B3C", "#6E7985", "#5B9BD5", "#A8D4FF"];

export const tints = (isDark: boolean): string[] => (forced.matches ? names.map(() => systemColour("CanvasText")) : isDark ? dark : light);

/** The class of a count against what is usual, 0 to 4: by standard deviations of a count, of 4 at least under the root. */
export function tintOf(count: number, usual: number): number {
  const off = (count - usual) / Math.sqrt(Math.max(usual, 4));
  return off <= -2 ? 0 : off <= -1 ? 1 : off < 1 ? 2 : off < 2 ? 3 : 4;
}

const made = new WeakMap<Usual, Tint>();
const plain: Tint = () => 2;

/** The classes of a window's cells: the same function for the same answer. Where nothing is known all are grey. */
export function tintFor(k: Known | undefined): Tint {
  const u = comparable(k);
  if (!u) return plain;
  const tint = made.get(u) ?? ((cell, count) => tintOf(count, u.by.get(cell) ?? 0));
  made.set(u, tint);
  return tint;
}
