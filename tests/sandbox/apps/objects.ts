import * as assert from "node:assert/strict";

import { read } from "../start";

/** Where each kind of object is, without the leading slash. */
export const plurals = {
  HTTPRoute: "apis/gateway.networking.k8s.io/v1/namespaces/production/httproutes",
  HorizontalPodAutoscaler: "apis/autoscaling/v2/namespaces/production/horizontalpodautoscalers",
  Deployment: "apis/apps/v1/namespaces/production/deployments",
  Service: "api/v1/namespaces/production/services",
  CiliumClusterwideNetworkPolicy: "apis/cilium.io/v2/ciliumclusterwidenetworkpolicies",
} as const;

/** The `spec` of an object of the stack, as the API server gives it back. */
export async function specOf(kind: keyof typeof plurals, name: string) {
  const found = (await read("prod", `/${plurals[kind]}/${name}`)) as
    { readonly spec: Readonly<Record<string, unknown>> } | undefined;
  return found?.spec ?? assert.fail(`there is no ${kind} ${name}`);
}

/** The backends of an HTTPRoute's first rule, with their weights. */
export async function shares(route: string): Promise<readonly (readonly [string, number])[]> {
  const { rules } = (await specOf("HTTPRoute", route)) as {
    readonly rules: readonly {
      readonly backendRefs: readonly { readonly name: string; readonly weight: number }[];
    }[];
  };
  return rules[0]?.backendRefs.map(({ name, weight }) => [name, weight] as const) ?? [];
}
