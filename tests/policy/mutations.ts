import type {
  EgressRule,
  EndpointSelector,
  IngressRule,
} from "../../components/custom-resources/cilium-resources";
import type { PolicyObject } from "./engine";

type Rule = IngressRule & EgressRule;

/** A mistake that somebody could make in the policies. */
export interface Mutation {
  readonly mistake: string;
  readonly policies: readonly PolicyObject[];
}

/** The policies with this one's spec changed. */
export const respecified = (
  policies: readonly PolicyObject[],
  name: string,
  change: (spec: PolicyObject["spec"]) => object,
): PolicyObject[] =>
  policies.map((policy) =>
    policy.metadata.name === name ? { ...policy, spec: change(policy.spec) as PolicyObject["spec"] } : policy,
  );

/** A rule, where it is, and the policies with another or none in its place. */
interface Place {
  readonly at: string;
  readonly rule: Rule;
  readonly replaced: (...rules: readonly object[]) => PolicyObject[];
}

/** Each rule about pods or nodes. Of addresses and names the engine knows nothing. */
function placesIn(policies: readonly PolicyObject[]): Place[] {
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
          return respecified(policies, metadata.name, () => ({ ...spec, [half]: left }));
        };
        const at = `${metadata.name}, ${half} rule ${index}`;
        return rule.toCIDR || rule.toFQDNs ? [] : [{ at, rule, replaced }];
      });
    }),
  );
}

const namespaceLabel = "k8s:io.kubernetes.pod.namespace";

/** Something taken away that a rule says: nobody and nothing in the policies is there for no reason. */
export function tooLittle(policies: readonly PolicyObject[]): Mutation[] {
  return placesIn(policies).flatMap(({ at, rule, replaced }) => [
    { mistake: `${at} is not there`, policies: replaced() },
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

/** A word left out that narrows a rule. */
export function tooMuch(policies: readonly PolicyObject[]): Mutation[] {
  return placesIn(policies).flatMap(({ at, rule, replaced }) => {
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
      { mistake: `${at} says no ports`, policies: replaced({ ...rule, toPorts: undefined }) },
      ...(rule.fromEntities
        ? []
        : [{ mistake: `${at} says nothing of its peers`, policies: peers(() => ({})) }]),
      ...(namesNamespace
        ? [
            {
              mistake: `${at} does not say the namespace of its peers`,
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
