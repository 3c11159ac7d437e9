// The page: one model, drawn by its views whenever a frame comes or a person chooses.

import * as address from "./address";
import { AirportsPanel } from "./airportspanel";
import { BoroughFilter } from "./borough";
import { CellCard } from "./card";
import { boroughsOf, Control } from "./control";
import { drawRejects } from "./figures";
import { foldHead } from "./fold";
import { HexMap } from "./hexmap";
import { History } from "./history";
import { drawUsualLegend } from "./legend";
import { drawLead, drawList, drawTotals, drawZone, type Shown } from "./lists";
import { drawScale, hintAtWheel } from "./mapframe";
import { Model, type Counts, type Summary } from "./model";
import { byId, setHTML } from "./page";
import { drawCells, drawHours, drawLegend, drawTip, hiddenWords, placeOf } from "./places";
import { reveal } from "./reveal";
import { resolutionOf, Scale } from "./scale";
import { drawState, stateOf } from "./state";
import { listen, type Link } from "./stream";
import { Strip } from "./strip";
import * as text from "./text";
import { Timeline } from "./timeline";
import * as theme from "./theme";
import { tintFor, Usuals, type Known } from "./usual";
import type { Frame } from "./wire";
import { loadZones } from "./zones";

async function start(): Promise<void> {
  const zones = await loadZones();
  const model = new Model(zones, () => draw());
  const history = new History();
  const strip = new Strip(history);
  const boroughs = boroughsOf(zones);
  const chosen = address.read(boroughs);
  const filter = new BoroughFilter(model, chosen);
  const usuals = new Usuals(model, () => draw());
  let scale = new Scale();
  let shown: Counts | undefined; // on the map
  let before: Counts | undefined; // the window before it, for trends
  let usual: Known | undefined; // what is usual in the window shown
  let usualLegend = false;
  let hovered: { cell: number; at: [number, number] } | undefined;
  let link: Link = { state: "connecting" };

  const map = new HexMap(byId("map", HTMLCanvasElement), zones, {
    onHover: (cell, at) => {
      hovered = cell === undefined ? undefined : { cell, at };
      drawTip(model, hovered, shown, before, usual);
    },
    onPick: (cell) => {
      if (cell === undefined && chosen.cell === undefined) chosen.zone = undefined;
      pick(cell === undefined ? undefined : model.cells[cell]?.id);
    },
    onView: drawScale,
    onPlainWheel: hintAtWheel,
  });
  const timeline = new Timeline(
    byId("slider", HTMLInputElement), byId("bars", HTMLCanvasElement), byId("play", HTMLButtonElement),
    (at) => {
      const w = model.summary(at);
      return model.counts(at) !== undefined && !(chosen.usual && w && usuals.at(w) === "asked");
    },
    (at) => {
      chosen.start = at;
      remember();
      draw();
    },
  );
  const goTo = (span: { start: number; end: number }) => choose(model.lastIn(span)?.start);
  const lines = new AirportsPanel(goTo);
  const card = new CellCard(() => draw(), goTo, () => pick(undefined), (panel, cell) => {
    if (getComputedStyle(panel).position === "fixed") reveal(byId("map"), map.camera, model.cells[cell]!, panel);
  });

  function choose(at: number | undefined): void {
    timeline.stop();
    chosen.start = at;
    remember();
    draw();
  }

  function pick(cell: string | undefined): void {
    chosen.cell = cell;
    remember();
    draw();
  }

  // While the day plays the address would change eight times a second.
  function remember(): void {
    if (!timeline.playing) address.write(chosen);
  }

  /** The window to show: the chosen one while it is kept, else the newest. */
  function current(): Summary | undefined {
    return (chosen.start === undefined ? undefined : model.summary(chosen.start)) ?? model.newest();
  }

  function draw(): void {
    const w = current();
    const next = w && model.cells[0] ? new Scale(w.end - w.start, resolutionOf(model.cells[0].id)) : scale;
    if (!next.same(scale)) scale = next;
    const counts = w && filter.of(model.counts(w.start));
    const known = w && usuals.at(w);
    const tint = chosen.usual ? tintFor(known) : undefined;
    if (counts && !(known === "asked" && (chosen.usual || usuals.holds(w))) && (counts !== shown || map.stale(scale, tint))) {
      shown = counts;
      map.show(model.cells, counts, scale, tint);
    } else if (!w) {
      shown = undefined;
      map.show(model.cells, undefined, scale);
    }
    const last = w && model.before(w.start);
    before = last && model.counts(last.start);
    usual = shown?.start === w?.start ? known : undefined;
    const windows = filter.windows(w);
    const of = windows.find((one) => one.start === w?.start);
    timeline.show(windows, w?.start);
    drawLegend(scale, usualLegend);
    control.draw();
    drawWindow(w && of);
    const at = chosen.cell === undefined ? -1 : model.numberOf(chosen.cell);
    map.pick(at < 0 ? undefined : at);
    const all: Shown = { counts: shown, before: filter.of(before), usual };
    drawList(model, chosen.list, all, chosen.list === "zones" ? String(chosen.zone) : chosen.cell, (key) => (chosen.list === "zones" ? control.pickZone(Number(key)) : pick(key)));
    drawLead(model, chosen.list, all);
    drawTotals(model, all, filter);
    drawZone(model, control.zone, all);
    drawTip(model, hovered, shown, before, usual);
    drawCells(model, shown, before, usual);
    const mark = past()?.end;
    lines.draw(model, mark);
    drawHours(model, mark);
    card.draw(model, chosen.cell, { window: w, counts: shown && model.counts(shown.start), before, usual, mark });
    drawStatus();
  }

  /** The window that is looked back at; undefined: the newest is shown. */
  function past(): Summary | undefined {
    const w = current();
    return w && w.start === chosen.start && w !== model.newest() ? w : undefined;
  }

  function drawWindow(w: Summary | undefined): void {
    const live = chosen.start === undefined || w?.start !== chosen.start;
    const hidden = hiddenWords(model.least);
    byId("legend-note").textContent = `${hidden}The classes never change.`;
    byId("health-title").textContent = past() ? "The pipeline, now" : "The pipeline";
    byId("live", HTMLButtonElement).disabled = live;
    byId("map-window").textContent = w ? `${text.dateNY(w.start)}, ${text.spanNY(w.start, w.end)} New York (${text.spanUTC(w.start, w.end)} UTC) · ${text.number(w.trips)} in ${text.count(w.cells, "cell")}${live ? "" : " · past"}` : "";
    byId("legend-title").textContent = w ? `Pickups in a cell in ${text.length(w.end - w.start)}` : "Pickups in a cell";
    usualLegend = chosen.usual;
    if (usualLegend) drawUsualLegend(w, usual, hidden);
    const first = model.windows[0];
    const newest = model.newest();
    const end = (at: number | undefined) => at === undefined ? "" : `<span class="date">${text.dateNY(at)}</span> ${text.timeNY(at)}`;
    setHTML(byId("first"), end(first?.start));
    setHTML(byId("last"), end(newest?.end));
    const gone = chosen.start !== undefined && model.windows.length > 0 && !model.summary(chosen.start);
    theme.notice(gone ? "The window in the address is not among those of the last day; the newest is shown." : "");
  }

  const state = () => stateOf(link, model.status, Date.now());

  /** What changes with the clock alone, too: for how long there was no answer. */
  function drawLink(): void {
    const now = state();
    drawState(now, model.status);
    strip.draw(model.status, now, Date.now());
    const back = past();
    const page = back ? `New York taxis, ${text.timeNY(back.start)}` : "New York taxis, live";
    const place = shown ? `${chosen.borough ? `${chosen.borough}: ` : ""}${placeOf(model, shown)} – ${page}` : page;
    document.title = link.state === "lost" ? `${now.word} – New York taxis` : place;
  }

  function drawStatus(): void {
    drawLink();
    if (!model.status) return;
    drawRejects(model.status);
    const empty = byId("empty");
    empty.hidden = model.windows.length > 0;
    if (!empty.hidden) empty.innerHTML = theme.emptyWords(model, state());
    else if (model.earlier === "unreachable") theme.notice("The results store does not answer, so earlier windows are missing; it is asked again every few seconds.");
  }

  const control = new Control(model, zones, map, chosen, () => {
    remember();
    draw();
  });
  control.frame();
  theme.setUp(() => {
    map.restyle();
    timeline.restyle();
    lines.restyle();
    card.restyle();
    drawLegend(scale, true);
    draw();
  });
  theme.clocks(model, state, past);
  foldHead();
  byId("live").addEventListener("click", () => choose(undefined));
  byId("back").addEventListener("click", () => choose(undefined));
  byId("zoom-in").addEventListener("click", () => map.zoomTowards(1.5));
  byId("zoom-out").addEventListener("click", () => map.zoomTowards(1 / 1.5));
  byId("zoom-hottest").addEventListener("click", () => {
    const cell = map.showHottest();
    if (cell !== undefined) pick(model.cells[cell]?.id);
  });
  byId("zoom-reset").addEventListener("click", () => map.reset());
  byId("cells-details").addEventListener("toggle", () => draw());
  byId("hours-details").addEventListener("toggle", () => draw());
  window.addEventListener("hashchange", () => {
    Object.assign(chosen, address.read(boroughs));
    control.frame();
    draw();
  });

  let build = "";
  const cost = { update: 0 };
  const take = (frame: Frame): void => {
    const began = performance.now();
    build ||= frame.page;
    if (frame.page !== build) return location.reload(); // another build is served now
    if (!model.apply(frame)) return again();
    history.take(frame);
    draw();
    cost.update = performance.now() - began;
  };
  const { again, now } = listen(take, (now) => model.beat(now), (l: Link) => {
    link = l;
    drawStatus();
  });
  byId("retry").addEventListener("click", now);
  window.setInterval(drawLink, 500);
  // For the browser tests, which compare what is drawn with the documents.
  Object.assign(window, { controlRoom: { model, map, cost, take, hush: again } });
}

start().catch((e: unknown) => {
  byId("state").textContent = "✕ The page could not start";
  byId("state-cause").textContent = `${e instanceof Error ? e.message : String(e)}. Reload it.`;
});
