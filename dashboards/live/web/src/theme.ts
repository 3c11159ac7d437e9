// What frames the page: clocks, the state of the link, notices, colours.

import { forced } from "./colours";
import type { Model, Summary } from "./model";
import { byId, setHTML } from "./page";
import type { State } from "./state";
import * as text from "./text";

const modes = ["automatic", "light", "dark"] as const;

/** Lets a person choose the colours; onChange is called whenever they change. */
export function setUp(onChange: () => void): void {
  const button = byId("theme");
  let mode = Math.max(modes.indexOf((localStorage.getItem("colours") ?? "automatic") as (typeof modes)[number]), 0);
  const apply = () => {
    const name = modes[mode]!;
    button.textContent = `Colours: ${name}`;
    if (name === "automatic") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    onChange();
  };
  button.addEventListener("click", () => {
    mode = (mode + 1) % modes.length;
    localStorage.setItem("colours", modes[mode]!);
    apply();
  });
  for (const m of [matchMedia("(prefers-color-scheme: dark)"), matchMedia("(prefers-contrast: more)"), forced]) m.addEventListener("change", onChange);
  apply();
}

const smooth = 600; // ms for which event time is carried on between two states

/**
 * Runs both clocks. Between two states event time goes on at its speed, so that it
 * does not stutter; where there is no state of now it stands, and says of when it is.
 * While a past window is looked at the clock is that window's.
 */
export function clocks(model: Model, state: () => State, past: () => Summary | undefined): void {
  const tick = () => {
    const now = Date.now();
    setHTML(byId("wall-clock"), text.secondsNY(now));
    setHTML(byId("wall-utc"), `${text.secondsUTC(now)} UTC`);
    const s = model.status;
    const { asOf, id } = state();
    const known = s && s.watermark !== null && asOf !== null;
    const ofNow = asOf === undefined;
    const moving = known && ofNow && id !== "finished" && id !== "stale" && !!s.speedup;
    const at = known ? s.watermark! + 1 + (moving ? s.speedup! * Math.min(performance.now() - model.statusAt, smooth) : 0) : 0;
    const back = past();
    document.documentElement.toggleAttribute("data-past", !!back);
    byId("past").hidden = byId("back").hidden = !back;
    if (back) {
      const now = known ? `Now it is ${text.timeNY(at)}.` : "What time it is now is not known.";
      setHTML(byId("past-words"), `Everything but the pipeline is of ${text.spanNY(back.start, back.end)}.`);
      setHTML(byId("past-now"), now);
      setHTML(byId("event-clock"), text.timeNY(back.start));
      setHTML(byId("event-date"), text.dateNY(back.start));
      setHTML(byId("event-utc"), `${text.timeUTC(back.start)} UTC`);
      return;
    }
    setHTML(byId("event-clock"), known ? text.timeNY(at) : "––:––");
    setHTML(byId("event-date"), !known ? "not known" : text.dateNY(at));
    setHTML(byId("event-utc"), !known ? "" : asOf ? `as of ${text.secondsNY(asOf)}` : `${text.timeUTC(at)} UTC`);
    setHTML(byId("speedup"), moving ? text.speed(s.speedup!) : "–");
    setHTML(byId("speed-note"), id === "finished" ? "ended" : id === "stale" ? "it stands" : "times life");
  };
  window.setInterval(tick, 200);
  tick();
}

export function notice(words: string): void {
  const e = byId("notice");
  e.hidden = words === "";
  if (words) setHTML(e, words);
}

/** Why there is nothing on the map, and what to do. */
export function emptyWords(model: Model, state: State): string {
  const s = model.status!;
  if (state.asOf !== undefined) return "The processor does not answer. The map is drawn as soon as it does.";
  if (model.earlier === "reading") return "Reading the last day from the results store …";
  if (model.earlier === "unreachable") return "The results store does not answer. It is asked again every few seconds.";
  if (s.state !== "running") return `The job is ${s.state}: it reads nothing now, and the results store holds no windows.`;
  if (!s.events) return "No trips yet: start the producer with <code>go run ./producer -source generate:2016-01-05</code> and the endpoint of this pipeline.";
  return "Trips are coming in. The first window appears when the watermark passes its end.";
}
