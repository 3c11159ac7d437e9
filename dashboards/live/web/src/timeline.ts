// The last day of windows: a bar of pickups for each, a slider over them, play.

import { coloursOf } from "./colours";
import { drawFlag } from "./flag";
import type { Summary } from "./model";
import { dateNY, number, spanNY, spanUTC } from "./text";

const playInterval = 120; // ms a window

const thumb = 16; // px, of the slider

export class Timeline {
  playing = false;
  private windows: Summary[] = [];
  private at = -1; // index of the shown window
  private timer = 0;
  private key = "";
  private readonly tip = document.createElement("p");

  constructor(
    private readonly slider: HTMLInputElement,
    private readonly bars: HTMLCanvasElement,
    private readonly button: HTMLButtonElement,
    private readonly ready: (start: number) => boolean, // whether a window can be drawn now
    private readonly onChoose: (start: number | undefined) => void, // undefined: the newest, whatever it is
  ) {
    slider.addEventListener("input", () => {
      this.stop();
      this.choose(Number(slider.value));
    });
    button.addEventListener("click", () => (this.playing ? this.stop() : this.play()));
    new ResizeObserver(() => this.draw(true)).observe(bars);
    this.tip.className = "at";
    this.tip.hidden = true;
    const slide = bars.parentElement!;
    slide.append(this.tip);
    slide.addEventListener("pointermove", (e) => this.point(e.clientX));
    slide.addEventListener("pointerleave", () => (this.tip.hidden = true));
    slider.addEventListener("focus", () => this.keyed());
    slider.addEventListener("blur", () => (this.tip.hidden = true));
  }

  /** Shows the windows and which of them is on the map. */
  show(windows: Summary[], start: number | undefined): void {
    this.windows = windows;
    this.at = windows.findIndex((w) => w.start === start);
    const last = Math.max(windows.length - 1, 0);
    const w = windows[this.at];
    this.slider.max = String(last);
    this.slider.disabled = windows.length === 0;
    this.button.disabled = windows.length < 2;
    this.slider.value = String(Math.max(this.at, 0));
    this.slider.setAttribute("aria-valuetext", w ? `${dateNY(w.start)}, ${spanNY(w.start, w.end)} New York, ${spanUTC(w.start, w.end)} UTC, ${number(w.trips)} pickups` : "no windows yet");
    this.draw(false);
    this.keyed();
  }

  restyle(): void {
    this.draw(true);
  }

  play(): void {
    if (this.windows.length < 2) return;
    this.playing = true;
    this.label();
    if (this.at < 0 || this.at >= this.windows.length - 1) this.choose(0);
    this.timer = window.setInterval(() => {
      const next = this.windows[this.at + 1];
      if (!next) return this.stop();
      if (this.ready(next.start)) this.choose(this.at + 1);
    }, playInterval);
  }

  stop(): void {
    if (!this.playing) return;
    window.clearInterval(this.timer);
    this.playing = false;
    this.label();
  }

  /** The figures of the window at the pointer. */
  private point(clientX: number): void {
    const box = this.bars.getBoundingClientRect();
    const part = (clientX - box.left - thumb / 2) / (box.width - thumb);
    this.say(this.windows[Math.round(Math.min(Math.max(part, 0), 1) * (this.windows.length - 1))], clientX - box.left);
  }

  /** The figures of the window that the keys have reached. */
  private keyed(): void {
    if (!this.slider.matches(":focus-visible") || this.playing) return;
    const part = this.at / Math.max(this.windows.length - 1, 1);
    this.say(this.windows[this.at], thumb / 2 + part * (this.bars.clientWidth - thumb));
  }

  private say(w: Summary | undefined, x: number): void {
    this.tip.hidden = !w;
    if (!w) return;
    this.tip.textContent = `${spanNY(w.start, w.end)} · ${number(w.trips)} pickups`;
    const left = x - this.tip.offsetWidth / 2;
    this.tip.style.left = `${Math.round(Math.min(Math.max(left, 0), this.bars.clientWidth - this.tip.offsetWidth))}px`;
  }

  private label(): void {
    this.button.textContent = this.playing ? "Pause" : "Play the day";
    this.button.setAttribute("aria-pressed", String(this.playing));
  }

  private choose(index: number): void {
    const last = index >= this.windows.length - 1;
    if (last) this.stop();
    this.onChoose(last ? undefined : this.windows[index]?.start);
  }

  private draw(anyway: boolean): void {
    const newest = this.windows[this.windows.length - 1];
    const sum = this.windows.reduce((s, w) => s + (w.trips || 0), 0);
    const key = [this.windows.length, newest?.start, sum, this.at].join();
    if (!anyway && key === this.key) return;
    this.key = key;
    const ratio = Math.min(devicePixelRatio || 1, 2);
    const box = this.bars.getBoundingClientRect();
    this.bars.width = Math.max(Math.round(box.width * ratio), 1);
    this.bars.height = Math.max(Math.round(box.height * ratio), 1);
    const g = this.bars.getContext("2d")!;
    const colour = coloursOf(this.bars);
    const n = this.windows.length;
    const top = this.windows.reduce((t, w) => Math.max(t, w.trips || 0), 1);
    const inset = (thumb / 2) * ratio; // a bar lies above its place
    const step = n > 1 ? (this.bars.width - 2 * inset) / (n - 1) : 0;
    const width = Math.max(Math.min(step * 0.8, 14 * ratio), 1);
    const past = colour("--bar");
    const back = this.at >= 0 && this.at < n - 1;
    const now = colour(back ? "--past" : "--now");
    const later = colour("--bar-later");
    this.windows.forEach((w, i) => {
      const height = Math.max((w.trips / top) * this.bars.height, ratio);
      const isLater = back && i > this.at;
      g.fillStyle = i === this.at ? now : isLater ? later : past;
      const wide = isLater && later === past ? width / 3 : width; // the user's own colours have no pale one
      g.fillRect(inset + i * step - wide / 2, this.bars.height - height, wide, height);
    });
    const w = this.windows[this.at];
    drawFlag(this.bars.parentElement!, (inset + this.at * step) / ratio, w ? `${spanNY(w.start, w.end)} · ${back ? "looking back" : "now"}` : "");
  }
}
