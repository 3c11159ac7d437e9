// The legend of the map while its colours are against what is usual.

import type { Summary } from "./model";
import { byId, setHTML } from "./page";
import * as text from "./text";
import { basisWords, comparable, names, tints, type Known } from "./usual";

/** Draws the five classes and what they are against. */
export function drawUsualLegend(w: Summary | undefined, known: Known | undefined, hidden: string): void {
  const usual = comparable(known);
  const title = w && usual ? `${text.spanNY(w.start, w.end)} against ${usual.basis === "days" && usual.of === 1 ? "" : "the "}${basisWords(usual)}` : "Against usual";
  byId("legend-title").textContent = title.replace("the the ", "the ");
  const colours = tints(getComputedStyle(document.documentElement).colorScheme === "dark");
  setHTML(byId("legend"), colours.map((c, i) => `<li><svg viewBox="0 0 14 16" aria-hidden="true"><path d="M7 0l7 4v8l-7 4-7-4V4z" fill="${c}"/></svg><span>${names[i]}</span></li>`).join(""));
  const none = known === "unknown" ? "What is usual is not known, so all are grey. " : typeof known === "object" && !usual ? "There is nothing to compare with, so all are grey. " : "";
  byId("legend-note").textContent = `${none}Size: pickups, as in the other view. Far: two standard deviations. ${hidden}`;
}
