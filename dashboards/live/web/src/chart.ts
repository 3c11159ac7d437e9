// The ride to one airport over the last day: the mean of all trips as a line, the
// middle 80 % of the trips by their cells' means as a band.

import uPlot from "uplot";
import { coloursOf } from "./colours";
import type { Hour } from "./model";
import { count, dateNY, decimal, spanNY, timeNY } from "./text";

const day = 24 * 3_600_000;
const shortest = 6 * 3_600_000; // of the time axis, while there is less than a day

export class RideChart {
  private plot: uPlot | undefined;
  private hours: Hour[] = [];
  private range: [number, number] = [0, 1];
  private top = 60;
  private key = "";
  private mark: number | undefined;
  private readonly tip = document.createElement("p");

  constructor(
    private readonly host: HTMLElement,
    private readonly series: "jfk" | "lga",
    private readonly onTime: (ms: number) => void,
  ) {
    this.tip.className = "at";
    this.tip.hidden = true;
    host.append(this.tip);
    new ResizeObserver(() => {
      if (this.plot && host.clientWidth > 0) this.plot.setSize(this.size());
    }).observe(host);
  }

  /** Draws the hours up to the newest one; top is the greatest minute of all charts, so that they compare; mark is the time that is looked back at. */
  show(hours: Hour[], edge: number, top: number, mark: number | undefined): void {
    this.mark = mark;
    this.hours = hours;
    this.top = top;
    this.range = [Math.max(edge - day, Math.min(hours[0]?.start ?? edge, edge - shortest)), edge];
    const key = JSON.stringify([hours[0]?.start, hours.length, hours[hours.length - 1], edge, top, mark]);
    if (key === this.key) return;
    this.key = key;
    const data: uPlot.AlignedData = [
      hours.map((h) => (h.start + h.end) / 2000),
      hours.map((h) => h.high),
      hours.map((h) => h.low),
      hours.map((h) => h.mean),
    ];
    if (!this.plot) this.plot = new uPlot(this.options(), data, this.host);
    else this.plot.setData(data);
  }

  /** Makes it anew, in the colours of the scheme. */
  restyle(): void {
    this.plot?.destroy();
    this.plot = undefined;
    this.key = "";
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

  /** The figures of the hour at the pointer. */
  private point(u: uPlot): void {
    const h = (u.cursor.left ?? -1) < 0 ? undefined : this.hours[u.cursor.idx ?? -1];
    this.tip.hidden = !h;
    if (!h) return;
    this.tip.textContent = `${spanNY(h.start, h.end)} · ${decimal(h.mean)} min · ${count(h.trips, "trip")}`;
    const left = u.cursor.left! + u.bbox.left / devicePixelRatio;
    this.tip.style.left = `${Math.round(Math.max(Math.min(left - this.tip.offsetWidth / 2, this.host.clientWidth - this.tip.offsetWidth), 0))}px`;
  }

  private options(): uPlot.Options {
    const colour = coloursOf(this.host);
    const ink = colour("--muted");
    const grid = { stroke: colour("--rule"), width: 1 };
    const font = "12px system-ui, sans-serif";
    const line = colour(`--${this.series}`);
    const none = { stroke: colour(`--${this.series}-edge`) || "transparent", width: 0.5, points: { show: false } };
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
        { stroke: ink, font, grid, ticks: { show: false }, size: 34, space: 26, values: (_, ticks) => ticks.map((t) => String(t)) },
      ],
      bands: [{ series: [1, 2], fill: colour(`--${this.series}-band`) }],
      series: [
        {},
        none,
        none,
        { stroke: line, width: 2.5, points: { show: (_, __, from, to) => to - from < 6, size: 6, fill: line } },
      ],
      hooks: {
        draw: [(u) => this.drawMark(u, colour("--panel"), colour("--past"))],
        setCursor: [(u) => this.point(u)],
        ready: [(u) => u.over.addEventListener("click", () => {
          const h = this.hours[u.cursor.idx ?? -1];
          if (h) this.onTime(h.start);
        })],
      },
    };
  }
}

/** An hour in a sentence. */
export function describe(name: string, h: Hour): string {
  return `${name}, hour from ${dateNY(h.start)} ${timeNY(h.start)} New York: ${decimal(h.mean)} minutes on average over ${h.trips} trips; cells from ${decimal(h.low)} to ${decimal(h.high)} minutes.`;
}
