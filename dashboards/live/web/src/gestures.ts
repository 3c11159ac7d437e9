import type { Point } from "./basemap";
import type { Camera } from "./camera";

/** What gestures on a canvas bring about. */
export interface Gestures {
  camera: Camera;
  at(x: number, y: number, reach?: number): number | undefined; // the cell there, or the nearest within reach pixels
  hover(cell: number | undefined, at: Point): void;
  pick(cell: number | undefined): void;
  plainWheel(): void;
}

const tapReach = 22; // px: a finger is not a pointer

/** Moves, pinches, picks and zooms by mouse, fingers and wheel. */
export function gestures(canvas: HTMLCanvasElement, map: Gestures): void {
  const down = new Map<number, Point>();
  let moved = 0;
  const spread = () => {
    const [a, b] = [...down.values()];
    return Math.hypot(a![0] - b![0], a![1] - b![1]);
  };
  const middle = (): Point => {
    const [a, b] = [...down.values()];
    return [(a![0] + b![0]) / 2, (a![1] + b![1]) / 2];
  };
  const shift = (from: Point, to: Point): void => {
    const { k } = map.camera.main();
    map.camera.moveTo([map.camera.centre[0] - (to[0] - from[0]) / k, map.camera.centre[1] - (to[1] - from[1]) / k]);
  };
  const here = (e: MouseEvent): Point => {
    const box = canvas.getBoundingClientRect();
    return [e.clientX - box.left, e.clientY - box.top];
  };
  canvas.addEventListener("pointerdown", (e) => {
    down.set(e.pointerId, here(e));
    moved = 0;
  });
  canvas.addEventListener("pointermove", (e) => {
    const at = here(e);
    const last = down.get(e.pointerId);
    if (!last) return map.hover(map.at(at[0], at[1]), at);
    const before = down.size === 2 ? { spread: spread(), middle: middle() } : undefined;
    down.set(e.pointerId, at);
    moved += Math.hypot(at[0] - last[0], at[1] - last[1]);
    if (before) {
      const now = middle();
      shift(before.middle, now);
      map.camera.zoomBy(spread() / Math.max(before.spread, 1), now);
    } else if (down.size === 1 && moved > 4 && (e.pointerType === "mouse" || map.camera.near)) {
      canvas.setPointerCapture(e.pointerId);
      shift(last, at);
    }
  });
  canvas.addEventListener("pointerup", (e) => {
    if (down.delete(e.pointerId) && moved <= 6 && down.size === 0) {
      const at = here(e);
      map.pick(map.at(at[0], at[1], e.pointerType === "mouse" ? undefined : tapReach));
    }
  });
  for (const end of ["pointercancel", "pointerleave"] as const) {
    canvas.addEventListener(end, (e) => {
      down.delete(e.pointerId);
      map.hover(undefined, [0, 0]);
    });
  }
  canvas.addEventListener("touchstart", (e) => {
    if (e.touches.length > 1) e.preventDefault(); // two fingers are the map's
  }, { passive: false });
  canvas.addEventListener("dblclick", (e) => map.camera.zoomBy(1.8, here(e)));
  canvas.addEventListener("wheel", (e) => {
    // A plain wheel scrolls the page, unless the map was chosen first.
    if (!e.ctrlKey && !e.metaKey && document.activeElement !== canvas) return map.plainWheel();
    e.preventDefault();
    map.camera.zoomBy(Math.exp(-e.deltaY / 300), here(e));
  }, { passive: false });
}
