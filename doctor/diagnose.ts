import { checkDeclared } from "./check-declared";
import type { Context } from "./context";
import {
  causalOrder,
  observe,
  steps,
  type Finding,
  type Observation,
  type StepName,
  type StepResult,
} from "./finding";

/** Checks a part of the path. @throws {NotVisible} Nothing of it can be checked from here. */
export type Check = (context: Context) => Promise<Observation>;

/** The result of a diagnosis. */
export interface Diagnosis {
  readonly target: string;
  readonly stack: string;
  /** Whether nothing is broken. */
  readonly ok: boolean;
  /** The findings of all steps, each cause before its effects. */
  readonly causes: readonly Finding[];
  readonly steps: readonly StepResult[];
}

/** The steps between two apps. */
const callSteps: readonly StepName[] = ["endpoints", "policy", "pod", "mesh", "cluster"];

/** Runs all steps at the same time. */
export async function diagnose(
  context: Context,
  checks: Readonly<Partial<Record<StepName, Check>>>,
): Promise<Diagnosis> {
  const names = Object.keys(steps) as StepName[];
  const onPath = context.target.call ? names.filter((step) => callSteps.includes(step)) : names;
  const results = await Promise.all(onPath.map((step) => runStep(context, step, checks[step])));
  const rank = ({ step }: StepResult) => causalOrder.indexOf(step);
  const causes = results.toSorted((a, b) => rank(a) - rank(b)).flatMap(({ findings }) => findings);
  return {
    target: context.target.title,
    stack: context.stack.name,
    ok: causes.length === 0,
    causes,
    steps: results,
  };
}

async function runStep(context: Context, step: StepName, check: Check | undefined): Promise<StepResult> {
  const [observed, declared] = await Promise.all([
    observe(check === undefined ? [] : [check(context)]),
    observe([checkDeclared(context, step)]),
  ]);
  // A changed object explains what else is wrong with it.
  const changed = declared.findings.map(({ object }) => object);
  const others = observed.findings.filter(({ object }) => !changed.includes(object));
  const findings = [...declared.findings, ...others];
  const seen = new Set([...observed.seen, ...declared.seen]);
  const isUnseen = observed.isUnseen === true || declared.isUnseen === true;
  const status = findings.length > 0 ? "broken" : isUnseen ? "unseen" : "ok";
  return { step, status, summary: [...seen].join("; "), findings };
}
