/** The element of an id in index.html, of a type. */
export function byId<T extends HTMLElement = HTMLElement>(id: string, type: new () => T = HTMLElement as new () => T): T {
  const e = document.getElementById(id);
  if (!(e instanceof type)) throw new Error(`the page has no #${id}`);
  return e;
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text from elsewhere, safe inside HTML. */
export const escape = (s: string): string => s.replace(/[&<>"]/g, (c) => entities[c]!);

const last = new WeakMap<HTMLElement, string>();

/** Sets an element's HTML if it differs: screen readers and selections are left alone. */
export function setHTML(e: HTMLElement, html: string): void {
  if (last.get(e) === html) return;
  last.set(e, html);
  e.innerHTML = html;
}
