// Usage: record.ts APPS FILE. Writes every resource that the program registers, one JSON text a line.
import * as fs from "node:fs";

import { runProgram } from "../../tests/config";
import { manyApps } from "./apps";

const [, , apps, file = ""] = process.argv;
void runProgram(manyApps(Number(apps))).then(({ resources }) =>
  fs.writeFileSync(file, resources.map((each) => JSON.stringify(each)).join("\n")),
);
