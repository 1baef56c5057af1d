import * as fs from "node:fs";
import * as path from "node:path";

import type { RequestSum } from "../components/resource-requests";
import { root } from "./config";

/** The rows of the table of requests in docs/getting-started.md, with the sums for the committed stacks. */
export function readRequestsTable(): {
  readonly part: string;
  readonly dev: RequestSum;
  readonly prod: RequestSum;
}[] {
  const text = fs.readFileSync(path.join(root, "docs", "getting-started.md"), "utf8");
  return text.split("\n").flatMap((line) => {
    const [, part = "", ...numbers] =
      /^\| (.+?) +\| +(\d+)m \| +(\d+)Mi \| +(\d+)m \| +(\d+)Mi \|$/.exec(line) ?? [];
    const [devCpu = NaN, devMemory = NaN, prodCpu = NaN, prodMemory = NaN] = numbers.map(Number);
    if (part === "") return [];
    return [
      {
        part,
        dev: { millicores: devCpu, mebibytes: devMemory },
        prod: { millicores: prodCpu, mebibytes: prodMemory },
      },
    ];
  });
}
