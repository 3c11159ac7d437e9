// "The ride to the airport": of each airport the last full hour in words and the day as a line.

import { rideLook } from "./chart";
import { DayChart, dayTo } from "./daychart";
import type { Hour, Model } from "./model";
import { byId, setHTML } from "./page";
import * as text from "./text";

export const airports = [["JFK", "jfk", "JFK"], ["LGA", "lga", "LaGuardia"]] as const;

export class AirportsPanel {
  private readonly charts: DayChart<Hour>[];

  constructor(onTime: (span: { start: number; end: number }) => void) {
    this.charts = airports.map(([, id, name]) => {
      const host = byId(id);
      host.setAttribute("aria-label", `Minutes to ${name} by hour`);
      return new DayChart<Hour>(host, rideLook(id, 26), onTime);
    });
  }

  /** Draws the last day; of a past time, which ends at mark, with the last hour that had ended by then. */
  draw(model: Model, mark: number | undefined): void {
    const all = [...model.airports.values()].flat();
    const edge = Math.max(...all.map((h) => h.end), 0);
    const first = Math.min(...all.map((h) => h.start), edge);
    const top = Math.ceil(Math.max(...all.map((h) => Math.min(h.high, h.mean * 2.2)), 30) / 10) * 10; // the same for both, so that they compare
    byId("rides-when").textContent = edge ? "last 24 hours of event time" : "";
    airports.forEach(([code, id], i) => {
      const hours = model.airports.get(code) ?? [];
      const h = hours.filter((hour) => hour.end <= (mark ?? Infinity)).pop();
      setHTML(byId(`${id}-now`), h
        ? `<b>${text.decimal(h.mean)}</b> min <small>in the hour to ${text.timeNY(h.end)}</small><br><small>${text.count(h.trips, "trip")}; middle 80 % ${text.decimal(h.low)} to ${text.decimal(h.high)} min</small>`
        : "<small>No ride has arrived yet.</small>");
      if (edge) this.charts[i]!.show(hours, dayTo(edge, first), top, mark);
    });
  }

  restyle(): void {
    for (const c of this.charts) c.restyle();
  }
}
