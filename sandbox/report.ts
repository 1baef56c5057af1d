import * as fs from "node:fs";

import { SandboxError } from "./sandbox-error";

/** Steps of the engine by kind; every key is always there. */
export interface Changes {
  readonly create: number;
  readonly update: number;
  readonly same: number;
  readonly delete: number;
  readonly replace: number;
}

/** What `--report` writes. */
export interface Report {
  readonly command: string;
  readonly stack: string;
  /** Such as `3.259.0`; absent when the run ended before there was an engine. */
  readonly engineVersion?: string;
  readonly changes: Changes;
  /** The stack's outputs, secrets as `[secret]`. After a preview: those of the last `up`. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly seconds: number;
  /** Peak of this process, the engine and its plugins together: see `processes.ts`. */
  readonly peakMegabytes: number;
}

/** The engine's counts by step, e.g. `{"create": 3, "same": 1, "create-replacement": 1}`, as the five of a report. */
export function countChanges(counts: Readonly<Record<string, number | undefined>>): Changes {
  const count = (...steps: readonly string[]) => steps.reduce((sum, step) => sum + (counts[step] ?? 0), 0);
  return {
    create: count("create", "import"),
    update: count("update"),
    same: count("same", "refresh", "read"),
    delete: count("delete"),
    replace: count("replace"),
  };
}

/** @throws {SandboxError} the file cannot be written. */
export function writeReport(file: string, report: Report): void {
  try {
    fs.writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SandboxError(`The report could not be written to ${file}: ${why}`);
  }
}
