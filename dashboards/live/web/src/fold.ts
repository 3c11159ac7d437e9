// The head of a phone: folded to a line, which a tap unfolds. The pipeline's figures are in it there.

import { byId } from "./page";

const phone = matchMedia("(max-width: 700px), (max-height: 500px)"); // as in phone.css

export function foldHead(): void {
  const head = document.querySelector("header")!;
  const button = byId("unfold");
  const pipeline = document.querySelector(".health")!;
  const place = document.createComment("the pipeline, where there is room");
  pipeline.before(place);

  function open(on: boolean): void {
    head.classList.toggle("open", on);
    button.setAttribute("aria-expanded", String(on));
  }
  head.addEventListener("click", (e) => {
    const at = e.target as Element;
    if (phone.matches && (at.closest("#unfold") || !at.closest("a, button, .health"))) open(!head.classList.contains("open"));
  });
  document.addEventListener("keydown", (e) => {
    if (e.key === "Escape" && head.classList.contains("open")) {
      open(false);
      button.focus();
    }
  });
  document.addEventListener("pointerdown", (e) => {
    if (!head.contains(e.target as Node)) open(false);
  });
  const arrange = (): void => {
    open(false);
    if (phone.matches) head.append(pipeline);
    else place.after(pipeline);
  };
  phone.addEventListener("change", arrange);
  arrange();
}
