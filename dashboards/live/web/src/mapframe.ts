// What stands over the map beside its names: the scale, and a word about the wheel.

import { byId } from "./page";

/** A round length of at most 110 pixels, at so many metres a pixel. */
export function drawScale(metres: number): void {
  const most = metres * 110;
  const unit = 10 ** Math.floor(Math.log10(most));
  const length = most >= 5 * unit ? 5 * unit : most >= 2 * unit ? 2 * unit : unit;
  byId("scale").style.width = `${Math.round(length / metres)}px`;
  byId("scale-words").textContent = length >= 1000 ? `${length / 1000} km` : `${length} m`;
}

let timer = 0;

/** A wheel without Ctrl scrolls the page; whoever meant to zoom is told how. */
export function hintAtWheel(): void {
  const hint = byId("wheel-hint");
  hint.hidden = false;
  window.clearTimeout(timer);
  timer = window.setTimeout(() => (hint.hidden = true), 2000);
}
