// Keeps what was chosen in sight: a sheet from below covers a part of the map.

import { world } from "./basemap";
import { on, type Camera } from "./camera";
import type { Cell } from "./model";

const margin = 30; // px about a cell

/** Moves the map so that a cell is in the middle of what a panel leaves free of it, if it is not in that part. */
export function reveal(canvas: HTMLElement, camera: Camera, cell: Cell, panel: HTMLElement): void {
  const map = canvas.getBoundingClientRect();
  const cover = panel.getBoundingClientRect();
  const free = Math.min(Math.max(cover.top - map.top, 0), map.height);
  if (free < 4 * margin || cover.right <= map.left || cover.left >= map.right) return;
  const at = world(cell.centre[0], cell.centre[1]);
  const main = camera.main();
  const [x, y] = on(main, at);
  const seen = x > margin && x < map.width - margin && y > margin && y < free - margin;
  if (!seen) camera.moveTo([at[0], at[1] - (free / 2 - map.height / 2) / main.k]);
}
