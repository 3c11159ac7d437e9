// The page's colours for what is drawn: a canvas takes none from a style sheet, and no system colour by its name
// as the page's scheme has it.

/** The user's own colours are in force. */
export const forced = matchMedia("(forced-colors: active)");

/** An element's custom colours by name ("--now"). A system colour is given as what it is now. */
export function coloursOf(e: Element): (name: string) => string {
  const style = getComputedStyle(e);
  return (name) => {
    const value = style.getPropertyValue(name).trim();
    return /^[A-Z][A-Za-z]+$/.test(value) ? systemColour(value) : value;
  };
}

/** What CanvasText, Canvas or Highlight is now. */
export function systemColour(name: string): string {
  const probe = document.createElement("i");
  probe.style.forcedColorAdjust = "none";
  probe.style.color = name;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
