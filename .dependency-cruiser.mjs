import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const sources = readdirSync("components", { recursive: true })
  .map((file) => join("components", file))
  .filter((file) => file.endsWith(".ts"));

/** Files with a component: a class that extends ComponentResource. */
const components = sources.filter((file) =>
  /extends (pulumi\.)?ComponentResource\b/.test(readFileSync(file, "utf8")),
);

const product = "^(index|settings|providers)[.]ts$|^(components|settings|stack|doctor|topology)/";

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    {
      name: "no-cycle",
      comment: "No import cycle, not even of types: move what both files need into a third one.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "product-alone",
      comment: "The product installs and runs without the sandbox, the tests and the tools.",
      severity: "error",
      from: { path: product },
      to: { path: "^(sandbox|tests|tools)/" },
    },
    {
      name: "product-dependencies",
      comment: "The product imports `dependencies` only: `npm ci --omit=dev` installs all it needs.",
      severity: "error",
      from: { path: product },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "no-component-of-another-domain",
      comment:
        "index.ts connects components of different domains (the folders of components/). Helpers without resources may be shared.",
      severity: "error",
      from: { path: "^components/([^/]+)/" },
      to: { path: components.map((file) => `^${file}$`), pathNot: "^components/$1/" },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^[.]sandbox/" },
  },
};
