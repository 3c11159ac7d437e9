// Words and numbers for people. Numbers have separators, times name their clock.

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const number = (n: number): string => (Number.isNaN(n) ? "–" : whole.format(n));
export const decimal = (n: number): string => tenth.format(n);
export const minutes = (n: number): string => `${tenth.format(n)} min`;

/** How many times faster than life: 0.5, 60, 1,440. */
export const speed = (n: number): string => (n >= 10 ? number(n) : decimal(n));

export function count(n: number, one: string, many = `${one}s`): string {
  return `${number(n)} ${n === 1 ? one : many}`;
}

function clock(zone: string, options: Intl.DateTimeFormatOptions): (ms: number) => string {
  const f = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...options });
  return (ms) => f.format(ms);
}

const newYork = "America/New_York";
export const timeNY = clock(newYork, { hour: "2-digit", minute: "2-digit" });
export const timeUTC = clock("UTC", { hour: "2-digit", minute: "2-digit" });
export const dateNY = clock(newYork, { weekday: "short", day: "numeric", month: "short", year: "numeric" });
export const dateUTC = clock("UTC", { weekday: "short", day: "numeric", month: "short", year: "numeric" });
export const secondsNY = clock(newYork, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const secondsUTC = clock("UTC", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** 08:10–08:20 */
export const spanNY = (start: number, end: number): string => `${timeNY(start)}–${timeNY(end)}`;
export const spanUTC = (start: number, end: number): string => `${timeUTC(start)}–${timeUTC(end)}`;

/** A duration in the largest unit that leaves a sensible number. */
export function duration(ms: number): string {
  const s = ms / 1000;
  if (s < 1) return `${whole.format(ms)} ms`;
  if (s < 90) return `${tenth.format(s)} s`;
  if (s < 90 * 60) return `${whole.format(s / 60)} min`;
  if (s < 36 * 3600) return `${tenth.format(s / 3600)} h`;
  return `${tenth.format(s / 86400)} days`;
}

export function bytes(n: number): string {
  if (n < 10_000) return `${whole.format(n)} B`;
  if (n < 10_000_000) return `${whole.format(n / 1000)} kB`;
  return `${tenth.format(n / 1_000_000)} MB`;
}

/** The length of a window in words: "10 minutes". */
export function length(ms: number): string {
  if (ms % 3_600_000 === 0) return count(ms / 3_600_000, "hour");
  if (ms % 60_000 === 0) return count(ms / 60_000, "minute");
  return duration(ms);
}

export const reasons: Record<string, string> = {
  malformed: "unreadable record",
  outside_city: "outside the city",
  negative_duration: "ends before it begins",
  too_long: "too long",
  too_early: "from the future",
  late: "too late for its window",
  duplicate: "counted already",
  unwritable: "refused by the results store",
};
