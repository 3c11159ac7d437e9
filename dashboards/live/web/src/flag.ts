// The flag over the timeline: which window is shown, and whether that is now.

const flag = document.createElement("p");
flag.id = "flag";
flag.hidden = true;
flag.setAttribute("aria-hidden", "true"); // the slider says the same

/** Puts the flag at x pixels of its slide; words empty: there is none. */
export function drawFlag(slide: HTMLElement, x: number, words: string): void {
  if (!flag.parentElement) slide.append(flag);
  flag.hidden = words === "";
  if (flag.hidden) return;
  if (flag.textContent !== words) flag.textContent = words;
  const room = slide.clientWidth - flag.offsetWidth;
  flag.style.left = `${Math.round(Math.min(Math.max(x - flag.offsetWidth / 2, 0), Math.max(room, 0)))}px`;
}
