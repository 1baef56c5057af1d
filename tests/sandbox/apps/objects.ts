import * as assert from "node:assert/strict";

import { read } from "../start";

interface Taken {
  readonly metadata: {
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Where each kind of object is, without the leading slash. */
export const plurals = {
  Server: "apis/policy.linkerd.io/v1beta3/namespaces/production/servers",
  AuthorizationPolicy: "apis/policy.linkerd.io/v1alpha1/namespaces/production/authorizationpolicies",
  MeshTLSAuthentication: "apis/policy.linkerd.io/v1alpha1/namespaces/production/meshtlsauthentications",
  NetworkAuthentication: "apis/policy.linkerd.io/v1alpha1/namespaces/production/networkauthentications",
  HTTPRoute: "apis/gateway.networking.k8s.io/v1/namespaces/production/httproutes",
  ServiceProfile: "apis/linkerd.io/v1alpha2/namespaces/production/serviceprofiles",
  HorizontalPodAutoscaler: "apis/autoscaling/v2/namespaces/production/horizontalpodautoscalers",
  Deployment: "apis/apps/v1/namespaces/production/deployments",
  Service: "api/v1/namespaces/production/services",
  CiliumClusterwideNetworkPolicy: "apis/cilium.io/v2/ciliumclusterwidenetworkpolicies",
} as const;

/** An object of the stack, as the API server gives it back. */
export async function taken(kind: keyof typeof plurals, name: string): Promise<Taken> {
  const found = await read("prod", `/${plurals[kind]}/${name}`);
  assert.ok(found !== undefined, `there is no ${kind} ${name}`);
  return found as Taken;
}

/** The backends of an HTTPRoute's first rule, with their weights. */
export async function shares(route: string): Promise<readonly (readonly [string, number])[]> {
  const { spec } = await taken("HTTPRoute", route);
  const { rules } = spec as {
    readonly rules: readonly {
      readonly backendRefs: readonly { readonly name: string; readonly weight: number }[];
    }[];
  };
  return rules[0]?.backendRefs.map(({ name, weight }) => [name, weight] as const) ?? [];
}

/** Its `spec` alone. */
export const specOf = async (kind: keyof typeof plurals, name: string) => (await taken(kind, name)).spec;
