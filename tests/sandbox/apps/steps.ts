import * as assert from "node:assert/strict";

import type { Finished } from "../start";

/** An event of the engine about one resource. */
export interface Step {
  /** Such as `creating`, and later `created`. */
  readonly what: string;
  /** Without the provider and the group: `HTTPRoute`. */
  readonly kind: string;
  readonly name: string;
}

const line = /^ *[-+~<>]+ +[^ ]*:([A-Za-z]+) (.+?) ((?:creat|updat|delet|replac|import)(?:ing|ed))\b/;

/** The engine's events in their order. */
export const stepsOf = ({ output }: Finished): readonly Step[] =>
  output.split("\n").flatMap((each) => {
    const [, kind, name, what] = line.exec(each) ?? [];
    return kind === undefined || name === undefined || what === undefined ? [] : [{ kind, name, what }];
  });

/**
 * The steps that a run started, as `<op> <kind> <name>` in alphabetical order, without ignored kinds. The engine prints
 * one again for each status message of the provider.
 */
export const begun = (run: Finished, ...leftOut: readonly string[]): string[] => {
  const steps = stepsOf(run)
    .filter(({ what, kind }) => what.endsWith("ing") && !leftOut.includes(kind))
    .map(({ what, kind, name }) => `${what} ${kind} ${name}`);
  return [...new Set(steps)].sort();
};

type Which = (step: Step) => boolean;

/** The step of this kind and one of these names. */
export const of =
  (kind: string, ...names: readonly string[]): Which =>
  (step) =>
    step.kind === kind && names.includes(step.name);

/** That there were both, and that every step of the one had ended before any of the other began. */
export function assertBefore(run: Finished, first: Which, second: Which, what: string): void {
  const steps = stepsOf(run);
  const ended = steps.findLastIndex((step) => step.what.endsWith("ed") && first(step));
  const began = steps.findIndex((step) => step.what.endsWith("ing") && second(step));
  assert.ok(ended >= 0 && began >= 0, `${what}: there were no such steps in\n${run.output}`);
  assert.ok(ended < began, `${what}: it was the other way round in\n${run.output}`);
}
