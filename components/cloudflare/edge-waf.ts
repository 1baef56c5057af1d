import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";

import { hook } from "../pulumi/hooks";
import { importCommand, reportExisting, type ExistingResource } from "../pulumi/import-existing";
import { stackComment } from "../pulumi/stack-mark";
import { rulesByPhase, type Plan, type WafRules } from "./waf-rules";

export interface EdgeWafArgs extends WafRules {
  /** Cloudflare's id of the zone, 32 hex digits. */
  readonly zoneId: pulumi.Input<string>;
  /** The zone's plan. A change updates the rulesets in place. */
  readonly plan: Plan;
}

/**
 * The zone's rules: redirects, WAF custom rules, rate limits, managed rules, cache rules and response headers. One
 * ruleset, the zone's entry point, for each phase that has rules.
 *
 * @see https://developers.cloudflare.com/ruleset-engine/about/rulesets/#entry-point-ruleset
 */
export class EdgeWaf extends pulumi.ComponentResource {
  /** The phases that have rules. */
  readonly phases: readonly string[];

  constructor(name: string, args: EdgeWafArgs, opts?: pulumi.ComponentResourceOptions) {
    const { zoneId, plan, ...rules } = args;
    const byPhase = rulesByPhase(rules, plan);
    super("platform:networking:EdgeWaf", name, {}, opts);

    const hooks = { beforeCreate: [rulesetConflictHook(name, this)] };
    for (const [phase, list] of Object.entries(byPhase))
      new cloudflare.Ruleset(
        `${name}-${phase}`,
        {
          zoneId,
          kind: "zone",
          phase,
          // The dashboard's name for an entry point: any other would replace an imported one.
          name: "default",
          description: stackComment(),
          rules: [...list],
        },
        // A phase has one entry point: Cloudflare refuses a second one.
        { parent: this, deleteBeforeReplace: true, hooks },
      );

    this.phases = Object.keys(byPhase);
    this.registerOutputs({ phases: this.phases });
  }
}

/** Checks that the phase has no entry point before one is created, in preview too. One list serves all phases. */
function rulesetConflictHook(name: string, parent: pulumi.Resource): pulumi.ResourceHook {
  let rulesets: Promise<readonly cloudflare.types.output.GetRulesetsRuleset[]> | undefined;
  const listRulesets = async (zoneId: string) =>
    (await cloudflare.getRulesets({ zoneId }, { parent })).rulesets;
  return hook(
    `${name}-conflict-check`,
    async ({ name: resource, newInputs = {} }) => {
      const { zoneId, phase } = newInputs as { readonly zoneId: string; readonly phase: string };
      rulesets ??= listRulesets(zoneId);
      const existing = (await rulesets).find((each) => each.kind === "zone" && each.phase === phase);
      if (existing !== undefined) reportExisting(describeRulesetConflict(resource, zoneId, existing));
    },
    { onDryRun: true },
  );
}

/** An entry point as the zone has it. */
type ExistingRuleset = Pick<cloudflare.types.output.GetRulesetsRuleset, "id" | "phase" | "description">;

/** An entry point created by an interrupted run of this stack, by the dashboard or by another stack. */
export function describeRulesetConflict(
  resource: string,
  zoneId: string,
  { id, phase, description }: ExistingRuleset,
): ExistingResource {
  const importId = `zones/${zoneId}/${id}`;
  const isOurs = description === stackComment();
  const remedy = isOurs
    ? "created by an interrupted run of this stack. Import it:"
    : "which this stack did not create (its description differs). To import it and replace its rules with this stack's:";
  return {
    resource,
    importId: isOurs ? importId : undefined,
    message: `The zone already has rules for ${phase}, in ruleset ${id}, ${remedy} ${importCommand(resource, importId)}`,
  };
}
