// A panel over the map which on a phone is a sheet from below: half or full, by its
// button or by dragging its head; dragged down it closes. It leaves the timeline free.

import { byId } from "./page";

const phone = matchMedia("(max-width: 700px)");
const click = 6; // px: less is no drag

/**
 * Invariants: full is true only on a sheet that is open; opener is what had the focus
 * before a sheet took it, and gets it back once.
 */
export class Sheet {
  private full = false;
  private fresh = false; // opened since the last pointer went down
  private opener: Element | null = null;
  private readonly size: HTMLButtonElement;
  private readonly title: HTMLElement;

  /** close is called when a person closes it; whoever does it then calls hide. */
  constructor(private readonly host: HTMLElement, private readonly close: () => void) {
    host.innerHTML = `<div id="card-head"><button id="card-size" type="button"><span></span></button>`
      + `<div><h2 id="card-title" tabindex="-1"></h2><p id="card-where" class="when"></p></div>`
      + `<button id="card-close" type="button" aria-label="Close" title="Close"><svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 3l10 10M13 3L3 13"/></svg></button></div>`
      + `<div id="card-body" tabindex="-1"></div>`;
    this.size = byId("card-size", HTMLButtonElement);
    this.title = byId("card-title");
    byId("card-close").addEventListener("click", () => this.leave());
    this.size.addEventListener("click", () => this.setFull(!this.full));
    host.addEventListener("keydown", (e) => {
      if (e.key !== "Escape") return;
      e.preventDefault();
      this.leave();
    });
    this.draggable(byId("card-head"));
    // The finger that opened it is still there: its click would go to what is now under it.
    window.addEventListener("pointerdown", () => (this.fresh = false), true);
    window.addEventListener("touchend", (e) => this.fresh && e.cancelable && e.preventDefault(), { capture: true, passive: false });
    this.setFull(false);
  }

  /** Shows it at half its height. On a phone it takes the focus, unless the keys move over the map. */
  open(): void {
    const was = this.host.hidden;
    this.host.hidden = false;
    if (was) this.setFull(false);
    this.fresh = was && phone.matches;
    this.host.style.height = "";
    const keys = document.activeElement?.matches(":focus-visible") && document.activeElement.id === "map";
    if (!phone.matches || keys || this.host.contains(document.activeElement)) return;
    this.opener = document.activeElement === document.body ? null : document.activeElement;
    this.title.focus({ preventScroll: true });
  }

  hide(): void {
    if (this.host.hidden) return;
    const inside = this.host.contains(document.activeElement);
    this.host.hidden = true;
    this.setFull(false);
    const to = this.opener instanceof HTMLElement && this.opener.isConnected ? this.opener : byId("map");
    this.opener = null;
    if (inside) to.focus({ preventScroll: true });
  }

  private leave(): void {
    this.close();
  }

  private setFull(full: boolean): void {
    this.full = full;
    this.host.style.height = "";
    this.host.dataset.size = full ? "full" : "half";
    this.size.setAttribute("aria-expanded", String(full));
    this.size.setAttribute("aria-label", full ? "Half of the screen" : "Whole screen");
  }

  /** The head moves the sheet's upper edge; let go of, it goes to the nearest of its three places. */
  private draggable(head: HTMLElement): void {
    let from: { y: number; height: number } | undefined;
    let moved = 0;
    head.addEventListener("pointerdown", (e) => {
      if (phone.matches && e.isPrimary) from = { y: e.clientY, height: this.host.offsetHeight };
      moved = 0;
    });
    window.addEventListener("pointermove", (e) => { // it may leave the head at its first step
      if (!from || !e.isPrimary) return;
      const by = from.y - e.clientY;
      moved = Math.max(moved, Math.abs(by));
      if (moved <= click) return;
      this.host.style.height = `${Math.max(from.height + by, 0)}px`;
    });
    const end = (e: PointerEvent) => {
      if (!from || !e.isPrimary) return;
      const height = this.host.offsetHeight;
      const start = from;
      from = undefined;
      if (moved <= click) return;
      const [half, full] = this.heights();
      if (height < half / 2) this.leave();
      else this.setFull(height > (half + full) / 2 || (e.type === "pointerup" && !this.full && height - start.height > 80));
    };
    for (const type of ["pointerup", "pointercancel"] as const) window.addEventListener(type, end);
    head.addEventListener("click", (e) => {
      if (moved <= click || e.detail === 0) return; // keys drag nothing
      e.stopPropagation(); // the end of a drag is no click
      e.preventDefault();
    }, true);
  }

  /** Of the sheet as the style sheet has them: half and full. */
  private heights(): [number, number] {
    const was = this.host.style.height;
    const measure = (size: string): number => {
      this.host.style.height = "";
      this.host.dataset.size = size;
      return this.host.offsetHeight;
    };
    const both: [number, number] = [measure("half"), measure("full")];
    this.host.style.height = was;
    return both;
  }
}
