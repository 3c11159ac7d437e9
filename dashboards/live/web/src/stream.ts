import type { Frame } from "./wire";

/**
 * The link to the server. lost: it is tried again; since is when the last answer
 * came, 0 before the first; goodbye: what the server said when it ended, if it
 * did. Times are of Date.now().
 */
export type Link = { state: "connecting" } | { state: "open" } | { state: "lost"; since: number; retryAt: number; goodbye?: string };

const firstDelay = 500;
const longestDelay = 8000;
// The server says something every second; a link silent for so long is lost.
const silence = 3000;
// And one that does not even begin: a tunnel or a stopped process takes the call and says nothing.
const patience = 10_000;

/**
 * Listens to the server's events for as long as the page lives, and says when
 * the link is lost. A beat: nothing is new but the time there. again begins anew, from nothing; now tries at once.
 */
export function listen(onFrame: (f: Frame) => void, onBeat: (now: number) => void, onLink: (l: Link) => void): { again: () => void; now: () => void } {
  let delay = firstDelay;
  let drop = (): void => undefined;
  let last = ""; // id of the last frame: the server goes on from there
  let heard = 0; // when it came
  let goodbye: string | undefined;
  let timer = 0; // of the next try; 0: one is under way

  function connect(): void {
    timer = 0;
    if (heard === 0) onLink({ state: "connecting" });
    const source = new EventSource(`events?after=${encodeURIComponent(last)}`);
    let watchdog = window.setTimeout(lost, patience);

    drop = lost;
    function lost(): void {
      window.clearTimeout(watchdog);
      window.clearTimeout(timer);
      source.close();
      source.onmessage = source.onerror = null;
      onLink({ state: "lost", since: heard, retryAt: Date.now() + delay, goodbye });
      timer = window.setTimeout(connect, delay);
      delay = Math.min(delay * 2, longestDelay);
    }

    function alive(): void {
      window.clearTimeout(watchdog);
      watchdog = window.setTimeout(lost, silence);
      delay = firstDelay;
      goodbye = undefined;
      heard = Date.now();
      onLink({ state: "open" });
    }

    source.onmessage = (e: MessageEvent<string>) => {
      alive();
      last = e.lastEventId;
      onFrame(JSON.parse(e.data) as Frame);
    };
    source.addEventListener("beat", (e: MessageEvent<string>) => {
      alive();
      onBeat(Number(e.data));
    });
    source.addEventListener("goodbye", (e: MessageEvent<string>) => {
      goodbye = JSON.parse(e.data) as string;
      lost();
    });
    source.onerror = lost;
  }
  connect();
  return {
    again: () => {
      last = "";
      drop();
    },
    now: () => {
      if (timer === 0) return;
      window.clearTimeout(timer);
      connect();
    },
  };
}
