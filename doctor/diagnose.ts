import { checkDeclared } from "./check-declared";
import type { Context } from "./context";
import { causalOrder, NotVisible, steps, type Finding, type StepName, type StepResult } from "./finding";

/** What a step found out. */
export interface Observation {
  /** What was seen, and what could not be and why, in a few words each. */
  readonly seen: readonly string[];
  readonly findings: readonly Finding[];
  /** Whether the check ended early. Default: false. */
  readonly isUnseen?: boolean;
}

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

/** Runs all steps at the same time. */
export async function diagnose(
  context: Context,
  checks: Readonly<Partial<Record<StepName, Check>>>,
): Promise<Diagnosis> {
  const names = Object.keys(steps) as StepName[];
  const results = await Promise.all(
    names
      .filter((step) => checks[step] !== undefined || context.declared.some((object) => object.step === step))
      .map((step) => runStep(context, step, checks[step])),
  );
  const causes = results.flatMap(({ findings }) => findings).toSorted((a, b) => rank(a) - rank(b));
  return {
    target: context.target.title,
    stack: context.stack.name,
    ok: causes.length === 0,
    causes,
    steps: results,
  };
}

const rank = ({ code }: Finding): number => causalOrder.findIndex((step) => code.startsWith(`${step}/`));

async function runStep(context: Context, step: StepName, check: Check | undefined): Promise<StepResult> {
  const declared = context.declared.filter((object) => object.step === step);
  const [observed, changes] = await Promise.all([
    check === undefined ? { seen: [], findings: [] } : check(context).catch(toUnseen),
    checkDeclared(context.cluster, context.stack.name, declared)
      .then((findings): Observation => {
        const isClean = declared.length > 0 && findings.length === 0;
        return { seen: isClean ? [`${declared.length} objects as declared`] : [], findings };
      })
      .catch(toUnseen),
  ]);
  const findings = [...changes.findings, ...observed.findings];
  const seen = new Set([...observed.seen, ...changes.seen]);
  const isUnseen = observed.isUnseen ?? changes.isUnseen ?? false;
  const status = findings.length > 0 ? "broken" : isUnseen ? "unseen" : "ok";
  return { step, status, summary: [...seen].join("; "), findings };
}

function toUnseen(error: unknown): Observation {
  if (!(error instanceof NotVisible)) throw error;
  return { seen: [error.message], findings: [], isUnseen: true };
}
