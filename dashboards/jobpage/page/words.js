// @ts-check
// Words and numbers for people, and how they get onto the page.

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** @param {number} n */
export const number = (n) => whole.format(n);
/** @param {number} n @param {string} one */
export const count = (n, one) => `${number(n)} ${n === 1 ? one : `${one}s`}`;
/** A rate: 5.2, 136 or 24k. @param {number | undefined} n */
export const rate = (n) => (n === undefined ? "–" : n > 0 && n < 10 ? tenth.format(n) : n < 9999.5 ? number(n) : `${number(n / 1000)}k`);
/** @param {number} share 0 to 1 */
export const percent = (share) => Math.round(share * 100);

const short = (/** @type {number} */ n) => (n < 99.95 ? tenth : whole).format(n);

/** @param {number | undefined} n */
export function bytes(n) {
  if (n === undefined) return "–";
  if (n < 1000) return `${number(n)} B`;
  return n < 999_500 ? `${short(n / 1e3)} kB` : `${short(n / 1e6)} MB`;
}

/** @param {number} ms */
export function duration(ms) {
  const s = ms / 1000;
  if (s < 1) return `${number(ms)} ms`;
  if (s < 90) return `${tenth.format(s)} s`;
  if (s < 5400) return `${number(s / 60)} min`;
  if (s < 129600) return `${tenth.format(s / 3600)} h`;
  return `${tenth.format(s / 86400)} days`;
}

/** @param {string} zone @param {Intl.DateTimeFormatOptions} options */
function clock(zone, options) {
  const f = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...options });
  return (/** @type {number} */ ms) => f.format(ms);
}
const seconds = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const minutesNY = clock("America/New_York", { hour: "2-digit", minute: "2-digit" });
export const secondsNY = clock("America/New_York", seconds);
export const secondsUTC = clock("UTC", seconds);
export const dateNY = clock("America/New_York", { weekday: "short", day: "numeric", month: "short", year: "numeric" });

const end = 2 ** 53 - 1; // a watermark past everything

/** A watermark on New York's clock. @param {number | null} ms */
export const watermark = (ms) => (ms === null ? "–" : ms >= end ? "the end" : secondsNY(ms));

/** @param {string} text */
export const escape = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** @param {string} id @returns {any} */
export const byId = (id) => document.getElementById(id);

/** Changes an element only where it is not so already, so that focus, selection and readers are left alone. @param {Element} e @param {string} html */
export function setHTML(e, html) {
  const known = /** @type {any} */ (e);
  if (known.drawn === html) return false;
  known.drawn = html;
  e.innerHTML = html;
  return true;
}
