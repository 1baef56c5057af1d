import { isDeepStrictEqual } from "node:util";

import { z } from "zod";

import { matchesHost } from "../../components/ingress/route";
import { findResources } from "../../stack/read-stack";
import { upCommand } from "../check-declared";
import type { Context } from "../context";
import type { Check } from "../diagnose";
import { countOf, observe, type Finding } from "../finding";
import { findRoutes } from "../target";

const setting = z.object({ result: z.object({ value: z.unknown() }) });
const settingInputs = z.object({ settingId: z.string(), value: z.unknown() });
const rule = z.looseObject({
  action: z.string(),
  expression: z.string(),
  enabled: z.boolean().default(true),
  description: z.string().default(""),
});
const rulesetInputs = z.object({ phase: z.string(), rules: z.array(rule).default([]) });
const ruleset = z.object({ result: z.object({ rules: z.array(rule).default([]) }) });
const originPulls = z.object({ result: z.object({ enabled: z.boolean() }) });
const certificate = z.object({ result: z.object({ status: z.string() }).optional() });

const resourcesOf = ({ stack }: Context, type: string) => findResources(stack, `cloudflare:index/${type}`);

/** Checks the zone's settings, rules and authenticated origin pulls. */
export const checkEdge: Check = async (context) => {
  const { target } = context;
  const routes = findRoutes(context.stack).filter(
    ({ url }) => target.url === undefined || matchesHost(new URL(url).hostname, target.url.host),
  );
  const proxied = routes.some((route) => route.proxied);
  const owned = resourcesOf(context, "zoneSetting").length > 0;
  if (!proxied && !owned) return { seen: ["not on the path: the host is DNS only"], findings: [] };
  const parts = [
    checkSslMode(context, proxied),
    checkSettings(context),
    checkRulesets(context),
    checkOriginPulls(context),
  ];
  const observed = await observe(parts.map(async (part) => ({ seen: [], findings: await part })));
  const count = resourcesOf(context, "zoneSetting").length;
  return {
    ...observed,
    seen: [
      ...observed.seen,
      `${countOf(count, "setting")} and ${countOf(resourcesOf(context, "ruleset").length, "ruleset")}`,
    ],
  };
};

const readSetting = async ({ cloudflare, zone }: Context, id: string): Promise<unknown> =>
  (await cloudflare(`/zones/${zone.id}/settings/${id}`, setting)).result.value;

async function checkSslMode(context: Context, proxied: boolean): Promise<Finding[]> {
  const mode = await readSetting(context, "ssl");
  if (!proxied || mode === "strict" || mode === "full") return [];
  const isOwner = resourcesOf(context, "zoneSetting").length > 0;
  return [
    {
      code: "edge/ssl-mode",
      object: `Zone ${context.zone.name}`,
      problem: `has the SSL/TLS mode ${String(mode)}: Cloudflare asks the origin without TLS, and its redirect to https:// loops`,
      fix: isOwner
        ? upCommand(context.stack.name)
        : `run pulumi up --refresh in the stack that has ownsZone: true, or: curl -X PATCH https://api.cloudflare.com/client/v4/zones/${context.zone.id}/settings/ssl -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" -d '{"value":"strict"}'`,
    },
  ];
}

async function checkSettings(context: Context): Promise<Finding[]> {
  const declared = resourcesOf(context, "zoneSetting").map(({ inputs }) => settingInputs.parse(inputs));
  const findings = await Promise.all(
    declared.map(async ({ settingId, value }): Promise<Finding[]> => {
      const live = await readSetting(context, settingId);
      // An insecure SSL mode has a finding of its own.
      const isKnown = settingId === "ssl" && live !== "strict" && live !== "full";
      if (isKnown || isSame(value, live)) return [];
      return [
        {
          code: "edge/setting-changed",
          object: `Zone setting ${settingId}`,
          problem: `is ${JSON.stringify(live)} instead of ${JSON.stringify(value)}`,
          fix: upCommand(context.stack.name),
        },
      ];
    }),
  );
  return findings.flat();
}

/** Whether a live value is the declared one, but for fields that only Cloudflare adds. */
const isSame = (declared: unknown, live: unknown): boolean =>
  typeof declared === "object" && declared !== null && typeof live === "object" && live !== null
    ? Object.entries(declared).every(([key, value]) => isSame(value, (live as Record<string, unknown>)[key]))
    : isDeepStrictEqual(declared, live);

async function checkRulesets(context: Context): Promise<Finding[]> {
  const { cloudflare, zone, stack } = context;
  const findings = await Promise.all(
    resourcesOf(context, "ruleset").map(async ({ id, inputs }): Promise<Finding[]> => {
      const { phase, rules } = rulesetInputs.parse(inputs);
      const object = `Ruleset ${phase}`;
      const { result } = await cloudflare(`/zones/${zone.id}/rulesets/${id}`, ruleset, {
        result: { rules: [] },
      });
      const fix = upCommand(stack.name);
      const key = (each: z.output<typeof rule>) =>
        JSON.stringify([each.action, each.expression, each.enabled]);
      const live = result.rules.map(key);
      const missing = rules.filter((each) => !live.includes(key(each)));
      const declared = rules.map(key);
      const added = result.rules.filter((each) => !declared.includes(key(each)));
      if (missing.length === 0 && added.length === 0) return [];
      const describe = (all: readonly z.output<typeof rule>[]) =>
        all
          .map(({ action, expression, enabled }) => `${action}${enabled ? "" : " (disabled)"} ${expression}`)
          .join("; ");
      const parts = [
        ...(missing.length > 0 ? [`lacks the rules: ${describe(missing)}`] : []),
        ...(added.length > 0 ? [`has rules that the stack does not declare: ${describe(added)}`] : []),
      ];
      return [{ code: "edge/rules-changed", object, problem: parts.join("; "), fix }];
    }),
  );
  return findings.flat();
}

async function checkOriginPulls(context: Context): Promise<Finding[]> {
  const { cloudflare, zone, stack } = context;
  const fix = upCommand(stack.name);
  const object = `Zone ${zone.name}`;
  const findings: Finding[] = [];
  const [settings] = resourcesOf(context, "authenticatedOriginPullsSettings");
  if (settings?.inputs.enabled === true) {
    const { result } = await cloudflare(`/zones/${zone.id}/origin_tls_client_auth/settings`, originPulls);
    if (!result.enabled)
      findings.push({
        code: "edge/origin-pulls-off",
        object,
        problem:
          "has authenticated origin pulls off: Cloudflare presents no certificate, and the origin lock refuses every request (525 or 520)",
        fix,
      });
  }
  for (const { id } of resourcesOf(context, "authenticatedOriginPullsCertificate")) {
    const { result } = await cloudflare(`/zones/${zone.id}/origin_tls_client_auth/${id}`, certificate, {});
    if (result?.status !== "active")
      findings.push({
        code: "edge/origin-pulls-certificate",
        object,
        problem: `${result === undefined ? "has no" : `has the status ${result.status} of the`} certificate for authenticated origin pulls that the stack uploaded: the origin lock refuses every request`,
        fix,
      });
  }
  return findings;
}
