import { randomBytes } from "node:crypto";

import { z } from "zod";

import type { Plan } from "./accounts";
import { ErrorResponse } from "./api";
import type { Phase } from "./route-permissions";
import { findParameterSchema } from "./rulesets-actions";
import { parseExpression, validatePlan, validateRuleCount, type RuleBody } from "./rulesets-limits";

/** A rule as the API shows it. */
export interface Rule extends RuleBody {
  readonly id: string;
  readonly ref: string;
  readonly version: string;
  readonly last_updated: string;
}

/** The `code` of errors whose real code is unknown. */
const unknownErrorCode = 20000;

function throwError(code: number, message: string): never {
  throw new ErrorResponse(400, [{ code, message }]);
}

/**
 * The new rules of a phase. One whose `ref` existed keeps its id, and unless something about it changed its version.
 *
 * @throws {ErrorResponse} 400 at the first rule that the phase or the zone's plan does not permit.
 */
export function toRules(
  plan: Plan,
  phase: Phase,
  bodies: readonly RuleBody[],
  last: readonly Rule[],
): readonly Rule[] {
  validateRuleCount(plan, phase, bodies.length);
  const refs = bodies.flatMap(({ ref }) => ref ?? []);
  const repeated = refs.find((ref, index) => refs.indexOf(ref) !== index);
  if (repeated !== undefined)
    throwError(
      unknownErrorCode,
      `'${repeated}' is not a valid value for ref because two rules of the ruleset have it`,
    );
  const now = new Date().toISOString();
  return bodies.map((body) => {
    const rule = validateRule(plan, phase, body);
    const before = last.find(({ ref }) => ref === rule.ref);
    const id = before?.id ?? randomBytes(16).toString("hex");
    const ref = rule.ref ?? id;
    if (before === undefined) return { id, ...rule, ref, version: "1", last_updated: now };
    const { version, last_updated } = before;
    return JSON.stringify({ id, ...rule, ref, version, last_updated }) === JSON.stringify(before)
      ? before
      : { id, ...rule, ref, version: String(Number(version) + 1), last_updated: now };
  });
}

function validateRule(plan: Plan, phase: Phase, body: RuleBody): RuleBody {
  const { action, action_parameters: given, logging, ratelimit, ...rest } = body;
  const schema = findParameterSchema(phase, action);
  if (schema === undefined)
    throwError(
      unknownErrorCode,
      `'${action}' is not a valid value for action because the phase ${phase} does not have it`,
    );
  const { data, error } = schema.safeParse(given ?? {});
  if (error !== undefined)
    throwError(
      given === undefined ? 20113 : unknownErrorCode,
      `action parameters of the ${action} action: ${z.prettifyError(error)}`,
    );
  if (logging !== undefined && action !== "skip")
    throwError(20018, "logging options only allowed in the skip action");
  if ((ratelimit === undefined) === (phase === "http_ratelimit"))
    throwError(unknownErrorCode, `ratelimit is for rules of the phase http_ratelimit, and needed there`);
  parseExpression(body.expression);
  validatePlan(plan, body);
  return {
    ...rest,
    action,
    ...(Object.keys(data).length > 0 && { action_parameters: data as Record<string, unknown> }),
    ...(logging && { logging }),
    ...(ratelimit && { ratelimit }),
  };
}
