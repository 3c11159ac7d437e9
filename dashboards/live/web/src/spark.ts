// A small line of a quarter of an hour: from 0, its last point dotted, missing where nothing is known, with what happened
// marked. The pointer, or the arrow keys, say the figure of a moment.

import { historySpan, type History, type HistoryMark } from "./history";
import { escape, setHTML } from "./page";
import * as text from "./text";

const width = 120;
const height = 32;
const near = 10_000; // ms within which a mark belongs to a moment

export class Spark {
  readonly element = document.createElement("div");
  private readonly line = document.createElement("div");
  private readonly tip = document.createElement("p");
  private points: [at: number, value: number][] = [];
  private marks: HistoryMark[] = [];
  private end = 0;
  private top = 1;
  private shown: number | undefined; // the moment that is pointed at
  private drawn = "";

  constructor(
    name: string,
    private readonly figure: 1 | 2 | 3 | 4,
    private readonly say: (n: number) => string,
  ) {
    const e = this.element;
    e.className = "spark";
    e.tabIndex = 0;
    e.setAttribute("role", "slider");
    e.setAttribute("aria-label", `${name}, the last quarter of an hour`);
    this.tip.className = "at";
    this.tip.hidden = true;
    e.append(this.line, this.tip);
    e.addEventListener("pointermove", (event) => this.point(this.end - (1 - event.offsetX / width) * historySpan));
    e.addEventListener("pointerleave", () => this.leave());
    e.addEventListener("focus", () => this.point(this.end));
    e.addEventListener("blur", () => this.leave());
    e.addEventListener("keydown", (event) => this.key(event));
    this.speak();
  }

  /** Draws a history; lastFailed: the newest checkpoint is one that failed. */
  draw(history: History, lastFailed: boolean): void {
    const key = `${history.version} ${lastFailed}`;
    if (key === this.drawn) return;
    this.drawn = key;
    this.end = history.end();
    const stretches = history.stretches(this.figure);
    this.points = stretches.flat();
    this.top = Math.max(...this.points.map((p) => p[1]), 1e-9);
    // A failed checkpoint is one of the checkpoints' line; what changes the pipeline is one of all.
    this.marks = history.marks.filter((m) => m[1] !== "checkpoint" || this.figure === 4);
    const lines = stretches.map((points) => {
      const path = points.map((p) => `${this.x(p[0])} ${this.y(p[1])}`).join("L");
      return `<path class="area" d="M${this.x(points[0]![0])} ${height}L${path}L${this.x(points[points.length - 1]![0])} ${height}z"/><path class="line" d="M${path}"/>`;
    });
    const newest = this.points[this.points.length - 1];
    const dot = newest ? `<circle cx="${this.x(newest[0])}" cy="${this.y(newest[1])}" r="2.5"/>` : "";
    const failed = this.marks.filter((m) => m[1] === "checkpoint");
    const marks = this.marks.map((m) => {
      const kind = m[1] !== "checkpoint" ? "" : lastFailed && m === failed[failed.length - 1] ? " dead" : " failed";
      const x = this.x(m[0]);
      return `<g class="event${kind}"><path class="dashed" d="M${x} -2V${height}"/><path class="head" d="M${x - 3.5} -8h7l-3.5 6z"/></g>`;
    });
    setHTML(this.line, `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-hidden="true"><path class="axis" d="M0 ${height - 0.5}H${width}"/>${lines.join("")}${marks.join("")}${dot}<g class="here"></g></svg>`);
    this.element.toggleAttribute("data-empty", this.points.length === 0);
    if (this.shown !== undefined) this.point(this.shown);
    this.speak();
  }

  private x = (at: number): number => Math.round((1 - (this.end - at) / historySpan) * width * 10) / 10;
  private y = (value: number): number => Math.round((height - 1 - (value / this.top) * (height - 3)) * 10) / 10;

  /** The point next to a moment. */
  private nearest(at: number): [number, number] | undefined {
    let best: [number, number] | undefined;
    for (const p of this.points) if (!best || Math.abs(p[0] - at) < Math.abs(best[0] - at)) best = p;
    return best;
  }

  private words(p: [number, number] | undefined): string {
    if (!p) return "not known yet";
    const events = this.marks.filter((m) => Math.abs(m[0] - p[0]) < near).map((m) => `, ${m[2]}`);
    return `${text.secondsNY(p[0])} · ${this.say(p[1])}${events.join("")}`;
  }

  private point(at: number): void {
    const p = this.nearest(at);
    this.shown = p?.[0];
    this.tip.hidden = !p;
    setHTML(this.tip, escape(this.words(p)));
    const here = this.line.querySelector(".here");
    if (here) here.innerHTML = p ? `<path class="axis" d="M${this.x(p[0])} 0V${height}"/><circle cx="${this.x(p[0])}" cy="${this.y(p[1])}" r="3"/>` : "";
    this.speak();
  }

  private leave(): void {
    if (document.activeElement === this.element && this.element.matches(":focus-visible")) return this.point(this.end);
    this.shown = undefined;
    this.tip.hidden = true;
    const here = this.line.querySelector(".here");
    if (here) here.innerHTML = "";
  }

  private key(event: KeyboardEvent): void {
    const i = this.points.findIndex((p) => p[0] === this.shown);
    const last = this.points.length - 1;
    const to = { ArrowLeft: i - 1, ArrowDown: i - 1, ArrowRight: i + 1, ArrowUp: i + 1, Home: 0, End: last }[event.key];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    this.point(this.points[Math.min(Math.max(to, 0), last)]![0]);
  }

  /** What a screen reader says of it. */
  private speak(): void {
    const i = Math.max(this.points.findIndex((p) => p[0] === this.shown), 0);
    const p = this.shown === undefined ? this.points[this.points.length - 1] : this.points[i];
    const e = this.element;
    e.setAttribute("aria-valuemin", "0");
    e.setAttribute("aria-valuemax", String(Math.max(this.points.length - 1, 0)));
    e.setAttribute("aria-valuenow", String(p ? this.points.indexOf(p) : 0));
    e.setAttribute("aria-valuetext", this.words(p));
  }
}
