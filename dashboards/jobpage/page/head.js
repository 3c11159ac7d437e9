// @ts-check
// What frames the page: the state of the job or of the link to it, the clocks, the colours.

import { byId, dateNY, duration, escape, minutesNY, secondsNY, secondsUTC, setHTML } from "./words.js";

const shapes = {
  ring: "M6 .5a5.5 5.5 0 1 0 .01 0zM6 3a3 3 0 1 1-.01 0z", play: "M2.5 1L11 6 2.5 11z", disc: "M6 1a5 5 0 1 1-.01 0z", triangle: "M6 1l5.5 10H.5z",
  hourglass: "M2 1h8v1.5L7 6l3 3.5V11H2V9.5L5 6 2 2.5z", square: "M1.5 1.5h9v9h-9z", turn: "M10.5 1v4h-4l1.6-1.6A3.4 3.4 0 1 0 9.4 7h1.6A5 5 0 1 1 9.2 2.3z",
  cross: "M2.5 1L6 4.5 9.5 1 11 2.5 7.5 6 11 9.5 9.5 11 6 7.5 2.5 11 1 9.5 4.5 6 1 2.5z",
};

/** The control room's conditions. @type {Record<string, [keyof typeof shapes, string, string]>} */
const conditions = {
  starting: ["ring", "Starting", "muted"], replaying: ["play", "Replaying", "now"], "keeping up": ["disc", "Keeping up", "good"],
  "catching up": ["triangle", "Catching up", "behind"], "falling behind": ["triangle", "Falling behind", "behind"], stale: ["hourglass", "Stale", "muted"],
  finished: ["square", "Finished", "finished"], stopping: ["square", "Stopping", "finished"], stopped: ["square", "Stopped", "finished"], failed: ["cross", "Failed", "dead"],
};

const end = 2 ** 53 - 1;
const deadAfter = 10_000;

/** Draws the head. @param {any} s the last state; undefined: none yet @param {{ok: boolean, at: number}} link when it was last heard of */
export function drawHead(s, link) {
  let [shape, word, tone, sentence] = ["ring", "Connecting", "muted", "No answer yet"];
  if (link.ok && s) {
    [shape, word, tone] = conditions[s.condition] ?? ["ring", s.condition, "muted"];
    sentence = s.cause ? s.cause[0].toUpperCase() + s.cause.slice(1) : "";
  } else if (link.at) {
    const silent = Date.now() - link.at;
    const dead = silent > deadAfter;
    [shape, word, tone] = dead ? ["cross", "Not reachable", "dead"] : ["turn", "Reconnecting", "reconnecting"];
    sentence = `No answer since ${secondsNY(link.at)} New York; it is asked again every 2 seconds`;
  }
  const root = document.documentElement;
  root.dataset.tone = tone;
  root.dataset.link = link.ok ? "on" : "off";
  setHTML(byId("state"), `<svg viewBox="0 0 12 12" aria-hidden="true"><path d="${shapes[/** @type {keyof typeof shapes} */ (shape)]}"/></svg> <b>${escape(word)}</b>`);
  setHTML(byId("cause"), escape(sentence));
  const troubles = link.ok && s?.troubles ? s.troubles : [];
  byId("troubles").hidden = troubles.length === 0;
  setHTML(byId("troubles"), troubles.length ? `<ul>${troubles.map((/** @type {string} */ t) => `<li>${escape(t)}</li>`).join("")}</ul>` : "");
  drawEventTime(s, link);
}

/** @param {any} s @param {{ok: boolean, at: number}} link */
function drawEventTime(s, link) {
  const known = s && s.watermark !== null;
  const ended = known && s.watermark >= end;
  setHTML(byId("event"), !known ? "––:––" : ended ? "the end" : minutesNY(s.watermark + 1));
  const asOf = link.ok || !link.at ? "" : `; as of ${secondsNY(link.at)}`;
  setHTML(byId("event-note"), !known || ended ? "" : `${dateNY(s.watermark + 1)}, ${secondsUTC(s.watermark + 1)} UTC${asOf}`);
}

/** Runs the wall clock. */
export function startClock() {
  const tick = () => {
    const now = Date.now();
    setHTML(byId("wall"), secondsNY(now));
    setHTML(byId("wall-note"), `${secondsUTC(now)} UTC`);
  };
  setInterval(tick, 500);
  tick();
}

/** Lets a person choose the colours, kept as the control room keeps them. */
export function startColours() {
  const modes = ["automatic", "light", "dark"];
  let mode = Math.max(modes.indexOf(localStorage.getItem("colours") ?? "automatic"), 0);
  const apply = () => {
    byId("theme").textContent = `Colours: ${modes[mode]}`;
    if (mode === 0) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = modes[mode];
  };
  byId("theme").addEventListener("click", () => {
    mode = (mode + 1) % modes.length;
    localStorage.setItem("colours", modes[mode] ?? "automatic");
    apply();
  });
  apply();
}

/** The line beside the job's name. @param {any} s */
export function about(s) {
  const parts = [`job ${s.id.slice(0, 8)}`];
  if (s.started) parts.push(`${s.state} for ${duration(s.now - s.started)}`);
  parts.push(`parallelism ${s.parallelism}`);
  if (s.attempts > 1) parts.push(`attempt ${s.attempts}`);
  return parts.join(" · ");
}
