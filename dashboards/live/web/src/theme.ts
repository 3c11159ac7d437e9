// What frames the page: clocks, the state of the link, notices, colours.

import type { Model } from "./model";
import { byId, setHTML } from "./page";
import type { Link } from "./stream";
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
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", onChange);
  apply();
}

const smooth = 600; // ms for which event time is carried on between two states

/** Runs both clocks. Between two states event time goes on at its speed, so that it does not stutter. */
export function clocks(model: Model): void {
  const tick = () => {
    const now = Date.now();
    setHTML(byId("wall-clock"), text.secondsNY(now));
    setHTML(byId("wall-utc"), `${text.secondsUTC(now)} UTC`);
    const s = model.status;
    if (s && s.watermark !== null) {
      const at = s.watermark + 1 + s.speedup * Math.min(performance.now() - model.statusAt, smooth);
      setHTML(byId("event-clock"), text.timeNY(at));
      setHTML(byId("event-date"), `${text.dateNY(at)} New York`);
      setHTML(byId("event-utc"), `${text.timeUTC(at)} UTC`);
      setHTML(byId("speedup"), s.speedup >= 10 ? text.number(s.speedup) : s.speedup > 0 ? text.decimal(s.speedup) : "0");
    }
  };
  window.setInterval(tick, 100);
  tick();
}

export function showLink(l: Link): void {
  const e = byId("link");
  // While it is tried again after a loss the words stay those of the loss.
  if (l.state === "connecting" && e.dataset.state === "lost") return setHTML(e, "Connection lost. Trying again …");
  if (l.state === "open") setHTML(e, "Live");
  if (l.state === "lost") setHTML(e, `Connection lost. Trying again in ${text.count(Math.max(Math.ceil((l.retryAt - Date.now()) / 1000), 1), "second")} …`);
  e.dataset.state = l.state;
}

export function notice(words: string): void {
  const e = byId("notice");
  e.hidden = words === "";
  if (words) setHTML(e, words);
}

/** Why there is nothing on the map, and what to do. */
export function emptyWords(model: Model): string {
  const s = model.status!;
  if (model.earlier === "reading") return "Reading the last day from the results store …";
  if (model.earlier === "unreachable") return "The results store does not answer. It is asked again every few seconds.";
  if (s.state !== "running") return `The job is ${s.state}: it reads nothing now, and the results store holds no windows.`;
  if (s.events === 0) return "No trips yet: start the producer with <code>go run ./producer -source generate:2016-01-05</code> and the endpoint of this pipeline.";
  return "Trips are coming in. The first window appears when the watermark passes its end.";
}
