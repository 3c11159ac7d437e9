// The headline figures, and what was not counted.

import { byId, setHTML } from "./page";
import * as text from "./text";
import type { Status } from "./wire";

const slow = 10_000; // ms behind the stream's tip from which the pipeline does not keep up

export function drawFigures(s: Status): void {
  const lag = s.watermark !== null && s.newest !== null ? Math.max(s.newest - s.watermark, 0) : undefined;
  const c = s.checkpoint;
  const rows: [string, string, string][] = [
    ["Events", `${text.number(s.events_per_second)}/s`, `${text.number(s.events)} since the start`],
    ["Trips counted", text.number(s.trips), s.started ? `since ${text.timeNY(s.started)} New York` : ""],
    ["Behind the stream", text.duration(s.behind_ms), `worst of ${text.count(s.shards, "shard")}`],
    ["Watermark lag", lag === undefined ? "–" : text.duration(lag), "event time, slowest shard"],
    ["Results written", text.number(s.documents), "documents since the start"],
    ["Last checkpoint", c?.at ? `${text.duration(Math.max(s.now - c.at, 0))} ago` : "none yet",
      c ? `took ${text.duration(c.duration_ms)}, ${text.bytes(c.bytes)}${c.failed ? `; ${text.number(c.failed)} failed` : ""}` : ""],
  ];
  setHTML(byId("figures"), rows.map(([name, value, note]) => `<div><dt>${name}</dt><dd>${value}<small>${note}</small></dd></div>`).join(""));
  const e = byId("keeps-up");
  const keepsUp = s.behind_ms < slow;
  const known = s.state === "running" && s.shards > 0;
  e.dataset.good = known ? (keepsUp ? "yes" : "no") : "unknown";
  setHTML(e, !known ? `<b>Not reading</b>: the job is ${s.state}.`
    : keepsUp ? "<b>Keeps up</b>: reads records as they arrive."
    : `<b>Falls behind</b>: reads records ${text.duration(s.behind_ms)} after they arrived.`);
}

export function drawRejects(s: Status): void {
  const rows = Object.entries(s.rejects).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
  const sum = rows.reduce((n, r) => n + r[1], 0);
  byId("rejects-note").textContent = s.rejects_stored ? `${text.count(sum, "record")} kept in taxi_rejects` : `${text.count(sum, "record")} since the start`;
  setHTML(byId("rejects"), rows.length === 0 ? "<li>None.</li>"
    : rows.map(([reason, n]) => `<li data-reason="${reason}"><b>${text.number(n)}</b> ${text.reasons[reason] ?? reason}</li>`).join(""));
}
