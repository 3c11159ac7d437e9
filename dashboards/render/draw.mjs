// Draws a specification in headless Chromium under the restrictions of OpenSearch
// Dashboards: no other host, no code made of text, the size of its panel.
import { chromium } from "playwright-core";

const policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:";

export const panel = { width: 760, height: 620 };

// themes are the colours that Dashboards puts into a specification that has none.
const themes = {
  light: { strong: "#343741", soft: "#69707d", lines: "#eef2f7" },
  dark: { strong: "#d4dae5", soft: "#98a2b3", lines: "#343741" },
};

export async function open() {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  return { browser, close: () => browser.close() };
}

// page has one library set loaded. Every request it makes is noted, and refused.
export async function page(browser, set, { dark = false } = {}) {
  const p = await browser.newPage({ viewport: { width: panel.width + 20, height: panel.height + 20 }, timezoneId: "Asia/Kolkata" }); // no zone of ours
  const requests = [];
  await p.route("**/*", (route) => {
    requests.push(route.request().url());
    route.abort();
  });
  await p.setContent(
    `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}">` +
      `<style>body{margin:10px;background:${dark ? "#1d1e24" : "#ffffff"}}#panel{width:${panel.width}px;height:${panel.height}px}</style><div id="panel"></div>`,
  );
  for (const script of set.scripts) await p.evaluate((code) => { const s = document.createElement("script"); s.textContent = code; document.head.append(s); }, script);
  return { p, requests, theme: dark ? themes.dark : themes.light };
}

// draw shows a specification as Dashboards does: its own words and sizes put in,
// compiled, drawn in the panel. It returns what stands in the scene graph: marks
// with their data, colours and bounds in pixels, and the warnings.
export async function draw({ p, theme }, spec) {
  return p.evaluate(
    async ({ spec, theme }) => {
      const warnings = [];
      const note = (level) => (...a) => (warnings.push(`${level}: ${a.join(" ")}`), logger);
      const logger = { level: () => logger, error: note("error"), warn: note("warn"), info: () => logger, debug: () => logger };
      const container = document.getElementById("panel");
      container.replaceChildren();
      const host = spec.config?.kibana ?? {};
      if (spec.config) delete spec.config.kibana;
      const unless = (value, ...path) => {
        const last = path.pop();
        const at = path.reduce((o, k) => (o[k] ??= {}), spec);
        at[last] ??= value;
      };
      unless("#54b399", "config", "mark", "color");
      unless(theme.strong, "config", "title", "color");
      unless(theme.soft, "config", "style", "guide-label", "fill");
      unless(theme.strong, "config", "style", "guide-title", "fill");
      for (const part of ["tickColor", "domainColor", "gridColor"]) unless(theme.lines, "config", "axis", part);
      unless("transparent", "config", "background");
      Object.assign(spec, { width: "container", height: "container", autosize: { type: "fit", contains: "padding", ...spec.autosize } });
      const compiled = globalThis.vegaLite.compile(spec, { logger }).spec;
      const view = new globalThis.vega.View(globalThis.vega.parse(compiled, null, { ast: true }), {
        expr: globalThis.vegaInterpreter.expressionInterpreter, renderer: "canvas", logger,
        loader: { load: (uri) => Promise.reject(new Error(`asks for ${uri}`)), sanitize: () => Promise.reject(new Error("asks for a link")) },
      });
      view.width(container.clientWidth).height(container.clientHeight - 6); // as Dashboards does; a "container" may take the 6 back
      view.initialize(container);
      await view.runAsync();
      const marks = [], labels = [], legends = [];
      const collect = (group, dx, dy) => {
        for (const mark of group.items ?? []) {
          for (const item of mark.items ?? []) {
            if (mark.marktype === "group") collect(item, dx + (item.x ?? 0), dy + (item.y ?? 0));
            else if (mark.role === "axis-label" && item.opacity !== 0 && item.datum.value > 1e11) labels.push({ at: Number(item.datum.value), text: item.text });
            else if (/^legend-(label|title)/.test(mark.role)) legends.push([item.text].flat().join(" "));
            else if (mark.role === "mark") {
              const b = item.bounds;
              marks.push({ type: mark.marktype, datum: JSON.parse(JSON.stringify(item.datum ?? null, (k, v) => (["aggregations", "hits", "bucket", "airport", "busiest"].includes(k) ? undefined : v))), fill: item.fill, shape: typeof item.shape === "string" ? item.shape : undefined, stroke: item.stroke, text: item.text, x: item.x, y: item.y, x1: b.x1 + dx, y1: b.y1 + dy, x2: b.x2 + dx, y2: b.y2 + dy });
            }
          }
        }
      };
      collect(view.scenegraph().root.items[0], 0, 0);
      const scales = {};
      for (const m of marks) if (m.datum?.class !== undefined) scales[m.datum.class] = view.scale("color")(m.datum.class);
      const canvas = container.querySelector("canvas");
      const ratio = canvas.width / canvas.clientWidth;
      const left = view.origin()[0] + view.padding().left, top = view.origin()[1] + view.padding().top;
      const pixel = (x, y) => Array.from(canvas.getContext("2d").getImageData((x + left) * ratio, (y + top) * ratio, 1, 1).data);
      for (const m of marks) if (m.type === "shape" && m.datum?.count !== undefined) m.pixel = pixel((m.x1 + m.x2) / 2, (m.y1 + m.y2) / 2);
      const size = { width: canvas.clientWidth, height: canvas.clientHeight };
      const corners = [[2, 2], [size.width - 3, 2], [2, size.height - 3]].map(([x, y]) => pixel(x - left, y - top));
      const value = (name, v) => view.scale(name)(v);
      const heights = {};
      for (const m of marks) if (m.datum?.mean != null) heights[m.datum.mean] = value("y", m.datum.mean);
      for (const m of marks) if (m.type === "rect" && m.datum?.foot !== undefined) m.drawn = value("y", 0) - value("y", m.datum.foot);
      for (const m of marks) if (m.type === "rect" && m.datum?.end !== undefined) m.drawn = value("y", 0) - value("y", m.datum.count), m.wide = value("x", m.datum.end) - value("x", m.datum.key);
      return { marks, labels, legends, warnings, shown: host.hideWarnings ? warnings.filter((w) => w.startsWith("error")) : warnings, scales, corners, size, heights };
    },
    { spec, theme },
  );
}
