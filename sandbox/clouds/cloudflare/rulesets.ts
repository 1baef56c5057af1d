import { randomBytes } from "node:crypto";

import type { Context } from "hono";
import { Hono } from "hono";

import type { Store } from "../store";
import type { Zone } from "./accounts";
import { parseBody, parseQuery, ErrorResponse, success } from "./api";
import { managedRulesetsFor } from "./rulesets-managed";
import { toRules, type Rule } from "./rulesets-rules";
import { entryPoint, newRuleset, phases, wholeRuleset, type Phase, type RuleBody } from "./rulesets-schema";
import { logZone } from "./zone-log";
import { getZone } from "./zones";

/** A ruleset of a zone, as the API shows it. A zone has at most one for each phase: the phase's entry point. */
export interface Ruleset {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly kind: "zone";
  readonly phase: Phase;
  /** Counts up with every change, from "1". */
  readonly version: string;
  readonly last_updated: string;
  readonly rules: readonly Rule[];
}

/** Zone id -> its rulesets. */
type Rulesets = Record<string, Ruleset[]>;

const getRulesets = (store: Store) => store.section<Rulesets>("cloudflare-rulesets", () => ({}));

/** All rulesets of all zones with their rules; the managed ones are Cloudflare's and not among them. */
export function getAllRulesets(store: Store): readonly (Ruleset & { readonly zone: string })[] {
  return Object.entries(getRulesets(store)).flatMap(([zone, list]) => list.map((one) => ({ zone, ...one })));
}

/** The phase of a zone's ruleset; undefined if the zone has no ruleset with that id. */
export function findPhaseOfRuleset(store: Store, zone: string, id: string): Phase | undefined {
  return getRulesets(store)[zone]?.find((one) => one.id === id)?.phase;
}

function throwError(code: number, message: string): never {
  throw new ErrorResponse(400, [{ code, message }]);
}

/** Routes of one zone's rulesets, by id and by phase. */
export function rulesetRoutes(store: Store): Hono {
  const app = new Hono();
  const listOf = (zone: Zone): Ruleset[] => (getRulesets(store)[zone.id] ??= []);
  const oneOf = (c: Context): Ruleset => {
    const id = c.req.param("ruleset") ?? "";
    const found = listOf(getZone(store, c)).find((one) => one.id === id);
    if (found === undefined)
      throw new ErrorResponse(404, [{ code: 10001, message: `could not find ruleset ${id} in the zone` }]);
    return found;
  };
  /** Replaces `last`, or adds to the zone's rulesets if there was none. */
  const put = (zone: Zone, wanted: Content, last?: Ruleset): Ruleset => {
    const rules = toRules(zone, wanted.phase, wanted.rules, last?.rules ?? []);
    const ruleset: Ruleset = {
      id: last?.id ?? randomBytes(16).toString("hex"),
      kind: "zone",
      ...wanted,
      version: String(Number(last?.version ?? 0) + 1),
      last_updated: new Date().toISOString(),
      rules,
    };
    const others = listOf(zone).filter(({ phase }) => phase !== ruleset.phase);
    getRulesets(store)[zone.id] = [...others, ruleset];
    store.save();
    log(zone, ruleset.id, last, ruleset);
    return ruleset;
  };
  const log = (zone: Zone, id: string, before: Ruleset | undefined, after: Ruleset | undefined) => {
    const op = before === undefined ? "create" : after === undefined ? "delete" : "update";
    logZone(store, {
      zone: zone.id,
      kind: "ruleset",
      op,
      id,
      ...(before && { before }),
      ...(after && { after }),
    });
  };
  const pointOf = (c: Context) => {
    const phase = parsePhase(c.req.param("phase") ?? "");
    return { phase, point: listOf(getZone(store, c)).find((one) => one.phase === phase) };
  };

  app.get("/", (c) => {
    parseQuery(c, []);
    const zone = getZone(store, c);
    return c.json(success([...listOf(zone).map(summarize), ...listManaged(zone)]));
  });
  app.post("/", async (c) => {
    const zone = getZone(store, c);
    const { kind, ...wanted } = await parseBody(c, newRuleset);
    const phase = parsePhase(wanted.phase);
    if (kind !== "zone")
      throwError(20217, `'${kind}' is not a valid value for kind because a zone has only 'zone'`);
    if (listOf(zone).some((one) => one.phase === phase))
      throwError(
        20217,
        `'zone' is not a valid value for kind because exceeded maximum number of zone rulesets for phase ${phase}`,
      );
    return c.json(success(put(zone, { ...wanted, phase })));
  });
  app.get("/phases/:phase/entrypoint", (c) => {
    parseQuery(c, []);
    const { phase, point } = pointOf(c);
    if (point !== undefined) return c.json(success(point));
    const message = `could not find entrypoint ruleset in the ${phase} phase`;
    throw new ErrorResponse(404, [{ code: 10003, message }]);
  });
  app.put("/phases/:phase/entrypoint", async (c) => {
    const { phase, point } = pointOf(c);
    const { name = point?.name ?? "default", ...wanted } = await parseBody(c, entryPoint);
    return c.json(success(put(getZone(store, c), { ...wanted, name, phase }, point)));
  });
  app.get("/:ruleset", (c) => {
    parseQuery(c, []);
    return c.json(success(oneOf(c)));
  });
  app.put("/:ruleset", async (c) => {
    const last = oneOf(c);
    const { name = last.name, description, rules, ...fixed } = await parseBody(c, wholeRuleset);
    for (const key of ["id", "kind", "phase"] as const)
      if (fixed[key] !== undefined && fixed[key] !== last[key])
        throwError(
          20217,
          `'${fixed[key]}' is not a valid value for ${key} because it is '${last[key]}' for good`,
        );
    return c.json(success(put(getZone(store, c), { name, description, phase: last.phase, rules }, last)));
  });
  app.delete("/:ruleset", (c) => {
    const [zone, last] = [getZone(store, c), oneOf(c)];
    getRulesets(store)[zone.id] = listOf(zone).filter(({ id }) => id !== last.id);
    store.save();
    log(zone, last.id, last, undefined);
    return c.body(null, 204);
  });
  return app;
}

interface Content {
  readonly name: string;
  readonly description: string;
  readonly phase: Phase;
  readonly rules: readonly RuleBody[];
}

function parsePhase(name: string): Phase {
  const phase = phases.find((known) => known === name);
  if (phase === undefined)
    throwError(
      20217,
      `'${name}' is not a valid value for phase because the sandbox has only ${phases.join(", ")}`,
    );
  return phase;
}

/** A ruleset in a list: without its rules. */
function summarize({ id, name, description, kind, phase, version, last_updated }: Ruleset): object {
  return { id, name, description, kind, phase, version, last_updated };
}

/** Cloudflare's managed rulesets in the list of a zone. Their rules are not emulated. */
function listManaged(zone: Zone): readonly object[] {
  const common = { description: "", kind: "managed", phase: "http_request_firewall_managed", version: "1" };
  return managedRulesetsFor(zone.plan).map(({ id, name }) => ({
    id,
    name,
    ...common,
    last_updated: zone.createdOn,
  }));
}
