// What lies under the hexagons: land, water and zones, drawn once a view, and their names.

import { BaseMap, type Colours } from "./basemap";
import { enter, type View } from "./camera";
import type { Box, Placed } from "./names";
import type { Zone } from "./zones";

const font = 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif';

export class Ground {
  readonly image = document.createElement("canvas");
  names: Placed[][] = []; // by view
  private readonly base: BaseMap;
  private colours!: Colours;
  private fontSize = 14;
  private key = ""; // of what image shows

  constructor(zones: Zone[]) {
    this.base = new BaseMap(zones);
  }

  /** Takes the page's colours and font size, with which all is drawn anew. */
  restyle(colours: Colours, fontSize: number): void {
    this.colours = colours;
    this.fontSize = fontSize;
    this.key = "";
  }

  /** Draws what lies under the hexagons, unless it is as it was; gives whether it did. */
  draw(canvas: HTMLCanvasElement, views: View[], ratio: number, height: number, over: Box[] = []): boolean {
    const key = JSON.stringify([canvas.width, canvas.height, views]);
    if (key === this.key) return false;
    this.key = key;
    this.image.width = canvas.width;
    this.image.height = canvas.height;
    const g = this.image.getContext("2d")!;
    for (const v of views) {
      g.save();
      g.setTransform(ratio, 0, 0, ratio, 0, 0);
      g.fillStyle = this.colours.water;
      g.fillRect(v.x, v.y, v.width, v.height);
      enter(g, v, ratio);
      this.base.draw(g, v.k, this.colours);
      g.restore();
    }
    const scaleBox = { left: 0, right: 150, top: height - 40, bottom: height };
    const corner = views.slice(1).map((v) => ({ left: v.x, right: v.x + v.width, top: v.y, bottom: v.y + v.height }));
    this.names = views.map((v, i) => this.base.place(g, v, font, this.nameSize(), i === 0 ? [scaleBox, ...corner, ...over] : []));
    const inset = views[1];
    if (!inset) return true;
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.strokeStyle = this.colours.shore;
    g.lineWidth = 1.5;
    g.strokeRect(inset.x, inset.y, inset.width, inset.height);
    return true;
  }

  /** Writes a view's names over what is drawn there. */
  drawNames(g: CanvasRenderingContext2D, view: number): void {
    this.base.drawNames(g, this.names[view] ?? [], this.colours, font, this.nameSize());
  }

  /** Names are 12 px and grow with the page's font. */
  private nameSize(): number {
    return Math.max(12, this.fontSize * 0.8);
  }
}
