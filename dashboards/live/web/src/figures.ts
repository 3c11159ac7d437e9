// The headline figures, and what was not counted.

import { byId, escape, setHTML } from "./page";
import type { State } from "./state";
import * as text from "./text";
import type { Status } from "./wire";

const unknown = "–";

interface Figure {
  name: string;
  value: string; // unknown, or the figure in words
  note: string;
  bad?: boolean;
}

/** A figure in words, where it is known. */
const words = (n: number | null | undefined, say: (n: number) => string): string => (n === null || n === undefined ? unknown : say(n));

function figuresOf(s: Status): Figure[] {
  const lag = s.watermark !== null && s.newest !== null ? Math.max(s.newest - s.watermark, 0) : null;
  const ended = s.condition === "finished";
  return [
    { name: "Events", value: ended ? "ended" : words(s.events_per_second, (n) => `${text.number(n)}/s`), note: words(s.events, (n) => `${text.number(n)} since the start`) },
    { name: "Trips counted", value: words(s.trips, text.number), note: s.started ? `since ${text.timeNY(s.started)} New York` : "" },
    { name: "Behind the stream", value: words(s.behind_ms, text.duration), note: words(s.shards, (n) => `worst of ${text.count(n, "shard")}`), bad: s.condition === "falling behind" },
    { name: "Watermark lag", value: words(lag, text.duration), note: s.condition === "stale" && s.since ? `it stands for ${text.duration(s.now - s.since + standing)}` : "event time, slowest shard", bad: s.condition === "stale" },
    { name: "Results written", value: words(s.documents, text.number), note: s.documents_refused ? `${text.count(s.documents_refused, "document")} refused` : "documents since the start", bad: !!s.documents_refused },
    checkpoint(s),
  ];
}

const standing = 10_000; // ms after which a watermark that stands is stale

function checkpoint(s: Status): Figure {
  const c = s.checkpoint;
  const failing = c !== null && c.failed_in_row > 0;
  const notes: string[] = [];
  if (failing) notes.push(`failed ${text.count(c.failed_in_row, "time")} in a row`);
  if (c && c.duration_ms !== null && c.bytes !== null) notes.push(`took ${text.duration(c.duration_ms)}, ${text.bytes(c.bytes)}`);
  if (c && c.failed > 0 && !failing) notes.push(`${text.number(c.failed)} failed`);
  const value = c?.at ? `${text.duration(Math.max(s.now - c.at, 0))} ago` : s.events === null ? unknown : "none yet";
  return { name: "Last checkpoint", value, note: notes.join("; "), bad: failing };
}

/** Figures that are not of now say so: old ones how old, lost ones what they were. */
export function drawFigures(s: Status, state: State, now: number): void {
  const rows = figuresOf(s).map((f) => {
    if (state.asOf === undefined) return f;
    if (state.asOf === null) return { ...f, value: unknown, note: f.value === unknown ? "" : `was ${f.value}`, bad: false };
    return { ...f, note: `${text.duration(Math.max(Math.round((now - state.asOf) / 1000), 1) * 1000)} ago`, bad: false };
  });
  setHTML(byId("figures"), rows.map((f) => `<div${f.bad ? ` class="bad"` : ""}><dt>${f.name}</dt><dd>${f.value}<small>${f.note}</small></dd></div>`).join(""));
  setHTML(byId("keeps-up"), `${state.shape} <b>${state.word}</b> ${escape(state.sentence)}`);
}

export function drawRejects(s: Status): void {
  const rows = Object.entries(s.rejects ?? {}).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
  const sum = rows.reduce((n, r) => n + r[1], 0);
  byId("rejects-note").textContent = s.rejects === null ? "" : s.rejects_stored ? `${text.count(sum, "record")} kept in taxi_rejects` : `${text.count(sum, "record")} since the start`;
  setHTML(byId("rejects"), s.rejects === null ? "<li>Not known.</li>" : rows.length === 0 ? "<li>None.</li>"
    : rows.map(([reason, n]) => `<li data-reason="${reason}"><b>${text.number(n)}</b> ${text.reasons[reason] ?? reason}</li>`).join(""));
}
