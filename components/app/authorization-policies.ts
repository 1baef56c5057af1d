import * as pulumi from "@pulumi/pulumi";

import type { Authorization } from "../linkerd/authorization";
import {
  authorizationPolicy,
  meshTlsAuthentication,
  networkAuthentication,
  server,
} from "../custom-resources/linkerd-resources";

/**
 * Creates the Linkerd authentications and AuthorizationPolicies first and the Servers last, because a Server denies
 * traffic as soon as it exists.
 *
 * @returns The Servers.
 */
export function createAuthorization(
  { authentications, policies, servers }: Authorization,
  namespace: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const byName = new Map(
    authentications.map((each) => {
      const metadata = { name: each.name, namespace };
      const resource =
        each.kind === "MeshTLSAuthentication"
          ? meshTlsAuthentication(each.name, metadata, each.spec, opts)
          : networkAuthentication(each.name, metadata, each.spec, opts);
      return [each.name, resource] as const;
    }),
  );
  const authorizations = policies.map(({ name, spec }) => {
    const dependsOn = spec.requiredAuthenticationRefs.flatMap((ref) => byName.get(ref.name) ?? []);
    return {
      target: spec.targetRef.name,
      policy: authorizationPolicy(name, { name, namespace }, spec, pulumi.mergeOptions(opts, { dependsOn })),
    };
  });
  return servers.map(({ name, spec }) => {
    const dependsOn = authorizations.flatMap(({ target, policy }) => (target === name ? [policy] : []));
    return server(name, { name, namespace }, spec, pulumi.mergeOptions(opts, { dependsOn }));
  });
}
