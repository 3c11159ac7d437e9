// A chart of the last day: a row for each hour or window, with its figures at the
// pointer, and by the arrow keys when it has the focus. A click or Enter goes there.

import uPlot from "uplot";
import { coloursOf } from "./colours";
import { timeNY } from "./text";

export interface Span {
  start: number;
  end: number;
}

/** What a chart draws of its rows, and what it says of one. */
export interface Look<R extends Span> {
  values(row: R): (number | null)[]; // one for each series
  series(colour: (name: string) => string): { series: uPlot.Series[]; bands?: uPlot.Band[] };
  words(row: R): string;
  lines: number; // on the value axis, in pixels apart
}

const day = 24 * 3_600_000;
const shortest = 6 * 3_600_000; // of the time axis, while there is less than a day

/** The times of a chart up to the end of what is known. */
export const dayTo = (edge: number, first: number): [number, number] => [Math.max(edge - day, Math.min(first, edge - shortest)), edge];

export class DayChart<R extends Span> {
  private plot: uPlot | undefined;
  private rows: R[] = [];
  private points: (R | undefined)[] = []; // as drawn: undefined where rows do not adjoin
  private range: [number, number] = [0, 1];
  private top = 1;
  private mark: number | undefined;
  private key = "";
  private at = -1; // the row that the keys have reached; -1: none
  private readonly tip = document.createElement("p");

  constructor(
    private readonly host: HTMLElement,
    private readonly look: Look<R>,
    private readonly onRow: (row: R) => void,
  ) {
    this.tip.className = "at";
    this.tip.hidden = true;
    host.append(this.tip);
    host.tabIndex = 0;
    host.setAttribute("role", "slider"); // whose values are the hours
    host.addEventListener("focus", () => host.matches(":focus-visible") && this.go(this.at < 0 ? this.first() : this.at));
    host.addEventListener("blur", () => this.leave());
    host.addEventListener("keydown", (e) => this.keyed(e));
    new ResizeObserver(() => {
      if (this.plot && host.clientWidth > 0) this.plot.setSize(this.size());
    }).observe(host);
    this.say();
  }

  /** Draws rows in the order of time; top is the greatest value shown; mark is the end of what is looked back at. */
  show(rows: R[], range: [number, number], top: number, mark: number | undefined): void {
    const key = JSON.stringify([rows, range, top, mark]);
    if (key === this.key) return;
    this.key = key;
    Object.assign(this, { rows, range, top, mark });
    if (this.at >= rows.length) this.at = -1;
    this.points = rows.flatMap((r, i) => (i > 0 && rows[i - 1]!.end < r.start ? [undefined, r] : [r]));
    const times = this.points.map((r, i) => (r ? (r.start + r.end) / 2000 : (this.points[i - 1]!.end + 1) / 1000));
    const values = this.points.map((r) => (r ? this.look.values(r) : []));
    const count = this.look.series(() => "").series.length;
    const data = [times, ...Array.from({ length: count }, (_, s) => values.map((v) => v[s] ?? null))] as uPlot.AlignedData;
    if (this.plot) this.plot.setData(data);
    else if (this.host.clientWidth > 0) this.plot = new uPlot(this.options(), data, this.host);
    else this.key = ""; // it cannot be seen: drawn when it can
    this.say();
    if (this.at >= 0) this.go(this.at);
  }

  /** Makes it anew, in the colours of the scheme. */
  restyle(): void {
    this.plot?.destroy();
    this.plot = undefined;
    this.key = "";
  }

  /** Where the keys begin: at the last row of what is shown. */
  private first(): number {
    const mark = this.mark ?? Infinity;
    return this.rows.filter((r) => r.end <= mark).length - 1;
  }

  private keyed(e: KeyboardEvent): void {
    const last = this.rows.length - 1;
    const from = this.at < 0 ? this.first() : this.at;
    const to = { ArrowLeft: from - 1, ArrowDown: from - 1, ArrowRight: from + 1, ArrowUp: from + 1, Home: 0, End: last }[e.key];
    if (to !== undefined) this.go(Math.min(Math.max(to, 0), last));
    else if ((e.key === "Enter" || e.key === " ") && this.rows[this.at]) this.onRow(this.rows[this.at]!);
    else return;
    e.preventDefault();
  }

  private go(row: number): void {
    this.at = row;
    const r = this.rows[row];
    if (!r || !this.plot) return;
    this.plot.setCursor({ left: this.plot.valToPos((r.start + r.end) / 2000, "x"), top: 0 });
    this.say();
  }

  private leave(): void {
    this.at = -1;
    this.plot?.setCursor({ left: -10, top: -10 });
    this.say();
  }

  /** The row in words, for those who hear the page. */
  private say(): void {
    const at = this.at < 0 ? this.first() : this.at;
    const row = this.rows[at];
    const says = { min: 0, max: Math.max(this.rows.length - 1, 0), now: Math.max(at, 0), text: row ? this.look.words(row) : "nothing yet" };
    for (const [name, value] of Object.entries(says)) this.host.setAttribute(`aria-value${name}`, String(value));
  }

  private size() {
    return { width: this.host.clientWidth, height: this.host.clientHeight };
  }

  /** The time that is looked back at; what came later is pale. */
  private drawMark(u: uPlot, panel: string, colour: string): void {
    if (this.mark === undefined) return;
    const { left, top, width, height } = u.bbox;
    const x = Math.min(Math.max(u.valToPos(this.mark / 1000, "x", true), left), left + width);
    const g = u.ctx;
    g.save();
    g.globalAlpha = 0.65;
    g.fillStyle = panel;
    g.fillRect(x, top, left + width - x + 1, height);
    g.globalAlpha = 1;
    g.fillStyle = colour;
    g.fillRect(x - devicePixelRatio, top, 2 * devicePixelRatio, height);
    g.restore();
  }

  /** The figures of the row at the pointer, or where the keys are. */
  private point(u: uPlot): void {
    const row = (u.cursor.left ?? -1) < 0 ? undefined : this.points[u.cursor.idx ?? -1];
    this.tip.hidden = !row;
    if (!row) return;
    this.tip.textContent = this.look.words(row);
    const left = u.cursor.left! + u.bbox.left / devicePixelRatio;
    this.tip.style.left = `${Math.round(Math.max(Math.min(left - this.tip.offsetWidth / 2, this.host.clientWidth - this.tip.offsetWidth), 0))}px`;
  }

  private options(): uPlot.Options {
    const colour = coloursOf(this.host);
    const ink = colour("--muted");
    const grid = { stroke: colour("--rule"), width: 1 };
    const font = "12px system-ui, sans-serif";
    const { series, bands } = this.look.series(colour);
    return {
      ...this.size(),
      padding: [8, 20, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false, points: { show: false } },
      tzDate: (s) => uPlot.tzDate(new Date(s * 1000), "America/New_York"),
      scales: {
        x: { time: true, range: () => [this.range[0] / 1000, this.range[1] / 1000] },
        y: { range: () => [0, this.top] },
      },
      axes: [
        { stroke: ink, font, grid, ticks: { show: false }, size: 26, space: 54, values: (_, ticks) => ticks.map((t) => timeNY(t * 1000)) },
        { stroke: ink, font, grid, ticks: { show: false }, size: 34, space: this.look.lines, values: (_, ticks) => ticks.map((t) => String(t)) },
      ],
      bands: bands ?? [],
      series: [{}, ...series],
      hooks: {
        draw: [(u) => this.drawMark(u, colour("--panel"), colour("--past"))],
        setCursor: [(u) => this.point(u)],
        ready: [(u) => u.over.addEventListener("click", () => {
          const row = this.points[u.cursor.idx ?? -1];
          if (row) this.onRow(row);
        })],
      },
    };
  }
}
