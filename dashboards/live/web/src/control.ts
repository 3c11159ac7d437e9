// What a person chooses beside the time and the cell: a neighbourhood, a borough, the map's colours, the list.

import type { Chosen } from "./address";
import { boroughName } from "./borough";
import type { HexMap } from "./hexmap";
import type { Model } from "./model";
import { byId } from "./page";
import { setUpSearch, type Found } from "./search";
import type { Zone } from "./zones";

export class Control {
  private readonly boroughs: string[];

  /** changed is told of each choice. */
  constructor(
    private readonly model: Model,
    private readonly zones: Zone[],
    private readonly map: HexMap,
    private readonly chosen: Chosen,
    private readonly changed: () => void,
  ) {
    this.boroughs = boroughsOf(zones);
    const select = byId("borough", HTMLSelectElement);
    for (const b of this.boroughs) select.append(new Option(boroughName(b).replace(/^the/, "The"), b));
    select.addEventListener("change", () => this.setBorough(select.value || undefined));
    for (const usual of [false, true]) byId(usual ? "colours-usual" : "colours-pickups").addEventListener("click", () => this.set({ usual }));
    for (const list of ["cells", "zones"] as const) byId(`list-${list}`).addEventListener("click", () => this.set({ list }));
    byId("zone-close").addEventListener("click", () => this.set({ zone: undefined }));
    setUpSearch(model, zones, (f) => this.goTo(f));
  }

  /** The chosen neighbourhood. */
  get zone(): Zone | undefined {
    return this.zones.find((z) => z.id === this.chosen.zone);
  }

  /** Chooses a neighbourhood and frames it; the chosen one again lets go of it. */
  pickZone(id: number): void {
    if (id === this.chosen.zone) return this.set({ zone: undefined });
    Object.assign(this.chosen, { zone: id, cell: undefined });
    this.frame();
    this.changed();
  }

  /** Shows what an address names. */
  frame(): void {
    const zone = this.zone;
    if (zone) this.map.frame(zone.box);
    else if (this.chosen.borough) this.map.frame(union(this.zones.filter((z) => z.borough === this.chosen.borough)));
  }

  /** Marks what is chosen on the buttons, and the neighbourhood on the map. */
  draw(): void {
    const { usual, borough } = this.chosen;
    byId("colours-usual").setAttribute("aria-pressed", String(usual));
    byId("colours-pickups").setAttribute("aria-pressed", String(!usual));
    byId("borough", HTMLSelectElement).value = borough ?? "";
    const inIt = borough ? ` in ${boroughName(borough)}` : "";
    byId("map-title").textContent = `Pickups${inIt}`;
    byId("demand-title").textContent = `Where demand is highest${inIt}`;
    this.map.outline(this.zone);
  }

  private set(part: Partial<Chosen>): void {
    Object.assign(this.chosen, part);
    this.changed();
  }

  private setBorough(borough: string | undefined): void {
    const outside = borough !== undefined && this.zone !== undefined && this.zone.borough !== borough;
    Object.assign(this.chosen, { borough, zone: outside ? undefined : this.chosen.zone });
    if (borough) this.map.frame(union(this.zones.filter((z) => z.borough === borough)));
    else this.map.reset();
    this.changed();
  }

  /** Frames and chooses what was searched for. A borough filter that would hide it is lifted. */
  private goTo(f: Found): void {
    if ("borough" in f) return this.setBorough(f.borough);
    const cell = "cell" in f ? this.model.numberOf(f.cell) : -1;
    const zone = "zone" in f ? f.zone : this.model.cells[cell]?.zone;
    if (zone?.borough !== this.chosen.borough) this.chosen.borough = undefined;
    if ("zone" in f) Object.assign(this.chosen, { zone: f.zone.id, cell: undefined });
    else Object.assign(this.chosen, { cell: f.cell, zone: undefined });
    if ("zone" in f) this.frame();
    else if (cell >= 0) this.map.frameCell(cell);
    this.changed();
  }
}

export const boroughsOf = (zones: Zone[]): string[] => [...new Set(zones.map((z) => z.borough))].sort();

function union(zones: Zone[]): Zone["box"] {
  const box: Zone["box"] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const z of zones) {
    for (const i of [0, 1] as const) box[i] = Math.min(box[i], z.box[i]);
    for (const i of [2, 3] as const) box[i] = Math.max(box[i], z.box[i]);
  }
  return box;
}
