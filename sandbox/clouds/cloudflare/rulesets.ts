import { randomBytes } from "node:crypto";

import type { Context } from "hono";
import { Hono } from "hono";
import { z } from "zod";

import type { Store } from "../store";
import { withoutNulls } from "../without-nulls";
import type { Zone } from "./accounts";
import { parseBody, parseQuery, ErrorResponse, success } from "./api";
import { findPhase, requirePhasePermission, type Phase } from "./route-permissions";
import { managedRulesetsFor, ruleBody, type RuleBody } from "./rulesets-limits";
import { toRules, type Rule } from "./rulesets-rules";
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

/** The body of POST and PUT. Clients send null for what the former ruleset had. */
const rulesetBody = z.preprocess(
  withoutNulls,
  z.strictObject({
    name: z.string(),
    kind: z.string(),
    phase: z.string(),
    description: z.string().default(""),
    rules: z.array(ruleBody).default([]),
  }),
);

/** Zone id -> its rulesets. */
const getRulesets = (store: Store) =>
  store.section<Record<string, Ruleset[]>>("cloudflare-rulesets", () => ({}));

/** All rulesets of all zones with their rules, without Cloudflare's managed ones. */
export function getAllRulesets(store: Store): readonly (Ruleset & { readonly zone: string })[] {
  return Object.entries(getRulesets(store)).flatMap(([zone, list]) => list.map((one) => ({ zone, ...one })));
}

const throwInvalid = (value: string, key: string, reason: string): never => {
  const message = `'${value}' is not a valid value for ${key} because ${reason}`;
  throw new ErrorResponse(400, [{ code: 20217, message }]);
};

/** Routes of one zone's rulesets. */
export function rulesetRoutes(store: Store): Hono {
  const app = new Hono();
  const listOf = (zone: Zone): Ruleset[] => (getRulesets(store)[zone.id] ??= []);
  /** @throws {ErrorResponse} 403 or 404. */
  const oneOf = (c: Context): Ruleset => {
    const id = c.req.param("ruleset") ?? "";
    const found = listOf(getZone(store, c)).find((one) => one.id === id);
    requirePhasePermission(c, found?.phase);
    if (found !== undefined) return found;
    throw new ErrorResponse(404, [{ code: 10001, message: `could not find ruleset ${id} in the zone` }]);
  };
  /** Replaces `before`, or adds a ruleset. */
  const put = (
    zone: Zone,
    phase: Phase,
    body: { readonly name: string; readonly description: string; readonly rules: readonly RuleBody[] },
    before?: Ruleset,
  ): Ruleset => {
    const after: Ruleset = {
      id: before?.id ?? randomBytes(16).toString("hex"),
      name: body.name,
      description: body.description,
      kind: "zone",
      phase,
      version: String(Number(before?.version ?? 0) + 1),
      last_updated: new Date().toISOString(),
      rules: toRules(zone.plan, phase, body.rules, before?.rules ?? []),
    };
    save(zone, after.id, before, after);
    return after;
  };
  const save = (zone: Zone, id: string, before: Ruleset | undefined, after: Ruleset | undefined) => {
    const others = listOf(zone).filter((one) => one.id !== id);
    getRulesets(store)[zone.id] = [...others, ...(after ? [after] : [])];
    store.save();
    const op = before === undefined ? "create" : after === undefined ? "delete" : "update";
    const states = { ...(before && { before }), ...(after && { after }) };
    logZone(store, { zone: zone.id, kind: "ruleset", op, id, ...states });
  };

  app.get("/", (c) => {
    parseQuery(c, []);
    requirePhasePermission(c, undefined);
    const zone = getZone(store, c);
    // Without their rules.
    const own = listOf(zone).map(({ id, name, description, kind, phase, version, last_updated }) => ({
      ...{ id, name, description, kind, phase, version, last_updated },
    }));
    const managed = managedRulesetsFor(zone.plan).map(({ id, name }) => ({
      ...{ id, name, description: "", kind: "managed", phase: "http_request_firewall_managed" },
      ...{ version: "1", last_updated: zone.createdOn },
    }));
    return c.json(success([...own, ...managed]));
  });
  app.post("/", async (c) => {
    const zone = getZone(store, c);
    const { kind, ...body } = await parseBody(c, rulesetBody);
    const phase =
      findPhase(body.phase) ?? throwInvalid(body.phase, "phase", "the sandbox has only those of the program");
    requirePhasePermission(c, phase);
    if (kind !== "zone") throwInvalid(kind, "kind", "a zone has only 'zone'");
    if (listOf(zone).some((one) => one.phase === phase))
      throwInvalid("zone", "kind", `exceeded maximum number of zone rulesets for phase ${phase}`);
    return c.json(success(put(zone, phase, body)));
  });
  app.get("/:ruleset", (c) => {
    parseQuery(c, []);
    return c.json(success(oneOf(c)));
  });
  app.put("/:ruleset", async (c) => {
    const before = oneOf(c);
    const body = await parseBody(c, rulesetBody);
    for (const key of ["kind", "phase"] as const)
      if (body[key] !== before[key]) throwInvalid(body[key], key, `it is '${before[key]}' for good`);
    return c.json(success(put(getZone(store, c), before.phase, body, before)));
  });
  app.delete("/:ruleset", (c) => {
    const before = oneOf(c);
    save(getZone(store, c), before.id, before, undefined);
    return c.body(null, 204);
  });
  return app;
}
