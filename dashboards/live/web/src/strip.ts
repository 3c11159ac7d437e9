// The strip: how the pipeline does, by the wall clock, with a quarter of an hour of its figures. It has one height in
// every state.

import { counted, figures } from "./figures";
import type { History } from "./history";
import { byId, escape, setHTML } from "./page";
import { Spark } from "./spark";
import type { State } from "./state";
import * as text from "./text";
import type { Status } from "./wire";

const names = ["Throughput", "Behind the stream", "Watermark lag", "Checkpoint time"] as const;

const capital = (s: string): string => (s ? s[0]!.toUpperCase() + s.slice(1) : "");

/** What the strip adds to the head: since when, and what follows. */
function block(state: State, s: Status): [head: string, text: string] {
  const since = (words: string) => (s.since ? `${words} ${text.secondsNY(s.since)}` : "");
  switch (state.id) {
    case "reconnecting":
      return [`${state.word}`, `Last heard at ${text.secondsNY(state.asOf ?? 0)}.${counted(s, true)}`];
    case "unreachable":
      return [state.word, "The map shows what was written by then; it can be looked through."];
    case "replaying":
    case "keeping up":
      return [state.word, `Reads records as they arrive.${counted(s)}`];
    case "finished":
      return [`${state.word} ${since("at")}`, `${counted(s)}${s.documents === null ? "" : ` ${text.count(s.documents, "document")} written.`}`];
    case "falling behind":
      return [`${state.word} ${since("since")}`, `${capital(s.effect || s.cause)}.`];
    case "stale":
      return [`${state.word} ${since("since")}`, `${capital(s.cause)}.`];
  }
  return [state.word, s.cause ? `${capital(s.cause)}.` : ""];
}

export class Strip {
  private readonly cells = names.map((name, i) => {
    const spark = new Spark(name, (i + 1) as 1 | 2 | 3 | 4, i === 0 ? (n) => `${text.number(n)}/s` : text.duration);
    const cell = document.createElement("div");
    cell.innerHTML = `<dt>${name}</dt><dd><b>–</b><small></small></dd>`;
    cell.querySelector("b")!.after(spark.element);
    byId("figures").append(cell);
    return { cell, spark, value: cell.querySelector("b")!, note: cell.querySelector("small")! };
  });

  constructor(private readonly history: History) {}

  draw(s: Status | undefined, state: State, now: number): void {
    const [head, words] = s ? block(state, s) : [state.word, ""];
    setHTML(byId("keeps-up"), `${state.shape} <b>${escape(head)}</b>`);
    setHTML(byId("keeps-up-text"), escape(words.trim()));
    setHTML(byId("strip-shards"), s?.shards ? text.count(s.shards, "shard") : "– shards");
    if (!s) return;
    const failing = (s.checkpoint?.failed_in_row ?? 0) > 0;
    figures(s, state, now).forEach((f, i) => {
      const { cell, spark, value, note } = this.cells[i]!;
      cell.classList.toggle("bad", !!f.bad);
      setHTML(value, f.value);
      setHTML(note, escape(i === 3 && state.asOf === undefined && !f.bad ? this.withMark(f.note) : f.note));
      spark.draw(this.history, failing);
    });
  }

  /** The last thing that happened, in words below the line. */
  private withMark(note: string): string {
    const m = this.history.marks[this.history.marks.length - 1];
    return m ? `${note}; ${m[2]} ${text.timeNY(m[0])}` : note;
  }
}
