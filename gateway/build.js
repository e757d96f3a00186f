// Builds static/build/: the style sheet, the scripts, and the edge's own error pages.
//
// Every file's name carries a hash of its content, so that browsers may keep it for a year;
// manifest.json says which name to use (gateway/assets.py reads it).

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { compile } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "static", "src");
const finished = join(here, "static", "build");
// Built beside it and moved into place at the end: nginx may be serving the folder meanwhile.
const target = join(here, "node_modules", `.build-${process.pid}`);
const replaced = `${target}-replaced`;
const frontend = join(here, "node_modules", "nhsuk-frontend", "dist", "nhsuk");
const manifest = {};

function write(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
  const dot = name.lastIndexOf(".");
  const hashed = `${name.slice(0, dot)}.${hash}${name.slice(dot)}`;
  writeFileSync(join(target, hashed), content);
  manifest[name] = hashed;
}

function withoutSourceMap(text) {
  return text.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n");
}

rmSync(target, { recursive: true, force: true });
mkdirSync(join(target, "errors"), { recursive: true });

const style = compile(join(source, "pages.scss"), {
  loadPaths: [join(here, "node_modules")],
  style: "compressed",
  quietDeps: true,
});
// The few icons that the style sheet itself names.
const css = style.css.replace(/url\("?(nhsuk-icon-[\w-]+\.svg)"?\)/g, (_, name) => {
  write(name, readFileSync(join(frontend, "assets", "images", name), "utf8"));
  return `url("${manifest[name]}")`;
});
write("pages.css", css);
write("icon.svg", readFileSync(join(source, "icon.svg"), "utf8"));
write("first.js", readFileSync(join(source, "first.js"), "utf8"));
write("nhsuk-frontend.js", withoutSourceMap(readFileSync(join(frontend, "nhsuk-frontend.min.js"), "utf8")));
write("progress.js", readFileSync(join(source, "progress.js"), "utf8"));
write("idle.js", readFileSync(join(source, "idle.js"), "utf8"));
// Only the pages for typing ask for these.
for (const name of ["conditions.js", "autosave.js", "lookup.js"]) {
  write(name, readFileSync(join(source, name), "utf8"));
}
// The modules import each other by their hashed names, so the importing file is written last.
const pages = readFileSync(join(source, "pages.js"), "utf8").replace(
  /"\.\/(nhsuk-frontend|progress|idle)\.js"/g,
  (_, name) => `"./${manifest[`${name}.js`]}"`,
);
write("pages.js", pages);

for (const page of readdirSync(join(here, "nginx", "pages"))) {
  const html = readFileSync(join(here, "nginx", "pages", page), "utf8");
  writeFileSync(
    join(target, "errors", page),
    html.replaceAll("{{css}}", manifest["pages.css"]).replaceAll("{{icon}}", manifest["icon.svg"]),
  );
}
writeFileSync(join(target, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
if (existsSync(finished)) {
  renameSync(finished, replaced);
}
renameSync(target, finished);
rmSync(replaced, { recursive: true, force: true });
console.log(`built ${Object.keys(manifest).length} files in static/build`);
