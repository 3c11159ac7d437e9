// The ride from one cell to the airports: what the server answers, asked for once
// for each cell and each change of the hours.

import type { Model } from "./model";

/** Trips from a cell, or from it and those around it, to an airport in an hour; minutes. */
export interface CellRide {
  start: number;
  end: number;
  cells: number;
  trips: number;
  mean: number;
  low: number; // the quickest trip
  high: number; // the slowest trip
}

export interface CellRides {
  from: string[]; // the cells of the airport trips that the cell is or lies in
  few: number;
  airports: Map<string, CellRide[]>; // by start
}

interface Answer {
  run: string;
  from: string[];
  few: number;
  hours: [airport: string, start: number, end: number, cells: number, trips: number, sum: number, quickest: number, slowest: number][];
}

const retryAfter = 3000; // ms, of an answer that did not come

export class RidesFrom {
  /** Of the cell that was asked for last; undefined: no answer yet. */
  known: CellRides | undefined;
  /** Why there is none, a sentence. */
  trouble = "";
  private cell = "";
  private key = "";
  private retryAt = Infinity;

  constructor(private readonly onAnswer: () => void) {}

  /** Asks for what is not known of a cell by now. */
  ask(model: Model, cell: string): void {
    const key = `${model.run} ${cell} ${[...model.airports.values()].flat().reduce((n, h) => n + h.trips + h.start, 0)}`;
    if (key === this.key && Date.now() < this.retryAt) return;
    if (cell !== this.cell) this.known = undefined;
    Object.assign(this, { key, cell, retryAt: Infinity });
    if (!this.known) this.trouble = "";
    this.fetch(cell).then((answer) => {
      if (key !== this.key) return;
      this.known = answer;
      this.trouble = "";
      this.onAnswer();
    }, (e: Error) => {
      if (key !== this.key) return;
      this.trouble = e.message;
      if (!(e instanceof Refused)) this.retryAt = Date.now() + retryAfter;
      this.onAnswer();
    });
  }

  private async fetch(cell: string): Promise<CellRides> {
    const answer = await fetch(`api/cells/${cell}/rides`);
    if (answer.status === 400) throw new Refused((await answer.text()).trim());
    if (!answer.ok) throw new Error(`the processor answers with status ${answer.status}`);
    const { from, few, hours } = (await answer.json()) as Answer;
    const airports = new Map<string, CellRide[]>();
    for (const [airport, start, end, cells, trips, sum, low, high] of hours) {
      const line = airports.get(airport) ?? [];
      airports.set(airport, line);
      line.push({ start, end, cells, trips, mean: sum / trips, low, high });
    }
    return { from, few, airports };
  }
}

/** What asking again would not change. */
class Refused extends Error {}

/** The last full hour by a time, of all airports: its start and end. */
export function lastHour(model: Model, until: number): { start: number; end: number } | undefined {
  let last: { start: number; end: number } | undefined;
  for (const hours of model.airports.values()) {
    for (const h of hours) if (h.end <= until && (!last || h.end > last.end)) last = { start: h.start, end: h.end };
  }
  return last;
}
