// Builds what the browser loads: bundles, minifies, names by content, compresses. Output: dist/, read by src/assets.rs.

import { build } from "esbuild";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
// Made aside and moved into place, so that a build of the binary never sees half of it.
const fresh = join(here, "dist.new");

await rm(fresh, { recursive: true, force: true });
await mkdir(fresh, { recursive: true });
const faces = (await readdir(join(here, "faces"))).map((file) => [file.replace(".svg", ""), `faces/${file}`]);
/** @type {import("esbuild").BuildOptions & { metafile: true }} */
const common = {
  absWorkingDir: here,
  outdir: fresh,
  entryNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  target: ["chrome111", "firefox113", "safari16.4"],
  metafile: true,
  logLevel: "warning",
};
const result = await build({
  ...common,
  entryPoints: {
    ...Object.fromEntries(faces),
    app: "js/app.js",
    "app.css": "css/app.css",
    office: "css/office.css",
    icon: "icon.svg",
  },
  // Scripts of single areas are fetched where they are needed.
  splitting: true,
  format: "esm",
  loader: { ".svg": "copy" },
});
// A service worker is one file: browsers look at it alone to see whether it has changed.
const worker = await build({ ...common, entryPoints: { service_worker: "js/service_worker.js" }, format: "iife" });

/** @type {Record<string, string>} */
const manifest = {};
for (const [path, { entryPoint }] of Object.entries({ ...result.metafile.outputs, ...worker.metafile.outputs })) {
  if (entryPoint) {
    const built = path.split("/").pop() ?? path;
    manifest[entryPoint.split("/").pop() ?? entryPoint] = built.replace("app.css-", "app-");
    if (built.startsWith("app.css-")) {
      await rename(join(fresh, built), join(fresh, built.replace("app.css-", "app-")));
    }
  }
}
for (const name of await readdir(fresh)) {
  const bytes = await readFile(join(fresh, name));
  await writeFile(join(fresh, `${name}.br`), brotliCompressSync(bytes));
  await writeFile(join(fresh, `${name}.gz`), gzipSync(bytes, { level: 9 }));
}
await writeFile(join(fresh, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
await rm(dist, { recursive: true, force: true });
await rename(fresh, dist);
