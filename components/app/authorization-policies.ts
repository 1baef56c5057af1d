import * as pulumi from "@pulumi/pulumi";

import type { Authorization } from "../linkerd/authorization";
import {
  authorizationPolicy,
  meshTlsAuthentication,
  networkAuthentication,
  server,
} from "../custom-resources/linkerd-resources";

/**
 * Makes what lets callers in, from the proof to the door: a Server closes its port the moment it is there, so all that
 * opens it must be there before.
 *
 * @returns The Servers.
 */
export function createAuthorization(
  { authentications, policies, servers }: Authorization,
  namespace: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const shown = new Map(
    authentications.map((proof) => {
      const metadata = { name: proof.name, namespace };
      const made =
        proof.kind === "MeshTLSAuthentication"
          ? meshTlsAuthentication(proof.name, metadata, proof.spec, opts)
          : networkAuthentication(proof.name, metadata, proof.spec, opts);
      return [proof.name, made] as const;
    }),
  );
  const openings = policies.map(({ name, spec }) => {
    const dependsOn = spec.requiredAuthenticationRefs.flatMap((ref) => shown.get(ref.name) ?? []);
    return {
      to: spec.targetRef.name,
      made: authorizationPolicy(name, { name, namespace }, spec, pulumi.mergeOptions(opts, { dependsOn })),
    };
  });
  return servers.map(({ name, spec }) => {
    const dependsOn = openings.flatMap(({ to, made }) => (to === name ? [made] : []));
    return server(name, { name, namespace }, spec, pulumi.mergeOptions(opts, { dependsOn }));
  });
}
