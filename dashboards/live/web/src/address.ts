// The address holds the chosen time and cell, so that a view can be shared.

export interface Chosen {
  start: number | undefined; // of the window; undefined: the newest
  cell: string | undefined;
}

export function read(): Chosen {
  const q = new URLSearchParams(location.hash.slice(1));
  const t = Date.parse(q.get("t") ?? "");
  const cell = q.get("cell") ?? "";
  return { start: Number.isNaN(t) ? undefined : t, cell: /^[0-9a-f]{1,16}$/.test(cell) ? cell : undefined };
}

export function write(c: Chosen): void {
  const parts: string[] = [];
  if (c.start !== undefined) parts.push(`t=${new Date(c.start).toISOString().replace(/:00\.000Z$/, "Z")}`);
  if (c.cell) parts.push(`cell=${c.cell}`);
  const hash = parts.length ? `#${parts.join("&")}` : "";
  if (hash !== location.hash) history.replaceState(null, "", hash || location.pathname + location.search);
}
