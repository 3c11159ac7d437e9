import type { Frame } from "./wire";

export type Link = { state: "connecting" | "open" } | { state: "lost"; retryAt: number };

const firstDelay = 500;
const longestDelay = 8000;
// The server says something twice a second; a link silent for so long is dead.
const silence = 10_000;

/**
 * Listens to the server's events for as long as the page lives, and says when
 * the link is lost. The function it returns begins anew, from nothing.
 */
export function listen(onFrame: (f: Frame) => void, onLink: (l: Link) => void): () => void {
  let delay = firstDelay;
  let drop = (): void => undefined;
  let last = ""; // id of the last frame: the server goes on from there

  function connect(): void {
    onLink({ state: "connecting" });
    const source = new EventSource(`events?after=${encodeURIComponent(last)}`);
    let watchdog = window.setTimeout(lost, silence);

    drop = lost;
    function lost(): void {
      window.clearTimeout(watchdog);
      source.close();
      source.onmessage = source.onerror = null;
      onLink({ state: "lost", retryAt: Date.now() + delay });
      window.setTimeout(connect, delay);
      delay = Math.min(delay * 2, longestDelay);
    }

    source.onmessage = (e: MessageEvent<string>) => {
      window.clearTimeout(watchdog);
      watchdog = window.setTimeout(lost, silence);
      delay = firstDelay;
      onLink({ state: "open" });
      last = e.lastEventId;
      onFrame(JSON.parse(e.data) as Frame);
    };
    source.onerror = lost;
  }
  connect();
  return () => {
    last = "";
    drop();
  };
}
