import type {
  EgressRule,
  EndpointSelector,
  IngressRule,
} from "../../components/custom-resources/cilium-resources";
import type { PolicyObject } from "./engine";

type Rule = IngressRule & EgressRule;

/** A possible mistake in the policies. */
export interface Mutation {
  readonly mistake: string;
  readonly policies: readonly PolicyObject[];
}

/** Replaces the spec of one policy. */
export const replaceSpec = (
  policies: readonly PolicyObject[],
  name: string,
  change: (spec: PolicyObject["spec"]) => object,
): PolicyObject[] =>
  policies.map((policy) =>
    policy.metadata.name === name ? { ...policy, spec: change(policy.spec) as PolicyObject["spec"] } : policy,
  );

/** A rule, its position, and a function that replaces it in the policies. */
interface RulePosition {
  readonly at: string;
  readonly rule: Rule;
  readonly replaced: (...rules: readonly object[]) => PolicyObject[];
}

/** Finds all rules about pods or nodes. The engine does not evaluate addresses and names. */
function findRules(policies: readonly PolicyObject[]): RulePosition[] {
  const ofApps = policies.filter(
    ({ kind, metadata }) => kind === "CiliumNetworkPolicy" && metadata.name !== "default-deny",
  );
  return ofApps.flatMap((policy) =>
    (["ingress", "egress"] as const).flatMap((half) => {
      const { spec, metadata } = policy;
      const rules: readonly Rule[] = spec[half] ?? [];
      const other = half === "ingress" ? "egress" : "ingress";
      return rules.flatMap((rule, index) => {
        const replaced = (...others: readonly object[]) => {
          const left = rules.toSpliced(index, 1, ...(others as Rule[]));
          // Cilium refuses a policy without any rule.
          if (left.length + (spec[other] ?? []).length === 0)
            return policies.filter((each) => each !== policy);
          return replaceSpec(policies, metadata.name, () => ({ ...spec, [half]: left }));
        };
        const at = `${metadata.name}, ${half} rule ${index}`;
        return rule.toCIDR || rule.toFQDNs ? [] : [{ at, rule, replaced }];
      });
    }),
  );
}

const namespaceLabel = "k8s:io.kubernetes.pod.namespace";

/** Removes a rule, a port or a peer: everything in the policies is necessary. */
export function allowLess(policies: readonly PolicyObject[]): Mutation[] {
  return findRules(policies).flatMap(({ at, rule, replaced }) => [
    { mistake: `${at} is missing`, policies: replaced() },
    ...(rule.toPorts ?? []).flatMap((each) =>
      each.ports.length === 1
        ? []
        : each.ports.map((port) => ({
            mistake: `${at} lacks ${port.protocol} ${port.port}`,
            policies: replaced({
              ...rule,
              toPorts: [{ ...each, ports: each.ports.filter((other) => other !== port) }],
            }),
          })),
    ),
    ...(["fromEndpoints", "toEndpoints"] as const).flatMap((key) => {
      const peers = rule[key] ?? [];
      return peers.length < 2
        ? []
        : peers.map((_, index) => ({
            mistake: `${at} lacks peer ${index}`,
            policies: replaced({ ...rule, [key]: peers.toSpliced(index, 1) }),
          }));
    }),
  ]);
}

/** Removes a condition of a rule. */
export function allowMore(policies: readonly PolicyObject[]): Mutation[] {
  return findRules(policies).flatMap(({ at, rule, replaced }) => {
    const peers = (change: (peer: EndpointSelector) => EndpointSelector) =>
      replaced({
        ...rule,
        ...(rule.fromEndpoints && { fromEndpoints: rule.fromEndpoints.map(change) }),
        ...(rule.toEndpoints && { toEndpoints: rule.toEndpoints.map(change) }),
      });
    const namesNamespace = [...(rule.fromEndpoints ?? []), ...(rule.toEndpoints ?? [])].some(
      ({ matchLabels = {} }) => namespaceLabel in matchLabels,
    );
    return [
      { mistake: `${at} lacks ports`, policies: replaced({ ...rule, toPorts: undefined }) },
      ...(rule.fromEntities
        ? []
        : [{ mistake: `${at} lacks selectors of peers`, policies: peers(() => ({})) }]),
      ...(namesNamespace
        ? [
            {
              mistake: `${at} lacks the namespace of its peers`,
              policies: peers(({ matchLabels = {}, ...rest }) => ({
                ...rest,
                matchLabels: Object.fromEntries(
                  Object.entries(matchLabels).filter(([label]) => label !== namespaceLabel),
                ),
              })),
            },
          ]
        : []),
    ];
  });
}
