// The chosen cell: its pickups over the day and the minutes to the airports from there.
// Over the map on a wide screen, a sheet from below on a phone.

import { airports } from "./airportspanel";
import { pickupsLook, rideLook, type Pickups } from "./chart";
import { DayChart, dayTo, type Span } from "./daychart";
import type { Counts, Model, Summary } from "./model";
import { byId, escape, setHTML } from "./page";
import { place, trend } from "./places";
import { lastHour, RidesFrom, type CellRide } from "./rides";
import { Sheet } from "./sheet";
import * as text from "./text";
import { against, comparable, mean, type Known } from "./usual";
import { fetchCell } from "./wire";

/** What the page shows besides the cell. */
export interface Shown {
  window: Summary | undefined;
  counts: Counts | undefined;
  before: Counts | undefined;
  usual: Known | undefined;
  mark: number | undefined; // the end of what is looked back at
}

const track = 120; // minutes, of the bar from the quickest to the slowest trip
const body = `
<div class="card-day"><p id="card-count"></p><div id="card-pickups" class="chart" aria-label="Pickups in this cell, by window"></div></div>
<div class="card-from"><h3>From here to the airport <span id="card-hour" class="when"></span></h3>
<div id="card-rides"></div>
<p id="card-note" class="note"></p></div>
${airports.map(([, id, name]) => `<div class="card-line"><h4 class="${id}">${name} <small>minutes over the day</small></h4><div id="card-${id}" class="chart" aria-label="Minutes to ${name} from here, by hour"></div></div>`).join("")}
<p class="note card-key">Line: mean. Band: from the quickest to the slowest trip.</p>`;

export class CellCard {
  private cell: string | undefined;
  private series: { cell: string; key: string; counts: Map<number, number> } | undefined;
  private readonly rides: RidesFrom;
  private readonly pickups: DayChart<Pickups>;
  private readonly minutes: DayChart<CellRide>[];
  private readonly sheet: Sheet;
  private least = 0;
  private said = "";
  private revealed: string | undefined;

  /** again is called when an answer has come; onTime when a time was chosen; seen when a cell's card has opened. */
  constructor(private readonly again: () => void, onTime: (span: Span) => void, close: () => void, private readonly seen: (card: HTMLElement, cell: number) => void) {
    this.rides = new RidesFrom(again);
    this.sheet = new Sheet(byId("card"), close);
    byId("card-body").innerHTML = body;
    this.pickups = new DayChart(byId("card-pickups"), pickupsLook(() => this.least), onTime);
    const more = (r: CellRide) => `${r.cells > this.own() ? ` from ${r.cells} cells` : ""}, ${text.number(r.low)}–${text.number(r.high)} min`;
    this.minutes = airports.map(([, id]) => new DayChart<CellRide>(byId(`card-${id}`), rideLook(id, 16, more), onTime));
  }

  restyle(): void {
    for (const c of [this.pickups, ...this.minutes]) c.restyle();
  }

  draw(model: Model, cell: string | undefined, shown: Shown): void {
    this.least = model.least;
    if (cell === undefined) {
      this.cell = undefined;
      this.said = "";
      this.revealed = undefined;
      setHTML(byId("card-said"), "");
      this.sheet.hide();
      return;
    }
    const other = cell !== this.cell;
    this.cell = cell;
    const at = model.numberOf(cell);
    const p = at < 0 ? { name: "A cell without pickups", borough: "" } : place(model, at);
    setHTML(byId("card-title"), p.name);
    setHTML(byId("card-where"), `${p.borough ? `${p.borough} · ` : ""}cell <code>${escape(cell)}</code>`);
    if (other) this.sheet.open(); // before the charts, which need their size
    this.drawPickups(model, cell, at, shown);
    if (model.status) this.rides.ask(model, cell);
    this.drawRides(model, shown.mark);
    this.speak();
    if (at < 0 || this.revealed === cell) return;
    this.revealed = cell; // once its place is known
    this.seen(byId("card"), at);
  }

  /** How many cells of the rides this one alone stands for. */
  private own(): number {
    return this.rides.known?.from.length ?? 1;
  }

  private drawPickups(model: Model, cell: string, at: number, { window: w, counts, before, usual, mark }: Shown): void {
    const count = counts?.of.get(at);
    const span = w ? ` <small>${text.spanNY(w.start, w.end)}</small>` : "";
    const words = at < 0 ? "No pickups are known here in the last day."
      : count === undefined ? `Fewer than ${text.count(Math.max(model.least, 1), "pickup")}${span}` : `<b>${text.number(count)}</b> ${count === 1 ? "pickup" : "pickups"}${span} <span>${trend(at, count, before)}</span>`;
    const u = comparable(usual);
    const often = u?.by.get(at) ?? 0;
    const compared = u && count !== undefined ? `<br><small>usual ${mean(often)}: ${against(count, often)}</small>` : "";
    const newest = model.newest();
    const key = `${model.run} ${newest?.start} ${newest?.trips}`;
    if (at >= 0 && (this.series?.cell !== cell || this.series.key !== key)) {
      const series = { cell, key, counts: this.series?.cell === cell ? this.series.counts : new Map<number, number>() };
      this.series = series;
      fetchCell(cell).then((answer) => {
        series.counts = new Map(answer.counts);
        if (this.series === series) this.again();
      }, () => undefined); // the link is lost, which the page says elsewhere
    }
    const known = this.series?.cell === cell ? this.series.counts : new Map<number, number>();
    let most: [number, number] | undefined;
    for (const row of known) if (!most || row[1] > most[1]) most = row;
    setHTML(byId("card-count"), `${words}${compared}${most ? `<br><small>most: ${text.number(most[1])} at ${text.timeNY(most[0])}</small>` : ""}`);
    const host = byId("card-pickups");
    host.hidden = known.size === 0;
    if (host.hidden || !newest) return;
    const rows = model.windows.map(({ start, end }) => ({ start, end, pickups: known.get(start) ?? 0 }));
    this.pickups.show(rows, dayTo(newest.end, rows[0]!.start), Math.max((most?.[1] ?? 1) * 1.1, 5), mark);
  }

  private drawRides(model: Model, mark: number | undefined): void {
    const hour = lastHour(model, mark ?? Infinity);
    byId("card-hour").textContent = hour ? text.spanNY(hour.start, hour.end) : "";
    const { known, trouble } = this.rides;
    const lines = airports.map(([code]) => known?.airports.get(code) ?? []);
    const now = lines.map((line) => line.find((r) => r.start === hour?.start && r.end === hour.end));
    setHTML(byId("card-rides"), !known ? `<p>${trouble ? `Not known: ${escape(trouble)}.` : "Reading …"}</p>`
      : !hour ? "<p>No full hour has ended yet.</p>" : airports.map(([, id, name], i) => this.ride(id, name, now[i])).join(""));
    setHTML(byId("card-note"), known && hour ? this.note(now) : "");
    const all = lines.flat();
    const edge = lastHour(model, Infinity)?.end ?? 0;
    const first = Math.min(...[...model.airports.values()].flat().map((h) => h.start), edge);
    const top = Math.min(Math.ceil(Math.max(...all.map((r) => r.high), 30) / 30) * 30, track);
    airports.forEach(([, id], i) => {
      const host = byId(`card-${id}`);
      host.hidden = lines[i]!.length === 0;
      host.parentElement!.hidden = host.hidden;
      if (!host.hidden) this.minutes[i]!.show(lines[i]!, dayTo(edge, first), top, mark);
    });
  }

  private ride(id: string, name: string, r: CellRide | undefined): string {
    if (!r) return `<div class="ride ${id}"><h4>${name}</h4><p>No trip from here or from the cells around it arrived in this hour.</p></div>`;
    const part = (minutes: number) => (Math.min(minutes, track) / track) * 100;
    const [low, middle] = [part(r.low), part(r.mean)].map((p) => `${p.toFixed(1)}%`);
    const width = `${(part(r.high) - part(r.low)).toFixed(1)}%`;
    const from = r.cells > this.own() ? ` from ${r.cells} cells` : "";
    return `<div class="ride ${id}"><h4>${name}</h4><p class="mean"><b>${text.number(r.mean)} min</b></p><p class="trips">${text.count(r.trips, "trip")}${from}</p>`
      + `<svg class="track" aria-hidden="true"><rect y="3" width="100%" height="8" rx="4"/><rect class="range" x="${low}" y="3" width="${width}" height="8" rx="4"/><circle cx="${middle}" cy="7" r="6"/></svg>`
      + `<p class="least">quickest ${text.number(r.low)}</p><p class="most">slowest ${text.number(r.high)} min</p></div>`;
  }

  /** From where the trips are, in a sentence or two. */
  private note(now: (CellRide | undefined)[]): string {
    const { from, few } = this.rides.known!;
    const wide = airports.filter((_, i) => now[i] && now[i].cells > this.own());
    const cells = now.find((r) => r && r.cells > this.own())?.cells;
    const names = wide.length === airports.length ? "Both" : wide.map((a) => a[2]).join();
    const first = wide.length ? `${names} from ${cells} cells: fewer than ${few} trips from this one alone. ` : "";
    return from.length === 1 && from[0] !== this.cell ? `${first}Rides are kept by larger cells; this one lies in <code>${escape(from[0]!)}</code>.` : first;
  }

  /** Says once what was chosen, to those who hear the page. */
  private speak(): void {
    if (this.said === this.cell || (!this.rides.known && !this.rides.trouble)) return;
    this.said = this.cell!;
    const words = (id: string) => byId(id).innerText.replace(/\s+/g, " ").trim();
    byId("card-said").textContent = `${words("card-title")}: ${words("card-count")}. From here to the airport ${words("card-hour")}: ${words("card-rides")}`;
  }
}
