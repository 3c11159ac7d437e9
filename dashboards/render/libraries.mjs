// The library sets that OpenSearch Dashboards ships: 2.x the first, 3.x the second.
import { readFileSync } from "node:fs";
import { buildSync } from "esbuild";

const here = (path) => new URL(`node_modules/${path}`, import.meta.url).pathname;
const file = (path) => readFileSync(here(path), "utf8");

// interpreter is a package of modules only; it is bundled into one script.
const interpreter = (name) =>
  buildSync({ entryPoints: [here(`${name}/build/vega-interpreter.js`)], bundle: true, format: "iife", globalName: "vegaInterpreter", write: false }).outputFiles[0].text;

export const sets = ["5", "6"].map((n) => ({
  name: `vega ${JSON.parse(file(`vega-${n}/package.json`)).version} with vega-lite ${JSON.parse(file(`vega-lite-${n}/package.json`)).version}`,
  major: n,
  scripts: [file(`vega-${n}/build/vega.min.js`), file(`vega-lite-${n}/build/vega-lite.min.js`), `${interpreter(`vega-interpreter-${n}`)}; globalThis.vegaInterpreter = vegaInterpreter;`],
}));
