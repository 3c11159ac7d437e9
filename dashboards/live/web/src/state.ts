// The state of the pipeline, or of the link to it: a shape, a word, a colour and a
// sentence. Whoever draws a figure asks here whether it is of now.

import { byId, escape, setHTML } from "./page";
import type { Link } from "./stream";
import * as text from "./text";
import type { Condition, Status } from "./wire";

export type Tone = "muted" | "now" | "good" | "behind" | "finished" | "reconnecting" | "dead";

export interface State {
  id: Condition | "connecting" | "reconnecting" | "unreachable";
  shape: string; // as HTML
  word: string;
  tone: Tone;
  sentence: string;
  /** When the figures are of: undefined, now; null: they are not known. */
  asOf: number | null | undefined;
}

/** A link lost for so long leads nowhere: the figures are gone too. */
const deadAfter = 30_000;

/** Shapes are drawn, 12 by 12: no font has them all. */
const shapes = {
  ring: "M6 1.5a4.5 4.5 0 1 1-.01 0z",
  play: "M2.5 1L11 6 2.5 11z",
  disc: "M6 1a5 5 0 1 1-.01 0z",
  triangle: "M6 1l5.5 10H.5z",
  hourglass: "M2 1h8v1.5L7 6l3 3.5V11H2V9.5L5 6 2 2.5z",
  square: "M1.5 1.5h9v9h-9z",
  turn: "M10.5 1v4h-4l1.6-1.6A3.4 3.4 0 1 0 9.4 7h1.6A5 5 0 1 1 9.2 2.3z",
  cross: "M2.5 1L6 4.5 9.5 1 11 2.5 7.5 6 11 9.5 9.5 11 6 7.5 2.5 11 1 9.5 4.5 6 1 2.5z",
};
const outlined = new Set(["ring"]);

const draw = (shape: keyof typeof shapes): string =>
  `<svg class="shape${outlined.has(shape) ? " outlined" : ""}" viewBox="0 0 12 12" aria-hidden="true"><path d="${shapes[shape]}"/></svg>`;

const conditions: Record<Condition, [shape: keyof typeof shapes, word: string, tone: Tone]> = {
  starting: ["ring", "Starting", "muted"],
  replaying: ["play", "Replaying", "now"],
  "keeping up": ["disc", "Keeping up", "good"],
  "catching up": ["triangle", "Catching up", "behind"],
  "falling behind": ["triangle", "Falling behind", "behind"],
  stale: ["hourglass", "Stale", "muted"],
  finished: ["square", "Finished", "finished"],
  stopping: ["square", "Stopping", "finished"],
  stopped: ["square", "Stopped", "finished"],
  failed: ["cross", "Failed", "dead"],
};

export function stateOf(link: Link, s: Status | undefined, now: number): State {
  if (link.state === "lost") return lostState(link, now);
  if (!s) return { id: "connecting", shape: draw("ring"), word: "Connecting", tone: "muted", sentence: "No answer yet", asOf: null };
  const [shape, word, tone] = conditions[s.condition] ?? ["ring", s.condition, "muted"];
  return { id: s.condition, shape: draw(shape), word, tone, sentence: sentenceOf(s), asOf: undefined };
}

function lostState(link: Link & { state: "lost" }, now: number): State {
  const next = `next try in ${text.count(Math.max(Math.ceil((link.retryAt - now) / 1000), 1), "second")}`;
  const silent = now - link.since;
  if (link.goodbye === undefined && link.since > 0 && silent <= deadAfter) {
    const length = text.count(Math.max(Math.round(silent / 1000), 1), "second");
    return { id: "reconnecting", shape: draw("turn"), word: "Reconnecting", tone: "reconnecting", sentence: `No answer for ${length}; ${next}`, asOf: link.since };
  }
  const why = link.goodbye !== undefined ? `The processor has ended (${link.goodbye})` : link.since === 0 ? "No answer" : `No answer since ${text.secondsNY(link.since)} New York`;
  return { id: "unreachable", shape: draw("cross"), word: "Not reachable", tone: "dead", sentence: `${why}; ${next}`, asOf: null };
}

function sentenceOf(s: Status): string {
  const cause = s.cause ? s.cause[0]!.toUpperCase() + s.cause.slice(1) : "";
  switch (s.condition) {
    case "replaying":
      return s.watermark === null ? cause : `${text.dateNY(s.watermark)}${s.speedup ? ` at ${text.speed(s.speedup)} times life` : ""}; ${s.cause}`;
    case "keeping up":
      return s.watermark === null ? "Live" : `Live; event time is ${text.duration(Math.max(s.now - s.watermark, 0))} ago`;
    case "stale":
      return cause.split("; ")[0]!; // who holds it is in the strip
    case "finished":
      return `${cause}; choose any time below`;
  }
  return cause;
}

/** Draws the state into the head and colours the page's figures by it. */
export function drawState(state: State, s: Status | undefined): void {
  const root = document.documentElement;
  root.dataset.state = state.id;
  root.dataset.tone = state.tone;
  root.dataset.why = state.asOf === undefined && s ? s.why : "";
  root.dataset.figures = state.asOf === undefined ? "now" : state.asOf === null ? "unknown" : "old";
  setHTML(byId("state"), `${state.shape} <b>${state.word}</b>`);
  setHTML(byId("state-cause"), escape(state.sentence));
  byId("retry").hidden = state.id !== "reconnecting" && state.id !== "unreachable";
  const troubles = state.asOf === undefined && s ? s.troubles : [];
  const list = byId("troubles");
  list.hidden = troubles.length === 0;
  setHTML(list, troubles.length === 0 ? "" : `<ul>${troubles.map((t) => `<li>${draw("triangle")} ${escape(t)}</li>`).join("")}</ul>`);
}
