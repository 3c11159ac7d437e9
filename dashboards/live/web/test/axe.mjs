// What every page must hold, whatever it shows.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Fails where axe finds something, or the page is wider than the screen. The page's context needs bypassCSP. */
export async function clean(page, what) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => (await axe.run()).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`));
  assert.deepEqual(found, [], what);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth).map((e) => e.id || e.className || e.tagName));
  assert.deepEqual(wide, [], `${what}: the page is wider than the screen`);
}

/** Fails where something that can be pressed is smaller than 44 px on a side. */
export async function fingers(page, what) {
  const small = await page.evaluate(() => [...document.querySelectorAll("button, a, input, select, summary, label, [role=button], [tabindex='0']")]
    .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.matches(".skip, [disabled]:not(button, input)") && !(e.matches("label") && e.querySelector("input:not([type=checkbox])")))
    .map((e) => [e, e.matches("input[type=checkbox]") ? e.closest("label") : e])
    .map(([e, target]) => [e.id || e.className || e.textContent.trim().slice(0, 30), target.getBoundingClientRect()])
    .filter(([, r]) => r.width < 43.99 || r.height < 43.99).map(([name, r]) => `${name}: ${Math.round(r.width)} × ${Math.round(r.height)}`));
  assert.deepEqual(small, [], what);
}
