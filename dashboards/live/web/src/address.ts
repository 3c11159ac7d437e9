// The address holds what was chosen, so that a view can be shared: time, cell, neighbourhood, colours, borough, list.

export interface Chosen {
  start: number | undefined; // of the window; undefined: the newest
  cell: string | undefined;
  zone: number | undefined; // its number
  usual: boolean; // the map's colours are against what is usual
  borough: string | undefined; // undefined: all
  list: "cells" | "zones";
}

export function read(boroughs: string[]): Chosen {
  const q = new URLSearchParams(location.hash.slice(1));
  const t = Date.parse(q.get("t") ?? "");
  const cell = q.get("cell") ?? "";
  const zone = q.get("zone") ?? "";
  const borough = q.get("borough")?.toLowerCase();
  return {
    start: Number.isNaN(t) ? undefined : t,
    cell: /^[0-9a-f]{1,16}$/.test(cell) ? cell : undefined,
    zone: /^[0-9]{1,4}$/.test(zone) ? Number(zone) : undefined,
    usual: q.get("colours") === "usual",
    borough: boroughs.find((b) => b.toLowerCase() === borough),
    list: q.get("list") === "neighbourhoods" ? "zones" : "cells",
  };
}

export function write(c: Chosen): void {
  const parts: string[] = [];
  if (c.start !== undefined) parts.push(`t=${new Date(c.start).toISOString().replace(/:00\.000Z$/, "Z")}`);
  if (c.cell) parts.push(`cell=${c.cell}`);
  if (c.zone !== undefined) parts.push(`zone=${c.zone}`);
  if (c.usual) parts.push("colours=usual");
  if (c.borough) parts.push(`borough=${encodeURIComponent(c.borough)}`);
  if (c.list === "zones") parts.push("list=neighbourhoods");
  const hash = parts.length ? `#${parts.join("&")}` : "";
  if (hash !== location.hash) history.replaceState(null, "", hash || location.pathname + location.search);
}
