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

// ask fills in one url object and asks as Dashboards does: an index that does
// not exist is empty. filters are the dashboard's.
async function ask(url, { filters, prefix }) {
  const body = timefilter(url.body);
  if (url["%context%"]) body.query = { bool: { must: [{ range: { [url["%timefield%"]]: within } }], filter: [{ match_all: {} }, ...filters], should: [], must_not: [] } };
  const index = `${prefix}${url.index}`;
  const answer = await fetch(`${endpoint}/${index}/_search?ignore_unavailable=true&track_total_hits=true`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const found = await answer.json();
  if (!answer.ok) throw new Error(`${index}: ${JSON.stringify(found)}`);
  return found;
}

// filled is a specification with the answers in place of its url objects,
// wherever in it they are.
export async function filled(spec, { filters = [], prefix = process.env.INDEX_PREFIX ?? "" } = {}) {
  if (Array.isArray(spec)) return Promise.all(spec.map((v) => filled(v, { filters, prefix })));
  if (spec === null || typeof spec !== "object") return spec;
  const whole = {};
  for (const [key, v] of Object.entries(spec)) {
    const { url, ...rest } = key === "data" && typeof v?.url === "object" ? v : {};
    whole[key] = url ? { ...rest, values: await ask(url, { filters, prefix }) } : await filled(v, { filters, prefix });
  }
  return whole;
}
