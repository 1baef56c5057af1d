import { styleText } from "node:util";

import type { Diagnosis } from "./diagnose";
import { steps, type StepResult } from "./finding";

const colors = { ok: "green", broken: "red", unseen: "yellow" } as const;
/** The status of a step or a requirement, as shown. */
export const statusWords = { ok: "ok", broken: "broken", unseen: "not seen" } as const;

/** The section of the runbook about a code. */
const runbookSection = (code: string): string => `docs/runbook.md#${code.replace("/", "")}`;

const orderNote =
  "Run the kubectl commands before pulumi up: with server-side apply it stops at a field that another wrote.";

/** Whether an update would stop at a field that another command repairs. */
const needsOrder = ({ causes }: Diagnosis): boolean =>
  causes.some(({ fix }) => fix.includes("pulumi up")) &&
  causes.some(({ fix }) => fix.startsWith("kubectl patch"));

/** The diagnosis as text for a terminal. */
export function formatDiagnosis(diagnosis: Diagnosis, useColor: boolean): string {
  const paint = (color: "green" | "red" | "yellow" | "bold", text: string) =>
    useColor ? styleText(color, text) : text;
  const width = Math.max(...Object.values(steps).map((title) => title.length));
  const line = ({ step, status, summary, findings }: StepResult) => {
    const found = [...new Set(findings.map(({ code }) => code))].join(", ");
    return `  ${paint(colors[status], statusWords[status].padEnd(8))}  ${steps[step].padEnd(width)}  ${found || summary}`;
  };
  const causes = diagnosis.causes.map(
    ({ code, object, problem, fix }, index) =>
      `${index + 1}. ${paint("bold", code)}: ${object} ${problem}\n   Fix: ${fix}\n   See: ${runbookSection(code)}`,
  );
  const count = causes.length;
  const head =
    count === 0 ? "Nothing is broken." : count === 1 ? "One cause:" : `${count} causes, the first first:`;
  return [
    `${diagnosis.target} (stack ${diagnosis.stack})`,
    "",
    ...diagnosis.steps.map(line),
    "",
    head,
    ...causes.flatMap((cause) => ["", cause]),
    ...(needsOrder(diagnosis) ? ["", orderNote] : []),
    "",
  ].join("\n");
}
