import * as fs from "node:fs";
import * as path from "node:path";

import type { EngineEvent } from "@pulumi/pulumi/automation";
import { z } from "zod";

import { operation, type Operation } from "./deployment";

/**
 * What the sandbox notes of a run of the engine: the counts for the report, and the operations whose outcome nobody
 * knows because the answer of the cloud was lost. The engine takes those for failed and forgets them; if the work was
 * done all the same, the next run would collide with it, so it must look first.
 */
export class Journal {
  #counts: Readonly<Record<string, number | undefined>> | undefined;
  readonly #steps = new Map<string, number>();
  readonly #file: string;
  readonly #failed = new Map<string, Operation>();
  readonly #errors: { readonly urn: string; readonly message: string }[] = [];

  constructor(home: string, stack: string) {
    this.#file = fileOf(home, stack);
  }

  /** Steps by kind, as the engine sums them up; if it did not come to that, those that were seen to end. */
  get counts(): Readonly<Record<string, number | undefined>> {
    return this.#counts ?? Object.fromEntries(this.#steps);
  }

  /** Whether the engine began and never came to its own summary: it was killed. */
  get cutOff(): boolean {
    return this.#counts === undefined && this.#steps.size > 0;
  }

  note(event: EngineEvent): void {
    const { summaryEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent } = event;
    if (summaryEvent) this.#counts = summaryEvent.resourceChanges;
    if (resOutputsEvent) {
      const { op } = resOutputsEvent.metadata;
      this.#steps.set(op, (this.#steps.get(op) ?? 0) + 1);
    }
    if (resOpFailedEvent) {
      const { urn, op, old, new: wanted } = resOpFailedEvent.metadata;
      const resource = wanted ?? old;
      if (resource)
        this.#failed.set(urn, operation.parse({ type: pendingTypes[op] ?? "updating", resource }));
    }
    if (diagnosticEvent?.urn && diagnosticEvent.severity === "error")
      this.#errors.push({ urn: diagnosticEvent.urn, message: diagnosticEvent.message });
  }

  /** Writes the doubtful operations down for the next run. */
  close(): void {
    const doubtful = this.#errors.flatMap(({ urn, message }) => {
      const failed = this.#failed.get(urn);
      return failed && answerLost(message) ? [failed] : [];
    });
    if (doubtful.length === 0) return;
    const all = [...readDoubtful(this.#file), ...doubtful];
    fs.writeFileSync(`${this.#file}.new`, JSON.stringify(all), { mode: 0o600 });
    fs.renameSync(`${this.#file}.new`, this.#file);
  }
}

/** The operations of earlier runs whose outcome is unknown. */
export function doubtfulOperations(home: string, stack: string): readonly Operation[] {
  return readDoubtful(fileOf(home, stack));
}

/** Once their outcome is known. */
export function forgetDoubtful(home: string, stack: string): void {
  fs.rmSync(fileOf(home, stack), { force: true });
}

const pendingTypes: Readonly<Record<string, string>> = {
  create: "creating",
  "create-replacement": "creating",
  update: "updating",
  delete: "deleting",
  "delete-replaced": "deleting",
};

/** Whether an error means "no answer" and not "no": the request may have been carried out. */
export function answerLost(message: string): boolean {
  return /\bEOF\b|ECONNRESET|EPIPE|connection reset|broken pipe|socket hang up|terminated|fetch failed|other side closed|time(d )?out|deadline|transport is closing|code = Unavailable|connection closed/i.test(
    message,
  );
}

/** The error lines in what a command of the engine printed; all of it when there are none. */
export function engineErrors(printed: string): string {
  const lines = [...new Set(printed.split("\n").filter((line) => line.startsWith("error: ")))];
  return lines.length > 0 ? lines.map((line) => line.slice("error: ".length)).join("\n") : printed.trim();
}

function fileOf(home: string, stack: string): string {
  return path.join(home, `doubtful.${stack}.json`);
}

function readDoubtful(file: string): readonly Operation[] {
  return fs.existsSync(file) ? z.array(operation).parse(JSON.parse(fs.readFileSync(file, "utf8"))) : [];
}
