// @ts-check
// What may be done to the job: by REST, after a question, and with the token where the processor asks for one.

import { byId } from "./words.js";

/** @typedef {{title: string, text: (s: any) => string, yes: string, fields: string[], ask: (s: any) => [string, string, any?], done: (location: string) => string}} Action */

/** @type {Record<string, Action>} */
const actions = {
  savepoint: {
    title: "Write a savepoint", yes: "Write it", fields: ["target"],
    text: () => "The job goes on. A later run can start from it with -from-savepoint, also with another parallelism.",
    ask: (s) => ["POST", `jobs/${s.id}/savepoints`, { targetDirectory: byId("target").value.trim() }],
    done: (location) => `The savepoint is written: ${location}`,
  },
  rescale: {
    title: "Rescale the job", yes: "Rescale", fields: ["number"],
    text: (s) => `It takes a checkpoint and goes on from there with another parallelism: 1 to ${s.maxParallelism}, now ${s.parallelism}.`,
    ask: (s) => ["PATCH", `jobs/${s.id}/rescaling?parallelism=${encodeURIComponent(byId("number").value)}`],
    done: () => "The job goes on, rescaled.",
  },
  stop: {
    title: "Stop the job", yes: "Stop it", fields: ["target", "drain"],
    text: () => "It ends with a savepoint, and the processor with it. Start it again with -from-savepoint, or from its last checkpoint.",
    ask: (s) => ["POST", `jobs/${s.id}/stop`, { targetDirectory: byId("target").value.trim(), drain: byId("drain").checked }],
    done: (location) => `The job has stopped; its savepoint: ${location}`,
  },
};

/** @type {any} */
let state;
/** @type {Action | undefined} */
let asked;

/** Lets the buttons act on the newest state. @param {any} s @param {boolean} ok the processor answers */
export function allow(s, ok) {
  state = s;
  const running = ok && s?.state === "running";
  for (const id of Object.keys(actions)) byId(id).disabled = !running;
  byId("asks").textContent = s?.token ? "these ask for the token" : "";
}

export function startControl() {
  for (const [id, action] of Object.entries(actions)) byId(id).addEventListener("click", () => open(action));
  byId("no").addEventListener("click", () => byId("dialog").close());
  byId("dialog").querySelector("form").addEventListener("submit", (/** @type {Event} */ e) => {
    e.preventDefault();
    if (asked) void act(asked);
  });
}

/** @param {Action} action */
function open(action) {
  asked = action;
  byId("dialog-title").textContent = action.title;
  byId("dialog-text").textContent = action.text(state);
  byId("yes").textContent = action.yes;
  byId("number").value = state.parallelism;
  byId("number").max = state.maxParallelism;
  for (const field of ["number", "target", "drain"]) byId(`${field}-label`).hidden = !action.fields.includes(field);
  byId("number").disabled = !action.fields.includes("number"); // a hidden field is not checked
  byId("token-label").hidden = !state.token;
  byId("token").value = "";
  byId("dialog-error").hidden = true;
  byId("dialog").showModal();
}

/** Asks the processor. @param {string} method @param {string} path @param {any} body @param {string} token */
async function call(method, path, body, token) {
  const r = await fetch(path, {
    method, credentials: token ? "omit" : "same-origin",
    headers: { ...(body ? { "Content-Type": "application/json" } : {}), ...(token ? { Authorization: `Bearer ${token}` } : {}) },
    body: body ? JSON.stringify(body) : undefined,
  });
  const text = await r.text();
  if (r.status === 401) throw new Error("This is not the token of the processor.");
  if (!r.ok) {
    let errors;
    try { errors = JSON.parse(text).errors; } catch { /* not in that form */ }
    throw new Error(errors ? errors.join("; ") : text.trim() || `The processor answers ${r.status}.`);
  }
  return JSON.parse(text);
}

/** @param {Action} action */
async function act(action) {
  const token = byId("token").value;
  const [method, path, body] = action.ask(state);
  byId("yes").disabled = true;
  try {
    if (state.token && !token) throw new Error("Give the token.");
    const { "request-id": id } = await call(method, path, body, token);
    byId("dialog").close();
    say(`${action.title}: asked for …`);
    await follow(action, `jobs/${state.id}/${path.includes("rescaling") ? "rescaling" : "savepoints"}/${id}`, token);
  } catch (e) {
    const text = e instanceof Error ? e.message : String(e);
    if (byId("dialog").open) {
      byId("dialog-error").textContent = text;
      byId("dialog-error").hidden = false;
    } else say(`${action.title}: ${text}`, true);
  } finally {
    byId("yes").disabled = false;
  }
}

/** Waits for what becomes of a request. @param {Action} action @param {string} path @param {string} token */
async function follow(action, path, token) {
  for (;;) {
    const { status, operation } = await call("GET", path, undefined, token);
    if (status.id === "COMPLETED") {
      const cause = operation?.["failure-cause"]?.["stack-trace"];
      if (cause) throw new Error(cause);
      say(action.done(operation?.location ?? ""));
      return;
    }
    await new Promise((r) => setTimeout(r, 300));
  }
}

/** @param {string} text @param {boolean} [failed] */
function say(text, failed = false) {
  byId("done").textContent = text;
  byId("done").className = failed ? "failed" : "";
  byId("done").hidden = false;
}
