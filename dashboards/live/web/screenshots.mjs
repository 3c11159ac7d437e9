// Takes the README's screenshots from a generated day of a fixed seed, shown at a fixed window.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { closeBrowser, freePort, openPage, root, start, stop, until } from "./test/world.mjs";

const out = join(root, "docs/img");
mkdirSync(out, { recursive: true });
const port = await freePort();
const demo = start("localstack", "demo", "-speedup", "0", "-source", "generate:2016-01-05", "-listen", `127.0.0.1:${port}`);
const url = `http://127.0.0.1:${port}/`;
await until("the page is served", async () => (await fetch(url)).ok);
await until("the day is over", () => demo.text.includes("serving until Ctrl-C"), 180_000);
await new Promise((r) => setTimeout(r, 1500));
for (const [name, colorScheme, width, height] of [["light", "light", 1440, 900], ["dark", "dark", 1440, 900], ["phone", "light", 390, 844]]) {
  const touch = width < 500 ? { hasTouch: true, isMobile: true } : {};
  const page = await openPage(`${url}#t=2016-01-05T23:00Z`, { viewport: { width, height }, colorScheme, ...touch });
  await until("the map", async () => Number(await page.getAttribute("#map", "data-hexagons")) > 0);
  await page.waitForTimeout(1000);
  await page.screenshot({ path: join(out, `live-${name}.png`) });
  await page.context().close();
}
await stop(demo);

// The job at work, so these two differ a little each time.
const busy = start("localstack", "demo", "-speedup", "3600", "-source", "generate:2016-01-05", "-seek", "2016-01-05T06:00", "-checkpoint-interval", "1s", "-listen", `127.0.0.1:${port}`);
await until("the page is served", async () => (await fetch(url)).ok);
const open = await Promise.all(["light", "dark"].map((colorScheme) => openPage(`${url}job#vertex=hotspots`, { viewport: { width: 1440, height: 900 }, colorScheme })));
await until("eight checkpoints", async () => (await open[1].locator("#checkpoints tbody tr").count()) >= 8);
for (const [i, page] of open.entries()) await page.screenshot({ path: join(out, `job-${i === 0 ? "light" : "dark"}.png`) });
await closeBrowser();
await stop(busy);
