// The headline figures in words, and what was not counted.

import { byId, setHTML } from "./page";
import type { State } from "./state";
import * as text from "./text";
import type { Status } from "./wire";

const unknown = "–";

export interface Figure {
  value: string; // unknown, or the figure in words
  note: string;
  bad?: boolean;
}

/** A figure in words, where it is known. */
const words = (n: number | null | undefined, say: (n: number) => string): string => (n === null || n === undefined ? unknown : say(n));

/** Those of the strip, in its order. */
function figuresOf(s: Status): Figure[] {
  const lag = s.watermark !== null && s.newest !== null ? Math.max(s.newest - s.watermark, 0) : null;
  const ended = s.condition === "finished";
  return [
    { value: ended ? "ended" : words(s.events_per_second, (n) => `${text.number(n)}/s`), note: words(s.events, (n) => `events, ${text.number(n)} in all`) },
    { value: words(s.behind_ms, text.duration), note: words(s.shards, (n) => `the slowest of ${text.count(n, "shard")}`), bad: s.why === "reading" || s.why === "throttled" || s.why === "stream" },
    { value: words(lag, text.duration), note: s.condition === "stale" && s.since ? `it stands for ${text.duration(s.now - s.since + standing)}` : "event time, slowest shard", bad: s.condition === "stale" || s.why === "shard" },
    checkpoint(s),
  ];
}

const standing = 10_000; // ms after which a watermark that stands is stale

function checkpoint(s: Status): Figure {
  const c = s.checkpoint;
  const failing = c !== null && c.failed_in_row > 0;
  const value = words(c?.duration_ms, text.duration);
  if (failing) return { value, note: `failed ${text.count(c.failed_in_row, "time")} in a row`, bad: true };
  if (!c?.at) return { value, note: s.events === null ? "" : "none yet" };
  const parts = [`${text.duration(Math.max(Math.round((s.now - c.at) / 1000), 0) * 1000)} ago`];
  if (c.bytes !== null) parts.push(text.bytes(c.bytes));
  if (c.failed > 0) parts.push(`${text.number(c.failed)} failed`);
  return { value, note: parts.join(", ") };
}

/** Figures that are not of now say so: old ones how old, lost ones what they were. */
export function figures(s: Status, state: State, now: number): Figure[] {
  return figuresOf(s).map((f) => {
    if (state.asOf === undefined) return f;
    if (state.asOf === null) return { value: unknown, note: f.value === unknown ? "" : `was ${f.value}` };
    return { value: f.value, note: `${text.duration(Math.max(Math.round((now - state.asOf) / 1000), 1) * 1000)} ago` };
  });
}

/** What was counted and what not; then: as it was at the last answer. */
export function counted(s: Status, then = false): string {
  const not = s.rejects === null ? null : Object.values(s.rejects).reduce((sum, n) => sum + n, 0);
  if (s.trips === null) return "";
  return ` ${text.count(s.trips, "trip")} counted${not === null ? "" : `, ${text.number(not)} not counted`}${then ? " then" : ""}.`;
}

export function drawRejects(s: Status): void {
  const rows = Object.entries(s.rejects ?? {}).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
  const sum = rows.reduce((n, r) => n + r[1], 0);
  byId("rejects-note").textContent = s.rejects === null ? "" : s.rejects_stored ? `${text.count(sum, "record")} kept in taxi_rejects` : `${text.count(sum, "record")} since the start`;
  setHTML(byId("rejects"), s.rejects === null ? "<li>Not known.</li>" : rows.length === 0 ? "<li>None.</li>"
    : rows.map(([reason, n]) => `<li data-reason="${reason}"><b>${text.number(n)}</b> ${text.reasons[reason] ?? reason}</li>`).join(""));
}
