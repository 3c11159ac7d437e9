// The results store as the pictures see it: OpenSearch Dashboards fills its own
// words into a query, asks, and hands the answer to Vega as values.
import { readFileSync } from "node:fs";

const endpoint = process.env.OPENSEARCH_ENDPOINT;

// range is the dashboard's time filter.
export const range = { from: process.env.TIME_FROM, to: process.env.TIME_TO };

export const objects = readFileSync(new URL("../objects/taxi-trips.ndjson", import.meta.url), "utf8").trim().split("\n").map((l) => JSON.parse(l));

export function specOf(name) {
  const o = objects.find((o) => o.id === `taxi-trips-${name}`);
  return JSON.parse(JSON.parse(o.attributes.visState).params.spec);
}

// documents are the pipeline's own export, to compute by hand what must be drawn.
export const documents = readFileSync(process.env.EXPORT, "utf8").trim().split("\n").map((l) => JSON.parse(l));

const within = { format: "strict_date_optional_time", gte: range.from, lte: range.to };

// timefilter replaces {"%timefilter%": true} anywhere in a query.
function timefilter(v) {
  if (Array.isArray(v)) return v.map(timefilter);
  if (v === null || typeof v !== "object") return v;
  if (v["%timefilter%"] === true) return within;
  return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, timefilter(x)]));
}

// ask fills in one url object and asks. filters are the dashboard's.
async function ask(url, filters) {
  const body = timefilter(url.body);
  if (url["%context%"]) body.query = { bool: { must: [], filter: [{ range: { [url["%timefield%"]]: within } }, ...filters], should: [], must_not: [] } };
  const index = `${process.env.INDEX_PREFIX ?? ""}${url.index}`;
  const answer = await fetch(`${endpoint}/${index}/_search`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const found = await answer.json();
  if (!answer.ok) throw new Error(`${index}: ${JSON.stringify(found)}`);
  return found;
}

// filled is a specification with the answers in place of its url objects.
export async function filled(spec, filters = []) {
  const data = async (d) => (d?.url ? { ...d, url: undefined, values: await ask(d.url, filters) } : d);
  const whole = { ...spec };
  if (spec.data) whole.data = await data(spec.data);
  if (spec.layer) whole.layer = await Promise.all(spec.layer.map(async (l) => ({ ...l, data: await data(l.data) })));
  return JSON.parse(JSON.stringify(whole));
}
