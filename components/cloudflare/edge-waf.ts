import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";

import { importCommand, reportExisting, type ExistingResource } from "../pulumi/import-existing";
import { hook } from "../pulumi/hooks";
import { stackComment } from "../pulumi/stack-mark";
import { rulesByPhase, type Plan, type WafRules } from "./waf-rules";

export interface EdgeWafArgs extends WafRules {
  /** Cloudflare's id of the zone, 32 hex digits. */
  readonly zoneId: pulumi.Input<string>;
  /** The zone's plan. A change updates the rulesets in place. */
  readonly plan: Plan;
}

/**
 * What the edge does with a request before the origin sees it: redirects, blocks, limits, caches, and what it adds to
 * the answer. One ruleset, the zone's entry point, for each phase that has rules.
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
          // What the dashboard calls an entry point too: another name would replace one that is taken over.
          name: "default",
          description: stackComment(),
          rules: [...list],
        },
        // A phase has one entry point: a second one is refused while the first is there.
        { parent: this, deleteBeforeReplace: true, hooks },
      );

    this.phases = Object.keys(byPhase);
    this.registerOutputs({ phases: this.phases });
  }
}

/** Refuses, in preview too, to make an entry point that the zone has already. One list serves all phases. */
function rulesetConflictHook(name: string, parent: pulumi.Resource): pulumi.ResourceHook {
  let rulesets: Promise<readonly cloudflare.types.output.GetRulesetsRuleset[]> | undefined;
  const look = async (zoneId: string) => (await cloudflare.getRulesets({ zoneId }, { parent })).rulesets;
  return hook(
    `${name}-free-phase`,
    async ({ name: resource, newInputs = {} }) => {
      const { zoneId, phase } = newInputs as { readonly zoneId: string; readonly phase: string };
      const existing = (await (rulesets ??= look(zoneId))).find(
        (each) => each.kind === "zone" && each.phase === phase,
      );
      if (existing !== undefined) reportExisting(describeRulesetConflict(resource, zoneId, existing));
    },
    { onDryRun: true },
  );
}

/** What to do about an entry point that an interrupted run of this stack made, or the dashboard, or another stack. */
export function describeRulesetConflict(
  resource: string,
  zoneId: string,
  { id, phase, description }: ExistingRuleset,
): ExistingResource {
  const importId = `zones/${zoneId}/${id}`;
  const isOurs = description === stackComment();
  const whose = isOurs
    ? "made by an interrupted run of this stack. Take it over:"
    : "without this stack's description: another made it. To take it over, so that this stack's rules replace its rules:";
  return {
    resource,
    importId: isOurs ? importId : undefined,
    message: `The zone has rules for ${phase} already, in ruleset ${id}, ${whose} ${importCommand(resource, importId)}`,
  };
}

/** An entry point as the zone holds it. */
type ExistingRuleset = Pick<cloudflare.types.output.GetRulesetsRuleset, "id" | "phase" | "description">;
