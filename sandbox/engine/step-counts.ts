import type { EngineEvent } from "@pulumi/pulumi/automation";

/** Counts the steps of one engine command by kind, from the engine's events. */
export class StepCounts {
  #summary: Readonly<Record<string, number | undefined>> | undefined;
  readonly #finished = new Map<string, number>();

  /** The engine's own summary; without one, the steps that finished. */
  get counts(): Readonly<Record<string, number | undefined>> {
    return this.#summary ?? Object.fromEntries(this.#finished);
  }

  /** Whether the engine started and was killed before its summary. */
  get isIncomplete(): boolean {
    return this.#summary === undefined && this.#finished.size > 0;
  }

  add({ summaryEvent, resOutputsEvent }: EngineEvent): void {
    if (summaryEvent) this.#summary = summaryEvent.resourceChanges;
    if (resOutputsEvent) {
      const { op } = resOutputsEvent.metadata;
      this.#finished.set(op, (this.#finished.get(op) ?? 0) + 1);
    }
  }
}
