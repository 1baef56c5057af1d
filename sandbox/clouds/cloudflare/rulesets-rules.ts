import { randomBytes } from "node:crypto";

import { z } from "zod";

import type { Zone } from "./accounts";
import { ErrorResponse } from "./api";
import { findExpressions, findParameterSchema } from "./rulesets-actions";
import { readExpression } from "./rulesets-expression";
import { validatePlan, validateRuleCount } from "./rulesets-limits";
import type { Phase, RuleBody } from "./rulesets-schema";

/** A rule as the API shows it. */
export interface Rule {
  readonly id: string;
  /** A name that the writer of the rule gave it, by which it keeps its id; else the id. */
  readonly ref: string;
  readonly version: string;
  readonly action: string;
  readonly action_parameters?: Readonly<Record<string, unknown>>;
  readonly expression: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly logging?: { readonly enabled: boolean };
  readonly ratelimit?: Readonly<Record<string, unknown>>;
  readonly last_updated: string;
}

/** The `code` of errors whose real code is unknown. */
const unknownErrorCode = 20000;

function throwError(code: number, message: string): never {
  throw new ErrorResponse(400, [{ code, message }]);
}

/**
 * The rules of a phase as they are from now on. One whose `ref` or `id` was there before keeps its id, and its version
 * too unless something about it is new.
 *
 * @throws {ErrorResponse} 400 at the first rule that the phase or the zone's plan does not take; no rule is taken then.
 */
export function toRules(
  zone: Zone,
  phase: Phase,
  bodies: readonly RuleBody[],
  last: readonly Rule[],
): readonly Rule[] {
  validateRuleCount(zone, phase, bodies.length);
  const wanted = bodies.map((body) => validateRule(zone, phase, body));
  const now = new Date().toISOString();
  const rules = wanted.map((rule) => withVersion(rule, last, now));
  for (const key of ["ref", "id"] as const) {
    const names = rules.map((rule) => rule[key]);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined)
      throwError(
        unknownErrorCode,
        `'${twice}' is not a valid value for ${key} because two rules of the ruleset have it`,
      );
  }
  return rules;
}

type RequestedRule = Omit<Rule, "id" | "ref" | "version" | "last_updated"> & Pick<RuleBody, "id" | "ref">;

function validateRule(zone: Zone, phase: Phase, body: RuleBody): RequestedRule {
  const { id, ref, action, expression, description, enabled, logging, ratelimit } = body;
  const action_parameters = parametersFor(phase, body);
  if (logging !== undefined && action !== "skip")
    throwError(20018, "logging options only allowed in the skip action");
  if (ratelimit !== undefined && phase !== "http_ratelimit")
    throwError(unknownErrorCode, `ratelimit is not for the phase ${phase}`);
  const counting = ratelimit?.counting_expression ?? "";
  const uses = [
    readExpression(expression),
    ...(counting === "" ? [] : [readExpression(counting)]),
    ...findExpressions(action_parameters).map(readExpression),
  ];
  validatePlan(zone, phase, body, uses);
  return {
    ...(id !== undefined && { id }),
    ...(ref !== undefined && { ref }),
    action,
    ...(Object.keys(action_parameters).length > 0 && { action_parameters }),
    expression,
    description,
    enabled,
    ...(logging && { logging }),
    ...(ratelimit && { ratelimit }),
  };
}

function parametersFor(phase: Phase, { action, action_parameters: given }: RuleBody) {
  const schema = findParameterSchema(phase, action);
  if (schema === undefined)
    throwError(
      unknownErrorCode,
      `'${action}' is not a valid value for action because the phase ${phase} does not have it`,
    );
  const parsed = schema.safeParse(given ?? {});
  if (!parsed.success && given === undefined)
    throwError(20113, `action parameters are required for the ${action} action`);
  if (!parsed.success) throwError(unknownErrorCode, `action_parameters: ${z.prettifyError(parsed.error)}`);
  const { phases } = parsed.data as { readonly phases?: readonly string[] };
  const skippable = phase === "http_request_firewall_custom" ? skippablePhases : [];
  const other = phases?.find((name) => !skippable.includes(name));
  if (other !== undefined) throwError(20120, `skip action parameter phase '${other}' is not authorized`);
  return parsed.data;
}

/** Those that come after the custom rules. */
const skippablePhases = ["http_ratelimit", "http_request_firewall_managed", "http_request_sbfm"];

function withVersion(
  { id: givenId, ref, ...content }: RequestedRule,
  last: readonly Rule[],
  now: string,
): Rule {
  const before = last.find((rule) => (ref === undefined ? rule.id === givenId : rule.ref === ref));
  const id = before?.id ?? randomBytes(16).toString("hex");
  const rule = { id, ref: ref ?? before?.ref ?? id, ...content };
  if (before === undefined) return { ...rule, version: "1", last_updated: now };
  const unchanged = { ...rule, version: before.version, last_updated: before.last_updated };
  return JSON.stringify(sortKeys(unchanged)) === JSON.stringify(sortKeys(before))
    ? before
    : { ...rule, version: String(Number(before.version) + 1), last_updated: now };
}

/** The same object with its own keys in alphabetical order. */
const sortKeys = (rule: object) => Object.fromEntries(Object.entries(rule).sort());
