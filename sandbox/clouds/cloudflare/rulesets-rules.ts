import { randomBytes } from "node:crypto";

import { z } from "zod";

import type { Zone } from "./accounts";
import { Refusal } from "./api";
import { expressionsIn, parametersOf } from "./rulesets-actions";
import { readExpression } from "./rulesets-expression";
import { refuseOverPlan, refuseTooMany } from "./rulesets-limits";
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

/** `code` of faults of which Cloudflare's own code was never seen. */
const UNSEEN = 20000;

function refuse(code: number, message: string): never {
  throw new Refusal(400, [{ code, message }]);
}

/**
 * The rules of a phase as they are from now on. One whose `ref` or `id` was there before keeps its id, and its version
 * too unless something about it is new.
 *
 * @throws {Refusal} 400 at the first rule that the phase or the zone's plan does not take; no rule is taken then.
 */
export function rulesOf(
  zone: Zone,
  phase: Phase,
  bodies: readonly RuleBody[],
  last: readonly Rule[],
): readonly Rule[] {
  refuseTooMany(zone, phase, bodies.length);
  const wanted = bodies.map((body) => checked(zone, phase, body));
  const now = new Date().toISOString();
  const rules = wanted.map((rule) => renewed(rule, last, now));
  for (const key of ["ref", "id"] as const) {
    const names = rules.map((rule) => rule[key]);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined)
      refuse(UNSEEN, `'${twice}' is not a valid value for ${key} because two rules of the ruleset have it`);
  }
  return rules;
}

type Wanted = Omit<Rule, "id" | "ref" | "version" | "last_updated"> & Pick<RuleBody, "id" | "ref">;

function checked(zone: Zone, phase: Phase, body: RuleBody): Wanted {
  const { id, ref, action, expression, description, enabled, logging, ratelimit } = body;
  const action_parameters = parametersFor(phase, body);
  if (logging !== undefined && action !== "skip")
    refuse(20018, "logging options only allowed in the skip action");
  if (ratelimit !== undefined && phase !== "http_ratelimit")
    refuse(UNSEEN, `ratelimit is not for the phase ${phase}`);
  const counting = ratelimit?.counting_expression ?? "";
  const uses = [
    readExpression(expression),
    ...(counting === "" ? [] : [readExpression(counting)]),
    ...expressionsIn(action_parameters).map(readExpression),
  ];
  refuseOverPlan(zone, phase, body, uses);
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
  const schema = parametersOf(phase, action);
  if (schema === undefined)
    refuse(UNSEEN, `'${action}' is not a valid value for action because the phase ${phase} does not have it`);
  const parsed = schema.safeParse(given ?? {});
  if (!parsed.success && given === undefined)
    refuse(20113, `action parameters are required for the ${action} action`);
  if (!parsed.success) refuse(UNSEEN, `action_parameters: ${z.prettifyError(parsed.error)}`);
  const { phases } = parsed.data as { readonly phases?: readonly string[] };
  const skippable = phase === "http_request_firewall_custom" ? skippablePhases : [];
  const other = phases?.find((name) => !skippable.includes(name));
  if (other !== undefined) refuse(20120, `skip action parameter phase '${other}' is not authorized`);
  return parsed.data;
}

/** Those that come after the custom rules. */
const skippablePhases = ["http_ratelimit", "http_request_firewall_managed", "http_request_sbfm"];

function renewed({ id: givenId, ref, ...content }: Wanted, last: readonly Rule[], now: string): Rule {
  const before = last.find((rule) => (ref === undefined ? rule.id === givenId : rule.ref === ref));
  const id = before?.id ?? randomBytes(16).toString("hex");
  const rule = { id, ref: ref ?? before?.ref ?? id, ...content };
  if (before === undefined) return { ...rule, version: "1", last_updated: now };
  const unchanged = { ...rule, version: before.version, last_updated: before.last_updated };
  return JSON.stringify(sorted(unchanged)) === JSON.stringify(sorted(before))
    ? before
    : { ...rule, version: String(Number(before.version) + 1), last_updated: now };
}

/** The same object with its own keys in alphabetical order. */
const sorted = (rule: object) => Object.fromEntries(Object.entries(rule).sort());
