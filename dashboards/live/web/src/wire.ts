// What the server sends; docs/control-room.md describes each member. Times are
// milliseconds since the epoch.

import type { HistoryMark, HistoryRow } from "./history";

export interface Content {
  start: number;
  end: number;
  cells: number[]; // numbers in the cell table, rising
  counts: number[];
}

export interface Checkpoint {
  id: number;
  at: number | null;
  duration_ms: number | null;
  bytes: number | null;
  completed: number;
  failed: number;
  failed_in_row: number;
}

export type Condition = "starting" | "replaying" | "keeping up" | "catching up" | "falling behind" | "stale" | "finished" | "stopping" | "stopped" | "failed";

/** Why it falls behind; docs/control-room.md has the runbook of each. */
export type Cause = "" | "store" | "checkpoints" | "busy" | "backpressured" | "throttled" | "stream" | "shard" | "producer" | "reading";

/** What is not known is null, never 0. */
export interface Status {
  state: string;
  condition: Condition;
  since: number | null;
  why: Cause;
  cause: string;
  effect: string;
  troubles: string[];
  now: number;
  started: number | null;
  watermark: number | null;
  newest: number | null;
  behind_ms: number | null;
  shards: number | null;
  events: number | null;
  events_per_second: number | null;
  speedup: number | null;
  trips: number | null;
  documents: number | null;
  documents_refused: number | null;
  rejects: Record<string, number> | null;
  rejects_stored: boolean;
  documents_outside: number;
  viewers: number;
  checkpoint: Checkpoint | null;
}

/** [cell, first corner's lon, lat in microdegrees, then the step to each further corner …] */
export type CellRow = [string, ...number[]];

export interface Frame {
  run: string;
  page: string;
  frame: number;
  since: number;
  oldest: number | null;
  earlier: "reading" | "read" | "unreachable";
  least: number; // pickups of a cell that is written; 0: not known
  cells: { from: number; list: CellRow[] };
  windows: [start: number, end: number, cells: number, trips: number, top: number][];
  current?: Content;
  airports: [airport: string, start: number, end: number, trips: number, mean: number, low: number, high: number, cells: number][];
  history?: { rows: HistoryRow[]; marks: HistoryMark[] };
  status: Status;
}

async function get<T>(path: string): Promise<T> {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${(await answer.text()).trim()}`);
  return (await answer.json()) as T;
}

export const fetchWindows = (from: number, to: number) =>
  get<{ run: string; windows: Content[] }>(`api/hotspots?from=${from}&to=${to}`);

/** What is usual in a window: sums over so many days or windows. */
export interface UsualAnswer {
  basis: "days" | "before" | "none";
  of: number;
  cells: number[];
  sums: number[];
  elsewhere: number;
}

export const fetchUsual = (start: number) => get<UsualAnswer>(`api/usual?at=${start}`);

export const fetchCell = (cell: string) =>
  get<{ run: string; counts: [number, number][] }>(`api/cells/${cell}`);
