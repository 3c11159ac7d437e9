// Builds the page into dist/, which is committed so that Go needs no Node.
// The same sources and the pinned tools give the same bytes.
import { build } from "esbuild";
import { cp, mkdir, rm } from "node:fs/promises";

const out = process.argv[2] ?? "dist";
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  entryPoints: [{ in: "src/app.ts", out: "app" }, { in: "src/styles.css", out: "app" }],
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  logLevel: "warning",
});
await cp("src/index.html", `${out}/index.html`);
await cp("src/zones.json", `${out}/zones.json`);
